/**
 * The wall's worker: socket, decoding, motion and pixels. The page only moves and turns the canvases.
 */
"use strict";
/** @type {any} */
const scope = self;
const STREAMS = 24; // live pictures that a wall lists at most
const REDRAW_PAUSE_MS = 120;
const SETTLE_MS = 5000; // as often as the server renews what it tells of cameras
const UNITS_FIRST_MS = 2000; // so long the ground waits for the first picture of units

// the first message names the scripts of this folder as the page has loaded them
scope.onmessage = (/** @type {MessageEvent} */ event) => {
  for (const src of event.data.scripts) scope.importScripts(src);
  scope.wallboard.datum.set(event.data.datum);
  run(event.data.tiles, event.data.scope);
};

/** @param {boolean} tiles the ground is the page's: tiles below these canvases @param {string} code of the wall's scope */
function run(tiles, code) {
  const wallboard = scope.wallboard;
  const now = () => performance.timeOrigin + performance.now();
  /** @param {any} message @param {any[]} [transfer] */
  const post = (message, transfer) => scope.postMessage(message, transfer ?? []);
  const url = (/** @type {string} */ path) => new URL("../../../" + path, scope.location.href).href;

  const config = { staleMs: 30000, offlineMs: 300000, tickMs: 1000, maxReckonMs: 5000 };
  const time = new wallboard.ServerTime();
  const store = new wallboard.Store(config);
  const overlay = new wallboard.overlay.Overlay();
  const sprites = new wallboard.sprites.Sprites((/** @type {number} */ w, /** @type {number} */ h) => new OffscreenCanvas(w, h));
  const heat = new wallboard.heat.Heat();
  const scene = new wallboard.Scene(store, overlay, sprites, config);
  const plans = (scene.plans = new wallboard.Plans());
  const devices = (scene.devices = new wallboard.devices.Devices());
  scene.worn = new wallboard.worn.Worn(devices);
  const screen = new wallboard.Screen(scope, post);
  const state = {
    scale: 1, lang: "zh", hidden: false, basemapOn: true, base: /** @type {Basemap|null} */ (null), zones: /** @type {Zones|null} */ (null), own: "",
    clock: { mode: "system", speed: 1 }, badFrames: 0, frameBad: false, documentBad: "", asOf: /** @type {number|null} */ (null), viewLag: 0, viewAt: 0, painted: /** @type {Painted|null} */ (null),
  };

  let redrawDue = false, groundDue = false;
  /** @type {() => void} */
  let begun = () => {};
  /** the first picture of units is in sight, or there is none to wait for @type {Promise<void>} */
  const first = new Promise((resolve) => (begun = resolve));
  const pacer = new wallboard.Pacer({
    now, paint, setTimer: setTimeout.bind(scope), clearTimer: clearTimeout.bind(scope),
    problem: (/** @type {string|null} */ detail) => post({ type: "problem", what: "worker", detail }),
  });
  const fonts = new wallboard.fonts.Fonts(url("assets/fonts/"), scope, () => {
    sprites.dropLabels();
    scene.tags.stale();
    redrawBase();
    pacer.wake();
  });
  scene.tags.onText = (/** @type {string} */ text) => fonts.need(text);

  const link = new wallboard.socket.Link({
    now, wall: Date.now, random: Math.random, setTimer: setTimeout.bind(scope), clearTimer: clearTimeout.bind(scope),
    open: () => new WebSocket(url("live").replace(/^http/, "ws") + (code ? `?scope=${encodeURIComponent(code)}` : "")),
    onFrame: takeFrame, onText: takeDocument,
    onState: (/** @type {string} */ to) => {
      if (to === "connecting") time.renew();
      post({ type: "link", state: to, as_of: state.asOf });
    },
  }, config.tickMs);
  const desk = new wallboard.Desk({ store, overlay, heat, plans, scene, screen, time, pacer, link, config, state, now, post });

  const cameras = new wallboard.devices.DeviceFetcher({
    devices, setTimer: setTimeout.bind(scope), random: Math.random,
    fetch: async (/** @type {string} */ code) => {
      const answer = await fetch(url(`api/devices?scope=${encodeURIComponent(code)}`));
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return answer.json();
    },
    changed() {
      devices.settle(store, overlay.drones);
      post({ type: "streams", streams: devices.streams(STREAMS) });
      redrawBase();
      pacer.wake();
    },
    problem: (/** @type {string|null} */ detail) => post({ type: "problem", what: "devices", detail }),
  });

  /** @param {ArrayBuffer} buffer */
  function takeFrame(buffer) {
    const local = now();
    const { decode, SNAPSHOT, DELTA } = wallboard.frames;
    let frame, outcome;
    try {
      frame = decode(buffer);
      if (!frame.replay) time.setSpeed(1, local);
      const said = time.sample(frame.t0, local, { replay: frame.replay, beat: frame.type === DELTA });
      if (said === "late") return link.lose(); // begins anew over another connection
      outcome = store.apply(frame, local);
    } catch (error) {
      if (!state.badFrames++ || !state.frameBad) post({ type: "problem", what: "frame", detail: String(error) });
      state.frameBad = true;
      store.lose();
      return link.resync();
    }
    desk.postTime();
    if (outcome === "gap") return link.resync();
    if (outcome !== "applied") return;
    if (frame.type === SNAPSHOT || frame.type === DELTA) state.asOf = frame.t0;
    if (frame.type === SNAPSHOT) link.ready();
    if (frame.type === SNAPSHOT) settle();
    if (frame.type === SNAPSHOT && state.frameBad) {
      state.frameBad = false; // the picture is whole again
      post({ type: "problem", what: "frame", detail: null });
    }
    if (frame.count || frame.type === SNAPSHOT) pacer.wake();
  }

  /** @param {string} text */
  function takeDocument(text) {
    const local = now();
    let doc;
    try {
      doc = JSON.parse(text);
      use(doc, local);
    } catch (error) {
      state.documentBad = doc?.panel ?? "?";
      return post({ type: "problem", what: "document", detail: String(error) });
    }
    if (state.documentBad === doc.panel || state.documentBad === "?") {
      state.documentBad = "";
      post({ type: "problem", what: "document", detail: null });
    }
    post({ type: "panel", doc: doc.panel === "heat" ? slim(doc) : doc });
  }

  /** What the map itself needs of a document. @param {any} doc its data_time may be old: it is kept until its body
   *  changes @param {number} local */
  function use(doc, local) {
    const { panel, body } = doc;
    if (panel === "devices") cameras.take(doc);
    if (panel === "clock") {
      state.clock = body;
      time.setSpeed(body.mode === "replay" ? body.speed : 1, local);
    }
    if (panel === "heat") {
      heat.set(body);
      redrawBase();
    }
    if (panel === "scope" && state.own !== body.code) {
      state.own = body.code ?? "";
      redrawBase();
    }
    if (panel === "incidents") overlay.setIncidents(body);
    if (panel === "drones") overlay.setDrones(body, local);
    if (panel === "incidents" || panel === "drones") {
      scene.tags.stale();
      pacer.wake();
    }
  }

  /** The page needs no cells. @param {any} doc of heat */
  function slim(doc) {
    const { categories, totals, reach_ms, gap } = doc.body;
    return { ...doc, body: { categories, totals, reach_ms, gap } };
  }

  /** One turn of the pacer. @returns {{cost: number, next: number}|null} ms; null: nothing can be painted now */
  function paint() {
    const view = state.hidden ? null : screen.next();
    if (!view) return null;
    const begin = now(), fresh = view.id !== screen.view?.id;
    const server = Number.isFinite(time.offset) ? time.now(begin) : 0;
    const painted = scene.paint(view, server, begin, time.speed, state.scale);
    screen.show(scene.surface, view, (/** @type {any} */ c) => scene.paintLines(c, view, state.scale));
    state.painted = painted;
    const end = now(), cost = end - begin;
    if (fresh) {
      state.viewLag = end - state.viewAt;
      setTimeout(paintBase, 0); // what waits in the queue goes first
    }
    desk.afterPaint(painted);
    if (state.asOf !== null && !screen.turning) screen.afterFrame(() => screen.afterFrame(begun));
    return { cost, next: Math.min(wallboard.motion.nextFrameMs(painted.fastest, cost), painted.restMs) };
  }

  function paintBase() {
    const view = state.hidden || !groundDue ? null : screen.nextBase();
    if (!view) return;
    const base = state.basemapOn ? state.base : null;
    const zones = scene.layers.zones ? state.zones : null, need = (/** @type {string} */ text) => fonts.need(text);
    const hidden = wallboard.Tags.hidden(scene.tags.covered, view);
    screen.showBase(view, tiles, (/** @type {any} */ c) => {
      /** @type {Spot[]} */
      const taken = [], planned = plans.names(c, view, state.scale, hidden, taken);
      const names = zones ? wallboard.zonedraw.plan(c, zones, view, state.scale, state.lang, taken, hidden) : [];
      scene.placeNames = wallboard.labels.boxes(names, view);
      if (tiles) c.clearRect(0, 0, c.canvas.width, c.canvas.height);
      else wallboard.basedraw.draw(c, base, view, state.scale, state.lang, need, taken, hidden);
      if (!plans.reach) heat.draw(c, view, state.scale); // both fill hexagons: one of them at a time
      if (zones) wallboard.zonedraw.draw(c, zones, view, state.scale, state.own, names, need);
      plans.drawGround(c, view, state.scale, planned, need);
      if (scene.layers.devices) devices.draw(c, view, state.scale, wallboard.fonts.family());
    });
    if (plans.written.length || scene.placeNames.length) { // labels keep off the names that stand there now
      scene.tags.stale();
      pacer.wake();
    }
    desk.postHeat();
  }

  /** What the ground's look depends on beside the view. */
  function ground() {
    return [state.lang, state.scale, state.basemapOn, heat.on, heat.window, heat.category, heat.revision, plans.revision, scene.layers.devices, scene.layers.zones,
      scene.tags.covered.w, scene.tags.covered.h].join("|");
  }

  /** Soon and once: typefaces, documents and places come in bursts, and each drawing holds up the units. */
  function redrawBase() {
    screen.baseView = null;
    if (redrawDue) return;
    redrawDue = true;
    setTimeout(() => {
      redrawDue = false;
      paintBase();
    }, REDRAW_PAUSE_MS);
  }

  /** Cameras stand on the ground or go with units, who come and go. */
  function settle() {
    if (devices.settle(store, overlay.drones)) redrawBase();
  }

  /** The page hears of its trouble, and of the end of it.
   *  @param {string} what @param {(json: any) => void} take @returns {Promise<boolean>} whether it is there */
  async function fetchFile(what, take) {
    try {
      const answer = await fetch(url(`${what}.geojson`));
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const json = await answer.text();
      await first;
      take(JSON.parse(json));
    } catch (error) {
      post({ type: "problem", what, detail: String(error) });
      return false;
    }
    post({ type: "problem", what, detail: null });
    return true;
  }

  /** @returns {Promise<boolean>} whether it is there */
  async function fetchBasemap() {
    if (tiles) {
      state.base = wallboard.basemap.parse(null); // the page's tiles tell for themselves when they fail
      return true;
    }
    if (!(await fetchFile("basemap", (json) => (state.base = wallboard.basemap.parse(json))))) return false;
    post({ type: "basemap", box: desk.boxOf(state.base) });
    redrawBase();
    return true;
  }

  scope.onmessage = (/** @type {MessageEvent} */ event) => {
    const message = event.data, before = ground();
    desk.take(message);
    if (ground() !== before) redrawBase();
    if (message.type === "turned" && state.asOf !== null) begun();
    if (message.type === "view" || message.type === "turned") setTimeout(paintBase, 0);
  };

  /** @returns {Promise<boolean>} whether they are there */
  async function fetchPlaces() {
    if (!(await fetchFile("places", (json) => (state.zones = wallboard.zones.parse(json))))) return false;
    post({ type: "places", names: state.zones?.names ?? {} });
    redrawBase();
    return true;
  }

  link.connect();
  setTimeout(begun, UNITS_FIRST_MS);
  scene.named = false;
  void first.then(() => {
    scene.named = groundDue = true;
    pacer.wake();
    setTimeout(paintBase, 0);
  });
  for (const attempt of [fetchBasemap, fetchPlaces, () => fonts.start()]) {
    wallboard.socket.persist(attempt, setTimeout.bind(scope), Math.random);
  }
  setInterval(() => desk.everySecond(), 1000);
  setInterval(settle, SETTLE_MS);
  sprites.warm();
}
