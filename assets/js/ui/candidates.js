// The drawer's first part: who can be at the chosen incident, read from the server every five seconds while it is open.
// A unit is chosen by its row; what is chosen goes to ui.sendOrder.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const AGAIN_MS = 5000, SOON_MS = 1500, PATIENCE_MS = 8000;
  const OTHER_ROUTES = 2; // beside the first and the chosen

  /** what was read of which incident @type {{id: string|null, body: any, rings: any, problem: string, shown: boolean}} */
  const read = { id: null, body: null, rings: null, problem: "", shown: false };
  /** units that a person has chosen, in that order @type {Set<string>} */
  const chosen = new Set();
  /** the selection that was last acted upon */
  let seen = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  const open = () => ui.drawer?.tab() === "candidates";
  wallboard.live?.on("drag", () => { read.shown = true; }); // who moves the map knows where to look

  /** The body of an answer, or the status in words. @param {string} path @returns {Promise<any>} */
  async function fetched(path) {
    const answer = await fetch(path, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 503) throw new Error("drawer.busy");
    if (answer.status === 404) throw new Error("drawer.gone");
    if (!answer.ok) throw new Error("drawer.failed");
    return answer.json();
  }
  ui.fetched = fetched;

  const listed = (/** @type {string} */ id) => ui.body("incidents")?.incidents.some((/** @type {any} */ one) => one.id === id);

  /** @param {string} id */
  async function refresh(id) {
    clearTimeout(timer);
    if (read.id !== id || !open()) return;
    let wait = AGAIN_MS;
    const over = read.problem === "drawer.gone" && !listed(id);
    if (!document.hidden && !over) {
      const path = `/api/incidents/${encodeURIComponent(id)}`;
      try {
        const body = await fetched(`${path}/candidates`);
        if (read.id !== id) return;
        Object.assign(read, { body, problem: "" });
        if (open() && ui.state.selected?.id === id) reveal(); // whoever has closed the drawer or chosen another looks elsewhere
        ui.changed("dispatch");
        const rings = await fetched(`${path}/rings`).catch(() => null); // the list is what matters
        if (read.id === id) read.rings = rings ?? read.rings;
      } catch (error) {
        if (read.id !== id) return;
        const why = error instanceof Error ? error.message : "";
        read.problem = why.startsWith("drawer.") ? why : "drawer.failed";
        if (read.problem !== "drawer.failed") read.body = null;
        if (read.problem === "drawer.busy") wait = SOON_MS;
      }
    }
    if (read.id !== id || !open()) return;
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(id), wait);
    ui.changed("dispatch");
  }

  /** Once for each incident: the way of the first comes into sight, beside the drawer. */
  function reveal() {
    const { body } = read;
    if (read.shown || !body) return;
    const first = body.candidates.find((/** @type {any} */ one) => one.unit_id === body.first), { lat, lon } = body.incident;
    if (typeof lat !== "number" || typeof lon !== "number") return; // a position may come later
    read.shown = true;
    const start = first?.route?.[0] ?? (first && first.lat !== null ? [first.lat, first.lon] : null);
    ui.drawer.flyAround([[lat, lon], ...(start ? [start] : [])]);
  }

  /** The incident that a person has selected becomes the drawer's. */
  function follow() {
    const selected = ui.state.selected, word = selected ? `${selected.kind} ${selected.id}` : "";
    if (word === seen) return;
    seen = word;
    if (selected?.kind === "incident") return take(selected.id);
    const narrow = document.getElementById(ui.ids.WALL)?.dataset.columns === "narrow";
    if (open() && (!selected || narrow)) ui.drawer.close();
  }

  /** @param {string} id */
  function take(id) {
    if (read.id !== id) {
      Object.assign(read, { id, body: null, rings: null, problem: "", shown: false });
      chosen.clear();
      ui.forgetOrder?.();
    }
    if (!ui.drawer.turn("candidates") && open()) void refresh(id);
  }
  ui.dispatchTo = take;

  /** Who is chosen, and of whom: for the order. */
  ui.chosenUnits = () => ({ incident_id: read.id, units: [...chosen], candidates: read.body?.candidates ?? [] });

  const callsign = (/** @type {string} */ id) => read.body?.candidates.find((/** @type {any} */ one) => one.unit_id === id)?.callsign ?? id;
  /** How long a unit still needs to the drawer's incident; "" where that is not known. @param {string} incident_id @param {string} unit_id */
  ui.timeLeft = (incident_id, unit_id) => {
    const one = read.id === incident_id ? read.body?.candidates.find((/** @type {any} */ row) => row.unit_id === unit_id) : null;
    return one && one.travel_s !== null ? ui.reasons.reach(one) : "";
  };
  ui.chosenNames = () => [...chosen].map(callsign);
  /** Those of an order are no choice any more; who has been chosen since still is. @param {{incident_id: string, units: string[]}} order */
  ui.dropChosen = ({ incident_id, units }) => {
    if (read.id === incident_id) for (const id of units) chosen.delete(id);
  };

  /** @param {string} id */
  function choose(id) {
    if (!chosen.delete(id)) chosen.add(id);
    ui.forgetOrder?.(); // another order than the one that may have been sent
    ui.changed("dispatch");
  }

  /** @param {any} one */
  function makeRow(one) {
    const { make } = ui.dom, row = make("div", "candidate"), first = make("div", "candidate-first");
    row.tabIndex = 0;
    row.setAttribute("role", "checkbox");
    first.append(make("i", "layer-box"), ui.glyphs.make("AVAILABLE"), make("b", "candidate-name"), make("span", "candidate-type"),
      make("span", "candidate-tag"), make("span", "candidate-time"));
    row.append(first, make("p", "candidate-why"), make("p", "candidate-cost"));
    const toggle = () => choose(one.unit_id);
    row.addEventListener("click", toggle);
    row.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      toggle();
    });
    return row;
  }

  /** @param {HTMLElement} row @param {any} one */
  function update(row, one) {
    const { part, text, titled, attribute, show } = ui.dom, { t } = ui.texts, lost = one.against.some((/** @type {any} */ r) => r.code === "lost");
    const isFirst = one.unit_id === read.body?.first, refused = one.rank === null || one.rank === undefined;
    attribute(row, "data-first", isFirst ? "" : null);
    attribute(row, "data-refused", refused ? "" : null);
    attribute(row, "aria-checked", String(chosen.has(one.unit_id)));
    attribute(row, "aria-label", t("candidates.choose", { unit: one.callsign }));
    ui.glyphs.paint(part(row, ".glyph"), lost ? "LOST" : one.status);
    titled(part(row, ".candidate-name"), one.callsign || one.unit_id);
    titled(part(row, ".candidate-type"), t(`type.${one.type}`));
    text(part(row, ".candidate-tag"), isFirst ? t("candidates.first") : "");
    text(part(row, ".candidate-time"), ui.reasons.reach(one));
    attribute(part(row, ".candidate-time"), "title", one.distance_m === null ? null : ui.format.distance(one.distance_m));
    const why = [ui.reasons.line("against", one.against), isFirst || !one.against.length ? ui.reasons.line("for", one.for) : ""].filter(Boolean);
    titled(part(row, ".candidate-why"), why.join(" · "));
    const cost = ui.reasons.cost(one.uncovers);
    titled(part(row, ".candidate-cost"), cost);
    show(part(row, ".candidate-cost"), Boolean(cost));
  }

  /** @param {any} one */
  const item = (one) => ({ key: one.unit_id, make: () => makeRow(one), update: (/** @type {HTMLElement} */ row) => update(row, one) });

  /** What was left out of the list, and why. @param {any} body */
  function leftOut(body) {
    if (!body.more) return [];
    const { t } = ui.texts;
    const why = ui.reasons.leftOut(body).map((/** @type {[string, number]} */ [code, n]) => t("candidates.why", { why: ui.texts.known(`reason.against.${code}`) ?? code, n: ui.format.count(n) }));
    return [ui.drawer.note("more", t("candidates.more", { n: ui.format.count(body.more), why: why.join(" · ") }))];
  }

  function content() {
    const { t } = ui.texts, { body, problem } = read;
    if (!read.id) return { items: [ui.drawer.note("choose", t("drawer.choose"))] };
    const i = ui.body("incidents")?.incidents.find((/** @type {any} */ one) => one.id === read.id) ?? body?.incident ?? { id: read.id };
    const subject = [`${ui.texts.named("category", i.category ?? "")} ${i.id}`, i.place || ui.placeName(i.station || i.branch)].filter(Boolean).join(" · ");
    const ordered = ui.orderItems?.(read.id) ?? [];
    if (!body) return { subject, items: [...ordered, ui.drawer.note("why", t(problem || "drawer.reading"))] };
    if (body.basis === "no_position") return { subject, data_ms: body.data_ms, items: [...ordered, ui.drawer.note("why", t("basis.no_position"))] };
    const { sent, first, others, refused } = ui.reasons.grouped(body.candidates, body.first), followed = ui.unitsOrdered?.(read.id) ?? [];
    const unfollowed = sent.filter((/** @type {any} */ one) => !followed.includes(one.unit_id)); // the others stand with their orders
    const derived = (body.incident.derived ?? []).map((/** @type {string} */ field) => t(`derived.${field}`));
    const post = body.first_response ? [ui.drawer.note("post", t("candidates.post", { post: ui.reasons.nameOf(body.first_response), d: ui.format.distance(body.first_response.distance_m) }))] : [];
    const target = body.incident.target_s > 0 ? t("candidates.target", { time: ui.format.clockwise(body.incident.target_s) }) : "";
    return {
      subject, weak: body.basis === "straight", data_ms: body.data_ms,
      basis: [t(`basis.${body.basis}`), target, derived.length ? t("candidates.derived", { fields: derived.join(ui.texts.lang() === "en" ? ", " : "、") }) : "", problem ? t(problem) : ""].filter(Boolean).join(" · "),
      items: [
        ...ordered,
        ...(unfollowed.length ? [ui.drawer.head("sent", t("candidates.sent", { n: unfollowed.length })), ...unfollowed.map(item)] : []),
        ...(sent.length ? [ui.drawer.head("free", t("candidates.free"))] : []),
        ...post,
        ...(first ? [item(first)] : [ui.drawer.note("none", t("candidates.none"))]),
        ...(others.length ? [ui.drawer.head("others", t("candidates.others", { n: others.length })), ...others.map(item)] : []),
        ...(refused.length ? [ui.drawer.head("refused", t("candidates.refused", { n: refused.length })), ...refused.map(item)] : []),
        ...leftOut(body),
      ],
    };
  }

  /** Routes of the first, of the chosen and of the next ones; the rings round the incident. */
  function plan() {
    const { body, rings } = read;
    if (!body) return {};
    const ways = [];
    let others = 0;
    for (const one of body.candidates) {
      const look = chosen.has(one.unit_id) ? "chosen" : one.unit_id === body.first ? "first" : "other";
      if (!one.route || (look === "other" && (one.rank === null || others++ >= OTHER_ROUTES))) continue;
      ways.push({ id: one.unit_id, look, points: one.route });
    }
    return { ways, rings: ui.ringLines?.(rings) ?? [] };
  }

  (ui.drawerParts ??= {}).candidates = {
    content, plan, follow,
    foot: (/** @type {HTMLElement} */ root) => ui.orderFoot?.(root),
    /** @param {boolean} on */
    shown(on) {
      clearTimeout(timer);
      if (on && read.id) void Promise.resolve(read.id).then(refresh); // once the drawer says that it is open
    },
  };
})();
