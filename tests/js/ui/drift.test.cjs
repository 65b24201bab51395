"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { drift } = load("drift");

for (const reach of [0, 1, 2, 8, 16]) {
  test(`the path of ${reach} px is bounded, goes everywhere, by single pixels, and returns without a seam`, () => {
    const side = 2 * reach + 1, round = Math.max(1, 2 * (side * side - 1));
    const seen = new Set();
    let before = drift.at(round - 1, reach);
    for (let k = 0; k < round; k++) {
      const [x, y] = drift.at(k, reach);
      assert.ok(Number.isInteger(x) && Number.isInteger(y) && Math.abs(x) <= reach && Math.abs(y) <= reach);
      assert.ok(Math.abs(x - before[0]) + Math.abs(y - before[1]) <= 1, `a jump at ${k}`);
      seen.add(`${x} ${y}`);
      before = [x, y];
    }
    assert.equal(seen.size, side * side);
    assert.deepEqual([...drift.at(round, reach)], [...drift.at(0, reach)]);
    // times are large numbers
    assert.deepEqual([...drift.at(round * 90_000_001 + 3, reach)], [...drift.at(3, reach)]);
  });
}

test("how far it goes: by the address, else by the settings, larger on larger walls, never absurd", () => {
  assert.equal(drift.reachOf(null, 8, 1), 8);
  assert.equal(drift.reachOf(null, 8, 2), 16);
  assert.equal(drift.reachOf("0", 8, 1), 0);
  assert.equal(drift.reachOf("4", 0, 1), 4);
  assert.equal(drift.reachOf("x", 8, 1), 0);
  assert.equal(drift.reachOf("-3", 8, 1), 0);
  assert.equal(drift.reachOf("9999", 8, 1), 80);
});
