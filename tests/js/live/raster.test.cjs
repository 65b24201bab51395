"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { raster } = require("./load.cjs")("raster");

const rgba = (r, g, b, a) => (a << 24) | (b << 16) | (g << 8) | r;
const parts = (c) => [c & 255, (c >>> 8) & 255, (c >>> 16) & 255, c >>> 24];
const RED = rgba(255, 0, 0, 255), HALF = rgba(0, 0, 255, 128), NONE = 0;

function surface(w = 8, h = 6) {
  const made = new raster.Surface();
  made.resize(w, h);
  return made;
}
// a red 3×2 block with one translucent pixel at its right
const sprite = () => raster.compile(Int32Array.of(RED, RED, RED, HALF, RED, RED, RED, NONE), 4, 2, 1, 1);

test("sprites are runs of equal pixels around their anchor, opaque ones first", () => {
  const made = sprite();
  assert.equal(made.runs.length / 3, 3);
  assert.equal(made.solid / 3, 2);
  assert.equal(made.size, 7);
  assert.deepEqual([made.left, made.right, made.top, made.bottom], [-1, 2, -1, 0]);
});

test("a sprite lands where it should, on any width", () => {
  for (const width of [8, 13]) {
    const made = surface(width), drawn = sprite();
    made.blit(drawn, 3, 2);
    assert.equal(made.pixels[1 * width + 2], RED);
    assert.equal(made.pixels[2 * width + 4], RED);
    assert.equal(made.pixels[1 * width + 5], HALF);
    assert.equal([...made.pixels].filter(Boolean).length, 7);
  }
});

test("one sprite serves surfaces of different widths in turn", () => {
  const narrow = surface(8), wide = surface(13), drawn = sprite();
  narrow.blit(drawn, 3, 2);
  wide.blit(drawn, 3, 2);
  assert.equal(wide.pixels[13 + 2], RED);
});

test("at the edges the rest is cut off", () => {
  const made = surface();
  made.blit(sprite(), 0, 0);
  assert.deepEqual([...made.pixels].filter(Boolean).length, 2);
  made.blit(sprite(), 7, 5);
  made.blit(sprite(), 100, 100);
  assert.equal(made.pixels[5 * 8 + 7], RED);
  made.clear();
  assert.ok(made.pixels.every((c) => c === 0));
});

test("clearing empties everything, whether little or much was drawn", () => {
  for (const times of [1, 400]) {
    const made = surface(64, 64);
    for (let k = 0; k < times; k++) made.blit(sprite(), (k * 7) % 64, (k * 13) % 64);
    made.clear();
    assert.ok(made.pixels.every((c) => c === 0));
  }
});

test("blending is source over destination within one step of 255", () => {
  const over = ([sr, sg, sb, sa], [dr, dg, db, da]) => {
    const a = sa + (da * (255 - sa)) / 255;
    return [[sr, dr], [sg, dg], [sb, db]].map(([s, d]) => (s * sa + (d * da * (255 - sa)) / 255) / a).concat(a);
  };
  let seed = 3;
  const byte = () => (seed = (seed * 16807) % 2147483647) & 255;
  for (let k = 0; k < 5000; k++) {
    const s = [byte(), byte(), byte(), 1 + (byte() % 255)], d = [byte(), byte(), byte(), k % 3 ? 255 : byte()];
    const got = parts(raster.blend(rgba(...d), rgba(...s)));
    const want = over(s, d);
    got.forEach((v, c) => assert.ok(Math.abs(v - want[c]) <= 1.5, `${s} over ${d}: ${got}, wanted ${want}`));
  }
  assert.equal(raster.blend(NONE, HALF), HALF);
  assert.equal(raster.blend(HALF, RED), RED);
});
