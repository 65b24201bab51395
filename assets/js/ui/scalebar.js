// The map's scale bar and the time of what it shows.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const ROOM_REM = 9;

  /** The time up to which the positions on the map are known, and what that means. @returns {{state: string, asOf: number|null}} */
  function drawnAsOf() {
    const now = ui.now();
    const picture = ui.state.lost_at_ms ?? now;
    /** @type {any[]} */
    const feeds = (ui.body("feeds")?.feeds ?? []).filter((/** @type {any} */ f) => f.feed === "position" && !ui.lacksFeed(f.feed));
    if (ui.body("clock")?.live === false) return { state: "fresh", asOf: null }; // nothing live is on this map
    if (now === null || picture === null || !feeds.length) return { state: "fresh", asOf: picture };
    const { state } = ui.ages.worst(feeds, ["position"], now, ui.speed());
    const seen = ui.ages.asOf(null, feeds, ["position"]);
    return { state, asOf: seen === null ? null : Math.min(picture, seen) };
  }

  (ui.panels ??= []).push({
    id: "scale",
    docs: ["map", "feeds", "clock", "link"],
    ticks: true,
    /** @param {HTMLElement} root */
    render(root) {
      const { part, text, property } = ui.dom;
      text(part(root, ".scale-datum"), wallboard.datum?.label ?? "");
      const { state, asOf } = drawnAsOf();
      const time = part(root, ".scale-time");
      text(time, asOf === null ? "" : ui.texts.t("scale.data", { time: ui.timeOf(asOf) }));
      ui.dom.attribute(time, "data-age", state);
      const problem = part(root, ".scale-problem");
      text(problem, ui.state.problems.basemap ? ui.texts.t("link.basemap") : "");
      ui.dom.attribute(problem, "title", ui.state.problems.basemap ?? null);
      const map = ui.map;
      if (!map?._loaded) return;
      const size = map.getSize();
      const middle = map.containerPointToLatLng([size.x / 2, size.y / 2]);
      const right = map.containerPointToLatLng([size.x / 2 + 100, size.y / 2]);
      const room = ROOM_REM * Number.parseFloat(document.documentElement.style.fontSize || "12");
      const bar = ui.format.scaleBar(map.distance(middle, right) / 100, room);
      text(part(root, ".scale-text"), bar.text);
      property(part(root, ".scale-line"), "--length", `${bar.px.toFixed(1)}px`);
    },
  });
})();
