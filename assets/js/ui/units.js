// Units by status and by type. The glyphs are the map's, so that this panel is its legend.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const STATUSES = ["AVAILABLE", "DISPATCHED", "ENROUTE", "ON_SCENE", "STANDBY", "RETURNING", "OUT_OF_SERVICE", "UNKNOWN"];

  /** @typedef {{key: string, name: string, n: number, of: number, glyph: string|null, alarm?: boolean}} Row */

  /** @param {any} body @returns {Row[]} */
  function statusRows(body) {
    const rows = STATUSES.filter((s) => s !== "UNKNOWN" || body.counts.UNKNOWN)
      .map((s) => ({ key: s, name: ui.texts.t(`status.${s}`), n: body.counts[s] ?? 0, of: body.total, glyph: s }));
    rows.push({ key: "LOST", name: ui.texts.t("status.LOST"), n: body.lost, of: body.total, glyph: "LOST" });
    rows.unshift({ key: "SOS", name: ui.texts.t("units.sos"), n: body.sos, of: body.total, glyph: "SOS" });
    return rows;
  }

  /** @param {any} body @returns {Row[]} most numerous first */
  function typeRows(body) {
    return Object.entries(body.types ?? {}).filter(([, n]) => n > 0)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .map(([type, n]) => ({ key: type, name: ui.texts.t(`type.${type}`), n, of: body.total, glyph: null }));
  }

  /** @param {Row} row */
  function makeRow(row) {
    const element = ui.dom.make("div", "row");
    if (row.glyph) element.append(ui.glyphs.make(row.glyph));
    element.append(ui.dom.make("span", "row-name"), ui.dom.make("i", "bar row-bar"), ui.dom.make("b", "row-count"));
    return element;
  }

  /** @param {HTMLElement} element @param {Row} row */
  function updateRow(element, row) {
    ui.dom.titled(ui.dom.part(element, ".row-name"), row.name);
    ui.dom.text(ui.dom.part(element, ".row-count"), ui.format.count(row.n));
    ui.dom.property(ui.dom.part(element, ".row-bar"), "--share", ui.format.share(row.n, row.of).toFixed(3));
    ui.dom.attribute(element, "title", `${row.name} ${ui.format.count(row.n)}`); // also for a row that has no room
    ui.dom.attribute(element, "data-status", row.key);
    ui.dom.attribute(element, "data-zero", row.n ? null : "");
  }

  (ui.panels ??= []).push({
    id: "units",
    docs: ["units"],
    /** @param {HTMLElement} root */
    render(root) {
      const body = ui.body("units");
      if (!body) return;
      ui.dom.text(ui.dom.part(root, ".figure-big"), ui.format.count(body.total - body.lost));
      ui.dom.text(ui.dom.part(root, ".units-total"), ui.texts.t("units.total", { n: ui.format.count(body.total) }));
      ui.dom.text(ui.dom.part(root, ".units-stale"), body.stale ? ui.texts.t("units.stale", { n: ui.format.count(body.stale) }) : "");
      ui.dom.list(ui.dom.part(root, ".rows-status"), statusRows(body), (/** @type {Row} */ r) => r.key, makeRow, updateRow);
      ui.dom.list(ui.dom.part(root, ".rows-type"), typeRows(body), (/** @type {Row} */ r) => r.key, makeRow, updateRow);
    },
  });
})();
