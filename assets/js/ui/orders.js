// Orders: sent to the server with an id of their own, so that sending again is the same order; then followed by the
// document `orders`, unit by unit, from written to arrived. Nothing is called delivered that has not been acknowledged.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const STEPS = ["written", "delivered", "accepted", "enroute", "on_scene"];
  const UNDER_WAY = ["delivered", "accepted", "enroute"];
  const FAULTS = ["refused", "failed", "overdue"];
  const PATIENCE_MS = 10_000, TOO_MANY = 429;

  /** the order that is being sent, or that may have been sent: sent again it is the same to the letter
   *  @type {{body: ReturnType<typeof orderOf>|null, problem: string, busy: boolean}} */
  const draft = { body: null, problem: "", busy: false };

  ui.forgetOrder = () => Object.assign(draft, { body: null, problem: "" });

  /** How far along a state is: 0 written … 4 on scene; a fault keeps what it had reached. @param {string} state */
  const stepOf = (state) => Math.max(0, STEPS.indexOf(state));

  /** The order's body: who goes, and each candidate that does not, with the reasons. @param {string} order_id
   *  @param {{incident_id: string, units: string[], candidates: any[]}} choice */
  function orderOf(order_id, { incident_id, units, candidates }) {
    const rejected = candidates.filter((one) => !units.includes(one.unit_id))
      .map((one) => ({ unit_id: one.unit_id, reasons: one.against.map((/** @type {any} */ reason) => reason.code) }));
    return { order_id, incident_id, units, rejected };
  }

  /** @param {Uint8Array} bytes sixteen */
  function idOf(bytes) {
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  ui.sendOrder = async () => {
    const choice = ui.chosenUnits();
    if (draft.busy || !choice.incident_id || !choice.units.length) return;
    const body = (draft.body ??= orderOf(idOf(crypto.getRandomValues(new Uint8Array(16))), choice));
    const forgotten = () => draft.body !== body; // the drawer is about another order now
    Object.assign(draft, { busy: true, problem: "" });
    ui.changed("dispatch");
    try {
      const answer = await fetch("/api/orders", {
        method: "POST", headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) {
        draft.body = null;
        ui.dropChosen(body);
      } else {
        const why = typeof said.detail === "string" ? said.detail : `HTTP ${answer.status}`;
        draft.problem = ui.texts.t("orders.failed", { why: forgotten() ? `${body.incident_id} · ${why}` : why });
        if (answer.status < 500 && answer.status !== TOO_MANY) draft.body = null; // it was refused, not lost
      }
    } catch {
      draft.problem = ui.texts.t(forgotten() ? "orders.unsure.other" : "orders.unsure", { incident: body.incident_id });
    } finally {
      draft.busy = false;
      ui.changed("dispatch");
    }
  };

  /** What the drawer's foot says, and whether the button may be pressed. @param {HTMLElement} root */
  ui.orderFoot = (root) => {
    const { part, titled, text, attribute } = ui.dom, { t } = ui.texts, names = ui.chosenNames();
    const may = ui.body("orders")?.operator === true, lost = ui.state.link.state !== "open";
    const button = /** @type {HTMLButtonElement} */ (part(root, ".drawer-send"));
    ui.dom.show(button, may);
    attribute(button, "disabled", names.length && !draft.busy && !lost ? null : "");
    text(button, t(draft.busy ? "orders.sending" : "orders.give"));
    const words = !may ? t("orders.readonly") : draft.problem || (names.length ? t("orders.to", { units: names.join(" ") }) : t("orders.pick"));
    titled(part(root, ".drawer-said"), words);
    attribute(part(root, ".drawer-said"), "data-problem", may && draft.problem ? "" : null);
  };

  function makeUnit() {
    const { make } = ui.dom, row = make("div", "ordered"), steps = make("div", "ordered-steps");
    steps.setAttribute("aria-hidden", "true");
    for (let k = 0; k < STEPS.length; k++) steps.append(make("i"));
    row.append(make("b", "ordered-name"), make("span", "ordered-state"), steps, make("time", "ordered-since"));
    return row;
  }

  /** @param {HTMLElement} row @param {any} unit @param {string} incident_id */
  function fillUnit(row, unit, incident_id) {
    const { part, text, titled, attribute } = ui.dom, fault = FAULTS.includes(unit.state), at = stepOf(unit.state);
    titled(part(row, ".ordered-name"), unit.callsign || unit.unit_id);
    const words = ui.texts.known(`order.${unit.state}`) ?? unit.state;
    const why = unit.reason ? ui.texts.known(`order.why.${unit.reason}`) ?? unit.reason : UNDER_WAY.includes(unit.state) ? ui.timeLeft?.(incident_id, unit.unit_id) : "";
    titled(part(row, ".ordered-state"), why ? `${words} · ${why}` : words);
    text(part(row, ".ordered-since"), typeof unit.since_ms === "number" ? ui.timeOf(unit.since_ms) : "");
    attribute(row, "data-state", unit.state);
    attribute(row, "data-fault", fault ? "" : null);
    [...part(row, ".ordered-steps").children].forEach((dot, k) => attribute(dot, "data-done", k <= at ? "" : null));
  }

  /** @param {any} order @param {any} unit */
  const unitItem = (order, unit) => ({ key: `${order.order_id} ${unit.unit_id}`, make: makeUnit, update: (/** @type {HTMLElement} */ row) => fillUnit(row, unit, order.incident_id) });

  /** @param {any} order @param {boolean} named whether to name its incident */
  function items(order, named) {
    const { t } = ui.texts;
    const words = [named ? `${ui.texts.named("category", order.category ?? "")} ${order.incident_id}` : "",
      t("orders.at", { time: ui.timeOf(order.sent_ms) }), t("orders.by", { who: order.who })].filter(Boolean).join(" · ");
    return [ui.drawer.head(`order ${order.order_id}`, words), ...order.units.map((/** @type {any} */ unit) => unitItem(order, unit))];
  }

  const all = () => ui.body("orders")?.orders ?? [];
  /** @param {string} id of an incident */
  ui.orderItems = (id) => all().filter((/** @type {any} */ order) => order.incident_id === id).flatMap((/** @type {any} */ order) => items(order, false));

  /** @param {string} id of an incident @returns {string[]} units that were ordered to it */
  ui.unitsOrdered = (id) => all().filter((/** @type {any} */ order) => order.incident_id === id).flatMap((/** @type {any} */ order) => order.units.map((/** @type {any} */ unit) => unit.unit_id));

  /** Orders under way: some unit has neither arrived nor failed. @param {any[]} orders */
  const underWay = (orders) => orders.filter((order) => order.units.some((/** @type {any} */ unit) => unit.state !== "on_scene" && !["refused", "failed"].includes(unit.state)));

  (ui.drawerParts ??= {}).orders = {
    content: () => ({ items: all().length ? all().flatMap((/** @type {any} */ order) => items(order, true)) : [ui.drawer.note("none", ui.texts.t("orders.none"))] }),
    plan: () => ({}),
    count: () => underWay(all()).length,
  };
  ui.orders = { stepOf, orderOf, idOf, underWay };
})();
