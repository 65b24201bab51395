"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { queue } = load("queue");
const NOW = 1_800_000_000_000;

const incident = (id, over = {}) => ({
  id, category: "theft", severity: "LOW", place: "", place_class: "OTHER", branch: "", station: "", lat: null, lon: null,
  call_received: NOW - 60_000, dispatched: null, accepted: null, enroute: null, on_scene: null, closed: null,
  target_s: 300, units: [], exercise: false, diverted: false, valid: true, ...over,
});
const ago = (s) => NOW - s * 1000;
const ids = (incidents) => [...queue.order(incidents, NOW)].map((entry) => entry.incident.id).join(" ");

test("an arrival before the call is a wrong time and not a perfect response", () => {
  const wrong = queue.entry(incident("w", { call_received: ago(10), on_scene: ago(20), target_s: 60 }), NOW);
  assert.deepEqual([wrong.group, wrong.response_s, wrong.met], ["arrived", null, null]);
});

test("breached first, longest overdue on top; then least time left; no target; arrived last", () => {
  const incidents = [
    incident("arrived", { call_received: ago(900), on_scene: ago(700) }),
    incident("plain-old", { target_s: null, call_received: ago(500) }),
    incident("plenty", { call_received: ago(10) }),
    incident("little", { call_received: ago(290) }),
    incident("over-1", { call_received: ago(301) }),
    incident("plain-new", { target_s: null, call_received: ago(5) }),
    incident("over-9", { call_received: ago(700), target_s: 60 }),
    incident("closed", { closed: ago(1) }),
  ];
  assert.equal(ids(incidents), "over-9 over-1 little plenty plain-new plain-old arrived");
});

test("the last second counts as left; the breach begins after it", () => {
  assert.equal(queue.entry(incident("a", { call_received: ago(300) }), NOW).group, "counting");
  assert.equal(queue.entry(incident("a", { call_received: ago(300.1) }), NOW).group, "breached");
});

test("arrival stops the count and keeps the response time", () => {
  const inTime = queue.entry(incident("a", { call_received: ago(400), on_scene: ago(222) }), NOW);
  assert.deepEqual([inTime.group, inTime.remaining_s, inTime.response_s, inTime.met], ["arrived", null, 178, true]);
  const late = queue.entry(incident("b", { call_received: ago(900), on_scene: ago(222) }), NOW);
  assert.equal(late.met, false);
  assert.equal(late.elapsed, 1);
});

test("what is not known is not counted: no call time, no target, no arrival from nothing", () => {
  const noCall = queue.entry(incident("a", { call_received: null }), NOW);
  assert.deepEqual([noCall.group, noCall.age_s, noCall.remaining_s], ["plain", null, null]);
  const noTarget = queue.entry(incident("b", { target_s: null }), NOW);
  assert.deepEqual([noTarget.group, noTarget.age_s, noTarget.remaining_s], ["plain", 60, null]);
  const arrivedOnly = queue.entry(incident("c", { call_received: null, on_scene: ago(5) }), NOW);
  assert.deepEqual([arrivedOnly.group, arrivedOnly.response_s, arrivedOnly.met], ["arrived", null, null]);
});

test("equal ones keep one order, whatever order they come in", () => {
  const three = ["b", "a", "c"].map((id) => incident(id));
  assert.equal(ids(three), ids([...three].reverse()));
});

test("the stage is the furthest that is known; assigned units alone mean dispatched", () => {
  assert.equal(queue.stage(incident("a")), "none");
  assert.equal(queue.stage(incident("a", { units: ["P-1"] })), "dispatched");
  assert.equal(queue.stage(incident("a", { accepted: NOW })), "accepted");
  assert.equal(queue.stage(incident("a", { dispatched: NOW, enroute: NOW })), "enroute");
  assert.equal(queue.stage(incident("a", { on_scene: NOW })), "on_scene");
});

test("units are named up to a limit", () => {
  assert.equal(queue.crew(["A", "B", "C"], 2), "A B +1");
  assert.equal(queue.crew(["A", "B"], 2), "A B");
  assert.equal(queue.crew([], 2), "");
});
