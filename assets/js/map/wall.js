/**
 * Starts the worker with the page, and puts the live layer on each map that is mounted inside the wall. The last of
 * these scripts to be loaded: by then the page has named all that the worker needs.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});
  if (typeof document === "undefined") return; // under node only the classes are wanted

  const live = wallboard.live;
  const script = /** @type {HTMLScriptElement|null} */ (document.currentScript);

  /** pictures painted when the worker last threw an error; Infinity while all is well */
  let rastersAtFault = Infinity;

  /** What the page's head says of the map; see map_facts in app.py. @returns {any} */
  function facts() {
    return JSON.parse(document.querySelector('meta[name="wallboard-map"]')?.getAttribute("content") || "{}");
  }

  /** What this browser lacks, or "". */
  function lacking() {
    if (typeof Worker === "undefined") return "Web Workers";
    if (typeof OffscreenCanvas === "undefined" || !HTMLCanvasElement.prototype.transferControlToOffscreen) return "OffscreenCanvas";
    return typeof ImageBitmapRenderingContext === "undefined" ? "ImageBitmapRenderingContext" : "";
  }

  /** @param {any} message of the worker */
  function take(message) {
    const { layer } = live;
    switch (message.type) {
      case "turn":
        if (message.mount === layer?.mount) layer.turn(message);
        return;
      case "base":
        if (message.mount === layer?.mount) layer.showBase(message);
        else message.bitmap.close();
        return;
      case "panel":
        return live.emit("panel", message.doc);
      case "time":
        live.time = message.time;
        return;
      case "hit":
        return wallboard.pointer.answer(message);
      case "answer":
        live.answers.get(message.ask)?.(message.answer);
        live.answers.delete(message.ask);
        return;
      case "link":
        return live.emit("link", { state: message.state, since_ms: Date.now(), as_of: message.as_of });
      case "stats":
        if (message.stats.rasters > rastersAtFault) {
          rastersAtFault = Infinity; // it paints again
          live.emit("problem", { what: "worker", detail: null });
        }
        return live.emit("stats", message.stats);
      case "heat":
        return live.emit("heat", message.legend);
      case "basemap":
        return live.emit("basemap", { box: message.box });
      case "streams":
        return live.emit("streams", message.streams);
      case "places":
        return live.emit("places", message.names);
      case "problem":
        return live.emit("problem", { what: message.what, detail: message.detail });
      case "centre":
        return centre(message);
    }
  }

  /** A short straight glide, unless a person is moving the map or nobody is followed any more. @param {{lat: number, lon: number}} place */
  function centre({ lat, lon }) {
    const map = live.map;
    if (!map || live.followed === null || map._animatingZoom || map.dragging?.moving()) return;
    map.panTo(wallboard.datum.latLng(lat, lon), { animate: true, duration: 0.5, easeLinearity: 1, noMoveStart: true });
  }

  function start() {
    live.ground = facts();
    wallboard.datum.set(live.ground.datum ?? "WGS84");
    const { kind } = live.ground;
    if (kind === "tiles" || kind === "pmtiles") live.tiles = new wallboard.TileGround(live.ground, live.emit.bind(live));
    const missing = lacking();
    if (missing) return live.emit("problem", { what: "browser", detail: `this browser has no ${missing}` });
    // the worker loads the very address that the page has loaded, so that it is fetched once and is one version
    const scripts = [...document.scripts].map((element) => element.src).filter((src) => /\/js\/live\//.test(src));
    const url = new URL("../live/worker.js", script?.src || document.baseURI);
    const keeper = new wallboard.Keeper({
      make() {
        const worker = new Worker(url);
        worker.postMessage({ type: "load", scripts, datum: wallboard.datum.name, tiles: live.tiles !== null,
          scope: new URLSearchParams(root.location.search).get("scope") ?? "" });
        return worker;
      },
      take,
      fault(/** @type {string} */ detail) {
        rastersAtFault = live.last.get("stats")?.rasters ?? 0;
        live.emit("problem", { what: "worker", detail });
      },
      renewed() {
        rastersAtFault = 0; // it counts its pictures from the beginning
        if (!live.layer) return;
        wallboard.pointer.renew(live.layer);
        layOn(live.layer.map);
      },
      setTimer: setTimeout.bind(root), random: Math.random,
    });
    keeper.start();
    setInterval(() => keeper.beat(document.hidden), 1000);
    live.worker = keeper;
    for (const [message, transfer] of live.queue) live.post(message, transfer);
    live.queue = [];
    const tell = () => live.post({ type: "hidden", hidden: document.hidden });
    document.addEventListener("visibilitychange", tell);
    if (document.hidden) tell();
    live.on("drag", () => live.follow(null));
  }

  /** @param {any} map */
  function mount(map) {
    map.whenReady(() => {
      const container = map.getContainer();
      if (!live.worker || !(container.closest("#wall") || "live" in container.dataset)) return;
      layOn(map);
      live.tiles?.mount(map);
      map.on("unload", () => {
        if (live.layer?.map !== map) return;
        live.layer.remove();
        live.layer = null;
      });
    });
  }

  /** New canvases for the worker. @param {any} map */
  function layOn(map) {
    live.layer?.remove();
    live.layer = new wallboard.MapLayer(map, live.post.bind(live), live.emit.bind(live));
  }

  start();
  const leaflet = root.L;
  if (leaflet) leaflet.Map.addInitHook(/** @this {any} */ function () { mount(this); });
  else live.emit("problem", { what: "browser", detail: "Leaflet is not on the page" });
})(/** @type {any} */ (globalThis));
