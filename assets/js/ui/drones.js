// Drones in the air, those that need a person first: lost, with detections, low battery.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const TILES_A_LINE = 2;
  // of the scene's tiles: what they hold besides sightings, and the line of one
  const HEAD_REM = 7.4, SIGHTING_REM = 2.15;
  const LOW_BATTERY_PERCENT = 25;
  const HOURS_MINUTES = 5;
  const STATES = /** @type {Record<string, string>} */ ({
    lost: "drones.lostnow", landed: "drones.landed", recording: "drones.recording", live: "drones.live", flying: "drones.flying",
  });

  /** @param {any[]} drones */
  function order(drones) {
    const weight = (/** @type {any} */ d) => (d.lost ? 4 : 0) + (d.detections?.length ? 2 : 0) + (low(d) ? 1 : 0);
    return [...drones].sort((a, b) => weight(b) - weight(a) || (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** @param {any} drone */
  const low = (drone) => drone.battery !== null && drone.battery < LOW_BATTERY_PERCENT;
  /** @param {any} drone */
  const nameOf = (drone) => drone.callsign || drone.id;

  /** What a drone is doing: lost and landed go before what its camera does. @param {any} d @returns {{state: string, words: string}} */
  ui.droneState = (d) => {
    const state = d.lost ? "lost" : !ui.airborne(d) ? "landed" : d.recording ? "recording" : ui.devices.safe(d.stream_url) ? "live" : "flying";
    return { state, words: ui.texts.t(STATES[state]) };
  };

  /** Detections, newest first: kind, incident, time of day: ["聚集 → A-0415 18:40"]. @param {any} drone @returns {string[]} */
  ui.detected = (drone) => (drone.detections ?? []).map((/** @type {any} */ d) => {
    const words = ui.texts.named("detection", d.kind), to = d.incident_id ? ` → ${d.incident_id}` : "";
    return `${words}${to} ${ui.timeOf(d.time).slice(0, HOURS_MINUTES)}`.trim();
  });

  /** @param {any} drone */
  const nowOf = (drone) => ui.body("drones")?.drones.find((/** @type {any} */ d) => d.id === drone.id);

  /** @param {any} drone */
  function makeTile(drone) {
    const { make } = ui.dom;
    const tile = make("li", "tile");
    const first = make("div", "tile-first");
    const name = make("button", "tile-name");
    first.append(name, make("span", "tile-mission"));
    const second = make("div", "tile-second");
    const battery = make("span", "tile-battery");
    battery.append(make("i", "battery"), make("span", "tile-charge"));
    second.append(make("span", "tile-height"), battery, make("span", "tile-state"), ui.devices.outside(make("a", "tile-watch")));
    const found = make("button", "tile-found");
    tile.append(first, second, found, make("ol", "tile-sightings"));
    tile.addEventListener("click", () => {
      ui.select("drone", drone.id);
      const now = nowOf(drone);
      if (now && now.lat !== null) wallboard.live?.flyTo?.(now.lat, now.lon);
    });
    // a detection that became an incident leads there, any other to its drone
    found.addEventListener("click", (/** @type {Event} */ event) => {
      const id = nowOf(drone)?.detections?.[0]?.incident_id;
      if (!id) return;
      event.stopPropagation();
      ui.select("incident", id);
      const incident = ui.body("incidents")?.incidents.find((/** @type {any} */ i) => i.id === id);
      if (incident && incident.lat !== null) wallboard.live?.flyTo?.(incident.lat, incident.lon);
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

  /** @param {HTMLElement} tile @param {any} drone @param {number} sightings how many have room */
  function updateTile(tile, drone, sightings) {
    const { titled, text, part, attribute } = ui.dom;
    const battery = drone.battery === null || drone.battery === undefined ? "" : ui.texts.t("drones.battery", { n: Math.round(drone.battery) });
    attribute(tile, "data-lost", drone.lost ? "" : null);
    attribute(tile, "data-low", low(drone) ? "" : null);
    const selected = ui.state.selected?.kind === "drone" && ui.state.selected.id === drone.id;
    attribute(tile, "data-selected", selected ? "" : null);
    attribute(part(tile, ".tile-name"), "aria-pressed", String(selected));
    titled(part(tile, ".tile-name"), nameOf(drone));
    titled(part(tile, ".tile-mission"), drone.mission || ui.texts.t("drones.nomission"));
    const { state, words } = ui.droneState(drone);
    const old = oldAge(drone);
    attribute(tile, "data-state", state);
    attribute(tile, "data-old", old && state !== "lost" ? "" : null);
    text(part(tile, ".tile-state"), state === "lost" ? words : old || words);
    text(part(tile, ".tile-height"), drone.height_m === null ? "" : `${Math.round(drone.height_m)} m`);
    text(part(tile, ".tile-charge"), battery && `${low(drone) ? "! " : ""}${Math.round(drone.battery)}%`);
    ui.dom.show(part(tile, ".tile-battery"), Boolean(battery));
    ui.dom.property(part(tile, ".battery"), "--charge", String(Math.min(1, Math.max(0, (drone.battery ?? 0) / 100))));
    attribute(part(tile, ".tile-battery"), "title", battery || null);
    attribute(part(tile, ".tile-battery"), "aria-label", battery || null);
    const link = part(tile, ".tile-watch");
    text(link, ui.texts.t("drones.watch"));
    ui.devices.linkTo(link, drone.stream_url, nameOf(drone));
    const found = ui.detected(drone);
    // a number to go to is worth more than how many others there are
    text(part(tile, ".tile-found"), found.length > 1 && !drone.detections[0].incident_id ? `${found[0]} ${ui.texts.t("drones.more", { n: (drone.detected ?? found.length) - 1 })}` : found[0] ?? "");
    attribute(part(tile, ".tile-found"), "title", found.join(" · ") || null);
    ui.dom.show(part(tile, ".tile-found"), found.length > 0);
    if (large()) ui.dom.list(part(tile, ".tile-sightings"), latest(drone).slice(0, sightings), (/** @type {any} */ d) => d.id, makeSighting, updateSighting);
  }

  /** Whether the drones have the wall's room to themselves. */
  const large = () => document.getElementById(ui.ids.WALL)?.dataset.scene === "drones";

  /** What its camera found last, newest first. @param {any} drone */
  const latest = (drone) => [...(drone.detections ?? [])].sort((a, b) => (b.time ?? 0) - (a.time ?? 0));

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

  /** How many tiles a line holds, how many lines there are, and how many sightings a tile. @param {HTMLElement} tiles @param {number} n tiles wanted */
  function room(tiles, n) {
    const style = getComputedStyle(tiles);
    if (!large()) return { across: TILES_A_LINE, lines: Number.parseInt(style.getPropertyValue("--lines"), 10) || 1, sightings: 0 };
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const wide = document.getElementById(ui.ids.WALL)?.dataset.columns === "wide";
    const found = ui.fit.tilesFor(n, tiles.clientHeight / rem, Number.parseFloat(style.rowGap) / rem || 0, wide);
    ui.dom.property(tiles, "--across", String(found.across));
    ui.dom.property(tiles, "--tile", `${found.tile.toFixed(2)}rem`);
    return { ...found, sightings: Math.floor((found.tile - HEAD_REM) / SIGHTING_REM) };
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
      const { across, lines: most, sightings } = room(tiles, flying.length);
      const shown = order(flying).slice(0, across * most);
      ui.dom.list(tiles, shown, (/** @type {any} */ d) => d.id, makeTile,
        (/** @type {HTMLElement} */ tile, /** @type {any} */ drone) => updateTile(tile, drone, sightings));
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
