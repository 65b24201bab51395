/**
 * From the scene to the page, inside the worker: two canvases take turns, so that a picture and the place where it
 * belongs change in one step on the page. Same view: the shown canvas is drawn again. Another view: the hidden one is
 * drawn, the page is told to turn when the picture has gone out, and says when it has turned.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  class Screen {
    /** @param {any} scope the worker's global @param {(message: any, transfer?: any[]) => void} post */
    constructor(scope, post) {
      this.scope = scope;
      this.post = post;
      /** @type {any[]} */
      this.canvases = [];
      this.mount = 0;
      this.shown = -1;
      this.painted = -1;
      /** @type {MapView|null} */
      this.view = null;
      /** @type {MapView|null} */
      this.wanted = null;
      this.turning = false;
      /** @type {any} */
      this.image = null;
      /** @type {any} */
      this.baseCanvas = null;
      /** @type {MapView|null} */
      this.baseView = null;
    }

    /** A new map on the page, with new canvases. @param {any[]} canvases @param {number} mount */
    attach(canvases, mount) {
      this.canvases = canvases;
      this.mount = mount;
      this.shown = this.painted = -1;
      this.view = this.wanted = this.baseView = null;
      this.turning = false;
    }

    /** Whether a picture may be painted now, and of which view. @returns {MapView|null} */
    next() {
      if (!this.canvases.length || !this.wanted) return null;
      // until the page has turned nobody knows which canvas is in sight
      if (this.turning) return this.wanted.id === this.view?.id ? this.view : null;
      return this.wanted;
    }

    /** Put the surface on the right canvas. @param {any} surface @param {MapView} view @param {(c: any) => void} lines */
    show(surface, view, lines) {
      const turn = view.id !== this.view?.id;
      const index = turn ? (this.shown === 0 ? 1 : 0) : this.painted;
      const canvas = this.canvases[index];
      if (canvas.width !== surface.width || canvas.height !== surface.height) {
        canvas.width = surface.width;
        canvas.height = surface.height;
      }
      if (this.image?.data !== surface.bytes) this.image = new ImageData(surface.bytes, surface.width, surface.height);
      const c = canvas.getContext("2d");
      c.putImageData(this.image, 0, 0);
      lines(c);
      if (!turn) return;
      this.view = view;
      this.painted = index;
      this.turning = true;
      const mount = this.mount;
      // the second frame after drawing begins when the first has been handed to the compositor
      this.afterFrame(() => this.afterFrame(() => {
        if (mount === this.mount) this.post({ type: "turn", index, view, mount });
      }));
    }

    /** The page has turned, or has thrown the picture away. @param {number} index @param {boolean} shown */
    turned(index, shown) {
      this.turning = false;
      if (shown) this.shown = index;
      else this.view = null;
    }

    /** @param {() => void} fn */
    afterFrame(fn) {
      if (this.scope.requestAnimationFrame) this.scope.requestAnimationFrame(fn);
      else this.scope.setTimeout(fn, 17);
    }

    /** Whether the basemap has to be drawn anew. @returns {MapView|null} */
    nextBase() {
      const { wanted, baseView } = this;
      if (!wanted || wanted.id === baseView?.id) return null;
      // while the map moves the old picture will do as long as it reaches the edge of what is looked at
      if (wanted.moving && wallboard.geo.covers(baseView, wanted, wanted.w * 0.06)) return null;
      return wanted;
    }

    /** @param {MapView} view @param {boolean} clear what lies below is seen through it @param {(c: any) => void} draw */
    showBase(view, clear, draw) {
      const w = Math.round(view.w * view.dpr), h = Math.round(view.h * view.dpr);
      if (this.baseCanvas?.width !== w || this.baseCanvas?.height !== h) this.baseCanvas = new OffscreenCanvas(w, h);
      draw(this.baseCanvas.getContext("2d", { alpha: clear }));
      this.baseView = view;
      const bitmap = this.baseCanvas.transferToImageBitmap();
      this.post({ type: "base", bitmap, view, mount: this.mount }, [bitmap]);
    }
  }

  wallboard.Screen = Screen;
})(/** @type {any} */ (globalThis));
