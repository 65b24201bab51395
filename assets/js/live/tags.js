/**
 * The labels of a picture: whose name is wanted, in which order, and what it says.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const FONT = "WallText, sans-serif";
  const TONES = { sos: "#ff8a84", incident: "#e8eef5", drone: "#c7b2e6", unit: "#b9c6d4", selected: "#8cc3ee" };
  const SIZE = 13, UNIT_SIZE = 12;

  /** @typedef {{key: string, x: number, y: number, sprite: Sprite}} Tag place in fractions */

  class Tags {
    /** @param {any} sprites */
    constructor(sprites) {
      this.sprites = sprites;
      this.grid = new wallboard.LabelGrid();
      /** @type {Map<string, LabelPlace>} */
      this.places = new Map();
      this.at = -Infinity;
      this.viewId = -1;
      this.lang = "zh";
      /** @type {Record<string, Record<string, string>>} */
      this.texts = {};
      /** told which text is about to be drawn, so that its font can be fetched @type {(text: string) => void} */
      this.onText = () => {};
    }

    /** Place the labels anew with the next picture. */
    stale() {
      this.at = -Infinity;
    }

    /** @param {any} scene @param {MapView} view @param {number} span @param {number} ox @param {number} oy
     *  @param {number} local @param {number} k */
    draw(scene, view, span, ox, oy, local, k) {
      const tags = this.wanted(scene, view, span, ox, oy);
      if (view.id !== this.viewId || local - this.at > wallboard.sceneLimits.LABELS_MS) {
        this.at = local;
        this.viewId = view.id;
        this.arrange(scene, tags, view, span, ox, oy, k);
      }
      for (const tag of tags) {
        const place = this.places.get(tag.key);
        if (place) scene.surface.blit(tag.sprite, tag.x * span - ox + place.dx, tag.y * span - oy + place.dy);
      }
    }

    /** @param {any} scene @param {Tag[]} tags @param {MapView} view @param {number} span @param {number} ox
     *  @param {number} oy @param {number} k */
    arrange(scene, tags, view, span, ox, oy, k) {
      const { grid } = this, { overlay, layers, counts, ranks, store } = scene;
      grid.reset(scene.surface.width, scene.surface.height);
      const near = view.zoom >= wallboard.sceneLimits.NEAR_ZOOM, half = (near ? 10 : 5) * k;
      /** @param {number} x @param {number} y @param {number} r */
      const take = (x, y, r) => grid.take(x * span - ox - r, y * span - oy - r, 2 * r, 2 * r);
      if (layers.incidents) for (const mark of overlay.incidents) take(mark.x, mark.y, (mark.rank >= 4 ? 13 : 8) * k);
      if (layers.drones) for (const mark of overlay.drones.values()) take(mark.x, mark.y, 9 * k);
      if (view.zoom >= wallboard.sceneLimits.LABEL_ZOOM) {
        for (let r = 0; r < counts.length; r++) {
          for (let at = 0; at < counts[r]; at++) take(store.sx[ranks[r][at]], store.sy[ranks[r][at]], half);
        }
      }
      this.places = grid.place(tags.map((tag) => ({
        key: tag.key, x: tag.x * span - ox, y: tag.y * span - oy, w: tag.sprite.right + 1, h: tag.sprite.bottom + 1,
        r: (tag.key[0] === "i" ? 18 : tag.key[0] === "d" ? 12 : near ? 14 : 9) * k,
      })));
    }

    /** @param {any} scene @param {MapView} view @param {number} span @param {number} ox @param {number} oy @returns {Tag[]} */
    wanted(scene, view, span, ox, oy) {
      const { store, overlay, layers, counts, ranks, selected, followed } = scene;
      const { LABEL_ZOOM, MAX_UNIT_LABELS, SOS_RANK } = wallboard.sceneLimits;
      /** @type {Tag[]} */
      const tags = [];
      const seen = new Set();
      /** @param {string} key @param {number} x @param {number} y @param {string} text @param {string} tone @param {number} size */
      const add = (key, x, y, text, tone, size) => {
        if (!text || seen.has(key)) return;
        const px = x * span - ox, py = y * span - oy;
        if (px < 0 || py < 0 || px > scene.surface.width || py > scene.surface.height) return;
        seen.add(key);
        this.onText(text);
        tags.push({ key, x, y, sprite: this.sprites.label(text, tone, FONT, size) });
      };
      /** @param {number} i @param {string} tone */
      const addUnit = (i, tone) => {
        const entry = store.entries[i];
        if (entry) add(`u${i}`, store.sx[i], store.sy[i], entry.callsign || entry.id, tone, UNIT_SIZE);
      };
      for (let at = 0; at < counts[SOS_RANK]; at++) addUnit(ranks[SOS_RANK][at], TONES.sos);
      for (const id of [selected?.kind === "unit" ? selected.id : null, followed]) {
        const i = id === null ? undefined : store.byId.get(id);
        if (i !== undefined && store.alive[i]) addUnit(i, TONES.selected);
      }
      if (!layers.labels) return tags;
      if (layers.incidents) {
        for (let m = overlay.incidents.length - 1; m >= 0; m--) {
          const mark = overlay.incidents[m];
          add(`i${mark.id}`, mark.x, mark.y, this.incidentText(mark.data), TONES.incident, SIZE);
        }
      }
      if (layers.drones) {
        for (const mark of overlay.drones.values()) {
          add(`d${mark.id}`, mark.x, mark.y, mark.data.callsign || mark.id, TONES.drone, UNIT_SIZE);
        }
      }
      if (view.zoom < LABEL_ZOOM) return tags;
      let left = MAX_UNIT_LABELS;
      for (const rank of [3, 2, 1]) {
        for (let at = 0; at < counts[rank] && left > 0; at++, left--) addUnit(ranks[rank][at], TONES.unit);
      }
      return tags;
    }

    /** @param {any} data @returns {string} number and category in the viewer's language */
    incidentText(data) {
      const words = this.texts.category ?? {};
      return `${data.id} ${words[data.category] ?? data.category ?? ""}`.trim();
    }
  }

  wallboard.Tags = Tags;
  wallboard.LABEL_FONT = FONT;
})(/** @type {any} */ (globalThis));
