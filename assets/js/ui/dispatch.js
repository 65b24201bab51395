// The drawer over the map's right side. Its parts (candidates, cover, watch, orders) add themselves to ui.drawerParts:
// {render, plan, count}; this script opens and closes it, turns between them and tells the map what to draw.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /**
   * @typedef {{items: Item[], subject?: string, basis?: string, weak?: boolean, data_ms?: number|null}} Content
   * @typedef {{key: string, make: () => HTMLElement, update: (element: HTMLElement) => void}} Item
   * @typedef {{content: () => Content, plan: () => any, count?: () => number, follow?: () => void, foot?: (root: HTMLElement) => void, shown?: (on: boolean) => void}} Part
   */

  /** @type {Record<string, Part>} */
  const parts = (ui.drawerParts ??= {});
  const NEAR_ZOOM = 14.7; // nearer, icons become badges and hide the way
  const NO_PLAN = { ways: [], rings: [], gaps: [] };
  const state = { tab: "" };
  let planned = "";

  const wall = () => document.getElementById(ui.ids.WALL);
  const drawer = () => document.getElementById(ui.ids.DISPATCH);

  /** @param {string} tab "" closes it @returns {boolean} whether something changed */
  function turn(tab) {
    if (tab === state.tab || (tab && (ui.kiosk() || !parts[tab]))) return false;
    parts[state.tab]?.shown?.(false);
    state.tab = tab;
    parts[tab]?.shown?.(true);
    const root = drawer();
    if (root) {
      ui.dom.show(root, Boolean(tab));
      ui.dom.part(root, ".drawer-list").scrollTop = 0;
    }
    const page = wall();
    if (page) ui.dom.attribute(page, "data-drawer", tab || null);
    ui.changed("dispatch");
    ui.changed("map"); // what lies over the map is another
    return true;
  }

  /** The map's part that nothing covers, in px of its frame. */
  function free() {
    const frame = document.getElementById(ui.ids.MAP_FRAME), root = drawer();
    const width = frame?.clientWidth ?? 0;
    return { width: root && !root.hidden ? Math.max(width / 4, root.offsetLeft) : width, height: frame?.clientHeight ?? 0 };
  }

  /** The map goes to a place, in the middle of what is free. @param {number} lat @param {number} lon @param {number} [zoom] */
  function flyTo(lat, lon, zoom) {
    const map = ui.map;
    if (!map?._loaded) return;
    wallboard.live?.follow?.(null); // else the map would go back to the unit
    const level = zoom ?? map.getZoom(), size = map.getSize(), aside = (size.x - free().width) / 2;
    const at = map.project(wallboard.datum.latLng(lat, lon), level);
    map.flyTo(map.unproject([at.x + aside, at.y], level), level, { duration: 0.6 });
  }

  /** The map shows all of some places beside the drawer, and near enough to see the way between them. @param {[number, number][]} places */
  function flyAround(places) {
    const map = ui.map;
    if (!map?._loaded || !places.length) return;
    const room = free(), margin = 5 * Number.parseFloat(document.documentElement.style.fontSize || "12");
    const bounds = places.map(([lat, lon]) => wallboard.datum.latLng(lat, lon));
    const points = bounds.map((place) => map.latLngToContainerPoint(place)), zoom = map.getZoom();
    const aside = map.getSize().x - room.width, near = NEAR_ZOOM + Math.log2(Number.parseFloat(document.documentElement.style.fontSize || "12") / 12);
    const most = Math.min(near, map.getBoundsZoom(bounds, false, [aside + 2 * margin, 2 * margin]));
    const seen = points.every(({ x, y }) => x > margin && x < room.width - margin && y > margin && y < room.height - margin);
    if (seen && zoom >= most - 1) return; // what a person looks at stays where it is well enough
    wallboard.live?.follow?.(null);
    map.flyToBounds(bounds, { paddingTopLeft: [margin, margin], paddingBottomRight: [aside + margin, margin], maxZoom: Math.max(zoom, near), duration: 0.6 });
  }

  /** What the map draws, told when it has changed. */
  function plan() {
    const next = { ...NO_PLAN, ...parts[state.tab]?.plan() };
    if (ui.reachOn?.()) next.gaps = ui.gapsOnMap?.() ?? [];
    if (!next.rings.length) next.rings = ui.unitRings?.() ?? [];
    const said = JSON.stringify(next);
    if (said === planned) return;
    const before = planned ? JSON.parse(planned) : {};
    planned = said;
    // only what is another: rings and gaps are drawn with the ground, which costs a picture
    const told = Object.fromEntries(Object.entries(next).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
    wallboard.live?.plan?.(told);
  }

  /** @param {HTMLElement} root */
  function render(root) {
    for (const part of Object.values(parts)) part.follow?.();
    plan();
    if (!state.tab) return;
    const { part, text, titled, attribute, show, list } = ui.dom;
    for (const button of root.querySelectorAll("[data-tab]")) {
      attribute(button, "aria-selected", String(button.getAttribute("data-tab") === state.tab));
    }
    for (const element of root.querySelectorAll("[data-tab-count]")) {
      const n = parts[element.getAttribute("data-tab-count") ?? ""]?.count?.() ?? 0;
      text(element, n ? ui.format.count(n) : "");
    }
    const { items, subject = "", basis = "", weak = false, data_ms = null } = parts[state.tab].content();
    titled(part(root, ".drawer-subject"), subject);
    show(part(root, ".drawer-subject"), Boolean(subject));
    const judged = ui.unitsAge(), old = data_ms !== null && judged.state !== "fresh";
    const said = [old ? ui.saidAge(judged) : "", basis, data_ms === null ? "" : ui.texts.t("scale.data", { time: ui.timeOf(data_ms) })].filter(Boolean).join(" · ");
    titled(part(root, ".drawer-basis"), said);
    show(part(root, ".drawer-basis"), Boolean(said));
    attribute(part(root, ".drawer-basis"), "data-weak", weak || old ? "" : null);
    list(part(root, ".drawer-list"), items, (/** @type {Item} */ item) => `${state.tab} ${item.key}`, (/** @type {Item} */ item) => item.make(),
      (/** @type {HTMLElement} */ element, /** @type {Item} */ item) => item.update(element));
    const foot = part(root, ".drawer-foot"), own = parts[state.tab].foot;
    show(foot, Boolean(own));
    own?.(foot);
  }

  /** A line that heads what follows. @param {string} key @param {string} words @returns {Item} */
  const head = (key, words) => ({ key: `head ${key}`, make: () => ui.dom.make("h3", "drawer-sub"), update: (element) => ui.dom.text(element, words) });
  /** A line of words. @param {string} key @param {string} words @returns {Item} */
  const note = (key, words) => ({ key: `note ${key}`, make: () => ui.dom.make("p", "drawer-note"), update: (element) => ui.dom.text(element, words) });

  ui.drawer = { turn, free, flyTo, flyAround, head, note, tab: () => state.tab, close: () => turn("") };

  (ui.panels ??= []).push({
    id: "dispatch",
    docs: ["dispatch", "select", "incidents", "cover", "forecast", "orders", "scope"],
    ticks: true,
    /** @param {HTMLElement} root */
    start(root) {
      for (const button of root.querySelectorAll("[data-tab]")) {
        button.addEventListener("click", () => turn(button.getAttribute("data-tab") ?? ""));
      }
      ui.dom.part(root, ".drawer-close").addEventListener("click", () => turn(""));
      ui.dom.part(root, ".drawer-send").addEventListener("click", () => void ui.sendOrder?.());
    },
    render,
  });
})();
