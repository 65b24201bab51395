"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const world = load("texts", "format", "reasons", "cover", "watch");
const { cover, watch, texts } = world;
texts.load(JSON.stringify({ zh: {}, en: {
  "cover.move": "Move {unit}: mends {n}", "cover.moves": "{moves} moves mend {n}", "cover.unmendable": "{n} cannot be mended",
  "watch.later": "reported {time} later", "watch.earlier": "reported {time} earlier", "watch.same": "same time",
} }));
texts.setLang("en");

const spot = (id, margin_s) => ({ id, margin_s });

test("gaps come first that nobody reaches, then the latest; what is in reach from the least margin on", () => {
  const spots = [spot("a", 10), spot("b", -5), spot("c", null), spot("d", -60), spot("e", 0)];
  assert.deepEqual(cover.gaps(spots).map((s) => s.id), ["c", "d", "b"]);
  assert.deepEqual(cover.covered(spots).map((s) => s.id), ["e", "a"]);
});

test("the moves are told in one line", () => {
  const move = (callsign, ...mends) => ({ callsign, mends });
  assert.equal(cover.movesSaid({ moves: [move("P-7", "x", "y")], unmendable: [] }), "Move P-7: mends 2");
  assert.equal(cover.movesSaid({ moves: [move("P-7", "x", "y"), move("P-8", "z")], unmendable: ["w"] }), "2 moves mend 3 · 1 cannot be mended");
  assert.equal(cover.movesSaid({ moves: [], unmendable: [] }), "");
});

test("late is what misses its target; what nobody can tell is not late", () => {
  assert.deepEqual([-1, 0, 5, null].map((margin_s) => watch.isLate({ margin_s })), [true, false, false, false]);
});

test("a reported arrival is later, earlier or the same as by GPS, or there is nothing to compare", () => {
  assert.deepEqual([83, -20, 0.4, null].map((difference_s) => watch.difference({ difference_s })), ["reported 1:23 later", "reported 0:20 earlier", "same time", ""]);
});
