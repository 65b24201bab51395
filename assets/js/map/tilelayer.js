/**
 * A basemap of tiles, below the live canvases: a .pmtiles file drawn by protomaps-leaflet, or images of a provider. The
 * library is fetched only by walls whose basemap needs it. A tile that does not come, or about which nothing is heard, is
 * asked for again, and the wall says so; the units go on.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const LIBRARY = "assets/vendor/protomaps-leaflet/protomaps-leaflet-5.1.0.js";
  const PANE = "live-tiles", PANE_Z = 140;
  const CLOSEST_ZOOM = 22;
  const TILE = 256;
  const RETRY_MS = 10000, BEAT_MS = 1000;
  const LANGS = /** @type {Record<string, string>} */ ({ zh: "zh_cn", en: "en" });

  class TileGround {
    /** @param {any} facts what the page's head says: kind, url or urls, subdomains, minZoom, maxZoom, look
     *  @param {(name: string, detail: any) => void} emit @param {() => number} [now] ms @param {() => number} [random] 0..1 */
    constructor(facts, emit, now = () => performance.now(), random = Math.random) {
      this.facts = facts;
      this.emit = emit;
      this.now = now;
      this.lang = "zh";
      this.scale = 1;
      /** by how much the browser shrinks a tile of this zoom; text must not shrink with it */
      this.shrink = 1;
      this.shown = true;
      /** @type {any} */
      this.map = null;
      /** @type {any[]} */
      this.layers = [];
      this.patience = new wallboard.Patience(random);
      /** the addresses of images @type {WeakMap<any, string>} */
      this.addresses = new WeakMap();
      this.unmade = "";
      this.wrong = "";
      this.asked = 0;
      this.timer = this.beating = 0;
      if (facts.kind === "pmtiles") document.fonts?.addEventListener("loadingdone", () => this.relabel());
    }

    /** @param {any} map Leaflet's */
    mount(map) {
      this.map = map;
      const pane = map.getPane(PANE) ?? map.createPane(PANE);
      pane.style.zIndex = String(PANE_Z);
      pane.style.pointerEvents = "none";
      pane.dataset.look = this.facts.look ?? "plain";
      const shrink = (/** @type {number} */ zoom) => 2 ** (Math.round(zoom) - zoom);
      this.shrink = shrink(map.getZoom());
      let drawn = this.shrink;
      map.on({
        // before Leaflet asks for the tiles of the new zoom: this handler is older than the layers'
        zoomanim: (/** @type {any} */ { zoom }) => this.grow(shrink(zoom)),
        zoom: () => map._animatingZoom || this.grow(shrink(map.getZoom())),
        zoomend: () => {
          if (this.shrink !== drawn) this.relabel();
          drawn = this.shrink;
        },
        // a person moves the map
        dragend: () => this.patience.hasten(this.now()),
        keydown: () => this.patience.hasten(this.now()),
        unload: () => {
          if (this.map === map) this.map = null;
        },
      });
      this.draw();
    }

    /** @param {string} lang zh or en */
    setLang(lang) {
      if (lang === this.lang) return;
      this.lang = lang;
      this.draw();
    }

    /** @param {number} scale 1 is the wall at 1080p */
    setScale(scale) {
      if (scale === this.scale) return;
      this.scale = scale;
      if (this.facts.kind === "pmtiles") this.draw();
    }

    /** @param {boolean} shown */
    show(shown) {
      if (shown === this.shown) return;
      this.shown = shown;
      this.draw();
    }

    /** The layers anew; what was there stays until its successor stands. */
    async draw() {
      const { map } = this, turn = ++this.asked;
      if (!map) return;
      try {
        const layers = !this.shown ? [] : this.facts.kind === "pmtiles" ? [await this.vector()] : this.images();
        if (turn !== this.asked || map !== this.map) return;
        for (const layer of this.layers) layer.remove();
        this.unmade = "";
        this.layers = layers;
        for (const layer of layers) layer.addTo(map);
        if (!layers.length) this.tell("");
      } catch (error) {
        if (turn !== this.asked) return;
        this.tell(String(error));
        this.retry();
      }
    }

    /** @returns {any[]} one layer an address, the first one below */
    images() {
      const { urls, subdomains, minZoom, maxZoom } = this.facts;
      return urls.map((/** @type {string} */ url) => {
        const layer = root.L.tileLayer(url, {
          pane: PANE, subdomains, minNativeZoom: minZoom, maxNativeZoom: maxZoom, maxZoom: CLOSEST_ZOOM, lang: LANGS[this.lang] ?? this.lang,
          noWrap: true, keepBuffer: 1, detectRetina: false,
          referrerPolicy: "strict-origin", // some providers let only named pages in; no path is told
        });
        const address = layer.getTileUrl;
        layer.getTileUrl = (/** @type {any} */ coords) => {
          try {
            return address.call(layer, coords);
          } catch (error) {
            this.unmade = String(error);
            return "";
          }
        };
        layer.on({
          tileloadstart: (/** @type {any} */ { tile }) => this.awaited(tile),
          tileload: (/** @type {any} */ { tile }) => this.arrived(tile),
          tileerror: (/** @type {any} */ { tile }) => this.missed(tile),
          tileunload: (/** @type {any} */ { tile }) => this.patience.forget(tile),
          tileabort: (/** @type {any} */ { tile }) => this.patience.forget(tile),
        });
        return layer;
      });
    }

    /** @returns {Promise<any>} */
    async vector() {
      const protomaps = await library();
      const source = new protomaps.PmtilesSource(new URL(this.facts.url, document.baseURI).href, true).p;
      const { paintRules, labelRules } = wallboard.groundstyle.rules(protomaps, this.lang, () => this.scale * this.shrink);
      return protomaps.leafletLayer({
        // the library takes whatever can be asked for a tile
        url: { getZxy: (/** @type {any[]} */ ...asked) => this.read(source, asked) },
        pane: PANE, paintRules, labelRules, maxDataZoom: this.facts.maxZoom, maxZoom: CLOSEST_ZOOM, attribution: "", noWrap: true,
        keepBuffer: 1, devicePixelRatio: this.sharpness(), lang: this.lang === "zh" ? "zh-CN" : this.lang,
      });
    }

    /** Pixels of a tile for each CSS pixel at its own zoom: as many as will be seen when the browser has scaled it. */
    sharpness() {
      return Math.round((TILE * (devicePixelRatio || 1)) / this.shrink) / TILE;
    }

    /** @param {any} source @param {any[]} asked z, x, y, signal */
    async read(source, asked) {
      try {
        const tile = await source.getZxy(...asked);
        if (this.wrong) this.tell("");
        return tile;
      } catch (error) {
        if (/** @type {any} */ (error).name === "AbortError") throw error;
        this.tell(String(error));
        this.retry();
        throw Object.assign(new Error(String(error)), { name: "AbortError" }); // told; the library need not say it again
      }
    }

    /** Tiles that are drawn from now on are scaled by the browser like this. @param {number} shrink */
    grow(shrink) {
      this.shrink = shrink;
      for (const layer of this.layers) if (layer.clearLayout) layer.tileSize = TILE * this.sharpness();
    }

    /** Text was set in another size, or in a typeface that had not come yet. */
    relabel() {
      for (const layer of this.layers) {
        if (!layer.clearLayout || !layer._map) continue;
        layer.clearLayout();
        layer.rerenderTiles();
      }
    }

    /** @param {any} tile an image */
    awaited(tile) {
      const src = tile.getAttribute("src");
      if (!src) return this.judge(); // it has no address
      this.addresses.set(tile, src);
      this.patience.asked(tile, this.now());
      this.beat();
    }

    /** @param {any} tile */
    arrived(tile) {
      this.patience.came(tile, this.now());
      this.judge();
    }

    /** @param {any} tile */
    missed(tile) {
      this.patience.missed(tile, this.now());
      this.judge();
    }

    /** Once a second while a tile is awaited or missing: gives up what is silent, asks again for what is due. */
    beat() {
      const { patience } = this;
      if (this.beating || !(patience.flying.size || patience.failed.size || patience.sick)) return;
      this.beating = /** @type {any} */ (setTimeout(() => {
        this.beating = 0;
        for (const image of patience.silent(this.now())) image.removeAttribute("src");
        for (const image of patience.due(this.now())) image.src = this.addresses.get(image);
        this.judge();
        this.beat();
      }, BEAT_MS));
    }

    judge() {
      const all = this.layers.reduce((n, layer) => n + Object.keys(layer._tiles ?? {}).length, 0);
      const wrong = this.patience.judge(all);
      this.tell(this.unmade || (wrong && `${host(this.facts.urls[0])}: ${wrong}`));
    }

    /** The layers once more, after a while. */
    retry() {
      if (this.timer) return;
      this.timer = /** @type {any} */ (setTimeout(() => {
        this.timer = 0;
        if (this.map) this.draw();
      }, RETRY_MS * (0.75 + Math.random() / 2)));
    }

    /** @param {string} wrong what is wrong; "" when it is over */
    tell(wrong) {
      if (wrong === this.wrong) return;
      this.wrong = wrong;
      this.emit("problem", { what: "basemap", detail: wrong || null });
    }
  }

  /** @param {string} url @returns {string} */
  function host(url) {
    return url.replace(/^\w+:\/\//, "").split("/")[0];
  }

  /** @type {Promise<any>|null} */
  let loading = null;

  /** @returns {Promise<any>} protomaps-leaflet, fetched at its first use */
  function library() {
    return (loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(LIBRARY, document.baseURI).href;
      script.onload = () => resolve(root.protomapsL);
      script.onerror = () => {
        loading = null;
        reject(new Error(`${LIBRARY} did not load`));
      };
      document.head.append(script);
    }));
  }

  wallboard.TileGround = TileGround;
})(/** @type {any} */ (globalThis));
