// Applies ui.fit to the page: the size of a rem, the columns, and which panels leave.
// The order of leaving stands in each panel's PANEL (components/panels) and in docs/wall.md.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const OVER_MARGIN_REM = 2;
  const FIT_MARGIN_REM = 2;
  const SCENE_LEAST_REM = 24;
  const TIGHT_REM = 75;
  const MAP_LEAST_REM = 42;
  const MOVED = "by a person";
  let asked = false;
  let rem = 12;
  /** centre and zoom with which the map came @type {[any, number]} */
  let home;
  /** @type {string|null} the view that fitMap has set */
  let fitted = null;
  let fitting = false;

  function setScale() {
    const own = Number(document.getElementById(ui.ids.WALL)?.dataset.scale) || 1;
    rem = ui.fit.rootPx(innerWidth, innerHeight, ui.fit.askedScale(location.search, own));
    const size = `${rem}px`;
    if (document.documentElement.style.fontSize === size) return false;
    document.documentElement.style.fontSize = size;
    return true;
  }

  // before the page is built, so that nothing is ever drawn at another size
  setScale();

  /** @param {HTMLElement} panel @param {boolean} gone */
  const leave = (panel, gone) => ui.dom.attribute(panel, "data-gone", gone ? "" : null);

  /** Whether the scene that is shown is about this panel: then it does not leave. @param {HTMLElement} panel */
  function isTheScene(panel) {
    const scene = document.getElementById(ui.ids.WALL)?.dataset.scene ?? "map";
    return scene !== "map" && (panel.dataset.scenes ?? "").split(" ").includes(scene);
  }

  /** The panels of a column that want room. @param {HTMLElement} column @param {"height"|"width"} along */
  const standing = (column, along) => /** @type {HTMLElement[]} */ ([...column.querySelectorAll("[data-panel]")])
    .filter((panel) => !panel.hidden && !panel.hasAttribute("data-off") && (along === "height" || panel.classList.contains("float")));

  /** What a panel asks of its column. @param {HTMLElement} panel @param {"height"|"width"} along @returns {{name: string, leaves: number, need: number}} */
  const need = (panel, along) => ({
    name: panel.dataset.panel ?? "",
    leaves: panel.hasAttribute("data-kept") || isTheScene(panel) ? 0 : Number(panel.dataset.leaves),
    need: isTheScene(panel) ? SCENE_LEAST_REM : Number(getComputedStyle(panel).getPropertyValue("--least") || panel.dataset.least) || panel.getBoundingClientRect()[along] / rem,
  });

  /** All columns at once, first read, then written: the browser lays the page out once for all of them.
   *  @param {{column: HTMLElement, along: "height"|"width", room: () => number}[]} columns `room` in rem */
  function fitColumns(columns) {
    const panels = columns.map(({ column, along }) => standing(column, along));
    for (const panel of panels.flat()) leave(panel, false);
    const gone = columns.map(({ along, room }, i) => ui.fit.leaving(panels[i].map((panel) => need(panel, along)), room()));
    panels.forEach((of, i) => of.forEach((panel) => leave(panel, gone[i].includes(panel.dataset.panel ?? ""))));
  }

  /** By its corner, which stays when the map's frame grows or shrinks. @param {any} map */
  function view(map) {
    const { x, y } = map.getPixelBounds().min;
    return `${x} ${y} ${map.getZoom().toFixed(4)}`;
  }

  /** Whether the map shows the whole city, or nothing yet: nobody has moved it. @param {any} map */
  const untouched = (map) => fitted === null || fitted === view(map);

  /** The map takes its frame's size, and the whole city comes into it, or the settings' centre into its middle, as long
   *  as nobody has moved it. @param {string|undefined} bounds south,west,north,east */
  function fitMap(bounds) {
    const map = ui.map;
    if (!map?._loaded) return;
    const whole = untouched(map);
    fitting = whole;
    map.invalidateSize({ animate: false, pan: !whole });
    if (!whole) return;
    if (bounds) fitBounds(map, bounds);
    else map.setView(...home, { animate: false });
    fitting = false;
    fitted = view(map);
  }

  /** @param {any} map @param {string} bounds */
  function fitBounds(map, bounds) {
    const [south, west, north, east] = bounds.split(",").map(Number);
    const margin = FIT_MARGIN_REM * rem, [above, below] = ui.reserved?.() ?? [0, 0];
    const snap = map.options.zoomSnap;
    map.options.zoomSnap = 0;
    const { datum } = wallboard;
    map.fitBounds([datum.latLng(south, west), datum.latLng(north, east)], {
      animate: false, paddingTopLeft: [margin, Math.max(margin, above)], paddingBottomRight: [margin, Math.max(margin, below)],
    });
    map.options.zoomSnap = snap;
  }

  /** The wall's bounds are others now: the map shows them, whatever it showed. */
  ui.fitAnew = () => {
    fitted = null;
    ui.placeSoon();
  };

  /** What the map shows now; the answer brings it back: the whole city at whatever size, or what a person looked at. */
  ui.keepView = () => {
    const map = ui.map;
    if (!map?._loaded) return null;
    const whole = untouched(map), centre = map.getCenter(), zoom = map.getZoom();
    return () => {
      map.stop();
      map.setView(centre, zoom, { animate: false });
      fitted = whole ? null : MOVED;
    };
  };

  /** Fits now; called at start, on resize, and when a panel comes, goes or changes its natural height. */
  ui.place = () => {
    asked = false;
    const wall = document.getElementById(ui.ids.WALL);
    const left = document.getElementById(ui.ids.LEFT);
    const right = document.getElementById(ui.ids.RIGHT);
    const over = document.querySelector(`#${ui.ids.MAP_FRAME} .over`);
    if (!ui.state.started || !wall || !left || !right || !(over instanceof HTMLElement)) return;
    if (setScale()) ui.glyphs.paintAll(document);
    const columns = ui.fit.columnsFor(innerWidth / rem);
    const holds = (/** @type {HTMLElement} */ column) => [...column.children].some((panel) => !panel.hasAttribute("hidden") &&
      panel.id !== ui.ids.CARD && panel.id !== ui.ids.ALARMS && !panel.hasAttribute("data-lacking") && !panel.hasAttribute("data-off"));
    ui.dom.attribute(wall, "data-columns", columns);
    // a column that holds nothing but the card or alarms would only narrow the map
    ui.dom.attribute(wall, "data-left", columns === "narrow" || !holds(left) ? "over" : null);
    ui.dom.attribute(wall, "data-right", holds(right) ? null : "over");
    ui.dom.attribute(wall, "data-tight", innerWidth / rem < TIGHT_REM ? "" : null);
    ui.dom.attribute(wall, "data-low", innerHeight / rem < 60 ? "" : null);
    const header = document.getElementById(ui.ids.HEADER), below = document.getElementById(ui.ids.BELOW);
    /** @type {Parameters<typeof fitColumns>[0]} */
    const all = [
      { column: left, along: "height", room: () => left.clientHeight / rem },
      { column: right, along: "height", room: () => right.clientHeight / rem },
      { column: over, along: "width", room: () => over.clientWidth / rem - OVER_MARGIN_REM },
    ];
    // the row under the map leaves before the map is too low to be of use
    if (below) all.push({ column: below, along: "height", room: () => (wall.clientHeight - (header?.offsetHeight ?? 0)) / rem - MAP_LEAST_REM });
    fitColumns(all);
    fitMap(wall.dataset.bounds);
    wallboard.live?.setScale?.(rem / 12);
    ui.changed("*");
  };

  /** Fits in the next frame, however often it is asked for. */
  ui.placeSoon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(ui.place);
  };

  addEventListener("resize", ui.placeSoon);
  globalThis.window?.L?.Map.addInitHook(function () {
    // @ts-ignore -- Leaflet calls the hook with the map as `this`
    ui.map = this;
    fitted = null;
    ui.map.whenReady(() => {
      home = [ui.map.getCenter(), ui.map.getZoom()];
      ui.placeSoon();
    });
    // a flight begins where the map stands, and is somebody's all the same
    ui.map.on("movestart", () => {
      if (!fitting && fitted !== null) fitted = MOVED;
    });
    ui.map.on("move zoom resize", () => ui.changed("map"));
    // the drawer gives and takes room without any panel's doing
    ui.map.on("resize", () => {
      if (!fitting && untouched(ui.map)) ui.placeSoon();
    });
  });
})();
