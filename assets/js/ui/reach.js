// Rings of reach round a selected unit, and the layer that tells of the whole city how soon somebody could be there.
// Both are read only while a person looks at them.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const AGAIN_MS = 10_000;
  const BEYOND = 3; // the class of what is beyond its target

  /** @type {{on: boolean, body: any, problem: string}} */
  const layer = { on: false, body: null, problem: "" };
  /** @type {{id: string|null, body: any}} */
  const unit = { id: null, body: null };
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let unitTimer;

  /** Rings as the map draws them, each with its name. @param {any} rings the server's document, or null */
  ui.ringLines = (rings) => (rings?.rings ?? []).map((/** @type {{seconds: number, lines: [number, number][][]}} */ ring) =>
    ({ name: ui.texts.t("rings.minutes", { n: Number((ring.seconds / 60).toFixed(1)) }), lines: ring.lines }));
  ui.unitRings = () => ui.ringLines(unit.body);
  ui.reachOn = () => layer.on;

  async function readUnit() {
    clearTimeout(unitTimer);
    const { id } = unit;
    if (id === null) return;
    try {
      const body = await ui.fetched(`/api/units/${encodeURIComponent(id)}/rings`);
      if (unit.id === id) unit.body = body;
    } catch {
      // what is drawn stays; the next reading comes soon
    }
    if (unit.id !== id) return;
    clearTimeout(unitTimer); // switched off and on again it is one reading all the same
    unitTimer = setTimeout(() => void readUnit(), AGAIN_MS);
    ui.changed("dispatch");
  }

  /** @param {string|null} id */
  function ringsOf(id) {
    Object.assign(unit, { id, body: null });
    if (id !== null) void readUnit();
    ui.changed("dispatch");
    ui.changed("card");
  }

  async function readLayer() {
    clearTimeout(timer);
    if (!layer.on) return;
    if (!document.hidden) {
      try {
        const scope = new URLSearchParams(location.search).get("scope") ?? "";
        const body = await ui.fetched(`/api/coverage?${new URLSearchParams({ scope })}`);
        if (!layer.on) return;
        const { categories, patches, coarse, fine, week, ...rest } = body;
        Object.assign(layer, { body: rest, problem: "" });
        wallboard.live?.plan?.({ reach: { categories, patches, coarse, fine, week, day: [], hour: [] } });
      } catch (error) {
        layer.problem = error instanceof Error && error.message === "drawer.busy" ? "drawer.busy" : "drawer.failed";
      }
    }
    ui.changed("reach");
    timer = setTimeout(() => void readLayer(), AGAIN_MS);
  }

  /** @param {boolean} on whether the layer is shown */
  ui.showReach = (on) => {
    if (on === layer.on) return;
    Object.assign(layer, { on, body: null, problem: "" });
    if (on) void readLayer();
    else wallboard.live?.plan?.({ reach: null });
    ui.changed("dispatch"); // gaps are shown with it
    ui.changed("reach");
  };

  /** @param {HTMLElement} root */
  function renderLegend(root) {
    const { part, text, attribute, list, make } = ui.dom, { t } = ui.texts, { body, problem } = layer;
    ui.dom.show(root, layer.on);
    if (!layer.on) return;
    const judged = ui.unitsAge();
    attribute(root, "data-age", judged.state);
    text(part(root, ".heat-said"), t("cover.said"));
    const minutes = (body?.steps ?? []).map((/** @type {number} */ s) => Number((s / 60).toFixed(1)));
    const items = minutes.map((/** @type {number} */ n, /** @type {number} */ k) => ({ level: k, text: t("cover.within", { n }) }));
    if (items.length) items.push({ level: BEYOND, text: t("cover.beyond") });
    list(part(root, ".heat-classes"), items, (/** @type {any} */ item) => String(item.level), () => {
      const element = make("span", "heat-class reach-class");
      element.append(make("i"), make("span", "heat-range"));
      return element;
    }, (/** @type {HTMLElement} */ element, /** @type {any} */ item) => {
      attribute(element, "data-level", String(item.level));
      text(part(element, ".heat-range"), item.text);
    });
    const share = body && body.share !== null ? t("reach.share", { share: (100 * body.share).toFixed(0) }) : "";
    const weak = body?.basis === "straight" ? t("basis.straight") : "";
    text(part(root, ".heat-total"), problem ? t(problem) : !body ? t("drawer.reading") : judged.state !== "fresh" ? ui.saidAge(judged) : weak || [share, t("heat.data", { time: ui.timeOf(body.data_ms) })].filter(Boolean).join(" · "));
  }

  (ui.panels ??= []).push({ id: "cover-legend", docs: ["reach"], ticks: true, render: renderLegend }, {
    id: "card-rings",
    docs: ["select", "card"],
    /** @param {HTMLElement} button */
    start(button) {
      button.addEventListener("click", () => {
        const id = ui.state.selected?.kind === "unit" ? ui.state.selected.id : null;
        ringsOf(unit.id === id ? null : id);
      });
    },
    /** @param {HTMLElement} button */
    render(button) {
      const id = ui.state.selected?.kind === "unit" ? ui.state.selected.id : null;
      if (unit.id !== null && unit.id !== id) ringsOf(null);
      ui.dom.show(button, id !== null);
      ui.dom.attribute(button, "aria-pressed", String(unit.id !== null && unit.id === id));
    },
  }, {
    id: "card-dispatch",
    docs: ["select", "card", "dispatch"],
    /** @param {HTMLElement} button */
    start(button) {
      button.addEventListener("click", () => {
        if (ui.state.selected?.kind === "incident") ui.dispatchTo?.(ui.state.selected.id);
      });
    },
    /** @param {HTMLElement} button */
    render(button) {
      ui.dom.show(button, ui.state.selected?.kind === "incident" && ui.drawer?.tab() !== "candidates");
    },
  });
})();
