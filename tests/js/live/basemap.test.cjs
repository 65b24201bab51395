"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { basemap, geo } = require("./load.cjs")("geo", "basemap");

const feature = (type, coordinates, properties = {}) => ({ type: "Feature", properties, geometry: { type, coordinates } });
const collection = (...features) => ({ type: "FeatureCollection", features });
const SQUARE = [[[108, 22], [109, 22], [109, 23], [108, 23], [108, 22]]];
const counts = (base) => Object.fromEntries(Object.entries(base.layers).filter(([, l]) => l.length).map(([k, l]) => [k, l.length]));

test("features find their layer by kind, class and shape", () => {
  const base = basemap.parse(collection(
    feature("LineString", [[108, 22], [108.1, 22]]), feature("LineString", [[108, 22.1], [108.1, 22]], { kind: "road", class: "major" }),
    feature("LineString", [[108, 22.2], [108.1, 22]], { class: "motorway" }), feature("Polygon", SQUARE),
    feature("Polygon", SQUARE.map((ring) => ring.map(([x, y]) => [x + 1, y])), { kind: "water" }),
    feature("LineString", [[108, 22.3], [108.1, 22]], { kind: "water" }),
    feature("Polygon", SQUARE.map((ring) => ring.map(([x, y]) => [x + 2, y])), { kind: "green" }),
    feature("Point", [1, 2]), { type: "Feature", properties: null, geometry: null },
  ));
  assert.deepEqual(counts(base), { minor: 1, major: 1, motorway: 1, boundary: 1, water: 1, river: 1, green: 1 });
});

test("a street that comes once for each direction is kept once", () => {
  const base = basemap.parse(collection(
    feature("LineString", [[108, 22], [108.05, 22.01], [108.1, 22]]), feature("LineString", [[108.1, 22], [108.05, 22.01], [108, 22]]),
    feature("LineString", [[108, 22], [108.05, 22.02], [108.1, 22]]),
  ));
  assert.equal(base.layers.minor.length, 2);
});

test("coordinates stay right to a few centimetres", () => {
  const base = basemap.parse(collection(feature("LineString", [[108, 22], [108.7654321, 22.7654321]])));
  const p = base.layers.minor[0].begin + 2, { lat, lon } = geo.unproject(base.x + base.points[p], base.y + base.points[p + 1]);
  assert.ok(Math.abs(lat - 22.7654321) * 111320 < 0.05 && Math.abs(lon - 108.7654321) * 111320 < 0.05);
});

test("a district has its name in both languages, in the middle of its largest part", () => {
  const island = [[[110, 22], [110.01, 22], [110.01, 22.01], [110, 22]]];
  const base = basemap.parse(collection(
    feature("MultiPolygon", [island, SQUARE], { kind: "boundary", name_zh: "青秀区", name_en: "Qingxiu" }),
    feature("Polygon", SQUARE.map((ring) => ring.map(([x, y]) => [x, y + 2])), { name: "Old" }),
  ));
  assert.deepEqual(base.names.map(({ zh, en }) => [zh, en]), [["青秀区", "Qingxiu"], ["Old", "Old"]]);
  const { lon, lat } = geo.unproject(base.x + base.names[0].x, base.y + base.names[0].y);
  assert.ok(Math.abs(lon - 108.5) < 0.01 && Math.abs(lat - 22.5) < 0.02);
});

test("only what touches the window and can be seen is drawn", () => {
  const shape = (x0, x1) => ({ begin: 0, end: 4, x0, x1, y0: 0, y1: 0 });
  const shapes = [shape(0, 1), shape(0.9, 3), shape(5, 6), shape(1, 1.001)];
  assert.deepEqual(basemap.visible(shapes, { x0: 0.5, y0: -1, x1: 2, y1: 1 }, 0.01), [shapes[0], shapes[1]]);
});

test("an empty or strange file is an empty map", () => {
  assert.deepEqual(counts(basemap.parse({})), {});
  assert.equal(basemap.parse(null).names.length, 0);
});

test("projection and back", () => {
  const { x, y } = geo.project(22.8, 108.3), { lat, lon } = geo.unproject(x, y);
  assert.ok(Math.abs(lat - 22.8) < 1e-9 && Math.abs(lon - 108.3) < 1e-9);
  assert.ok(geo.project(60, 0).y < geo.project(0, 0).y, "north is up");
});

test("a picture covers a view as long as it lies inside", () => {
  const view = (x, w, over = {}) => ({ id: 1, x: x / 2 ** 18, y: 0, zoom: 10, w, h: 100, dpr: 1, ...over });
  assert.equal(geo.covers(view(100, 500), view(150, 400), 0), true);
  assert.equal(geo.covers(view(100, 500), view(250, 400), 0), false);
  assert.equal(geo.covers(view(100, 500), view(250, 400), 60), true);
  assert.equal(geo.covers(view(100, 500), view(150, 400, { zoom: 11 }), 0), false);
  assert.equal(geo.covers(null, view(0, 1), 0), false);
});
