"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { LabelGrid, Tags } = require("./load.cjs")("fonts", "labels", "tags", "scene");

const wish = (key, x, y, over = {}) => ({ key, x, y, w: 60, h: 18, r: 9, ...over });
function boxes(wishes, placed) {
  return wishes.filter((w) => placed.has(w.key)).map((w) => {
    const { dx, dy } = placed.get(w.key);
    return { x0: w.x + dx, y0: w.y + dy, x1: w.x + dx + w.w, y1: w.y + dy + w.h };
  });
}

test("labels never overlap, and the more important ones have their place", () => {
  const grid = new LabelGrid();
  grid.reset(800, 600);
  let seed = 5;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const wishes = Array.from({ length: 300 }, (_, k) => wish(`k${k}`, 60 + random() * 680, 60 + random() * 480));
  const placed = grid.place(wishes);
  assert.ok(placed.has("k0") && placed.has("k1"));
  assert.ok(placed.size > 40 && placed.size < 300);
  const all = boxes(wishes, placed);
  all.forEach((a, i) => all.slice(i + 1).forEach((b) => {
    assert.ok(a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0, "two labels overlap");
  }));
});

test("what is taken by icons stays free of labels", () => {
  const grid = new LabelGrid();
  grid.reset(400, 300);
  grid.take(160, 80, 200, 60);
  const placed = grid.place([wish("a", 150, 100)]);
  assert.ok(placed.get("a").dx < 0, "it went to the left");
});

test("what must be read is placed even where nothing is free", () => {
  const grid = new LabelGrid();
  grid.reset(400, 300);
  grid.take(0, 0, 400, 300);
  const placed = grid.place([wish("sos", 390, 150, { must: true }), wish("other", 200, 150)]);
  assert.deepEqual([...placed.keys()], ["sos"]);
  assert.ok(placed.get("sos").dx < -60, "towards the middle");
});

/** Labels of one unit in a picture of 400 × 300, and what the scene says of it. */
function labelled() {
  const tags = new Tags({ labelSize: () => ({ w: 60, h: 18 }) });
  const scene = {
    overlay: { incidents: [], drones: new Map(), findings: { named: () => [] } }, layers: { labels: true }, zoom: 14.5,
    store: { sx: [204 / 400], sy: [0.5], alive: [1], entries: [{ callsign: "P-1" }], byId: new Map() }, selected: null, followed: null,
    ranks: Array.from({ length: 5 }, () => [0]), counts: [0, 0, 1, 0, 0], surface: { width: 400, height: 300 }, plans: { gaps: [], written: [] }, placeNames: [],
  };
  const arranged = () => {
    tags.arrange(scene, { w: 400, h: 300, dpr: 1 }, 400, 0, 50, 1);
    return tags.placed;
  };
  return { tags, scene, arranged };
}

test("a label that the map's frame would cut turns round, and what lies beyond the frame has none", () => {
  const { tags, scene, arranged } = labelled();
  assert.ok(arranged()[0].dx > 0);
  tags.covered = { boxes: [], w: 140, h: 300 }; // of the picture 130 to 270 are seen
  assert.ok(arranged()[0].dx <= -60);
  scene.store.sx = [300 / 400];
  assert.deepEqual(arranged(), []);
});

const NAMED = [{ x: 0.53, y: 0.5, w: 90, h: 12 }];
for (const [what, write] of /** @type {[string, (scene: any) => void][]} */ ([
  ["gaps", (scene) => (scene.plans.written = NAMED)],
  ["places", (scene) => (scene.placeNames = NAMED)],
])) {
  test(`the label of a unit keeps off the names of ${what} on the ground`, () => {
    const { scene, arranged } = labelled();
    const right = () => {
      const [{ dx, dy }] = arranged();
      return dx > 0 && dy === -9;
    };
    assert.ok(right());
    write(scene);
    assert.ok(!right());
  });
}

test("names are as long as a map can bear", () => {
  assert.equal(Tags.brief("P-1282"), "P-1282");
  assert.equal(Tags.brief("第三突击大队快速反应与联合"), "第三突击大队快速反应与联合");
  assert.equal(Tags.brief("第三突击大队快速反应与联合指挥"), "第三突击大队快速反应与联合…");
  assert.equal(Tags.brief("A-3903 Hazardous materials in the harbour"), "A-3903 Hazardous materials…");
});

test("a label that would be cut at the edge turns round or stays away", () => {
  const grid = new LabelGrid();
  grid.reset(400, 300);
  assert.ok(grid.place([wish("a", 390, 150)]).get("a").dx < -60);
  assert.equal(grid.place([wish("b", 390, 150, { w: 500 })]).size, 0);
});

test("a label keeps its side although the first one is free again", () => {
  const grid = new LabelGrid();
  grid.reset(400, 300);
  grid.take(205, 90, 60, 30);
  const before = grid.place([wish("a", 200, 100)]).get("a");
  grid.reset(400, 300);
  assert.deepEqual(grid.place([wish("a", 200, 100)]).get("a"), before);
});

test("an incident's category is looked up however it is written", () => {
  const tags = new Tags({});
  tags.texts = { category: { traffic_accident: "交通事故" } };
  for (const category of ["TRAFFIC_ACCIDENT", "traffic accident", " Traffic-Accident "]) {
    assert.equal(tags.incidentText({ id: "7", category }), "7 交通事故");
  }
  assert.equal(tags.incidentText({ id: "7", category: "constructor" }), "7 constructor");
  assert.equal(tags.incidentText({ id: "7", category: null }), "7");
});
