// Search by callsign, and the keys: "/" to search, Escape to close.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});
  const page = /** @type {any} */ (globalThis);

  const MOST = 8;
  const NEAR_ZOOM = 15;

  /** @typedef {{id: string, callsign: string, type: string|number, status: string|number, station: string, lost: boolean}} Found */

  /** Options of the field for what was typed. @param {string} typed */
  ui.search = async (typed) => {
    const text = (typed ?? "").trim();
    if (!text || !wallboard.live?.search) return [];
    /** @type {Found[]} */
    const found = await wallboard.live.search(text, MOST);
    return found.map((unit) => ({ value: unit.id, label: unit.callsign || unit.id, lost: unit.lost, status: unit.status, station: ui.placeName(unit.station) }));
  };

  /** The first match of what stands in the field now; what it offers may be of an earlier letter. @param {string} typed */
  async function takeFirst(typed) {
    const [first] = await ui.search(typed);
    if (first) await ui.found(first.value);
  }

  /** A unit was chosen. @param {string|null} id */
  ui.found = async (id) => {
    if (!id) return;
    ui.select("unit", id);
    document.getElementById(ui.ids.SEARCH_INPUT)?.blur();
    // a unit without a fix has a card but no place
    const place = await wallboard.live?.locate?.(id);
    if (place) wallboard.live.flyTo(place.lat, place.lon, NEAR_ZOOM);
  };

  const functions = (page.dashMantineFunctions ??= {});
  // the map has matched already; Mantine's own filter would drop matches by station
  functions.wallKeepAll = (/** @type {{options: any[]}} */ { options }) => options;
  functions.wallSearchOption = (/** @type {{option: any}} */ { option }) => {
    const h = page.React.createElement;
    const status = option.lost ? "LOST" : option.status;
    return h("span", { className: "found", title: option.label },
      h("span", { className: "glyph", style: { backgroundImage: ui.glyphs.url(status) } }),
      h("span", { className: "found-name" }, option.label),
      h("span", { className: "found-status" }, ui.texts.t(`status.${status}`)),
      h("span", { className: "found-station" }, option.station));
  };

  addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      document.getElementById(ui.ids.SEARCH_INPUT)?.focus();
    } else if (event.key === "Enter" && typing && event.target.id === ui.ids.SEARCH_INPUT) {
      // without a choice by arrow keys, Enter takes the first match
      if (!document.querySelector(`#${ui.ids.SEARCH} [data-combobox-selected]`)) void takeFirst(event.target.value);
    } else if (event.key === "Escape") {
      if (typing && event.target instanceof HTMLElement) event.target.blur();
      else ui.closeCard?.();
    }
  });

  (ui.panels ??= []).push({
    id: "search",
    docs: [],
    render() {
      page.dash_clientside?.set_props?.(ui.ids.SEARCH_INPUT, {
        placeholder: ui.texts.t("search.placeholder"),
        "aria-label": ui.texts.t("search.label"),
        nothingFoundMessage: ui.texts.t("search.nothing"),
      });
    },
  });
})();
