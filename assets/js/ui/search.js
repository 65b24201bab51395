// Search by callsign, and the keys: "/" to search, Escape to close.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const MOST = 8;
  const NEAR_ZOOM = 15;
  const FIELD = "search-input"; // made here: Dash has no such element

  /** @typedef {{id: string, callsign: string, type: string|number, status: string|number, station: string, lost: boolean}} Found */

  /** @type {Found[]} */
  let found = [];
  let chosen = -1; // of them by arrow keys
  let asked = 0;

  /** @param {string} typed @returns {Promise<Found[]>} */
  async function matches(typed) {
    const text = typed.trim();
    return text && wallboard.live?.search ? wallboard.live.search(text, MOST) : [];
  }

  /** A unit was chosen: its card, and the map goes there. @param {Found|undefined} unit */
  async function take(unit) {
    if (!unit) return;
    const field = input();
    field.value = "";
    field.blur();
    ui.select("unit", unit.id);
    // a unit without a fix has a card but no place
    const place = await wallboard.live?.locate?.(unit.id);
    if (place && ui.state.selected?.id === unit.id) wallboard.live.flyTo(place.lat, place.lon, NEAR_ZOOM);
  }

  const input = () => /** @type {HTMLInputElement} */ (document.getElementById(FIELD));
  const box = () => /** @type {HTMLElement} */ (document.getElementById(ui.ids.SEARCH_FOUND));

  async function look() {
    const mine = ++asked, list = await matches(input().value);
    if (mine !== asked) return; // of an earlier letter
    found = list;
    chosen = -1;
    show();
  }

  function show() {
    const field = input(), list = box(), typed = field.value.trim() !== "" && document.activeElement === field;
    ui.dom.show(list, typed);
    ui.dom.attribute(field, "aria-expanded", String(typed));
    ui.dom.attribute(field, "aria-activedescendant", found[chosen] ? `${list.id}-${chosen}` : null);
    list.replaceChildren(...found.map(option));
    if (!found.length) list.append(ui.dom.make("li", "search-empty", ui.texts.t("search.nothing")));
  }

  /** @param {Found} unit @param {number} at */
  function option(unit, at) {
    const line = ui.dom.make("li", "found"), status = unit.lost ? "LOST" : unit.status, name = unit.callsign || unit.id;
    const sign = ui.dom.make("span", "glyph");
    sign.style.backgroundImage = ui.glyphs.url(status);
    line.id = `${ui.ids.SEARCH_FOUND}-${at}`;
    line.title = name;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(at === chosen));
    line.append(sign, ui.dom.make("span", "found-name", name), ui.dom.make("span", "found-status", ui.texts.t(`status.${status}`)),
      ui.dom.make("span", "found-station", ui.placeName(unit.station)));
    // before the field loses the focus and with it the list
    line.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      event.preventDefault();
      void take(unit);
    });
    return line;
  }

  /** @param {KeyboardEvent} event in the field */
  async function press(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      chosen = chosen < 0 && step < 0 ? found.length - 1 : (chosen + step + found.length) % found.length;
      show();
    } else if (event.key === "Enter" && !event.isComposing) {
      // without a choice the first match of what stands there now; the list may be of an earlier letter
      const mine = asked, unit = found[chosen] ?? (await matches(input().value))[0];
      if (mine === asked && document.activeElement === input()) await take(unit);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      input().blur();
    }
  }

  addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input()?.focus();
    } else if (event.key === "Escape" && !typing && !ui.drawer?.close()) ui.closeCard?.();
  });

  (ui.panels ??= []).push({
    id: "search",
    docs: [],
    /** @param {HTMLElement} root */
    start(root) {
      const field = /** @type {HTMLInputElement} */ (ui.dom.make("input", "search-input"));
      Object.assign(field, { id: FIELD, type: "text", autocomplete: "off", spellcheck: false, maxLength: 64 });
      for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", ui.ids.SEARCH_FOUND]]) {
        field.setAttribute(name, value);
      }
      field.addEventListener("input", () => void look());
      field.addEventListener("focus", () => void look());
      field.addEventListener("blur", show);
      field.addEventListener("keydown", (event) => void press(event));
      ui.dom.part(root, ".search-field").append(field);
      show();
    },
    render() {
      ui.dom.attribute(input(), "placeholder", ui.texts.t("search.placeholder"));
      ui.dom.attribute(input(), "aria-label", ui.texts.t("search.label"));
    },
  });
})();
