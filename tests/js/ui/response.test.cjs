"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { response, texts } = load("texts", "response");
texts.load(JSON.stringify({ zh: { "response.of": "{k}/{n}" }, en: {} }));

test("a share is a percentage, of a few it is told how many, and 100 % is all of them", () => {
  assert.deepEqual([[0, 0], [3, 9], [9, 9], [50, 52], [9999, 10000], [10, 10], [0, 20]].map(([k, n]) => response.share(k, n)),
    ["–", "3/9", "9/9", "96.2%", "99.9%", "100%", "0.0%"]);
});

test("causes of all classes are added up, most frequent first", () => {
  const tiles = [{ today: { causes: [["travel", 3], ["dispatch", 1]] } }, { today: { causes: [["dispatch", 4]] } }, { today: { causes: [] } }];
  assert.deepEqual([...response.causes(tiles)].map((pair) => [...pair]), [["dispatch", 5], ["travel", 3]]);
});
