/**
 * The quiet look of the basemap: dark ground, thin streets, dashed boundaries, names of districts.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const GROUND = "#0d151e";
  /** width in CSS px at zoom 12, growth per zoom, below which zoom it stays away
   *  @type {Record<string, {fill?: string, stroke?: string, width?: number, grow?: number, from?: number, dash?: number[]}>} */
  const STYLES = {
    urban: { fill: "#101a25" },
    green: { fill: "#0f1f20" },
    water: { fill: "#10283f" },
    river: { stroke: "#10283f", width: 1.6, grow: 1.35 },
    land: { fill: "#101c22" },
    building: { fill: "#152230", from: 14.5 },
    rail: { stroke: "#2b3745", width: 1.1, grow: 1.22, dash: [7, 4] },
    minor: { stroke: "#1c2a37", width: 0.55, grow: 1.52, from: 11 },
    tertiary: { stroke: "#203140", width: 0.75, grow: 1.48, from: 10.2 },
    secondary: { stroke: "#26394b", width: 1.05, grow: 1.44 },
    major: { stroke: "#2d4358", width: 1.45, grow: 1.4 },
    trunk: { stroke: "#374f65", width: 1.9, grow: 1.38 },
    motorway: { stroke: "#3c566d", width: 2.1, grow: 1.36 },
    boundary: { stroke: "#2f4356", width: 1, grow: 1.06, dash: [6, 4] },
  };
  const BATCH_POINTS = 3000;
  const NAME_PX = 13;

  /**
   * @param {any} c 2D context of w × h device pixels @param {Basemap|null} base @param {MapView} view
   * @param {number} scale @param {string} lang @param {(text: string) => void} onText told of text about to be drawn
   *  @param {Spot[]} [taken] room that names of the ground must leave @param {number[][]} [hidden] boxes that are not seen
   */
  function draw(c, base, view, scale, lang, onText, taken = [], hidden = []) {
    const w = Math.round(view.w * view.dpr), h = Math.round(view.h * view.dpr);
    c.fillStyle = GROUND;
    c.fillRect(0, 0, w, h);
    if (!base) return;
    const span = wallboard.geo.span(view);
    // from shape coordinates to pixels: p * span + shift
    const sx = (base.x - view.x) * span, sy = (base.y - view.y) * span, pad = 20 / span;
    const window = { x0: -sx / span - pad, y0: -sy / span - pad, x1: (w - sx) / span + pad, y1: (h - sy) / span + pad };
    const zoom = view.zoom - Math.log2(scale); // at twice the scale a picture is the one of a zoom earlier, magnified
    c.lineJoin = c.lineCap = "round";
    for (const name of wallboard.basemap.LAYERS) {
      const style = STYLES[name];
      if (zoom < (style.from ?? 0)) continue;
      const shapes = wallboard.basemap.visible(base.layers[name], window, 1 / span);
      if (!shapes.length) continue;
      if (style.fill) fill(c, base.points, shapes, span, sx, sy, style.fill);
      else stroke(c, base.points, shapes, span, sx, sy, style, zoom, scale * view.dpr);
    }
    const k = scale * view.dpr;
    wallboard.basenames.draw(c, base, { span, sx, sy, window, zoom, k, w, h, lang, ground: GROUND, taken, hidden }, onText);
    districtNames(c, base, view, span, sx, sy, scale, lang, onText);
  }

  /** @param {any} c @param {Float32Array} points @param {BaseShape[]} shapes @param {number} span @param {number} sx
   *  @param {number} sy @param {string} color */
  function fill(c, points, shapes, span, sx, sy, color) {
    c.fillStyle = color;
    for (const shape of shapes) {
      c.beginPath();
      trace(c, points, shape, span, sx, sy);
      c.fill("evenodd");
    }
  }

  /** @param {any} c @param {Float32Array} points @param {BaseShape[]} shapes @param {number} span @param {number} sx
   *  @param {number} sy @param {any} style @param {number} zoom @param {number} k device pixels per px of the design */
  function stroke(c, points, shapes, span, sx, sy, style, zoom, k) {
    c.strokeStyle = style.stroke;
    c.lineWidth = Math.min(26, Math.max(0.5, style.width * style.grow ** (zoom - 12))) * k;
    if (style.dash) c.setLineDash(style.dash.map((/** @type {number} */ d) => d * k));
    c.beginPath();
    let held = 0; // short paths stroke faster than one long one
    for (const shape of shapes) {
      held += trace(c, points, shape, span, sx, sy);
      if (held < BATCH_POINTS) continue;
      c.stroke();
      c.beginPath();
      held = 0;
    }
    c.stroke();
    c.setLineDash([]);
  }

  /** One line, without points closer than most of a pixel. @param {any} c @param {Float32Array} points @param {BaseShape} shape
   *  @param {number} span @param {number} sx @param {number} sy @returns {number} points traced */
  function trace(c, points, shape, span, sx, sy) {
    let px = points[shape.begin] * span + sx, py = points[shape.begin + 1] * span + sy, n = 1;
    c.moveTo(px, py);
    for (let p = shape.begin + 2; p < shape.end; p += 2) {
      const x = points[p] * span + sx, y = points[p + 1] * span + sy;
      if (p < shape.end - 2 && Math.abs(x - px) + Math.abs(y - py) < 1) continue;
      c.lineTo(x, y);
      px = x;
      py = y;
      n++;
    }
    return n;
  }

  /** @param {any} c @param {Basemap} base @param {MapView} view @param {number} span @param {number} sx @param {number} sy
   *  @param {number} scale @param {string} lang @param {(text: string) => void} onText */
  function districtNames(c, base, view, span, sx, sy, scale, lang, onText) {
    const k = scale * view.dpr;
    c.font = `400 ${NAME_PX * k}px ${wallboard.fonts.family()}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.lineWidth = 3 * k;
    c.strokeStyle = GROUND;
    c.fillStyle = "#5f7389";
    for (const name of base.names) {
      if (name.size * span < 70 * k) continue; // no room inside
      const text = lang === "en" ? name.en : name.zh, x = name.x * span + sx, y = name.y * span + sy;
      onText(text);
      c.strokeText(text, x, y);
      c.fillText(text, x, y);
    }
  }

  wallboard.basedraw = { draw, GROUND };
})(/** @type {any} */ (globalThis));
