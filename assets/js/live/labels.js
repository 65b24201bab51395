/**
 * Labels that do not overlap: the important ones choose first, the rest take what is left or stay away. And names on
 * the ground, with a halo.
 *
 * @typedef {{text: string, x: number, y: number, px: number, color: string, align: string, weight: number, w: number}} GroundName in pixels
 *
 * @typedef {object} LabelWish in order of importance; pixels
 * @property {string} key
 * @property {number} x anchor
 * @property {number} y
 * @property {number} w size of the plate
 * @property {number} h
 * @property {number} r distance to keep from the anchor
 * @property {boolean} [must] placed even where it covers something
 *
 * @typedef {object} LabelPlace the plate's upper left corner relative to its anchor
 * @property {number} dx
 * @property {number} dy
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const CELL = 6;
  const HALO = "#0d151e"; // the ground's own colour
  const SIDES = 6, FAR = 2; // a label with no room beside its icon stands a little farther away

  class LabelGrid {
    constructor() {
      this.columns = this.rows = 0;
      this.cells = new Uint8Array(0);
      /** the side each label had last time, tried first so that labels do not jump @type {Map<string, number>} */
      this.sides = new Map();
      /** @type {Map<string, number>} */
      this.taken = new Map();
    }

    /** An empty grid; then icons take their room and labels are placed, in as many steps as there are degrees of importance.
     *  @param {number} width @param {number} height pixels */
    reset(width, height) {
      this.sides = this.taken;
      this.taken = new Map();
      this.columns = Math.ceil(width / CELL);
      this.rows = Math.ceil(height / CELL);
      const need = this.columns * this.rows;
      if (this.cells.length < need) this.cells = new Uint8Array(need);
      else this.cells.fill(0);
    }

    /** @param {number} x @param {number} y @param {number} w @param {number} h @returns {boolean} false when cut or taken */
    isFree(x, y, w, h) {
      const x0 = Math.floor(x / CELL), y0 = Math.floor(y / CELL);
      const x1 = Math.floor((x + w) / CELL), y1 = Math.floor((y + h) / CELL);
      if (x0 < 0 || y0 < 0 || x1 >= this.columns || y1 >= this.rows) return false;
      for (let r = y0; r <= y1; r++) {
        const row = r * this.columns;
        for (let c = x0; c <= x1; c++) if (this.cells[row + c]) return false;
      }
      return true;
    }

    /** @param {number} x @param {number} y @param {number} w @param {number} h */
    take(x, y, w, h) {
      const x0 = Math.max(0, Math.floor(x / CELL)), y0 = Math.max(0, Math.floor(y / CELL));
      const x1 = Math.min(this.columns - 1, Math.floor((x + w) / CELL));
      const y1 = Math.min(this.rows - 1, Math.floor((y + h) / CELL));
      for (let r = y0; r <= y1; r++) this.cells.fill(1, r * this.columns + x0, r * this.columns + x1 + 1);
    }

    /** @param {LabelWish[]} wishes most important first @returns {Map<string, LabelPlace>} by key; the rest found no room */
    place(wishes) {
      const placed = new Map();
      for (const wish of wishes) {
        const first = this.sides.get(wish.key) ?? 0;
        for (let k = 0; k < SIDES * FAR + (wish.must ? 1 : 0); k++) {
          // with nothing free, what must be read stands towards the middle of the picture
          const last = wish.x > (this.columns * CELL) / 2 ? 1 : 0, side = k < SIDES * FAR ? (first + k) % (SIDES * FAR) : last;
          const { dx, dy } = offset(side, wish);
          if (k < SIDES * FAR && !this.isFree(wish.x + dx, wish.y + dy, wish.w, wish.h)) continue;
          this.take(wish.x + dx, wish.y + dy, wish.w, wish.h);
          placed.set(wish.key, { dx, dy });
          this.taken.set(wish.key, side);
          break;
        }
      }
      return placed;
    }
  }

  /** Right, left, upper right, lower right, above, below; then the same farther away. @param {number} at @param {LabelWish} wish
   *  @returns {LabelPlace} */
  function offset(at, { w, h, r: near }) {
    const side = at % SIDES, r = at < SIDES ? near : near * FAR;
    if (side === 0) return { dx: r, dy: -h / 2 };
    if (side === 1) return { dx: -r - w, dy: -h / 2 };
    if (side === 2) return { dx: r * 0.7, dy: -h - r * 0.3 };
    if (side === 3) return { dx: r * 0.7, dy: r * 0.3 };
    if (side === 4) return { dx: -w / 2, dy: -r - h };
    return { dx: -w / 2, dy: r };
  }

  /** A name where it finds room over nothing else; it then takes that room. @param {any} c 2D context @param {string} text
   *  @param {number} x @param {number} y @param {{px: number, color: string, weight?: number}} style px at scale 1
   *  @param {string} align left or center @param {{w: number, h: number, k: number, hidden?: number[][]}} sheet @param {Spot[]} taken @returns {GroundName|null} */
  function name(c, text, x, y, { px: size, color, weight = 400 }, align, sheet, taken) {
    const px = size * sheet.k;
    c.font = `${weight} ${px}px ${wallboard.fonts.family()}`;
    const width = c.measureText(text).width, from = align === "left" ? x : x - width / 2;
    const { spotsOf, fits } = wallboard.basenames, inset = Math.min(width, px) / 2; // so far a round spot reaches beyond its middle
    return fits(spotsOf(from + inset, y, from + width - inset, y, px), taken, sheet) ? { text, x, y, px, color, align, weight, w: width } : null;
  }

  /** @param {any} c @param {GroundName[]} names @param {number} halo width in pixels @param {(text: string) => void} onText */
  function write(c, names, halo, onText) {
    c.lineJoin = "round";
    c.textBaseline = "middle";
    c.strokeStyle = HALO;
    c.lineWidth = halo;
    for (const { text, x, y, px, color, align, weight } of names) {
      onText(text);
      c.font = `${weight} ${px}px ${wallboard.fonts.family()}`;
      c.textAlign = align;
      c.fillStyle = color;
      c.strokeText(text, x, y);
      c.fillText(text, x, y);
    }
  }

  /** @param {GroundName} name */
  const left = ({ x, w, align }) => (align === "left" ? x : x - w / 2);

  /** The room of names: left edge and middle in the world's units, size in pixels. @param {GroundName[]} names @param {MapView} view */
  function boxes(names, view) {
    const span = wallboard.geo.span(view);
    return names.map((name) => ({ x: left(name) / span + view.x, y: name.y / span + view.y, w: name.w, h: name.px }));
  }

  wallboard.LabelGrid = LabelGrid;
  wallboard.labels = { name, write, left, boxes };
})(/** @type {any} */ (globalThis));
