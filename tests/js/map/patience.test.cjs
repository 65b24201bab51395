"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { Patience } = require("../live/load.cjs")("map/patience");

const S = 1000;

/** A server, and one wall whose tiles ask it once a second. @param {(tile: string, now: number) => boolean|null} answers null: none */
function wall(names, answers, random = () => 1) {
  const patience = new Patience(random), asked = [];
  const ask = (tile, now) => {
    asked.push([tile, now]);
    const well = answers(tile, now);
    if (well !== null) patience[well ? "came" : "missed"](tile, now);
  };
  let now = 0;
  for (const tile of names) patience.asked(tile, now);
  for (const tile of names) ask(tile, now);
  const until = (end) => {
    for (; now < end; now += S) {
      patience.silent(now);
      for (const tile of patience.due(now)) ask(tile, now);
      patience.judge(names.length);
    }
  };
  return { patience, asked, until, at: (tile) => asked.filter(([t]) => t === tile).map(([, t]) => t / S) };
}
const NAMES = Array.from({ length: 50 }, (_, k) => `t${k}`);

test("a tile that fails is asked for ever later, at most every two minutes", () => {
  const { until, at } = wall(["a"], () => false);
  until(600 * S);
  assert.deepEqual(at("a"), [0, 5, 15, 35, 75, 155, 275, 395, 515]);
});

test("each tile has its own moment, so a sick server gets no bursts", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const { until, asked } = wall(NAMES, () => false, random);
  until(1200 * S);
  const late = asked.filter(([, t]) => t > 600 * S), seconds = new Map();
  for (const [, t] of late) seconds.set(t, (seconds.get(t) ?? 0) + 1);
  assert.ok(late.length < 50 * 600 / 60);
  assert.ok(Math.max(...seconds.values()) <= 5);
});

test("once a server lives again the first tile brings all others soon", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const { patience, until, asked } = wall(NAMES, (_, now) => now >= 1000 * S, random);
  until(1000 * S);
  assert.equal(patience.failed.size, 50);
  const first = asked.length;
  until(1130 * S);
  const came = asked.slice(first).map(([, t]) => t);
  assert.equal(came.length, 50);
  assert.ok(came.at(-1) - came[0] <= 6 * S);
  assert.equal(patience.judge(50), "");
});

test("tiles that are missing for ever bring nobody else's asking about, nor a word while they are few", () => {
  const { patience, until, at } = wall(NAMES, (tile) => tile !== "t3");
  until(600 * S);
  assert.deepEqual(NAMES.filter((tile) => at(tile).length > 1), ["t3"]);
  assert.equal(patience.judge(50), "");
});

test("a server that lets a few through does not get the rest at once each time", () => {
  let n = 0;
  const { until, asked } = wall(NAMES, () => n++ % 10 === 0);
  until(30 * S);
  assert.ok(asked.length < 50 * 4);
});

test("silence is a failure after ten seconds; answers to others mean that a tile waits for its turn, for a minute", () => {
  const patience = new Patience(() => 1);
  patience.asked("a", 0);
  patience.asked("b", 0);
  assert.deepEqual(patience.silent(9 * S), []);
  patience.came("b", 9 * S);
  assert.deepEqual(patience.silent(18 * S), []);
  assert.deepEqual(patience.silent(19 * S), ["a"]);
  assert.match(patience.judge(2), /^1 of 2 tiles did not come, 1 of them without an answer in 10 s$/);
  assert.deepEqual(patience.silent(60 * S), []);
  const busy = new Patience(() => 1);
  busy.asked("a", 0);
  for (let now = 0; now < 60 * S; now += S) {
    busy.came("others", now);
    assert.deepEqual(busy.silent(now), []);
  }
  assert.deepEqual(busy.silent(60 * S), ["a"]);
});

test("another view of a sick server is not well before something came", () => {
  const patience = new Patience(() => 1);
  patience.asked("a", 0);
  patience.missed("a", 0);
  assert.notEqual(patience.judge(1), "");
  patience.forget("a");
  patience.asked("b", S);
  assert.notEqual(patience.judge(1), "");
  patience.came("b", 2 * S);
  assert.equal(patience.judge(1), "");
});

test("what is heard of a tile that nobody waits for changes nothing", () => {
  const patience = new Patience(() => 1);
  patience.asked("a", 0);
  patience.silent(10 * S);
  patience.missed("a", 11 * S);
  assert.equal(patience.failed.get("a").failures, 1);
  assert.equal(patience.failed.get("a").silent, true);
});
