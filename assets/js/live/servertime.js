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
  // a replay: samples this far behind the estimate, this many in a row: its clock was set back (a loop)
  const BACK_MS = 3000, BACK_SAMPLES = 3;
  // the system's clock: how far two clocks may drift apart, in ms per ms; a delay that lasts is no slower clock
  const DRIFT = 0.0002;
  // frames this late, this many in a row, over this long (a backlog that is worked off is shorter)
  const LATE_MS = 3000, LATE_SAMPLES = 5, LATE_FOR_MS = 3500;
  // the same stamp after this long: the clock of a replay stands still
  const STANDING_MS = 500;

  class ServerTime {
    constructor() {
      this.speed = 1;
      /** @type {number[]} */
      this.samples = [];
      this.offset = NaN;
      this.behind = 0;
      this.behindSince = NaN;
      this.stale = false;
      this.standing = NaN;
      this.last = { t0: NaN, local: NaN };
    }

    /** Forget all samples. */
    reset() {
      this.samples = [];
      this.offset = this.standing = this.behindSince = NaN;
      this.behind = 0;
      this.stale = false;
      this.last = { t0: NaN, local: NaN };
    }

    /** The next sample begins anew; until then the old estimate serves. After a reconnection or a pause the viewer's
     *  machine may have slept, and its monotonic clock with it. */
    renew() {
      this.stale = true;
    }

    /** Another pace; the time told goes on from where it is until the next sample.
     * @param {number} speed event seconds per second; 1 outside a replay @param {number} local monotonic ms */
    setSpeed(speed, local) {
      if (!(speed > 0) || speed === this.speed) return;
      this.offset += (this.speed - speed) * local;
      this.speed = speed;
      this.renew();
    }

    /** @param {number} t0 server's stamp, Unix ms @param {number} local monotonic ms at receipt
     *  @param {{replay?: boolean, beat?: boolean}} [frame] a replay's clock; a frame that comes with every tick
     *  @returns {"late"|""} late: frames have come too late for a while, another connection may do better */
    sample(t0, local, { replay = false, beat = false } = {}) {
      if (!(t0 > 0)) return "";
      if (this.stale) this.reset();
      if (t0 === this.last.t0) {
        if (replay && beat && local - this.last.local > STANDING_MS) this.standing = t0;
        return "";
      }
      const passed = local - this.last.local;
      this.last = { t0, local };
      if (!Number.isNaN(this.standing)) this.reset();
      const offset = t0 - this.speed * local;
      if (replay) {
        if (offset < this.offset - BACK_MS * this.speed) {
          if (++this.behind < BACK_SAMPLES) return "";
          this.reset();
        }
        this.behind = 0;
      } else if (offset < this.offset - LATE_MS) {
        if (!this.behind++) this.behindSince = local;
        if (this.behind >= LATE_SAMPLES && local - this.behindSince >= LATE_FOR_MS) return "late";
      } else this.behind = 0;
      this.samples.push(offset);
      if (this.samples.length > SAMPLES) this.samples.shift();
      const best = Math.max(...this.samples);
      this.offset = replay || !(best < this.offset) ? best : Math.max(best, this.offset - DRIFT * Math.max(0, passed));
      return "";
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
