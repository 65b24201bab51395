// What is selected: a unit (read from the server every 5 s while shown, with its trail), an incident or a drone.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const REFRESH_MS = 5000;
  const PATIENCE_MS = 4000;
  const MPS_TO_KMH = 3.6;
  const FOUND_SHOWN = 5;

  /** @type {{id: string|null, unit: any, trail: any[], problem: string|null}} */
  const read = { id: null, unit: null, trail: [], problem: null };
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  /** @param {string} id */
  async function refresh(id) {
    clearTimeout(timer);
    if (read.id !== id) return;
    if (!document.hidden) await load(id);
    if (read.id !== id) return;
    clearTimeout(timer);
    timer = setTimeout(() => refresh(id), REFRESH_MS);
    ui.changed("card");
  }

  /** @param {string} id */
  async function load(id) {
    try {
      const answer = await fetch(`/api/units/${encodeURIComponent(id)}`, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (read.id !== id) return;
      if (answer.status === 404) {
        Object.assign(read, { unit: null, trail: [], problem: "card.gone" });
      } else {
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        const { unit, trail } = await answer.json();
        if (read.id !== id) return;
        Object.assign(read, { unit, trail: trail ?? [], problem: null });
      }
      wallboard.live?.setTrail?.(read.trail.length ? read.trail : null);
    } catch {
      // what is shown stays, and says that it could not be renewed
      if (read.id === id) read.problem = "card.failed";
    }
  }

  /** @param {string|null} id */
  function watch(id) {
    if (read.id === id) return;
    clearTimeout(timer);
    Object.assign(read, { id, unit: null, trail: [], problem: null });
    wallboard.live?.setTrail?.(null);
    if (ui.state.followed) wallboard.live?.follow?.(null);
    if (id) void refresh(id);
  }

  ui.closeCard = () => {
    if (!ui.state.selected) return false;
    ui.select(null, null);
    return true;
  };

  /** @param {number|null|undefined} ms */
  const ago = (ms) => {
    const now = ui.now();
    return ms === null || ms === undefined || now === null ? "" : ui.format.age((now - ms) / 1000);
  };

  /** @param {any} unit @param {any[]} trail @returns {[string, string][]} */
  function unitFacts(unit, trail) {
    const { t } = ui.texts;
    const speed = unit.speed_mps === null ? "—" : `${Math.round(unit.speed_mps * MPS_TO_KMH)} km/h`;
    const course = unit.course === null ? "—" : `${ui.format.compass(unit.course, ui.texts.lang())} ${Math.round((unit.course + 360) % 360)}°`;
    const accuracy = unit.accuracy_m ? ` · ${t("card.accuracy", { n: Math.round(unit.accuracy_m) })}` : "";
    const fix = unit.fix_time === null ? t("card.nofix") : `${t("card.ago", { age: ago(unit.fix_time) })}${accuracy}`;
    const crew = unit.crew_officers || unit.crew_auxiliaries
      ? t("card.crew.value", { officers: unit.crew_officers, auxiliaries: unit.crew_auxiliaries }) : "—";
    const trailAge = trail.length ? ago(trail[0][2]) : "";
    return [
      ["card.type", t(`type.${unit.unit_type}`)],
      ["card.station", [unit.branch, unit.station].filter(Boolean).map(ui.placeName).join(" · ") || unit.agency || "—"],
      ["card.crew", crew],
      ["card.incident", unit.incident_id || "—"],
      ...(unit.order ? [/** @type {[string, string]} */ (["card.order", t("card.order.value", { incident: unit.order.incident_id, time: ui.timeOf(unit.order.sent) })])] : []),
      ["card.speed", speed],
      ["card.course", course],
      ["card.fix", fix],
      ["card.trail", trail.length ? t("card.trail.value", { age: trailAge, n: trail.length }) : t("card.trail.none")],
    ];
  }

  /** The countdown, the response time or the age of an incident, each against its target. @param {any} i @returns {[string, string]} */
  function clockFact(i) {
    const { t } = ui.texts;
    const { clockwise, countdown } = ui.format;
    const now = ui.now();
    if (now === null) return ["card.remaining", "—"];
    const entry = ui.queue.entry(i, now);
    const target = entry.incident.target_s > 0 ? ` ${t("queue.target", { n: Number((i.target_s / 60).toFixed(1)) })}` : "";
    if (entry.group === "arrived") {
      const mark = entry.met === null ? "" : entry.met ? " ✓" : ` ${t("queue.overdue")}`;
      return ["card.response", entry.response_s === null ? "—" : `${clockwise(entry.response_s)}${target}${mark}`];
    }
    if (entry.remaining_s === null) return ["card.age", entry.age_s === null ? "—" : clockwise(entry.age_s)];
    const late = entry.group === "breached" ? ` ${t("queue.overdue")}` : "";
    return ["card.remaining", `${countdown(entry.remaining_s)}${target}${late}`];
  }

  /** @param {any} i @returns {[string, string][]} */
  function incidentFacts(i) {
    const { t } = ui.texts;
    const at = (/** @type {number|null} */ ms) => (ms === null ? "—" : ui.timeOf(ms));
    return [
      clockFact(i),
      ["card.place", [ui.placeName(i.station || i.branch), i.place].filter(Boolean).join(" · ") || "—"],
      ["card.class", t(`class.${i.place_class}`)],
      ["card.source", t(`source.${i.source}`)],
      ["card.received", at(i.call_received)],
      ["card.dispatched", at(i.dispatched)],
      ["card.enroute", at(i.enroute)],
      ["card.arrived", at(i.on_scene)],
      ["card.units", i.units.join(" ") || "—"],
    ];
  }

  /** The latest detections, and how many more there are. @param {any} d */
  function found(d) {
    const shown = ui.detected(d).slice(0, FOUND_SHOWN), more = (d.detected ?? 0) - shown.length;
    return [...shown, ...(more > 0 ? [ui.texts.t("drones.more", { n: more })] : [])].join(" · ");
  }

  /** @param {any} d @returns {[string, string][]} */
  function droneFacts(d) {
    const { t } = ui.texts;
    return [
      ["card.mission", d.mission || t("drones.nomission")],
      ["card.height", d.height_m === null ? "—" : `${Math.round(d.height_m)} m`],
      ["card.battery", d.battery === null ? "—" : `${Math.round(d.battery)}%`],
      ["card.fix", d.time === null ? t("card.nofix") : t("card.ago", { age: ago(d.time) })],
      ["card.stream", d.recording ? t("card.recording") : "—"],
      ["card.found", found(d) || "—"],
    ];
  }

  /** What to say of something that its document does not list. @param {string} doc @param {string} key */
  const absent = (doc, key) => ui.texts.t(!ui.body(doc) || ui.loading() ? "card.loading" : key);

  /** What the card says: name, state, glyph, facts, note. @param {{kind: string, id: string}} selected */
  function content(selected) {
    const { t } = ui.texts;
    if (selected.kind === "incident") {
      const i = ui.body("incidents")?.incidents.find((/** @type {any} */ x) => x.id === selected.id);
      if (!i) return { name: selected.id, state: "", glyph: "incident", facts: [], note: absent("incidents", "card.unlisted") };
      const note = typeof i.closed === "number" ? t("card.closed", { time: ui.timeOf(i.closed) }) : "";
      const state = `${t(`severity.${i.severity}`)} · ${t(`stage.${ui.queue.stage(i)}`)}`;
      return { name: `${ui.texts.named("category", i.category)} ${i.id}`, state, glyph: "incident", severity: i.severity, facts: incidentFacts(i), note };
    }
    if (selected.kind === "drone") {
      const d = ui.body("drones")?.drones.find((/** @type {any} */ x) => x.id === selected.id);
      return { name: d?.callsign || selected.id, state: d ? ui.droneState(d).words : "", glyph: "drones", facts: d ? droneFacts(d) : [], note: d ? "" : absent("drones", "card.silent"), stream: d?.stream_url };
    }
    if (selected.kind === "device") return ui.devices.content(selected.id);
    const { unit, trail, problem } = read;
    const note = problem ? t(problem) : unit ? "" : t("card.loading");
    if (!unit) return { name: selected.id, state: "", glyph: "LOST", facts: [], note };
    const status = unit.lost ? "LOST" : unit.sos ? "SOS" : unit.status;
    const name = t(unit.sos ? "units.sos" : `status.${unit.status}`);
    const since = unit.since ? ` ${ago(unit.since)}` : "";
    const state = (unit.lost ? `${t("status.LOST")} · ` : "") + name + since;
    const worn = ui.devices.worn(unit.unit_id);
    return { name: unit.callsign || unit.unit_id, state, glyph: status, facts: [...unitFacts(unit, trail), ...worn.facts], note, stream: worn.stream };
  }

  /** @param {[string, string]} fact */
  function makeFact([key]) {
    const element = ui.dom.make("div", "fact");
    element.append(ui.dom.make("dt"), ui.dom.make("dd"));
    element.dataset.fact = key;
    return element;
  }

  /** how many facts stand in the card */
  let facts = 0;

  (ui.panels ??= []).push({
    id: "card",
    docs: ["select", "card", "incidents", "drones", "devices"],
    ticks: true,
    /** @param {HTMLElement} root */
    start(root) {
      document.getElementById(ui.ids.CARD_CLOSE)?.addEventListener("click", ui.closeCard);
      document.getElementById(ui.ids.CARD_FOLLOW)?.addEventListener("click", () => {
        wallboard.live?.follow?.(ui.state.followed === read.id ? null : read.id);
      });
      root.addEventListener("click", (event) => {
        const fact = event.target instanceof Element ? event.target.closest("[data-fact='card.incident']") : null;
        if (fact && read.unit?.incident_id) ui.select("incident", read.unit.incident_id);
      });
    },
    /** @param {HTMLElement} root */
    render(root) {
      const selected = ui.state.selected;
      const { part, titled, text, attribute, show, list } = ui.dom;
      watch(selected?.kind === "unit" ? selected.id : null);
      ui.devices.watch(selected);
      if (root.hidden !== !selected) {
        show(root, Boolean(selected));
        ui.placeSoon();
      }
      if (!selected) return;
      const said = content(selected);
      ui.glyphs.paint(part(root, ".glyph"), said.glyph, said.severity);
      titled(part(root, ".card-name"), said.name);
      titled(part(root, ".card-state"), said.state);
      attribute(part(root, ".card-state"), "data-status", said.glyph);
      if (facts !== said.facts.length) ui.placeSoon(); // what it needs of the column has changed
      facts = said.facts.length;
      list(part(root, ".card-facts"), said.facts, (/** @type {any} */ f) => f[0], makeFact, (/** @type {HTMLElement} */ element, /** @type {[string, string]} */ [key, value]) => {
        text(part(element, "dt"), ui.texts.t(key));
        titled(part(element, "dd"), value);
      });
      text(part(root, ".card-note"), said.note);
      show(part(root, ".card-note"), Boolean(said.note));
      ui.devices.linkTo(part(root, ".stream"), said.stream ?? "", said.name);
      const button = document.getElementById(ui.ids.CARD_FOLLOW);
      if (button) {
        const following = ui.state.followed !== null && ui.state.followed === selected.id;
        show(button, selected.kind === "unit");
        attribute(button, "data-t", following ? "card.following" : "card.follow");
        text(button, ui.texts.t(following ? "card.following" : "card.follow"));
        attribute(button, "aria-pressed", String(following));
      }
    },
  });
})();
