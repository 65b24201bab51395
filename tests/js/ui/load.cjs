// Loads scripts of the page into a fresh world, as the browser would, without a document.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const JS = path.join(__dirname, "../../../assets/js");
const BOTH = ["texts"]; // scripts of both pages

/** @param {...string} names @returns {any} what the scripts put on wallboard.ui */
module.exports = function load(...names) {
  const world = vm.createContext({ URLSearchParams, Intl, console });
  for (const name of names) {
    const file = path.join(JS, BOTH.includes(name) ? "both" : "ui", `${name}.js`);
    vm.runInContext(fs.readFileSync(file, "utf8"), world, { filename: file });
  }
  return vm.runInContext("wallboard.ui", world);
};
