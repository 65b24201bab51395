/**
 * What is drawn with lines and areas below the icons: drones' fields of view, a unit's trail, who goes to an incident.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});
  const VIOLET_FILL = "rgba(180,140,224,.13)", VIOLET_LINE = "rgba(180,140,224,.5)";
  const TRAIL_STEPS = 12;

  /** @typedef {(x: number, y: number) => [number, number]} ToPixels fractions to device pixels */

  /** @param {any} c @param {Iterable<Mark>} drones @param {ToPixels} at @param {number} k scale */
  function footprints(c, drones, at, k) {
    c.fillStyle = VIOLET_FILL;
    c.strokeStyle = VIOLET_LINE;
    c.lineWidth = k;
    for (const drone of drones) {
      if (!drone.footprint) continue;
      c.beginPath();
      for (const p of drone.footprint) c.lineTo(...at(drone.x + p.x, drone.y + p.y));
      c.closePath();
      c.fill();
      c.stroke();
      // thin sight lines from the drone to the corners of what it sees
      c.globalAlpha = 0.45;
      c.beginPath();
      for (const p of drone.footprint) {
        c.moveTo(...at(drone.x, drone.y));
        c.lineTo(...at(drone.x + p.x, drone.y + p.y));
      }
      c.stroke();
      c.globalAlpha = 1;
    }
  }

  const CALM = { colour: "#5aa9e6", width: 2, faint: 0.15, strong: 0.9 };

  /** A trail that fades towards its old end. @param {any} c @param {{x: number, y: number}[]} points oldest first
   *  @param {ToPixels} at @param {number} k
   *  @param {{colour: string, width: number, faint: number, strong: number}} look its opacity at both ends */
  function trail(c, points, at, k, look = CALM) {
    if (points.length < 2) return;
    c.strokeStyle = look.colour;
    c.lineWidth = look.width * k;
    c.lineJoin = c.lineCap = "round";
    const per = Math.max(1, Math.ceil((points.length - 1) / TRAIL_STEPS));
    for (let from = 0; from < points.length - 1; from += per) {
      const to = Math.min(points.length - 1, from + per);
      c.globalAlpha = look.faint + (look.strong - look.faint) * (to / (points.length - 1));
      c.beginPath();
      for (let p = from; p <= to; p++) c.lineTo(...at(points[p].x, points[p].y));
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  /** Dotted lines from units to the incident that they go to. @param {any} c @param {any} store
   *  @param {Mark} incident @param {ToPixels} at @param {number} k */
  function responders(c, store, incident, at, k) {
    c.strokeStyle = "rgba(232,238,245,.6)";
    c.lineWidth = 1.4 * k;
    c.setLineDash([1.5 * k, 4.5 * k]);
    c.beginPath();
    for (const name of incident.data.units ?? []) {
      const i = store.byCallsign.get(name) ?? store.byId.get(name);
      if (i === undefined || !store.alive[i]) continue;
      c.moveTo(...at(store.sx[i], store.sy[i]));
      c.lineTo(...at(incident.x, incident.y));
    }
    c.stroke();
    c.setLineDash([]);
  }

  wallboard.lines = { footprints, trail, responders };
})(/** @type {any} */ (globalThis));
