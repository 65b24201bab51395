/**
 * The worker's answers to the page: what is under the pointer, who is meant, what is chosen, how things are.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const HIT_PX = 14, MARK_PX = 15;
  const FOLLOW_PX = 24, FOLLOW_MS = 900;

  class Desk {
    /** @param {any} parts the worker's parts by name */
    constructor(parts) {
      this.parts = parts;
      this.followedAt = -Infinity;
      /** @type {any} */
      this.heatTold = null;
    }

    /** One message of the page. @param {any} message */
    take(message) {
      const { scene, screen, state, pacer, link, config, store, heat, plans, post, now } = this.parts;
      const wake = () => {
        scene.tags.stale();
        pacer.wake();
      };
      switch (message.type) {
        case "attach":
          screen.attach(message.canvases, message.mount);
          return;
        case "view":
          screen.wanted = message.view;
          state.viewAt = now();
          return pacer.rush();
        case "turned":
          if (message.mount !== screen.mount) return;
          screen.turned(message.index, message.shown);
          if (screen.wanted?.id !== screen.view?.id) pacer.rush();
          return;
        case "hidden":
          return this.hide(message.hidden);
        case "layers":
          Object.assign(scene.layers, message.layers);
          state.basemapOn = message.layers.basemap ?? state.basemapOn;
          heat.choose({ on: message.layers.heat ?? heat.on });
          return wake();
        case "heat":
          return heat.choose(message.choice);
        case "plan":
          plans.take(message.plan);
          return pacer.wake();
        case "select":
          scene.selected = message.id === null ? null : { kind: message.kind, id: message.id };
          return wake();
        case "follow":
          scene.followed = message.id;
          this.followedAt = -Infinity;
          return wake();
        case "trail":
          scene.trail = (message.points ?? []).map((/** @type {number[]} */ p) => wallboard.datum.place(p[0], p[1]));
          return pacer.wake();
        case "texts":
          Object.assign(scene.tags.texts, message.texts);
          return wake();
        case "covered":
          scene.tags.covered = message.covered;
          return wake();
        case "lang":
          state.lang = message.lang;
          return wake();
        case "scale":
          state.scale = message.scale;
          return wake();
        case "config":
          Object.assign(config, message.config);
          link.tickMs = config.tickMs;
          return pacer.wake();
        case "hit":
          return post({ type: "hit", ask: message.ask, hit: this.hit(message.x, message.y, message.zoom) });
        case "search":
          return post({ type: "answer", ask: message.ask, answer: this.search(message.text, message.limit) });
        case "device":
          return post({ type: "answer", ask: message.ask, answer: plain(scene.devices.byId.get(message.id)) });
        case "worn":
          return post({ type: "answer", ask: message.ask, answer: (scene.devices.byUnit.get(message.id) ?? []).map(plain) });
        case "stats":
          return post({ type: "answer", ask: message.ask, answer: this.stats() });
        case "probe":
          return post({ type: "answer", ask: message.ask, answer: this.probe(message.ids) });
        case "place":
          return post({ type: "answer", ask: message.ask, answer: this.place(store.byId.get(message.id)) });
      }
    }

    /** @param {boolean} hidden */
    hide(hidden) {
      const { state, link, store, time, pacer } = this.parts;
      if (hidden === state.hidden) return;
      state.hidden = hidden;
      if (hidden) return link.pause();
      store.snap = true;
      time.renew();
      link.resume();
      pacer.wake();
    }

    /** Incidents and drones before units: they are fewer and matter more.
     * @param {number} x fraction @param {number} y @param {number} zoom @returns {any} */
    hit(x, y, zoom) {
      const { scene, overlay, store, state, time, now, config } = this.parts, { layers } = scene;
      const px = state.scale / (wallboard.geo.TILE * 2 ** zoom);
      const marks = [...(layers.incidents ? overlay.incidents : []), ...(layers.drones ? overlay.drones.values() : [])];
      const mark = wallboard.hit.nearestMark(marks, x, y, MARK_PX * px);
      if (mark) {
        const { data } = mark;
        return { kind: mark.kind, id: mark.id, callsign: data.callsign ?? mark.id, category: data.category, slot: null,
          status: mark.kind === "incident" ? data.severity : data.lost ? "LOST" : "FLYING", lost: data.lost === true };
      }
      const server = time.now(now());
      const shown = (/** @type {number} */ i) => (store.flags[i] & wallboard.frames.SOS) !== 0
        || (store.isLost(i, server, config.offlineMs) ? layers.lost : layers.units);
      const i = wallboard.hit.nearestUnit(store, x, y, HIT_PX * px, shown);
      const far = i < 0 ? Infinity : Math.hypot(store.sx[i] - x, store.sy[i] - y), sign = scene.worn.nearest(store, x, y, px, far);
      if (sign) return told(sign);
      if (i < 0) return this.finding(x, y, MARK_PX * px) ?? this.device(x, y, zoom, HIT_PX * px) ?? this.heatAt(x, y, zoom);
      const age = (server - store.fix[i]) / 1000; // infinite when the wire could not say it
      return { kind: "unit", slot: i, age_s: Number.isFinite(age) ? age : null, ...this.unit(i) };
    }

    /** The hexagon of heat at a place. @param {number} x fraction @param {number} y @param {number} zoom @returns {any} */
    heatAt(x, y, zoom) {
      const cell = this.parts.heat.at(x, y, zoom, this.parts.state.scale);
      return cell && { kind: "heat", ...cell };
    }

    /** The legend of what is drawn, when it has changed. */
    postHeat() {
      const { heat, screen, state, post } = this.parts, { view } = screen;
      if (!view) return;
      const told = heat.legend(view.zoom, state.scale);
      if (told === this.heatTold) return;
      this.heatTold = told;
      post({ type: "heat", legend: told });
    }

    /** @param {number} x @param {number} y @param {number} radius @returns {any} what a drone found there */
    finding(x, y, radius) {
      const { scene, overlay } = this.parts;
      const mark = scene.layers.drones ? wallboard.hit.nearestMark(overlay.findings.marks, x, y, radius) : null;
      if (!mark) return null;
      const { kind, time, incident_id, drone, callsign } = mark.data;
      return { kind: "detection", id: mark.id, slot: null, callsign, category: kind, time, incident_id, drone };
    }

    /** @param {number} x @param {number} y @param {number} zoom @param {number} radius @returns {any} */
    device(x, y, zoom, radius) {
      const { layers, devices } = this.parts.scene;
      const found = layers.devices ? devices.nearest(x, y, radius, zoom - Math.log2(this.parts.state.scale)) : null;
      return found && told(found);
    }

    /** @param {number} i @returns {any} */
    unit(i) {
      const { store, time, now, config } = this.parts, { STATUSES, TYPES, SOS } = wallboard.frames;
      const entry = store.entries[i];
      return {
        id: entry?.id ?? String(i), callsign: entry?.callsign || entry?.id || "", type: TYPES[store.type[i]] ?? "UNKNOWN",
        status: STATUSES[store.status[i]] ?? "UNKNOWN", station: entry?.station ?? "",
        lost: store.isLost(i, time.now(now()), config.offlineMs), sos: store.alive[i] === 1 && (store.flags[i] & SOS) !== 0,
      };
    }

    /** @param {string} text @param {number} limit */
    search(text, limit) {
      const { store } = this.parts;
      return wallboard.hit.search(store.entries, text, limit).map((/** @type {number} */ i) => this.unit(i));
    }

    /** @param {number|undefined} i @returns {any} shown place in degrees, or null */
    place(i) {
      const { store } = this.parts;
      if (i === undefined || !store.alive[i]) return null;
      return { x: store.sx[i], y: store.sy[i], ...wallboard.datum.degrees(store.sx[i], store.sy[i]) };
    }

    /** Where units stand in the last picture, as drawn: on the canvas in pixels, on earth in degrees.
     * @param {string[]} ids @returns {any} */
    probe(ids) {
      const { store, screen } = this.parts, { view } = screen;
      if (!view) return { view: null, units: [] };
      const span = wallboard.geo.span(view);
      return { view, index: screen.painted, units: ids.map((id) => {
        const place = this.place(store.byId.get(id));
        return place && { id, ...place, px: Math.round((place.x - view.x) * span), py: Math.round((place.y - view.y) * span) };
      }) };
    }

    stats() {
      const { state, pacer, store, link, time, screen, overlay } = this.parts, { painted } = state;
      return {
        units: painted?.placed ?? 0, known: painted?.known ?? 0, drawn: painted?.drawn ?? 0, lost: painted?.lost ?? 0,
        rasters: pacer.rasters, rasterMs: pacer.cost, raster_ms: pacer.cost, seq: store.seq, epoch: store.epoch,
        synced: store.synced, resyncs: store.resyncs, reconnects: link.reconnects, link: link.state, viewLag: state.viewLag,
        badFrames: state.badFrames, serverNow: time.now(this.parts.now()), speed: time.speed,
        basemap: state.base !== null, zoom: screen.view?.zoom ?? null,
        counts: {
          units: (painted?.known ?? 0) - (painted?.lost ?? 0), lost: painted?.lost ?? 0,
          incidents: overlay.incidents.length, drones: overlay.drones.size, devices: this.parts.scene.devices?.all.length ?? 0,
        },
      };
    }

    everySecond() {
      const { state, post } = this.parts;
      if (state.hidden) return;
      this.postTime();
      post({ type: "stats", stats: this.stats() });
    }

    postTime() {
      const { time, post } = this.parts;
      post({ type: "time", time: time.estimate });
    }

    /** Keep the followed unit in the middle: seldom, and only when it has gone some way. @param {any} painted */
    afterPaint(painted) {
      const { scene, screen, store, state, post, now } = this.parts, { view } = screen;
      if (!scene.followed || !view || !painted || now() - this.followedAt < FOLLOW_MS) return;
      const place = this.place(store.byId.get(scene.followed));
      if (!place) return;
      const k = wallboard.geo.TILE * 2 ** view.zoom;
      const dx = (place.x - view.x) * k - view.w / 2, dy = (place.y - view.y) * k - view.h / 2;
      if (Math.hypot(dx, dy) < FOLLOW_PX * state.scale && this.followedAt > -Infinity) return;
      this.followedAt = now();
      post({ type: "centre", lat: place.lat, lon: place.lon });
    }

    /** @param {Basemap|null} base @returns {number[][]|null} [[south, west], [north, east]] */
    boxOf(base) {
      if (!base || !Number.isFinite(base.box.x0)) return null;
      const nw = wallboard.datum.degrees(base.x + base.box.x0, base.y + base.box.y0);
      const se = wallboard.datum.degrees(base.x + base.box.x1, base.y + base.box.y1);
      return [[se.lat, nw.lon], [nw.lat, se.lon]];
    }
  }

  /** A device without where it is drawn; null for none. @param {any} device */
  function plain(device) {
    if (!device) return null;
    const { id, kind, state, name, unit_id, stream_url, x, y } = device;
    return { id, kind, state, name, unit_id, stream_url, ...(Number.isNaN(x) ? { lat: null, lon: null } : wallboard.datum.degrees(x, y)) };
  }

  /** A device under the pointer. @param {DevicePoint} device */
  function told(device) {
    return { ...plain(device), kind: "device", slot: null, callsign: device.name, status: device.state, device: device.kind };
  }

  wallboard.Desk = Desk;
})(/** @type {any} */ (globalThis));
