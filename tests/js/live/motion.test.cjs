"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { frames, motion, Store } = require("./load.cjs")("frames", "motion", "store");
const { rows, dict } = require("./frame_bytes.cjs");

const CONFIG = { staleMs: 30000, offlineMs: 300000, tickMs: 1000, maxReckonMs: 5000 };
const T0 = 1_800_000_000_000;
const METRE = 1 / motion.EQUATOR_M; // at the equator, y = 0.5

function store(row) {
  const made = new Store({ ...CONFIG });
  made.apply(frames.decode(dict({ 0: { id: "u", callsign: "u", type: 1 } })), 0);
  made.apply(frames.decode(rows(frames.SNAPSHOT, [{ slot: 0, ...row }], { seq: 1 })), 0);
  return made;
}
const delta = (made, row, seq, t0, local) => made.apply(frames.decode(rows(frames.DELTA, [{ slot: 0, ...row }], { seq, t0 })), local);
/** metres east of the middle, `ms` after the first frame */
function east(made, ms) {
  motion.advance(made, T0 + ms, ms, CONFIG);
  return (made.sx[0] - 0.5) / METRE;
}

test("a unit is reckoned on along its course", () => {
  const made = store({ speed: 10, course: 90 });
  assert.ok(Math.abs(east(made, 1500) - 15) < 0.01);
  motion.advance(made, T0 + 1500, 1500, CONFIG);
  assert.ok(Math.abs(made.sy[0] - 0.5) / METRE < 0.01);
});

test("at most two intervals, and five seconds", () => {
  assert.equal(motion.reckonLimit(0, 1000, CONFIG), 2000);
  assert.equal(motion.reckonLimit(0, 60000, CONFIG), 5000);
  assert.equal(motion.reckonLimit(0, NaN, CONFIG), 2000, "one fix: two ticks");
  const made = store({ speed: 10, course: 90 });
  assert.ok(Math.abs(east(made, 60000) - 20) < 0.01);
});

test("a stale fix is never reckoned on", () => {
  assert.equal(motion.reckonLimit(30000, 60000, CONFIG), 0);
  const made = store({ speed: 10, course: 90, age: 40000 });
  assert.equal(east(made, 1000), 0);
});

test("without a course or a speed a unit rests", () => {
  for (const flags of [0, 2, 16]) assert.equal(east(store({ speed: 10, course: 90, flags }), 1000), 0);
});

test("a new fix is approached within one tick, without a jump", () => {
  const made = store({ speed: 0 });
  assert.equal(east(made, 1000), 0);
  delta(made, { x: 0.5 + 30 * METRE, speed: 0 }, 2, T0 + 1000, 1000);
  assert.ok(Math.abs(east(made, 1000)) < 0.01);
  assert.ok(Math.abs(east(made, 1500) - 15) < 0.01);
  assert.ok(Math.abs(east(made, 2000) - 30) < 0.01);
  assert.ok(Math.abs(east(made, 9000) - 30) < 0.01);
});

test("a leap of more than two kilometres is shown at once", () => {
  const made = store({ speed: 0 });
  east(made, 1000);
  delta(made, { x: 0.5 + 2500 * METRE, speed: 0 }, 2, T0 + 1000, 1000);
  assert.ok(Math.abs(east(made, 1000) - 2500) < 0.1);
});

test("a replay at sixty times eases in the viewer's time and reckons in the event's", () => {
  const made = store({ speed: 10, course: 90 });
  // one second of the viewer is a minute of the event: five seconds of it are reckoned at most
  motion.advance(made, T0 + 60000, 1000, CONFIG);
  assert.ok((made.sx[0] - 0.5) / METRE <= 50.01);
  assert.ok(Math.abs(motion.pace(made, 0, T0 + 100, 2, 60, CONFIG) / METRE - 0.6) < 1e-6, "600 m/s on the screen");
});

test("who rests has no pace", () => {
  const made = store({ speed: 10, course: 90 });
  assert.ok(motion.pace(made, 0, T0 + 100, 100, 1, CONFIG) > 0);
  assert.equal(motion.pace(made, 0, T0 + 9000, 9000, 1, CONFIG), 0);
});

test("the next picture is due when the fastest has moved half a pixel", () => {
  assert.equal(motion.nextFrameMs(0, 5), Infinity);
  assert.equal(motion.nextFrameMs(0.001, 5), 495);
  assert.equal(motion.nextFrameMs(10, 5), 45, "twenty a second at most");
  assert.equal(motion.nextFrameMs(10, 80), 80, "half of the time at most");
});

test("a metre is wider towards the poles", () => {
  const at60 = motion.metresPerFraction(0.5 - Math.asinh(Math.tan(Math.PI / 3)) / (2 * Math.PI));
  assert.ok(Math.abs(at60 / motion.EQUATOR_M - 0.5) < 1e-9);
});
