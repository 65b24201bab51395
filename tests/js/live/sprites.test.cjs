"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { sprites, Pacer, fonts, overlay, motion } = require("./load.cjs")("geo", "motion", "raster", "sprites", "pacer", "fonts", "findings", "overlay");

test("directions fall into the nearest of 64 headings", () => {
  const degrees = (d) => Math.round((d / 360) * 65536) & 0xffff;
  assert.equal(sprites.bucket(0), 0);
  assert.equal(sprites.bucket(degrees(90)), 16);
  assert.equal(sprites.bucket(degrees(359)), 0);
  assert.equal(sprites.bucket(degrees(2.7)), 0);
  assert.equal(sprites.bucket(degrees(2.9)), 1);
});

test("age fades from stale to lost", () => {
  const level = (s) => sprites.fadeLevel(s * 1000, 30000, 300000);
  assert.equal(level(29), 0);
  assert.equal(level(31), 1);
  assert.equal(level(290), sprites.FADES - 1);
  assert.equal(level(9999), sprites.FADES - 1);
  for (let s = 0; s < 400; s++) assert.ok(level(s + 1) >= level(s));
  assert.equal(sprites.fadeLevel(NaN, 30000, 300000), 0);
});

test("the pacer paints at once, then as motion asks, and leaves half of the time free", () => {
  let now = 0, cost = 10, next = Infinity, painted = [];
  const timers = [];
  const pacer = new Pacer({
    now: () => now, paint: () => { painted.push(now); now += cost; return { cost, next }; },
    setTimer: (fn, ms) => timers.push({ fn, at: now + ms, dead: false }) - 1, clearTimer: (t) => { if (timers[t]) timers[t].dead = true; },
  });
  const pass = (until) => {
    for (;;) {
      const due = timers.filter((t) => !t.dead && t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) { now = Math.max(now, until); return; }
      due.dead = true;
      now = Math.max(now, due.at);
      due.fn();
    }
  };
  pacer.wake();
  pacer.wake();
  pass(1000);
  assert.deepEqual(painted, [0], "two changes, one picture; then rest");
  painted = [];
  next = 1;
  cost = 100;
  pacer.wake();
  pass(3000);
  const busy = painted.length * cost;
  assert.ok(busy <= 1100 && busy >= 800, `${busy} ms of 2000`);
  painted = [];
  next = Infinity;
  pass(4000);
  painted = [];
  cost = 1;
  pacer.wake();
  for (let k = 0; k < 100; k++) { pass(4000 + k * 10); pacer.wake(); }
  assert.ok(painted.length <= 21, "twenty a second at most");
});

test("a view that changed is painted without waiting", () => {
  let now = 0;
  const waits = [];
  const pacer = new Pacer({ now: () => now, paint: () => ({ cost: 40, next: 1000 }), setTimer: (fn, ms) => waits.push({ fn, ms }), clearTimer: () => {} });
  pacer.wake();
  waits[0].fn();
  pacer.rush();
  assert.equal(waits.at(-1).ms, 0);
});

test("a picture that fails is told once, tried again after a second, and its recovery is told", () => {
  let now = 0, broken = true;
  const waits = [], told = [];
  const pacer = new Pacer({
    now: () => now, paint: () => { if (broken) throw new Error("odd row"); return { cost: 1, next: Infinity }; },
    setTimer: (fn, ms) => waits.push({ fn, ms }), clearTimer: () => {}, problem: (detail) => told.push(detail),
  });
  pacer.wake();
  waits[0].fn();
  assert.equal(waits[1].ms, 1000);
  waits[1].fn();
  assert.deepEqual(told, ["Error: odd row"]);
  broken = false;
  waits[2].fn();
  assert.deepEqual(told, ["Error: odd row", null]);
  assert.equal(pacer.rasters, 1);
});

test("character ranges as in CSS", () => {
  assert.deepEqual(fonts.parseRange("U+4E00-4E10, U+FF0C,U+26??"), [[0x4e00, 0x4e10], [0xff0c, 0xff0c], [0x2600, 0x26ff]]);
});

test("incidents without a place are not on the map, the worst are on top, arrived ones below their equals", () => {
  const marks = new overlay.Overlay();
  marks.setIncidents({ incidents: [
    { id: "c", severity: "CRITICAL", lat: 1, lon: 1 }, { id: "n", severity: "HIGH", lat: null, lon: null },
    { id: "a", severity: "HIGH", lat: 1, lon: 1, on_scene: 5 }, { id: "h", severity: "HIGH", lat: 1, lon: 1 }, { id: "x", severity: "NEW WORD", lat: 1, lon: 1 },
  ] });
  assert.deepEqual(marks.incidents.map((m) => m.id), ["x", "a", "h", "c"]);
  assert.notEqual(marks.incidents[1].look, marks.incidents[2].look);
});

