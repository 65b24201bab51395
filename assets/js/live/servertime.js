/**
 * Server time in the viewer, from the frames alone: what the viewer's clock shows plays no part.
 *
 * A frame stamped t0 arrives after an unknown delay, so t0 − speed·local is never above the true offset; the largest
 * of the last samples is the one with the least delay.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const SAMPLES = 30;
  // samples this far behind the estimate, this many in a row: the server's clock was set back (a replay's loop)
  const BACK_MS = 3000, BACK_SAMPLES = 3;

  class ServerTime {
    constructor() {
      this.speed = 1;
      /** @type {number[]} */
      this.samples = [];
      this.offset = NaN;
      this.behind = 0;
    }

    /** Forget all samples: after a reconnection or a pause the local clock may have stood still. */
    reset() {
      this.samples = [];
      this.offset = NaN;
      this.behind = 0;
    }

    /** @param {number} speed event seconds per second; 1 outside a replay */
    setSpeed(speed) {
      if (!(speed > 0) || speed === this.speed) return;
      this.speed = speed;
      this.reset();
    }

    /** @param {number} t0 server's stamp, Unix ms @param {number} local monotonic ms at receipt */
    sample(t0, local) {
      if (!(t0 > 0)) return;
      const offset = t0 - this.speed * local;
      if (offset < this.offset - BACK_MS * this.speed) {
        if (++this.behind < BACK_SAMPLES) return;
        this.reset();
      }
      this.behind = 0;
      this.samples.push(offset);
      if (this.samples.length > SAMPLES) this.samples.shift();
      this.offset = Math.max(...this.samples);
    }

    /** @param {number} local monotonic ms @returns {number} the wall's clock, Unix ms; NaN before the first frame */
    now(local) {
      return this.offset + this.speed * local;
    }
  }

  wallboard.ServerTime = ServerTime;
})(/** @type {any} */ (globalThis));
