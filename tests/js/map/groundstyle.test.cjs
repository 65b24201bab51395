"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const path = require("node:path");
const fs = require("node:fs");
const vm = require("node:vm");
const { groundstyle, basedraw } = require("../live/load.cjs")("fonts", "basemap", "basedraw", "map/groundstyle");

// the real library, as the page would have it
const FOLDER = path.join(__dirname, "../../../assets/vendor/protomaps-leaflet");
const context = vm.createContext({ console, window: { devicePixelRatio: 1 } });
vm.runInContext(fs.readFileSync(path.join(FOLDER, "protomaps-leaflet-5.1.0.js"), "utf8"), context);
const protomaps = context.protomapsL;
const feature = (over) => ({ geomType: 2, props: {}, ...over });
const of = (rules, layer, f, zoom) => rules.filter((r) => r.dataLayer === layer && r.filter(zoom, f));

test("the library is as it was published, with its licence", () => {
  const crypto = require("node:crypto");
  const sha = crypto.createHash("sha256").update(fs.readFileSync(path.join(FOLDER, "protomaps-leaflet-5.1.0.js"))).digest("hex");
  assert.equal(sha, "26af014f7b1af308ec120b791cff76657bb9c3383633b52033e6edf9e5e4cdb5");
  assert.match(fs.readFileSync(path.join(FOLDER, "LICENSE"), "utf8"), /Protomaps LLC/);
});

test("a name is in the viewer's language, else as on the spot", () => {
  const names = { name: "Esplanadi", name_zh: "爱斯普拉纳地", name_en: "Esplanade", class: "suburb" };
  for (const [lang, want] of [["zh", "爱斯普拉纳地"], ["en", "Esplanade"]]) {
    const { labelRules } = groundstyle.rules(protomaps, lang, () => 1);
    const [rule] = of(labelRules, "place", feature({ geomType: 1, props: names }), 14);
    const { text } = rule.symbolizer.centered.symbolizer; // what is to be said: its TextAttr
    assert.equal(text.get(14, feature({ props: names })), want);
    assert.equal(text.get(14, feature({ props: { name: "Kluuvi" } })), "Kluuvi");
  }
});

test("every class of road has one paint, wider with zoom and with importance", () => {
  const { paintRules } = groundstyle.rules(protomaps, "en", () => 1);
  const classes = ["service", "residential", "tertiary", "secondary", "primary", "motorway"];
  const width = (kind, zoom) => {
    const found = of(paintRules, "road", feature({ props: { class: kind } }), zoom);
    assert.equal(found.length, 1, `${kind} at ${zoom}`);
    return found[0].symbolizer.width.get(zoom);
  };
  for (const kind of classes) assert.ok(width(kind, 18) > width(kind, 15));
  for (let k = 1; k < classes.length; k++) assert.ok(width(classes[k], 15) > width(classes[k - 1], 15));
});

test("on a wall of scale 2 a zoom shows what scale 1 shows one zoom earlier, twice as large", () => {
  const one = groundstyle.rules(protomaps, "en", () => 1), two = groundstyle.rules(protomaps, "en", () => 2);
  const path15 = feature({ props: { class: "path" } });
  assert.equal(of(one.paintRules, "road", path15, 16).length, 1);
  assert.equal(of(two.paintRules, "road", path15, 16).length, 0);
  assert.equal(of(two.paintRules, "road", path15, 17).length, 1);
  const primary = feature({ props: { class: "primary" } });
  const small = of(one.paintRules, "road", primary, 14)[0].symbolizer.width.get(14);
  assert.ok(Math.abs(of(two.paintRules, "road", primary, 15)[0].symbolizer.width.get(15) - 2 * small) < 0.01);
});

test("a tunnel is fainter than a street", () => {
  const { paintRules } = groundstyle.rules(protomaps, "en", () => 1);
  const alpha = (props) => of(paintRules, "road", feature({ props }), 15)[0].symbolizer.opacity.get(15);
  assert.ok(alpha({ class: "primary", under: 1 }) < alpha({ class: "primary" }));
});

test("water lines are stroked, water areas filled", () => {
  const { paintRules } = groundstyle.rules(protomaps, "en", () => 1);
  const kinds = (f) => of(paintRules, "water", f, 15).map((r) => r.symbolizer.constructor.name);
  assert.equal(kinds(feature({ geomType: 3, props: { class: "sea" } })).length, 1);
  assert.equal(kinds(feature({ geomType: 2, props: { class: "river" } })).length, 1);
});

test("nothing on the ground is as bright as the dimmest icon", () => {
  const luminance = (hex) => [1, 3, 5].reduce((sum, at, k) => sum + parseInt(hex.slice(at, at + 2), 16) * [0.2126, 0.7152, 0.0722][k], 0);
  for (const { color } of groundstyle.PAINT) assert.ok(luminance(color) < luminance("#46566a"), color);
  for (const { color } of groundstyle.PLACES) assert.ok(luminance(color) <= luminance("#8194a8"), color);
  assert.equal(basedraw.GROUND, "#0d151e");
});
