"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("../live/load.cjs");

const { Keeper } = load("map/keeper");

/** A keeper with workers that do as they are told, and a clock of timers. */
function stage() {
  const workers = [], faults = [], told = [], timers = [];
  let renewed = 0;
  const keeper = new Keeper({
    make() {
      const worker = { said: [], ended: false, postMessage: (message) => worker.said.push(message), terminate: () => { worker.ended = true; } };
      workers.push(worker);
      return worker;
    },
    take: (message) => told.push(message), fault: (detail) => faults.push(detail),
    renewed: () => { renewed++; keeper.postMessage({ type: "attach", mount: renewed }); },
    setTimer: (fn, ms) => timers.push({ fn, ms }), random: () => 1,
  });
  keeper.start();
  const beats = (n, hidden = false) => { for (let k = 0; k < n; k++) keeper.beat(hidden); };
  return { keeper, workers, faults, told, timers, beats, renewed: () => renewed };
}

const types = (worker) => worker.said.map((message) => message.type).join(" ");

test("a worker whose scripts do not load is replaced, ever later", () => {
  const { workers, faults, timers } = stage();
  const waits = [];
  for (let k = 0; k < 8; k++) {
    workers.at(-1).onerror({});
    waits.push(timers[k].ms);
    timers[k].fn();
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
  assert.equal(workers.length, 9);
  assert.ok(workers.slice(0, -1).every((worker) => worker.ended) && !workers.at(-1).ended);
  assert.equal(faults[0], "did not load");
});

test("the next worker hears all that holds, in its last form, and gets new canvases", () => {
  const { keeper, workers, timers, renewed } = stage();
  keeper.postMessage({ type: "config", config: { tickMs: 1000 } });
  keeper.postMessage({ type: "config", config: { staleMs: 5 } });
  keeper.postMessage({ type: "lang", lang: "zh" });
  keeper.postMessage({ type: "lang", lang: "en" });
  keeper.postMessage({ type: "trail", points: [[1, 2, 3]] });
  keeper.postMessage({ type: "trail", points: null });
  for (const type of ["attach", "view", "turned"]) keeper.postMessage({ type, mount: 7 });
  workers[0].onerror({});
  keeper.postMessage({ type: "scale", scale: 2 });
  keeper.postMessage({ type: "view", view: 1 });
  timers[0].fn();
  assert.equal(types(workers[1]), "config lang trail scale attach");
  assert.deepEqual(workers[1].said.slice(0, 4), [
    { type: "config", config: { tickMs: 1000, staleMs: 5 } }, { type: "lang", lang: "en" }, { type: "trail", points: null },
    { type: "scale", scale: 2 },
  ]);
  assert.equal(renewed(), 1);
});

test("questions that have no answer yet are asked again; what lay under the pointer is not", () => {
  const { keeper, workers, timers } = stage();
  keeper.postMessage({ type: "search", text: "P", ask: 1 });
  keeper.postMessage({ type: "stats", ask: 2 });
  keeper.postMessage({ type: "hit", ask: 1 });
  workers[0].onmessage({ data: { type: "answer", ask: 2, answer: {} } });
  workers[0].onmessage({ data: { type: "hit", ask: 1, hit: null } });
  keeper.replace();
  timers[0].fn();
  assert.deepEqual(workers[1].said, [{ type: "attach", mount: 1 }, { type: "search", text: "P", ask: 1 }]);
});

test("silence ends a worker, an error that it survives does not", () => {
  const { workers, faults, timers, beats } = stage();
  workers[0].onmessage({ data: { type: "stats" } });
  workers[0].onerror({ message: "oops", filename: "scene.js", lineno: 3 });
  assert.equal(faults[0], "oops (scene.js:3)");
  beats(20);
  workers[0].onmessage({ data: { type: "stats" } });
  beats(20);
  assert.equal(timers.length, 0);
  beats(1);
  assert.ok(workers[0].ended);
  assert.equal(faults[1], "silent for 21 s");
  timers[0].fn();
  // the first word may take longer: scripts have to be fetched
  beats(45);
  assert.equal(timers.length, 1);
  beats(1);
  assert.equal(timers.length, 2);
});

test("a worker of a hidden page may be silent", () => {
  const { workers, timers, beats } = stage();
  workers[0].onmessage({ data: { type: "stats" } });
  beats(600, true);
  beats(20);
  assert.equal(timers.length, 0);
});

test("late words of a dead worker are not heard, and a long life ends the growing of waits", () => {
  const { keeper, workers, timers, told, beats } = stage();
  workers[0].onerror({});
  timers[0].fn();
  workers[0].onmessage({ data: { type: "panel" } });
  assert.equal(told.length, 0);
  for (let s = 0; s < 61; s++) {
    workers[1].onmessage({ data: { type: "stats" } });
    beats(1);
  }
  keeper.replace();
  assert.deepEqual(timers.map(({ ms }) => ms), [1000, 1000]);
});
