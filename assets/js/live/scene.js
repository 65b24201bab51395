/**
 * One picture of the live layer: who is shown, in which order, with which labels.
 *
 * @typedef {object} Painted
 * @property {number} drawn units in the picture
 * @property {number} placed units with a position
 * @property {number} lost units without a recent fix, those never seen included
 * @property {number} known units in the dictionary
 * @property {number} fastest pixels per ms of the fastest shown thing
 * @property {number} restMs until something changes its look though nothing moves
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const NEAR_ZOOM = 15, LABEL_ZOOM = 14;
  const RANKS = 5, BUSY_RANK = 3, SOS_RANK = 4;
  const MARGIN_PX = 26, LABELS_MS = 400, MAX_UNIT_LABELS = 500, CROWD = 200;
  const PULSE_MS = 200, PULSES = 6;
  // px² of the design that a unit has: with fewer those not busy are drawn smaller, until there are clearly more again
  const CROWDED_PX2 = 250, ROOMY_PX2 = 320;

  /** @param {number} each px² of the design that a unit has @param {boolean} before */
  const isCrowd = (each, before) => each < (before ? ROOMY_PX2 : CROWDED_PX2);

  class Scene {
    /** @param {any} store @param {any} overlay @param {any} sprites @param {MotionConfig & {offlineMs: number}} config */
    constructor(store, overlay, sprites, config) {
      this.store = store;
      this.overlay = overlay;
      this.sprites = sprites;
      this.config = config;
      this.surface = new wallboard.raster.Surface();
      this.layers = { units: true, lost: true, labels: true, incidents: true, drones: true, footprints: true, trail: true, devices: true, zones: true };
      /** @type {any} */
      this.devices = null;
      /** cameras that units carry @type {any} */
      this.worn = null;
      /** routes and moves @type {any} */
      this.plans = null;
      /** the room of jurisdictions' and spots' names on the ground @type {{x: number, y: number, w: number, h: number}[]} */
      this.placeNames = [];
      /** @type {{kind: string, id: string}|null} */
      this.selected = null;
      /** @type {string|null} */
      this.followed = null;
      /** @type {{x: number, y: number}[]} */
      this.trail = [];
      this.tags = new wallboard.Tags(sprites);
      /** so many units in sight that those not busy are drawn smaller */
      this.crowded = false;
      /** names are drawn: not in the first picture, a worker's first text takes longer than all its units */
      this.named = true;
      /** of the last picture */
      this.server = 0;
      this.zoom = 0;
      /** @type {Int32Array[]} */
      this.ranks = Array.from({ length: RANKS }, () => new Int32Array(0));
      this.counts = new Int32Array(RANKS);
    }

    /** Raster everything. @param {MapView} view @param {number} server the wall's clock, ms @param {number} local ms
     *  @param {number} speed of the wall's clock @param {number} scale @returns {Painted} */
    paint(view, server, local, speed, scale) {
      const { store, surface, sprites, config, overlay, layers } = this;
      this.server = server;
      this.zoom = view.zoom - Math.log2(scale); // a larger wall names what the same composition at 1080p names
      const k = scale * view.dpr, span = wallboard.geo.span(view), ox = view.x * span, oy = view.y * span;
      sprites.setScale(k);
      sprites.begin();
      surface.resize(Math.round(view.w * view.dpr), Math.round(view.h * view.dpr));
      surface.clear();
      wallboard.motion.advance(store, server, local, config);
      const found = this.sort(span, ox, oy, server, local, speed, k);
      found.fastest = Math.max(found.fastest, overlay.advance(local, config.tickMs)) * span;
      const near = this.zoom >= NEAR_ZOOM;
      this.crowded = isCrowd((surface.width * surface.height) / (k * k * Math.max(1, found.drawn)), this.crowded);
      if (layers.drones) this.drawFindings(server, span, ox, oy);
      this.worn?.draw(this, near, span, ox, oy, k);
      for (let rank = 0; rank < SOS_RANK; rank++) this.drawRank(rank, near, span, ox, oy, server);
      if (layers.incidents) this.drawMarks(overlay.incidents, span, ox, oy);
      if (layers.drones) this.drawMarks(overlay.drones.values(), span, ox, oy);
      if (this.counts[SOS_RANK]) this.drawRings(local, span, ox, oy);
      this.drawRank(SOS_RANK, near, span, ox, oy, server);
      this.drawSelection(span, ox, oy, near);
      if (this.named) this.tags.draw(this, view, span, ox, oy, local, k);
      found.restMs /= speed;
      if (this.counts[SOS_RANK]) found.restMs = Math.min(found.restMs, PULSE_MS);
      if (sprites.owing) found.restMs = 0;
      return found;
    }

    /** Sort the visible units by importance. @param {number} span @param {number} ox @param {number} oy
     *  @param {number} server @param {number} local @param {number} speed @param {number} k @returns {Painted} */
    sort(span, ox, oy, server, local, speed, k) {
      const { store, config, layers, ranks, counts, overlay } = this;
      const { n, alive, sx, sy, fix, flags, status, type, entries } = store;
      const { staleMs, offlineMs } = config, margin = MARGIN_PX * k;
      const right = this.surface.width + margin, bottom = this.surface.height + margin;
      const { DRONE, SOS } = wallboard.frames;
      if (ranks[0].length < n) for (let r = 0; r < RANKS; r++) ranks[r] = new Int32Array(store.capacity);
      counts.fill(0);
      let placed = 0, lost = 0, known = 0, drawn = 0, fastest = 0, restMs = Infinity;
      for (let i = 0; i < n; i++) {
        if (entries[i]) known++;
        if (!alive[i]) {
          if (entries[i]) lost++;
          continue;
        }
        placed++;
        const age = server - fix[i], isLost = age > offlineMs, sos = flags[i] & SOS;
        if (isLost) lost++;
        if (!sos && !(isLost ? layers.lost : layers.units)) continue;
        const px = sx[i] * span - ox, py = sy[i] * span - oy;
        if (!(px > -margin && px < right && py > -margin && py < bottom)) continue;
        // shown from its telemetry, if that is shown
        if (!sos && layers.drones && type[i] === DRONE && overlay.drones.has(entries[i]?.id)) continue;
        const engaged = status[i] >= 2 && status[i] <= 4;
        const rank = sos ? SOS_RANK : isLost ? 0 : age > staleMs ? 1 : engaged ? 3 : 2;
        ranks[rank][counts[rank]++] = i;
        drawn++;
        const pace = wallboard.motion.pace(store, i, server, local, speed, config);
        if (pace > fastest) fastest = pace;
        const rest = age < staleMs ? staleMs - age : age < offlineMs ? (offlineMs - staleMs) / wallboard.sprites.FADES : Infinity;
        if (rest < restMs) restMs = rest;
      }
      return { drawn, placed, lost, known, fastest, restMs: Math.max(restMs, 1000) };
    }

    /** @param {number} rank @param {boolean} near @param {number} span @param {number} ox @param {number} oy @param {number} server */
    drawRank(rank, near, span, ox, oy, server) {
      const { store, surface, sprites, config, counts } = this, list = this.ranks[rank];
      const { sx, sy, fix, flags, status, type, direction } = store;
      const { bucket, fadeLevel, UNDIRECTED, FAR, NEAR, CROWDED } = wallboard.sprites, size = near ? NEAR : this.crowded && rank < BUSY_RANK ? CROWDED : FAR;
      const directed = wallboard.frames.COURSE | wallboard.frames.HEADING;
      for (let at = 0; at < counts[rank]; at++) {
        const i = list[at], age = server - fix[i];
        const look = age > config.offlineMs ? wallboard.icons.LOST : status[i] < 8 ? status[i] : 0;
        const heading = flags[i] & directed ? bucket(direction[i]) : UNDIRECTED;
        const fade = look === wallboard.icons.LOST ? 0 : fadeLevel(age, config.staleMs, config.offlineMs); // dark enough
        surface.blit(sprites.unit(size, type[i], look, heading, fade), sx[i] * span - ox, sy[i] * span - oy);
      }
    }

    /** @param {Iterable<Mark>} marks @param {number} span @param {number} ox @param {number} oy */
    drawMarks(marks, span, ox, oy) {
      for (const mark of marks) {
        const px = mark.x * span - ox, py = mark.y * span - oy;
        if (px < -50 || py < -50 || px > this.surface.width + 50 || py > this.surface.height + 50) continue;
        this.surface.blit(wallboard.overlay.spriteOf(this.sprites, mark), px, py);
      }
    }

    /** Below the units: what was found is past, they are now. @param {number} server @param {number} span @param {number} ox @param {number} oy */
    drawFindings(server, span, ox, oy) {
      for (const mark of this.overlay.findings.marks) {
        const px = mark.x * span - ox, py = mark.y * span - oy;
        if (px < -20 || py < -20 || px > this.surface.width + 20 || py > this.surface.height + 20) continue;
        this.surface.blit(wallboard.findings.spriteOf(this.sprites, mark, server), px, py);
      }
    }

    /** Red rings that widen round those who call for help. @param {number} local @param {number} span @param {number} ox @param {number} oy */
    drawRings(local, span, ox, oy) {
      const phase = Math.floor(local / PULSE_MS) % PULSES, { store, ranks, counts } = this;
      const sprite = this.sprites.mark(`sos ${phase}`, 26, (/** @type {any} */ c) => {
        for (const [r, alpha, width] of [[12, 1, 2.4], [13 + phase * 2, 1 - phase / PULSES, 2]]) {
          c.globalAlpha = alpha;
          c.lineWidth = width;
          c.strokeStyle = "#ff5a52";
          c.beginPath();
          c.arc(0, 0, r, 0, Math.PI * 2);
          c.stroke();
        }
      });
      for (let at = 0; at < counts[SOS_RANK]; at++) {
        const i = ranks[SOS_RANK][at];
        this.surface.blit(sprite, store.sx[i] * span - ox, store.sy[i] * span - oy);
      }
    }

    /** Where the selected thing is shown; null when it is not. @returns {{x: number, y: number}|null} */
    selectedPlace() {
      const { selected, store, overlay } = this;
      if (!selected) return null;
      if (selected.kind === "incident") return overlay.incidents.find((/** @type {Mark} */ m) => m.id === selected.id) ?? null;
      if (selected.kind === "device") return this.devices?.placeOf(selected.id, store, overlay.drones) ?? null;
      const drone = overlay.drones.get(selected.id);
      if (drone) return drone;
      const i = store.byId.get(selected.id);
      return i === undefined || !store.alive[i] ? null : { x: store.sx[i], y: store.sy[i] };
    }

    /** @param {number} span @param {number} ox @param {number} oy @param {boolean} near */
    drawSelection(span, ox, oy, near) {
      const place = this.selectedPlace();
      if (!place || !this.selected) return;
      const radius = this.selected.kind === "incident" ? 20 : near ? 19 : 13;
      const sprite = this.sprites.mark(`selected ${radius}`, radius + 2, (/** @type {any} */ c) => {
        c.strokeStyle = "#5aa9e6";
        c.lineWidth = 2;
        for (let q = 0; q < 4; q++) {
          c.beginPath();
          c.arc(0, 0, radius, q * 1.5708 + 0.25, q * 1.5708 + 1.32);
          c.stroke();
        }
      });
      this.surface.blit(sprite, place.x * span - ox, place.y * span - oy);
    }

    /** Lines and areas, below what is already in the context. @param {any} c @param {MapView} view @param {number} scale */
    paintLines(c, view, scale) {
      const { overlay, layers, store, selected } = this, k = scale * view.dpr;
      const span = wallboard.geo.span(view), ox = view.x * span, oy = view.y * span;
      /** @type {(x: number, y: number) => [number, number]} */
      const at = (x, y) => [x * span - ox, y * span - oy];
      c.globalCompositeOperation = "destination-over";
      this.plans?.drawWays(c, at, k);
      if (layers.incidents) {
        for (const mark of overlay.incidents) {
          const chosen = selected?.kind === "incident" && selected.id === mark.id;
          if (chosen || (mark.data.severity === "CRITICAL" && mark.data.on_scene == null)) {
            wallboard.lines.responders(c, store, mark, at, k);
          }
        }
      }
      if (layers.drones && layers.trail) {
        for (const drone of overlay.drones.values()) wallboard.findings.drawTail(c, overlay.findings.tails.get(drone.id) ?? [], drone, at, k);
      }
      if (layers.trail && this.trail.length) wallboard.lines.trail(c, this.trail, at, k);
      if (layers.drones && layers.footprints) wallboard.lines.footprints(c, overlay.drones.values(), at, k);
      c.globalCompositeOperation = "source-over";
    }
  }

  Scene.isCrowd = isCrowd;
  wallboard.Scene = Scene;
  wallboard.sceneLimits = { NEAR_ZOOM, LABEL_ZOOM, LABELS_MS, MAX_UNIT_LABELS, CROWD, SOS_RANK };
})(/** @type {any} */ (globalThis));
