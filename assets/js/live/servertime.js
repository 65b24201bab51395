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
  // the same stamp after this long: the clock of a replay stands still
  const STANDING_MS = 500;

  class ServerTime {
    constructor() {
      this.speed = 1;
      /** @type {number[]} */
      this.samples = [];
      this.offset = NaN;
      this.behind = 0;
      this.stale = false;
      this.standing = NaN;
      this.last = { t0: NaN, local: NaN };
    }

    /** Forget all samples. */
    reset() {
      this.samples = [];
      this.offset = this.standing = NaN;
      this.behind = 0;
      this.stale = false;
      this.last = { t0: NaN, local: NaN };
    }

    /** The next sample begins anew; until then the old estimate serves. After a reconnection or a pause the viewer's
     *  machine may have slept, and its monotonic clock with it. */
    renew() {
      this.stale = true;
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
      if (this.stale) this.reset();
      if (t0 === this.last.t0) {
        if (local - this.last.local > STANDING_MS) this.standing = t0;
        return;
      }
      this.last = { t0, local };
      if (!Number.isNaN(this.standing)) this.reset();
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
      return Number.isNaN(this.standing) ? this.offset + this.speed * local : this.standing;
    }

    /** What the page needs to tell the time by itself. */
    get estimate() {
      return { offset: this.offset, speed: this.speed, standing: this.standing };
    }
  }

  wallboard.ServerTime = ServerTime;
})(/** @type {any} */ (globalThis));
