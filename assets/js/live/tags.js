/**
 * The labels of a picture: whose name is wanted, in which order, and what it says.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});

  const TONES = { sos: "#ff8a84", incident: "#e8eef5", drone: "#c7b2e6", unit: "#b9c6d4", selected: "#8cc3ee" };
  const SIZE = 13, UNIT_SIZE = 12, FOUND_SIZE = 11;
  const SOS_CLEAR = 16; // the inner ring around a call for help stays whole
  const MOST_LETTERS = 26; // a Chinese one counts for two; the card tells the rest

  /** A name as it fits on a map. @param {string} text */
  function brief(text) {
    let left = MOST_LETTERS, kept = "";
    for (const letter of text) {
      left -= letter > "\u2e7f" ? 2 : 1;
      if (left < 0) return `${kept.trimEnd()}…`;
      kept += letter;
    }
    return text;
  }

  /** What of the picture is not seen: below what lies over it, and its edge, which reaches beyond the frame alike on all sides. @param {{boxes: number[][], w: number, h: number}} covered
   *  @param {MapView} view @returns {number[][]} in pixels of the picture */
  function hidden({ boxes, w, h }, view) {
    const dx = w ? (view.w - w) / 2 : 0, dy = h ? (view.h - h) / 2 : 0; // before the page has told the frame all is seen
    const edge = [[0, 0, dx, view.h], [view.w - dx, 0, view.w, view.h], [0, 0, view.w, dy], [0, view.h - dy, view.w, view.h]];
    const over = boxes.map(([left, top, right, bottom]) => [left + dx, top + dy, right + dx, bottom + dy]);
    return [...over, ...edge.filter(([left, top, right, bottom]) => left < right && top < bottom)].map((box) => box.map((n) => n * view.dpr));
  }

  /** Whether an incident asks for a person's eye; the others keep their sign, and their name comes near by or under the
   *  pointer. @param {Mark} mark @param {any} scene */
  function calls({ id, data }, { selected, zoom }) {
    return data.on_scene == null || data.severity === "HIGH" || data.severity === "CRITICAL"
      || (selected?.kind === "incident" && selected.id === id) || zoom >= wallboard.sceneLimits.LABEL_ZOOM;
  }

  /** @typedef {{key: string, i: number, mark: Mark|null, text: string, tone: string, size: number, r: number,
   *  must?: boolean, dx: number, dy: number}} Tag of unit i or of a mark; dx, dy: where its plate lies from there */

  class Tags {
    /** @param {any} sprites */
    constructor(sprites) {
      this.sprites = sprites;
      this.grid = new wallboard.LabelGrid();
      /** @type {Tag[]} */
      this.placed = [];
      this.at = -Infinity;
      this.viewId = -1;
      /** @type {Record<string, Record<string, string>>} */
      this.texts = {};
      /** what lies over the map, in CSS px of its frame @type {{boxes: number[][], w: number, h: number}} */
      this.covered = { boxes: [], w: 0, h: 0 };
      /** the same in pixels of the picture @type {number[][]} */
      this.hidden = [];
      /** told which text is about to be drawn, so that its font can be fetched @type {(text: string) => void} */
      this.onText = () => {};
    }

    /** Choose and place the labels anew with the next picture. */
    stale() {
      this.at = -Infinity;
    }

    /** @param {any} scene @param {MapView} view @param {number} span @param {number} ox @param {number} oy
     *  @param {number} local @param {number} k */
    draw(scene, view, span, ox, oy, local, k) {
      if (view.id !== this.viewId || local - this.at > wallboard.sceneLimits.LABELS_MS) {
        this.at = local;
        this.viewId = view.id;
        this.arrange(scene, view, span, ox, oy, k);
      }
      const font = wallboard.fonts.family(), { store, surface } = scene;
      for (let at = this.placed.length; at--; ) { // the most important last, on top
        const { i, mark, text, tone, size, dx, dy } = this.placed[at];
        if (!mark && !store.alive[i]) continue;
        const x = mark ? mark.x : store.sx[i], y = mark ? mark.y : store.sy[i];
        surface.blit(this.sprites.label(text, tone, font, size), x * span - ox + dx, y * span - oy + dy);
      }
    }

    /** @param {any} scene @param {MapView} view @param {number} span @param {number} ox @param {number} oy @param {number} k */
    arrange(scene, view, span, ox, oy, k) {
      const { grid } = this, { overlay, layers, counts, ranks, store, surface } = scene;
      grid.reset(surface.width, surface.height);
      const near = scene.zoom >= wallboard.sceneLimits.NEAR_ZOOM, half = (near ? 10 : 5) * k;
      /** @param {number} x @param {number} y @param {number} r */
      const take = (x, y, r) => grid.take(x * span - ox - r, y * span - oy - r, 2 * r, 2 * r);
      this.hidden = hidden(this.covered, view);
      for (const [left, top, right, bottom] of this.hidden) grid.take(left, top, right - left, bottom - top);
      if (layers.incidents) for (const mark of overlay.incidents) take(mark.x, mark.y, (mark.rank >= 4 ? 13 : 8) * k);
      if (layers.drones) for (const mark of overlay.drones.values()) take(mark.x, mark.y, 9 * k);
      for (const gap of scene.plans?.gaps ?? []) take(gap.x, gap.y, 10 * k);
      /** @param {{x: number, y: number, w: number, h: number}[]} names */
      const keepOff = (names) => names.forEach(({ x, y, w, h }) => grid.take(x * span - ox, y * span - oy - h / 2, w, h));
      keepOff(scene.plans?.written ?? []);
      this.placed = [];
      this.place(scene, this.urgent(scene, near), span, ox, oy, k);
      if (!layers.labels || scene.zoom < wallboard.sceneLimits.LABEL_ZOOM) return;
      // names of ordinary units cover no other unit, and no name of a place
      keepOff(scene.placeNames);
      for (let r = 0; r < counts.length; r++) {
        for (let at = 0; at < counts[r]; at++) take(store.sx[ranks[r][at]], store.sy[ranks[r][at]], half);
      }
      this.place(scene, this.ordinary(scene, near), span, ox, oy, k);
    }

    /** @param {any} scene @param {Tag[]} tags @param {number} span @param {number} ox @param {number} oy @param {number} k */
    place(scene, tags, span, ox, oy, k) {
      const { store, surface } = scene, font = wallboard.fonts.family(), byKey = new Map();
      const wishes = [];
      for (const tag of tags) {
        const x = (tag.mark ? tag.mark.x : store.sx[tag.i]) * span - ox, y = (tag.mark ? tag.mark.y : store.sy[tag.i]) * span - oy;
        if (byKey.has(tag.key) || x < 0 || y < 0 || x > surface.width || y > surface.height) continue;
        if (this.hidden.some(([left, top, right, bottom]) => x > left && x < right && y > top && y < bottom)) continue;
        byKey.set(tag.key, tag);
        wishes.push({ key: tag.key, x, y, r: tag.r * k, must: tag.must, ...this.sprites.labelSize(tag.text, font, tag.size) });
      }
      for (const [key, offset] of this.grid.place(wishes)) {
        const tag = { ...byKey.get(key), ...offset };
        this.onText(tag.text);
        this.placed.push(tag);
      }
    }

    /** @param {any} scene @param {number} i @param {string} tone @param {boolean} near @returns {Tag} of a unit */
    ofUnit(scene, i, tone, near) {
      const entry = scene.store.entries[i], text = brief(entry?.callsign || entry?.id || "");
      return { key: `u${i}`, i, mark: null, text, tone, size: UNIT_SIZE, r: near ? 14 : 9, dx: 0, dy: 0 };
    }

    /** Calls for help, what is chosen, incidents from the worst, drones. @param {any} scene @param {boolean} near @returns {Tag[]} */
    urgent(scene, near) {
      const { store, overlay, layers, counts, ranks, selected, followed } = scene;
      const { SOS_RANK } = wallboard.sceneLimits;
      /** @type {Tag[]} */
      const tags = [];
      for (let at = 0; at < counts[SOS_RANK]; at++) {
        tags.push({ ...this.ofUnit(scene, ranks[SOS_RANK][at], TONES.sos, near), r: SOS_CLEAR, must: true });
      }
      /** @param {Mark} mark @param {string} text @param {string} tone @param {number} size @param {number} r @param {boolean} [must] */
      const add = (mark, text, tone, size, r, must) => {
        tags.push({ key: `${mark.kind} ${mark.id}`, i: -1, mark, text: brief(text), tone, size, r, must, dx: 0, dy: 0 });
      };
      /** @param {Mark} mark @param {string} tone @param {boolean} [must] */
      const addDrone = (mark, tone, must) => add(mark, mark.data.callsign || mark.id, tone, UNIT_SIZE, 12, must);
      for (const id of [selected?.kind === "unit" || selected?.kind === "drone" ? selected.id : null, followed]) {
        const drone = layers.drones ? overlay.drones.get(id) : undefined, i = id === null ? undefined : store.byId.get(id);
        if (drone) addDrone(drone, TONES.selected, true); // once, though it is a unit as well
        else if (i !== undefined && store.alive[i]) tags.push({ ...this.ofUnit(scene, i, TONES.selected, near), must: true });
      }
      if (layers.labels && layers.incidents) {
        const told = [...overlay.incidents].reverse().filter((mark) => calls(mark, scene));
        for (const mark of told) add(mark, this.incidentText(mark.data), TONES.incident, SIZE, 18);
      }
      if (layers.labels && layers.drones) {
        const told = [...overlay.drones.values()].filter((mark) => mark.data.airborne !== false);
        for (const mark of told) addDrone(mark, TONES.drone);
      }
      if (layers.labels && layers.drones && scene.zoom >= wallboard.sceneLimits.LABEL_ZOOM) {
        for (const mark of overlay.findings.named(scene.server)) add(mark, this.word("detection", mark.data.kind), TONES.drone, FOUND_SIZE, 9);
      }
      return tags;
    }

    /** Units that are busy, then free ones, then those not heard of lately. @param {any} scene @param {boolean} near @returns {Tag[]} */
    ordinary(scene, near) {
      const { counts, ranks } = scene, tags = [], { MAX_UNIT_LABELS, CROWD } = wallboard.sceneLimits;
      let left = MAX_UNIT_LABELS;
      // names of a crowd say nothing: then only who is busy has one
      for (const rank of counts[3] + counts[2] + counts[1] > CROWD ? [3] : [3, 2, 1]) {
        for (let at = 0; at < counts[rank] && left > 0; at++, left--) tags.push(this.ofUnit(scene, ranks[rank][at], TONES.unit, near));
      }
      return tags;
    }

    /** @param {any} data @returns {string} number and category in the viewer's language */
    incidentText(data) {
      return `${data.id} ${this.word("category", data.category)}`.trim();
    }

    /** A word of the messages in the viewer's language. @param {string} family @param {any} said */
    word(family, said) {
      const words = this.texts[family] ?? {}, text = String(said ?? "").trim();
      const key = text.toLowerCase().replace(/[\s-]+/g, "_"); // as the page's texts are looked up
      return Object.hasOwn(words, key) ? words[key] : text;
    }
  }

  Tags.brief = brief;
  Tags.hidden = hidden;
  wallboard.Tags = Tags;
})(/** @type {any} */ (globalThis));
