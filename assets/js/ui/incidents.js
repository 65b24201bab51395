// The incident queue: ordered and counted once a second on the wall's clock, as many rows as fit.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /** @param {string} id */
  const incident = (id) => ui.body("incidents")?.incidents.find((/** @type {any} */ i) => i.id === id);

  /** Into the middle of what the drawer leaves free. @param {number} lat @param {number} lon */
  const flyTo = (lat, lon) => (ui.drawer ? ui.drawer.flyTo(lat, lon) : wallboard.live?.flyTo?.(lat, lon));

  /** @param {string} id */
  function choose(id) {
    const chosen = incident(id);
    ui.select("incident", id);
    if (chosen && chosen.lat !== null && chosen.lon !== null) flyTo(chosen.lat, chosen.lon);
  }

  /** @param {any} entry */
  function makeRow(entry) {
    const { make } = ui.dom;
    const row = make("li", "incident");
    row.tabIndex = 0;
    row.setAttribute("role", "button");
    const first = make("div", "incident-first");
    const clock = make("span", "incident-clock");
    clock.append(make("span", "incident-count"), make("small", "incident-target"));
    const words = make("span", "incident-words"), facts = make("span", "incident-facts");
    words.append(make("b", "incident-name"), make("span", "incident-id"));
    facts.append(make("span", "incident-place"), make("span", "incident-crew"), make("span", "incident-station"));
    first.append(ui.glyphs.make("incident"), words, make("span", "incident-tag"), clock);
    const second = make("div", "incident-second");
    second.append(facts, make("span", "incident-state"));
    row.append(first, make("i", "bar incident-bar"), second);
    row.addEventListener("click", () => choose(entry.incident.id));
    row.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(entry.incident.id);
    });
    return row;
  }

  /** The right end of the first line: a number and what it is measured against. @param {any} entry */
  function clockOf(entry) {
    const minutes = Number(((entry.incident.target_s ?? 0) / 60).toFixed(1));
    const target = ui.texts.t("queue.target", { n: minutes });
    if (entry.group === "arrived") {
      if (entry.response_s === null) return [ui.texts.t("queue.arrived"), ""];
      const mark = entry.met === null ? "" : entry.met ? " ✓" : ` ${ui.texts.t("queue.late")}`;
      return [ui.texts.t("queue.arrived"), `/${ui.format.clockwise(entry.response_s)}${mark}`];
    }
    if (entry.remaining_s !== null) return [ui.format.countdown(entry.remaining_s), target];
    return entry.age_s === null ? ["", ""] : [ui.format.clockwise(entry.age_s), ui.texts.t("queue.age")];
  }

  /** @param {any} i */
  function tagOf(i) {
    if (i.exercise) return ui.texts.t("queue.exercise");
    if (!i.valid) return ui.texts.t("queue.invalid");
    return i.diverted ? ui.texts.t("queue.diverted") : "";
  }

  /** @param {HTMLElement} row @param {any} entry */
  function updateRow(row, entry) {
    const { text, titled, part, attribute, property, show } = ui.dom;
    const i = entry.incident;
    const [count, target] = clockOf(entry);
    const stage = ui.texts.t(`stage.${ui.queue.stage(i)}`);
    attribute(row, "title", i.id);
    attribute(row, "data-group", entry.group);
    attribute(row, "data-severity", i.severity);
    attribute(row, "aria-pressed", String(ui.state.selected?.kind === "incident" && ui.state.selected.id === i.id));
    titled(part(row, ".incident-name"), ui.texts.named("category", i.category));
    ui.glyphs.paint(part(row, ".glyph"), "incident", i.severity);
    attribute(part(row, ".glyph"), "title", ui.texts.t(`severity.${i.severity}`));
    const id = part(row, ".incident-id");
    text(id, i.id);
    // in a narrow column the number is the second line's, which has more room than a long name leaves
    const facts = part(row, ".incident-facts"), line = roomy ? part(row, ".incident-words") : facts;
    if (id.parentElement !== line) roomy ? line.append(id) : line.insertBefore(id, part(facts, ".incident-station"));
    const tag = part(row, ".incident-tag");
    text(tag, tagOf(i));
    show(tag, Boolean(tag.textContent));
    text(part(row, ".incident-count"), count);
    text(part(row, ".incident-target"), target);
    property(part(row, ".incident-bar"), "--share", entry.elapsed.toFixed(3));
    // what comes first stays; the rest leaves as a whole where there is no room
    const station = ui.placeName(i.station || i.branch) ?? "", went = ui.queue.crew(i.units, crewShown);
    const ordered = i.ordered?.length ? ui.texts.t("queue.ordered", { units: ui.queue.crew(i.ordered, crewShown) }) : "";
    const isNews = ordered && ui.queue.stage(i) === "none", told = [isNews ? "" : ordered, went].filter(Boolean).join(" "); // says more than "not dispatched"
    text(part(row, ".incident-place"), i.place || station);
    text(part(row, ".incident-station"), i.place ? station : "");
    text(part(row, ".incident-crew"), told);
    attribute(facts, "title", [i.id, station, i.place, told, went === i.units.join(" ") ? "" : i.units.join(" ")].filter(Boolean).join(" · "));
    const late = entry.group === "breached" && ui.queue.stage(i) === "none" ? `${ui.texts.t("queue.overdue")} · ` : "";
    const forecast = entry.group === "counting" ? ui.forecastSaid?.(i.id) ?? "" : "";
    text(part(row, ".incident-state"), forecast || (isNews ? ordered : late + stage));
    attribute(part(row, ".incident-state"), "data-forecast", forecast ? "" : null);
  }

  /** How many rows the list has room for; they share what is left over. @param {HTMLElement} list */
  function room(list) {
    const style = getComputedStyle(list);
    const fits = ui.fit.rowsFor(list.clientHeight, Number.parseFloat(style.getPropertyValue("grid-auto-rows")), Number.parseFloat(style.rowGap) || 0);
    ui.dom.property(list, "--rows", String(fits));
    return fits;
  }

  let crewShown = 2;
  let roomy = true;
  let rows = 8;
  let measuredAt = -1;

  (ui.panels ??= []).push({
    id: "queue",
    docs: ["incidents", "clock", "select", "forecast"],
    ticks: true,
    /** @param {HTMLElement} root */
    start(root) {
      new ResizeObserver(() => { measuredAt = -1; ui.changed("incidents"); }).observe(ui.dom.part(root, ".incidents"));
    },
    /** @param {HTMLElement} root */
    render(root) {
      const body = ui.body("incidents");
      const now = ui.now();
      if (!body || now === null) return;
      const { part, text, titled, show } = ui.dom;
      const list = part(root, ".incidents");
      if (measuredAt < 0) {
        rows = room(list);
        measuredAt = list.clientHeight;
        roomy = document.getElementById(ui.ids.WALL)?.dataset.columns === "wide";
        crewShown = roomy ? 2 : 1;
      }
      const entries = ui.queue.order(body.incidents, now);
      const shown = entries.slice(0, rows);
      ui.dom.list(list, shown, (/** @type {any} */ e) => e.incident.id, makeRow, updateRow);
      const hidden = Math.max(0, Math.max(body.total_open, entries.length) - shown.length);
      text(part(root, ".head-count"), ui.format.count(body.total_open));
      titled(part(root, ".head-note"), ui.texts.t(ui.lacks("incident.place_class") ? "queue.newest" : "queue.order"));
      const more = [["queue.more", hidden], ["queue.aged", body.aged ?? 0]].filter(([, n]) => n > 0)
        .map(([key, n]) => ui.texts.t(key, { n: ui.format.count(n) }));
      text(part(root, ".more"), more.join(" · "));
      show(part(root, ".empty"), entries.length === 0);
    },
  });
})();
