// Loads scripts of the live map as a worker would, one after the other, onto one global.
"use strict";
const path = require("node:path");

const LIVE = path.join(__dirname, "../../../assets/js/live");

/** @param {...string} names @returns {any} globalThis.wallboard */
module.exports = function load(...names) {
  for (const name of ["geo", "datum", ...names]) require(path.join(LIVE, `${name}.js`));
  return /** @type {any} */ (globalThis).wallboard;
};
