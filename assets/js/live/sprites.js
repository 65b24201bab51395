/**
 * The map's sprites, made when first needed and kept: units by look and heading, marks and labels by name.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const HEADINGS = 64, UNDIRECTED = HEADINGS;
  const FAR = 0, NEAR = 1, CROWDED = 2; // sizes of units' icons
  const CROWDED_SHARE = 0.6;
  const TYPES = 14, LOOKS = 9, FADES = 5;
  const FADE_ALPHA = [1, 0.82, 0.66, 0.52, 0.42];
  const LABELS_KEPT = 2000, PLATE_PAD = 5, FAINT = 20;
  const MOST_BYTES = 64 << 20, RUN_BYTES = 16;
  // drawn in one picture: the first of a city would need hundreds, and units without their arrow come sooner
  const NEW_A_PICTURE = 24;
  const WARM_W = 640, WARM_H = 128; // holds every sprite and nearly every label: a larger canvas is another first stroke

  /** A direction on the wire to one of the sprites' headings. @param {number} direction 360° / 65536 */
  function bucket(direction) {
    return ((direction + 512) >> 10) & (HEADINGS - 1);
  }

  /**
   * How far an age has faded. @param {number} ageMs @param {number} staleMs fresh up to here
   * @param {number} offlineMs lost from here @returns {number} 0..FADES-1
   */
  function fadeLevel(ageMs, staleMs, offlineMs) {
    if (!(ageMs > staleMs)) return 0;
    const share = (ageMs - staleMs) / Math.max(1, offlineMs - staleMs);
    return Math.min(FADES - 1, 1 + Math.floor(share * (FADES - 1)));
  }

  class Sprites {
    /** @param {(w: number, h: number) => any} makeCanvas an OffscreenCanvas */
    constructor(makeCanvas) {
      this.makeCanvas = makeCanvas;
      this.scale = 0;
      /** of all kept sprites */
      this.bytes = 0;
      /** sprites of this picture that were not there yet */
      this.made = 0;
      /** the picture shows some units without their direction: the next one is due at once */
      this.owing = false;
      /** @type {Sprite[]} */
      this.units = [];
      /** @type {Map<string, Sprite>} */
      this.marks = new Map();
      /** @type {Map<string, Sprite>} */
      this.labels = new Map();
      /** @type {Map<string, number>} */
      this.widths = new Map();
      /** @type {any} */
      this.canvas = null;
      /** @type {any} */
      this.context = null;
    }

    /** Device pixels per drawn unit; another scale needs other sprites. @param {number} scale */
    setScale(scale) {
      if (scale === this.scale) return;
      this.scale = scale;
      this.drop();
      this.widths.clear();
    }

    /** A worker's first stroke waits for the page's main thread, which is busy by the time of the first picture. */
    warm() {
      this.canvasOf(WARM_W, WARM_H).fillRect(0, 0, 1, 1);
      this.pixels(1, 1);
    }

    /** A picture begins. */
    begin() {
      this.made = 0;
      this.owing = false;
    }

    /** Forget all sprites; they are drawn again when needed. */
    drop() {
      this.units = [];
      this.marks.clear();
      this.labels.clear();
      this.bytes = 0;
    }

    clearLabels() {
      for (const sprite of this.labels.values()) this.bytes -= sprite.dx.length * RUN_BYTES;
      this.labels.clear();
    }

    /** Count a new sprite before it is kept. @param {Sprite} sprite @returns {Sprite} */
    count(sprite) {
      const bytes = sprite.dx.length * RUN_BYTES;
      if (this.bytes + bytes > MOST_BYTES) this.drop();
      this.bytes += bytes;
      return sprite;
    }

    /** The texts' font arrived: plates are drawn anew. */
    dropLabels() {
      this.clearLabels();
      this.widths.clear();
    }

    /** @param {number} size FAR, NEAR or CROWDED @param {number} type @param {number} look status or icons.LOST
     *  @param {number} heading 0..64 @param {number} fade @returns {Sprite} */
    unit(size, type, look, heading, fade) {
      const near = size === NEAR, share = size === CROWDED ? CROWDED_SHARE : 1;
      type = near ? (type < TYPES ? type : 0) : wallboard.icons.kin(type);
      const key = (((size * TYPES + type) * LOOKS + look) * (HEADINGS + 1) + heading) * FADES + fade;
      const kept = this.units[key];
      if (kept) return kept;
      if (this.made >= NEW_A_PICTURE && heading !== UNDIRECTED) {
        this.owing = true;
        return this.unit(size, type, look, UNDIRECTED, fade);
      }
      this.made++;
      const sprite = this.count(this.draw(near ? 19 : 10 * share, (c) => {
        c.scale(share, share);
        const angle = heading === UNDIRECTED ? null : (heading / HEADINGS) * 2 * Math.PI;
        wallboard.icons[near ? "large" : "small"](c, type, look, angle);
      }, FADE_ALPHA[fade]));
      this.units[key] = sprite;
      return sprite;
    }

    /** @param {string} name @param {number} radius @param {(c: any) => void} draw @returns {Sprite} */
    mark(name, radius, draw) {
      const kept = this.marks.get(name);
      if (kept) return kept;
      const sprite = this.count(this.draw(radius, draw, 1));
      this.marks.set(name, sprite);
      return sprite;
    }

    /** Size of a plate in device pixels. @param {string} text @param {string} font @param {number} size px at scale 1
     *  @returns {{w: number, h: number}} */
    labelSize(text, font, size) {
      const key = `${size}|${font}|${text}`;
      let width = this.widths.get(key) ?? -1;
      if (width < 0) {
        if (this.widths.size >= 10 * LABELS_KEPT) this.widths.clear();
        if (!this.context) this.canvasOf(64, 32);
        this.context.font = `500 ${size * this.scale}px ${font}`;
        width = /** @type {number} */ (this.context.measureText(text).width);
        this.widths.set(key, width);
      }
      return { w: Math.ceil(width + 2 * PLATE_PAD * this.scale), h: Math.ceil(size * 1.5 * this.scale) };
    }

    /** A plate with text; its anchor is the plate's upper left corner. @param {string} text @param {string} tone colour
     *  @param {string} font @param {number} size px at scale 1 @returns {Sprite} */
    label(text, tone, font, size) {
      const key = `${tone}|${size}|${text}`, kept = this.labels.get(key);
      if (kept) return kept;
      if (this.labels.size >= LABELS_KEPT) this.clearLabels();
      const k = this.scale, { w, h } = this.labelSize(text, font, size), c = this.canvasOf(w, h);
      c.font = `500 ${size * k}px ${font}`;
      c.textBaseline = "middle";
      c.fillStyle = "rgba(11,17,24,.84)";
      c.beginPath();
      c.roundRect(0, 0, w, h, 3 * k);
      c.fill();
      c.fillStyle = tone;
      c.fillText(text, PLATE_PAD * k, h * 0.54);
      const sprite = this.count(wallboard.raster.compile(this.pixels(w, h), w, h, 0, 0));
      this.labels.set(key, sprite);
      return sprite;
    }

    /** @param {number} radius drawn units @param {(c: any) => void} draw @param {number} alpha @returns {Sprite} */
    draw(radius, draw, alpha) {
      const half = Math.ceil(radius * this.scale) + 1, side = 2 * half + 1;
      const c = this.canvasOf(side, side);
      c.translate(half + 0.5, half + 0.5);
      c.scale(this.scale, this.scale);
      draw(c);
      const pixels = this.pixels(side, side);
      for (let p = 0; p < pixels.length; p++) {
        const a = pixels[p] >>> 24;
        // what can hardly be seen is left out, what is hardly translucent is solid: both are drawn ten thousand times
        const b = a < FAINT ? 0 : Math.round((a > 255 - FAINT ? 255 : a) * alpha);
        pixels[p] = b ? (pixels[p] & 0xffffff) | (b << 24) : 0;
      }
      return wallboard.raster.compile(pixels, side, side, half, half);
    }

    /** An empty context of at least this size. @param {number} w @param {number} h */
    canvasOf(w, h) {
      if (!this.canvas || this.canvas.width < w || this.canvas.height < h) {
        this.canvas = this.makeCanvas(Math.max(w, this.canvas?.width ?? 0), Math.max(h, this.canvas?.height ?? 0));
        this.context = this.canvas.getContext("2d", { willReadFrequently: true });
      }
      this.context.reset();
      return this.context;
    }

    /** @param {number} w @param {number} h @returns {Int32Array} */
    pixels(w, h) {
      return new Int32Array(this.context.getImageData(0, 0, w, h).data.buffer);
    }
  }

  wallboard.sprites = { Sprites, bucket, fadeLevel, FAR, NEAR, CROWDED, UNDIRECTED, FADES, MOST_BYTES };
})(/** @type {any} */ (globalThis));
