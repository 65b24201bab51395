"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { Plans, plans, datum } = require("./load.cjs")("geo", "fonts", "basenames", "heat", "labels", "plans");

/** A context that remembers what was drawn. */
function paper() {
  const calls = [];
  const noted = (name) => (...args) => calls.push([name, ...args]);
  const c = { calls, setLineDash() {}, measureText: () => ({ width: 10 }) };
  for (const name of ["beginPath", "moveTo", "lineTo", "closePath", "stroke", "fill", "arc", "strokeText", "fillText"]) c[name] = noted(name);
  return c;
}

test("what a plan names is replaced, the rest stays", () => {
  const made = new Plans();
  made.take({ ways: [{ id: "u1", look: "other", points: [[1, 2], [3, 4]] }, { id: "u2", look: "first", points: [[1, 2], [5, 4]] }], rings: [{ name: "1 min", lines: [[[0, 0], [0, 1]]] }] });
  assert.deepEqual(made.ways.map((way) => way.id), ["u1", "u2"]); // the most important last, on top
  assert.deepEqual(made.ways[0].points[0], datum.place(1, 2));
  const revision = made.revision;
  made.take({ ways: [] });
  assert.equal(made.ways.length, 0);
  assert.equal(made.rings.length, 1);
  assert.equal(made.revision, revision); // routes are not drawn with the ground
  made.take({ rings: [], gaps: [{ name: "Mall", lat: 1, lon: 2 }] });
  assert.equal(made.revision, revision + 1);
});

test("a way needs two points", () => {
  const made = new Plans();
  made.take({ ways: [{ id: "u1", look: "first", points: [[1, 2]] }, { id: "u2", look: "first", points: [] }] });
  assert.equal(made.ways.length, 0);
});

test("a gap has its name beside its sign", () => {
  const made = new Plans(), taken = [], view = { x: 0, y: 0, zoom: 2, w: 1024, h: 1024, dpr: 1 };
  made.take({ gaps: [{ name: "Mall", lat: 1, lon: 2 }] });
  const [name, ...more] = made.names(paper(), view, 1, [], taken);
  assert.deepEqual([name.text, name.align, more.length], ["Mall", "left", 0]);
  const { x, y } = datum.place(1, 2);
  assert.deepEqual(made.written, [{ x: x + 13 / 1024, y, w: 10, h: 11.5 }]);
  made.take({ gaps: [] });
  made.names(paper(), view, 1, [], []);
  assert.deepEqual(made.written, []);
});

test("a gap's name does not run below a panel", () => {
  const made = new Plans(), view = { x: 0, y: 0, zoom: 2, w: 1024, h: 1024, dpr: 1 }, { x, y } = datum.place(1, 2);
  made.take({ gaps: [{ name: "Mall", lat: 1, lon: 2 }] });
  const panel = [x * 1024 + 20, 0, 1024, 1024];
  assert.equal(made.names(paper(), view, 1, [panel], []).length, 0);
  assert.equal(made.names(paper(), view, 1, [[...panel.slice(0, 3), y * 1024 - 50]], []).length, 1);
});

test("a ring's name stands where it reaches farthest to the upper right", () => {
  assert.deepEqual(plans.edge([[0, 0], [9, 9], [10, 2], [3, 1]]), [10, 2]);
  assert.equal(plans.edge([]), null);
});

test("rings are told without their small holes, as calm closed curves", () => {
  const line = (n) => Array.from({ length: n }, (_, k) => [k, 0]);
  assert.deepEqual(plans.outer([line(7), line(61), line(100)]).map((l) => l.length), [61, 100]);
  assert.deepEqual(plans.outer([line(7), line(19)]).map((l) => l.length), [19]);
  const square = [...Array.from({ length: 12 }, (_, k) => ({ x: Math.cos(k / 6 * Math.PI) * (k % 2 ? 1 : 0.8), y: Math.sin(k / 6 * Math.PI) * (k % 2 ? 1 : 0.8) }))];
  const curve = plans.smooth([...square, square[0]]), radii = curve.map(({ x, y }) => Math.hypot(x, y));
  assert.deepEqual(curve[0], curve[curve.length - 1]);
  assert.ok(Math.max(...radii) - Math.min(...radii) < 0.1);
});

test("a move has an arrow at its end, a route has none", () => {
  const made = new Plans(), c = paper(), at = (x, y) => [x, y];
  made.take({ ways: [{ id: "u1", look: "first", points: [[0, 0], [0, 1]] }] });
  made.drawWays(c, at, 1);
  assert.equal(c.calls.filter(([name]) => name === "fill").length, 0);
  made.take({ ways: [{ id: "u1", look: "move", points: [[0, 0], [0, 1]] }] });
  made.drawWays(c, at, 1);
  assert.equal(c.calls.filter(([name]) => name === "fill").length, 1);
});

test("classes of reach come as cells of a heat document and go again", () => {
  const made = new Plans();
  const body = { categories: ["0", "3"], patches: [[1, [0, 0, 4, 0, 4, 4], [0, 0, 2, 0, 2, 2], [0, 0, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]],
    coarse: [100, 200, 2], fine: [0, 1], week: [0, 1], day: [], hour: [] };
  made.take({ reach: body });
  assert.deepEqual(made.reach.pairs.category, [0, 1]);
  const c = paper();
  made.drawGround(c, { x: 0, y: 0, zoom: 0, w: 256, h: 256, dpr: 1 }, 1, [], () => {});
  assert.equal(c.calls.filter(([name]) => name === "closePath").length, 2);
  made.take({ reach: null });
  assert.equal(made.reach, null);
});