test("drones glide to their new place, and leap when it is far", () => {
  const marks = new overlay.Overlay(), at = (lat, lon) => ({ drones: [{ id: "d", lat, lon, footprint: [[lat, lon], [lat, lon + 0.001], [lat + 0.001, lon]] }] });
  marks.setDrones(at(0, 0), 0);
  const start = marks.drones.get("d").x;
  marks.setDrones(at(0, 0.0001), 1000);
  assert.ok(marks.advance(1000, 1000) > 0);
  assert.equal(marks.drones.get("d").x, start);
  marks.advance(1500, 1000);
  assert.ok(Math.abs((marks.drones.get("d").x - start) * motion.EQUATOR_M - 5.57) < 0.1);
  assert.equal(marks.advance(2500, 1000), 0);
  marks.setDrones(at(0, 1), 3000);
  assert.ok(marks.drones.get("d").x > start + 0.002);
  marks.setDrones({ drones: [] }, 4000);
  assert.equal(marks.drones.size, 0);
});

/** A context that notes what is called on it. */
function recorder() {
  const calls = [];
  const context = new Proxy({}, {
    get: (own, name) => own[name] ?? ((...args) => { calls.push([name, ...args]); }),
    set: (own, name, value) => { own[name] = value; return true; },
  });
  return { context, calls };
}
function drawn(severity, over = {}) {
  const { context, calls } = recorder();
  const sprites = { mark: (_, __, draw) => draw(context) };
  overlay.spriteOf(sprites, { kind: "incident", look: "", data: { severity, ...over } });
  return calls;
}

test("every severity has a shape of its own, arrived or not", () => {
  for (const over of [{}, { on_scene: 5 }]) {
    const shapes = overlay.SEVERITIES.map((severity) => JSON.stringify(drawn(severity, over)
      .map(([name, ...args]) => [name, name === "lineTo" ? 0 : args])));
    assert.equal(new Set(shapes).size, overlay.SEVERITIES.length);
  }
  const corners = (severity) => drawn(severity).filter(([name]) => name === "lineTo").length;
  assert.deepEqual(["MEDIUM", "HIGH", "CRITICAL"].map(corners), [4, 3, 16]);
});

test("an exercise has a broken ring at every severity", () => {
  const broken = (calls) => calls.some(([name, dash]) => name === "setLineDash" && dash.length > 0);
  for (const severity of overlay.SEVERITIES) {
    assert.equal(broken(drawn(severity, { exercise: true })), true, severity);
    assert.equal(broken(drawn(severity)), false, severity);
  }
});

test("sprites are kept, but not without bound", () => {
  const made = new sprites.Sprites(() => { throw new Error("no canvas is needed"); });
  let draws = 0;
  const runs = 400_000;
  made.draw = () => { draws++; return { dx: { length: runs } }; };
  made.scale = 1;
  for (let k = 0; k < 5; k++) made.mark(`m${k}`, 10, () => {});
  made.mark("m0", 10, () => {});
  assert.equal(draws, 5, "kept while there is room");
  for (let k = 5; k < 100; k++) {
    made.mark(`m${k}`, 10, () => {});
    assert.ok(made.bytes <= sprites.MOST_BYTES);
    assert.equal(made.bytes, made.marks.size * runs * 16);
  }
});

test("a picture makes few new sprites: other units stand without their arrow until the next", () => {
  const kept = new sprites.Sprites(() => { throw new Error("no canvas is needed"); });
  const drawn = [];
  kept.draw = () => { drawn.push(1); return { dx: new Int32Array(1) }; };
  kept.begin();
  const first = Array.from({ length: 64 }, (_, heading) => kept.unit(sprites.NEAR, 1, 1, heading, 0));
  assert.ok(kept.owing);
  assert.ok(drawn.length < 40);
  assert.equal(first[63], kept.unit(sprites.NEAR, 1, 1, sprites.UNDIRECTED, 0));
  for (let pictures = 0; pictures < 4 && kept.owing; pictures++) {
    kept.begin();
    for (let heading = 0; heading < 64; heading++) kept.unit(sprites.NEAR, 1, 1, heading, 0);
  }
  assert.ok(!kept.owing);
  assert.equal(new Set(Array.from({ length: 65 }, (_, heading) => kept.unit(sprites.NEAR, 1, 1, heading, 0))).size, 65);
});
