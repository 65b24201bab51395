// Today beside days before: the large figure and the categories. What cannot be compared is said in words.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const ROW_REM = 2.35, MOST_ROWS = 10;

  /** @typedef {{percent: number|null, verdict: string}} Change */
  /** @typedef {{category: string, count: number, yesterday: number|null, change: Change|null, usual?: {count: number, change: Change}|null}} Kind */
  /** @typedef {{id: string, day: string|null, count: number|null, periods: number, change: Change|null, why: string|null, missing_min: number}} Against */

  /** Signed, one decimal: "−1.7%". @param {number} percent */
  const signed = (percent) => `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${Math.abs(percent).toFixed(1)}%`;

  /** A mean, with a decimal while it is small. @param {number} n */
  const mean = (n) => (n < 10 && !Number.isInteger(n) ? n.toFixed(1) : ui.format.count(n));

  const ARROWS = /** @type {Record<string, string>} */ ({ up: "↑", down: "↓" });
  /** An arrow and by how much where a difference is more than chance; a quiet dash where it is not. @param {Change|null} change */
  function arrow(change) {
    if (!change) return "";
    const sign = ARROWS[change.verdict];
    if (!sign) return "–";
    return change.percent === null ? sign : `${sign} ${signed(change.percent)}`;
  }

  /** A day as date and weekday. @param {string} day 2026-11-14 */
  const dated = (day) => ui.format.wallTime(Date.parse(`${day}T12:00:00Z`), "UTC", ui.texts.lang()).date;

  /** What today is compared with: from history, else yesterday as far as the records in memory reach.
   *  @param {any} body @returns {Against[]} */
  function comparisons(body) {
    if (body.against) return body.against;
    if (body.yesterday === null) return [];
    const why = body.uneven ? "uneven" : null;
    return [{ id: "yesterday", day: null, count: body.yesterday, periods: 1, change: why ? null : body.change, why, missing_min: 0 }];
  }

  /** @param {Against} row */
  function name(row) {
    const day = row.day ? dated(row.day).slice(11) : "";
    return ui.texts.t(`against.${row.id}`, { k: row.periods, day });
  }

  /** Why a comparison is weaker than it looks, or is not there. @param {Against} row */
  const weakness = (row) => (row.why ? ui.texts.t(`against.why.${row.why}`, { age: ui.format.span(row.missing_min) }) : "");

  /** Hours and minutes, with the date unless it is today's. @param {number|null} ms @param {number} day_ms today's begin */
  function moment(ms, day_ms) {
    if (ms === null) return "";
    const { date, time } = ui.format.wallTime(ms, ui.state.zone, ui.texts.lang());
    return ms >= day_ms ? time.slice(0, 5) : `${date.slice(5, 10)} ${time.slice(0, 5)}`;
  }
  ui.moment = moment;

  /** Why there is less to compare with than there should be. @param {any} body */
  function reason(body) {
    if (body.against || body.yesterday !== null) return body.past === "ready" || body.past === "off" ? "" : ui.texts.t(`past.${body.past}`);
    const [from] = body.gap ?? [null];
    return ui.texts.t(`today.why.${body.why}`, { from: moment(from, body.day_ms), time: moment(body.reach_ms, body.day_ms) });
  }

  /** @param {any} body */
  function uncounted(body) {
    const what = Object.entries(body.not_counted).filter(([, n]) => n)
      .map(([name, n]) => ui.texts.t(`today.${name}`, { n: ui.format.count(n) }));
    const n = Object.values(body.not_counted).reduce((/** @type {number} */ sum, k) => sum + Number(k), 0);
    return n ? { text: ui.texts.t("today.uncounted", { n: ui.format.count(n) }), title: what.join(" · ") } : { text: "", title: null };
  }

  /** @param {string} category */
  ui.categoryName = (category) => (category ? ui.texts.named("category", category) : ui.texts.t("kinds.none"));

  function makeRow() {
    const element = ui.dom.make("div", "row");
    element.append(ui.dom.make("span", "row-name"), ui.dom.make("i", "bar row-bar"), ui.dom.make("b", "row-count"),
      ui.dom.make("span", "row-beside"), ui.dom.make("span", "row-change"));
    return element;
  }

  /** @param {Kind} kind @param {number|null} beside @param {Change|null} change @param {number|null} k */
  function rowTitle(kind, beside, change, k) {
    if (beside === null) return null;
    const n = mean(beside), then = kind.usual ? ui.texts.t("today.usual.count", { k, n }) : ui.texts.t("today.then", { n });
    const percent = change && change.percent !== null ? signed(change.percent) : "";
    return [then, percent, change ? ui.texts.t(`verdict.${change.verdict}`) : ""].filter(Boolean).join(" · ");
  }

  function makeAgainst() {
    const element = ui.dom.make("div", "against");
    element.append(ui.dom.make("span", "against-name"), ui.dom.make("span", "against-count"),
      ui.dom.make("span", "against-percent"), ui.dom.make("span", "against-verdict"));
    return element;
  }

  /** @param {HTMLElement} element @param {Against} row */
  function fillAgainst(element, row) {
    const { part, text, attribute } = ui.dom, { percent = null, verdict = null } = row.change ?? {};
    const weak = weakness(row), word = verdict === null ? "" : ui.texts.t(`verdict.short.${verdict}`);
    text(part(element, ".against-name"), name(row));
    text(part(element, ".against-count"), row.count === null ? "" : mean(row.count));
    text(part(element, ".against-percent"), percent === null ? "" : signed(percent));
    text(part(element, ".against-verdict"), weak || word);
    attribute(element, "data-verdict", verdict);
    attribute(element, "data-why", row.why);
    attribute(element, "title", [row.day ? ui.texts.t("against.until", { day: dated(row.day) }) : name(row), word, weak].filter(Boolean).join(" · "));
  }

  (ui.panels ??= []).push({
    id: "today",
    docs: ["today"],
    /** @param {HTMLElement} root */
    render(root) {
      const { part, text, titled, attribute } = ui.dom, body = ui.body("today");
      if (!body) return;
      text(part(root, ".figure-big"), ui.format.count(body.count));
      const begin = body.complete || body.reach_ms === null ? body.day_ms : body.reach_ms;
      titled(part(root, ".head-note"), ui.texts.t(begin === body.day_ms ? "today.since" : "today.from", { time: moment(begin, body.day_ms) }));
      ui.dom.list(part(root, ".today-against"), comparisons(body), (/** @type {Against} */ row) => row.id, makeAgainst, fillAgainst);
      titled(part(root, ".today-past"), reason(body));
      const beside = uncounted(body);
      text(part(root, ".today-note"), beside.text);
      attribute(part(root, ".today-note"), "title", beside.title);
    },
  }, {
    id: "kinds",
    docs: ["today"],
    /** @param {HTMLElement} root */
    render(root) {
      const { part, text, titled, attribute, property } = ui.dom, body = ui.body("today");
      if (!body) return;
      const most = Math.max(1, ...body.categories.map((/** @type {Kind} */ kind) => kind.count));
      const k = body.usual_days;
      titled(part(root, ".head-note"), k ? ui.texts.t("kinds.usual", { k }) : body.yesterday === null ? "" : ui.texts.t("kinds.note"));
      // as many rows as there is room for, none cut in half
      const rows = part(root, ".rows-kind"), rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      property(root, "--rows", String(Math.min(MOST_ROWS, Math.max(1, body.categories.length))));
      const shown = body.categories.slice(0, Math.min(MOST_ROWS, ui.fit.rowsFor(rows.clientHeight, ROW_REM * rem, 0)));
      ui.dom.list(rows, shown, (/** @type {Kind} */ kind) => kind.category, makeRow,
        (/** @type {HTMLElement} */ element, /** @type {Kind} */ kind) => {
          titled(part(element, ".row-name"), ui.categoryName(kind.category));
          text(part(element, ".row-count"), ui.format.count(kind.count));
          property(part(element, ".row-bar"), "--share", ui.format.share(kind.count, most).toFixed(3));
          const beside = kind.usual?.count ?? kind.yesterday, change = kind.usual?.change ?? kind.change;
          text(part(element, ".row-beside"), beside === null ? "" : `/ ${mean(beside)}`);
          text(part(element, ".row-change"), arrow(change));
          attribute(element, "data-verdict", change?.verdict ?? null);
          attribute(element, "title", rowTitle(kind, beside, change, k));
        });
    },
  });

  ui.figures = { signed, mean, arrow, comparisons };
})();
