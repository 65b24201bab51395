"use strict";
const { test, afterEach } = require("node:test");
const assert = require("node:assert/strict");
const { datum, geo, frames, Store, overlay } = require("./load.cjs")("frames", "motion", "store", "findings", "overlay");
const { rows, dict } = require("./frame_bytes.cjs");
const vectors = require("./datum_vectors.json");

const SHIFTED = ["GCJ02", "BD09"];
const MM = 0.001;
afterEach(() => datum.set("WGS84"));

function metres([lat1, lon1], [lat2, lon2]) {
  const k = Math.PI / 180, dy = (lat2 - lat1) * k, dx = (lon2 - lon1) * k * Math.cos(lat1 * k);
  return Math.hypot(dx, dy) * 6371008.8;
}

for (const name of ["CGCS2000", ...SHIFTED]) {
  test(`${name}: the same as the server's to a millimetre, there and back`, () => {
    datum.set(name);
    for (const vector of vectors) {
      const there = datum.latLng(...vector.wgs84);
      assert.ok(metres(there, vector[name]) < MM, `${vector.wgs84} → ${there}, not ${vector[name]}`);
      const { lat, lon } = datum.fromLatLng(...vector[name]);
      assert.ok(metres([lat, lon], vector.wgs84) < MM, `${vector[name]} → ${lat}, ${lon}`);
    }
  });
}

for (const name of SHIFTED) {
  test(`${name}: a grid over China comes back to a millimetre, in degrees and in fractions`, () => {
    datum.set(name);
    for (let lat = 18.3; lat < 53; lat += 1.37) for (let lon = 73.7; lon < 135; lon += 1.91) {
      const there = datum.place(lat, lon), back = datum.degrees(there.x, there.y);
      assert.ok(metres([back.lat, back.lon], [lat, lon]) < MM);
      assert.ok(metres(datum.latLng(lat, lon), [lat, lon]) > 20);
      const p = geo.project(lat, lon), q = datum.fromMap(...Object.values(datum.toMap(p.x, p.y)));
      assert.ok(Math.hypot(p.x - q.x, p.y - q.y) * 4e7 < MM);
    }
  });
}

test("outside China GCJ-02 is WGS-84", () => {
  datum.set("GCJ02");
  assert.deepEqual(datum.latLng(60.17, 24.94), [60.17, 24.94]);
});

test("an unknown datum is refused by its name", () => {
  assert.throws(() => datum.set("ED50"), /ED50/);
});

test("units, incidents, drones and footprints are placed in the map's datum, each by its own shift", () => {
  datum.set("GCJ02");
  const lat = 39.90872, lon = 116.39748, at = geo.project(lat, lon), want = geo.project(...vectors[0].GCJ02);
  const store = new Store({ staleMs: 30000, offlineMs: 300000, tickMs: 1000, maxReckonMs: 5000 });
  store.apply(frames.decode(dict({ 0: { id: "u0", callsign: "U0", type: 1 } }, { seq: 1 })), 0);
  store.apply(frames.decode(rows(frames.SNAPSHOT, [{ slot: 0, x: at.x, y: at.y }], { seq: 1 })), 0);
  const near = (p, tolerance) => assert.ok(Math.hypot(p.x - want.x, p.y - want.y) * 4e7 < tolerance, JSON.stringify(p));
  near({ x: store.x[0], y: store.y[0] }, 0.02); // the wire is fine to a centimetre
  near({ x: store.sx[0], y: store.sy[0] }, 0.02);
  const marks = new overlay.Overlay();
  marks.setIncidents({ incidents: [{ id: "A", lat, lon, severity: "HIGH" }] });
  marks.setDrones({ drones: [{ id: "D", lat, lon, footprint: [[lat, lon], [lat, lon + 0.01], [lat + 0.01, lon]] }] }, 0);
  near(marks.incidents[0], MM);
  const drone = marks.drones.get("D");
  near(drone, MM);
  const [same, east] = drone.footprint, corner = datum.place(lat, lon + 0.01);
  near({ x: drone.x + same.x, y: drone.y + same.y }, MM);
  assert.ok(Math.abs(drone.x + east.x - corner.x) * 4e7 < MM);
});
