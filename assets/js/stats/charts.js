// Plotly charts: a click on one is an address, and their sizes follow the page's.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const stats = (wallboard.stats ??= {});
  /** @type {WeakSet<Element>} */
  const heard = new WeakSet();

  /** How much larger than at 1920×1080 the page stands. */
  const scale = () => parseFloat(document.documentElement.style.fontSize || "12") / 12;

  const TEXTS = ["font", "tickfont", "textfont"];
  const LENGTHS = ["l", "r", "t", "b"];

  /** A chart's lengths in pixels times `k`; widths of bars are hours and days, and stay. @param {any} part @param {number} k @param {string} [name] @returns {any} */
  function sized(part, k, name = "") {
    if (Array.isArray(part)) return name === "data" ? part.map((one) => sized(one, k)) : part;
    if (part === null || typeof part !== "object") return part;
    /** @type {Record<string, any>} */
    const made = {};
    for (const [key, value] of Object.entries(part)) {
      const is_length = typeof value === "number" && (
        (key === "size" && (TEXTS.includes(name) || name === "marker" || name === "pattern")) ||
        (key === "width" && name === "line") || (name === "margin" && LENGTHS.includes(key)));
      made[key] = is_length ? value * k : sized(value, k, key);
    }
    return made;
  }

  /** Columns of a table times `k`. @param {any[]} columns @param {number} k */
  function widened(columns, k) {
    return columns.map((column) => ({ ...column, width: Math.round(column.width * k), minWidth: Math.round((column.minWidth ?? 70) * k) }));
  }

  /** What a point of a chart does, as its customdata says: "toggle:hour=5", "set:period=day&date=…". @param {any} event */
  function clicked(event) {
    for (const point of event?.points ?? []) {
      const [kind, change] = [String(point.customdata ?? "").split(":", 1)[0], String(point.customdata ?? "").replace(/^\w+:/, "")];
      if (kind === "toggle") return stats.go(stats.address.toggle(location.search, change));
      if (kind === "set") return stats.go(stats.address.set(location.search, change));
    }
  }

  /** Listens to charts that are new: whenever Plotly came, they stand by the time that somebody presses on one. */
  function listen() {
    for (const chart of document.querySelectorAll(".js-plotly-plot")) {
      if (heard.has(chart) || !("on" in chart)) continue;
      heard.add(chart);
      /** @type {any} */ (chart).on("plotly_click", clicked);
    }
  }

  globalThis.document?.addEventListener("pointerdown", listen, true);

  Object.assign(stats, { scale, sized, widened });
})();
