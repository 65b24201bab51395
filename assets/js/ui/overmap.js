// What lies over the map: the worker hears where, so that no label runs below a panel.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const OVER = ".over > *, .over .layers-body";
  const COLUMNS = "[data-left='over'] .column-left > .panel, [data-right='over'] .column-right > .panel";
  let told = "";

  /** Boxes of what is in sight, in px of the map's frame: left, top, right, bottom. @param {HTMLElement} frame */
  function boxes(frame) {
    const { left, top } = frame.getBoundingClientRect();
    return [...frame.querySelectorAll(OVER), ...document.querySelectorAll(COLUMNS)].map((element) => element.getBoundingClientRect())
      .filter((box) => box.width && box.height)
      .map((box) => [box.left - left, box.top - top, box.right - left, box.bottom - top].map(Math.round));
  }

  (ui.panels ??= []).push({
    id: "map-frame",
    docs: ["map", "select"],
    ticks: true,
    /** @param {HTMLElement} frame */
    render(frame) {
      const covered = { boxes: boxes(frame), w: frame.clientWidth, h: frame.clientHeight };
      const said = JSON.stringify(covered);
      if (said === told) return;
      told = said;
      wallboard.live?.covered?.(covered);
    },
  });
})();
