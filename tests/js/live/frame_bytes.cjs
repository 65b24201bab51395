// Frames as the server encodes them, for tests.
"use strict";

const MAGIC = 0x31574d4f;

function header(body, { type, flags = 0, stride, epoch = 7, seq = 1, t0 = 1_800_000_000_000, count, magic = MAGIC }) {
  const buffer = new ArrayBuffer(32 + body.byteLength), view = new DataView(buffer);
  view.setUint32(0, magic, true);
  view.setUint8(4, type);
  view.setUint8(5, flags);
  view.setUint16(6, stride, true);
  view.setUint32(8, epoch, true);
  view.setUint32(12, seq, true);
  view.setFloat64(16, t0, true);
  view.setUint32(24, count, true);
  new Uint8Array(buffer, 32).set(new Uint8Array(body));
  return buffer;
}

/** Rows of {slot, x, y (fractions), age (ms), speed (m/s), course, heading (degrees), status, flags}. */
function rows(type, list, over = {}) {
  const stride = over.stride ?? 24, body = new ArrayBuffer(list.length * stride), view = new DataView(body);
  list.forEach((row, i) => {
    const at = i * stride;
    view.setUint32(at, row.slot, true);
    view.setUint32(at + 4, Math.round((row.x ?? 0.5) * 2 ** 32), true);
    view.setUint32(at + 8, Math.round((row.y ?? 0.5) * 2 ** 32), true);
    view.setUint16(at + 12, Math.min(0xffff, Math.round((row.age ?? 0) / 10)), true);
    view.setUint16(at + 14, Math.round((row.speed ?? 0) / 0.02), true);
    view.setUint16(at + 16, Math.round(((row.course ?? 0) / 360) * 65536), true);
    view.setUint16(at + 18, Math.round(((row.heading ?? 0) / 360) * 65536), true);
    view.setInt16(at + 20, 0, true);
    view.setUint8(at + 22, row.status ?? 1);
    view.setUint8(at + 23, row.flags ?? 2 | 16);
  });
  return header(body, { type, stride, count: list.length, ...over });
}

function dict(entries, over = {}) {
  const body = new TextEncoder().encode(JSON.stringify(entries));
  return header(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength), { type: 4, flags: 1, stride: 1, count: body.byteLength, ...over });
}

function remove(slots, over = {}) {
  return header(Uint32Array.from(slots).buffer, { type: 3, stride: 4, count: slots.length, ...over });
}

module.exports = { rows, dict, remove, header };
