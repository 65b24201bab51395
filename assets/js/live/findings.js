/**
 * What drones leave behind: marks where their cameras found something, which fade with time, and the way they flew.
 *
 * @typedef {object} Finding
 * @property {"detection"} kind
 * @property {string} id
 * @property {number} x the map's fractions
 * @property {number} y
 * @property {any} data the document's detection, with the drone's id and callsign
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const RADIUS = 8;
  // minutes up to which a mark has each strength
  const STEPS = [[2, 1], [8, 0.72], [20, 0.48], [Infinity, 0.3]];
  const LABEL_MIN = 8;
  const TAIL_MS = 300_000, TAIL_POINTS = 240, TAIL_LEAST_M = 3;
  const TAIL_LOOK = { colour: "#b48ce0", width: 1.6, faint: 0.08, strong: 0.58 };

  class Findings {
    constructor() {
      /** oldest first, so that the newest lies on top @type {Finding[]} */
      this.marks = [];
      /** where each drone was, oldest first @type {Map<string, {x: number, y: number, t: number}[]>} */
      this.tails = new Map();
    }

    /** @param {any} body the `drones` document */
    set(body) {
      const drones = body?.drones ?? [];
      this.marks = [];
      for (const drone of drones) {
        for (const data of drone.detections ?? []) {
          if (!Number.isFinite(data.lat) || !Number.isFinite(data.lon)) continue;
          const { x, y } = wallboard.datum.place(data.lat, data.lon);
          this.marks.push({ kind: "detection", id: data.id, x, y, data: { ...data, drone: drone.id, callsign: drone.callsign } });
        }
      }
      this.marks.sort((a, b) => a.data.time - b.data.time);
      this.follow(drones);
    }

    /** @param {any[]} drones */
    follow(drones) {
      const before = this.tails;
      this.tails = new Map();
      for (const { id, lat, lon, time, lost, airborne } of drones) {
        if (lost || airborne === false || !Number.isFinite(lat) || !Number.isFinite(lon)) continue;
        let tail = before.get(id) ?? [];
        const { x, y } = wallboard.datum.place(lat, lon), said = tail.at(-1);
        if (said && (time < said.t || metres(said, x, y) > wallboard.motion.SNAP_M)) tail = []; // a replay began again, or another flight
        const last = tail.at(-1);
        if (!last || (time > last.t && metres(last, x, y) >= TAIL_LEAST_M)) tail.push({ x, y, t: time });
        while (tail.length > TAIL_POINTS || (tail.length && tail[0].t < time - TAIL_MS)) tail.shift();
        this.tails.set(id, tail);
      }
    }

    /** Findings young enough to be named, newest first. @param {number} server ms */
    named(server) {
      return this.marks.filter((m) => server - m.data.time < LABEL_MIN * 60_000).reverse();
    }
  }

  /** @param {{x: number, y: number}} from @param {number} x @param {number} y */
  function metres(from, x, y) {
    return Math.hypot(from.x - x, from.y - y) * wallboard.motion.metresPerFraction(y);
  }

  /** @param {number} ageMs @returns {number} which of the strengths a finding of that age has */
  function step(ageMs) {
    return STEPS.findIndex(([minutes]) => ageMs < minutes * 60_000);
  }

  /** A viewfinder: full where it became an incident. @param {any} sprites @param {Finding} mark @param {number} server ms @returns {any} */
  function spriteOf(sprites, mark, server) {
    const level = Math.max(0, step(server - mark.data.time)), linked = Boolean(mark.data.incident_id);
    return sprites.mark(`detection ${level} ${linked}`, RADIUS, (/** @type {any} */ c) => {
      c.globalAlpha = STEPS[level][1];
      c.strokeStyle = c.fillStyle = "#c7b2e6";
      c.lineWidth = 1.3;
      c.beginPath();
      for (const [x, y] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
        c.moveTo(x * 5.5, y * 2.4);
        c.lineTo(x * 5.5, y * 5.5);
        c.lineTo(x * 2.4, y * 5.5);
      }
      c.stroke();
      c.beginPath();
      c.arc(0, 0, linked ? 2.2 : 1.4, 0, 2 * Math.PI);
      c.fill();
    });
  }

  /** The way that a drone flew, fading towards its old end. @param {any} c @param {{x: number, y: number}[]} points
   *  @param {{x: number, y: number}} now where it is shown @param {(x: number, y: number) => [number, number]} at @param {number} k */
  function drawTail(c, points, now, at, k) {
    if (points.length < 2) return;
    const way = [...points.slice(0, -1), now]; // the newest place is still being flown to
    wallboard.lines.trail(c, way, at, k, TAIL_LOOK);
  }

  wallboard.findings = { Findings, spriteOf, drawTail, step };
})(/** @type {any} */ (globalThis));
