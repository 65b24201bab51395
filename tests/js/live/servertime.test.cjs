"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { ServerTime } = require("./load.cjs")("servertime");

const T0 = 1_800_000_000_000;

test("the frame with the least delay tells the time, whatever the viewer's clock shows", () => {
  const time = new ServerTime();
  assert.ok(Number.isNaN(time.now(0)));
  for (const [at, delay] of [[0, 80], [1000, 5], [2000, 300], [3000, 40]]) time.sample(T0 + at, 777 + at + delay);
  assert.equal(time.now(777 + 5000), T0 + 5000 - 5);
});

test("old samples are forgotten, so that a slowly drifting clock is followed", () => {
  const time = new ServerTime();
  for (let k = 0; k < 200; k++) time.sample(T0 + k * 999, k * 1000); // the server's clock loses 1 ms a second
  assert.ok(Math.abs(time.now(199_000) - (T0 + 199 * 999)) <= 30);
});

test("a clock that was set back is believed after a few frames, one late frame is not", () => {
  const time = new ServerTime();
  time.sample(T0, 0);
  time.sample(T0 + 1000 - 8000, 1000);
  assert.equal(time.now(1000), T0 + 1000);
  time.sample(T0 + 2000, 2000);
  for (const at of [3000, 4000, 5000]) time.sample(T0 - 3_600_000 + at, at);
  assert.equal(time.now(5000), T0 - 3_600_000 + 5000);
});

test("a clock that was set forward is believed at once", () => {
  const time = new ServerTime();
  time.sample(T0, 0);
  time.sample(T0 + 3_600_000, 1000);
  assert.equal(time.now(1000), T0 + 3_600_000);
});

test("in a replay time runs at its speed", () => {
  const time = new ServerTime();
  time.setSpeed(60);
  for (const [at, delay] of [[0, 30], [1000, 10], [2000, 50]]) time.sample(T0 + 60 * at, at + delay);
  assert.equal(time.now(4010), T0 + 60 * 4000);
  time.setSpeed(1);
  assert.ok(Number.isNaN(time.now(0)));
});

test("a clock that has not begun is no sample", () => {
  const time = new ServerTime();
  time.sample(0, 100);
  time.sample(NaN, 100);
  assert.ok(Number.isNaN(time.offset));
});

test("a replay's clock that stands still stands still here too, and runs on when it does", () => {
  const time = new ServerTime();
  time.setSpeed(60);
  time.sample(T0, 0);
  time.sample(T0, 3);
  assert.equal(time.now(500), T0 + 30_000, "two stamps of one tick are no standstill");
  for (const at of [1000, 2000, 3000]) time.sample(T0, at);
  assert.equal(time.now(9000), T0);
  time.sample(T0 + 60_000, 10_000);
  assert.equal(time.now(10_500), T0 + 90_000);
});

test("after a reconnection the old estimate serves until the next sample, which begins anew", () => {
  const time = new ServerTime();
  time.sample(T0, 0);
  time.renew();
  assert.equal(time.now(1000), T0 + 1000);
  time.sample(T0 + 5_000_000, 2000); // the machine slept, its monotonic clock with it
  assert.equal(time.now(2000), T0 + 5_000_000);
});
