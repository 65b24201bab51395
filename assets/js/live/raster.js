/**
 * Sprites into pixels: a surface of straight-alpha RGBA, and sprites compiled to runs of equal pixels.
 * Colours are 0xAABBGGRR as signed integers, which engines handle faster than unsigned ones.
 *
 * @typedef {object} Sprite runs of one colour in one row, opaque ones first
 * @property {Int16Array} dx where a run begins, from the anchor
 * @property {Int16Array} dy
 * @property {Int32Array} runs offset, length, colour of each; the offset is dy * stride + dx
 * @property {number} solid where in `runs` the translucent ones begin
 * @property {number} stride
 * @property {number} size pixels in all
 * @property {number} left extent of the pixels around the anchor
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /**
   * @param {Int32Array} pixels w*h @param {number} w @param {number} h
   * @param {number} ax anchor @param {number} ay @returns {Sprite}
   */
  function compile(pixels, w, h, ax, ay) {
    const sprite = {
      dx: new Int16Array(0), dy: new Int16Array(0), runs: new Int32Array(0), solid: 0, stride: 0, size: 0,
      left: 0, top: 0, right: 0, bottom: 0,
    };
    let n = 0, size = 0;
    // opaque runs first; found twice, to be counted and to be written
    for (const pass of ["count", "opaque", "translucent"]) {
      if (pass === "opaque") {
        sprite.dx = new Int16Array(n);
        sprite.dy = new Int16Array(n);
        sprite.runs = new Int32Array(3 * n);
        sprite.size = size;
        n = 0;
      } else if (pass === "translucent") sprite.solid = 3 * n;
      for (let p = 0, y = 0; y < h; y++) {
        for (const rowEnd = p + w; p < rowEnd;) {
          const color = pixels[p], alpha = color >>> 24, from = p++;
          while (p < rowEnd && pixels[p] === color) p++;
          if (!alpha || (pass === "opaque" && alpha < 255) || (pass === "translucent" && alpha === 255)) continue;
          if (pass === "count") size += p - from;
          else write(sprite, n, from - y * w - ax, y - ay, p - from, color);
          n++;
        }
      }
    }
    return sprite;
  }

  /** @param {Sprite} sprite @param {number} n @param {number} dx @param {number} dy @param {number} length @param {number} color */
  function write(sprite, n, dx, dy, length, color) {
    sprite.dx[n] = dx;
    sprite.dy[n] = dy;
    sprite.runs[3 * n + 1] = length;
    sprite.runs[3 * n + 2] = color;
    if (dx < sprite.left) sprite.left = dx;
    if (dx + length - 1 > sprite.right) sprite.right = dx + length - 1;
    if (dy < sprite.top) sprite.top = dy;
    if (dy > sprite.bottom) sprite.bottom = dy;
  }

  /** Source over destination, both straight alpha, as Porter and Duff. @param {number} d @param {number} s @returns {number} */
  function blend(d, s) {
    const sa = s >>> 24, da = d >>> 24;
    if (sa === 255 || da === 0) return s;
    if (da === 255) {
      // red and blue in one multiplication, green in another; 256 for 255 keeps full alpha exact
      const a = sa + (sa >> 7), rest = 256 - a;
      const rb = (((s & 0xff00ff) * a + (d & 0xff00ff) * rest) >>> 8) & 0xff00ff;
      const g = (((s & 0xff00) * a + (d & 0xff00) * rest) >>> 8) & 0xff00;
      return -16777216 | rb | g;
    }
    const under = (da * (255 - sa)) / 255, a = sa + under;
    const r = ((s & 255) * sa + (d & 255) * under) / a;
    const g = (((s >>> 8) & 255) * sa + ((d >>> 8) & 255) * under) / a;
    const b = (((s >>> 16) & 255) * sa + ((d >>> 16) & 255) * under) / a;
    return ((a + 0.5) << 24) | ((b + 0.5) << 16) | ((g + 0.5) << 8) | (r + 0.5);
  }

  // past this share of touched pixels wiping everything is cheaper than wiping what was drawn
  const WIPE_SHARE = 0.15;

  class Surface {
    constructor() {
      this.width = this.height = 0;
      this.bytes = new Uint8ClampedArray(0);
      this.pixels = new Int32Array(0);
      /** @type {Sprite[]} */
      this.drawn = [];
      /** @type {number[]} */
      this.places = [];
      this.touched = 0;
      /** clipped sprites' pixels, one by one @type {number[]} */
      this.strays = [];
    }

    /** @param {number} width @param {number} height */
    resize(width, height) {
      if (width === this.width && height === this.height) return;
      this.width = width;
      this.height = height;
      this.bytes = new Uint8ClampedArray(width * height * 4);
      this.pixels = new Int32Array(this.bytes.buffer);
      this.forget();
    }

    forget() {
      this.drawn.length = this.places.length = this.strays.length = 0;
      this.touched = 0;
    }

    /** Empty all pixels that were drawn since the last clearing. */
    clear() {
      const { pixels, drawn, places } = this;
      if (this.touched > WIPE_SHARE * pixels.length) pixels.fill(0);
      else {
        for (let k = 0; k < drawn.length; k++) {
          const { runs } = drawn[k], base = places[k];
          for (let r = 0; r < runs.length; r += 3) {
            const from = base + runs[r], to = from + runs[r + 1];
            for (let at = from; at < to; at++) pixels[at] = 0;
          }
        }
        for (const at of this.strays) pixels[at] = 0;
      }
      this.forget();
    }

    /** Draw with the anchor at pixel (x, y). @param {Sprite} sprite @param {number} x @param {number} y */
    blit(sprite, x, y) {
      const { width, height, pixels } = this;
      // sprites are centred on the middle of their anchor's pixel: the pixel that holds the point, not the nearest corner
      x = Math.floor(x);
      y = Math.floor(y);
      if (x + sprite.left < 0 || y + sprite.top < 0 || x + sprite.right >= width || y + sprite.bottom >= height) {
        return this.blitClipped(sprite, x, y);
      }
      const { runs, solid } = sprite, base = y * width + x;
      if (sprite.stride !== width) {
        for (let r = 0, k = 0; r < runs.length; r += 3, k++) runs[r] = sprite.dy[k] * width + sprite.dx[k];
        sprite.stride = width;
      }
      for (let r = 0; r < solid; r += 3) {
        const from = base + runs[r], to = from + runs[r + 1], color = runs[r + 2];
        for (let at = from; at < to; at++) pixels[at] = color;
      }
      for (let r = solid; r < runs.length; r += 3) {
        const from = base + runs[r], to = from + runs[r + 1], color = runs[r + 2];
        for (let at = from; at < to; at++) pixels[at] = pixels[at] === 0 ? color : blend(pixels[at], color);
      }
      this.drawn.push(sprite);
      this.places.push(base);
      this.touched += sprite.size;
    }

    /** @param {Sprite} sprite @param {number} x @param {number} y */
    blitClipped(sprite, x, y) {
      const { width, height, pixels } = this, { dx, dy, runs } = sprite;
      for (let k = 0; k < dx.length; k++) {
        const py = y + dy[k], to = Math.min(width, x + dx[k] + runs[3 * k + 1]);
        if (py < 0 || py >= height) continue;
        for (let px = Math.max(0, x + dx[k]); px < to; px++) {
          const at = py * width + px;
          pixels[at] = blend(pixels[at], runs[3 * k + 2]);
          this.strays.push(at);
        }
      }
    }
  }

  wallboard.raster = { compile, blend, Surface };
})(/** @type {any} */ (globalThis));
