/**
 * Incidents and drones as marks on the map: kept from their documents, eased, drawn as sprites.
 *
 * @typedef {object} Mark
 * @property {"incident"|"drone"} kind
 * @property {string} id
 * @property {number} x shown place, fraction of the Mercator square
 * @property {number} y
 * @property {any} data the document's entry
 * @property {number} rank higher is more important
 * @property {string} look name of the sprite
 * @property {number} ex easing offset of a drone
 * @property {number} ey
 * @property {number} e0 its begin, local ms
 * @property {number} tx true place
 * @property {number} ty
 * @property {{x: number, y: number}[]|null} footprint corners, relative to the place
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const SEVERITIES = ["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
  const COLORS = ["#8aa0b8", "#8aa0b8", "#f2d14b", "#ff9f40", "#ff5a52"];
  const RADIUS = 22;

  class Overlay {
    constructor() {
      /** @type {Mark[]} */
      this.incidents = [];
      /** @type {Map<string, Mark>} */
      this.drones = new Map();
      this.findings = new wallboard.findings.Findings();
    }

    /** @param {any} body the `incidents` document */
    setIncidents(body) {
      this.incidents = [];
      for (const data of body?.incidents ?? []) {
        if (!isPlace(data.lat, data.lon)) continue;
        const { x, y } = wallboard.datum.place(data.lat, data.lon);
        const severity = Math.max(0, SEVERITIES.indexOf(data.severity));
        const arrived = data.on_scene != null;
        const look = `incident ${severity}${arrived ? " arrived" : ""}${data.exercise ? " exercise" : ""}`;
        this.incidents.push({
          kind: "incident", id: data.id, x, y, data, look, rank: severity * 2 + (arrived ? 0 : 1), footprint: null,
          ex: 0, ey: 0, e0: 0, tx: x, ty: y,
        });
      }
      this.incidents.sort((a, b) => a.rank - b.rank); // the worst are drawn last, on top
    }

    /** @param {any} body the `drones` document @param {number} local ms */
    setDrones(body, local) {
      this.findings.set(body);
      const before = this.drones;
      this.drones = new Map();
      for (const data of body?.drones ?? []) {
        if (!isPlace(data.lat, data.lon)) continue;
        const { x, y } = wallboard.datum.place(data.lat, data.lon);
        const old = before.get(data.id);
        const near = old && Math.hypot(old.x - x, old.y - y) * wallboard.motion.metresPerFraction(y) < 1000;
        const footprint = Array.isArray(data.footprint) ? data.footprint.map((/** @type {number[]} */ [lat, lon]) => {
          const p = wallboard.datum.place(lat, lon);
          return { x: p.x - x, y: p.y - y };
        }) : null;
        this.drones.set(data.id, {
          kind: "drone", id: data.id, x: near ? old.x : x, y: near ? old.y : y, data, rank: data.lost ? 0 : 1,
          look: `drone${data.lost ? " lost" : data.airborne === false ? " docked" : ""}`, footprint: data.lost ? null : footprint,
          ex: near ? old.x - x : 0, ey: near ? old.y - y : 0, e0: local, tx: x, ty: y,
        });
      }
    }

    /** Ease the drones. @param {number} local ms @param {number} tickMs @returns {number} fastest, fractions per ms */
    advance(local, tickMs) {
      let fastest = 0;
      for (const drone of this.drones.values()) {
        const left = Math.max(0, 1 - (local - drone.e0) / tickMs);
        drone.x = drone.tx + drone.ex * left;
        drone.y = drone.ty + drone.ey * left;
        if (left > 0) fastest = Math.max(fastest, (Math.abs(drone.ex) + Math.abs(drone.ey)) / tickMs);
      }
      return fastest;
    }
  }

  /** @param {any} lat @param {any} lon */
  function isPlace(lat, lon) {
    return Number.isFinite(lat) && Number.isFinite(lon);
  }

  /** The sprite of a mark. @param {any} sprites @param {Mark} mark @returns {Sprite} */
  function spriteOf(sprites, mark) {
    return sprites.mark(mark.look, RADIUS, (/** @type {any} */ c) => {
      if (mark.kind === "drone") drawDrone(c, mark.data.lost === true, mark.data.airborne === false);
      else {
        const severity = Math.max(0, SEVERITIES.indexOf(mark.data.severity));
        drawIncident(c, severity, mark.data.on_scene != null, mark.data.exercise === true);
      }
    });
  }

  /** Shape by severity: star, triangle, diamond, disc, disc with a question mark; hollow once someone has arrived, in a
   * broken ring when it is an exercise.
   * @param {any} c @param {number} severity @param {boolean} arrived @param {boolean} exercise */
  function drawIncident(c, severity, arrived, exercise) {
    const color = COLORS[severity], TAU = Math.PI * 2;
    const size = severity === 4 ? 8.5 : severity === 3 ? 7.5 : severity === 2 ? 6.5 : 4.2;
    c.strokeStyle = c.fillStyle = color;
    c.lineJoin = "round";
    c.globalAlpha = arrived ? 0.75 : 1;
    if (severity >= 2) {
      c.beginPath();
      c.arc(0, 0, severity === 2 ? 13 : 16, 0, TAU);
      c.fillStyle = "rgba(11,17,24,.45)";
      c.fill();
      c.fillStyle = color;
      c.lineWidth = arrived ? 1 : 1.7;
      if (exercise) c.setLineDash([4, 3]);
      c.stroke();
      c.setLineDash([]);
    }
    c.beginPath();
    if (severity === 4) {
      for (let k = 0; k < 16; k++) {
        const r = k % 2 ? size * 0.62 : size, a = (k / 16) * TAU;
        c.lineTo(r * Math.sin(a), -r * Math.cos(a));
      }
    } else if (severity === 3) for (const [x, y] of [[0, -size * 1.15], [size * 1.1, size * 0.75], [-size * 1.1, size * 0.75]]) c.lineTo(x, y);
    else if (severity === 2) for (const [x, y] of [[0, -size], [size, 0], [0, size], [-size, 0]]) c.lineTo(x, y);
    else c.arc(0, 0, severity ? size : 5.4, 0, TAU);
    c.closePath();
    if (arrived || severity === 0) {
      c.lineWidth = severity ? 1.8 : 1.3;
      c.stroke();
    } else c.fill();
    if (severity === 0) question(c);
    if (severity < 2) {
      c.beginPath();
      c.arc(0, 0, 8.5, 0, TAU);
      c.lineWidth = 1.2;
      c.globalAlpha = 0.6;
      if (exercise) c.setLineDash([3, 2.4]);
      c.stroke();
      c.setLineDash([]);
    }
  }

  /** A question mark in lines: no typeface has to be there. @param {any} c */
  function question(c) {
    c.beginPath();
    c.arc(0, -1.3, 1.7, Math.PI, Math.PI * 2.35);
    c.lineTo(0, 1.2);
    c.lineWidth = 1.2;
    c.stroke();
    c.beginPath();
    c.arc(0, 2.9, 0.75, 0, Math.PI * 2);
    c.fill();
  }

  /** One on its dock is small and grey: it is where it belongs. @param {any} c @param {boolean} lost @param {boolean} docked */
  function drawDrone(c, lost, docked) {
    if (docked) c.scale(0.6, 0.6);
    c.strokeStyle = c.fillStyle = lost || docked ? "#56687d" : wallboard.icons.VIOLET;
    c.lineWidth = 1.8;
    c.lineCap = "round";
    c.beginPath();
    for (const [x, y] of [[-8, -8], [8, -8]]) {
      c.moveTo(x, y);
      c.lineTo(-x, -y);
    }
    c.stroke();
    c.beginPath();
    c.arc(0, 0, 4.6, 0, Math.PI * 2);
    if (lost) {
      c.fillStyle = wallboard.icons.GROUND;
      c.fill();
      c.lineWidth = 1.3;
      c.setLineDash([2.5, 2]);
      c.stroke();
    } else c.fill();
  }

  wallboard.overlay = { Overlay, spriteOf, SEVERITIES };
})(/** @type {any} */ (globalThis));
