"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const catalogue = JSON.stringify({
  zh: { "queue.more": "另有 {n} 起", "category.theft": "盗窃", "category.": "未分类" },
  en: { "queue.more": "{n} more", "category.theft": "Theft", "category.": "Uncategorised" },
});

test("texts are filled in the chosen language; a place without a value stays empty", () => {
  const { texts } = load("texts");
  texts.load(catalogue);
  assert.equal(texts.t("queue.more", { n: 3 }), "另有 3 起");
  texts.setLang("en");
  assert.equal(texts.t("queue.more", { n: 3 }), "3 more");
  assert.equal(texts.t("queue.more"), " more");
  assert.equal(texts.lang(), "en");
});

test("values are put in as they are: no markup, no second filling", () => {
  const { texts } = load("texts");
  assert.equal(texts.fill("{a} {b}", { a: "{b}", b: "<i>$&</i>" }), "{b} <i>$&</i>");
});

test("an unknown category shows its own word, an empty one says so", () => {
  const { texts } = load("texts");
  texts.load(catalogue);
  assert.equal(texts.named("category", "Theft"), "盗窃");
  assert.equal(texts.named("category", "Cattle rustling"), "Cattle rustling");
  assert.equal(texts.named("category", ""), "未分类");
  assert.equal(texts.named("category", null), "未分类");
});

test("a key that the catalogue lacks is shown, and known() says so", () => {
  const { texts } = load("texts");
  assert.equal(texts.t("no.such"), "no.such");
  assert.equal(texts.known("no.such"), null);
});

test("the address chooses the language; an unknown one falls back", () => {
  const { texts } = load("texts");
  assert.equal(texts.asked("?lang=en", "zh"), "en");
  assert.equal(texts.asked("?lang=fr", "zh"), "zh");
  assert.equal(texts.asked("", "en"), "en");
});
