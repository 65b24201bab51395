"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { zones, zonedraw, datum, fonts, basenames } = require("./load.cjs")("geo", "datum", "basemap", "basenames", "fonts", "zones", "labels", "zonedraw");

const square = (x, y, size = 0.1) => [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]];
const area = (id, kind, coordinates, more = {}) => ({ type: "Feature", properties: { id, kind, ...more }, geometry: { type: "Polygon", coordinates } });
const spot = (id, kind, at) => ({ type: "Feature", properties: { id, kind, name_zh: "广场" }, geometry: { type: "Point", coordinates: at } });
const town = { type: "FeatureCollection", features: [
  area("A1", "station", square(105, 26)), area("A", "branch", square(105, 26), { name_zh: "江南分局", name_en: "South" }),
  area("B", "branch", square(105.1, 26), { name_en: "North" }), spot("K", "key_spot", [105.05, 26.05]),
] };
const edges = (lines = []) => lines.reduce((sum, line) => sum + line.points.length / 2 - 1, 0);

test("a boundary that several share is kept once, as that of the highest", () => {
  const parsed = zones.parse(town);
  assert.deepEqual([edges(parsed.lines.branch), edges(parsed.lines.station)], [7, 0]);
  assert.deepEqual(parsed.areas.map((zone) => zone.id), ["A", "B", "A1"]);
});

test("names by code in both languages; a missing one is the other, or the code", () => {
  assert.deepEqual({ ...zones.parse(town).names }, { A: ["江南分局", "South"], B: ["North", "North"], A1: ["A1", "A1"], K: ["广场", "广场"] });
});

test("every point goes through the map's datum", () => {
  const plain = zones.parse(town);
  datum.set("GCJ02");
  try {
    const shifted = zones.parse(town), at = datum.place(26.05, 105.05);
    assert.deepEqual({ x: shifted.spots[0].x, y: shifted.spots[0].y }, { ...at });
    assert.ok(Math.abs(shifted.areas[0].rings[0][0] - plain.areas[0].rings[0][0]) * 40e6 > 100); // metres
  } finally {
    datum.set("WGS84");
  }
});

test("a name stands inside its area, also where the centre of gravity does not", () => {
  const horseshoe = new Float64Array([0, 0, 9, 0, 9, 9, 6, 9, 6, 3, 3, 3, 3, 9, 0, 9, 0, 0]);
  const { x, y } = zones.middle(horseshoe);
  assert.ok((x > 0 && x < 3) || (x > 6 && x < 9), `${x} ${y}`);
});

/** A context that remembers what is drawn. */
function paper() {
  const log = [];
  const c = { log, measureText: (text) => ({ width: text.length * 10 }) };
  for (const name of ["beginPath", "rect", "fillRect", "clip", "moveTo", "lineTo", "fill", "stroke", "setLineDash", "arc", "save", "restore", "translate", "scale", "closePath", "strokeText", "fillText"]) {
    c[name] = (...args) => log.push([name, ...args, c.fillStyle]);
  }
  return c;
}
/** The town from above, `zoom` as Leaflet's. */
function over(zoom) {
  const middle = datum.place(26.05, 105.1), k = 256 * 2 ** zoom;
  return { id: 1, x: middle.x - 1000 / k, y: middle.y - 400 / k, zoom, w: 2000, h: 800, dpr: 1 };
}
const texts = (c) => c.log.filter(([name]) => name === "fillText").map(([, text]) => text);

test("names are in the viewer's language, leave room for each other, and tell the ground what they take", () => {
  const parsed = zones.parse(town), view = over(11), c = paper(), taken = [];
  const names = zonedraw.plan(c, parsed, view, 1, "zh", taken);
  assert.deepEqual(names.map((name) => name.text), ["江南分局", "North"]);
  const spots = [{ x: names[0].x, y: names[0].y, r: 5 }];
  assert.equal(basenames.fits(spots, taken, { w: 2000, h: 800, k: 1 }), false);
  assert.deepEqual(zonedraw.plan(c, parsed, view, 1, "zh", [...taken]), []);
  zonedraw.draw(c, parsed, view, 1, "city", names, () => {});
  assert.deepEqual(texts(c), ["江南分局", "North"]);
  assert.ok(fonts);
});

/** Whether a place is darkened: filled, and inside of every clip, each by the even-odd rule. */
function darkens(parsed, view, own, lat, lon) {
  const c = paper(), at = datum.place(lat, lon), span = 256 * 2 ** view.zoom, x = (at.x - view.x) * span, y = (at.y - view.y) * span;
  zonedraw.draw(c, parsed, view, 1, own, [], () => {});
  let rings = [], inside = true;
  for (const [name, a, b, w, h] of c.log) {
    if (name === "beginPath") rings = [];
    else if (name === "rect") rings.push([[a, b], [a + w, b], [a + w, b + h], [a, b + h]]);
    else if (name === "moveTo") rings.push([[a, b]]);
    else if (name === "lineTo") rings.at(-1).push([a, b]);
    else if (name === "clip") inside &&= rings.filter((ring) => within(ring, x, y)).length % 2 === 1;
    else if (name === "fillRect") return inside;
  }
  return false;
}
const within = (ring, x, y) => ring.filter(([ax, ay], n) => {
  const [bx, by] = ring[(n + 1) % ring.length];
  return ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax);
}).length % 2 === 1;

test("outside of the wall's own scope it is darker; on the city's wall nothing is", () => {
  const dark = (own, lon) => darkens(zones.parse(town), over(11), own, 26.05, lon);
  assert.deepEqual([dark("A", 105.05), dark("A", 105.15), dark("city", 105.15), dark("nobody", 105.15)], [false, true, false, false]);
});

test("parts that lie over each other and holes: the own ground is lit, a hole is not", () => {
  const hole = square(105.02, 26.02, 0.02)[0];
  const parts = [[square(105, 26)[0], hole], square(105.05, 26)];
  const own = { type: "Feature", properties: { id: "M", kind: "branch" }, geometry: { type: "MultiPolygon", coordinates: parts } };
  const parsed = zones.parse({ features: [own] }), dark = (lat, lon) => darkens(parsed, over(11), "M", lat, lon);
  assert.deepEqual([dark(26.05, 105.01), dark(26.05, 105.07), dark(26.05, 105.14)], [false, false, false], "one part, both, the other");
  assert.deepEqual([dark(26.03, 105.03), dark(26.05, 105.2)], [true, true], "a hole, beyond");
});

test("spots come with closeness, on a larger wall as on a small one", () => {
  const parsed = zones.parse(town), signs = (zoom, scale) => {
    const c = paper();
    zonedraw.draw(c, parsed, over(zoom), scale, "city", [], () => {});
    return c.log.filter(([name]) => name === "arc").length;
  };
  assert.deepEqual([signs(12.9, 1), signs(13, 1), signs(13, 2), signs(14, 2)], [0, 1, 0, 1]);
});
