"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { figures, format } = load("format", "figures");
const change = (/** @type {number|null} */ percent, /** @type {string} */ verdict) => ({ percent, z: 0, verdict });

test("an arrow stands only for more than chance, a dash for everything else", () => {
  assert.equal(figures.arrow(change(84.8, "up")), "↑ +84.8%");
  assert.equal(figures.arrow(change(null, "up")), "↑");
  assert.equal(figures.arrow(change(-20, "down")), "↓ −20.0%");
  assert.equal(figures.arrow(change(40, "noise")), "–");
  assert.equal(figures.arrow(change(null, "few")), "–");
  assert.equal(figures.arrow(null), "");
});

test("a small mean keeps a decimal", () => {
  assert.deepEqual([0, 3, 2.5, 9.94, 12.4, 1234.5].map(figures.mean), ["0", "3", "2.5", "9.9", "12", "1,235"]);
});

test("without history yesterday alone is there to compare with, as far as memory reaches", () => {
  const memory = { against: null, yesterday: 40, change: change(5, "noise"), uneven: false };
  const [row, ...more] = figures.comparisons(memory);
  assert.deepEqual([row.id, row.count, row.change.percent, more.length], ["yesterday", 40, 5, 0]);
  assert.equal(figures.comparisons({ ...memory, yesterday: null }).length, 0);
  const [uneven] = figures.comparisons({ ...memory, change: null, uneven: true });
  assert.deepEqual([uneven.count, uneven.change, uneven.why], [40, null, "uneven"]);
  const told = [{ id: "year" }];
  assert.equal(figures.comparisons({ ...memory, against: told }), told);
});

test("how much is missing is told in its two largest units", () => {
  assert.deepEqual([0, 45, 60, 150, 1440, 1700].map(format.span), ["0 min", "45 min", "1 h", "2 h 30 min", "1 d", "1 d 4 h"]);
});
