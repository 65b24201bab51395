"use strict";
const { test, beforeEach, afterEach, mock } = require("node:test");
const assert = require("node:assert/strict");
const { TileGround } = require("../live/load.cjs")("map/patience", "map/tilelayer");

/** Leaflet as far as a ground of images needs it. */
class Layer {
  constructor(url, options) {
    Object.assign(this, { url, options, handlers: {}, _tiles: {}, onMap: false });
  }
  on(handlers) { Object.assign(this.handlers, handlers); }
  addTo() { this.onMap = true; }
  remove() { this.onMap = false; }
  getTileUrl({ x }) {
    if (this.url.includes("{no}")) throw new Error("No value provided for variable {no}");
    return `https://a.example/${x}`;
  }
  /** Tiles as Leaflet makes them: an image each, with its address in it. */
  ask(n) {
    const tiles = Array.from({ length: n }, (_, x) => new Image(this.getTileUrl({ x })));
    this._tiles = Object.fromEntries(tiles.entries());
    for (const tile of tiles) this.handlers.tileloadstart({ tile });
    return tiles;
  }
}
/** An image, with every address that it was given. */
class Image {
  constructor(src) { Object.assign(this, { asked: [src] }); }
  set src(value) { this.asked.push(value); }
  getAttribute() { return this.asked.at(-1); }
  removeAttribute() { this.asked.push(null); }
}
const FACTS = { kind: "tiles", urls: ["https://a.example/{z}/{x}/{y}", "https://b.example/{z}"], subdomains: "ab", minZoom: 0, maxZoom: 17, look: "dim" };

let made, told, map, ground, clock;
const pass = (ms) => {
  for (let left = ms; left > 0; left -= 1000) {
    clock += 1000;
    mock.timers.tick(1000);
  }
};
beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  made = [];
  told = [];
  clock = 0;
  globalThis.L = { tileLayer: (url, options) => made[made.push(new Layer(url, options)) - 1] };
  const pane = { style: {}, dataset: {} };
  map = { pane, zoom: 15, getPane: () => pane, getZoom() { return this.zoom; }, on(handlers) { this.handlers = handlers; } };
  ground = new TileGround(FACTS, (name, detail) => told.push([name, detail.what, detail.detail]), () => clock, () => 1);
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
  const [layer] = made, tiles = layer.ask(10);
  for (const tile of tiles.slice(3)) layer.handlers.tileload({ tile });
  layer.handlers.tileerror({ tile: tiles[0] });
  layer.handlers.tileerror({ tile: tiles[1] });
  assert.deepEqual(told, []);
  layer.handlers.tileerror({ tile: tiles[2] });
  assert.deepEqual(told, [["problem", "basemap", "a.example: 3 of 10 tiles did not come"]]);
  pass(4000);
  assert.deepEqual(tiles.map((t) => t.asked.length), Array(10).fill(1));
  pass(1000);
  assert.deepEqual(tiles.map((t) => t.asked.length), [2, 2, 2, 1, 1, 1, 1, 1, 1, 1]);
  assert.equal(tiles[0].asked[1], "https://a.example/0");
  layer.handlers.tileload({ tile: tiles[0] });
  assert.deepEqual(told[1], ["problem", "basemap", null]);
});

test("tiles without any answer are given up, said, asked for again, and well when they come", () => {
  const [layer] = made, tiles = layer.ask(2);
  pass(9000);
  assert.deepEqual(told, []);
  pass(1000);
  assert.deepEqual(told.at(-1), ["problem", "basemap", "a.example: 2 of 2 tiles did not come, 2 of them without an answer in 10 s"]);
  assert.deepEqual(tiles[1].asked, ["https://a.example/1", null]);
  pass(5000);
  assert.deepEqual(tiles[1].asked, ["https://a.example/1", null, "https://a.example/1"]);
  for (const tile of tiles) layer.handlers.tileload({ tile });
  assert.deepEqual(told.at(-1), ["problem", "basemap", null]);
  pass(60000);
  assert.equal(tiles[1].asked.length, 3);
});

test("tiles that Leaflet has thrown away are not asked for again, whichever way they went", () => {
  const [layer] = made, tiles = layer.ask(2);
  for (const tile of tiles) layer.handlers.tileerror({ tile });
  layer.handlers.tileunload({ tile: tiles[0] });
  layer.handlers.tileabort({ tile: tiles[1] });
  layer._tiles = {};
  pass(20000);
  assert.deepEqual(tiles.map((t) => t.asked.length), [1, 1]);
  assert.deepEqual(told.at(-1), ["problem", "basemap", null]);
});

test("a person who moves the map need not wait for what is missing", () => {
  const [layer] = made, [tile] = layer.ask(1);
  for (let k = 0; k < 6; k++) {
    layer.handlers.tileerror({ tile });
    pass(120000);
  }
  layer.handlers.tileerror({ tile });
  const before = tile.asked.length;
  map.handlers.dragend();
  pass(5000);
  assert.equal(tile.asked.length, before + 1);
});

test("an address that cannot be made is a problem said, never an exception", async () => {
  FACTS.urls.forEach((_, k) => { made[k].url = "https://a.example/{no}"; });
  const tiles = made[0].ask(2);
  assert.deepEqual(told, [["problem", "basemap", "Error: No value provided for variable {no}"]]);
  for (const tile of tiles) made[0].handlers.tileerror({ tile });
  pass(60000);
  assert.deepEqual(tiles.map((t) => t.asked), [[""], [""]]);
  assert.equal(told.length, 1);
  ground.show(false);
  await Promise.resolve();
  assert.deepEqual(told[1], ["problem", "basemap", null]);
});

test("a layer that Leaflet does not take is a problem said, and tried again", async () => {
  const addTo = mock.method(Layer.prototype, "addTo", () => { throw new Error("no"); });
  ground.setLang("en");
  await Promise.resolve();
  assert.deepEqual(told, [["problem", "basemap", "Error: no"]]);
  addTo.mock.restore();
  pass(13000);
  assert.equal(made.at(-1).onMap, true);
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
