"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { frames, Store, Scene, overlay, devices, worn } = require("./load.cjs")(
  "geo", "frames", "motion", "store", "raster", "icons", "sprites", "labels", "findings", "overlay", "tags", "hit", "devices", "worn", "scene");
const { rows, dict } = require("./frame_bytes.cjs");

const CONFIG = { staleMs: 30000, offlineMs: 300000, tickMs: 1000, maxReckonMs: 5000 };
const NOW = 1_800_000_000_000, SPAN = 256, K = 2;

/** A scene of one unit at the middle of 200 × 200 pixels that wears cameras.
 * @param {object} row @param {object[]} cameras @param {string[]} [drones] */
function scene(row, cameras, drones = []) {
  const store = new Store({ ...CONFIG }), marks = new overlay.Overlay(), known = new devices.Devices();
  /** @type {[string, number, number][]} */
  const drawn = [];
  store.apply(frames.decode(dict({ 0: { id: "u0", callsign: "U0", type: 1 } }, { seq: 1 })), 0);
  store.apply(frames.decode(rows(frames.SNAPSHOT, [{ slot: 0, x: 0.5, y: 0.5, ...row }], { seq: 1 })), 0);
  marks.setDrones({ drones: drones.map((id) => ({ id, lat: 0, lon: 0 })) }, 0);
  known.set({ devices: cameras.map((c, n) => ({ id: `c${n}`, kind: "BODY_CAMERA", state: "ONLINE", name: "", lat: null, lon: null, unit_id: "u0", ...c })) });
  const made = new Scene(store, marks, { mark: (/** @type {string} */ name) => name }, CONFIG);
  const signs = (made.worn = new worn.Worn(known));
  made.server = NOW;
  made.surface = { width: 200, height: 200, blit: (/** @type {string} */ name, /** @type {number} */ x, /** @type {number} */ y) => drawn.push([name, x, y]) };
  const draw = (near = true) => {
    drawn.length = 0;
    made.sort(SPAN, 28, 28, NOW, 0, 1, 1);
    signs.draw(made, near, SPAN, 28, 28, K);
    return drawn;
  };
  return { made, store, signs, draw };
}

test("a worn camera stands beside its unit, beyond the badge, and moves with it", () => {
  const { store, draw } = scene({}, [{}]);
  const [[name, x, y]] = draw();
  assert.equal(name, "worn BODY_CAMERA ONLINE");
  assert.ok(x > 100 && y > 100);
  assert.ok(Math.abs(Math.hypot(x - 100, y - 100) - 15.5 * K) < 1e-9);
  store.sx[0] += 10 / SPAN;
  assert.ok(Math.abs(draw()[0][1] - x - 10) < 1e-9);
});

test("a sign is drawn where its unit is: near by, in sight, and while both layers are on", () => {
  const { made, store, draw, signs } = scene({}, [{}]);
  assert.deepEqual(draw(false), []);
  assert.deepEqual(signs.signs, []);
  for (const layer of ["devices", "units"]) {
    made.layers[layer] = false;
    assert.deepEqual(draw(), []);
    made.layers[layer] = true;
  }
  store.sx[0] += 200 / SPAN;
  assert.deepEqual(draw(), []);
  store.sx[0] -= 200 / SPAN;
  store.alive[0] = 0;
  assert.deepEqual(draw(), []);
});

test("the camera of a lost unit looks lost, whatever it said", () => {
  for (const [age, look] of [[299_000, "FAULT"], [301_000, "LOST"]]) {
    assert.equal(scene({ age }, [{ kind: "PLATFORM_CAMERA", state: "FAULT" }]).draw()[0][0], `worn PLATFORM_CAMERA ${look}`);
  }
});

test("signs keep off their unit's arrow, and several have each their seat", () => {
  for (let heading = 0; heading < 64; heading++) {
    const free = worn.seats(heading);
    assert.ok(free.length >= 3);
    for (const seat of free) assert.ok(Math.min(Math.abs(seat - heading), 64 - Math.abs(seat - heading)) >= 7);
  }
  const { draw } = scene({ flags: frames.HEADING, heading: 135 }, [{}, {}, {}, {}, {}]);
  const places = draw().map(([, x, y]) => `${Math.sign(Math.round(x - 100))} ${Math.sign(Math.round(y - 100))}`);
  assert.deepEqual(places, ["-1 1", "1 -1", "-1 -1", "-1 -1", "-1 -1"]);
});

test("beside a call for help the red ring stays whole", () => {
  const [[, x, y]] = scene({ flags: frames.SOS }, [{}]).draw();
  assert.ok(Math.hypot(x - 100, y - 100) > 19 * K);
});

test("a drone shown from its telemetry has its camera beside it", () => {
  const { store, signs, draw } = scene({}, [{ unit_id: "d1" }], ["d1"]);
  store.alive[0] = 0;
  draw();
  assert.deepEqual(signs.signs.map((/** @type {any} */ s) => [s.device.id, s.mark?.id]), [["c0", "d1"]]);
});

test("the sign under the pointer is found, unless something else is nearer", () => {
  const { store, signs, draw } = scene({}, [{}]), px = 1 / SPAN;
  draw();
  const { dx, dy } = signs.signs[0], x = 0.5 + dx * px, y = 0.5 + dy * px;
  assert.equal(signs.nearest(store, x + 3 * px, y, px, Infinity).id, "c0");
  assert.equal(signs.nearest(store, x + 3 * px, y, px, 2 * px), null);
  assert.equal(signs.nearest(store, 0.5, 0.5, px, Infinity), null);
});
