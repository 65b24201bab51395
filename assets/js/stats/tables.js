// Tables: what draws them is a third of the page, so it is fetched when one is about to be seen.
(() => {
  "use strict";
  const global = /** @type {any} */ (globalThis);
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});
  const NEAR = "300px";
  const LIBRARY = "dash_ag_grid";

  /** @type {Promise<void>|null} */
  let loading = null;
  /** @type {WeakSet<Element>} */
  const watched = new WeakSet();

  /** @param {string} url */
  const script = (url) => new Promise((done, failed) => {
    const element = document.createElement("script");
    Object.assign(element, { src: url, onload: done, onerror: () => failed(new Error(`${url} did not come`)) });
    document.head.append(element);
  });

  async function load() {
    const { later } = JSON.parse(document.getElementById("_dash-config")?.textContent ?? "{}");
    for (const url of later[LIBRARY]) await script(url);
  }

  /** The table of a place, when its library is there. @param {string} place */
  async function table(place) {
    const element = document.getElementById(place);
    try {
      await (loading ??= load());
    } catch (error) { // seen again after the next refresh
      loading = null;
      if (element) watched.delete(element);
      throw error;
    }
    return JSON.parse(element?.dataset.table ?? "null");
  }

  const observer = new IntersectionObserver((seen) => {
    for (const one of seen) {
      if (!one.isIntersecting) continue;
      observer.unobserve(one.target);
      global.dash_clientside.set_props(one.target.id.replace(/place$/, "near"), { data: true });
    }
  }, { rootMargin: NEAR });

  /** Waits for the places of tables to come near. */
  function watch() {
    for (const place of document.querySelectorAll("[data-table]")) {
      if (watched.has(place)) continue;
      watched.add(place);
      observer.observe(place);
    }
  }

  Object.assign(stats, { table, watch });
})();
