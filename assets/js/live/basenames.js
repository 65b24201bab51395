/**
 * Names on the ground: along rivers and roads, inside lakes and hills; the important ones first, none over another.
 * Chinese stands upright letter by letter, as on Chinese maps; other scripts lie along the line.
 *
 * @typedef {object} Sheet what is drawn on
 * @property {number} span @property {number} sx @property {number} sy from shape coordinates to pixels: p * span + s
 * @property {{x0: number, y0: number, x1: number, y1: number}} window in shape coordinates
 * @property {number} zoom @property {number} k device pixels per px of the design
 * @property {number} w @property {number} h pixels
 * @property {string} lang @property {string} ground colour around letters @property {Spot[]} taken room that is not free
 * @property {number[][]} [hidden] what is not seen of it, as boxes
 *
 * @typedef {{x: number, y: number, r: number}} Spot room that a letter takes
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /** size in px, colour, from which zoom, room between letters in letters, px between two of the same name
   *  @type {Record<string, {px: number, color: string, from: number, gap: number, every: number}>} */
  const STYLES = {
    river: { px: 14, color: "#4a7ba8", from: 10, gap: 1.1, every: 900 },
    water: { px: 12, color: "#4a7ba8", from: 11.5, gap: 0.15, every: 0 },
    green: { px: 12, color: "#3f6b5d", from: 11, gap: 0.3, every: 0 },
    land: { px: 11, color: "#55697d", from: 13, gap: 0.1, every: 0 },
    motorway: { px: 11, color: "#6b8096", from: 11.8, gap: 0.6, every: 620 },
    trunk: { px: 11, color: "#6b8096", from: 12, gap: 0.6, every: 560 },
    major: { px: 11, color: "#5f748a", from: 12.5, gap: 0.5, every: 560 },
    secondary: { px: 10.5, color: "#566a7f", from: 13.6, gap: 0.4, every: 520 },
    tertiary: { px: 10, color: "#4e6175", from: 15, gap: 0.3, every: 520 },
  };
  const MAX_TURN = 0.5; // radians between two letters

  /** @param {any} c @param {Basemap} base @param {Sheet} sheet @param {(text: string) => void} onText */
  function draw(c, base, sheet, onText) {
    const { taken } = sheet;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.lineJoin = "round";
    for (const label of base.labels) {
      const style = STYLES[label.layer];
      if (!style || sheet.zoom < style.from) continue;
      const { shape } = label, { window } = sheet;
      if (shape.x1 < window.x0 || shape.x0 > window.x1 || shape.y1 < window.y0 || shape.y0 > window.y1) continue;
      const text = sheet.lang === "en" ? label.en : label.zh, px = style.px * sheet.k;
      c.font = `400 ${px}px ${wallboard.fonts.family()}`;
      c.fillStyle = style.color;
      c.strokeStyle = sheet.ground;
      c.lineWidth = 2.5 * sheet.k;
      const width = c.measureText(text).width;
      if (label.area) inside(c, base, label, text, width, px, sheet, taken, onText);
      else along(c, base, label, text, width, px, style, sheet, taken, onText);
    }
  }

  /** @param {any} c @param {Basemap} base @param {BaseLabel} label @param {string} text @param {number} width @param {number} px
   *  @param {Sheet} sheet @param {Spot[]} taken @param {(text: string) => void} onText */
  function inside(c, base, label, text, width, px, sheet, taken, onText) {
    const { shape } = label;
    if ((shape.x1 - shape.x0) * sheet.span < 1.1 * width || (shape.y1 - shape.y0) * sheet.span < 1.6 * px) return;
    const at = wallboard.basemap.centroid(base.points, shape), x = at.x * sheet.span + sheet.sx, y = at.y * sheet.span + sheet.sy;
    if (!fits(spotsOf(x - width / 2, y, x + width / 2, y, px), taken, sheet)) return;
    onText(text);
    c.strokeText(text, x, y);
    c.fillText(text, x, y);
  }

  /** @param {any} c @param {Basemap} base @param {BaseLabel} label @param {string} text @param {number} width @param {number} px
   *  @param {any} style @param {Sheet} sheet @param {Spot[]} taken @param {(text: string) => void} onText */
  function along(c, base, label, text, width, px, style, sheet, taken, onText) {
    const upright = sheet.lang !== "en" && /[\u3400-\u9fff]/.test(text);
    const letters = upright ? [...text] : [text];
    const step = px * (1 + style.gap), need = upright ? step * (letters.length - 1) : width;
    const path = pathOf(base.points, label.shape, sheet), total = path.at[path.at.length - 1];
    if (total < need * 1.15) return;
    // the places are counted from the line's middle, so they stay while the map is moved
    const every = style.every * sheet.k, half = Math.floor((total / 2 - need / 2) / every);
    for (let n = -half; n <= half; n++) {
      const middle = total / 2 + n * every;
      const a = pointAt(path, middle - need / 2), b = pointAt(path, middle + need / 2);
      if (Math.max(a.x, b.x) < 0 || Math.min(a.x, b.x) > sheet.w || Math.max(a.y, b.y) < 0 || Math.min(a.y, b.y) > sheet.h) continue;
      const back = upright && Math.abs(b.y - a.y) > Math.abs(b.x - a.x) * 1.2 ? b.y < a.y : b.x < a.x;
      const points = letters.map((_, k) => pointAt(path, middle + (back ? -1 : 1) * (letters.length > 1 ? k * step - need / 2 : 0)));
      const straight = Math.hypot(b.x - a.x, b.y - a.y);
      if (straight < need * (upright ? 0.85 : 0.985) || crooked(points)) continue;
      const spots = upright ? points.map(({ x, y }) => ({ x, y, r: px * 0.62 })) : spotsOf(a.x, a.y, b.x, b.y, px);
      if (!fits(spots, taken, sheet)) continue;
      onText(text);
      if (upright) letters.forEach((letter, k) => write(c, letter, points[k].x, points[k].y, 0));
      else write(c, text, (a.x + b.x) / 2, (a.y + b.y) / 2, Math.atan2(back ? a.y - b.y : b.y - a.y, Math.abs(b.x - a.x)));
    }
  }

  /** @param {any} c @param {string} text @param {number} x @param {number} y @param {number} turn */
  function write(c, text, x, y, turn) {
    c.save();
    c.translate(x, y);
    c.rotate(turn);
    c.strokeText(text, 0, 0);
    c.fillText(text, 0, 0);
    c.restore();
  }

  /** A line in pixels and how far along each of its points lies.
   *  @param {Float32Array} points @param {BaseShape} shape @param {Sheet} sheet */
  function pathOf(points, shape, { span, sx, sy }) {
    /** @type {number[]} */
    const x = [];
    /** @type {number[]} */
    const y = [];
    /** @type {number[]} */
    const at = [];
    for (let p = shape.begin; p < shape.end; p += 2) {
      const px = points[p] * span + sx, py = points[p + 1] * span + sy, n = x.length;
      at.push(n ? at[n - 1] + Math.hypot(px - x[n - 1], py - y[n - 1]) : 0);
      x.push(px);
      y.push(py);
    }
    return { x, y, at };
  }

  /** @param {{x: number[], y: number[], at: number[]}} path @param {number} s pixels from its beginning */
  function pointAt({ x, y, at }, s) {
    let low = 0, high = at.length - 1;
    while (high - low > 1) {
      const mid = (low + high) >> 1;
      if (at[mid] <= s) low = mid;
      else high = mid;
    }
    const t = Math.max(0, Math.min(1, (s - at[low]) / Math.max(1e-6, at[high] - at[low])));
    return { x: x[low] + t * (x[high] - x[low]), y: y[low] + t * (y[high] - y[low]) };
  }

  /** Whether letters would turn a corner. @param {{x: number, y: number}[]} points */
  function crooked(points) {
    for (let k = 2; k < points.length; k++) {
      const [a, b, c] = [points[k - 2], points[k - 1], points[k]];
      const turn = Math.atan2(c.y - b.y, c.x - b.x) - Math.atan2(b.y - a.y, b.x - a.x);
      if (Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn))) > MAX_TURN) return true;
    }
    return false;
  }

  /** Room that letters of a size take from one point to another.
   *  @param {number} ax @param {number} ay @param {number} bx @param {number} by @param {number} px @returns {Spot[]} */
  function spotsOf(ax, ay, bx, by, px) {
    const count = Math.max(2, Math.ceil(Math.hypot(bx - ax, by - ay) / px) + 1);
    return Array.from({ length: count }, (_, k) => {
      const t = k / (count - 1);
      return { x: ax + t * (bx - ax), y: ay + t * (by - ay), r: px * 0.62 };
    });
  }

  /** Whether part of a name would be seen and part not. @param {Spot[]} spots @param {number[][]} hidden */
  function cut(spots, hidden) {
    /** @param {Spot} spot @param {number[]} box */
    const touched = ({ x, y, r }, [left, top, right, bottom]) => x + r > left && x - r < right && y + r > top && y - r < bottom;
    /** @param {Spot} spot @param {number[]} box */
    const covered = ({ x, y, r }, [left, top, right, bottom]) => x - r >= left && x + r <= right && y - r >= top && y + r <= bottom;
    return spots.some((s) => hidden.some((box) => touched(s, box))) && !spots.every((s) => hidden.some((box) => covered(s, box)));
  }

  /** Takes the room if it is free, on the sheet, and wholly in sight or out of it. @param {Spot[]} spots @param {Spot[]} taken
   *  @param {Sheet} sheet */
  function fits(spots, taken, sheet) {
    if (cut(spots, sheet.hidden ?? [])) return false;
    for (const s of spots) {
      if (s.x < s.r || s.y < s.r || s.x > sheet.w - s.r || s.y > sheet.h - s.r) return false;
      if (taken.some((t) => Math.hypot(t.x - s.x, t.y - s.y) < t.r + s.r + 2 * sheet.k)) return false;
    }
    taken.push(...spots);
    return true;
  }

  wallboard.basenames = { draw, crooked, spotsOf, fits };
})(/** @type {any} */ (globalThis));
