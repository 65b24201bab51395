// What fits on a wall: its scale, its columns, and which panels leave. Pure; lengths in rem (the smallest text).
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const SMALLEST_TEXT_PX = 12;
  const DESIGN = { width: 1920, height: 1080 };
  const WIDE_REM = 140;
  const NARROW_REM = 100;
  const GAP_REM = 0.75;
  const TILE = { least: 16, most: 32, across: 2, lines: 2 };

  /** @typedef {{name: string, leaves: number, need: number}} Need `need` in rem along its column */

  /** The scale that an address asks for, the wall's own when none; kept between 0.5 and 4. @param {string} search @param {number} [own] */
  function askedScale(search, own = 1) {
    const wanted = Number(new URLSearchParams(search).get("scale") ?? own);
    return Number.isFinite(wanted) && wanted > 0 ? Math.min(4, Math.max(0.5, wanted)) : own;
  }

  /** Pixels of one rem: a wall larger than 1920×1080 grows as a whole, a smaller one keeps its text readable. @param {number} width @param {number} height @param {number} asked */
  function rootPx(width, height, asked) {
    return SMALLEST_TEXT_PX * asked * Math.max(1, Math.min(width / DESIGN.width, height / DESIGN.height));
  }

  /** wide: as designed; mid: narrower columns; narrow: no left column. @param {number} width_rem */
  function columnsFor(width_rem) {
    return width_rem >= WIDE_REM ? "wide" : width_rem >= NARROW_REM ? "mid" : "narrow";
  }

  /**
   * The names of the panels that leave, so that the rest fits into `room` rem: lowest `leaves` first, 0 never.
   * @param {Need[]} needs @param {number} room @param {number} [gap] @returns {string[]}
   */
  function leaving(needs, room, gap = GAP_REM) {
    const kept = [...needs];
    const gone = [];
    const total = () => kept.reduce((sum, need) => sum + need.need, 0) + gap * Math.max(0, kept.length - 1);
    while (total() > room) {
      const next = kept.filter((need) => need.leaves > 0).sort((a, b) => a.leaves - b.leaves)[0];
      if (!next) break;
      kept.splice(kept.indexOf(next), 1);
      gone.push(next.name);
    }
    return gone;
  }

  /** How many rows of one height fit, gaps between them counted; at least one. @param {number} room @param {number} row @param {number} gap */
  function rowsFor(room, row, gap) {
    return row > 0 ? Math.max(1, Math.floor((room + gap + 0.01) / (row + gap))) : 1;
  }

  /**
   * What of a map's height the city keeps free, above and below: of boxes over it that are wider than half of it, as long
   * as together they leave it half its height.
   * @param {number[][]} boxes left, top, right, bottom @param {number} w @param {number} h of the map @returns {[number, number]}
   */
  function reserved(boxes, w, h) {
    let above = 0, below = 0;
    for (const [left, top, right, bottom] of boxes) {
      if (right - left < w / 2) continue;
      if (top + bottom < h) above = Math.max(above, bottom);
      else below = Math.max(below, h - top);
    }
    return above + below > h / 2 ? [0, 0] : [above, below];
  }

  /**
   * The drones' scene: tiles share the height, two lines of them at least, so that one more changes nothing that was
   * there; three across, where there is the width, once two would not hold all.
   * @param {number} n @param {number} height @param {number} gap @param {boolean} wide
   */
  function tilesFor(n, height, gap, wide) {
    const lines = rowsFor(height, TILE.least, gap), across = TILE.across + Number(wide && n > TILE.across * lines);
    const used = Math.min(lines, Math.max(TILE.lines, Math.ceil(n / across)));
    return { across, lines, tile: Math.max(TILE.least, Math.min(TILE.most, (height + gap) / used - gap)) };
  }

  ui.fit = { askedScale, rootPx, columnsFor, leaving, rowsFor, reserved, tilesFor };
})();
