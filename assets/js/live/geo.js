/**
 * Web Mercator as fractions of the square (x east, y south, 0..1), and the views that are drawn of it.
 *
 * @typedef {object} MapView what a picture shows: upper left corner, zoom, size
 * @property {number} id rises with every request
 * @property {number} x fraction of the square
 * @property {number} y
 * @property {number} zoom Leaflet's, may be fractional
 * @property {number} w CSS pixels
 * @property {number} h
 * @property {number} dpr device pixels per CSS pixel
 * @property {boolean} [moving] more views follow at once
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});
  const TILE = 256;

  /** @param {number} lat degrees @param {number} lon @returns {{x: number, y: number}} */
  function project(lat, lon) {
    const phi = (Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180;
    return { x: (lon + 180) / 360, y: 0.5 - Math.asinh(Math.tan(phi)) / (2 * Math.PI) };
  }

  /** @param {number} x @param {number} y @returns {{lat: number, lon: number}} degrees */
  function unproject(x, y) {
    return { lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, lon: x * 360 - 180 };
  }

  /** Device pixels across the whole square in a view. @param {MapView} view */
  function span(view) {
    return TILE * 2 ** view.zoom * view.dpr;
  }

  /** Whether a picture of `have` still covers what is looked at in `want`, at the same zoom.
   * @param {MapView|null} have @param {MapView} want @param {number} margin CSS px of `want` that may be missing */
  function covers(have, want, margin) {
    if (!have || have.zoom !== want.zoom || have.dpr !== want.dpr) return false;
    const k = TILE * 2 ** want.zoom, dx = (want.x - have.x) * k, dy = (want.y - have.y) * k;
    return dx >= -margin && dy >= -margin && dx + want.w <= have.w + margin && dy + want.h <= have.h + margin;
  }

  wallboard.geo = { TILE, project, unproject, span, covers };
})(/** @type {any} */ (globalThis));
