/**
 * The shapes of the map's icons, drawn once into sprites with a 2D context. Units look up; the origin is their place.
 *
 * Status is told by colour and by shape: solid, outline, ring, blunt, hole, slash, broken outline. Type is told by the
 * silhouette from afar and by a glyph from near.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /** @typedef {any} Context2D an OffscreenCanvas's 2D context */
  const TAU = Math.PI * 2;
  const GROUND = "#0d151e", PALE = "#e8eef5", GREEN = "#58b79c", GREY = "#7f93a8", DARK = "#56687d", VIOLET = "#b48ce0";
  const LOST = 8;

  /** @typedef {{ color: string, hollow?: boolean, ring?: boolean, blunt?: boolean, hole?: boolean, slash?: boolean,
   *  broken?: boolean }} Look */
  /** By UnitStatus, and LOST at 8. @type {Look[]} */
  const LOOKS = [
    { color: "#9fb0c3", hole: true }, { color: GREEN }, { color: PALE, hollow: true }, { color: PALE },
    { color: PALE, ring: true }, { color: GREY, blunt: true }, { color: GREEN, hollow: true },
    { color: DARK, hollow: true, slash: true }, { color: DARK, hollow: true, broken: true },
  ];

  // silhouettes of the 14 types from afar
  const ARROW = 0, NARROW = 1, WIDE = 2, DROP = 3, SQUARE = 4, CROSS = 5, ROTOR = 6;
  const FAMILY = [ARROW, ARROW, NARROW, DROP, ARROW, WIDE, WIDE, SQUARE, SQUARE, DROP, CROSS, ROTOR, DROP, ARROW];

  /** The first type that looks the same from afar. @param {number} type @returns {number} */
  function kin(type) {
    return FAMILY.indexOf(FAMILY[type] ?? ARROW);
  }

  /** @param {Context2D} c @param {number} family @param {boolean} directed @param {boolean} blunt without the arrow's notch */
  function silhouette(c, family, directed, blunt) {
    c.beginPath();
    if (family === SQUARE) c.rect(-3.6, -3.6, 7.2, 7.2);
    else if (family === CROSS || family === ROTOR) c.arc(0, 0, 3.4, 0, TAU);
    else if (!directed) c.arc(0, 0, family === DROP ? 3.1 : 4, 0, TAU);
    else if (family === DROP) {
      c.arc(0, 1, 3.4, -0.35, Math.PI + 0.35);
      c.lineTo(0, -6.2);
      c.closePath();
    } else {
      const half = family === NARROW ? 3.1 : family === WIDE ? 5.2 : 4.2;
      c.moveTo(0, -6.2);
      c.lineTo(half, 5);
      c.lineTo(0, blunt ? 5 : 2.6);
      c.lineTo(-half, 5);
      c.closePath();
    }
  }

  /**
   * A small icon, as seen from afar. @param {Context2D} c @param {number} type @param {number} look
   * @param {number|null} angle radians from north, clockwise; null: direction unknown
   */
  function small(c, type, look, angle) {
    const style = LOOKS[look], family = FAMILY[type] ?? ARROW;
    const color = family === CROSS && look !== LOST ? VIOLET : style.color;
    c.save();
    if (angle !== null) c.rotate(angle);
    c.lineJoin = "round";
    c.strokeStyle = c.fillStyle = color;
    if (family === CROSS || family === ROTOR) {
      c.lineWidth = 1.5;
      c.beginPath();
      for (const [x, y] of family === CROSS ? [[5.4, 5.4], [5.4, -5.4]] : [[6.4, 0], [0, 6.4]]) {
        c.moveTo(-x, -y);
        c.lineTo(x, y);
      }
      c.stroke();
    }
    if (style.blunt) c.scale(0.8, 0.72);
    silhouette(c, family, angle !== null, style.blunt === true);
    if (style.hollow) {
      c.fillStyle = GROUND;
      c.globalAlpha = 0.75;
      c.fill();
      c.globalAlpha = 1;
      c.lineWidth = style.broken ? 1.1 : 1.5;
      if (style.broken) c.setLineDash([2.2, 1.6]);
      c.stroke();
      c.setLineDash([]);
    } else {
      c.fill();
      c.lineWidth = 0.8;
      c.strokeStyle = "rgba(6,10,15,.8)"; // keeps neighbours apart in a crowd
      c.globalCompositeOperation = "destination-over";
      c.stroke();
      c.globalCompositeOperation = "source-over";
    }
    marks(c, style, 0.8, 6.6);
    c.restore();
  }

  /** What tells the status by shape. @param {Context2D} c @param {Look} style @param {number} y of the hole
   *  @param {number} reach of ring and slash */
  function marks(c, style, y, reach) {
    if (style.hole) {
      c.globalCompositeOperation = "destination-out";
      c.beginPath();
      c.arc(0, y, 1.5, 0, TAU);
      c.fill();
      c.globalCompositeOperation = "source-over";
    }
    c.strokeStyle = style.color;
    c.lineWidth = 1.3;
    c.beginPath();
    if (style.ring) c.arc(0, 0, reach + 1.4, 0, TAU);
    if (style.slash) {
      c.moveTo(-reach * 0.8, reach * 0.8);
      c.lineTo(reach * 0.8, -reach * 0.8);
    }
    c.stroke();
  }

  /** A badge with the type's glyph, as seen from near; parameters as for `small`.
   * @param {Context2D} c @param {number} type @param {number} look @param {number|null} angle */
  function large(c, type, look, angle) {
    const style = LOOKS[look];
    const color = type === 10 && look !== LOST ? VIOLET : style.color;
    c.lineJoin = c.lineCap = "round";
    c.fillStyle = c.strokeStyle = color;
    if (angle !== null) {
      c.save();
      c.rotate(angle);
      c.beginPath();
      c.moveTo(0, -17);
      c.lineTo(4.6, -11);
      c.lineTo(-4.6, -11);
      c.closePath();
      c.fill();
      c.restore();
    }
    c.beginPath();
    if (style.blunt) c.roundRect(-9.5, -9.5, 19, 19, 3.5);
    else c.arc(0, 0, 10.5, 0, TAU);
    if (style.hollow || style.hole) {
      c.fillStyle = GROUND;
      c.fill();
      c.lineWidth = style.broken ? 1.3 : 1.9;
      if (style.broken || style.hole) c.setLineDash(style.hole ? [5, 2.2] : [2.6, 2.4]);
      c.stroke();
      c.setLineDash([]);
    } else {
      c.fill();
      c.lineWidth = 1;
      c.strokeStyle = "rgba(6,10,15,.85)";
      c.stroke();
    }
    const ink = style.hollow || style.hole ? color : GROUND;
    c.fillStyle = c.strokeStyle = ink;
    c.lineWidth = 1.4;
    wallboard.glyphs[type]?.(c, style.hollow || style.hole ? GROUND : color);
    marks(c, { color, ring: style.ring, slash: style.slash }, 0, 11.6);
  }

  wallboard.icons = { small, large, kin, LOST, GROUND, GREEN, VIOLET, TAU };
})(/** @type {any} */ (globalThis));
