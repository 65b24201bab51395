// Layer switches: the choice goes to the map, the counts come from it.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** The switches as they stand go to the map. @param {HTMLElement} root */
  function tell(root) {
    const on = /** @type {Record<string, boolean>} */ ({});
    for (const element of root.querySelectorAll("[data-switch]")) {
      on[element.getAttribute("data-switch") ?? ""] = element.getAttribute("aria-checked") === "true";
    }
    ui.heatOn?.(on.heat);
    ui.showReach?.(on.cover);
    showChosen(root, on);
    wallboard.live?.layers?.(on);
  }

  /** The closed line tells what is hidden, too. @param {HTMLElement} root @param {Record<string, boolean>} on */
  function showChosen(root, on) {
    for (const item of root.querySelectorAll("[data-layer]")) {
      ui.dom.attribute(item, "data-hidden", on[item.getAttribute("data-layer") ?? ""] ? null : "");
    }
    ui.dom.attribute(root, "data-hides", String(Object.entries(on).filter(([name, is]) => !is && name !== "cover").length));
    ui.changed("map");
  }

  /** @param {boolean} open */
  function turn(open) {
    const button = document.getElementById(ui.ids.LAYERS_OPEN), body = document.getElementById(ui.ids.LAYERS_BODY);
    if (!button || !body) return;
    ui.dom.attribute(button, "aria-expanded", String(open));
    ui.dom.show(body, open);
  }

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
      devices: ui.body("devices")?.on_map,
    };
    // what the source does not tell is not zero
    for (const name in ENTITY) if (ui.loading() || ui.lacks(ENTITY[name])) known[name] = undefined;
    return known;
  }

  (ui.panels ??= []).push({
    id: "layers",
    docs: ["units", "incidents", "drones", "devices", "clock", "feeds", "map"],
    /** @param {HTMLElement} root */
    start(root) {
      const button = ui.dom.part(root, `#${ui.ids.LAYERS_OPEN}`);
      button.addEventListener("click", () => turn(button.getAttribute("aria-expanded") !== "true"));
      root.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
        event.stopPropagation(); // the card stays
        turn(false);
        button.focus();
      });
      for (const element of root.querySelectorAll("[data-switch]")) {
        element.addEventListener("click", () => {
          ui.dom.attribute(element, "aria-checked", String(element.getAttribute("aria-checked") !== "true"));
          tell(root);
        });
      }
      tell(root);
    },
    /** @param {HTMLElement} root */
    render(root) {
      const known = counts(), hides = Number(root.dataset.hides ?? 0);
      ui.dom.text(ui.dom.part(root, ".layers-off"), hides ? ui.texts.t("layers.off", { n: hides }) : "");
      for (const element of root.querySelectorAll("[data-count]")) {
        const n = known[element.getAttribute("data-count") ?? ""];
        ui.dom.text(element, typeof n === "number" ? ui.format.count(n) : "");
      }
    },
  });
})();
