"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { allowed, recent, ailment } = load("renew").renewal;
const MINUTE = 60_000;

test("every new build is loaded once, and not again for ten minutes: no loop between two servers", () => {
  const past = [];
  let loads = 0;
  for (let now = 0; now < 10 * MINUTE; now += 1000) {
    const cause = now % 2000 ? "build a" : "build b";
    if (!allowed(past, cause, now)) continue;
    past.push({ cause, at: now });
    loads++;
  }
  assert.equal(loads, 2);
  assert.ok(allowed(past, "build c", 5 * MINUTE));
  assert.ok(allowed(past, "build a", 11 * MINUTE));
});

test("a page that stands still is loaded at most every five minutes", () => {
  const past = [{ cause: "stands still", at: 0 }];
  assert.ok(!allowed(past, "stands still", 4 * MINUTE));
  assert.ok(allowed(past, "stands still", 5 * MINUTE));
});

test("what is long ago, or ahead because a clock was set back, counts no more", () => {
  const past = [{ cause: "build a", at: 0 }, { cause: "build b", at: 100 * MINUTE }, { cause: "build c", at: 15 * MINUTE }];
  assert.equal(JSON.stringify(recent(past, 20 * MINUTE)), JSON.stringify([{ cause: "build c", at: 15 * MINUTE }]));
  assert.ok(allowed([{ cause: "build b", at: 100 * MINUTE }], "build b", 20 * MINUTE));
});

test("a page is ill when it never started, or on a kiosk when it stands still; hidden ones never", () => {
  const well = { started: true, hidden: false, kiosk: true, born: 0, beat: 100 * MINUTE, now: 100 * MINUTE + 5000 };
  assert.equal(ailment(well), "");
  assert.equal(ailment({ ...well, beat: 98 * MINUTE }), "stands still");
  assert.equal(ailment({ ...well, beat: 98 * MINUTE, kiosk: false }), "");
  assert.equal(ailment({ ...well, beat: 98 * MINUTE, hidden: true }), "");
  assert.equal(ailment({ ...well, started: false, kiosk: false }), "did not start");
  assert.equal(ailment({ ...well, started: false, born: 100 * MINUTE }), "");
});
