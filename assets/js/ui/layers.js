// Layer switches: the choice goes to the map, the counts come from it.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** @type {string[]} */
  let all = [];

  /** Called by Dash with the chosen names. @param {string[]} chosen */
  ui.layers = (chosen) => {
    const names = all.length ? all : chosen;
    wallboard.live?.layers?.(Object.fromEntries(names.map((name) => [name, chosen.includes(name)])));
    return chosen.join(" ");
  };

  /** @returns {Record<string, number>} */
  function counts() {
    const units = ui.body("units");
    return {
      units: units ? units.total - units.lost : undefined,
      lost: units?.lost,
      incidents: ui.body("incidents")?.total_open,
      drones: ui.body("drones")?.drones.length,
      ...wallboard.live?.counts?.(),
    };
  }

  (ui.panels ??= []).push({
    id: "layers",
    docs: ["units", "incidents", "drones"],
    /** @param {HTMLElement} root */
    start(root) {
      all = [...root.querySelectorAll("[data-count]")].map((element) => element.getAttribute("data-count") ?? "");
    },
    /** @param {HTMLElement} root */
    render(root) {
      const known = counts();
      for (const element of root.querySelectorAll("[data-count]")) {
        const n = known[element.getAttribute("data-count") ?? ""];
        ui.dom.text(element, typeof n === "number" ? ui.format.count(n) : "");
      }
    },
  });
})();
