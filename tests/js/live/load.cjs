// Loads scripts of the live map as a worker would, one after the other, onto one global.
"use strict";
const path = require("node:path");

const JS = path.join(__dirname, "../../../assets/js");

/** @param {...string} names @returns {any} globalThis.wallboard */
module.exports = function load(...names) {
  for (const name of ["live/geo", "live/datum", ...names]) require(path.join(JS, name.includes("/") ? `${name}.js` : `live/${name}.js`));
  return /** @type {any} */ (globalThis).wallboard;
};
