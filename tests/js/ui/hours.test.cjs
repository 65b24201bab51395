"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { hours, figures } = load("figures", "hours");
const day = (/** @type {number[]} */ clock) => clock.map((hour) => /** @type {[number, number]} */ ([hour, hour + 1]));
const CLOCK = Array.from({ length: 24 }, (_, hour) => hour);

test("a usual day is its own", () => {
  const { values, twice } = hours.byClock(day(CLOCK));
  assert.deepEqual([...values], CLOCK.map((hour) => hour + 1));
  assert.equal(twice, null);
});

test("an hour that the clocks skip is a gap, one that comes twice is the mean", () => {
  assert.equal(hours.byClock(day(CLOCK.filter((hour) => hour !== 2))).values[2], null);
  const { values, twice } = hours.byClock([[0, 4], [1, 10], [1, 20], ...day(CLOCK.slice(2))]);
  assert.deepEqual([values[0], values[1], values[2], twice], [4, 15, 3, 1]);
});

test("what is not known is a gap in the line", () => {
  const { values } = hours.byClock([[0, null], [1, 3], [2, null], [3, 5], [4, 6]]);
  assert.equal(hours.path(values, (h) => h, (n) => n), "M1.5 3.0M3.5 5.0L4.5 6.0");
});

test("the scale ends on a round number above all", () => {
  assert.deepEqual([0, 4, 7, 11, 68, 100, 101].map(hours.top), [5, 5, 8, 20, 80, 100, 200]);
});

test("the band has as many pieces as there are gaps, and an hour alone is none", () => {
  const low = [1, 2, null, 3, null, 4, 5], high = [2, 4, null, 5, null, 6, 7];
  assert.equal(hours.area(low, high, (h) => h, (n) => n), "M0.5 2.0L1.5 4.0L1.5 2.0L0.5 1.0ZM5.5 6.0L6.5 7.0L6.5 5.0L5.5 4.0Z");
});

test("a day that begins at eight ends at eight", () => {
  assert.deepEqual([0, 3, 16, 24].map((hour) => hours.clock(hour, 480)), ["08:00", "11:00", "00:00", "08:00"]);
  assert.deepEqual([0, 24].map((hour) => hours.clock(hour, 0)), ["00:00", "24:00"]);
  assert.equal(hours.minuteOf("07:59:59", 480), 1439);
  assert.equal(hours.minuteOf("18:41:07", 0), 18 * 60 + 41);
});

test("percentages have a sign", () => {
  assert.deepEqual([1.25, -1.74, 0].map(figures.signed), ["+1.3%", "−1.7%", "0.0%"]);
});
