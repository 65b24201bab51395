"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { fit } = load("fit");

test("the smallest text is 12 px at 1080p, 24 px with scale=2, and grows with the wall", () => {
  assert.equal(fit.rootPx(1920, 1080, 1), 12);
  assert.equal(fit.rootPx(1920, 1080, 2), 24);
  assert.equal(fit.rootPx(3840, 2160, 1), 24);
  assert.equal(fit.rootPx(1366, 768, 1), 12);
  assert.equal(fit.rootPx(3840, 1080, 1), 12);
});

test("the asked scale is read from the address and kept sane", () => {
  assert.equal(fit.askedScale("?scale=2"), 2);
  assert.equal(fit.askedScale("?lang=en"), 1);
  assert.equal(fit.askedScale("?scale=abc"), 1);
  assert.equal(fit.askedScale("?scale=-1"), 1);
  assert.equal(fit.askedScale("?scale=99"), 4);
});

test("4K is composed like 1080p; a laptop is narrower; scale 2 has no left column", () => {
  const columns = (w, h, scale) => fit.columnsFor(w / fit.rootPx(w, h, scale));
  assert.equal(columns(1920, 1080, 1), "wide");
  assert.equal(columns(3840, 2160, 1), "wide");
  assert.equal(columns(1366, 768, 1), "mid");
  assert.equal(columns(1920, 1080, 2), "narrow");
});

test("panels leave in their order until the rest fits; what never leaves stays", () => {
  const needs = [{ name: "queue", leaves: 0, need: 26 }, { name: "drones", leaves: 10, need: 9 }, { name: "alarms", leaves: 50, need: 10 }];
  const gone = (room) => [...fit.leaving(needs, room, 1)].join(" ");
  assert.equal(gone(47), "");
  assert.equal(gone(46.9), "drones");
  assert.equal(gone(37), "drones");
  assert.equal(gone(36), "drones alarms");
  assert.equal(gone(5), "drones alarms");
});

test("as many rows as fit, the gap after the last one not counted, and at least one", () => {
  assert.equal(fit.rowsFor(100, 20, 5), 4);
  assert.equal(fit.rowsFor(95, 20, 5), 4);
  assert.equal(fit.rowsFor(94, 20, 5), 3);
  assert.equal(fit.rowsFor(3, 20, 5), 1);
  assert.equal(fit.rowsFor(100, 0, 5), 1);
});

test("the drones' tiles share the height and never go below what they need", () => {
  const of = (/** @type {number} */ n, /** @type {number} */ height, wide = true) => ({ ...fit.tilesFor(n, height, 1, wide) });
  assert.deepEqual(of(4, 49), { across: 2, lines: 2, tile: 24 });
  assert.deepEqual(of(1, 49), of(4, 49));
  assert.deepEqual(of(5, 49), { across: 3, lines: 2, tile: 24 });
  assert.deepEqual(of(5, 49, false), { across: 2, lines: 2, tile: 24 });
  assert.deepEqual(of(2, 90), { across: 2, lines: 5, tile: 32 });
  assert.deepEqual(of(9, 90), { across: 2, lines: 5, tile: 17.2 });
  assert.deepEqual(of(3, 12), { across: 3, lines: 1, tile: 16 });
});

test("a city stands between what lies over the map from side to side", () => {
  const of = (/** @type {number[][]} */ ...boxes) => [...fit.reserved(boxes, 400, 300)];
  assert.deepEqual(of([10, 10, 150, 40], [10, 260, 390, 290]), [0, 40]);
  assert.deepEqual(of([10, 10, 390, 40], [10, 250, 390, 290]), [40, 50]);
  assert.deepEqual(of([10, 100, 390, 290]), [0, 0], "more than half: the city is not pressed into the rest");
  assert.deepEqual(of(), [0, 0]);
});
