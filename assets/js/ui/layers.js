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
    ui.heatOn?.(chosen.includes("heat"));
    wallboard.live?.layers?.(Object.fromEntries(names.map((name) => [name, chosen.includes(name)])));
    return chosen.join(" ");
  };

  const ENTITY = /** @type {Record<string, string>} */ ({ units: "unit", lost: "unit", incidents: "incident", heat: "incident", drones: "drone", devices: "device" });

  /** As the panels count; the map's own counts for what they do not. @returns {Record<string, number|undefined>} */
  function counts() {
    const units = ui.body("units");
    /** @type {Record<string, number|undefined>} */
    const known = {
      ...wallboard.live?.counts?.(),
      units: units ? units.total - units.lost : undefined,
      lost: units?.lost,
      incidents: ui.body("incidents")?.total_open,
      drones: ui.body("drones")?.drones.filter(ui.airborne).length,
      devices: ui.body("devices")?.total,
    };
    // what the source does not tell is not zero
    for (const name in ENTITY) if (ui.loading() || ui.lacks(ENTITY[name])) known[name] = undefined;
    return known;
  }

  (ui.panels ??= []).push({
    id: "layers",
    docs: ["units", "incidents", "drones", "devices", "clock", "feeds"],
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
