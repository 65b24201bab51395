// What lies over the map: the worker hears where, so that no label runs below a panel.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const OVER = ".over > *, .over .layers-body";
  const COLUMNS = "[data-left='over'] .column-left > .panel, [data-right='over'] .column-right > .panel";
  let told = "", reserved = "";

  /** Boxes of what is in sight, in px of the map's frame: left, top, right, bottom. @param {HTMLElement} frame @param {Element[]} elements */
  function boxes(frame, elements) {
    const { left, top } = frame.getBoundingClientRect();
    return elements.map((element) => element.getBoundingClientRect())
      .filter((box) => box.width && box.height)
      .map((box) => [box.left - left, box.top - top, box.right - left, box.bottom - top].map(Math.round));
  }

  /** Px at the map's upper and lower edge over which something lies from side to side. */
  ui.reserved = () => {
    const frame = document.getElementById(ui.ids.MAP_FRAME);
    return frame ? ui.fit.reserved(boxes(frame, [...frame.querySelectorAll(".over > *")]), frame.clientWidth, frame.clientHeight) : [0, 0];
  };

  (ui.panels ??= []).push({
    id: "map-frame",
    docs: ["map", "select"],
    ticks: true,
    /** @param {HTMLElement} frame */
    render(frame) {
      const over = [...frame.querySelectorAll(OVER), ...document.querySelectorAll(COLUMNS)];
      const covered = { boxes: boxes(frame, over), w: frame.clientWidth, h: frame.clientHeight };
      const said = JSON.stringify(covered);
      if (said === told) return;
      told = said;
      wallboard.live?.covered?.(covered);
      const edges = String(ui.reserved());
      if (edges !== reserved) ui.placeSoon(); // the city stands between them
      reserved = edges;
    },
  });
})();
