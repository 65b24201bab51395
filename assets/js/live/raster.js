/**
 * Sprites into pixels: a surface of straight-alpha RGBA, and sprites compiled to lists of their non-empty pixels.
 *
 * @typedef {object} Sprite
 * @property {Int16Array} dx pixel offsets from the anchor
 * @property {Int16Array} dy
 * @property {Uint32Array} color 0xAABBGGRR, straight alpha
 * @property {Int32Array} offset dy * stride + dx for the stride below
 * @property {number} stride
 * @property {number} left extent of the pixels around the anchor
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /**
   * @param {Uint32Array} pixels w*h, 0xAABBGGRR @param {number} w @param {number} h
   * @param {number} ax anchor @param {number} ay @returns {Sprite}
   */
  function compile(pixels, w, h, ax, ay) {
    let n = 0;
    for (let p = 0; p < w * h; p++) if (pixels[p] >>> 24) n++;
    const dx = new Int16Array(n), dy = new Int16Array(n), color = new Uint32Array(n);
    let k = 0, left = 0, top = 0, right = 0, bottom = 0;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const c = pixels[y * w + x];
        if (!(c >>> 24)) continue;
        dx[k] = x - ax;
        dy[k] = y - ay;
        color[k++] = c;
        left = Math.min(left, x - ax);
        right = Math.max(right, x - ax);
        top = Math.min(top, y - ay);
        bottom = Math.max(bottom, y - ay);
      }
    }
    return { dx, dy, color, offset: new Int32Array(n), stride: 0, left, top, right, bottom };
  }

  /** Source over destination, both straight alpha, as Porter and Duff. @param {number} d @param {number} s */
  function blend(d, s) {
    const sa = s >>> 24, da = d >>> 24;
    if (sa === 255 || da === 0) return s;
    const under = (da * (255 - sa)) / 255, a = sa + under;
    const r = ((s & 255) * sa + (d & 255) * under) / a;
    const g = (((s >>> 8) & 255) * sa + ((d >>> 8) & 255) * under) / a;
    const b = (((s >>> 16) & 255) * sa + ((d >>> 16) & 255) * under) / a;
    return ((Math.round(a) << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
  }

  // past this share of touched pixels wiping everything is cheaper than wiping what was drawn
  const WIPE_SHARE = 0.15;

  class Surface {
    constructor() {
      this.width = this.height = 0;
      this.bytes = new Uint8ClampedArray(0);
      this.pixels = new Uint32Array(0);
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
      this.pixels = new Uint32Array(this.bytes.buffer);
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
          const offset = drawn[k].offset, base = places[k];
          for (let p = 0; p < offset.length; p++) pixels[base + offset[p]] = 0;
        }
        for (const at of this.strays) pixels[at] = 0;
      }
      this.forget();
    }

    /** Draw with the anchor at pixel (x, y). @param {Sprite} sprite @param {number} x @param {number} y */
    blit(sprite, x, y) {
      const { width, height, pixels } = this;
      x = Math.round(x);
      y = Math.round(y);
      if (x + sprite.left < 0 || y + sprite.top < 0 || x + sprite.right >= width || y + sprite.bottom >= height) {
        return this.blitClipped(sprite, x, y);
      }
      if (sprite.stride !== width) {
        for (let p = 0; p < sprite.offset.length; p++) sprite.offset[p] = sprite.dy[p] * width + sprite.dx[p];
        sprite.stride = width;
      }
      const { offset, color } = sprite, base = y * width + x;
      for (let p = 0; p < offset.length; p++) {
        const at = base + offset[p], c = color[p], under = pixels[at];
        pixels[at] = under === 0 || c >= 0xff000000 ? c : blend(under, c);
      }
      this.drawn.push(sprite);
      this.places.push(base);
      this.touched += offset.length;
    }

    /** @param {Sprite} sprite @param {number} x @param {number} y */
    blitClipped(sprite, x, y) {
      const { width, height, pixels } = this;
      for (let p = 0; p < sprite.color.length; p++) {
        const px = x + sprite.dx[p], py = y + sprite.dy[p];
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const at = py * width + px;
        pixels[at] = blend(pixels[at], sprite.color[p]);
        this.strays.push(at);
      }
    }
  }

  wallboard.raster = { compile, blend, Surface };
})(/** @type {any} */ (globalThis));
