"use strict";
const { test, beforeEach, afterEach, mock } = require("node:test");
const assert = require("node:assert/strict");
const { TileGround } = require("../live/load.cjs")("map/tilelayer");

/** Leaflet as far as a ground of images needs it. */
class Layer {
  constructor(url, options) {
    Object.assign(this, { url, options, handlers: {}, _tiles: {}, onMap: false });
  }
  on(name, fn) { this.handlers[name] = fn; }
  addTo() { this.onMap = true; }
  remove() { this.onMap = false; }
}
const image = (src) => ({ src, getAttribute: () => src });
const FACTS = { kind: "tiles", urls: ["https://a.example/{z}/{x}/{y}", "https://b.example/{z}"], subdomains: "ab", minZoom: 0, maxZoom: 17, look: "dim" };

let made, told, map, ground;
beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  made = [];
  told = [];
  globalThis.L = { tileLayer: (url, options) => made[made.push(new Layer(url, options)) - 1] };
  const pane = { style: {}, dataset: {} };
  map = { pane, zoom: 15, getPane: () => pane, getZoom() { return this.zoom; }, on(handlers) { this.handlers = handlers; } };
  ground = new TileGround(FACTS, (name, detail) => told.push([name, detail.what, detail.detail]));
  ground.mount(map);
  await Promise.resolve();
});
afterEach(() => mock.timers.reset());

test("one layer an address, the first one below, with the look on their pane", () => {
  assert.deepEqual(made.map((l) => [l.url, l.onMap, l.options.maxNativeZoom, l.options.subdomains]), FACTS.urls.map((u) => [u, true, 17, "ab"]));
  assert.equal(map.pane.dataset.look, "dim");
  assert.equal(map.pane.style.zIndex, "140");
});

test("another language asks for other tiles, the same one does not", async () => {
  ground.setLang("zh");
  assert.equal(made.length, 2);
  ground.setLang("en");
  await Promise.resolve();
  assert.deepEqual(made.map((l) => l.onMap), [false, false, true, true]);
  assert.equal(made[2].options.lang, "en");
  assert.equal(made[0].options.lang, "zh_cn");
});

test("switched off there is no layer, switched on again there is", async () => {
  ground.show(false);
  await Promise.resolve();
  assert.ok(made.every((l) => !l.onMap));
  ground.show(true);
  await Promise.resolve();
  assert.deepEqual(made.map((l) => l.onMap), [false, false, true, true]);
});

test("a few missing tiles are not worth a word, many are; they are asked for again, and it is over when they come", () => {
  const [layer] = made, tiles = Array.from({ length: 10 }, (_, k) => image(`https://a.example/${k}`));
  layer._tiles = Object.fromEntries(tiles.entries());
  const fetched = [];
  for (const tile of tiles) Object.defineProperty(tile, "src", { set: (v) => fetched.push(v) });
  layer.handlers.tileerror({ tile: tiles[0] });
  layer.handlers.tileerror({ tile: tiles[1] });
  assert.deepEqual(told, []);
  layer.handlers.tileerror({ tile: tiles[2] });
  assert.deepEqual(told, [["problem", "basemap", "3 of 10 tiles of a.example did not come"]]);
  assert.deepEqual(fetched, []);
  mock.timers.tick(20000);
  assert.deepEqual(fetched, ["https://a.example/0", "https://a.example/1", "https://a.example/2"]);
  layer.handlers.tileload({ tile: tiles[0] });
  layer.handlers.tileunload({ tile: tiles[1] });
  assert.equal(told.length, 1);
  layer.handlers.tileload({ tile: tiles[2] });
  assert.deepEqual(told[1], ["problem", "basemap", null]);
});

test("text must not shrink with the tiles: their scale between whole zooms is known before they are asked for", () => {
  for (const [zoom, shrink] of [[15, 1], [15.25, 2 ** -0.25], [15.75, 2 ** 0.25], [16, 1]]) {
    map.handlers.zoomanim({ zoom });
    assert.ok(Math.abs(ground.shrink - shrink) < 1e-9);
  }
});

test("a map that is gone is left alone", () => {
  map.handlers.unload();
  const before = made.length;
  ground.setLang("en");
  assert.equal(made.length, before);
});
