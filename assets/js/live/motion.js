/**
 * Where a unit is shown between two fixes: dead reckoning with limits, and easing from where it was shown before.
 *
 * Positions are fractions of the Web-Mercator square (x east, y south, 0..1); velocities are fractions per ms of the
 * wall's clock, which in a replay runs at `speed` times the viewer's.
 *
 * @typedef {object} MotionConfig
 * @property {number} staleMs a fix older than this is not reckoned on
 * @property {number} maxReckonMs reckon at most this long
 * @property {number} tickMs the server's tick; easing lasts this long
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const EQUATOR_M = 40075016.686;
  const SNAP_M = 2000;

  /** Metres that one fraction of the square spans at height y. @param {number} y @returns {number} */
  function metresPerFraction(y) {
    return EQUATOR_M / Math.cosh(Math.PI * (1 - 2 * y));
  }

  /**
   * How long a fix may be reckoned on: two intervals between fixes at most, never beyond the limits, never a stale fix.
   * @param {number} ageMs @param {number} intervalMs NaN when only one fix is known @param {MotionConfig} config
   */
  function reckonLimit(ageMs, intervalMs, config) {
    if (ageMs >= config.staleMs) return 0;
    const twice = intervalMs > 0 ? 2 * intervalMs : 2 * config.tickMs;
    return Math.min(twice, config.maxReckonMs, config.staleMs);
  }

  /**
   * A new fix for unit i: the shown position is kept by an offset that fades within a tick; a leap is shown at once.
   * @param {any} store @param {number} i @param {boolean} known it was shown before
   * @param {number} server @param {number} local @param {MotionConfig} config
   */
  function retarget(store, i, known, server, local, config) {
    if (!known) {
      store.ex[i] = store.ey[i] = 0;
      store.e0[i] = -Infinity;
      return;
    }
    const reckon = Math.max(0, Math.min(server - store.fix[i], store.limit[i]));
    const dx = store.sx[i] - (store.x[i] + store.vx[i] * reckon);
    const dy = store.sy[i] - (store.y[i] + store.vy[i] * reckon);
    const leap = Math.hypot(dx, dy) * metresPerFraction(store.y[i]) > SNAP_M;
    store.ex[i] = leap ? 0 : dx;
    store.ey[i] = leap ? 0 : dy;
    store.e0[i] = leap ? -Infinity : local;
  }

  /**
   * Shown positions sx, sy of all units at one moment. @param {any} store
   * @param {number} server the wall's clock, ms @param {number} local monotonic ms @param {MotionConfig} config
   */
  function advance(store, server, local, config) {
    const { n, alive, x, y, vx, vy, ex, ey, e0, fix, limit, sx, sy } = store;
    const perMs = 1 / config.tickMs;
    for (let i = 0; i < n; i++) {
      if (!alive[i]) continue;
      let reckon = server - fix[i];
      if (!(reckon > 0)) reckon = 0;
      else if (reckon > limit[i]) reckon = limit[i];
      let left = 1 - (local - e0[i]) * perMs;
      if (left < 0) left = 0;
      else if (left > 1) left = 1;
      sx[i] = x[i] + vx[i] * reckon + ex[i] * left;
      sy[i] = y[i] + vy[i] * reckon + ey[i] * left;
    }
  }

  /**
   * How fast unit i moves on the screen now, in fractions per local ms; 0 when it rests.
   * @param {any} store @param {number} i @param {number} server @param {number} local @param {number} speed
   * @param {MotionConfig} config @returns {number}
   */
  function pace(store, i, server, local, speed, config) {
    const reckoning = server - store.fix[i] < store.limit[i];
    const easing = local - store.e0[i] < config.tickMs;
    let x = 0, y = 0;
    if (reckoning) {
      x = store.vx[i] * speed;
      y = store.vy[i] * speed;
    }
    if (easing) {
      x -= store.ex[i] / config.tickMs;
      y -= store.ey[i] / config.tickMs;
    }
    return Math.abs(x) + Math.abs(y);
  }

  const MAX_HZ = 20, HALF_PIXEL = 0.5;

  /**
   * Milliseconds until the next raster is due, counted from the end of the last one: when the fastest shown unit has
   * moved half a pixel, never more often than MAX_HZ, never more than half of the worker's time.
   * @param {number} pixelsPerMs of the fastest shown unit @param {number} costMs of one raster
   * @returns {number} Infinity when nothing moves
   */
  function nextFrameMs(pixelsPerMs, costMs) {
    if (!(pixelsPerMs > 0)) return Infinity;
    return Math.max(HALF_PIXEL / pixelsPerMs - costMs, 1000 / MAX_HZ - costMs, costMs, 1);
  }

  wallboard.motion = { metresPerFraction, reckonLimit, retarget, advance, pace, nextFrameMs, EQUATOR_M, SNAP_M };
})(/** @type {any} */ (globalThis));
