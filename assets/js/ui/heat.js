// What the hexagons of heat count, and their legend. The choice stands in the address, so that a wall that is loaded
// again shows the same: ?heat=off|hour|day|week|days30|month|year and ?heat_category=theft. Longer periods are history's:
// they are read when they are chosen, and again when the document heat_past tells that they have changed.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const PAST = ["days30", "month", "year"], WINDOWS = ["hour", "day", "week", ...PAST];
  const PATIENCE_MS = 20_000, AGAIN_MS = 15_000;
  const state = { on: true, window: "week", category: "" };
  /** @type {{classes: [number, number|null][], cells: number[]}|null} */
  let legend = null;
  /** the longer period that was read, and what is being read @type {{window: string, key: string, body: any}} */
  let read = { window: "", key: "", body: null };
  let reading = "", failed = { wanted: "", at: -Infinity };

  /** The choice that an address holds. @param {string} search */
  function asked(search) {
    const params = new URLSearchParams(search), wanted = params.get("heat") ?? "";
    return { on: wanted !== "off", window: WINDOWS.includes(wanted) ? wanted : "week", category: (params.get("heat_category") ?? "").slice(0, 64) };
  }

  /** The address with another choice in it; what is usual is left out. @param {string} search @param {{on: boolean, window: string, category: string}} choice */
  function kept(search, choice) {
    const params = new URLSearchParams(search);
    const word = !choice.on ? "off" : choice.window === "week" ? "" : choice.window;
    for (const [name, value] of [["heat", word], ["heat_category", choice.category]]) {
      if (value) params.set(name, value);
      else params.delete(name);
    }
    const text = params.toString();
    return text ? `?${text}` : "";
  }

  /** @param {Partial<typeof state>} choice */
  function choose(choice) {
    Object.assign(state, choice);
    wallboard.live?.heat?.({ window: state.window, category: state.category });
    const search = kept(location.search, state);
    if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
    ui.changed("heat");
    ui.changed("map");
  }
  /** @param {boolean} on whether the layer is shown */
  ui.heatOn = (on) => {
    if (ui.state.started && on !== state.on) choose({ on });
  };

  const isPast = () => PAST.includes(state.window);
  /** The document of what is chosen; null while that of a longer period has not been read. */
  const bodyNow = () => (isPast() ? (read.window === state.window ? read.body : null) : ui.body("heat"));

  /** Reads the chosen longer period if there is newer. */
  async function readPast() {
    const told = ui.body("heat_past")?.windows?.[state.window], wanted = told && `${state.window} ${told.key}`;
    if (!state.on || !isPast() || !told || (read.window === state.window && read.key === told.key)) return;
    if (reading === wanted || (failed.wanted === wanted && performance.now() - failed.at < AGAIN_MS)) return;
    const { window: chosen } = state, scope = new URLSearchParams(location.search).get("scope") ?? "";
    reading = wanted;
    try {
      const answer = await fetch(`/api/heat?${new URLSearchParams({ window: chosen, scope })}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const body = await answer.json();
      if (state.window !== chosen) return;
      const { categories, totals, first, last, since, missing_min, data_ms } = body;
      read = { window: chosen, key: told.key, body: { categories, totals, first, last, since, missing_min, data_ms } };
      wallboard.live?.heat?.({ past: body });
    } catch {
      failed = { wanted, at: performance.now() }; // the legend says that it is being read, and it is tried again
    } finally {
      if (reading === wanted) reading = ""; // a later choice is being read still
      ui.changed("heat");
    }
  }

  /** @param {[number, number|null]} range */
  function rangeText([from, to]) {
    const { count } = ui.format;
    return to === null ? `${count(from)}+` : from === to ? count(from) : `${count(from)}–${count(to)}`;
  }

  /** Incidents of the window and category: with a position and without. @param {any} body @returns {[number, number]} */
  function totals(body) {
    const at = body.categories.indexOf(state.category);
    return (isPast() ? body.totals : body.totals[state.window]).map((/** @type {number[]} */ counts) =>
      (state.category ? counts[at] ?? 0 : counts.reduce((sum, n) => sum + n, 0)));
  }

  const kindName = () => (state.category ? ui.categoryName(state.category) : ui.texts.t("heat.incidents"));
  /** What is said beside the pointer. @param {{count: number, kinds: [string, number][]}} cell */
  ui.heatWords = (cell) => [
    ui.texts.t("layers.heat"), ui.texts.t("heat.cell", { n: ui.format.count(cell.count) }),
    ...cell.kinds.slice(0, 4).map(([name, n]) => `${ui.categoryName(name)} ${ui.format.count(n)}`),
  ];

  /** @param {HTMLElement} root @param {any} body */
  function fillCategories(root, body) {
    const select = /** @type {HTMLSelectElement} */ (ui.dom.part(root, ".heat-category"));
    const words = ["", ...body.categories];
    if (state.category && !words.includes(state.category)) words.push(state.category);
    ui.dom.list(select, words, (/** @type {string} */ word) => word, (/** @type {string} */ word) => {
      const option = /** @type {HTMLOptionElement} */ (ui.dom.make("option"));
      option.value = word || "*";
      return option;
    }, (/** @type {HTMLElement} */ option, /** @type {string} */ word) =>
      ui.dom.text(option, word ? ui.categoryName(word) : ui.texts.t("heat.all")));
    select.value = state.category || "*";
  }

  /** What a longer period lacks, and up to when it was asked. @param {any} body @returns {string[]} */
  const weak = (body) => [
    body.since ? ui.texts.t("heat.reach", { time: body.since }) : "",
    body.missing_min ? ui.texts.t("heat.missing", { age: ui.format.span(body.missing_min) }) : "",
    ui.texts.t("heat.data", { time: ui.timeOf(body.data_ms).slice(0, 5) }),
  ];

  /** @param {any} body */
  function note(body) {
    const { t } = ui.texts, { count } = ui.format, [placed, unplaced] = totals(body);
    const head = [t("heat.total", { n: count(placed + unplaced) }), unplaced ? t("heat.unplaced", { n: count(unplaced) }) : ""];
    if (isPast()) return [...head, t("heat.dates", { first: body.first, last: body.last }), ...weak(body)].filter(Boolean).join(" · ");
    const day_ms = ui.body("today")?.day_ms ?? Infinity;
    // the document is as old as its last change, but known to hold until the feed's own time
    const feeds = ui.body("feeds")?.feeds ?? [], doc = ui.state.docs.heat;
    const asOf = ui.ages.asOf(doc?.data_time ?? null, feeds, ["incident"]);
    return [
      ...head,
      body.reach_ms === null || state.window === "hour" ? "" : t("heat.reach", { time: ui.moment(body.reach_ms, day_ms) }),
      asOf === null ? "" : t("heat.data", { time: ui.timeOf(asOf) }),
    ].filter(Boolean).join(" · ");
  }

  /** Why there is nothing of a longer period yet. */
  function unread() {
    const past = ui.body("heat_past")?.past ?? "off";
    return ui.texts.t(`heat.${past === "ready" ? "reading" : past}`);
  }

  /** @param {HTMLElement} root */
  function render(root) {
    const live = ui.body("heat"), body = bodyNow(), past = ui.body("heat_past")?.past ?? "off";
    ui.dom.show(root, Boolean(live) && state.on && !ui.lacks("incident") && !ui.loading());
    if (!live) return;
    void readPast();
    ui.dom.show(ui.dom.part(root, ".heat-past"), past !== "off" || isPast());
    for (const button of root.querySelectorAll("[data-window]")) {
      ui.dom.attribute(button, "aria-pressed", String(button.getAttribute("data-window") === state.window));
    }
    fillCategories(root, body ?? live);
    ui.dom.titled(ui.dom.part(root, ".heat-note"), body ? note(body) : unread());
  }

  /** What the hexagons mean, for the foot of the map: window, category, classes, how many in all. @param {HTMLElement} root */
  function renderLegend(root) {
    const live = ui.body("heat"), body = bodyNow(), { part, text, attribute } = ui.dom;
    ui.dom.show(root, Boolean(live) && state.on && !ui.lacks("incident") && !ui.loading());
    if (root.hidden) return;
    const { t } = ui.texts, [placed, unplaced] = body ? totals(body) : [0, 0], now = ui.now();
    const judged = now === null || isPast() ? { state: "fresh" } : ui.ages.worst(ui.body("feeds")?.feeds ?? [], ["incident"], now, ui.speed());
    attribute(root, "data-age", judged.state);
    attribute(root, "title", body ? note(body) : null);
    text(part(root, ".heat-said"), t(`heat.said.${state.window}`, { kind: kindName() }));
    const total = [t("heat.total", { n: ui.format.count(placed + unplaced) }), ...(body && isPast() ? weak(body) : [])].filter(Boolean).join(" · ");
    text(part(root, ".heat-total"), !body ? unread() : judged.state === "fresh" ? total : `${total} · ${ui.saidAge(judged)}`);
    const classes = body ? legend?.classes ?? [] : [], levels = 4;
    const items = classes.map((range, k) => ({ text: rangeText(range), level: k + levels - classes.length }));
    ui.dom.list(ui.dom.part(root, ".heat-classes"), items, (/** @type {any} */ item) => String(item.level), () => {
      const element = ui.dom.make("span", "heat-class");
      element.append(ui.dom.make("i"), ui.dom.make("span", "heat-range"));
      return element;
    }, (/** @type {HTMLElement} */ element, /** @type {any} */ item) => {
      ui.dom.attribute(element, "data-level", String(item.level));
      ui.dom.text(ui.dom.part(element, ".heat-range"), item.text);
    });
  }

  (ui.panels ??= []).push({
    id: "heat",
    docs: ["heat", "heat_past", "today", "clock", "feeds"],
    ticks: true,
    /** @param {HTMLElement} root */
    start(root) {
      Object.assign(state, asked(location.search));
      wallboard.live?.heat?.({ window: state.window, category: state.category });
      for (const button of root.querySelectorAll("[data-window]")) {
        button.addEventListener("click", () => choose({ window: button.getAttribute("data-window") ?? "week" }));
      }
      const select = /** @type {HTMLSelectElement} */ (ui.dom.part(root, ".heat-category"));
      select.addEventListener("change", () => choose({ category: select.value === "*" ? "" : select.value }));
      wallboard.live?.on("heat", (/** @type {any} */ next) => {
        legend = next;
        ui.changed("heat");
      });
      // the layers' panel, which starts after this one, tells the map how the switches stand
      const box = document.querySelector(`#${ui.ids.LAYERS} [data-switch="heat"]`);
      if (box instanceof HTMLElement) ui.dom.attribute(box, "aria-checked", String(state.on));
    },
    render,
  }, { id: "heat-legend", docs: ["heat", "heat_past", "today", "clock", "feeds"], ticks: true, render: renderLegend });

  ui.heat = { asked, kept, rangeText };
})();
