/**
 * What is under the pointer, and which unit is meant by a few letters: brute force over what is known.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /**
   * The nearest unit within a radius, by shown position. @param {any} store
   * @param {number} x fraction of the Mercator square @param {number} y @param {number} radius in the same fractions
   * @param {(i: number) => boolean} shown whether unit i is on the screen @returns {number} its index, or -1
   */
  function nearestUnit(store, x, y, radius, shown) {
    const { n, alive, sx, sy } = store;
    let best = -1, least = radius * radius;
    for (let i = 0; i < n; i++) {
      const dx = sx[i] - x, dy = sy[i] - y;
      if (dx > radius || dx < -radius || dy > radius || dy < -radius) continue;
      const d = dx * dx + dy * dy;
      if (d <= least && alive[i] && shown(i)) {
        least = d;
        best = i;
      }
    }
    return best;
  }

  /**
   * The nearest mark within a radius. @template {{x: number, y: number}} T @param {Iterable<T>} marks
   * @param {number} x @param {number} y @param {number} radius @returns {T|null}
   */
  function nearestMark(marks, x, y, radius) {
    let best = null, least = radius * radius;
    for (const mark of marks) {
      const d = (mark.x - x) ** 2 + (mark.y - y) ** 2;
      if (d <= least) {
        least = d;
        best = mark;
      }
    }
    return best;
  }

  /**
   * Units whose callsign or id holds the text, case ignored; those that begin with it come first.
   * @param {(LiveEntry|null)[]} entries by slot @param {string} text @param {number} limit @returns {number[]} slots
   */
  function search(entries, text, limit) {
    const wanted = text.trim().toLowerCase();
    if (!wanted || limit < 1) return [];
    /** @type {[number, string, number][]} */
    const found = [];
    entries.forEach((entry, i) => {
      if (!entry) return;
      const callsign = (entry.callsign || entry.id).toLowerCase(), id = entry.id.toLowerCase();
      const rank = callsign === wanted || id === wanted ? 0 : callsign.startsWith(wanted) ? 1 : id.startsWith(wanted) ? 2
        : callsign.includes(wanted) || id.includes(wanted) ? 3 : -1;
      if (rank >= 0) found.push([rank, callsign, i]);
    });
    found.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[2] - b[2]));
    return found.slice(0, limit).map((f) => f[2]);
  }

  wallboard.hit = { nearestUnit, nearestMark, search };
})(/** @type {any} */ (globalThis));
