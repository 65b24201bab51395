"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const ui = load("texts", "format", "reasons");
const { reasons, texts } = ui;
texts.load(JSON.stringify({ zh: {}, en: {
  "reason.against.slower": "farther", "reason.against.slower.by": "slower by {by}", "reason.against.busy": "busy", "reason.against.busy.by": "busy: {by}",
  "reason.against.stale.by": "fix is {by} old", "reason.for.in_target.by": "{by} to spare", "reason.for.idle": "free", "status.ON_SCENE": "On scene",
  "candidates.counts": "{why} (counts +{time})", "candidates.uncovers": "uncovers {spots}", "candidates.spot": "{name} ({was} → {now})",
  "candidates.spot.none": "{name} ({was} → nobody)", "candidates.spots": "{spots} and others, {n} in all",
} }));
texts.setLang("en");

test("a reason is exact where its value is told, general where not, and an unknown one shows itself", () => {
  const said = (code, values) => reasons.said("against", { code, ...values });
  assert.equal(said("slower", { seconds: 80 }), "slower by 1:20");
  assert.equal(said("slower"), "farther");
  assert.equal(said("busy", { word: "on_scene", of: "A-7" }), "busy: A-7");
  assert.equal(said("busy", { word: "on_scene" }), "busy: On scene");
  assert.equal(said("busy", {}), "busy");
  assert.equal(said("tired"), "tired");
  assert.equal(reasons.line("for", [{ code: "in_target", seconds: 65 }, { code: "idle" }]), "1:05 to spare · free");
});

test("a drawback that counts in the order says for how much", () => {
  assert.equal(reasons.said("against", { code: "stale", seconds: 45, costs_s: 30 }), "fix is 45 s old (counts +0:30)");
});

test("the cost names two spots, with who comes then, and counts the rest", () => {
  const spot = (name, now_s) => ({ id: name, kind: "key_spot", name_zh: "", name_en: name, target_s: 60, was_s: 50, now_s, by: null });
  assert.equal(reasons.cost([]), "");
  assert.equal(reasons.cost([spot("Mall", 130), spot("Station", null)]), "uncovers Mall (0:50 → 2:10), Station (0:50 → nobody)");
  assert.equal(reasons.cost([spot("A", 90), spot("B", 90), spot("C", 90)]), "uncovers A (0:50 → 1:30), B (0:50 → 1:30) and others, 3 in all");
});

test("without a time by road a distance is told, never as a time", () => {
  assert.deepEqual([{ travel_s: 125, distance_m: 900 }, { travel_s: null, distance_m: 1440 }, { travel_s: null, distance_m: null }].map(reasons.reach), ["2:05", "1.4 km", "—"]);
});

test("the first stands alone, then who could go, then who should not", () => {
  const one = (unit_id, rank) => ({ unit_id, rank });
  const found = reasons.grouped([one("a", 1), one("b", 2), one("c", null)], "a");
  assert.equal(found.first.unit_id, "a");
  assert.deepEqual([...found.others, ...found.refused].map((x) => x.unit_id), ["b", "c"]);
  assert.equal(reasons.grouped([one("c", null)], null).first, null);
  const sent = { unit_id: "d", rank: null, against: [{ code: "sent" }] }, parts = reasons.grouped([one("a", 1), sent, one("c", null)], "a");
  assert.deepEqual([parts.sent, parts.refused].map((part) => part.map((x) => x.unit_id)), [["d"], ["c"]]);
});

test("who is left out is counted by why, without those that are listed", () => {
  const one = (rank, code) => ({ rank, against: [{ code }] });
  const body = { candidates: [one(1, "slower"), one(null, "busy"), one(null, "busy"), one(null, "lost")], refused: { busy: 7, lost: 1 }, more: 12 };
  assert.equal(JSON.stringify(reasons.leftOut(body)), `[["farther",7],["busy",5]]`);
});
