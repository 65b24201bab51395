/**
 * The units that a viewer knows, in columns by slot, kept right by epoch and sequence number.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const INDEX_MASK = 0xffffff;
  const FRACTION = 1 / 4294967296;
  const OLDEST_AGE = 0xffff;
  const FIRST = 1024;

  class Store {
    /** @param {MotionConfig} config shared with the caller, who may change it */
    constructor(config) {
      this.config = config;
      this.epoch = -1;
      this.seq = 0;
      this.synced = false;
      this.resyncs = 0;
      this.n = 0;
      /** @type {(LiveEntry|null)[]} */
      this.entries = [];
      /** @type {Map<string, number>} */
      this.byId = new Map();
      /** @type {Map<string, number>} */
      this.byCallsign = new Map();
      this.snap = false;
      // position, velocity, easing offset and its begin, shown position: see motion.js
      this.x = new Float64Array(FIRST);
      this.y = new Float64Array(FIRST);
      this.vx = new Float64Array(FIRST);
      this.vy = new Float64Array(FIRST);
      this.ex = new Float64Array(FIRST);
      this.ey = new Float64Array(FIRST);
      this.e0 = new Float64Array(FIRST);
      this.sx = new Float64Array(FIRST);
      this.sy = new Float64Array(FIRST);
      // time of the fix on the wall's clock, how long it may be reckoned on, ms between the last two fixes
      this.fix = new Float64Array(FIRST);
      this.limit = new Float64Array(FIRST);
      this.interval = new Float64Array(FIRST);
      this.direction = new Uint16Array(FIRST);
      this.status = new Uint8Array(FIRST);
      this.flags = new Uint8Array(FIRST);
      this.type = new Uint8Array(FIRST);
      this.generation = new Uint8Array(FIRST);
      /** 1 where the slot has a position */
      this.alive = new Uint8Array(FIRST);
      this.capacity = FIRST;
    }

    /** @param {number} least */
    grow(least) {
      let capacity = this.capacity;
      while (capacity < least) capacity *= 2;
      /** @type {any} */
      const columns = this;
      for (const name in columns) {
        const old = columns[name];
        if (!ArrayBuffer.isView(old)) continue;
        columns[name] = new /** @type {any} */ (old).constructor(capacity);
        columns[name].set(old);
      }
      this.capacity = capacity;
    }

    /**
     * Take one frame. @param {LiveFrame} frame @param {number} local monotonic ms
     * @returns {"applied"|"ignored"|"gap"} after "gap" the caller asks for a resync
     */
    apply(frame, local) {
      const { SNAPSHOT, DELTA, REMOVE, DICT } = wallboard.frames;
      if (frame.type === DICT && frame.full) return this.replaceDict(frame);
      if (frame.type === SNAPSHOT) return this.replaceRows(frame, local);
      if (!this.synced || frame.epoch !== this.epoch) return this.lose(); // asked again, as the answer may have been lost
      const step = (frame.seq - this.seq) | 0;
      if (step <= 0) return "ignored";
      if (step > 1) return this.lose();
      this.seq = frame.seq;
      if (frame.type === DELTA && frame.rows) this.takeRows(frame.rows, frame.t0, local);
      else if (frame.type === REMOVE && frame.slots) for (const slot of frame.slots) this.remove(slot);
      else if (frame.dict) this.takeDict(frame.dict);
      return "applied";
    }

    /** @returns {"gap"} */
    lose() {
      if (this.synced) this.resyncs++;
      this.synced = false;
      return "gap";
    }

    /** @param {LiveFrame} frame @returns {"applied"} */
    replaceDict(frame) {
      if (frame.epoch !== this.epoch) {
        this.alive.fill(0);
        this.n = 0;
      }
      this.epoch = frame.epoch;
      this.seq = frame.seq;
      this.synced = false; // until the snapshot that follows
      this.entries = [];
      this.byId.clear();
      this.byCallsign.clear();
      if (frame.dict) this.takeDict(frame.dict);
      return "applied";
    }

    /** @param {LiveFrame} frame @param {number} local @returns {"applied"|"gap"} */
    replaceRows(frame, local) {
      if (frame.epoch !== this.epoch) return this.lose(); // its dictionary was missed
      this.seq = frame.seq;
      this.synced = true;
      // after a pause nothing eases from where it stood then
      const before = this.snap ? new Uint8Array(this.n) : this.alive.slice(0, this.n);
      this.snap = false;
      this.alive.fill(0);
      if (frame.rows) this.takeRows(frame.rows, frame.t0, local, before);
      return "applied";
    }

    /** @param {Record<string, LiveEntry>} dict */
    takeDict(dict) {
      for (const key in dict) {
        const slot = Number(key), i = slot & INDEX_MASK, generation = slot >>> 24;
        if (!Number.isInteger(slot)) continue;
        this.claim(i, generation);
        const old = this.entries[i], entry = dict[key];
        if (old) this.forget(old, i);
        this.entries[i] = entry;
        this.type[i] = entry.type;
        this.byId.set(entry.id, i);
        if (entry.callsign) this.byCallsign.set(entry.callsign, i);
      }
    }

    /** A slot of another generation is another unit. @param {number} i @param {number} generation */
    claim(i, generation) {
      if (i >= this.capacity) this.grow(i + 1);
      if (i >= this.n) this.n = i + 1;
      else if (this.generation[i] === generation) return;
      this.generation[i] = generation;
      this.clear(i);
    }

    /** @param {number} i */
    clear(i) {
      const entry = this.entries[i];
      if (entry) this.forget(entry, i);
      this.entries[i] = null;
      this.alive[i] = this.type[i] = 0;
    }

    /** @param {LiveEntry} entry @param {number} i */
    forget(entry, i) {
      if (this.byId.get(entry.id) === i) this.byId.delete(entry.id);
      if (this.byCallsign.get(entry.callsign) === i) this.byCallsign.delete(entry.callsign);
    }

    /** @param {number} slot */
    remove(slot) {
      const i = slot & INDEX_MASK;
      if (i < this.n && this.generation[i] === slot >>> 24) this.clear(i);
    }

    /** @param {LiveRows} rows @param {number} t0 @param {number} local @param {Uint8Array} [before] who was shown */
    takeRows(rows, t0, local, before) {
      const { motion, frames, datum } = wallboard;
      for (let r = 0; r < rows.n; r++) {
        const a = r * rows.s32, b = r * rows.s16, c = r * rows.s8;
        const slot = rows.u32[a], i = slot & INDEX_MASK;
        const same = i < this.n && this.generation[i] === slot >>> 24;
        this.claim(i, slot >>> 24);
        const known = same && (before ? before[i] === 1 : this.alive[i] === 1);
        // an age beyond what the wire can say is beyond every limit
        const age = rows.u16[b + 6] === OLDEST_AGE ? Infinity : rows.u16[b + 6] * 10, flags = rows.u8[c + 23], fix = t0 - age;
        if (!known) this.interval[i] = NaN;
        else if (this.fix[i] === -Infinity) this.interval[i] = NaN;
        else if (fix > this.fix[i] + 20) this.interval[i] = fix - this.fix[i];
        const x = rows.u32[a + 1] * FRACTION, y = rows.u32[a + 2] * FRACTION;
        const place = datum.identity ? null : datum.toMap(x, y); // ten thousand a second: nothing is made for nothing
        this.x[i] = place ? place.x : x;
        this.y[i] = place ? place.y : y;
        this.fix[i] = fix;
        this.status[i] = rows.u8[c + 22];
        this.flags[i] = flags;
        this.alive[i] = 1;
        const course = rows.u16[b + 8];
        this.direction[i] = flags & frames.HEADING ? rows.u16[b + 9] : course;
        this.limit[i] = motion.reckonLimit(age, this.interval[i], this.config);
        const moves = (flags & frames.COURSE) && (flags & frames.SPEED) && this.limit[i] > 0;
        const v = moves ? (rows.u16[b + 7] * 0.02) / motion.metresPerFraction(this.y[i]) / 1000 : 0;
        const angle = (course / 65536) * 2 * Math.PI;
        this.vx[i] = v * Math.sin(angle);
        this.vy[i] = -v * Math.cos(angle);
        motion.retarget(this, i, known, t0, local, this.config);
        if (!known) {
          this.sx[i] = this.x[i];
          this.sy[i] = this.y[i];
        }
      }
    }

    /** Whether unit i counts as lost: no fix, or none since `offlineMs`. @param {number} i @param {number} server @param {number} offlineMs */
    isLost(i, server, offlineMs) {
      return !this.alive[i] || server - this.fix[i] > offlineMs;
    }
  }

  wallboard.Store = Store;
})(/** @type {any} */ (globalThis));
