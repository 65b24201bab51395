// Which scene of the wall is shown. Pure: all times are monotonic ms that are passed in.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const HOME = "map";
  const TOUCH_MS = 120_000;
  const LEAST_HOLD_MS = 30_000;

  /**
   * @typedef {object} Facts
   * @property {boolean} call somebody calls for help
   * @property {string[]} graves ids of all grave alarms
   * @property {(scene: string) => boolean} idle nothing to see there now
   */

  /**
   * Turns of `turn_ms` each (0: none); idle scenes are skipped. A call for help shows the map while it lasts, any other
   * grave alarm for one turn from its coming. A person's touch stops the turns for two minutes.
   */
  class Rotation {
    /** @param {string[]} scenes in their order @param {number} turn_ms @param {string|null} [fixed] the only scene */
    constructor(scenes, turn_ms, fixed = null) {
      this.scenes = fixed ? [fixed] : scenes.length ? scenes : [HOME];
      this.fixed = fixed;
      this.turn_ms = turn_ms;
      this.at = 0;
      this.since = NaN;
      this.touched = -Infinity;
      this.held = -Infinity;
      this.call = false;
      /** @type {Set<string>|null} */
      this.graves = null;
      this.shown = this.scenes[0];
    }

    /** A person is there. @param {number} now */
    touch(now) {
      this.touched = now;
    }

    /** Whether a person was there lately. @param {number} now */
    attended(now) {
      return now - this.touched < TOUCH_MS;
    }

    /** A person wants the k-th scene (from 0); what does not exist changes nothing. @param {number} k @param {number} now */
    choose(k, now) {
      if (!(k in this.scenes)) return;
      this.at = k;
      this.touched = this.since = now;
      this.held = -Infinity;
      this.shown = this.scenes[k];
    }

    /** The scene to show now. @param {number} now @param {Facts} facts @returns {string} */
    step(now, { call, graves, idle }) {
      if (Number.isNaN(this.since)) this.since = now;
      const known = this.graves, called = call && !this.call;
      this.graves = new Set(graves);
      this.call = call;
      if (this.fixed) return this.fixed;
      // those that stood when the page opened are no news
      if (called || (known && graves.some((id) => !known.has(id)))) {
        this.held = now + Math.max(this.turn_ms, LEAST_HOLD_MS);
        this.touched = -Infinity;
      }
      if (this.attended(now)) this.since = now;
      else if (call || now < this.held) {
        this.since = now;
        return (this.shown = HOME);
      } else this.turn(now, idle);
      return this.shown;
    }

    /** @param {number} now @param {(scene: string) => boolean} idle */
    turn(now, idle) {
      const { scenes } = this;
      const over = this.turn_ms > 0 && (now - this.since >= this.turn_ms || idle(scenes[this.at]));
      if (over) {
        const next = scenes.map((_, k) => (this.at + 1 + k) % scenes.length).find((k) => !idle(scenes[k]));
        // where all have nothing to show the first says so
        this.at = next ?? 0;
        if (now - this.since >= this.turn_ms || this.shown !== scenes[this.at]) this.since = now;
      }
      this.shown = scenes[this.at];
    }
  }

  ui.Rotation = Rotation;
})();
