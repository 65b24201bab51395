"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { ServerTime } = require("./load.cjs")("servertime");

const T0 = 1_800_000_000_000;
const REPLAY = { replay: true, beat: true };

test("the frame with the least delay tells the time, whatever the viewer's clock shows", () => {
  const time = new ServerTime();
  assert.ok(Number.isNaN(time.now(0)));
  for (const [at, delay] of [[0, 80], [1000, 5], [2000, 300], [3000, 40]]) time.sample(T0 + at, 777 + at + delay);
  assert.equal(time.now(777 + 5000), T0 + 5000 - 5);
});

test("old samples are forgotten, so that a slowly drifting clock is followed", () => {
  const time = new ServerTime();
  for (let k = 0; k < 200; k++) time.sample(T0 + k * 999.9, k * 1000); // the server's clock loses 0.1 ms a second
  assert.ok(Math.abs(time.now(199_000) - (T0 + 199 * 999.9)) <= 3);
});

test("a replay's clock that was set back is believed after a few frames, one late frame is not", () => {
  const time = new ServerTime();
  time.sample(T0, 0, REPLAY);
  time.sample(T0 + 1000 - 8000, 1000, REPLAY);
  assert.equal(time.now(1000), T0 + 1000);
  time.sample(T0 + 2000, 2000, REPLAY);
  for (const at of [3000, 4000, 5000]) time.sample(T0 - 3_600_000 + at, at, REPLAY);
  assert.equal(time.now(5000), T0 - 3_600_000 + 5000);
});

test("a delay that lasts is not taken for a slower clock", () => {
  const time = new ServerTime();
  for (let k = 0; k < 30; k++) time.sample(T0 + k * 1000, k * 1000);
  const said = [];
  for (let k = 30; k < 200; k++) said.push(time.sample(T0 + k * 1000 - 2500, k * 1000));
  assert.ok(T0 + 200_000 - time.now(200_000) < 0.0002 * 200_000);
  assert.ok(said.every((word) => word === ""), "two and a half seconds are borne");
});

test("frames that stay too late ask for another connection, after which the estimate begins anew", () => {
  const time = new ServerTime();
  for (let k = 0; k < 10; k++) time.sample(T0 + k * 1000, k * 1000);
  const said = [10, 11, 12, 13, 14].map((k) => time.sample(T0 + k * 1000 - 60_000, k * 1000));
  assert.deepEqual(said, ["", "", "", "", "late"]);
  assert.ok(T0 + 14_000 - time.now(14_000) < 10, "until then the old estimate serves");
  time.renew();
  assert.equal(time.sample(T0 + 15_000 - 60_000, 15_000), "", "a server's clock that was set back");
  assert.equal(time.now(15_000), T0 + 15_000 - 60_000);
});

test("a backlog that comes at once after a silence asks for nothing", () => {
  const time = new ServerTime();
  time.sample(T0, 0);
  for (let k = 1; k <= 12; k++) assert.equal(time.sample(T0 + k * 1000, 12_000 + k), "");
  assert.ok(T0 + 12_000 - time.now(12_000) < 10);
});

test("a clock that was set forward is believed at once", () => {
  const time = new ServerTime();
  time.sample(T0, 0);
  time.sample(T0 + 3_600_000, 1000);
  assert.equal(time.now(1000), T0 + 3_600_000);
});

test("in a replay time runs at its speed", () => {
  const time = new ServerTime();
  time.setSpeed(60, 0);
  for (const [at, delay] of [[0, 30], [1000, 10], [2000, 50]]) time.sample(T0 + 60 * at, at + delay, REPLAY);
  assert.equal(time.now(4010), T0 + 60 * 4000);
  time.setSpeed(1, 4010);
  assert.equal(time.now(4010), T0 + 60 * 4000, "another pace goes on from the same time");
  assert.equal(time.now(5010), T0 + 60 * 4000 + 1000);
});

test("a clock that has not begun is no sample", () => {
  const time = new ServerTime();
  time.sample(0, 100);
  time.sample(NaN, 100);
  assert.ok(Number.isNaN(time.offset));
});

test("a replay's clock that stands still stands still here too, and runs on when it does", () => {
  const time = new ServerTime();
  time.setSpeed(60, 0);
  time.sample(T0, 0, REPLAY);
  time.sample(T0, 3, REPLAY);
  time.sample(T0, 900, { replay: true, beat: false }); // a snapshot may be as old as the last tick
  assert.equal(time.now(500), T0 + 30_000, "two stamps of one tick are no standstill");
  for (const at of [1000, 2000, 3000]) time.sample(T0, at, REPLAY);
  assert.equal(time.now(9000), T0);
  time.sample(T0 + 60_000, 10_000, REPLAY);
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
