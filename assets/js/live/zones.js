/**
 * Jurisdictions, zones and spots from /places.geojson: projected once, each boundary kept once however many share it.
 *
 * @typedef {object} Zone an area with its name
 * @property {string} id
 * @property {string} kind
 * @property {string} zh
 * @property {string} en
 * @property {Float64Array[]} rings x, y, … fractions of the map's square
 * @property {Float64Array[][]} parts the same, a list for each part: its outline and its holes
 * @property {number} x where its name stands
 * @property {number} y
 * @property {number} size larger extent, fractions
 *
 * @typedef {{id: string, kind: string, zh: string, en: string, x: number, y: number}} ZoneSpot
 *
 * @typedef {object} Zones
 * @property {Record<string, {points: Float64Array, x0: number, y0: number, x1: number, y1: number}[]>} lines by kind
 * @property {Zone[]} areas largest kinds first
 * @property {ZoneSpot[]} spots
 * @property {Record<string, [string, string]>} names by id: Chinese, English
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  // where two share a boundary it is drawn as that of the higher
  const AREAS = ["city", "branch", "station", "defence_zone", "rapid_response_zone", "centre", "responsibility_area", "patrol_zone"];
  const SPOTS = ["key_spot", "station_house", "post", "gate", "school"];

  /** @param {any} geojson a FeatureCollection in WGS-84, checked by the server @returns {Zones} */
  function parse(geojson) {
    /** @type {Zones} */
    const zones = { lines: {}, areas: [], spots: [], names: {} };
    const seen = new Set();
    const features = [...(geojson?.features ?? [])].sort((a, b) => AREAS.indexOf(a.properties.kind) - AREAS.indexOf(b.properties.kind));
    for (const { properties, geometry } of features) {
      const { id, kind } = properties, zh = properties.name_zh || properties.name_en || id, en = properties.name_en || zh;
      zones.names[id] = [zh, en];
      const parts = partsOf(geometry).map((part) => part.map(placed)), rings = parts.flat();
      if (SPOTS.includes(kind)) zones.spots.push({ id, kind, zh, en, ...(rings.length ? middle(rings[0]) : wallboard.datum.place(geometry.coordinates[1], geometry.coordinates[0])) });
      if (!AREAS.includes(kind) || !rings.length) continue;
      const largest = rings.reduce((a, b) => (extent(b) > extent(a) ? b : a));
      zones.areas.push({ id, kind, zh, en, rings, parts, ...middle(largest), size: extent(largest) });
      for (const ring of rings) (zones.lines[kind] ??= []).push(...unseen(ring, seen));
    }
    return zones;
  }

  /** @param {any} geometry @returns {number[][][][]} */
  function partsOf({ type, coordinates }) {
    return type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
  }

  /** @param {number[][]} ring longitude, latitude */
  function placed(ring) {
    const points = new Float64Array(2 * ring.length);
    ring.forEach(([lon, lat], n) => {
      const { x, y } = wallboard.datum.place(lat, lon);
      points[2 * n] = x;
      points[2 * n + 1] = y;
    });
    return points;
  }

  /** The parts of a ring that no ring before it has, as lines. @param {Float64Array} ring @param {Set<string>} seen */
  function unseen(ring, seen) {
    const lines = [];
    /** @type {number[]} */
    let line = [];
    for (let n = 0; n + 3 < ring.length; n += 2) {
      const a = `${ring[n]},${ring[n + 1]}`, b = `${ring[n + 2]},${ring[n + 3]}`, edge = a < b ? a + b : b + a;
      if (seen.has(edge)) {
        if (line.length) lines.push(line);
        line = [];
        continue;
      }
      seen.add(edge);
      if (!line.length) line.push(ring[n], ring[n + 1]);
      line.push(ring[n + 2], ring[n + 3]);
    }
    if (line.length) lines.push(line);
    return lines.map((points) => ({ points: new Float64Array(points), ...boxOf(points) }));
  }

  /** @param {ArrayLike<number>} points */
  function boxOf(points) {
    let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
    for (let n = 0; n < points.length; n += 2) {
      x0 = Math.min(x0, points[n]);
      x1 = Math.max(x1, points[n]);
      y0 = Math.min(y0, points[n + 1]);
      y1 = Math.max(y1, points[n + 1]);
    }
    return { x0, y0, x1, y1 };
  }

  /** @param {Float64Array} ring */
  function extent(ring) {
    const { x0, y0, x1, y1 } = boxOf(ring);
    return Math.max(x1 - x0, y1 - y0);
  }

  /** Where a name stands: the middle of the longest stretch inside, on the level of the area's centre. @param {Float64Array} ring */
  function middle(ring) {
    let area = 0, cy = 0;
    const oy = ring[1], ox = ring[0];
    for (let n = 0; n + 3 < ring.length; n += 2) {
      const ax = ring[n] - ox, ay = ring[n + 1] - oy, bx = ring[n + 2] - ox, by = ring[n + 3] - oy, cross = ax * by - bx * ay;
      area += cross;
      cy += (ay + by) * cross;
    }
    const box = boxOf(ring), y = area ? oy + cy / (3 * area) : (box.y0 + box.y1) / 2;
    const cuts = [];
    for (let n = 0; n + 3 < ring.length; n += 2) {
      const [ax, ay, bx, by] = [ring[n], ring[n + 1], ring[n + 2], ring[n + 3]];
      if (ay > y !== by > y) cuts.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
    cuts.sort((a, b) => a - b);
    let x = (box.x0 + box.x1) / 2, longest = -1;
    for (let n = 0; n + 1 < cuts.length; n += 2) {
      if (cuts[n + 1] - cuts[n] <= longest) continue;
      longest = cuts[n + 1] - cuts[n];
      x = (cuts[n] + cuts[n + 1]) / 2;
    }
    return { x, y };
  }

  wallboard.zones = { parse, middle, AREAS, SPOTS };
})(/** @type {any} */ (globalThis));
