/**
 * Cameras as quiet points of the ground: fetched when the server says that they have changed, drawn with the basemap, so
 * that thousands of them cost nothing while units move. Far away they are counted, near they are points. Those that a
 * unit on the map carries move with it: worn.js draws them.
 *
 * @typedef {object} DevicePoint
 * @property {string} id
 * @property {string} kind CAMERA, BODY_CAMERA, PLATFORM_CAMERA, OTHER or UNKNOWN
 * @property {string} state ONLINE, OFFLINE, FAULT or UNKNOWN
 * @property {string} name
 * @property {string} unit_id who carries it
 * @property {string} stream_url safe to open, or ""
 * @property {number} x fraction of the square, the map's datum; NaN without a place
 * @property {number} y
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const POINTS_ZOOM = 13, LARGE_ZOOM = 15.5;
  const CELL_PX = 84, LEAST_CELL = 3;
  const MARGIN_PX = 12, NAME_PX = 10.5;
  const CALM = "#64788d", FAINT = "#4a5c70", DIM = "#3b4b5d", YELLOW = "#f2d14b", DULL = "#a8944a", GROUND = "#0d151e", LOST = "#56687d";
  const WAIT_MS = 2500;

  class Devices {
    constructor() {
      /** @type {DevicePoint[]} */
      this.all = [];
      /** @type {Map<string, DevicePoint>} */
      this.byId = new Map();
      /** @type {Map<string, DevicePoint[]>} */
      this.byUnit = new Map();
      /** what stands on the ground: has a place of its own, and nobody on the map carries it @type {DevicePoint[]} */
      this.ground = [];
      /** which document they were fetched for */
      this.have = "";
    }

    /** The answer of /api/devices. @param {any} body */
    set(body) {
      this.all = (body?.devices ?? []).map((/** @type {any} */ d) => {
        const placed = Number.isFinite(d.lat) && Number.isFinite(d.lon);
        const { x, y } = placed ? wallboard.datum.place(d.lat, d.lon) : { x: NaN, y: NaN };
        return { id: d.id, kind: d.kind, state: d.state, name: d.name || d.id, unit_id: d.unit_id, stream_url: d.stream_url, x, y };
      });
      this.byId = new Map(this.all.map((d) => [d.id, d]));
      this.byUnit = new Map();
      for (const d of this.all) {
        if (!d.unit_id) continue;
        const worn = this.byUnit.get(d.unit_id);
        if (worn) worn.push(d);
        else this.byUnit.set(d.unit_id, [d]);
      }
    }

    /** Which of them stand on the ground, as units come and go. @param {any} store @param {Map<string, any>} drones
     *  @returns {boolean} whether others than before */
    settle(store, drones) {
      const carried = new Set([...this.byUnit.keys()].filter((id) => carrier(id, store, drones)));
      const ground = this.all.filter((d) => !Number.isNaN(d.x) && !carried.has(d.unit_id)), before = this.ground;
      this.ground = ground;
      return ground.length !== before.length || ground.some((d, n) => d !== before[n]);
    }

    /** Points of the ground in sight.
     * @param {number} x0 fractions @param {number} y0 @param {number} x1 @param {number} y1 @returns {DevicePoint[]} */
    within(x0, y0, x1, y1) {
      return this.ground.filter((d) => d.x >= x0 && d.x <= x1 && d.y >= y0 && d.y <= y1);
    }

    /** Where a device is shown: its unit's place, or its own. @param {string} id @param {any} store
     *  @param {Map<string, any>} drones @returns {{x: number, y: number}|null} */
    placeOf(id, store, drones) {
      const device = this.byId.get(id);
      if (!device) return null;
      return carrier(device.unit_id, store, drones) ?? (Number.isNaN(device.x) ? null : device);
    }

    /** The nearest point within a radius, where points are shown. @param {number} x @param {number} y
     *  @param {number} radius @param {number} zoom @returns {DevicePoint|null} */
    nearest(x, y, radius, zoom) {
      if (zoom < POINTS_ZOOM) return null;
      return wallboard.hit.nearestMark(this.within(x - radius, y - radius, x + radius, y + radius), x, y, radius);
    }

    /** What delivers now and can be watched: worn and platforms' cameras. @param {number} most @returns {DevicePoint[]} */
    streams(most) {
      const live = this.all.filter((d) => d.stream_url && d.state === "ONLINE" && d.kind.endsWith("_CAMERA"));
      return live.sort((a, b) => (a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind < b.kind ? -1 : 1)).slice(0, most);
    }

    /** Draw what is in sight onto the basemap's canvas. @param {any} c @param {MapView} view @param {number} scale
     *  @param {string} font */
    draw(c, view, scale, font) {
      const span = wallboard.geo.span(view), k = scale * view.dpr, margin = MARGIN_PX * k;
      const w = view.w * view.dpr, h = view.h * view.dpr;
      const seen = this.within(view.x - margin / span, view.y - margin / span, view.x + (w + margin) / span, view.y + (h + margin) / span);
      if (!seen.length) return;
      /** @param {{x: number, y: number}} p @returns {[number, number]} */
      const at = (p) => [(p.x - view.x) * span, (p.y - view.y) * span];
      const zoom = view.zoom - Math.log2(scale); // a larger wall shows what the same composition at 1080p shows
      if (zoom < POINTS_ZOOM) return drawCounts(c, clusters(seen, span, k), at, k, font);
      const size = zoom >= LARGE_ZOOM ? 1.45 : 1;
      c.save();
      for (const device of seen) {
        const [x, y] = at(device);
        c.setTransform(k * size, 0, 0, k * size, Math.round(x), Math.round(y));
        drawPoint(c, device.kind, device.state);
      }
      c.restore();
    }
  }

  /** Where the unit or drone that carries something is on the map; null where it is not. @param {string} id
   *  @param {any} store @param {Map<string, any>} drones @returns {{x: number, y: number}|null} */
  function carrier(id, store, drones) {
    const i = store.byId.get(id);
    if (i !== undefined && store.alive[i]) return { x: store.sx[i], y: store.sy[i] };
    return drones.get(id) ?? null;
  }

  /**
   * Points gathered in squares of the ground, so that they stay when the map is moved.
   * @param {DevicePoint[]} points @param {number} span @param {number} k
   * @returns {{x: number, y: number, n: number, bad: number}[]} middle of each square's points
   */
  function clusters(points, span, k) {
    const cell = 2 ** Math.ceil(Math.log2((CELL_PX * k) / span));
    /** @type {Map<string, {x: number, y: number, n: number, bad: number}>} */
    const cells = new Map();
    for (const { x, y, state } of points) {
      const key = `${Math.floor(x / cell)} ${Math.floor(y / cell)}`;
      const sum = cells.get(key) ?? { x: 0, y: 0, n: 0, bad: 0 };
      sum.x += x;
      sum.y += y;
      sum.n++;
      if (isBad(state)) sum.bad++;
      cells.set(key, sum);
    }
    return [...cells.values()].map(({ x, y, n, bad }) => ({ x: x / n, y: y / n, n, bad }));
  }

  /** @param {string} state */
  function isBad(state) {
    return state === "OFFLINE" || state === "FAULT";
  }

  /** How many cameras lie about, and how many of them do not deliver. @param {any} c @param {ReturnType<typeof clusters>} cells
   *  @param {(p: {x: number, y: number}) => [number, number]} at @param {number} k @param {string} font */
  function drawCounts(c, cells, at, k, font) {
    c.save();
    c.font = `400 ${NAME_PX * k}px ${font}`;
    c.textBaseline = "middle";
    c.textAlign = "left";
    for (const cell of cells) {
      if (cell.n < LEAST_CELL && !cell.bad) continue;
      const [x, y] = at(cell);
      c.save();
      c.setTransform(0.8 * k, 0, 0, 0.8 * k, Math.round(x), Math.round(y));
      c.beginPath();
      camera(c);
      c.fillStyle = DIM;
      c.fill();
      c.restore();
      c.fillStyle = FAINT;
      const count = String(cell.n);
      c.fillText(count, x + 6 * k, y);
      if (!cell.bad) continue;
      c.fillStyle = DULL;
      c.fillText(`×${cell.bad}`, x + 9 * k + c.measureText(count).width, y);
    }
    c.restore();
  }

  /** The outline of a camera from the side, body and lens: a square is a post. @param {any} c */
  function camera(c) {
    for (const [x, y] of [[-4.4, -2.5], [1.6, -2.5], [1.6, -0.9], [4.4, -2.3], [4.4, 2.3], [1.6, 0.9], [1.6, 2.5], [-4.4, 2.5]]) c.lineTo(x, y);
    c.closePath();
  }

  /** A camera: its body and lens, worn: a disc, a platform's: a triangle. Delivering: full and grey; offline: hollow with a stroke
   * through it; faulty: yellow with a cross; unknown: hollow; its unit lost: a broken outline, as the unit's.
   * @param {any} c around 0, 0 @param {string} kind @param {string} state */
  function drawPoint(c, kind, state) {
    const fault = state === "FAULT", offline = state === "OFFLINE", lost = state === "LOST";
    c.beginPath();
    if (kind === "BODY_CAMERA") c.arc(0, 0, 3, 0, 2 * Math.PI);
    else if (kind === "PLATFORM_CAMERA") for (const [x, y] of [[0, -3.8], [3.7, 2.8], [-3.7, 2.8]]) c.lineTo(x, y);
    else if (kind === "CAMERA") camera(c);
    else for (const [x, y] of [[0, -3.3], [3.3, 0], [0, 3.3], [-3.3, 0]]) c.lineTo(x, y);
    c.closePath();
    c.fillStyle = fault ? YELLOW : state === "ONLINE" ? CALM : GROUND;
    c.strokeStyle = fault ? YELLOW : offline ? DULL : state === "ONLINE" ? GROUND : CALM;
    c.lineWidth = state === "ONLINE" ? 0.8 : 1.2;
    if (lost) {
      c.strokeStyle = LOST;
      c.setLineDash([2, 1.6]);
    }
    c.fill();
    c.stroke();
    if (!fault && !offline) return;
    c.beginPath();
    c.moveTo(-4.6, 4.6);
    c.lineTo(4.6, -4.6);
    if (fault) {
      c.moveTo(-4.6, -4.6);
      c.lineTo(4.6, 4.6);
    }
    c.lineWidth = 1.3;
    c.stroke();
  }

  /**
   * Keeps the points as new as the document says. A change is fetched after a moment of the viewer's own, so that a
   * hundred walls do not ask in the same instant; a failed answer is asked for again.
   */
  class DeviceFetcher {
    /** @param {any} parts {devices, fetch(scope) → Promise of the answer's body, changed(), problem(detail|null), setTimer, random} */
    constructor(parts) {
      this.parts = parts;
      this.key = "";
      this.scope = "";
      this.busy = false;
      this.failed = 0;
    }

    /** The document. @param {{epoch?: number, scope?: string, body: {revision: number, total: number}}} doc */
    take({ epoch, scope, body }) {
      const key = `${epoch} ${scope} ${body.revision}`;
      if (key === this.key) return;
      const first = this.key === "" || !this.key.startsWith(`${epoch} ${scope} `);
      this.key = key;
      this.scope = scope ?? "";
      this.later(first ? 0 : this.parts.random() * WAIT_MS);
    }

    /** @param {number} ms */
    later(ms) {
      if (this.busy) return;
      this.busy = true;
      this.parts.setTimer(() => void this.load(), ms);
    }

    async load() {
      const { devices, fetch, changed, problem, random } = this.parts, { key } = this;
      let wait = random() * WAIT_MS;
      try {
        devices.set(await fetch(this.scope));
        devices.have = key;
        this.failed = 0;
        problem(null);
        changed();
      } catch (error) {
        problem(String(error));
        wait = WAIT_MS * 2 ** Math.min(++this.failed, 5) * (0.5 + random());
      }
      this.busy = false;
      if (devices.have !== this.key) this.later(wait);
    }
  }

  wallboard.devices = { Devices, DeviceFetcher, clusters, drawPoint };
})(/** @type {any} */ (globalThis));
