/**
 * The binary frames of `/live`, decoded: header 32 bytes, rows 24 bytes, little-endian.
 *
 * @typedef {object} LiveFrame
 * @property {number} type one of frames.SNAPSHOT, DELTA, REMOVE, DICT
 * @property {boolean} full a DICT that replaces the dictionary
 * @property {boolean} replay t0 is a replay's clock
 * @property {number} epoch random per server process
 * @property {number} seq position in the scope's row of increments
 * @property {number} t0 the wall's clock at encoding, Unix ms
 * @property {number} count rows, slots, or bytes of JSON
 * @property {LiveRows|null} rows SNAPSHOT and DELTA
 * @property {Uint32Array|null} slots REMOVE
 * @property {Record<string, LiveEntry>|null} dict DICT, by slot in decimal
 *
 * @typedef {object} LiveRows columns read straight from the frame; row i starts at i*s32, i*s16, i*s8
 * @property {number} n
 * @property {Uint32Array} u32
 * @property {Uint16Array} u16
 * @property {Uint8Array} u8
 * @property {number} s32
 * @property {number} s16
 * @property {number} s8
 *
 * @typedef {object} LiveEntry what the dictionary says of a unit
 * @property {string} id
 * @property {string} callsign
 * @property {number} type index into frames.TYPES
 * @property {string} [station]
 * @property {string} [branch]
 * @property {string} [agency]
 * @property {boolean} [lost]
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const MAGIC = 0x31574d4f;
  const SNAPSHOT = 1, DELTA = 2, REMOVE = 3, DICT = 4;
  const HEADER_BYTES = 32, ROW_BYTES = 24;

  /** @param {ArrayBuffer} buffer @returns {LiveFrame} @throws {Error} that says what is wrong with the frame */
  function decode(buffer) {
    if (buffer.byteLength < HEADER_BYTES) throw new Error(`frame of ${buffer.byteLength} bytes has no header`);
    const view = new DataView(buffer);
    if (view.getUint32(0, true) !== MAGIC) throw new Error("frame does not begin with the wall's magic number");
    const type = view.getUint8(4);
    const flags = view.getUint8(5);
    const stride = view.getUint16(6, true);
    const count = view.getUint32(24, true);
    /** @type {LiveFrame} */
    const frame = {
      type, full: (flags & 1) !== 0, replay: (flags & 2) !== 0, epoch: view.getUint32(8, true),
      seq: view.getUint32(12, true), t0: view.getFloat64(16, true), count, rows: null, slots: null, dict: null,
    };
    const bytes = type === DICT ? count : count * stride;
    if (HEADER_BYTES + bytes > buffer.byteLength) {
      throw new Error(`frame type ${type} promises ${bytes} bytes and holds ${buffer.byteLength - HEADER_BYTES}`);
    }
    if (type === SNAPSHOT || type === DELTA) frame.rows = rowsOf(buffer, count, stride);
    else if (type === REMOVE) frame.slots = slotsOf(buffer, count, stride);
    else if (type === DICT) frame.dict = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, HEADER_BYTES, count)));
    else throw new Error(`unknown frame type ${type}`);
    return frame;
  }

  /** @param {ArrayBuffer} buffer @param {number} n @param {number} stride @returns {LiveRows} */
  function rowsOf(buffer, n, stride) {
    // a longer row may come with a later server; what we know stays at its front
    if (n && (stride < ROW_BYTES || stride % 4)) throw new Error(`rows of ${stride} bytes`);
    return {
      n, u32: new Uint32Array(buffer, HEADER_BYTES, (n * stride) >> 2),
      u16: new Uint16Array(buffer, HEADER_BYTES, (n * stride) >> 1), u8: new Uint8Array(buffer, HEADER_BYTES, n * stride),
      s32: stride >> 2, s16: stride >> 1, s8: stride,
    };
  }

  /** @param {ArrayBuffer} buffer @param {number} n @param {number} stride @returns {Uint32Array} */
  function slotsOf(buffer, n, stride) {
    if (n && stride !== 4) throw new Error(`removals of ${stride} bytes`);
    return new Uint32Array(buffer, HEADER_BYTES, n);
  }

  wallboard.frames = {
    MAGIC, SNAPSHOT, DELTA, REMOVE, DICT, decode,
    // flags of a row
    SOS: 1, COURSE: 2, HEADING: 4, ALTITUDE: 8, SPEED: 16, DRONE: 10,
    STATUSES: ["UNKNOWN", "AVAILABLE", "DISPATCHED", "ENROUTE", "ON_SCENE", "STANDBY", "RETURNING", "OUT_OF_SERVICE"],
    TYPES: ["UNKNOWN", "CAR", "MOTORCYCLE", "FOOT", "TRAFFIC", "ASSAULT_VEHICLE", "COMMAND_VEHICLE", "MOBILE_PLATFORM",
      "POST", "MOUNTED", "DRONE", "HELICOPTER", "VOLUNTEERS", "OTHER"],
  };
})(/** @type {any} */ (globalThis));
