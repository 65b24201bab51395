// Drones in the air, those that need a person first: lost, with detections, low battery.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const TILES_A_LINE = 2;
  const SIGHTINGS = 4;
  const LOW_BATTERY_PERCENT = 25;

  /** @param {any[]} drones */
  function order(drones) {
    const weight = (/** @type {any} */ d) => (d.lost ? 4 : 0) + (d.detections?.length ? 2 : 0) + (low(d) ? 1 : 0);
    return [...drones].sort((a, b) => weight(b) - weight(a) || (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** @param {any} drone */
  const low = (drone) => drone.battery !== null && drone.battery < LOW_BATTERY_PERCENT;
  /** @param {any} drone */
  const nameOf = (drone) => drone.callsign || drone.id;

  /** Detections by kind with their incident: ["违停 4", "聚集 1 → A-0415"]. @param {any} drone */
  function found(drone) {
    /** @type {Map<string, {words: string, id: string, n: number}>} */
    const counts = new Map();
    for (const d of drone.detections ?? []) {
      const words = ui.texts.named("detection", d.kind);
      const key = JSON.stringify([words, d.incident_id || ""]);
      const known = counts.get(key) ?? { words, id: d.incident_id, n: 0 };
      known.n++;
      counts.set(key, known);
    }
    return [...counts.values()].map(({ words, id, n }) => (id ? `${words} ${n} → ${id}` : `${words} ${n}`));
  }

  /** @param {any} drone */
  function makeTile(drone) {
    const { make } = ui.dom;
    const tile = make("li", "tile");
    tile.tabIndex = 0;
    tile.setAttribute("role", "button");
    const first = make("div", "tile-first");
    first.append(make("b", "tile-name"), make("span", "tile-mission"));
    const second = make("div", "tile-second");
    second.append(make("span", "tile-height"), make("span", "tile-age"), make("span", "tile-battery"));
    tile.append(first, second, make("div", "tile-found"), make("ol", "tile-sightings"));
    const choose = () => {
      ui.select("drone", drone.id);
      const now = ui.body("drones")?.drones.find((/** @type {any} */ d) => d.id === drone.id);
      if (now && now.lat !== null) wallboard.live?.flyTo?.(now.lat, now.lon);
    };
    tile.addEventListener("click", choose);
    tile.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") choose();
    });
    return tile;
  }

  /** How old what a drone last told is, when that is older than its feed may be; else nothing. @param {any} drone */
  function oldAge(drone) {
    const now = ui.now();
    if (now === null || typeof drone.time !== "number") return "";
    const feed = (ui.body("feeds")?.feeds ?? []).find((/** @type {any} */ f) => f.feed === "telemetry");
    const age_s = (now - drone.time) / 1000 / ui.speed();
    return feed && age_s > feed.stale_after_s ? ui.texts.t("card.ago", { age: ui.format.age(age_s) }) : "";
  }

  /** @param {HTMLElement} tile @param {any} drone */
  function updateTile(tile, drone) {
    const { titled, text, part, attribute } = ui.dom;
    const battery = drone.battery === null || drone.battery === undefined ? "" : ui.texts.t("drones.battery", { n: Math.round(drone.battery) });
    attribute(tile, "data-lost", drone.lost ? "" : null);
    attribute(tile, "data-low", low(drone) ? "" : null);
    attribute(tile, "aria-pressed", String(ui.state.selected?.kind === "drone" && ui.state.selected.id === drone.id));
    titled(part(tile, ".tile-name"), nameOf(drone));
    titled(part(tile, ".tile-mission"), drone.mission || ui.texts.t("drones.nomission"));
    text(part(tile, ".tile-height"), drone.height_m === null ? "" : `${Math.round(drone.height_m)} m`);
    text(part(tile, ".tile-battery"), drone.lost ? ui.texts.t("drones.lostnow") : battery);
    text(part(tile, ".tile-age"), drone.lost ? "" : oldAge(drone));
    const kinds = found(drone);
    const room = document.getElementById(ui.ids.WALL)?.dataset.columns === "wide" ? 2 : 1;
    const said = kinds.slice(0, room).join(" · ");
    text(part(tile, ".tile-found"), kinds.length > room ? `${said} ${ui.texts.t("drones.more", { n: kinds.length - room })}` : said);
    attribute(part(tile, ".tile-found"), "title", kinds.join(" · ") || null);
    if (large()) ui.dom.list(part(tile, ".tile-sightings"), latest(drone), (/** @type {any} */ d) => d.id, makeSighting, updateSighting);
  }

  /** Whether the drones have the wall's room to themselves. */
  const large = () => document.getElementById(ui.ids.WALL)?.dataset.scene === "drones";

  /** What its camera found last, newest first. @param {any} drone */
  const latest = (drone) => [...(drone.detections ?? [])].sort((a, b) => (b.time ?? 0) - (a.time ?? 0)).slice(0, SIGHTINGS);

  function makeSighting() {
    const line = ui.dom.make("li", "sighting");
    line.append(ui.dom.make("time", "sighting-time"), ui.dom.make("b", "sighting-kind"), ui.dom.make("span", "sighting-place"));
    return line;
  }

  /** @param {HTMLElement} line @param {any} seen */
  function updateSighting(line, seen) {
    const { text, titled, part } = ui.dom;
    text(part(line, ".sighting-time"), ui.timeOf(seen.time ?? null));
    text(part(line, ".sighting-kind"), ui.texts.named("detection", seen.kind));
    const incident = seen.incident_id ? `→ ${seen.incident_id}` : "";
    titled(part(line, ".sighting-place"), [seen.place, incident].filter(Boolean).join(" "));
  }

  /** How many tiles a line holds, and how many lines there are. @param {HTMLElement} tiles @param {number} n tiles wanted @returns {[number, number]} */
  function room(tiles, n) {
    const style = getComputedStyle(tiles);
    if (!large()) return [TILES_A_LINE, Number.parseInt(style.getPropertyValue("--lines"), 10) || 1];
    const lines = ui.fit.rowsFor(tiles.clientHeight, Number.parseFloat(style.gridAutoRows), Number.parseFloat(style.rowGap) || 0);
    const wide = document.getElementById(ui.ids.WALL)?.dataset.columns === "wide";
    const across = wide && n > TILES_A_LINE * lines ? TILES_A_LINE + 1 : TILES_A_LINE;
    ui.dom.property(tiles, "--across", String(across));
    return [across, lines];
  }

  let tilesBefore = -1;

  (ui.panels ??= []).push({
    id: "drones",
    docs: ["drones", "select"],
    ticks: true,
    /** @param {HTMLElement} root */
    render(root) {
      const body = ui.body("drones");
      if (!body) return;
      const { part, titled, show } = ui.dom;
      const tiles = part(root, ".tiles");
      const flying = body.drones.filter(ui.airborne);
      const [across, most] = room(tiles, flying.length);
      const shown = order(flying).slice(0, across * most);
      ui.dom.list(tiles, shown, (/** @type {any} */ d) => d.id, makeTile, updateTile);
      show(part(root, ".empty"), shown.length === 0);
      const lost = body.lost ? ` · ${ui.texts.t("drones.lost", { n: body.lost })}` : "";
      const more = flying.length > shown.length ? ` · ${ui.texts.t("drones.more", { n: flying.length - shown.length })}` : "";
      titled(part(root, ".head-note"), ui.texts.t("drones.note", { flying: body.flying, ready: body.ready }) + lost + more);
      const lines = Math.ceil(shown.length / across);
      if (lines !== tilesBefore) ui.placeSoon();
      tilesBefore = lines;
    },
  });
})();
