/**
 * wallboard.live: what the page sees of the live map and of the server's documents. The work is the worker's.
 *
 * Events, by `on(name, fn)`: `panel` {panel, revision, data_time, body}; `link` {state, since_ms, as_of: server ms of the
 * picture, or null}; `hover` {kind, id,
 * callsign, status, …, x, y}, kind null when nothing is there; `select` {kind, id, slot, …} or null; `follow` {id};
 * `stats` once a second; `heat` legend; `basemap` {box}; `places` names by code; `streams` the cameras that deliver and can be watched; `problem` {what: browser|worker|basemap|places|devices|frame|document, detail: null when it is over}. A listener
 * that comes late hears the last `panel` of every kind, `link`, `stats`, `basemap` and `problem` at once.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const PROBES = 40, PROBE_MS = 25;
  const KEPT = ["link", "stats", "basemap", "places", "heat", "streams", "problem"];

  class Live {
    constructor() {
      /** @type {Map<string, Set<(detail: any) => void>>} */
      this.listeners = new Map();
      /** @type {Map<string, any>} */
      this.last = new Map();
      /** @type {Map<number, (answer: any) => void>} */
      this.answers = new Map();
      this.asks = 0;
      this.time = { offset: NaN, speed: 1, standing: NaN };
      this.followed = /** @type {string|null} */ (null);
      /** @type {any} */
      this.worker = null;
      /** @type {any} */
      this.layer = null;
      /** what the page's head says of the map: datum, basemap @type {any} */
      this.ground = {};
      /** the basemap's tiles, when it is made of such @type {any} */
      this.tiles = null;
      /** told to every new worker message queue before it is there @type {[any, any[]|undefined][]} */
      this.queue = [];
    }

    /** @param {string} name @param {(detail: any) => void} fn */
    on(name, fn) {
      let fns = this.listeners.get(name);
      if (!fns) this.listeners.set(name, (fns = new Set()));
      fns.add(fn);
      for (const [key, detail] of this.last) if (key === name || key.startsWith(name + " ")) fn(detail);
      return () => this.off(name, fn);
    }

    /** @param {string} name @param {(detail: any) => void} fn */
    off(name, fn) {
      this.listeners.get(name)?.delete(fn);
    }

    /** @param {string} name @param {any} detail */
    emit(name, detail) {
      if (name === "panel") this.last.set(`panel ${detail.panel}`, detail);
      else if (KEPT.includes(name)) this.last.set(name === "problem" ? `problem ${detail.what}` : name, detail);
      for (const fn of this.listeners.get(name) ?? []) {
        try {
          fn(detail);
        } catch (error) {
          console.error(`listener of ${name}`, error); // one broken panel must not stop the others
        }
      }
    }

    /** The wall's clock, Unix ms; NaN before the first frame. */
    serverNow() {
      const { offset, speed, standing } = this.time;
      return Number.isNaN(standing) ? offset + speed * (performance.timeOrigin + performance.now()) : standing;
    }

    serverSpeed() {
      return this.time.speed;
    }

    /** @param {string|null} kind unit, incident, drone @param {string|null} id */
    select(kind, id) {
      this.post({ type: "select", kind, id: kind === null ? null : id });
    }

    /** @param {string|null} id a unit's */
    follow(id) {
      if (id === this.followed) return;
      this.followed = id;
      this.post({ type: "follow", id });
      this.emit("follow", { id });
    }

    /** @param {string} text @param {number} [limit] @returns {Promise<any[]>} */
    search(text, limit = 10) {
      return this.ask({ type: "search", text, limit });
    }

    /** @param {Record<string, boolean>} layers units, lost, labels, incidents, drones, footprints, trail, basemap */
    layers(layers) {
      if ("basemap" in layers) this.tiles?.show(layers.basemap);
      this.post({ type: "layers", layers });
    }

    /** @param {{window?: string, category?: string, past?: any}} choice hour, day, week or a longer period, of which
     *  `past` is the document; a category's word, "" for all */
    heat(choice) {
      this.post({ type: "heat", choice });
    }

    /** @param {{ways?: any[], rings?: any[], gaps?: any[], reach?: any}} plan what dispatching draws; what is named replaces
     *  what was there, places in degrees, WGS-84 */
    plan(plan) {
      this.post({ type: "plan", plan });
    }

    /** @param {{boxes: number[][], w: number, h: number}} covered what lies over the map, in CSS px of its frame of w × h */
    covered(covered) {
      this.post({ type: "covered", covered });
    }

    /** @returns {Record<string, number>} things a layer */
    counts() {
      return this.last.get("stats")?.counts ?? { units: 0, lost: 0, incidents: 0, drones: 0 };
    }

    /** @param {number[][]|null} points [lat, lon, ms], oldest first */
    setTrail(points) {
      this.post({ type: "trail", points });
    }

    /** @param {string} lang zh or en */
    setLang(lang) {
      this.tiles?.setLang(lang);
      this.post({ type: "lang", lang });
    }

    /** @param {number} scale 1 is the wall at 1080p */
    setScale(scale) {
      this.tiles?.setScale(scale);
      this.post({ type: "scale", scale });
    }

    /** @param {{category?: Record<string, string>}} texts what words of messages are in the viewer's language */
    setTexts(texts) {
      this.post({ type: "texts", texts });
    }

    /** @param {{staleAfterS?: number, offlineAfterS?: number, tickS?: number, maxReckonS?: number}} settings */
    config(settings) {
      /** @type {Record<string, number>} */
      const config = {};
      for (const [from, to] of [["staleAfterS", "staleMs"], ["offlineAfterS", "offlineMs"], ["tickS", "tickMs"], ["maxReckonS", "maxReckonMs"]]) {
        const value = Number(/** @type {any} */ (settings)[from]);
        if (value > 0) config[to] = value * 1000;
      }
      this.post({ type: "config", config });
    }

    /** @returns {Promise<any>} */
    stats() {
      return this.ask({ type: "stats" });
    }

    /** Where units are shown: degrees, and CSS pixels of the map's container. @param {string[]} ids @returns {Promise<any[]>} */
    async probe(ids) {
      for (let attempt = 0; ; attempt++) {
        const { view, index, units } = await this.ask({ type: "probe", ids }), layer = this.layer;
        const same = view !== null && layer?.view?.id === view.id && layer.index === index;
        if (same || attempt === PROBES) {
          return units.map((/** @type {any} */ unit) => unit && { ...unit, ...(same ? layer.onPage(unit.px, unit.py) : { x: null, y: null }) });
        }
        // the picture that the worker speaks of is not in sight yet
        await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
      }
    }

    /** @param {string} id a unit's @returns {Promise<{lat: number, lon: number}|null>} */
    locate(id) {
      return this.ask({ type: "place", id });
    }

    /** @param {string} id @returns {Promise<any>} a camera with its place in degrees, or null */
    device(id) {
      return this.ask({ type: "device", id });
    }

    /** The cameras that a unit carries. @param {string} id a unit's @returns {Promise<any[]>} */
    worn(id) {
      return this.ask({ type: "worn", id });
    }

    /** @param {number} lat degrees, WGS-84 @param {number} lon @param {number} [zoom] */
    flyTo(lat, lon, zoom) {
      this.layer?.map.flyTo(wallboard.datum.latLng(lat, lon), zoom ?? this.layer.map.getZoom(), { duration: 0.6 });
    }

    /** The Leaflet map on the page, or null. */
    get map() {
      return this.layer?.map ?? null;
    }

    /** @param {any} message @returns {Promise<any>} */
    ask(message) {
      return new Promise((resolve) => {
        this.answers.set(++this.asks, resolve);
        this.post({ ...message, ask: this.asks });
      });
    }

    /** @param {any} message @param {any[]} [transfer] */
    post(message, transfer) {
      if (this.worker) this.worker.postMessage(message, transfer ?? []);
      else this.queue.push([message, transfer]);
    }
  }

  wallboard.live = new Live();
})(/** @type {any} */ (globalThis));
