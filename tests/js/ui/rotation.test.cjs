"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { Rotation } = load("rotation");
const CALM = { call: false, graves: [], idle: () => false };
const TURN = 60_000;

/** A wall that is asked once a second, and what it showed: [scene, seconds] in turn. */
function watch(rotation, from_s, to_s, facts = CALM) {
  const shown = [];
  for (let s = from_s; s < to_s; s++) {
    const scene = rotation.step(1000 * s, typeof facts === "function" ? facts(s) : facts);
    if (shown.at(-1)?.[0] === scene) shown.at(-1)[1]++;
    else shown.push([scene, 1]);
  }
  return shown.map(([scene, n]) => `${scene} ${n}`).join(", ");
}

test("one scene stays, whatever happens", () => {
  assert.equal(watch(new Rotation(["map"], TURN), 0, 500), "map 500");
  assert.equal(new Rotation([], TURN).step(0, CALM), "map");
});

test("scenes take turns in their order, each as long as the settings say", () => {
  assert.equal(watch(new Rotation(["map", "drones", "statistics"], TURN), 0, 200), "map 60, drones 60, statistics 60, map 20");
});

test("without a turn's length only a person changes the scene, and it stays", () => {
  const rotation = new Rotation(["map", "drones"], 0);
  assert.equal(watch(rotation, 0, 1000), "map 1000");
  rotation.choose(1, 1_000_000);
  assert.equal(watch(rotation, 1000, 3000), "drones 2000");
});

test("an address's scene is the only one, even while somebody calls for help", () => {
  const rotation = new Rotation(["map", "drones"], TURN, "drones");
  assert.equal(watch(rotation, 0, 300, { ...CALM, call: true, graves: ["sos/1"] }), "drones 300");
});

test("a scene with nothing to show is skipped, and left when it runs dry", () => {
  const idle = (scene) => scene === "drones";
  assert.equal(watch(new Rotation(["map", "drones", "statistics"], TURN), 0, 180, { ...CALM, idle }), "map 60, statistics 60, map 60");
  const landing = (s) => ({ ...CALM, idle: (scene) => scene === "drones" && s >= 70 });
  assert.equal(watch(new Rotation(["map", "drones"], TURN), 0, 300, landing), "map 60, drones 10, map 230");
  assert.equal(watch(new Rotation(["drones", "map"], TURN), 0, 90, { ...CALM, idle: () => true }), "drones 90");
});

test("a call for help brings the map at once and holds it as long as it lasts", () => {
  const facts = (s) => ({ ...CALM, call: s >= 90 && s < 600, graves: s >= 90 && s < 600 ? ["sos/1"] : [] });
  assert.equal(watch(new Rotation(["map", "drones"], TURN), 0, 720, facts), "map 60, drones 30, map 510, drones 59, map 60, drones 1");
});

test("another grave alarm brings the map for one turn: a feed that stays lost does not stop the turns", () => {
  const facts = (s) => ({ ...CALM, graves: s >= 90 ? ["feed/position"] : [] });
  assert.equal(watch(new Rotation(["map", "drones"], TURN), 0, 300, facts), "map 60, drones 30, map 60, drones 59, map 60, drones 31");
});

test("alarms that stood when the page opened are no news, a call for help is", () => {
  const old = { ...CALM, graves: ["breach/A-1"] };
  assert.equal(watch(new Rotation(["drones", "map"], TURN), 0, 61, old), "drones 60, map 1");
  assert.equal(new Rotation(["drones", "map"], TURN).step(0, { ...old, call: true }), "map");
});

test("a person's touch stops the turns for two minutes, then a whole turn follows", () => {
  const rotation = new Rotation(["map", "drones"], TURN);
  watch(rotation, 0, 70);
  rotation.touch(70_000);
  assert.ok(rotation.attended(100_000));
  assert.equal(watch(rotation, 70, 260), "drones 179, map 11");
  assert.ok(!rotation.attended(260_000));
});

test("a person's choice holds for two minutes; a new grave alarm goes before it, the person may choose again", () => {
  const rotation = new Rotation(["map", "drones"], TURN);
  rotation.step(0, CALM);
  rotation.choose(1, 5000);
  assert.equal(rotation.shown, "drones");
  assert.equal(rotation.step(6000, CALM), "drones");
  const help = { ...CALM, call: true, graves: ["sos/1"] };
  assert.equal(rotation.step(7000, help), "map");
  rotation.choose(1, 8000);
  assert.equal(rotation.step(9000, help), "drones");
  assert.equal(rotation.step(129_000, help), "map");
  rotation.choose(7, 130_000);
  assert.equal(rotation.step(131_000, help), "map", "what does not exist cannot be chosen");
});
