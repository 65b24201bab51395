"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { hit } = require("./load.cjs")("hit");

const store = {
  n: 4, alive: Uint8Array.of(1, 1, 0, 1), sx: Float64Array.of(0.5, 0.6, 0.61, 0.62), sy: Float64Array.of(0.5, 0.5, 0.5, 0.5),
};
const all = () => true;

test("the nearest unit within the radius", () => {
  assert.equal(hit.nearestUnit(store, 0.505, 0.5, 0.02, all), 0);
  assert.equal(hit.nearestUnit(store, 0.618, 0.5, 0.05, all), 3, "a slot without a place is not hit");
  assert.equal(hit.nearestUnit(store, 0.55, 0.5, 0.02, all), -1);
  assert.equal(hit.nearestUnit(store, 0.5, 0.519, 0.02, all), 0);
  assert.equal(hit.nearestUnit(store, 0.514, 0.515, 0.02, all), -1, "a circle, not a square");
});

test("what a layer switch hides is not hit", () => {
  assert.equal(hit.nearestUnit(store, 0.618, 0.5, 0.05, (i) => i !== 3), 1);
});

test("the nearest mark", () => {
  const marks = [{ id: "a", x: 0.1, y: 0.1 }, { id: "b", x: 0.11, y: 0.1 }];
  assert.equal(hit.nearestMark(marks, 0.108, 0.1, 0.02).id, "b");
  assert.equal(hit.nearestMark(marks, 0.5, 0.1, 0.02), null);
});

test("search ignores case, prefers what begins with the text, then callsign order", () => {
  const entries = [["u1", "P-0417"], ["u2", "p-04"], ["u3", "X-P-04"], ["p-049", "Z-1"], null, ["u5", "铁骑04"], ["u6", "P-0402"]]
    .map((e) => e && { id: e[0], callsign: e[1], type: 1 });
  assert.deepEqual(hit.search(entries, " P-04 ", 10), [1, 6, 0, 3, 2]);
  assert.deepEqual(hit.search(entries, "铁骑", 10), [5]);
  assert.deepEqual(hit.search(entries, "P-04", 2), [1, 6]);
  assert.deepEqual(hit.search(entries, "  ", 10), []);
  assert.deepEqual(hit.search(entries, "<b>", 10), []);
});

test("a unit without a callsign is found by its id", () => {
  assert.deepEqual(hit.search([{ id: "car-7", callsign: "", type: 1 }], "CAR", 5), [0]);
});
