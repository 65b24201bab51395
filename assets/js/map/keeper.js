/**
 * Keeps the map's worker alive: one that does not load, or says nothing any more, is replaced by a new one, which is
 * told again all that the page has said and that still holds.
 *
 * @typedef {object} KeeperHooks
 * @property {() => any} make a Worker that is loading its scripts
 * @property {(message: any) => void} take what the worker says
 * @property {(detail: string) => void} fault what went wrong, in words
 * @property {() => void} renewed another worker is there: it needs canvases
 * @property {(fn: () => void, ms: number) => any} setTimer
 * @property {() => number} random 0..1
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  // a worker says something every second, and scripts may load slowly
  const SILENT_S = 20, FIRST_S = 45, STEADY_S = 60;
  const BASE_MS = 1000, CAP_MS = 60000;
  // about a picture or canvases of one worker: they mean nothing to another
  const FLEETING = ["attach", "view", "turned", "hit"];

  /** @param {any} value */
  const plain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

  /** What holds after `next`, where words of one kind may tell a part only. @param {any} known @param {any} next */
  function merged(known, next) {
    const all = { ...known, ...next };
    for (const key in next) if (plain(known?.[key]) && plain(next[key])) all[key] = { ...known[key], ...next[key] };
    return all;
  }

  class Keeper {
    /** @param {KeeperHooks} hooks */
    constructor(hooks) {
      this.hooks = hooks;
      /** @type {any} */
      this.worker = null;
      /** what holds, by kind @type {Map<string, any>} */
      this.standing = new Map();
      /** questions without an answer yet @type {Map<number, any>} */
      this.asked = new Map();
      this.heard = false;
      this.silent_s = this.lived_s = this.attempt = 0;
    }

    start() {
      const worker = (this.worker = this.hooks.make());
      this.heard = false;
      this.silent_s = this.lived_s = 0;
      worker.onmessage = (/** @type {{data: any}} */ { data }) => {
        if (worker !== this.worker) return;
        this.heard = true;
        this.silent_s = 0;
        if (data.type === "answer") this.asked.delete(data.ask);
        this.hooks.take(data);
      };
      worker.onerror = (/** @type {any} */ event) => {
        if (worker !== this.worker) return;
        this.hooks.fault(event.message ? `${event.message} (${event.filename}:${event.lineno})` : "did not load");
        // one that has spoken goes on after an error; whether it still works its silence tells
        if (!this.heard) this.replace();
      };
    }

    /** @param {any} message @param {any[]} [transfer] */
    postMessage(message, transfer) {
      if (message.ask !== undefined && message.type !== "hit") this.asked.set(message.ask, message);
      else if (!FLEETING.includes(message.type)) this.standing.set(message.type, merged(this.standing.get(message.type), message));
      this.worker?.postMessage(message, transfer ?? []);
    }

    /** Once a second. @param {boolean} hidden nobody looks, and the worker has leave to be silent */
    beat(hidden) {
      if (!this.worker) return;
      if (++this.lived_s > STEADY_S && this.heard) this.attempt = 0;
      this.silent_s = hidden ? 0 : this.silent_s + 1;
      if (this.silent_s <= (this.heard ? SILENT_S : FIRST_S)) return;
      this.hooks.fault(`silent for ${this.silent_s} s`);
      this.replace();
    }

    /** Another one in its place, after a while that grows from time to time. */
    replace() {
      this.worker.terminate();
      this.worker = null;
      const wait = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(this.attempt++, 10)) * (0.5 + this.hooks.random() / 2);
      this.hooks.setTimer(() => {
        this.start();
        for (const message of this.standing.values()) this.worker.postMessage(message, []);
        this.hooks.renewed();
        for (const message of this.asked.values()) this.worker.postMessage(message, []);
      }, wait);
    }
  }

  wallboard.Keeper = Keeper;
})(/** @type {any} */ (globalThis));
