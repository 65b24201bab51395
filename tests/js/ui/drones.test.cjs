"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const ui = require("./load.cjs")("texts", "format", "devices", "drones");

ui.texts.load(JSON.stringify({ zh: {}, en: { "drones.lostnow": "Lost", "drones.landed": "Landed", "drones.recording": "Rec", "drones.live": "Live",
  "drones.flying": "Flying", "detection.crowd": "Crowd", "detection.illegal_parking": "Parking" } }));
ui.texts.setLang("en");
ui.airborne = (/** @type {any} */ d) => d.airborne !== false;
ui.timeOf = (/** @type {number|null} */ ms) => (ms === null ? "" : new Date(ms).toISOString().slice(11, 19));

test("what is wrong with a drone goes before what its camera does", () => {
  const drone = { lost: false, airborne: true, recording: false, stream_url: "" };
  const said = (/** @type {object} */ more) => ui.droneState({ ...drone, ...more }).words;
  assert.equal(said({}), "Flying");
  assert.equal(said({ stream_url: "rtsp://10.0.0.1/a" }), "Live");
  assert.equal(said({ stream_url: "rtsp://10.0.0.1/a", recording: true }), "Rec");
  assert.equal(said({ recording: true, airborne: false }), "Landed");
  assert.equal(said({ recording: true, airborne: false, lost: true }), "Lost");
  assert.equal(said({ stream_url: "javascript:alert(1)" }), "Flying");
});

test("each detection has its kind, its incident and its time", () => {
  const time = Date.UTC(2026, 10, 21, 18, 40, 12);
  assert.deepEqual([...ui.detected({ detections: [{ kind: "crowd", incident_id: "A-0415", time }, { kind: "illegal parking", incident_id: "", time: null }] })],
    ["Crowd → A-0415 18:40", "Parking"]);
  assert.deepEqual([...ui.detected({})], []);
});

test("only addresses that a browser or a player may open are links", () => {
  for (const url of ["https://a.example/1", "http://10.0.0.1:80/x", "rtsp://10.1.1.1/d", "rtsps://h/d", "webrtc://h/s", "HTTPS://A/"]) assert.equal(ui.devices.safe(url), url);
  for (const url of ["", null, undefined, 7, "javascript:alert(1)", "data:text/html,x", "//evil", "file:///etc", "https:x", "https://a b", " https://a", "ftp://h"]) {
    assert.equal(ui.devices.safe(url), "");
  }
});
