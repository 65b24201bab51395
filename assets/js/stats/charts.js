// Plotly charts: a click on one is an address, and their sizes follow the page's.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});
  /** @type {WeakSet<Element>} */
  const heard = new WeakSet();

  /** What a point of a chart does, as its customdata says: "toggle:hour=5", "set:period=day&date=…". @param {any} event */
  function clicked(event) {
    for (const point of event?.points ?? []) {
      const [kind, change] = [String(point.customdata ?? "").split(":", 1)[0], String(point.customdata ?? "").replace(/^\w+:/, "")];
      if (kind === "toggle") return stats.go(stats.address.toggle(location.search, change));
      if (kind === "set") return stats.go(stats.address.set(location.search, change));
    }
  }

  /** Listens to charts that are new. */
  function listen() {
    for (const chart of document.querySelectorAll(".js-plotly-plot")) {
      if (heard.has(chart) || !("on" in chart)) continue;
      heard.add(chart);
      /** @type {any} */ (chart).on("plotly_click", clicked);
    }
  }

  Object.assign(stats, { listen });
})();
