/**
 * What dispatching draws on the map: routes of candidates, moves that mend a gap, rings of reach, key spots without
 * cover, and the city's cells by how soon somebody could be there. The page tells it; all of it lies below the units.
 *
 * @typedef {{x: number, y: number}} Point fraction of the map's square
 * @typedef {{id: string, look: "first"|"chosen"|"other"|"move", points: Point[]}} Way
 * @typedef {{name: string, lines: Point[][]}} Ring
 * @typedef {{name: string, x: number, y: number}} Gap
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /** @type {Record<string, {colour: string, width: number, dash: number[]}>} */
  const WAYS = {
    other: { colour: "rgba(140,195,238,.5)", width: 1.8, dash: [] },
    move: { colour: "rgba(140,195,238,.85)", width: 1.8, dash: [6, 4] },
    first: { colour: "#8cc3ee", width: 3, dash: [] },
    chosen: { colour: "#e8eef5", width: 3, dash: [] },
  };
  const ORDER = ["other", "move", "first", "chosen"];
  const RING = { colour: "rgba(90,169,230,.5)", width: 1.3, name: { px: 11.5, color: "#8cc3ee", weight: 500 } };
  const GAP = { colour: "#f2d14b", r: 8, name: { px: 11.5, color: "#f2d14b", weight: 500 } };
  // soon is a calm tint; what nobody reaches in time is what a person should see
  const REACH = ["rgba(90,169,230,.2)", "rgba(90,169,230,.12)", "rgba(90,169,230,.06)", "rgba(242,209,75,.13)"];
  const LEAST_CORNERS = 60, AROUND = 3;
  const ARROW = 6;

  class Plans {
    constructor() {
      /** @type {Way[]} */
      this.ways = [];
      /** @type {Ring[]} */
      this.rings = [];
      /** @type {Gap[]} */
      this.gaps = [];
      /** @type {HeatSheet|null} */
      this.reach = null;
      /** where its names stand on the ground, left end and middle line; w, h in pixels @type {{x: number, y: number, w: number, h: number}[]} */
      this.written = [];
      this.revision = 0; // of what is drawn with the ground
    }

    /** @param {any} plan what it names is replaced; degrees in WGS-84 */
    take(plan) {
      if (plan.ways) this.ways = plan.ways.map((/** @type {any} */ way) => ({ ...way, points: way.points.map(pointOf) })).filter((/** @type {Way} */ way) => way.points.length > 1)
        .sort((/** @type {Way} */ a, /** @type {Way} */ b) => ORDER.indexOf(a.look) - ORDER.indexOf(b.look));
      if (plan.rings) this.rings = plan.rings.map((/** @type {any} */ ring) => ({ name: ring.name, lines: outer(ring.lines).map((line) => smooth(line.map(pointOf))) }));
      if (plan.gaps) this.gaps = plan.gaps.map((/** @type {any} */ gap) => ({ name: gap.name, ...wallboard.datum.place(gap.lat, gap.lon) }));
      if (plan.reach !== undefined) this.reach = plan.reach && wallboard.heat.decode(plan.reach);
      if (plan.rings || plan.gaps || plan.reach !== undefined) this.revision++;
    }

    /** Routes and moves, under the units. @param {any} c @param {(x: number, y: number) => [number, number]} at @param {number} k */
    drawWays(c, at, k) {
      c.lineJoin = c.lineCap = "round";
      for (const { look, points } of [...this.ways].reverse()) { // the context draws below what is there already
        const style = WAYS[look] ?? WAYS.other, ends = points.map(({ x, y }) => at(x, y));
        c.strokeStyle = c.fillStyle = style.colour;
        c.lineWidth = style.width * k;
        c.setLineDash(style.dash.map((d) => d * k));
        c.beginPath();
        for (const end of ends) c.lineTo(...end);
        c.stroke();
        c.setLineDash([]);
        if (look === "move") arrow(c, ends[ends.length - 2], ends[ends.length - 1], ARROW * k);
      }
    }

    /** Names that find room over nothing else; what they take is left free by the ground's own. @param {any} c
     *  @param {MapView} view @param {number} scale @param {number[][]} hidden boxes that lie over the picture @param {Spot[]} taken */
    names(c, view, scale, hidden, taken) {
      const k = scale * view.dpr, span = wallboard.geo.span(view), sheet = { w: Math.round(view.w * view.dpr), h: Math.round(view.h * view.dpr), k, hidden };
      const inSight = (/** @type {number} */ x, /** @type {number} */ y) => x > 0 && y > 0 && x < sheet.w && y < sheet.h
        && !hidden.some(([left, top, right, bottom]) => x > left && x < right && y > top && y < bottom);
      const found = [];
      for (const gap of this.gaps) {
        const x = (gap.x - view.x) * span, y = (gap.y - view.y) * span;
        if (!inSight(x, y)) continue;
        taken.push({ x, y, r: GAP.r * k });
        const name = wallboard.labels.name(c, gap.name, x + (GAP.r + 5) * k, y, GAP.name, "left", sheet, taken);
        if (name && !under(name, hidden)) found.push(name);
      }
      for (const ring of this.rings) {
        const far = edge(ring.lines.flat().map(({ x, y }) => [(x - view.x) * span, (y - view.y) * span]).filter(([x, y]) => inSight(x, y)));
        const name = far && wallboard.labels.name(c, ring.name, far[0], far[1], RING.name, "center", sheet, taken);
        if (name && !under(name, hidden)) found.push(name);
      }
      this.written = wallboard.labels.boxes(found, view);
      return found;
    }

    /** With the ground. @param {any} c @param {MapView} view @param {number} scale
     *  @param {GroundName[]} names @param {(text: string) => void} onText */
    drawGround(c, view, scale, names, onText) {
      const k = scale * view.dpr, span = wallboard.geo.span(view), ox = view.x * span, oy = view.y * span;
      if (this.reach) wallboard.heat.fill(c, this.reach.fine, view, reachOf(this.reach));
      c.lineJoin = c.lineCap = "round";
      c.strokeStyle = RING.colour;
      c.lineWidth = RING.width * k;
      for (const { lines } of this.rings) {
        c.beginPath();
        for (const line of lines) line.forEach(({ x, y }, n) => (n ? c.lineTo(x * span - ox, y * span - oy) : c.moveTo(x * span - ox, y * span - oy)));
        c.stroke();
      }
      for (const gap of this.gaps) mark(c, gap.x * span - ox, gap.y * span - oy, k);
      wallboard.labels.write(c, names, 3.5 * k, onText);
    }
  }

  /** @param {number[]} place latitude, longitude */
  function pointOf([lat, lon]) {
    return wallboard.datum.place(lat, lon);
  }

  /** Without the small holes and islands of a few cells: they say nothing from afar. @param {number[][][]} lines */
  function outer(lines) {
    const longest = Math.max(0, ...lines.map((line) => line.length));
    return lines.filter((line) => line.length === longest || line.length > LEAST_CORNERS);
  }

  /** A closed line round hexagons as a calm curve: each corner is the mean of those around it. @param {Point[]} line */
  function smooth(line) {
    const n = line.length - 1;
    if (n <= 2 * AROUND + 1) return line;
    const curve = line.slice(0, n).map((_, k) => {
      let x = 0, y = 0;
      for (let d = -AROUND; d <= AROUND; d++) {
        const p = line[(k + d + n) % n];
        x += p.x;
        y += p.y;
      }
      return { x: x / (2 * AROUND + 1), y: y / (2 * AROUND + 1) };
    });
    return [...curve, curve[0]];
  }

  /** Whether a name would run below what lies over the picture. @param {GroundName} name @param {number[][]} hidden */
  function under(name, hidden) {
    const from = wallboard.labels.left(name), { y, w, px } = name;
    return hidden.some(([left, top, right, bottom]) => from < right && from + w > left && y - px / 2 < bottom && y + px / 2 > top);
  }

  /** The point farthest to the upper right, where a ring's name stands. @param {number[][]} points */
  function edge(points) {
    return points.reduce((/** @type {number[]|null} */ best, p) => (best === null || p[0] - p[1] > best[0] - best[1] ? p : best), null);
  }

  /** A key spot that nobody reaches in time: its sign in the colour of what needs a person. @param {any} c @param {number} x @param {number} y @param {number} k */
  function mark(c, x, y, k) {
    c.fillStyle = "rgba(13,21,30,.85)";
    c.strokeStyle = GAP.colour;
    c.lineWidth = 1.6 * k;
    c.beginPath();
    c.arc(x, y, GAP.r * k, 0, 2 * Math.PI);
    c.fill();
    c.stroke();
    c.fillStyle = GAP.colour;
    c.beginPath();
    for (const [dx, dy] of [[0, -4], [4, 0], [0, 4], [-4, 0]]) c.lineTo(x + dx * k, y + dy * k);
    c.closePath();
    c.fill();
  }

  /** @param {any} c @param {number[]} from @param {number[]} to @param {number} size */
  function arrow(c, from, to, size) {
    const a = Math.atan2(to[1] - from[1], to[0] - from[0]);
    c.beginPath();
    for (const turn of [0, 2.6, -2.6]) c.lineTo(to[0] + size * Math.cos(a + turn), to[1] + size * Math.sin(a + turn));
    c.closePath();
    c.fill();
  }

  /** Which cells have which colour. @param {HeatSheet} sheet whose categories are the classes of reach */
  function reachOf({ categories, pairs }) {
    const groups = categories.map((word) => ({ colour: REACH[Number(word)] ?? REACH[REACH.length - 1], cells: /** @type {number[]} */ ([]) }));
    pairs.cell.forEach((cell, p) => groups[pairs.category[p]].cells.push(cell));
    return groups;
  }

  wallboard.Plans = Plans;
  wallboard.plans = { edge, outer, smooth };
})(/** @type {any} */ (globalThis));
