/**
 * Cameras that units carry, as small signs beside them. They move with their units, so they are drawn with them and not
 * with the ground; only from near, where a unit is a badge, and below all units, which they never cover.
 *
 * @typedef {object} Sign
 * @property {DevicePoint} device
 * @property {number} i the unit's slot, or -1
 * @property {Mark|null} mark the drone that carries it
 * @property {number} dx from the carrier, in drawn units
 * @property {number} dy
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const AWAY = 15.5, AWAY_OF_SOS = 20; // beyond the badge; beyond the red ring round a call for help
  const SIZE = 1.45, RADIUS = 8, HIT_PX = 6;
  // headings of the sprites: lower right, lower left, upper right, upper left
  const SEATS = [24, 40, 8, 56], HEADINGS = 64, CLEAR = 7;

  /** Where signs stand around a unit: its arrow stays whole. @param {number} heading 0..63, 64 without one
   *  @returns {number[]} headings from the unit, the first sign's first */
  function seats(heading) {
    if (heading >= HEADINGS) return SEATS;
    return SEATS.filter((seat) => {
      const turn = Math.abs(seat - heading);
      return Math.min(turn, HEADINGS - turn) >= CLEAR;
    });
  }

  class Worn {
    /** @param {any} devices */
    constructor(devices) {
      this.devices = devices;
      /** of the last picture @type {Sign[]} */
      this.signs = [];
    }

    /** The cameras of the units in sight, which the scene has sorted. @param {any} scene @param {boolean} near
     *  @param {number} span @param {number} ox @param {number} oy @param {number} k */
    draw(scene, near, span, ox, oy, k) {
      this.signs = [];
      const { store, overlay, layers, ranks, counts, server, config, sprites } = scene, { byUnit } = this.devices;
      if (!near || !layers.devices || !byUnit.size) return;
      const { COURSE, HEADING } = wallboard.frames, { bucket, UNDIRECTED } = wallboard.sprites, { SOS_RANK } = wallboard.sceneLimits;
      for (let rank = 0; rank < ranks.length; rank++) {
        for (let at = 0; at < counts[rank]; at++) {
          const i = ranks[rank][at], worn = byUnit.get(store.entries[i]?.id);
          if (!worn) continue;
          const heading = store.flags[i] & (COURSE | HEADING) ? bucket(store.direction[i]) : UNDIRECTED;
          this.seat(worn, i, null, seats(heading), rank === SOS_RANK ? AWAY_OF_SOS : AWAY);
        }
      }
      if (layers.drones) {
        for (const mark of overlay.drones.values()) {
          const worn = byUnit.get(mark.id);
          if (worn) this.seat(worn, -1, mark, SEATS, AWAY);
        }
      }
      for (const { device, i, mark, dx, dy } of this.signs) {
        const lost = mark ? mark.data.lost === true : store.isLost(i, server, config.offlineMs);
        const { x, y } = place(store, i, mark);
        scene.surface.blit(spriteOf(sprites, device.kind, lost ? "LOST" : device.state), x * span - ox + dx * k, y * span - oy + dy * k);
      }
    }

    /** @param {DevicePoint[]} worn @param {number} i @param {Mark|null} mark @param {number[]} free @param {number} away */
    seat(worn, i, mark, free, away) {
      for (let n = 0; n < worn.length; n++) {
        const angle = (free[Math.min(n, free.length - 1)] / HEADINGS) * 2 * Math.PI;
        this.signs.push({ device: worn[n], i, mark, dx: away * Math.sin(angle), dy: -away * Math.cos(angle) });
      }
    }

    /** The sign under the pointer, if it is nearer than `least`. @param {any} store @param {number} x fraction @param {number} y
     *  @param {number} px a drawn unit in fractions @param {number} least fractions @returns {DevicePoint|null} */
    nearest(store, x, y, px, least) {
      let best = null;
      least = Math.min(least, HIT_PX * px);
      for (const { device, i, mark, dx, dy } of this.signs) {
        const at = place(store, i, mark), far = Math.hypot(at.x + dx * px - x, at.y + dy * px - y);
        if (far >= least) continue;
        least = far;
        best = device;
      }
      return best;
    }
  }

  /** @param {any} store @param {number} i @param {Mark|null} mark @returns {{x: number, y: number}} */
  function place(store, i, mark) {
    return mark ?? { x: store.sx[i], y: store.sy[i] };
  }

  /** @param {any} sprites @param {string} kind @param {string} state @returns {Sprite} */
  function spriteOf(sprites, kind, state) {
    return sprites.mark(`worn ${kind} ${state}`, RADIUS, (/** @type {any} */ c) => {
      c.scale(SIZE, SIZE);
      wallboard.devices.drawPoint(c, kind, state);
    });
  }

  wallboard.worn = { Worn, seats };
})(/** @type {any} */ (globalThis));
