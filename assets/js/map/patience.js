/**
 * Which tiles of an online map have not come, and when each is asked for again: later and later, each at a moment of its
 * own, so that many walls do not press on a sick server. Times are milliseconds of any one clock, tiles any objects.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const SILENT_MS = 10000, LONGEST_MS = 60000, BASE_MS = 5000, CAP_MS = 120000, DRY_MS = 10000;
  const TELL_SHARE = 0.2;

  /** @param {number} failures in a row, 1 or more @param {number} random 0..1 @returns {number} ms until it is asked again */
  const wait = (failures, random) => Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 10)) * (0.5 + random / 2);

  class Patience {
    /** @param {() => number} random 0..1 */
    constructor(random) {
      this.random = random;
      /** asked for, no answer yet, and since when @type {Map<any, number>} */
      this.flying = new Map();
      /** did not come @type {Map<any, {failures: number, due: number, silent: boolean}>} */
      this.failed = new Map();
      /** when a tile came last, and when anything was answered last */
      this.cameAt = this.answeredAt = -Infinity;
      /** so many are missing that it is worth a word */
      this.sick = false;
      /** the last that was heard of a tile: it did not come */
      this.worse = false;
    }

    /** @param {any} tile @param {number} now */
    asked(tile, now) {
      this.flying.set(tile, now);
    }

    /** @param {any} tile @param {number} now */
    came(tile, now) {
      const first = now - this.cameAt >= DRY_MS;
      this.forget(tile);
      this.cameAt = this.answeredAt = now;
      this.worse = false;
      if (this.sick && first) this.hasten(now);
    }

    /** @param {any} tile @param {number} now */
    missed(tile, now) {
      if (!this.flying.has(tile)) return;
      this.answeredAt = now;
      this.put(tile, now, false);
    }

    /** It came, or nobody wants it any more. @param {any} tile */
    forget(tile) {
      this.flying.delete(tile);
      this.failed.delete(tile);
    }

    /** Somebody looks, or the server lives again: begin anew with what is missing. @param {number} now */
    hasten(now) {
      for (const one of this.failed.values()) {
        one.failures = 1;
        one.due = Math.min(one.due, now + wait(1, this.random()));
      }
    }

    /** Tiles to give up. While others are answered, one may only be waiting for its turn. @param {number} now @returns {any[]} */
    silent(now) {
      const patience = now - this.answeredAt < SILENT_MS ? LONGEST_MS : SILENT_MS;
      const found = [...this.flying].filter(([, since]) => now - since >= patience).map(([tile]) => tile);
      for (const tile of found) this.put(tile, now, true);
      return found;
    }

    /** Tiles to ask for again; they count as asked for. @param {number} now @returns {any[]} */
    due(now) {
      const found = [...this.failed].filter(([tile, { due }]) => due <= now && !this.flying.has(tile)).map(([tile]) => tile);
      for (const tile of found) this.asked(tile, now);
      return found;
    }

    /** @param {number} all tiles in view @returns {string} what is wrong, "" when the map is well */
    judge(all) {
      const { size } = this.failed;
      // outside a provider's own country single tiles are missing for ever
      if (size > TELL_SHARE * all) this.sick = true;
      // a view without answers yet proves nothing
      else if (!this.flying.size || !this.worse) this.sick = false;
      if (!this.sick) return "";
      const silent = [...this.failed.values()].filter((one) => one.silent).length;
      return `${size} of ${all} tiles did not come${silent ? `, ${silent} of them without an answer in ${SILENT_MS / 1000} s` : ""}`;
    }

    /** @param {any} tile @param {number} now @param {boolean} silent */
    put(tile, now, silent) {
      const failures = (this.failed.get(tile)?.failures ?? 0) + 1;
      this.worse = true;
      this.flying.delete(tile);
      this.failed.set(tile, { failures, due: now + wait(failures, this.random()), silent });
    }
  }

  wallboard.Patience = Patience;
})(/** @type {any} */ (globalThis));
