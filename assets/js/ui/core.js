// The page's one state and its one timer: panel documents come from wallboard.live, panels are drawn when theirs
// changes and, if they count, once a second. Each panel's script adds {id, docs, ticks, start, render} to ui.panels.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /**
   * @typedef {{panel: string, revision: number, data_time: number|null, epoch?: number, body: any}} Doc
   * @typedef {{id: string, docs: string[], ticks?: boolean, start?: (root: HTMLElement) => void,
   *            render: (root: HTMLElement) => void}} PanelScript
   */

  /** @type {PanelScript[]} */
  const panels = (ui.panels ??= []);
  /** @type {Set<string>} */
  const changed = new Set();
  /** panels whose script threw, and where @type {Map<string, "start"|"render">} */
  const broken = new Map();
  let frameAsked = false;
  /** panels are drawn from now on */
  let drawing = false;
  const PICTURE_MS = 500, LOOK_MS = 10; // so long the panels wait for the map's first picture
  /** the last estimate of the wall's time, and when it was made @type {{now: number, local: number}|null} */
  let told = null;
  /** pictures the map has drawn, and how many when its worker last had a problem */
  let rasters = 0;
  let rastersThen = 0;

  const state = (ui.state = {
    /** @type {Record<string, Doc>} */
    docs: {},
    link: { state: "connecting", since_ms: Date.now() },
    /** @type {number|null} the wall's time when the link was lost */
    lost_at_ms: null,
    /** @type {{kind: string, id: string}|null} */
    selected: null,
    /** @type {string|null} */
    followed: null,
    /** @type {Record<string, string>} what the live map could not do, by kind */
    problems: {},
    zone: "UTC",
    started: false,
  });

  const wall = () => document.getElementById(ui.ids.WALL);
  /** @param {string} name */
  ui.body = (name) => state.docs[name]?.body ?? null;
  /** The wall's time in Unix ms; null until the server has told it. @returns {number|null} */
  ui.now = () => {
    const now = wallboard.live?.serverNow?.();
    const local = performance.now();
    if (typeof now === "number" && Number.isFinite(now) && now > 0) {
      told = { now, local };
      return now;
    }
    // while the link is lost its estimate is gone, but the clock must not stop
    return told === null ? null : told.now + (local - told.local) * ui.speed();
  };
  ui.speed = () => {
    const speed = ui.body("clock")?.speed;
    return typeof speed === "number" && speed > 0 ? speed : 1;
  };
  /** Time of day on the wall. @param {number|null} ms */
  ui.timeOf = (ms) => (ms === null ? "" : ui.format.wallTime(ms, state.zone, ui.texts.lang()).time);

  /** Draws the panels of a document in the next frame; "*" is every panel. @param {string} name */
  ui.changed = (name) => {
    changed.add(name);
    if (frameAsked || !drawing) return;
    frameAsked = true;
    requestAnimationFrame(() => {
      frameAsked = false;
      const names = new Set(changed);
      changed.clear();
      for (const panel of panels) {
        if (names.has("*") || panel.docs.some((doc) => names.has(doc))) draw(panel);
      }
      judgePanels(); // else a panel with its first figures would say for up to a second that it has none
    });
  };

  /** @param {PanelScript} panel */
  function draw(panel) {
    const root = document.getElementById(panel.id);
    if (root) attempt(panel, root, "render", () => panel.render(root));
  }

  /** One panel's error is its own: the others go on, and this one is told lost. @param {PanelScript} panel @param {HTMLElement} root @param {"start"|"render"} step @param {() => void} run */
  function attempt(panel, root, step, run) {
    try {
      run();
      if (broken.get(panel.id) === step) broken.delete(panel.id);
    } catch (error) {
      if (!broken.has(panel.id)) console.error(`panel ${panel.id}: ${step}`, error);
      if (broken.get(panel.id) !== "start") broken.set(panel.id, step);
    }
    ui.dom.attribute(root, "data-broken", broken.has(panel.id) ? "" : null);
  }

  /** The server is still reading what its feeds hold: figures are too low, and an empty list says nothing. */
  ui.loading = () => ui.body("feeds")?.caught_up === false;

  /** Whether a drone is, or was when last heard, in the air. @param {any} drone */
  ui.airborne = (drone) => drone.airborne !== false;

  /** Whether the server says that it cannot make a document any more. @param {string} name */
  const standsStill = (name) => (ui.body("alarms")?.alarms ?? [])
    .some((/** @type {any} */ alarm) => alarm.kind === "panel_broken" && alarm.panel === name);

  /** Head and looks of every panel: as of when, and whether its feeds are stale. */
  function judgePanels() {
    const now = ui.now();
    const feeds = ui.body("feeds")?.feeds ?? [];
    for (const panel of panels) {
      const root = document.getElementById(panel.id);
      const time = root?.querySelector(".head-time");
      if (!root || !time) continue;
      const names = (root.dataset.feeds ?? "").split(" ").filter((name) => name && !ui.lacksFeed(name));
      const doc = state.docs[panel.docs[0]];
      const judged = now === null ? { state: "fresh", age_s: 0 } : ui.ages.worst(feeds, names, now, ui.speed());
      const current = !doc ? null : names.length ? ui.ages.asOf(doc.data_time, feeds, names) : state.lost_at_ms ?? now;
      // a document that says itself up to when it was asked for is no newer than that
      const asOf = typeof doc?.body?.data_ms === "number" ? Math.min(doc.body.data_ms, current ?? Infinity) : current;
      const still = broken.has(panel.id) || standsStill(panel.docs[0]);
      const loading = ui.loading();
      ui.dom.attribute(root, "data-void", doc ? null : "");
      ui.dom.attribute(root, "data-age", still ? "lost" : !doc ? "none" : loading ? "loading" : judged.state);
      sayLacks(root);
      const words = still ? "data.still" : !doc ? "data.none" : loading ? "data.loading" : null;
      ui.dom.text(time, words ? ui.texts.t(words) : said(judged) ?? ui.timeOf(asOf));
    }
  }

  /** Whether a replayed source does not tell something: "unit" is all of them, "incident.on_scene" one field. @param {string} what */
  ui.lacks = (what) => (ui.body("clock")?.lacks ?? []).includes(what);

  // a feed of which a replayed source tells nothing is neither worth a word nor a judgement
  const ENTITY = /** @type {Record<string, string>} */ ({
    position: "unit", status: "unit", roster: "unit", incident: "incident", telemetry: "drone", detection: "detection", device: "device",
  });
  /** @param {string} feed */
  ui.lacksFeed = (feed) => ui.lacks(ENTITY[feed]) || (feed === "status" && ui.lacks("unit.status"));

  /** One line for what the replayed source does not tell; fields that the catalogue has no words for are left out. @param {HTMLElement} root */
  function sayLacks(root) {
    const line = root.querySelector(".lacks");
    if (!(line instanceof HTMLElement)) return;
    const entities = (root.dataset.entities ?? "").split(" ").filter(Boolean);
    /** @type {string[]} */
    const lacks = ui.body("clock")?.lacks ?? [];
    const words = lacks.filter((lack) => entities.includes(lack.split(".")[0]))
      .map((lack) => ui.texts.known(`lacks.${lack}`)).filter(Boolean).join(" · ");
    ui.dom.show(line, Boolean(words));
    ui.dom.titled(line, words);
    const empty = entities.some((entity) => lacks.includes(entity));
    if (root.hasAttribute("data-lacking") === empty) return;
    // nothing to count: a zero would be a statement
    ui.dom.attribute(root, "data-lacking", empty ? "" : null);
    ui.placeSoon();
  }

  /** @param {{state: string, age_s: number|null}} judged */
  function said(judged) {
    return judged.state === "fresh" ? null : ui.saidAge(judged);
  }

  /** A judgement in words: "41 s 未更新". @param {{state: string, age_s: number|null}} judged */
  ui.saidAge = (judged) => {
    if (judged.state === "none") return ui.texts.t("data.never");
    if (judged.state === "missing") return ui.texts.t("data.missing");
    if (judged.age_s === null) return ui.texts.t("data.useless");
    return ui.texts.t(`data.${judged.state}`, { age: ui.format.age(judged.age_s) });
  };

  /** How old is what the units tell: for what is worked out from it. */
  ui.unitsAge = () => {
    const now = ui.now(), feeds = ["position", "status"].filter((name) => !ui.lacksFeed(name));
    return now === null ? { state: "fresh", age_s: 0 } : ui.ages.worst(ui.body("feeds")?.feeds ?? [], feeds, now, ui.speed());
  };

  /** Selects on the map and in the panels. @param {string|null} kind unit, incident, drone @param {string|null} id */
  ui.select = (kind, id) => {
    if (state.selected?.kind === (kind ?? undefined) && state.selected?.id === (id ?? undefined)) return;
    state.selected = kind && id ? { kind, id } : null;
    wallboard.live?.select?.(kind, id);
    ui.changed("select");
  };

  function tick() {
    const now = ui.now();
    // on the wall's full second, so that clock and countdowns turn together
    const wait = now !== null && ui.speed() === 1 ? 1000 - (now % 1000) + 5 : 1000;
    setTimeout(tick, wait);
    if (document.hidden) return;
    for (const panel of panels) if (panel.ticks) draw(panel);
    judgePanels();
  }

  function listen() {
    const live = wallboard.live;
    if (!live) return false;
    live.on("panel", (/** @type {Doc} */ doc) => {
      const docs = ui.ages.taken(state.docs, doc);
      if (docs === state.docs) return;
      const anew = Object.keys(state.docs).some((name) => !(name in docs));
      state.docs = docs;
      ui.changed(anew ? "*" : doc.panel);
    });
    live.on("link", (/** @type {{state: string, since_ms: number, as_of?: number|null}} */ link) => {
      const open = link.state === "open";
      const before = state.link.state;
      // every attempt to reconnect is an event; the loss began with the first
      if (!open) state.lost_at_ms ??= link.as_of ?? ui.now();
      else state.lost_at_ms = null;
      const next = open || (before === "connecting" && state.lost_at_ms === null) ? link.state : "lost";
      if (next !== before) state.link = { state: next, since_ms: link.since_ms };
      const root = wall();
      if (root) root.dataset.link = next;
      ui.changed("link");
    });
    live.on("select", (/** @type {{kind: string, id: string}|null} */ selected) => {
      // a click on the map; the map marks only what it is told to
      const found = selected?.kind === "detection" ? /** @type {any} */ (selected) : null;
      if (found) return found.incident_id ? ui.select("incident", found.incident_id) : ui.select("drone", found.drone);
      ui.select(selected?.kind ?? null, selected?.id ?? null);
    });
    live.on("follow", (/** @type {{id: string|null}} */ { id }) => {
      state.followed = id;
      ui.changed("select");
    });
    live.on("problem", (/** @type {{what: string, detail: string|null}} */ { what, detail }) => {
      if (what === "worker") rastersThen = rasters;
      if (detail === null) delete state.problems[what];
      else state.problems[what] = detail;
      ui.changed("link");
    });
    live.on("stats", (/** @type {{rasters?: number}} */ stats) => {
      rasters = stats.rasters ?? 0;
      // the map draws again, whoever brought it back
      if (state.problems.worker === undefined || rasters === 0 || rasters === rastersThen) return;
      delete state.problems.worker;
      ui.changed("link");
    });
    return true;
  }

  /** @param {string} lang */
  ui.setLang = (lang) => {
    ui.texts.setLang(lang);
    const root = wall();
    if (!root) return;
    root.dataset.lang = lang;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    ui.texts.translate(root);
    ui.retitle();
    wallboard.live?.setLang?.(lang);
    wallboard.live?.setTexts?.({ category: ui.texts.family("category"), detection: ui.texts.family("detection") });
    ui.changed("*");
    if (drawing) judgePanels();
  };

  /** Called once when Dash has built the page. */
  ui.start = () => {
    const root = wall();
    if (!root || state.started) return;
    ui.texts.load(document.getElementById(ui.ids.TEXTS)?.dataset.texts ?? "{}");
    state.zone = root.dataset.zone ?? "UTC";
    state.started = true;
    root.dataset.link = state.link.state;
    ui.setLang(ui.texts.asked(location.search, root.dataset.lang ?? "zh"));
    wallboard.live?.config?.({
      staleAfterS: Number(root.dataset.staleAfter), offlineAfterS: Number(root.dataset.offlineAfter), tickS: Number(root.dataset.tick),
    });
    for (const panel of panels) {
      const element = document.getElementById(panel.id);
      if (element) attempt(panel, element, "start", () => panel.start?.(element));
    }
    ui.place();
    afterPicture(performance.now() + PICTURE_MS, () => {
      drawing = true;
      ui.glyphs.paintAll(root);
      ui.changed("*");
      tick();
    });
  };

  /** The worker needs this thread for its first picture, and units come before panels. @param {number} latest @param {() => void} go */
  function afterPicture(latest, go) {
    if (wallboard.live?.layer?.index >= 0 || performance.now() > latest) go();
    else setTimeout(() => afterPicture(latest, go), LOOK_MS);
  }

  // once all scripts of the page's bundle have run: who comes late hears at once what was told before, and needs them
  queueMicrotask(() => {
    if (!listen()) addEventListener("load", () => listen(), { once: true });
  });
})();
