"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");
const { body, cells } = require("./heat_town.json");

const wallboard = load("heat");
const { Heat, legend } = wallboard.heat;

/** Centres and counts as the fixture has them. */
function told(heat, size) {
  const { coarse, fine } = heat.shown, of = { coarse, fine }[size], out = [];
  heat.counts[size].forEach((n, i) => {
    const { lat, lon } = wallboard.datum.degrees(of.x[i], of.y[i]);
    if (n) out.push({ lat, lon, n, thefts: Object.fromEntries(heat.kinds(size, i)).theft ?? 0 });
  });
  return out;
}

test("every cell and count is the server's recount with the h3 package, in every window and resolution", () => {
  const heat = new Heat();
  heat.set(body);
  for (const window of ["hour", "day", "week"]) {
    heat.choose({ window });
    for (const [size, resolution] of [["coarse", 8], ["fine", 9]]) {
      const expected = cells.filter((c) => c[0] === resolution && c[1] === window);
      const shown = told(heat, size);
      assert.equal(shown.length, expected.length);
      for (const [, , lat, lon, n, thefts] of expected) {
        const near = shown.filter((s) => Math.hypot(s.lat - lat, s.lon - lon) < 6e-5); // 6 m
        assert.deepEqual(near.map((s) => [s.n, s.thefts]), [[n, thefts]]);
      }
    }
  }
});

test("one category alone", () => {
  const heat = new Heat();
  heat.set(body);
  heat.choose({ category: "theft" });
  const thefts = cells.filter((c) => c[0] === 9 && c[1] === "week").map((c) => c[5]).filter(Boolean).sort();
  assert.deepEqual(told(heat, "fine").map((s) => s.n).sort(), thefts);
  heat.choose({ category: "not here" });
  assert.deepEqual(told(heat, "fine"), []);
  assert.deepEqual(heat.legends.fine.classes, []);
});

test("the pointer finds the cell that it is in, and none beside", () => {
  const heat = new Heat();
  heat.set(body);
  const { x, y, patch, outlines } = heat.shown.fine, i = heat.counts.fine.findIndex((n) => n > 0);
  const corner = outlines[patch[i]][2];
  assert.equal(heat.at(x[i], y[i], 14, 1).id, `fine ${i}`);
  assert.equal(heat.at(x[i] + 0.9 * corner[0], y[i] + 0.9 * corner[1], 14, 1).id, `fine ${i}`);
  assert.notEqual(heat.at(x[i] + 1.1 * corner[0], y[i] + 1.1 * corner[1], 14, 1)?.id, `fine ${i}`);
  assert.match(heat.at(x[i], y[i], 11, 1).id, /^coarse/);
  heat.choose({ on: false });
  assert.equal(heat.at(x[i], y[i], 14, 1), null);
});

test("classes hold every cell once, from 1 on, and are at most four", () => {
  for (const counts of [[], [0, 0], [1], [1, 1, 1, 2], [5, 5, 5], Array.from({ length: 500 }, (_, k) => Math.floor(k ** 1.4 / 50))]) {
    const { classes, cells: held, most } = legend(Uint32Array.from(counts), "fine");
    const some = counts.filter(Boolean);
    assert.equal(held.reduce((a, b) => a + b, 0), some.length);
    assert.ok(classes.length <= 4 && (classes.length > 0) === (some.length > 0));
    assert.equal(most, some.length ? Math.max(...some) : 0);
    classes.forEach(([from, to], k) => {
      assert.equal(from, k ? classes[k - 1][1] + 1 : 1);
      assert.equal(to === null, k === classes.length - 1);
    });
  }
});

test("only what is in the picture is drawn, in as many fills as classes or a few more", () => {
  const heat = new Heat(), calls = { fill: 0, moveTo: 0 };
  heat.set(body);
  const c = { beginPath() {}, closePath() {}, lineTo() {}, moveTo: () => calls.moveTo++, fill: () => calls.fill++ };
  const place = wallboard.datum.place(30.57, 104.06), px = 256 * 2 ** 15;
  heat.draw(c, { id: 1, x: place.x - 500 / px, y: place.y - 500 / px, zoom: 15, w: 1000, h: 1000, dpr: 1 }, 1);
  assert.equal(calls.fill, heat.legends.fine.classes.length);
  const all = heat.counts.fine.filter((n) => n).length;
  assert.ok(calls.moveTo > 3 && calls.moveTo < all, `${calls.moveTo} of ${all}`);
  heat.choose({ on: false });
  heat.draw(c, { id: 1, x: place.x, y: place.y, zoom: 13, w: 1000, h: 1000, dpr: 1 }, 1);
  assert.equal(calls.fill, heat.legends.fine.classes.length);
});

test("a longer period has cells of its own, and nothing until it has been read", () => {
  const heat = new Heat(), revision = heat.revision;
  heat.set(body);
  heat.choose({ window: "month" });
  assert.deepEqual([heat.counts.fine.length, heat.legend(14, 1).classes.length], [0, 0]);
  heat.choose({ past: { ...body, window: "month", day: [], hour: [] } });
  assert.ok(heat.revision > revision);
  const week = cells.filter((c) => c[0] === 9 && c[1] === "week");
  assert.equal(told(heat, "fine").length, week.length);
  heat.choose({ category: "theft" });
  assert.deepEqual(told(heat, "fine").map((s) => s.n).sort(), week.map((c) => c[5]).filter(Boolean).sort());
  heat.choose({ window: "year", category: "" });
  assert.equal(heat.at(heat.live.fine.x[0], heat.live.fine.y[0], 14, 1), null);
  heat.choose({ window: "hour" });
  assert.equal(told(heat, "fine").length, cells.filter((c) => c[0] === 9 && c[1] === "hour").length);
});

test("an empty document is an empty map", () => {
  const heat = new Heat();
  heat.set({ categories: [], patches: [], coarse: [], fine: [], week: [], day: [], hour: [] });
  assert.deepEqual(heat.legend(13, 1).classes, []);
  assert.equal(heat.at(0.5, 0.5, 13, 1), null);
});
