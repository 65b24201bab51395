"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { heat } = load("format", "heat");

test("a choice of the address survives, what is usual leaves no trace, other parts of the address stay", () => {
  for (const choice of [
    { on: true, window: "week", category: "" }, { on: true, window: "hour", category: "theft" },
    { on: true, window: "day", category: "road accident & more" }, { on: true, window: "days30", category: "" },
  ]) {
    const search = heat.kept("?lang=en&scale=2", choice);
    assert.deepEqual({ ...heat.asked(search) }, choice);
    assert.match(search, /^\?lang=en&scale=2/);
  }
  assert.equal(heat.kept("?heat=hour&heat_category=theft", { on: true, window: "week", category: "" }), "");
  assert.equal(heat.asked(heat.kept("", { on: false, window: "day", category: "" })).on, false);
});

test("an address that makes no sense is the usual", () => {
  assert.deepEqual({ ...heat.asked("?heat=decade") }, { on: true, window: "week", category: "" });
  assert.equal(heat.asked(`?heat_category=${"x".repeat(500)}`).category.length, 64);
});

test("a class names its counts", () => {
  assert.deepEqual([[1, 1], [2, 3], [1008, null]].map(heat.rangeText), ["1", "2–3", "1,008+"]);
});
