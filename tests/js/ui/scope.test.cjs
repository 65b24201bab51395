"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const load = require("./load.cjs");

const { scope } = load("scope");
const one = (code, level, parent = "") => ({ code, level, parent, name_zh: code, name_en: code, units: 1 });

test("the scope is what the address asks for", () => {
  assert.deepEqual(["", "?lang=en", "?scope=YL-01", "?scope=%E6%B1%9F%E5%8D%97", "?scope=%20"].map(scope.asked), ["", "", "YL-01", "江南", ""]);
});

test("the title carries the scope before its last part", () => {
  assert.equal(scope.titled("云岭市公安局 · 一张图", "江南分局"), "云岭市公安局 · 江南分局 · 一张图");
  assert.equal(scope.titled("Wall", "South"), "Wall · South");
  assert.equal(scope.titled("Police · One Map", ""), "Police · One Map");
});

test("stations stand under their branch, those without one at the end", () => {
  const groups = scope.grouped([one("A", "branch", "C"), one("A1", "station", "A"), one("B", "branch", "C"), one("X", "station", "?")]);
  assert.deepEqual(JSON.stringify(groups.map(({ branch, stations }) => [branch?.code ?? null, stations.map((s) => s.code).join()])),
    '[["A","A1"],["B",""],[null,"X"]]');
});
