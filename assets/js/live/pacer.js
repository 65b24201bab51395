/**
 * When to paint: as soon as something changed, as often as motion asks, never more than half of the worker's time.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});
  const MAX_HZ = 20, SMOOTH = 0.2, AGAIN_MS = 1000;

  class Pacer {
    /** @param {{now: () => number, paint: () => {cost: number, next: number}|null,
     *  setTimer: (fn: () => void, ms: number) => any, clearTimer: (timer: any) => void,
     *  problem?: (detail: string|null) => void}} hooks `paint` returns what the
     *  picture cost and in how many ms the next is due, or null when there is nothing to paint on;
     *  `problem` hears once that painting fails, and null when it goes on */
    constructor(hooks) {
      this.hooks = hooks;
      /** @type {any} */
      this.timer = null;
      this.due = Infinity;
      this.earliest = 0;
      this.rasters = 0;
      this.cost = 0;
      this.failing = false;
    }

    /** Something changed: paint as soon as the pace allows. */
    wake() {
      this.schedule(this.earliest);
    }

    /** The view changed: paint at once. */
    rush() {
      this.schedule(0);
    }

    /** @param {number} at local ms */
    schedule(at) {
      if (at >= this.due) return;
      this.hooks.clearTimer(this.timer);
      this.due = at;
      this.timer = this.hooks.setTimer(() => this.run(), Math.max(0, at - this.hooks.now()));
    }

    run() {
      this.due = Infinity;
      let done;
      try {
        done = this.hooks.paint();
      } catch (error) {
        return this.fail(error);
      }
      if (!done) return; // whoever makes painting possible again wakes the pacer
      if (this.failing) this.hooks.problem?.(null);
      this.failing = false;
      this.rasters++;
      this.cost = this.rasters === 1 ? done.cost : this.cost + SMOOTH * (done.cost - this.cost);
      const end = this.hooks.now();
      this.earliest = end + Math.max(done.cost, 1000 / MAX_HZ - done.cost);
      if (done.next < Infinity) this.schedule(Math.max(this.earliest, end + done.next));
    }

    /** One picture that cannot be painted is no reason to stand still for ever. @param {unknown} error */
    fail(error) {
      if (!this.failing) this.hooks.problem?.(String(error));
      this.failing = true;
      this.earliest = this.hooks.now() + AGAIN_MS;
      this.schedule(this.earliest);
    }
  }

  wallboard.Pacer = Pacer;
})(/** @type {any} */ (globalThis));
