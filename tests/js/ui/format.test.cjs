"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { format } = load("format");

test("durations read as m:ss, then h:mm:ss, then days", () => {
  const said = [0, 9.9, 65, 3599, 3600, 7384, 172799, 172800, 273600].map(format.clockwise);
  assert.deepEqual([...said], ["0:00", "0:09", "1:05", "59:59", "1:00:00", "2:03:04", "47:59:59", "2 d 0 h", "3 d 4 h"]);
});

test("a countdown rounds time left up and overdue down, with a plus", () => {
  assert.equal(format.countdown(46.2), "0:47");
  assert.equal(format.countdown(0.01), "0:01");
  assert.equal(format.countdown(0), "0:00");
  assert.equal(format.countdown(-0.5), "+0:00");
  assert.equal(format.countdown(-65.9), "+1:05");
});

test("ages count seconds up to a minute and a half and are never negative", () => {
  assert.deepEqual([-3, 0.9, 41, 89.9, 90, 3700].map(format.age).join("|"), "0 s|0 s|41 s|89 s|1:30|1:01:40");
});

test("counts separate thousands; shares stay between 0 and 1", () => {
  assert.equal(format.count(1234567), "1,234,567");
  assert.equal(format.count(999), "999");
  assert.equal(format.share(5, 0), 0);
  assert.equal(format.share(7, 5), 1);
  assert.equal(format.share(1, 4), 0.25);
});

test("the wall's time is the city's, with the weekday in the viewer's language", () => {
  const ms = Date.UTC(2026, 10, 21, 10, 41, 7);
  assert.deepEqual({ ...format.wallTime(ms, "Asia/Shanghai", "zh") }, { date: "2026-11-21 周六", time: "18:41:07" });
  assert.deepEqual({ ...format.wallTime(ms, "America/Chicago", "en") }, { date: "2026-11-21 Sat", time: "04:41:07" });
  const midnight = Date.UTC(2026, 10, 21, 16, 0, 0);
  assert.deepEqual({ ...format.wallTime(midnight, "Asia/Shanghai", "zh") }, { date: "2026-11-22 周日", time: "00:00:00" });
});

test("compass words wrap around north", () => {
  assert.deepEqual([0, 44, 180, 359, -90, 720].map((d) => format.compass(d, "en")).join(" "), "N NE S N W N");
  assert.equal(format.compass(225, "zh"), "西南");
});

test("the scale bar is the longest round length that fits", () => {
  assert.deepEqual({ ...format.scaleBar(20, 108) }, { metres: 2000, px: 100, text: "2 km" });
  assert.equal(format.scaleBar(0.6, 108).text, "50 m");
  assert.equal(format.scaleBar(10, 100).text, "1 km");
  assert.equal(format.scaleBar(0, 100).text, "");
  assert.equal(format.scaleBar(Number.NaN, 100).text, "");
});
