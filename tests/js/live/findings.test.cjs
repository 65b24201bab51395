"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const wallboard = require("./load.cjs")("motion", "findings");
const { Findings, step } = wallboard.findings;
const NOW = 1_800_000_000_000, MINUTE = 60_000;

/** @param {object} more */
const drone = (more) => ({ id: "D1", callsign: "U-03", lat: 31.2, lon: 121.4, time: NOW, airborne: true, lost: false, detections: [], ...more });

test("findings with a place become marks, the newest on top, and only young ones are named", () => {
  const findings = new Findings();
  const at = (/** @type {string} */ id, /** @type {number} */ minutes, lat = 31.2) => ({ id, kind: "crowd", lat, lon: 121.4, time: NOW - minutes * MINUTE });
  findings.set({ drones: [drone({ detections: [at("new", 1), at("old", 9), at("nowhere", 2, NaN)] }), drone({ id: "D2", detections: [at("mid", 5)] })] });
  assert.deepEqual(findings.marks.map((/** @type {any} */ m) => m.id), ["old", "mid", "new"]);
  assert.deepEqual(findings.named(NOW).map((/** @type {any} */ m) => m.id), ["new", "mid"]);
  assert.deepEqual([findings.marks[1].data.drone, findings.marks[1].data.callsign], ["D2", "U-03"]);
});

test("a finding fades by steps with its age", () => {
  assert.deepEqual([0, 3, 10, 25, 900].map((minutes) => step(minutes * MINUTE)), [0, 1, 2, 3, 3]);
});

test("a tail follows the flight, forgets what is long ago and ends with a leap, a landing or a clock that goes back", () => {
  const findings = new Findings();
  const fly = (/** @type {number} */ s, /** @type {object} */ more = {}) => {
    findings.set({ drones: [drone({ lat: 31.2 + s * 1e-4, time: NOW + s * 1000, ...more })] });
    return findings.tails.get("D1")?.length ?? 0;
  };
  for (let s = 0; s < 10; s++) assert.equal(fly(s), s + 1);
  assert.equal(fly(9), 10); // the same document again
  assert.equal(fly(20, { lat: 31.2 + 9e-4 }), 10); // it hovers
  assert.equal(fly(305), 1); // 3 km away: another flight
  for (let s = 306; s < 900; s++) fly(s);
  const tail = findings.tails.get("D1");
  assert.ok(tail.length <= 240);
  assert.ok(tail[0].t >= NOW + 899_000 - 300_000);
  assert.equal(fly(400), 1);
  assert.equal(fly(401, { airborne: false }), 0);
});
