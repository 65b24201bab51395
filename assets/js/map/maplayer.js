/**
 * The live layer on a Leaflet map: two canvases that take turns for the units, one for the basemap. Each carries the
 * view that it was drawn for and is moved and scaled as Leaflet's own renderers are; the worker draws them.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const TILE = 256;
  const PAD_SHARE = 0.08, PAD_LEAST_PX = 64, PAD_MOST_PX = 180;
  // a drag asks for a new picture when it has used up this share of the edge
  const PAD_USED = 0.45;

  let views = 0, mounts = 0;

  class MapLayer {
    /** @param {any} map Leaflet's @param {(message: any, transfer?: any[]) => void} post to the worker
     *  @param {(name: string, detail: any) => void} emit */
    constructor(map, post, emit) {
      this.map = map;
      this.post = post;
      this.emit = emit;
      this.mount = ++mounts;
      /** @type {MapView|null} */
      this.asked = null;
      /** the pictures in sight @type {MapView|null} */
      this.view = null;
      /** @type {MapView|null} */
      this.baseView = null;
      this.index = -1;
      /** arrived during a zoom animation, shown at its end @type {(() => void)[]} */
      this.held = [];
      /** @type {any} */
      this.heldTurn = null;
      this.asking = 0;
      const base = pane(map, "live-base", 150), live = pane(map, "live", 450);
      this.base = canvas(base);
      this.basePaper = this.base.getContext("bitmaprenderer");
      this.canvases = [canvas(live), canvas(live)];
      const off = this.canvases.map((c) => /** @type {any} */ (c).transferControlToOffscreen());
      post({ type: "attach", canvases: off, mount: this.mount }, off);
      this.handlers = {
        zoomanim: (/** @type {any} */ e) => this.onZoomAnimation(e), zoom: () => this.place(), viewreset: () => this.place(),
        move: () => this.onMove(), moveend: () => this.settle(), zoomend: () => this.arrive(), resize: () => this.settle(),
        mousemove: (/** @type {any} */ e) => wallboard.pointer.move(this, e), mouseout: () => wallboard.pointer.leave(this),
        click: (/** @type {any} */ e) => wallboard.pointer.click(this, e), dragstart: () => emit("drag", null),
      };
      map.on(this.handlers);
      // Leaflet hears of the window's size only, not of panels that come and go
      this.sizes = new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false }));
      this.sizes.observe(map.getContainer());
      this.settle();
    }

    remove() {
      this.sizes.disconnect();
      this.map.off(this.handlers);
      cancelAnimationFrame(this.asking);
    }

    /** The view to be drawn for a centre and a zoom. @param {any} center @param {number} zoom @param {boolean} moving
     *  @returns {MapView} */
    viewFor(center, zoom, moving) {
      const { map } = this, size = map.getSize(), world = TILE * 2 ** zoom;
      const pad = Math.round(Math.min(PAD_MOST_PX, Math.max(PAD_LEAST_PX, PAD_SHARE * Math.max(size.x, size.y))));
      const corner = map._getNewPixelOrigin(center, zoom).subtract(map._getMapPanePos()).round();
      return {
        id: ++views, x: (corner.x - pad) / world, y: (corner.y - pad) / world, zoom, w: size.x + 2 * pad, h: size.y + 2 * pad,
        dpr: devicePixelRatio || 1, moving,
      };
    }

    /** @param {MapView} view */
    ask(view) {
      const { map } = this;
      if (!map.getSize().x || !map.getSize().y) return;
      this.asked = view;
      if (this.heldTurn) this.drop();
      this.post({ type: "view", view });
    }

    /** A zoom has ended. The browser's animation of it runs on where a busy page began it late: then what has a new picture
     *  would stand at its end while the rest still glides, and the next zoom would begin somewhere between. */
    arrive() {
      const gliding = /** @type {CSSTransition[]} */ (this.map.getPane("mapPane").getAnimations({ subtree: true }));
      for (const glide of gliding) if (glide.transitionProperty === "transform") glide.cancel();
      this.settle();
    }

    /** The map has come to rest: what was held is shown, and a picture of exactly this view is asked for. */
    settle() {
      if (this.map._animatingZoom) return;
      cancelAnimationFrame(this.asking);
      this.asking = 0;
      const held = this.held;
      this.held = [];
      for (const show of held) show();
      this.place();
      const view = this.viewFor(this.map.getCenter(), this.map.getZoom(), false), asked = this.asked;
      const same = asked && !asked.moving && asked.x === view.x && asked.y === view.y && asked.zoom === view.zoom
        && asked.w === view.w && asked.h === view.h && asked.dpr === view.dpr;
      if (!same) this.ask(view);
    }

    onMove() {
      if (this.map._animatingZoom || this.asking) return;
      this.asking = requestAnimationFrame(() => {
        this.asking = 0;
        const have = this.asked;
        if (!have || this.map._animatingZoom) return;
        const view = this.viewFor(this.map.getCenter(), this.map.getZoom(), true), k = TILE * 2 ** view.zoom;
        const moved = Math.max(Math.abs(view.x - have.x), Math.abs(view.y - have.y)) * k;
        const pad = (view.w - this.map.getSize().x) / 2;
        if (have.zoom !== view.zoom || moved > PAD_USED * pad) this.ask(view);
      });
    }

    /** The pictures grow or shrink with Leaflet's animation; the picture of its end is asked for now.
     *  @param {{center: any, zoom: number}} event */
    onZoomAnimation({ center, zoom }) {
      const origin = this.map._getNewPixelOrigin(center, zoom);
      this.transform(origin, zoom);
      this.ask(this.viewFor(center, zoom, false));
    }

    place() {
      if (!this.map._animatingZoom) this.transform(this.map.getPixelOrigin(), this.map.getZoom());
    }

    /** @param {any} origin pixel at the map pane's corner @param {number} zoom */
    transform(origin, zoom) {
      if (this.view && this.index >= 0) put(this.canvases[this.index], this.view, origin, zoom);
      if (this.baseView) put(this.base, this.baseView, origin, zoom);
    }

    /** A picture of another view stands on the hidden canvas. @param {{index: number, view: MapView}} turn */
    turn({ index, view }) {
      const show = () => {
        this.heldTurn = null;
        const old = this.canvases[this.index];
        this.index = index;
        this.view = view;
        sizeOf(this.canvases[index], view);
        put(this.canvases[index], view, this.map.getPixelOrigin(), this.map.getZoom());
        this.canvases[index].style.visibility = "visible";
        if (old && old !== this.canvases[index]) old.style.visibility = "hidden";
        this.post({ type: "turned", mount: this.mount, index, shown: true });
      };
      if (!this.map._animatingZoom) return show();
      this.heldTurn = { index, show };
      this.held.push(show);
    }

    /** The held picture is of a view that nobody wants any more. */
    drop() {
      const { index, show } = this.heldTurn;
      this.held = this.held.filter((h) => h !== show);
      this.heldTurn = null;
      this.post({ type: "turned", mount: this.mount, index, shown: false });
    }

    /** @param {{bitmap: any, view: MapView}} picture of the basemap */
    showBase({ bitmap, view }) {
      const show = () => {
        this.baseView = view;
        sizeOf(this.base, view);
        put(this.base, view, this.map.getPixelOrigin(), this.map.getZoom());
        this.base.style.visibility = "visible";
        this.basePaper?.transferFromImageBitmap(bitmap);
      };
      if (this.map._animatingZoom) this.held.push(show);
      else show();
    }

    /** A point of the picture as the page shows it now, in CSS pixels of the map's container; animations included.
     * @param {number} px device pixels of the picture @param {number} py */
    onPage(px, py) {
      const shown = this.canvases[this.index];
      if (!shown || !this.view) return null;
      const box = shown.getBoundingClientRect(), frame = this.map.getContainer().getBoundingClientRect();
      const k = box.width / (this.view.w * this.view.dpr);
      return { x: box.left - frame.left + px * k, y: box.top - frame.top + py * k };
    }
  }

  /** @param {any} map @param {string} name @param {number} z */
  function pane(map, name, z) {
    const made = map.getPane(name) ?? map.createPane(name);
    made.style.zIndex = String(z);
    made.style.pointerEvents = "none";
    made.replaceChildren();
    return made;
  }

  /** @param {HTMLElement} parent */
  function canvas(parent) {
    const made = document.createElement("canvas");
    made.className = "leaflet-zoom-animated live-canvas";
    Object.assign(made.style, { position: "absolute", left: "0", top: "0", visibility: "hidden", transformOrigin: "0 0" });
    parent.append(made);
    return made;
  }

  /** @param {HTMLCanvasElement} element @param {MapView} view */
  function sizeOf(element, view) {
    element.style.width = `${view.w}px`;
    element.style.height = `${view.h}px`;
  }

  /** @param {HTMLCanvasElement} element @param {MapView} view @param {{x: number, y: number}} origin @param {number} zoom */
  function put(element, view, origin, zoom) {
    const k = TILE * 2 ** zoom, grow = 2 ** (zoom - view.zoom);
    element.style.transform = `translate3d(${view.x * k - origin.x}px,${view.y * k - origin.y}px,0) scale(${grow})`;
  }

  wallboard.MapLayer = MapLayer;
})(/** @type {any} */ (globalThis));
