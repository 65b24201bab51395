// Today beside yesterday: the large figure and the categories. What cannot be compared is said in words.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const ROW_REM = 2.35, MOST_ROWS = 10;

  /** @typedef {{percent: number|null, verdict: string}} Change */
  /** @typedef {{category: string, count: number, yesterday: number|null, change: Change|null}} Kind */

  /** Signed, one decimal: "−1.7%". @param {number} percent */
  const signed = (percent) => `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${Math.abs(percent).toFixed(1)}%`;

  /** A change in words; nothing where there is none. @param {Change|null} change */
  function said(change) {
    if (!change) return "";
    const word = ui.texts.t(`verdict.${change.verdict}`);
    return change.percent === null ? word : `${signed(change.percent)} ${word}`;
  }

  /** Hours and minutes, with the date unless it is today's. @param {number|null} ms @param {number} day_ms today's begin */
  function moment(ms, day_ms) {
    if (ms === null) return "";
    const { date, time } = ui.format.wallTime(ms, ui.state.zone, ui.texts.lang());
    return ms >= day_ms ? time.slice(0, 5) : `${date.slice(5, 10)} ${time.slice(0, 5)}`;
  }
  ui.moment = moment;

  /** What yesterday says, or why it says nothing. @param {any} body */
  function then(body) {
    if (body.yesterday !== null) return ui.texts.t("today.then", { n: ui.format.count(body.yesterday) });
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
    const element = ui.dom.make("div", "row"), change = ui.dom.make("span", "row-change");
    change.append(ui.dom.make("span", "row-percent"), ui.dom.make("span", "row-verdict"));
    element.append(ui.dom.make("span", "row-name"), ui.dom.make("i", "bar row-bar"), ui.dom.make("b", "row-count"), change);
    return element;
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
      titled(part(root, ".today-then"), then(body));
      titled(part(root, ".today-change"), body.uneven && body.yesterday !== null ? ui.texts.t("today.uneven") : said(body.change));
      attribute(part(root, ".today-change"), "data-verdict", body.change?.verdict ?? null);
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
      titled(part(root, ".head-note"), body.yesterday === null ? "" : ui.texts.t("kinds.note"));
      // as many rows as there is room for, none cut in half
      const rows = part(root, ".rows-kind"), rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      property(root, "--rows", String(Math.min(MOST_ROWS, Math.max(1, body.categories.length))));
      const shown = body.categories.slice(0, Math.min(MOST_ROWS, ui.fit.rowsFor(rows.clientHeight, ROW_REM * rem, 0)));
      ui.dom.list(rows, shown, (/** @type {Kind} */ kind) => kind.category, makeRow,
        (/** @type {HTMLElement} */ element, /** @type {Kind} */ kind) => {
          titled(part(element, ".row-name"), ui.categoryName(kind.category));
          text(part(element, ".row-count"), ui.format.count(kind.count));
          property(part(element, ".row-bar"), "--share", ui.format.share(kind.count, most).toFixed(3));
          const change = part(element, ".row-change");
          const { percent = null, verdict = null } = kind.change ?? {};
          text(part(change, ".row-percent"), percent === null ? "" : signed(percent));
          text(part(change, ".row-verdict"), verdict === null ? "" : ui.texts.t(`verdict.short.${verdict}`));
          attribute(change, "title", kind.yesterday === null ? null : ui.texts.t("today.then", { n: ui.format.count(kind.yesterday) }));
          attribute(change, "data-verdict", kind.change?.verdict ?? null);
        });
    },
  });

  ui.figures = { signed, said };
})();
