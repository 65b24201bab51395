// The watch on response targets: who is expected to be late and why, before it happens, and arrivals by GPS beside the
// reported ones. The queue's rows say it in short.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /**
   * @typedef {{id: string, category: string, place: string, deadline_ms: number, forecast_ms: number|null, margin_s: number|null, cause: string, unit: string|null}} Forecast
   * @typedef {{id: string, unit: string, gps_ms: number|null, reported_ms: number|null, difference_s: number|null}} Arrival
   */

  const SAME_S = 1;

  /** @param {Forecast} item */
  const isLate = (item) => item.margin_s !== null && item.margin_s < 0;
  /** @param {Forecast} item */
  const cause = (item) => (item.cause ? ui.texts.t(`cause.${item.cause}`) : "");

  /** What is forecast of an incident that still counts down; null where nothing is. @param {string} id @returns {Forecast|null} */
  ui.forecastOf = (id) => ui.body("forecast")?.items.find((/** @type {Forecast} */ item) => item.id === id) ?? null;

  /** Short, for a queue's row; "" where the target will be met. @param {string} id */
  ui.forecastSaid = (id) => {
    const item = ui.forecastOf(id);
    if (!item || !isLate(item)) return "";
    return ui.texts.t(item.cause ? "watch.queue" : "watch.late", { time: ui.format.clockwise(Math.ceil(-(item.margin_s ?? 0))), cause: cause(item) });
  };

  /** How a reported arrival differs from the one by GPS. @param {Arrival} arrival */
  function difference({ difference_s }) {
    if (difference_s === null) return "";
    if (Math.abs(difference_s) < SAME_S) return ui.texts.t("watch.same");
    return ui.texts.t(difference_s > 0 ? "watch.later" : "watch.earlier", { time: ui.format.clockwise(Math.abs(difference_s)) });
  }

  /** @param {Forecast} item */
  function forecastRow(item) {
    const { t } = ui.texts, { clockwise } = ui.format, late = isLate(item), margin_s = item.margin_s ?? 0;
    const time = item.margin_s === null ? "—" : late ? t("watch.late", { time: clockwise(Math.ceil(-margin_s)) }) : t("watch.margin", { time: clockwise(margin_s) });
    const below = [item.place, item.unit ?? "", item.cause ? t("watch.cause", { cause: cause(item) }) : ""].filter(Boolean).join(" · ");
    return ui.drawerRow(`forecast ${item.id}`, { name: `${ui.texts.named("category", item.category)} ${item.id}`, time, below, look: late ? "gap" : "" },
      () => ui.select("incident", item.id));
  }

  /** @param {Arrival} arrival */
  function arrivalRow(arrival) {
    const { t } = ui.texts, gps = arrival.gps_ms === null ? "" : t("watch.gps", { time: ui.timeOf(arrival.gps_ms) });
    const reported = arrival.reported_ms === null ? t("watch.unreported") : t("watch.reported", { time: ui.timeOf(arrival.reported_ms) });
    return ui.drawerRow(`arrival ${arrival.id} ${arrival.unit}`, { name: [arrival.id, arrival.unit].filter(Boolean).join(" · "), time: difference(arrival), below: [gps, reported].filter(Boolean).join(" · "), look: "small" },
      () => ui.select("incident", arrival.id));
  }

  function content() {
    const body = ui.body("forecast"), { t } = ui.texts, { head, note } = ui.drawer;
    if (!body || body.state !== "ready") return { items: [note("reading", t("drawer.busy"))] };
    const late = body.items.filter(isLate), rest = body.items.filter((/** @type {Forecast} */ item) => !isLate(item));
    return {
      basis: t(`basis.${body.basis}`), weak: body.basis === "straight", data_ms: body.data_ms,
      items: [
        ...(late.length ? [head("late", t("watch.at_risk", { n: late.length })), ...late.map(forecastRow)] : []),
        ...(rest.length ? [head("rest", t("watch.in_time", { n: rest.length })), ...rest.map(forecastRow)] : []),
        ...(body.items.length ? [] : [note("none", t("watch.none"))]),
        head("arrivals", t("watch.arrivals")),
        ...(body.arrivals.length ? body.arrivals.map(arrivalRow) : [note("arrivals", t("watch.arrivals.none"))]),
      ],
    };
  }

  (ui.drawerParts ??= {}).watch = {
    content,
    plan: () => ({}),
    count: () => (ui.body("forecast")?.items ?? []).filter(isLate).length,
  };
  ui.watch = { isLate, difference };
})();
