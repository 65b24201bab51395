/**
 * The viewer's end of `/live`: reconnects for ever, notices silence, pauses while nobody looks.
 *
 * @typedef {object} LinkHooks
 * @property {() => any} open makes a WebSocket
 * @property {() => number} now monotonic ms
 * @property {() => number} wall ms of the clock that runs on while the machine sleeps
 * @property {() => number} random 0..1
 * @property {(fn: () => void, ms: number) => any} setTimer
 * @property {(timer: any) => void} clearTimer
 * @property {(buffer: ArrayBuffer) => void} onFrame
 * @property {(text: string) => void} onText
 * @property {(state: "connecting"|"open"|"lost") => void} onState `open` only once
 *   everything is known: a socket that opens shows nothing yet
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const BASE_MS = 500, CAP_MS = 10000;
  const SILENT_TICKS = 3, SILENT_MS = 3000, FIRST_MS = 30000;
  const CHECK_MS = 1000, RESYNC_PAUSE_MS = 5000, WAKE_MS = 2500, STEADY_MS = 5000;
  const RETRY_MS = 2000, RETRY_CAP_MS = 60000;
  const UNSYNCED_MS = 8000, SLEPT_MS = 3000;

  /**
   * Full jitter: walls that lost their server together come back spread over the whole interval.
   * @param {number} attempt 0 for the first @param {number} random 0..1 @returns {number} ms
   */
  function backoff(attempt, random) {
    return random * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 10));
  }

  /**
   * Try until it works, ever more seldom. @param {() => Promise<boolean>} attempt true when it worked
   * @param {(fn: () => void, ms: number) => any} setTimer @param {() => number} random 0..1
   */
  async function persist(attempt, setTimer, random) {
    for (let k = 0; !(await attempt()); k++) {
      const wait = Math.min(RETRY_CAP_MS, RETRY_MS * 2 ** Math.min(k, 10)) * (0.5 + random() / 2);
      await new Promise((resolve) => setTimer(() => resolve(null), wait));
    }
  }

  class Link {
    /** @param {LinkHooks} hooks @param {number} tickMs the server's tick */
    constructor(hooks, tickMs) {
      this.hooks = hooks;
      this.tickMs = tickMs;
      this.attempt = 0;
      this.reconnects = 0;
      this.paused = false;
      this.heard = this.born = 0;
      this.resyncAt = -Infinity;
      /** a snapshot has come over this socket */
      this.greeted = false;
      /** since when the picture is not whole; NaN when it is */
      this.lackingSince = NaN;
      /** @type {any} */
      this.socket = null;
      /** @type {any} */
      this.timer = null;
      /** @type {any} */
      this.check = null;
      /** @type {string} */
      this.state = "";
    }

    /** Connect now, whatever was waiting. */
    connect() {
      this.hooks.clearTimer(this.timer);
      this.timer = null;
      this.drop();
      this.setState("connecting");
      const socket = (this.socket = this.hooks.open());
      socket.binaryType = "arraybuffer";
      this.heard = this.born = this.lackingSince = this.hooks.now();
      this.greeted = false;
      this.resyncAt = -Infinity;
      socket.onopen = () => {
        if (socket === this.socket && this.paused) socket.send("pause");
      };
      socket.onmessage = (/** @type {{data: any}} */ event) => {
        if (socket !== this.socket) return;
        this.heard = this.hooks.now();
        // a server that greets and drops us at once is not well yet
        if (this.heard - this.born > STEADY_MS) this.attempt = 0;
        if (typeof event.data === "string") this.hooks.onText(event.data);
        else this.hooks.onFrame(event.data);
      };
      socket.onclose = socket.onerror = () => {
        if (socket === this.socket) this.lose();
      };
      this.watch();
    }

    /** The socket is gone or silent: back in a while, unless nobody looks. */
    lose() {
      this.drop();
      this.setState("lost");
      if (this.paused) return;
      this.reconnects++;
      const wait = backoff(this.attempt++, this.hooks.random());
      this.hooks.clearTimer(this.timer);
      this.timer = this.hooks.setTimer(() => this.connect(), wait);
    }

    drop() {
      const socket = this.socket;
      this.socket = null;
      this.hooks.clearTimer(this.check);
      if (!socket) return;
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
    }

    /** A snapshot was applied: the picture is whole. */
    ready() {
      this.greeted = true;
      this.lackingSince = NaN;
      this.setState("open");
    }

    /** The picture is not whole until the next snapshot. */
    lack() {
      if (Number.isNaN(this.lackingSince)) this.lackingSince = this.hooks.now();
    }

    /** The server sends at least one frame a tick; a socket that is silent is dead, whatever the system says. The
     *  first snapshot is large and may take its time. */
    watch() {
      const { now, wall } = this.hooks, asleep = wall() - now();
      this.hooks.clearTimer(this.check);
      this.check = this.hooks.setTimer(() => {
        if (!this.socket || this.paused) return;
        if (wall() - now() - asleep > SLEPT_MS) return this.woke();
        if (now() - this.heard > (this.greeted ? SILENT_TICKS * this.tickMs + SILENT_MS : FIRST_MS)) return this.lose();
        if (this.heard - this.lackingSince > UNSYNCED_MS) this.setState("lost"); // messages come, but no whole picture
        this.watch();
      }, CHECK_MS);
    }

    /** The machine slept: what is shown is old, and the socket hardly lives. */
    woke() {
      this.drop();
      this.setState("lost");
      this.reconnects++;
      this.attempt = 0;
      this.connect();
    }

    /** Ask for everything; asked again only after a while, as the answer is on its way. */
    resync() {
      if (this.paused) return; // it would un-pause; `resume` asks anyway
      this.lack();
      const now = this.hooks.now();
      if (now - this.resyncAt < RESYNC_PAUSE_MS) return;
      this.resyncAt = now;
      this.send("resync");
    }

    /** Nobody looks: the server sends nothing, and a lost socket stays lost. */
    pause() {
      if (this.paused) return;
      this.paused = true;
      this.send("pause");
      this.hooks.clearTimer(this.timer);
      this.hooks.clearTimer(this.check);
    }

    /** Someone looks again: everything at once, over a new socket if the old one died meanwhile. */
    resume() {
      if (!this.paused) return;
      this.paused = false;
      this.attempt = 0;
      if (!this.socket || this.socket.readyState > 1) return this.connect();
      this.resyncAt = -Infinity;
      this.resync();
      const asked = this.hooks.now();
      this.heard = this.lackingSince = asked;
      this.watch();
      this.hooks.setTimer(() => {
        // a socket that died in its sleep still looks open
        if (this.heard === asked && !this.paused && this.socket) this.connect();
      }, WAKE_MS);
    }

    /** @param {string} text */
    send(text) {
      if (this.socket && this.socket.readyState === 1) this.socket.send(text);
    }

    /** @param {"connecting"|"open"|"lost"} state */
    setState(state) {
      if (state === this.state) return;
      this.state = state;
      this.hooks.onState(state);
    }
  }

  wallboard.socket = { Link, backoff, persist, CAP_MS, BASE_MS };
})(/** @type {any} */ (globalThis));
