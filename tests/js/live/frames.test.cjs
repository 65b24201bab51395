"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { frames } = require("./load.cjs")("frames");
const { rows, dict, remove, header } = require("./frame_bytes.cjs");

test("a snapshot's rows are read where they lie", () => {
  const frame = frames.decode(rows(frames.SNAPSHOT, [{ slot: 5 }, { slot: 0x02000006, x: 0.25, status: 3, age: 1230, speed: 12, course: 90 }], { epoch: 9, seq: 4, flags: 2 }));
  assert.equal(frame.type, frames.SNAPSHOT);
  assert.deepEqual([frame.epoch, frame.seq, frame.replay, frame.full, frame.t0], [9, 4, true, false, 1_800_000_000_000]);
  const { u32, u16, u8, s32, s16, s8, n } = frame.rows;
  assert.equal(n, 2);
  assert.equal(u32[s32] >>> 24, 2);
  assert.equal(u32[s32 + 1], 2 ** 30);
  assert.equal(u16[s16 + 6], 123);
  assert.equal(u16[s16 + 7] * 0.02, 12);
  assert.equal(u16[s16 + 8], 16384);
  assert.equal(u8[s8 + 22], 3);
});

test("longer rows of a later server are read by their front", () => {
  const frame = frames.decode(rows(frames.DELTA, [{ slot: 1 }, { slot: 2 }], { stride: 28 }));
  assert.equal(frame.rows.u32[frame.rows.s32], 2);
});

test("an empty delta is a heartbeat", () => {
  assert.equal(frames.decode(rows(frames.DELTA, [])).rows.n, 0);
});

test("a dictionary in any alphabet, and removals", () => {
  const frame = frames.decode(dict({ 5: { id: "u5", callsign: "铁骑 5", type: 2 } }));
  assert.equal(frame.dict[5].callsign, "铁骑 5");
  assert.equal(frame.full, true);
  assert.deepEqual([...frames.decode(remove([1, 0x01000002])).slots], [1, 0x01000002]);
});

test("what is no frame says why", () => {
  assert.throws(() => frames.decode(new ArrayBuffer(8)), /no header/);
  assert.throws(() => frames.decode(header(new ArrayBuffer(0), { type: 2, stride: 24, count: 0, magic: 1 })), /magic/);
  assert.throws(() => frames.decode(header(new ArrayBuffer(24), { type: 2, stride: 24, count: 2 })), /promises 48 bytes and holds 24/);
  assert.throws(() => frames.decode(header(new ArrayBuffer(8), { type: 2, stride: 8, count: 1 })), /rows of 8/);
  assert.throws(() => frames.decode(header(new ArrayBuffer(0), { type: 9, stride: 4, count: 0 })), /unknown frame type 9/);
});
