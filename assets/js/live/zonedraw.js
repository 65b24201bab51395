/**
 * The quiet look of jurisdictions, zones and spots: dashed boundaries by level, thin outlines, small names, small signs;
 * what lies outside the wall's own scope is a little darker.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  /** px at scale 1, from which zoom @type {Record<string, {stroke: string, width: number, dash: number[], from: number}>} */
  const LINES = {
    patrol_zone: { stroke: "#263645", width: 0.8, dash: [2, 4], from: 13.4 },
    responsibility_area: { stroke: "#263645", width: 0.8, dash: [2, 4], from: 14 },
    centre: { stroke: "#3a4f63", width: 0.9, dash: [2, 3], from: 10.5 },
    rapid_response_zone: { stroke: "#2c4052", width: 0.9, dash: [2, 3], from: 12.6 },
    defence_zone: { stroke: "#2c4052", width: 1, dash: [10, 5], from: 11.8 },
    station: { stroke: "#33475a", width: 0.9, dash: [3, 4], from: 11.4 },
    branch: { stroke: "#466079", width: 1.3, dash: [7, 5], from: 0 },
    city: { stroke: "#4f6b86", width: 1.6, dash: [11, 4, 2, 4], from: 0 },
  };
  /** names: from and up to which zoom, least extent of the area in px @type {Record<string, {px: number, color: string, from: number, to: number, least: number}>} */
  const NAMES = {
    branch: { px: 13, color: "#74899f", from: 9, to: 14.6, least: 110 },
    station: { px: 11, color: "#5c7186", from: 12.7, to: 17, least: 80 },
    defence_zone: { px: 10.5, color: "#4c6074", from: 13.6, to: 15, least: 160 },
    rapid_response_zone: { px: 10.5, color: "#4c6074", from: 13.8, to: 15.5, least: 140 },
    patrol_zone: { px: 10, color: "#46586b", from: 14.6, to: 19, least: 90 },
    responsibility_area: { px: 10, color: "#46586b", from: 15, to: 19, least: 90 },
  };
  const SPOT_ZOOM = 13, SPOT_NAME_ZOOM = 14.8, SPOT_PX = 8, SPOT_NAME = { px: 10.5, color: "#7e93a8" };
  const OWN = "#6485a6", OUTSIDE = "rgba(6,10,15,.42)";

  /**
   * Names that find room, none over another; what they take is left free by the ground's own names.
   * @param {any} c 2D context @param {Zones} zones @param {MapView} view @param {number} scale @param {string} lang
   * @param {Spot[]} taken @param {number[][]} [hidden] boxes that are not seen @returns {GroundName[]}
   */
  function plan(c, zones, view, scale, lang, taken, hidden = []) {
    const k = scale * view.dpr, span = wallboard.geo.span(view), sheet = { ...sheetOf(view, k), hidden }, zoom = zoomOf(view, scale);
    const names = [];
    for (const spot of zoom >= SPOT_ZOOM ? zones.spots : []) {
      const x = (spot.x - view.x) * span, y = (spot.y - view.y) * span;
      if (x < 0 || y < 0 || x > sheet.w || y > sheet.h) continue;
      taken.push({ x, y, r: SPOT_PX * k });
      if (zoom < SPOT_NAME_ZOOM) continue;
      const name = wallboard.labels.name(c, lang === "en" ? spot.en : spot.zh, x + (SPOT_PX + 5) * k, y, SPOT_NAME, "left", sheet, taken);
      if (name) names.push(name);
    }
    for (const zone of zones.areas) {
      const style = NAMES[zone.kind];
      if (!style || zoom < style.from || zoom > style.to || zone.size * span < style.least * k) continue;
      const name = wallboard.labels.name(c, lang === "en" ? zone.en : zone.zh, (zone.x - view.x) * span, (zone.y - view.y) * span, style, "center", sheet, taken);
      if (name) names.push(name);
    }
    return names;
  }

  /** A larger wall shows what the same composition at 1080p shows. @param {MapView} view @param {number} scale */
  function zoomOf(view, scale) {
    return view.zoom - Math.log2(scale);
  }

  /** @param {MapView} view @param {number} k */
  function sheetOf(view, k) {
    return { w: Math.round(view.w * view.dpr), h: Math.round(view.h * view.dpr), k };
  }

  /** @param {any} c @param {Zones} zones @param {MapView} view @param {number} scale @param {string} own code of the wall's scope
   *  @param {ReturnType<typeof plan>} names @param {(text: string) => void} onText */
  function draw(c, zones, view, scale, own, names, onText) {
    const k = scale * view.dpr, span = wallboard.geo.span(view), sheet = sheetOf(view, k), zoom = zoomOf(view, scale);
    const window = { x0: view.x - 20 / span, y0: view.y - 20 / span, x1: view.x + (sheet.w + 20) / span, y1: view.y + (sheet.h + 20) / span };
    c.lineJoin = c.lineCap = "round";
    const mine = zones.areas.find((zone) => zone.id === own && zone.kind !== "city");
    if (mine) {
      c.save();
      for (const part of mine.parts) { // one after the other: parts may lie over each other
        c.beginPath();
        c.rect(0, 0, sheet.w, sheet.h);
        for (const ring of part) trace(c, ring, view, span);
        c.clip("evenodd");
      }
      c.fillStyle = OUTSIDE;
      c.fillRect(0, 0, sheet.w, sheet.h);
      c.restore();
    }
    for (const kind of Object.keys(LINES)) {
      const style = LINES[kind], lines = zones.lines[kind];
      if (!lines || zoom < style.from) continue;
      c.strokeStyle = style.stroke;
      c.lineWidth = style.width * k;
      c.setLineDash(style.dash.map((d) => d * k));
      c.beginPath();
      for (const line of lines) {
        if (line.x1 >= window.x0 && line.x0 <= window.x1 && line.y1 >= window.y0 && line.y0 <= window.y1) trace(c, line.points, view, span);
      }
      c.stroke();
    }
    c.setLineDash([]);
    if (mine) {
      c.strokeStyle = OWN;
      c.lineWidth = 1.6 * k;
      c.beginPath();
      for (const ring of mine.rings) trace(c, ring, view, span);
      c.stroke();
    }
    if (zoom >= SPOT_ZOOM) {
      for (const spot of zones.spots) {
        const x = (spot.x - view.x) * span, y = (spot.y - view.y) * span;
        if (x > -20 && y > -20 && x < sheet.w + 20 && y < sheet.h + 20) sign(c, spot.kind, x, y, k);
      }
    }
    wallboard.labels.write(c, names, 3 * k, onText);
  }

  /** @param {any} c @param {Float64Array} points @param {MapView} view @param {number} span */
  function trace(c, points, view, span) {
    let px = (points[0] - view.x) * span, py = (points[1] - view.y) * span;
    c.moveTo(px, py);
    for (let n = 2; n < points.length; n += 2) {
      const x = (points[n] - view.x) * span, y = (points[n + 1] - view.y) * span;
      if (n < points.length - 2 && Math.abs(x - px) + Math.abs(y - py) < 1) continue;
      c.lineTo(x, y);
      px = x;
      py = y;
    }
  }

  /** A diamond in a circle for a key spot, a roof for a school, a shield for a station, a square for a post, two posts
   *  for a gate. @param {any} c @param {string} kind @param {number} x @param {number} y @param {number} k */
  function sign(c, kind, x, y, k) {
    c.save();
    c.translate(x, y);
    c.scale(k, k);
    c.lineWidth = 1.1;
    c.strokeStyle = c.fillStyle = kind === "key_spot" ? "#7f97b0" : "#62788e";
    if (kind === "key_spot" || kind === "station_house") {
      c.beginPath();
      c.arc(0, 0, 7, 0, 2 * Math.PI);
      c.fillStyle = "rgba(13,21,30,.75)";
      c.fill();
      c.stroke();
      c.fillStyle = c.strokeStyle;
    }
    const shape = SHAPES[kind] ?? SHAPES.post;
    c.beginPath();
    for (const part of shape) {
      c.moveTo(part[0], part[1]);
      for (let n = 2; n < part.length; n += 2) c.lineTo(part[n], part[n + 1]);
      c.closePath();
    }
    c.fill();
    c.restore();
  }

  /** @type {Record<string, number[][]>} */
  const SHAPES = {
    key_spot: [[0, -4, 4, 0, 0, 4, -4, 0]],
    station_house: [[-3, -3.4, 3, -3.4, 3, 0.6, 0, 4, -3, 0.6]],
    school: [[0, -5, 5, -1, -5, -1], [-3.6, 0, 3.6, 0, 3.6, 4, -3.6, 4]],
    post: [[-2.6, -2.6, 2.6, -2.6, 2.6, 2.6, -2.6, 2.6]],
    gate: [[-3.6, -4, -1.6, -4, -1.6, 4, -3.6, 4], [1.6, -4, 3.6, -4, 3.6, 4, 1.6, 4]],
  };

  wallboard.zonedraw = { plan, draw };
})(/** @type {any} */ (globalThis));
