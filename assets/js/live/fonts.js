/**
 * The wall's typeface inside the worker: it comes in slices by character range, each fetched when a text needs it.
 *
 * @typedef {{file: string, range: string, state: ""|"loading"|"ready", spans: [number, number][]}} FontSlice
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});
  const FAMILY = "WallText";
  let arrived = 0;

  /** The family to name in a context's font. A browser keeps what a name stood for when it was first drawn with, missing
   * slices included: a second name that nobody bears makes it look again. */
  function family() {
    return `${FAMILY}, ${FAMILY}${arrived}, sans-serif`;
  }

  /** @param {string} range as in CSS: "U+4E00-4E10,U+FF0C" @returns {[number, number][]} */
  function parseRange(range) {
    return range.split(",").map((part) => {
      const [from, to] = part.trim().replace(/^u\+/i, "").split("-");
      const low = from.replace(/\?/g, "0"), high = to ?? from.replace(/\?/g, "F");
      return [parseInt(low, 16), parseInt(high, 16)];
    });
  }

  class Fonts {
    /** @param {string} base URL of the folder @param {any} scope the worker's global @param {() => void} onReady more text can be shown */
    constructor(base, scope, onReady) {
      this.base = base;
      this.scope = scope;
      this.onReady = onReady;
      /** @type {FontSlice[]|null} */
      this.slices = null;
      this.asked = new Set();
      /** @type {Set<string>} */
      this.waiting = new Set();
    }

    /** @returns {Promise<boolean>} whether the slices are known */
    async start() {
      try {
        const answer = await fetch(this.base + "slices.json");
        if (!answer.ok) return false;
        const slices = await answer.json();
        this.slices = slices.map((/** @type {any} */ s) => ({ ...s, state: "", spans: parseRange(s.range) }));
      } catch {
        return false; // without slices the system's typeface serves
      }
      const early = [...this.waiting];
      this.waiting.clear();
      for (const character of early) this.need(character);
      return true;
    }

    /** See to it that this text can be drawn; `onReady` follows when something new arrived. @param {string} text */
    need(text) {
      if (this.asked.has(text)) return;
      if (this.asked.size > 20000) this.asked.clear();
      this.asked.add(text);
      for (const character of text) {
        if (!this.slices) {
          this.waiting.add(character);
          continue;
        }
        const code = character.codePointAt(0) ?? 0;
        const slice = this.slices.find((s) => s.spans.some(([low, high]) => code >= low && code <= high));
        if (slice && !slice.state) this.load(slice);
      }
    }

    /** @param {FontSlice} slice */
    async load(slice) {
      slice.state = "loading";
      const face = new FontFace(FAMILY, `url(${this.base}${slice.file})`, { unicodeRange: slice.range, weight: "100 900" });
      this.scope.fonts.add(face);
      try {
        await face.load();
      } catch {
        slice.state = ""; // asked for again by the next new text
        this.scope.fonts.delete(face);
        this.asked.clear();
        return;
      }
      slice.state = "ready";
      arrived++;
      this.onReady();
    }
  }

  wallboard.fonts = { Fonts, parseRange, family };
})(/** @type {any} */ (globalThis));
