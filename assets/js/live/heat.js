/**
 * Where incidents of the last hour, day or week, or of a longer period, lie: hexagons in a few classes, below everything
 * that moves. Drawn with the ground, when the view or the document changes. The documents are written by
 * analytics/heat.py and analytics/heat_past.py; that of a longer period has its pairs under `week`.
 *
 * @typedef {object} HeatCells cells of one resolution, by index
 * @property {number[]} x centre, fraction of the map's square
 * @property {number[]} y
 * @property {number[]} patch whose outline
 * @property {number[][][]} outlines by patch: corners about the centre, fractions x, y
 *
 * @typedef {{cell: number[], category: number[], week: number[], day: number[], hour: number[]}} HeatPairs
 *
 * @typedef {object} HeatSheet what one document tells
 * @property {string[]} categories
 * @property {HeatCells} coarse
 * @property {HeatCells} fine
 * @property {number[]} parent coarse cell of each fine one
 * @property {HeatPairs} pairs
 *
 * @typedef {object} HeatLegend
 * @property {[number, number|null][]} classes incidents in a cell, from and to (null: and more)
 * @property {number[]} cells how many there are of each class
 * @property {number} most in one cell
 * @property {"coarse"|"fine"} size of the cells
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const PLACE_UNITS = 2 ** 24, SHAPE_UNITS = 2 ** 30;
  const COLOR = "190,138,92", ALPHAS = [0.06, 0.12, 0.2, 0.3]; // streets, water and units are read through it
  const FINE_ZOOM = 12.8; // hexagons of 350 m are then about 20 px wide
  const FADE_ZOOM = 13.5, FADED_ZOOM = 16, FADED = 0.3; // near, what happens is asked for, not how often it does
  const SHRINK = 0.93; // leaves a thin gap between neighbours
  const QUANTILES = [0.5, 0.8, 0.95];
  const BATCH = 400;
  const WINDOWS = ["hour", "day", "week"], PAST = ["days30", "month", "year"];

  class Heat {
    constructor() {
      this.on = true;
      /** @type {string} */
      this.window = "week";
      /** all where empty */
      this.category = "";
      this.live = this.shown = sheet();
      /** of a longer period: only the one that was read last @type {{window: string, sheet: HeatSheet}} */
      this.past = { window: "", sheet: sheet() };
      this.revision = 0; // of what is drawn but for the choice
      this.counts = { coarse: new Uint32Array(0), fine: new Uint32Array(0) };
      this.legends = { coarse: legend(this.counts.coarse, "coarse"), fine: legend(this.counts.fine, "fine") };
    }

    /** @param {any} body the document */
    set(body) {
      this.live = decode(body);
      this.count();
    }

    /** @param {{on?: boolean, window?: string, category?: string, past?: any}} choice past: the document of a longer period */
    choose(choice) {
      if (choice.on !== undefined) this.on = choice.on;
      if (choice.window !== undefined && [...WINDOWS, ...PAST].includes(choice.window)) this.window = choice.window;
      if (choice.category !== undefined) this.category = choice.category;
      if (choice.past !== undefined) {
        this.past = { window: choice.past.window, sheet: decode(choice.past) };
        this.revision++;
      }
      this.count();
    }

    /** Incidents of the pairs of the sheet that is shown, in the window. @returns {number[]} */
    get chosen() {
      const pairs = /** @type {Record<string, number[]>} */ (/** @type {any} */ (this.shown.pairs));
      return pairs[PAST.includes(this.window) ? "week" : this.window];
    }

    /** Incidents by cell, and their classes, for what is chosen. */
    count() {
      const old = this.past.window === this.window ? this.past.sheet : sheet(); // not read yet: nothing
      this.shown = PAST.includes(this.window) ? old : this.live;
      const { pairs, parent, categories, coarse, fine } = this.shown, wanted = categories.indexOf(this.category);
      const counts = this.chosen;
      this.counts = { coarse: new Uint32Array(coarse.x.length), fine: new Uint32Array(fine.x.length) };
      for (let p = 0; p < counts.length; p++) {
        if (!counts[p] || (this.category && pairs.category[p] !== wanted)) continue;
        this.counts.fine[pairs.cell[p]] += counts[p];
        this.counts.coarse[parent[pairs.cell[p]]] += counts[p];
      }
      this.legends = { coarse: legend(this.counts.coarse, "coarse"), fine: legend(this.counts.fine, "fine") };
    }

    /** @param {number} zoom @param {number} scale @returns {"coarse"|"fine"} */
    sizeAt(zoom, scale) {
      return zoom >= FINE_ZOOM + Math.log2(scale) ? "fine" : "coarse";
    }

    /** @param {number} zoom @param {number} scale @returns {HeatLegend} */
    legend(zoom, scale) {
      return this.legends[this.sizeAt(zoom, scale)];
    }

    /** @param {any} c 2D context @param {MapView} view @param {number} scale */
    draw(c, view, scale) {
      if (!this.on) return;
      const size = this.sizeAt(view.zoom, scale), cells = this.shown[size], counts = this.counts[size];
      const { classes } = this.legends[size];
      const groups = classes.map((_, k) => ({ colour: `rgba(${COLOR},${ALPHAS[k + ALPHAS.length - classes.length]})`, cells: /** @type {number[]} */ ([]) }));
      counts.forEach((n, i) => groups[classes.findIndex(([from, to]) => n >= from && (to === null || n <= to))]?.cells.push(i));
      c.globalAlpha = strength(view.zoom - Math.log2(scale));
      fill(c, cells, view, groups);
      c.globalAlpha = 1;
    }

    /** What is counted at a point; null where nothing is. @param {number} x fraction of the map's square @param {number} y
     *  @param {number} zoom @param {number} scale @returns {{id: string, count: number, kinds: [string, number][]}|null} */
    at(x, y, zoom, scale) {
      if (!this.on) return null;
      const size = this.sizeAt(zoom, scale), cells = this.shown[size], counts = this.counts[size];
      for (let i = 0; i < counts.length; i++) {
        if (!counts[i] || !inside(cells.outlines[cells.patch[i]], x - cells.x[i], y - cells.y[i])) continue;
        return { id: `${size} ${i}`, count: counts[i], kinds: this.kinds(size, i) };
      }
      return null;
    }

    /** Incidents of a cell by category, most frequent first. @param {"coarse"|"fine"} size @param {number} cell @returns {[string, number][]} */
    kinds(size, cell) {
      const { pairs, parent, categories } = this.shown, wanted = categories.indexOf(this.category), counts = this.chosen;
      const sums = new Array(categories.length).fill(0);
      for (let p = 0; p < counts.length; p++) {
        const at = size === "fine" ? pairs.cell[p] : parent[pairs.cell[p]];
        if (at === cell && (!this.category || pairs.category[p] === wanted)) sums[pairs.category[p]] += counts[p];
      }
      return categories.map((name, c) => /** @type {[string, number]} */ ([name, sums[c]]))
        .filter(([, n]) => n).sort((a, b) => b[1] - a[1]);
    }
  }

  /** Hexagons, one colour after the other. @param {any} c 2D context @param {HeatCells} all @param {MapView} view
   *  @param {{colour: string, cells: number[]}[]} groups indices into `all` */
  function fill(c, all, view, groups) {
    const span = wallboard.geo.span(view), ox = view.x * span, oy = view.y * span, w = view.w * view.dpr, h = view.h * view.dpr;
    const outlines = all.outlines.map((corners) => corners.map(([dx, dy]) => [dx * span * SHRINK, dy * span * SHRINK]));
    const margin = Math.max(0, ...outlines.flat(2).map(Math.abs));
    for (const { colour, cells } of groups) {
      c.fillStyle = colour;
      c.beginPath();
      let held = 0; // short paths fill faster than one long one
      for (const i of cells) {
        const px = all.x[i] * span - ox, py = all.y[i] * span - oy;
        if (px < -margin || py < -margin || px > w + margin || py > h + margin) continue;
        const corners = outlines[all.patch[i]];
        c.moveTo(px + corners[0][0], py + corners[0][1]);
        for (let p = 1; p < corners.length; p++) c.lineTo(px + corners[p][0], py + corners[p][1]);
        c.closePath();
        if (++held < BATCH) continue;
        c.fill();
        c.beginPath();
        held = 0;
      }
      c.fill();
    }
  }

  /** How much of their colour the hexagons keep. @param {number} zoom that of scale 1 */
  function strength(zoom) {
    return 1 - (1 - FADED) * Math.min(1, Math.max(0, (zoom - FADE_ZOOM) / (FADED_ZOOM - FADE_ZOOM)));
  }

  /** @param {any} body a document @returns {HeatSheet} */
  function decode(body) {
    const told = sheet(), { coarse, fine, parent, pairs } = told, n = Math.max(1, body.categories.length);
    told.categories = body.categories;
    let x = 0, y = 0, at = 0, cell = 0, pair = 0;
    body.patches.forEach((/** @type {any} */ [count, around, aroundFine, steps], /** @type {number} */ patch) => {
      coarse.outlines.push(corners(around));
      fine.outlines.push(corners(aroundFine));
      for (let k = 0; k < count; k++) {
        x += body.coarse[at++];
        y += body.coarse[at++];
        put(coarse, x / PLACE_UNITS, y / PLACE_UNITS, patch);
        for (let children = body.coarse[at++]; children > 0; children--, cell++) {
          const code = body.fine[cell], digit = code % 7;
          put(fine, x / PLACE_UNITS + steps[2 * digit] / SHAPE_UNITS, y / PLACE_UNITS + steps[2 * digit + 1] / SHAPE_UNITS, patch);
          parent.push(coarse.x.length - 1);
          for (let more = Math.floor(code / 7); more >= 0; more--, pair++) {
            pairs.cell.push(cell);
            pairs.category.push(body.week[pair] % n);
            pairs.week.push(Math.floor(body.week[pair] / n) + 1);
          }
        }
      }
    });
    for (const name of /** @type {const} */ (["day", "hour"])) {
      pairs[name] = new Array(pair).fill(0);
      let place = 0;
      for (let k = 0; k < body[name].length; k += 2) pairs[name][(place += body[name][k])] = body[name][k + 1];
    }
    return told;
  }

  /** An empty one. @returns {HeatSheet} */
  function sheet() {
    return { categories: [], coarse: empty(), fine: empty(), parent: [], pairs: pairsOf() };
  }

  /** @returns {HeatCells} */
  function empty() {
    return { x: [], y: [], patch: [], outlines: [] };
  }

  /** Pairs of a cell and a category: the fine cell, the category, incidents by window. @returns {HeatPairs} */
  function pairsOf() {
    return { cell: [], category: [], week: [], day: [], hour: [] };
  }

  /** @param {HeatCells} cells @param {number} x fraction of the square, WGS-84 @param {number} y @param {number} patch */
  function put(cells, x, y, patch) {
    const place = wallboard.datum.toMap(x, y);
    cells.x.push(place.x);
    cells.y.push(place.y);
    cells.patch.push(patch);
  }

  /** @param {number[]} flat @returns {number[][]} */
  function corners(flat) {
    return Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k] / SHAPE_UNITS, flat[2 * k + 1] / SHAPE_UNITS]);
  }

  /** Whether a point lies in a convex outline about the origin. @param {number[][]} outline @param {number} x @param {number} y */
  function inside(outline, x, y) {
    let side = 0;
    for (let p = 0; p < outline.length; p++) {
      const [ax, ay] = outline[p], [bx, by] = outline[(p + 1) % outline.length];
      const cross = Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
      if (cross && side && cross !== side) return false;
      side = cross || side;
    }
    return true;
  }

  /** Up to four classes by quantiles of the cells that have any, the first from 1. @param {Uint32Array} counts
   *  @param {"coarse"|"fine"} size @returns {HeatLegend} */
  function legend(counts, size) {
    const held = counts.filter((n) => n > 0).sort();
    if (!held.length) return { classes: [], cells: [], most: 0, size };
    const starts = [1];
    for (const q of QUANTILES) {
      const start = held[Math.min(held.length - 1, Math.floor(q * held.length))] + (q > 0.9 ? 0 : 1);
      if (start > starts[starts.length - 1] && start <= held[held.length - 1]) starts.push(start);
    }
    const classes = starts.map((from, k) => /** @type {[number, number|null]} */ ([from, k + 1 < starts.length ? starts[k + 1] - 1 : null]));
    const cells = classes.map(([from, to]) => held.filter((n) => n >= from && (to === null || n <= to)).length);
    return { classes, cells, most: held[held.length - 1], size };
  }

  wallboard.heat = { Heat, decode, fill, legend, strength, WINDOWS };
})(/** @type {any} */ (globalThis));
