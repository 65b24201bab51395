// The ids of the page; components/ids.py holds the same words.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  ui.ids = Object.freeze({
    WALL: "wall",
    TEXTS: "texts",
    BAND: "band",
    MAP: "map",
    MAP_FRAME: "map-frame",
    LEFT: "left",
    BELOW: "below",
    RIGHT: "right",
    HEADER: "header",
    HOVER: "hover",
    SCENE: "scene-name",
    NEWER: "newer",
    FEEDS: "feeds",
    SCOPE: "scope",
    SCOPE_CHOICE: "scope-choice",
    REPLAY: "replay",
    CLOCK: "wall-clock",
    LANGUAGE: "language",
    STATISTICS: "to-statistics",
    TODAY: "today",
    KINDS: "kinds",
    HOURS: "hours",
    RESPONSE: "response",
    UNITS: "units",
    CARD: "card",
    CARD_CLOSE: "card-close",
    CARD_FOLLOW: "card-follow",
    QUEUE: "queue",
    DRONES: "drones",
    ALARMS: "alarms",
    LAYERS: "layers",
    LAYERS_OPEN: "layers-open",
    LAYERS_BODY: "layers-body",
    HEAT: "heat",
    HEAT_LEGEND: "heat-legend",
    HEAT_CATEGORY: "heat-category",
    SEARCH: "search",
    SEARCH_FOUND: "search-found",
    SCALE: "scale",
    CREDIT: "credit",
  });
})();
