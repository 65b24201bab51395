/**
 * Outlines and streets of the city: projected once, culled by bounding box, stroked by class when the view changes.
 *
 * @typedef {object} BaseShape
 * @property {number} begin first number in `points`
 * @property {number} end
 * @property {number} x0 bounding box, relative to the origin
 * @property {number} y0
 * @property {number} x1
 * @property {number} y1
 *
 * @typedef {object} BaseLabel
 * @property {string} layer
 * @property {string} zh
 * @property {string} en
 * @property {BaseShape} shape the line to write along, or the ring to write into
 * @property {boolean} area
 *
 * @typedef {object} Basemap
 * @property {number} x origin, fractions of the Mercator square
 * @property {number} y
 * @property {Float32Array} points x, y, … relative to the origin: fine to a centimetre within a city
 * @property {Record<string, BaseShape[]>} layers
 * @property {{x: number, y: number, size: number, zh: string, en: string}[]} names of districts
 * @property {BaseLabel[]} labels names of roads, water and green
 * @property {{x0: number, y0: number, x1: number, y1: number}} box
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /** from below */
  const LAYERS = ["urban", "green", "water", "river", "land", "building", "rail", "minor", "tertiary", "secondary", "major", "trunk",
    "motorway", "boundary"];
  const AREAS = ["urban", "green", "water", "land", "building"];
  /** road classes as OpenStreetMap names them, where the layer has another name @type {Record<string, string>} */
  const CLASSES = { motorway: "motorway", trunk: "trunk", primary: "major", major: "major", secondary: "secondary", tertiary: "tertiary" };

  /** @param {any} geojson a FeatureCollection in WGS 84 @returns {Basemap} */
  function parse(geojson) {
    /** @type {number[]} */
    const points = [];
    /** @type {Record<string, BaseShape[]>} */
    const layers = Object.fromEntries(LAYERS.map((name) => [name, []]));
    /** @type {Basemap["names"]} */
    const names = [];
    /** @type {BaseLabel[]} */
    const labels = [];
    const seen = new Set();
    const box = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
    /** @type {any} */
    let origin = null;
    /** @param {number[][]} line @param {string} layer @returns {BaseShape|null} */
    const add = (line, layer) => {
      if (line.length < 2 || seen.has(twin(line))) return null;
      seen.add(twin(line)); // a street with two directions comes twice
      const shape = { begin: points.length, end: 0, x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
      for (const [lon, lat] of line) {
        const p = wallboard.datum.place(lat, lon);
        const from = (origin ??= p), x = p.x - from.x, y = p.y - from.y;
        points.push(x, y);
        shape.x0 = Math.min(shape.x0, x);
        shape.y0 = Math.min(shape.y0, y);
        shape.x1 = Math.max(shape.x1, x);
        shape.y1 = Math.max(shape.y1, y);
      }
      shape.end = points.length;
      layers[layer].push(shape);
      box.x0 = Math.min(box.x0, shape.x0);
      box.y0 = Math.min(box.y0, shape.y0);
      box.x1 = Math.max(box.x1, shape.x1);
      box.y1 = Math.max(box.y1, shape.y1);
      return shape;
    };
    for (const feature of geojson?.features ?? []) {
      const properties = feature.properties ?? {};
      let largest = null;
      for (const { line, area } of linesOf(feature.geometry)) {
        const shape = add(line, layerOf(properties, area));
        if (shape && (!largest || size(shape) > size(largest))) largest = shape;
      }
      const zh = properties.name_zh || properties.name || "", en = properties.name_en || properties.name || "";
      if (!largest || !(zh || en)) continue;
      const area = /Polygon$/.test(feature.geometry.type), layer = layerOf(properties, area);
      if (layer !== "boundary") labels.push({ layer, zh: zh || en, en: en || zh, shape: largest, area });
      else if (area) names.push({ ...centroid(points, largest), size: size(largest), zh: zh || en, en: en || zh });
    }
    labels.sort((a, b) => LAYERS.indexOf(b.layer) - LAYERS.indexOf(a.layer) || size(b.shape) - size(a.shape));
    return { x: origin?.x ?? 0, y: origin?.y ?? 0, points: new Float32Array(points), layers, names, labels, box };
  }

  /** @param {any} geometry @returns {{line: number[][], area: boolean}[]} */
  function linesOf(geometry) {
    const { type, coordinates } = geometry ?? {};
    if (type === "LineString") return [{ line: coordinates, area: false }];
    if (type === "MultiLineString") return coordinates.map((/** @type {number[][]} */ line) => ({ line, area: false }));
    if (type === "Polygon") return coordinates.map((/** @type {number[][]} */ line) => ({ line, area: true }));
    if (type === "MultiPolygon") return coordinates.flat().map((/** @type {number[][]} */ line) => ({ line, area: true }));
    return [];
  }

  /** @param {any} properties @param {boolean} area @returns {string} */
  function layerOf(properties, area) {
    const { kind } = properties;
    if (kind === "water") return area ? "water" : "river";
    if (area && AREAS.includes(kind)) return kind;
    if (kind === "boundary" || (!kind && area)) return "boundary";
    return kind === "rail" ? "rail" : CLASSES[properties.class] ?? "minor";
  }

  /** The same name for a line and its reverse. @param {number[][]} line */
  function twin(line) {
    const a = line[0].join(), b = line[line.length - 1].join(), middle = line.length >> 1;
    const m = line.length % 2 ? line[middle].join() : "";
    return `${line.length}|${a < b ? a + "|" + b : b + "|" + a}|${m}`;
  }

  /** @param {BaseShape} s */
  function size(s) {
    return Math.max(s.x1 - s.x0, s.y1 - s.y0);
  }

  /** Centre of a ring's area. @param {ArrayLike<number>} points @param {BaseShape} ring @returns {{x: number, y: number}} */
  function centroid(points, ring) {
    let area = 0, cx = 0, cy = 0;
    const x0 = points[ring.begin], y0 = points[ring.begin + 1];
    for (let p = ring.begin; p + 3 < ring.end; p += 2) {
      const ax = points[p] - x0, ay = points[p + 1] - y0, bx = points[p + 2] - x0, by = points[p + 3] - y0;
      const cross = ax * by - bx * ay;
      area += cross;
      cx += (ax + bx) * cross;
      cy += (ay + by) * cross;
    }
    if (!area) return { x: (ring.x0 + ring.x1) / 2, y: (ring.y0 + ring.y1) / 2 };
    return { x: x0 + cx / (3 * area), y: y0 + cy / (3 * area) };
  }

  /** The shapes of a layer that a window touches and that are not too small to see.
   * @param {BaseShape[]} shapes @param {{x0: number, y0: number, x1: number, y1: number}} window same frame as the shapes
   * @param {number} least smallest extent worth drawing @returns {BaseShape[]} */
  function visible(shapes, window, least) {
    return shapes.filter((s) => s.x1 >= window.x0 && s.x0 <= window.x1 && s.y1 >= window.y0 && s.y0 <= window.y1
      && size(s) >= least);
  }

  wallboard.basemap = { parse, visible, centroid, size, LAYERS };
})(/** @type {any} */ (globalThis));
