// What a click does to the address of the statistics page.
const assert = require("node:assert");
const test = require("node:test");

require("../../../assets/js/stats/address.js");
require("../../../assets/js/stats/charts.js");
const { address, sized, widened } = globalThis.wallboard.stats;

test("a filter is added, added to, and taken out again", () => {
  const one = address.toggle("?period=week", "category=theft");
  assert.equal(one, "?period=week&category=theft");
  const two = address.toggle(one, "category=a+%26+b%3Dc%2C+d");
  assert.deepEqual(new URLSearchParams(two).getAll("category"), ["theft", "a & b=c, d"]);
  assert.equal(address.toggle(address.toggle(two, "category=theft"), "category=a+%26+b%3Dc%2C+d"), "?period=week");
});

test("what is set to nothing leaves the address", () => {
  assert.equal(address.set("?period=day&key=x&date=2025-03-01", "period=week&key="), "?period=week&date=2025-03-01");
  assert.equal(address.set("?scope=B1", "scope="), "");
});

test("opening the drawer keeps everything, anything else closes it", () => {
  assert.equal(address.set("?hour=3", "figure=hours"), "?hour=3&figure=hours");
  assert.equal(address.set("?hour=3&figure=hours", "vs=last_year"), "?hour=3&vs=last_year");
  assert.equal(address.toggle("?hour=3&figure=hours", "hour=4"), "?hour=3&hour=4");
  assert.equal(address.choose("?category=a&figure=x", "category", []), "");
});

test("a cell of the matrix sets an hour and a weekday, and takes both out", () => {
  const cell = address.flip("?hour=1&hour=2", "weekday=6&hour=20");
  assert.equal(cell, "?hour=20&weekday=6");
  assert.equal(address.flip(cell, "weekday=6&hour=20"), "");
});

test("the way to the wall keeps the language and nothing else", () => {
  assert.equal(address.across("/", "?lang=en&period=week"), "/?lang=en");
  assert.equal(address.across("/?lang=en", "?period=week&lang=zh"), "/?lang=zh");
  assert.equal(address.across("/", "?period=week"), "/");
});

test("a chart grows by its pixels, not by its data", () => {
  const chart = {
    data: [{ type: "bar", width: 1, x: [1], y: [10], marker: { size: 5, line: { width: 2 }, pattern: { size: 8 } } }],
    layout: { margin: { l: 40, pad: 0 }, xaxis: { range: [0, 24], tickfont: { size: 12 } }, template: { layout: { font: { size: 13 } } } },
  };
  const twice = sized(chart, 2);
  assert.equal(twice.data[0].width, 1);
  assert.deepEqual(twice.data[0].marker, { size: 10, line: { width: 4 }, pattern: { size: 16 } });
  assert.deepEqual(twice.layout.margin, { l: 80, pad: 0 });
  assert.deepEqual(twice.layout.xaxis, { range: [0, 24], tickfont: { size: 24 } });
  assert.equal(twice.layout.template.layout.font.size, 26);
  assert.deepEqual(sized(chart, 1), chart);
});

test("columns of a table grow too", () => {
  assert.deepEqual(widened([{ field: "a", width: 100 }, { field: "b", width: 90, minWidth: 50 }], 1.5),
    [{ field: "a", width: 150, minWidth: 105 }, { field: "b", width: 135, minWidth: 75 }]);
});
