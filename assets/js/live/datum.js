/**
 * The one door between WGS-84, in which everything comes, and the datum of the map under it. Degrees are WGS-84
 * everywhere; fractions of the square that are kept to be drawn, and Leaflet's own LatLng, are the map's.
 *
 * Same formulas as data_feeds/geo.py: GCJ-02 (Gaode, Tencent) and BD-09 (Baidu) shift every point by its own amount;
 * CGCS2000 (TianDiTu) is WGS-84 within centimetres. With those two nothing is computed.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const A = 6378245.0, EE = 0.00669342162296594323;
  const BD_PI = (Math.PI * 3000) / 180;
  const STEPS = 4; // of the inverse: exact within a millimetre
  const LABELS = /** @type {Record<string, string>} */ ({ WGS84: "WGS-84", CGCS2000: "CGCS2000", GCJ02: "GCJ-02", BD09: "BD-09" });

  /** @typedef {(lat: number, lon: number) => [number, number]} Shift degrees to degrees: latitude, longitude */

  /** @type {Shift} WGS-84 to GCJ-02 */
  function gcj(lat, lon) {
    if (!(lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271)) return [lat, lon]; // ends at the border
    const x = lon - 105, y = lat - 35, { PI, sin } = Math, root = Math.sqrt(Math.abs(x));
    const wave = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
    let dlat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave;
    dlat += ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3;
    dlat += ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
    let dlon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave;
    dlon += ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3;
    dlon += ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
    const phi = (lat * PI) / 180, s = sin(phi), magic = 1 - EE * s * s, rootMagic = Math.sqrt(magic);
    return [
      lat + (dlat * 180) / (((A * (1 - EE)) / (magic * rootMagic)) * PI),
      lon + (dlon * 180) / ((A / rootMagic) * Math.cos(phi) * PI),
    ];
  }

  /** @type {Shift} GCJ-02 to BD-09 */
  function bd(lat, lon) {
    const z = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * BD_PI);
    const theta = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * BD_PI);
    return [z * Math.sin(theta) + 0.006, z * Math.cos(theta) + 0.0065];
  }

  /** @param {Shift} forward @returns {Shift} */
  function inverse(forward) {
    return (lat, lon) => {
      let a = lat, b = lon;
      for (let step = 0; step < STEPS; step++) {
        const [gotLat, gotLon] = forward(a, b);
        a += lat - gotLat;
        b += lon - gotLon;
      }
      return [a, b];
    };
  }

  const fromGcj = inverse(gcj), fromBd = inverse(bd);
  /** to the map and back @type {Record<string, [Shift, Shift]|null>} */
  const SHIFTS = {
    WGS84: null, CGCS2000: null, GCJ02: [gcj, fromGcj],
    BD09: [(lat, lon) => bd(...gcj(lat, lon)), (lat, lon) => fromGcj(...fromBd(lat, lon))],
  };

  const datum = {
    name: "WGS84",
    /** nothing has to be converted */
    identity: true,
    /** @type {[Shift, Shift]|null} */
    shifts: null,

    /** The map's datum, once, before anything is placed. @param {string} name WGS84, CGCS2000, GCJ02 or BD09 */
    set(name) {
      if (!(name in SHIFTS)) throw new Error(`the map's datum is ${name}; known: ${Object.keys(SHIFTS).join(", ")}`);
      this.name = name;
      this.shifts = SHIFTS[name];
      this.identity = this.shifts === null;
    },

    /** As people write it. */
    get label() {
      return LABELS[this.name];
    },

    /** @param {number} x fraction of the square, WGS-84 @param {number} y @returns {{x: number, y: number}} the map's */
    toMap(x, y) {
      if (!this.shifts) return { x, y };
      const { lat, lon } = wallboard.geo.unproject(x, y);
      return wallboard.geo.project(...this.shifts[0](lat, lon));
    },

    /** @param {number} x fraction of the square, the map's @param {number} y @returns {{x: number, y: number}} WGS-84 */
    fromMap(x, y) {
      if (!this.shifts) return { x, y };
      const { lat, lon } = wallboard.geo.unproject(x, y);
      return wallboard.geo.project(...this.shifts[1](lat, lon));
    },

    /** @param {number} lat degrees, WGS-84 @param {number} lon @returns {{x: number, y: number}} the map's fractions */
    place(lat, lon) {
      return wallboard.geo.project(...this.latLng(lat, lon));
    },

    /** @param {number} x the map's fractions @param {number} y @returns {{lat: number, lon: number}} degrees, WGS-84 */
    degrees(x, y) {
      const { lat, lon } = wallboard.geo.unproject(x, y);
      return this.fromLatLng(lat, lon);
    },

    /** What Leaflet has to be told. @param {number} lat degrees, WGS-84 @param {number} lon @returns {[number, number]} the map's */
    latLng(lat, lon) {
      return this.shifts ? this.shifts[0](lat, lon) : [lat, lon];
    },

    /** What Leaflet means. @param {number} lat degrees, the map's @param {number} lon @returns {{lat: number, lon: number}} WGS-84 */
    fromLatLng(lat, lon) {
      if (!this.shifts) return { lat, lon };
      const [a, b] = this.shifts[1](lat, lon);
      return { lat: a, lon: b };
    },
  };

  wallboard.datum = datum;
})(/** @type {any} */ (globalThis));
