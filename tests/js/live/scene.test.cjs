"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { frames, Store, Scene, overlay, icons, sceneLimits, sprites: sizes } = require("./load.cjs")(
  "geo", "frames", "motion", "store", "raster", "icons", "sprites", "labels", "findings", "overlay", "tags", "scene");
const { rows, dict } = require("./frame_bytes.cjs");

const CONFIG = { staleMs: 30000, offlineMs: 300000, tickMs: 1000, maxReckonMs: 5000 };
const NOW = 1_800_000_000_000;

/** A scene of one unit in the middle of the picture. */
function scene(row, type, drones = []) {
  const store = new Store({ ...CONFIG }), marks = new overlay.Overlay(), fades = [];
  store.apply(frames.decode(dict({ 0: { id: "u0", callsign: "U0", type } }, { seq: 1 })), 0);
  store.apply(frames.decode(rows(frames.SNAPSHOT, [{ slot: 0, x: 0.5, y: 0.5, ...row }], { seq: 1 })), 0);
  marks.setDrones({ drones: drones.map((id) => ({ id, lat: 0, lon: 0 })) }, 0);
  const sprites = { unit: (size, kind, look, heading, fade) => { fades.push({ size, look, fade }); return {}; } };
  const made = new Scene(store, marks, sprites, CONFIG);
  made.surface = { width: 200, height: 200, blit: () => {} };
  const sort = () => made.sort(256, 28, 28, NOW, 0, 1, 1);
  return { made, sort, fades };
}

test("a drone is shown once: from its telemetry, unless that is off or it calls for help", () => {
  const { made, sort } = scene({}, frames.DRONE, ["u0"]);
  assert.equal(sort().drawn, 0);
  made.layers.drones = false;
  assert.equal(sort().drawn, 1);
  const calling = scene({ flags: frames.SOS }, frames.DRONE, ["u0"]);
  assert.equal(calling.sort().drawn, 1);
  assert.equal(calling.made.counts[sceneLimits.SOS_RANK], 1);
});

test("a drone has one label, as a unit that is chosen and as what it sends itself", () => {
  const { made, sort } = scene({}, frames.DRONE, ["u0"]);
  sort();
  for (const selected of [{ kind: "unit", id: "u0" }, { kind: "drone", id: "u0" }]) {
    made.selected = selected;
    const [first, ...others] = made.tags.urgent(made, true);
    assert.deepEqual([first.key, first.must], ["drone u0", true]);
    assert.ok(others.every((tag) => tag.key === first.key)); // of one key the first is placed
  }
  made.layers.drones = false;
  made.selected = { kind: "unit", id: "u0" };
  assert.deepEqual(made.tags.urgent(made, true).map((tag) => tag.key), ["u0"]);
});

test("a lost unit has its own look and is not faded beside", () => {
  for (const [age, lost] of [[299_000, false], [301_000, true], [1e9, true]]) {
    const { made, sort, fades } = scene({ age }, 1);
    sort();
    for (let rank = 0; rank <= sceneLimits.SOS_RANK; rank++) made.drawRank(rank, false, 256, 28, 28, NOW);
    assert.equal(fades.length, 1);
    assert.equal(fades[0].look === icons.LOST, lost);
    assert.equal(fades[0].fade === 0, lost);
  }
});

test("in a crowd those that are not busy are smaller; the busy ones and those near by are not", () => {
  const sizeOf = (status, crowded, near = false) => {
    const { made, sort, fades } = scene({ status, age: 0 }, 1);
    sort();
    made.crowded = crowded;
    for (let rank = 0; rank <= sceneLimits.SOS_RANK; rank++) made.drawRank(rank, near, 256, 28, 28, NOW);
    return fades[0].size;
  };
  const AVAILABLE = 1, ON_SCENE = 4;
  assert.deepEqual([sizeOf(AVAILABLE, false), sizeOf(AVAILABLE, true), sizeOf(ON_SCENE, true), sizeOf(AVAILABLE, true, true)],
    [sizes.FAR, sizes.CROWDED, sizes.FAR, sizes.NEAR]);
});

test("a crowd is told by the room a unit has, and does not flicker at its edge", () => {
  const { Scene: { isCrowd } } = globalThis.wallboard;
  assert.deepEqual([isCrowd(251, false), isCrowd(249, false), isCrowd(300, true), isCrowd(321, true)], [false, true, true, false]);
});
