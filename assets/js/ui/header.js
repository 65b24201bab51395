// Header: the clock, the badge of a replay or of a wall without live data, the feeds and their age, the language, the band of a lost link.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const ORDER = ["position", "incident", "telemetry", "status", "detection", "roster", "device", "clock"];

  /** @param {string} id @param {(element: HTMLElement) => void} use */
  const withId = (id, use) => {
    const element = document.getElementById(id);
    if (element) use(element);
  };

  function clock() {
    const now = ui.now();
    const { date, time } = now === null ? { date: "", time: "--:--:--" } : ui.format.wallTime(now, ui.state.zone, ui.texts.lang());
    withId(ui.ids.CLOCK, (element) => {
      ui.dom.text(ui.dom.part(element, ".clock-date"), date);
      ui.dom.text(ui.dom.part(element, ".clock-time"), time);
    });
  }

  function replay() {
    const body = ui.body("clock");
    withId(ui.ids.REPLAY, (element) => {
      const live = body?.live !== false;
      ui.dom.show(element, body?.mode === "replay" || !live);
      ui.dom.text(element, live ? `${ui.texts.t("replay")} ×${Number((body?.speed ?? 1).toPrecision(3))}` : ui.texts.t("data.no_live"));
      ui.dom.attribute(element, "title", body?.source || null);
    });
  }

  function feeds() {
    const body = ui.body("feeds");
    const now = ui.now();
    if (!body || now === null) return;
    const known = body.feeds
      .filter((/** @type {any} */ f) => ORDER.includes(f.feed) && (f.feed === "clock" ? ui.body("clock")?.mode === "replay" : !ui.lacksFeed(f.feed)))
      .map((/** @type {any} */ f) => ({ ...f, ...ui.ages.judge(f, now, ui.speed()) }))
      .sort((/** @type {any} */ a, /** @type {any} */ b) => ORDER.indexOf(a.feed) - ORDER.indexOf(b.feed));
    const troubled = known.filter((/** @type {any} */ f) => f.state !== "fresh" && f.state !== "none");
    const calm = known.filter((/** @type {any} */ f) => f.state === "fresh").length;
    const brief = calm ? [...troubled, { feed: "", state: "fresh", calm }] : troubled;
    const refused = Object.values(body.problems ?? {}).reduce((/** @type {number} */ sum, n) => sum + Number(n), 0);
    const all = refused ? [...known, { feed: "refused", state: "none", refused, problems: body.problems }] : known;
    withId(ui.ids.FEEDS, (list) => {
      /** @param {any[]} shown */
      const fits = (shown) => {
        ui.dom.list(list, shown, (/** @type {any} */ f) => f.feed, makeFeed, updateFeed);
        return list.scrollHeight <= list.clientHeight * 1.5; // what does not fit stands on a second line, out of sight
      };
      const ways = [...(document.getElementById(ui.ids.WALL)?.dataset.columns === "narrow" ? [] : [all]), brief];
      if (ways.some(fits)) return;
      // those that need a person stand first; how many more there are is always said
      for (let n = troubled.length - 1; n >= 0; n--) {
        if (fits([...troubled.slice(0, n), { feed: "", state: "stale", more: known.length - n }])) return;
      }
    });
  }

  function makeFeed() {
    const item = ui.dom.make("li", "feed");
    item.append(ui.dom.make("i", "dot"), ui.dom.make("span", "feed-words"));
    return item;
  }

  /** @param {HTMLElement} item @param {any} feed */
  function updateFeed(item, feed) {
    ui.dom.attribute(item, "data-age", feed.state);
    ui.dom.text(ui.dom.part(item, ".feed-words"), words(feed));
    ui.dom.attribute(item, "title", titleOf(feed));
  }

  /** @param {any} feed */
  function words(feed) {
    if (feed.more) return `+${feed.more}`;
    if (feed.calm) return ui.texts.t("data.fresh", { n: feed.calm });
    if (feed.refused) return ui.texts.t("feed.refused", { n: ui.format.count(feed.refused) });
    const said = feed.state === "fresh" ? ui.format.age(feed.age_s) : ui.saidAge(feed);
    return `${ui.texts.t(`feed.${feed.feed}`)} ${said}`;
  }

  /** @param {any} feed */
  function titleOf(feed) {
    if (feed.refused) return Object.entries(feed.problems).map(([kind, n]) => `${kind}: ${n}`).join("\n");
    if (feed.calm || feed.more) return null;
    const rate = ui.texts.t("feed.rate", { n: Number((feed.rate ?? 0).toFixed(1)) });
    return feed.lag ? `${rate} · ${ui.texts.t("feed.lag", { n: ui.format.count(feed.lag) })}` : rate;
  }

  function band() {
    withId(ui.ids.BAND, (element) => {
      const { state, since_ms } = ui.state.link;
      const broken = ui.state.problems.browser ?? ui.state.problems.worker;
      const age = Math.max(0, (Date.now() - since_ms) / 1000);
      // the first moments of connecting need no words
      const shown = Boolean(broken) || state === "lost" || (state === "connecting" && age > 2);
      ui.dom.show(element, shown);
      ui.dom.attribute(element, "data-link", broken ? "lost" : state);
      if (!shown) return;
      const stopped = ui.state.lost_at_ms === null ? ui.texts.t("link.never") : ui.texts.t("link.asof", { time: ui.timeOf(ui.state.lost_at_ms) });
      const lines = broken ? [ui.texts.t("link.broken"), broken] : state === "lost"
        ? [ui.texts.t("link.lost", { age: ui.format.age(age) }), stopped]
        : [ui.texts.t("link.connecting")];
      ui.dom.list(element, lines.map((line, i) => ({ line, i })), (/** @type {any} */ l) => String(l.i),
        () => ui.dom.make("div"), (/** @type {HTMLElement} */ div, /** @type {any} */ l) => ui.dom.text(div, l.line));
    });
  }

  /** The other language, without the server; the address keeps the choice. */
  function switchLanguage() {
    const lang = ui.texts.lang() === "zh" ? "en" : "zh";
    const address = new URL(location.href);
    address.searchParams.set("lang", lang);
    history.replaceState(history.state, "", address);
    ui.setLang(lang);
    ui.placeSoon();
  }

  /** The statistics page is about the same jurisdiction, in the same language. */
  function statistics() {
    withId(ui.ids.STATISTICS, (element) => {
      const here = new URLSearchParams(location.search);
      const query = new URLSearchParams({ lang: ui.texts.lang() });
      if (here.get("scope")) query.set("scope", here.get("scope") ?? "");
      ui.dom.attribute(element, "href", `/statistics/?${query}`);
    });
  }

  (ui.panels ??= []).push({
    id: ui.ids?.HEADER ?? "header",
    docs: ["feeds", "clock", "link"],
    ticks: true,
    start() {
      withId(ui.ids.LANGUAGE, (element) => element.addEventListener("click", switchLanguage));
    },
    render() {
      clock();
      replay();
      feeds();
      band();
      statistics();
    },
  });
})();
