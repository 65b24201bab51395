"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("../live/load.cjs");

const { pointer } = load("map/pointer");
const UNIT = { kind: "unit", id: "U1", slot: 0 };

/** A layer that keeps what is asked and what is told. */
function stage() {
  const asked = [], told = [];
  const map = {
    getZoom: () => 10, getPixelOrigin: () => ({ x: 0, y: 0 }), containerPointToLayerPoint: (point) => ({ add: () => point }),
    getContainer: () => ({ style: {} }),
  };
  pointer.renew({ map, emit: () => {} });
  const layer = { map, post: (message) => asked.push(message), emit: (name, detail) => told.push([name, detail?.id ?? null]) };
  return { layer, asked, told };
}

const AT = { containerPoint: { x: 5, y: 6 } };

test("one question at a time while the pointer moves, the latest place next", () => {
  const { layer, asked, told } = stage();
  pointer.move(layer, AT);
  pointer.move(layer, { containerPoint: { x: 7, y: 6 } });
  pointer.move(layer, { containerPoint: { x: 9, y: 6 } });
  assert.equal(asked.length, 1);
  pointer.answer({ ask: asked[0].ask, hit: UNIT });
  assert.equal(asked.length, 2);
  assert.equal(asked[1].x * 256 * 2 ** 10, 9);
  assert.deepEqual(told, [["hover", "U1"]]);
});

test("a pointer that has left the map hovers over nothing, whatever is still answered", () => {
  const { layer, asked, told } = stage();
  pointer.move(layer, AT);
  pointer.leave(layer);
  pointer.answer({ ask: asked[0].ask, hit: UNIT });
  assert.deepEqual(told, []);
  pointer.move(layer, AT);
  assert.equal(asked.length, 2);
});

test("a click holds when the pointer leaves before its answer", () => {
  const { layer, asked, told } = stage();
  pointer.click(layer, AT);
  pointer.leave(layer);
  pointer.answer({ ask: asked[0].ask, hit: UNIT });
  assert.deepEqual(told, [["select", "U1"]]);
});

test("nothing is awaited of a worker that is gone", () => {
  const { layer, asked, told } = stage();
  pointer.click(layer, AT);
  pointer.renew(layer);
  assert.equal(pointer.open.size, 0);
  pointer.answer({ ask: asked[0].ask, hit: UNIT });
  assert.deepEqual(told, []);
});
