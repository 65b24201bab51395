"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { ages } = load("ages");
const NOW = 1_800_000_000_000;
const feed = (name, seconds, over = {}) => ({
  feed: name, seen_ms: seconds === null ? null : NOW - seconds * 1000, event_ms: null,
  stale_after_s: 15, lost_after_s: 60, lag: null, missing: false, rate: 0, ...over,
});

test("fresh, stale, lost by the feed's own limits", () => {
  assert.deepEqual([0, 15, 15.1, 60, 60.1].map((s) => ages.judge(feed("position", s), NOW, 1).state).join(" "),
    "fresh fresh stale stale lost");
});

test("in a replay real seconds count, not the clock's", () => {
  assert.deepEqual({ ...ages.judge(feed("position", 600), NOW, 60) }, { state: "fresh", age_s: 10 });
  assert.equal(ages.judge(feed("position", 1200), NOW, 60).state, "stale");
});

test("never seen and missing are neither fresh nor aged; a time ahead of the clock is age 0", () => {
  assert.deepEqual({ ...ages.judge(feed("device", null), NOW, 1) }, { state: "none", age_s: null });
  assert.deepEqual({ ...ages.judge(feed("device", 1, { missing: true }), NOW, 1) }, { state: "missing", age_s: null });
  assert.equal(ages.judge(feed("position", -5), NOW, 1).age_s, 0);
});

test("a feed that should have spoken, or says only useless things, is lost on the server's word", () => {
  assert.equal(ages.judge(feed("position", null, { freshness: "lost" }), NOW, 1).state, "lost");
  assert.equal(ages.judge(feed("incident", 1, { refusing: true }), NOW, 1).state, "lost");
});

test("a panel is as bad as the worst of its feeds, and others do not touch it", () => {
  const feeds = [feed("position", 1), feed("status", 20), feed("incident", 100)];
  assert.equal(ages.worst(feeds, ["position"], NOW, 1).state, "fresh");
  assert.equal(ages.worst(feeds, ["position", "status"], NOW, 1).state, "stale");
  assert.equal(ages.worst(feeds, ["position", "incident"], NOW, 1).state, "lost");
  assert.equal(ages.worst(feeds, ["unknown"], NOW, 1).state, "fresh");
});

test("one of several feeds that has not spoken yet does not speak for the others", () => {
  const feeds = [feed("position", 1), feed("roster", null), feed("status", null, { freshness: "lost" })];
  assert.equal(ages.worst(feeds, ["position", "roster"], NOW, 1).state, "fresh");
  assert.equal(ages.worst(feeds, ["roster"], NOW, 1).state, "none");
  assert.equal(ages.worst(feeds, ["position", "status"], NOW, 1).state, "lost");
});

test("a panel is right as of the last word of the feed that has been silent longest; without one, as of its document", () => {
  const feeds = [feed("incident", 2), feed("status", 30), feed("roster", null)];
  assert.equal(ages.asOf(NOW - 600_000, feeds, ["incident"]), NOW - 2000);
  assert.equal(ages.asOf(NOW - 1000, feeds, ["incident", "status", "roster"]), NOW - 30_000);
  assert.equal(ages.asOf(NOW - 1000, feeds, ["roster"]), NOW - 1000);
  assert.equal(ages.asOf(null, [feed("incident", null)], ["incident"]), null);
});

test("an older revision is not taken; another epoch voids every document of the old one", () => {
  const doc = (panel, revision, epoch) => ({ panel, revision, epoch });
  let docs = ages.taken({}, doc("units", 7, 1));
  docs = ages.taken(docs, doc("drones", 3, 1));
  assert.equal(ages.taken(docs, doc("units", 6, 1)), docs);
  docs = ages.taken(docs, doc("units", 8, 1));
  assert.deepEqual(Object.values(docs).map((d) => `${d.panel} ${d.revision}`).sort().join(", "), "drones 3, units 8");
  docs = ages.taken(docs, doc("drones", 1, 2));
  assert.deepEqual(Object.keys(docs).join(), "drones");
  assert.equal(docs.drones.revision, 1);
});
