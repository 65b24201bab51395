"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const ui = require("./load.cjs")("dronescene");

test("one wrong fix does not lead the map to another continent", () => {
  const bounds = "22,108,23,109", over = { lat: 22.5, lon: 108.5 }, beside = { lat: 23.6, lon: 107.2 }, stray = { lat: 9.9, lon: 9.9 };
  const kept = (/** @type {any[]} */ drones, /** @type {string|undefined} */ of) => [...ui.scenes.drones.near(drones, of)];
  assert.deepEqual(kept([over, beside, stray], bounds), [over, beside]);
  assert.deepEqual(kept([stray], bounds), [stray], "there is nothing else to look at");
  assert.deepEqual(kept([over, stray], undefined), [over, stray]);
  assert.deepEqual(kept([over, stray], ""), [over, stray]);
});
