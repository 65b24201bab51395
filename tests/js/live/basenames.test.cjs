"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { basemap, basenames } = require("./load.cjs")("fonts", "basemap", "basenames");

const feature = (type, coordinates, properties) => ({ type: "Feature", properties, geometry: { type, coordinates } });
const base = (...features) => basemap.parse({ type: "FeatureCollection", features });
const ROAD = { kind: "road", class: "primary", name_zh: "人民路", name_en: "Renmin Road" };
const EAST = feature("LineString", [[108, 22], [108.02, 22], [108.04, 22]], ROAD);

/** A context that keeps what is written where, each letter ten pixels wide. */
function paper() {
  const written = [];
  let at = { x: 0, y: 0, turn: 0 };
  return {
    written, measureText: (text) => ({ width: 10 * text.length }), save() {}, restore() { at = { x: 0, y: 0, turn: 0 }; },
    translate: (x, y) => { at.x = x; at.y = y; }, rotate: (turn) => { at.turn = turn; }, strokeText() {},
    fillText: (text, x, y) => written.push({ text, x: at.x + x, y: at.y + y, turn: at.turn }),
  };
}

/** A sheet of 1000 × 600 px on which a hundredth of a degree is a hundred pixels; shapes begin at 200, 300. */
const sheet = (over = {}) => ({
  span: 3600000, sx: 200, sy: 300, window: { x0: -1, y0: -1, x1: 1, y1: 1 }, zoom: 14, k: 1, w: 1000, h: 600, lang: "zh",
  ground: "#000", taken: [], ...over,
});
const draw = (map, over) => {
  const c = paper();
  basenames.draw(c, map, sheet(over), () => {});
  return c.written;
};

test("Chinese stands letter by letter along a road, from left to right", () => {
  const written = draw(base(EAST));
  assert.equal(written.map((w) => w.text).join(""), "人民路");
  assert.ok(written.every((w) => w.turn === 0 && Math.abs(w.y - 300) < 1));
  assert.ok(written[0].x < written[1].x && written[1].x < written[2].x);
  assert.ok(Math.abs(written[1].x - 400) < 1, "in the middle of the road");
});

test("a road drawn westwards reads the same", () => {
  const west = feature("LineString", [[108.04, 22], [108.02, 22], [108, 22]], ROAD);
  const written = draw(base(west), { sx: 600 });
  assert.deepEqual(written.map((w) => w.text), [..."人民路"]);
  assert.ok(written[0].x < written[2].x);
});

test("a road that runs south reads from above", () => {
  const north = feature("LineString", [[108, 22], [108, 22.02], [108, 22.04]], ROAD);
  const written = draw(base(north), { sy: 500 });
  assert.ok(written[0].y < written[1].y && written[1].y < written[2].y);
});

test("English lies along the line and is never upside down", () => {
  for (const line of [[[108, 22], [108.03, 22.02]], [[108.03, 22.02], [108, 22]]]) {
    const [written] = draw(base(feature("LineString", line, ROAD)), { lang: "en", sx: 500, sy: 300 });
    assert.equal(written.text, "Renmin Road");
    assert.ok(Math.abs(written.turn) < Math.PI / 2);
  }
});

test("names keep clear of each other, and the larger road is named first", () => {
  const beside = feature("LineString", [[108, 22.0002], [108.04, 22.0002]], { kind: "road", class: "secondary", name: "窄巷" });
  assert.deepEqual(draw(base(beside, EAST)).map((w) => w.text), [..."人民路"]);
});

test("room that is taken already stays free", () => {
  assert.deepEqual(draw(base(EAST), { taken: [{ x: 400, y: 300, r: 20 }] }), []);
});

test("a name is wholly in sight or wholly out of it, never cut", () => {
  const names = (/** @type {number[]} */ ...box) => draw(base(EAST), { hidden: [box] }).map((w) => w.text).join("");
  assert.equal(names(0, 0, 400, 600), "", "the edge of the frame runs through it");
  assert.equal(names(0, 0, 800, 300), "", "or along it");
  assert.equal(names(0, 0, 300, 600), "人民路");
  assert.equal(names(0, 0, 800, 600), "人民路", "ready for when the map is moved");
});

test("no name without room, off the sheet, or from too far", () => {
  const short = feature("LineString", [[108, 22], [108.002, 22]], ROAD);
  assert.deepEqual(draw(base(short)), []);
  assert.deepEqual(draw(base(EAST), { sx: -5000, window: { x0: 0.5, y0: -1, x1: 1, y1: 1 } }), []);
  assert.deepEqual(draw(base(EAST), { zoom: 11 }), []);
});

test("names stay on the ground while the map is moved", () => {
  const [before, after] = [draw(base(EAST)), draw(base(EAST), { sx: 180, sy: 290 })];
  assert.deepEqual(after.map(({ x, y }) => [Math.round(x), Math.round(y)]),
    before.map(({ x, y }) => [Math.round(x - 20), Math.round(y - 10)]));
});

test("a line that turns a corner is not written on", () => {
  assert.equal(basenames.crooked([{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }]), true);
  assert.equal(basenames.crooked([{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 20, y: 2 }]), false);
});

test("a lake has its name inside, if it is large enough", () => {
  const ring = (d) => [[[108, 22], [108 + d, 22], [108 + d, 22 + d], [108, 22 + d], [108, 22]]];
  const lake = (d) => base(feature("Polygon", ring(d), { kind: "water", name_zh: "南湖", name_en: "Nanhu Lake" }));
  assert.deepEqual(draw(lake(0.01)).map((w) => w.text), ["南湖"]);
  assert.deepEqual(draw(lake(0.001)), []);
});
