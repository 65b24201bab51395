"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { frames, Store } = require("./load.cjs")("frames", "motion", "store");
const { rows, dict, remove } = require("./frame_bytes.cjs");

const CONFIG = { staleMs: 30000, offlineMs: 300000, tickMs: 1000, maxReckonMs: 5000 };
const { SNAPSHOT, DELTA } = frames;
const entry = (id, over = {}) => ({ id, callsign: id.toUpperCase(), type: 1, ...over });

/** A store with units u0 … in slots 0 …, at seq 10 of epoch 7. */
function filled(n = 3) {
  const store = new Store({ ...CONFIG });
  const list = Array.from({ length: n }, (_, slot) => ({ slot, x: 0.5 + slot * 1e-6 }));
  take(store, dict(Object.fromEntries(list.map(({ slot }) => [slot, entry(`u${slot}`)])), { seq: 10 }));
  take(store, rows(SNAPSHOT, list, { seq: 10 }));
  return store;
}
const take = (store, bytes, local = 0) => store.apply(frames.decode(bytes), local);
const alive = (store) => [...store.alive.subarray(0, store.n)].join("");

test("dictionary and snapshot bring a viewer into step", () => {
  const store = filled();
  assert.equal(store.synced, true);
  assert.equal(alive(store), "111");
  assert.equal(store.byId.get("u2"), 2);
  assert.equal(store.byCallsign.get("U1"), 1);
});

test("the next delta applies, a repeated one does not, a gap asks for a resync", () => {
  const store = filled();
  assert.equal(take(store, rows(DELTA, [{ slot: 0, x: 0.6, status: 4 }], { seq: 11 })), "applied");
  assert.equal(store.status[0], 4);
  assert.equal(take(store, rows(DELTA, [{ slot: 0, x: 0.1 }], { seq: 11 })), "ignored");
  assert.ok(Math.abs(store.x[0] - 0.6) < 1e-9);
  assert.equal(take(store, rows(DELTA, [{ slot: 0, x: 0.1 }], { seq: 13 })), "gap");
  assert.equal(take(store, rows(DELTA, [{ slot: 0, x: 0.1 }], { seq: 14 })), "gap", "asked again until the answer comes");
  assert.ok(Math.abs(store.x[0] - 0.6) < 1e-9, "increments wait for dictionary and snapshot");
  assert.equal(store.resyncs, 1);
});

test("after a resync the snapshot's number counts", () => {
  const store = filled();
  take(store, rows(DELTA, [], { seq: 15 }));
  take(store, dict({ 0: entry("u0") }, { seq: 15 }));
  assert.equal(take(store, rows(DELTA, [], { seq: 16 })), "gap", "between dictionary and snapshot nothing applies");
  take(store, rows(SNAPSHOT, [{ slot: 0 }], { seq: 16 }));
  assert.equal(alive(store), "100");
  assert.equal(take(store, rows(DELTA, [{ slot: 1 }], { seq: 17 })), "applied");
});

test("numbers wrap round", () => {
  const store = new Store({ ...CONFIG });
  take(store, dict({}, { seq: 0xffffffff }));
  take(store, rows(SNAPSHOT, [], { seq: 0xffffffff }));
  assert.equal(take(store, rows(DELTA, [], { seq: 0 })), "applied");
});

test("another epoch is another server: nothing of it applies before its dictionary", () => {
  const store = filled();
  assert.equal(take(store, rows(DELTA, [], { seq: 11, epoch: 8 })), "gap");
  assert.equal(take(store, rows(SNAPSHOT, [{ slot: 0 }], { seq: 11, epoch: 8 })), "gap");
  take(store, dict({ 0: entry("other") }, { seq: 3, epoch: 8 }));
  take(store, rows(SNAPSHOT, [{ slot: 0 }], { seq: 3, epoch: 8 }));
  assert.equal(store.byId.get("other"), 0);
  assert.equal(store.byId.has("u0"), false);
});

test("a slot of another generation is another unit", () => {
  const store = filled();
  const slot = 0x01000000 | 1;
  take(store, remove([slot], { seq: 11 }));
  assert.equal(store.alive[1], 1, "a removal of another generation is not ours");
  take(store, dict({ [slot]: entry("new") }, { seq: 12, flags: 0 }));
  assert.equal(store.alive[1], 0);
  assert.equal(store.byId.has("u1"), false);
  take(store, rows(DELTA, [{ slot, x: 0.7 }], { seq: 13 }), 500);
  assert.ok(Math.abs(store.sx[1] - 0.7) < 1e-9, "a new unit does not glide from where the old one stood");
});

test("a removed unit that stays on the roster is known and has no place", () => {
  const store = filled();
  take(store, remove([2], { seq: 11 }));
  take(store, dict({ 2: entry("u2") }, { seq: 12, flags: 0 }));
  assert.equal(store.alive[2], 0);
  assert.equal(store.byId.get("u2"), 2);
  assert.equal(store.isLost(2, 1_800_000_000_000, CONFIG.offlineMs), true);
});

test("a unit may change its name", () => {
  const store = filled();
  take(store, dict({ 1: entry("u1", { callsign: "铁骑 9" }) }, { seq: 11, flags: 0 }));
  assert.equal(store.byCallsign.get("铁骑 9"), 1);
  assert.equal(store.byCallsign.has("U1"), false);
});

test("age makes a unit lost", () => {
  const store = filled(1);
  assert.equal(store.isLost(0, 1_800_000_000_000 + 299_000, 300_000), false);
  assert.equal(store.isLost(0, 1_800_000_000_000 + 301_000, 300_000), true);
});

test("an age beyond what the wire can say is lost under every limit, and harms nothing", () => {
  const store = filled(1), { motion } = globalThis.wallboard, server = 1_800_000_000_000;
  store.config.offlineMs = 3_600_000;
  take(store, rows(DELTA, [{ slot: 0, age: 1e9, speed: 20, x: 0.5001 }], { seq: 11 }));
  assert.equal(store.isLost(0, server, store.config.offlineMs), true);
  motion.advance(store, server, 5000, store.config);
  assert.ok(Math.abs(store.sx[0] - 0.5001) < 1e-9);
  assert.equal(motion.pace(store, 0, server, 5000, 1, store.config), 0);
  take(store, rows(DELTA, [{ slot: 0, x: 0.5001 }], { seq: 12 }), 6000);
  assert.equal(store.isLost(0, server, store.config.offlineMs), false);
  assert.ok(Number.isNaN(store.interval[0]));
});

test("columns grow with the slots", () => {
  const store = filled();
  take(store, rows(DELTA, [{ slot: 70000, x: 0.25 }], { seq: 11 }));
  assert.ok(store.capacity > 70000);
  assert.equal(store.x[70000], 0.25);
  assert.ok(Math.abs(store.x[1] - 0.500001) < 1e-9);
});
