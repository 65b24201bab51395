// How old is what the wall shows? Pure; times in Unix ms of the wall's clock.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /**
   * @typedef {{feed: string, seen_ms: number|null, event_ms: number|null, stale_after_s: number, lost_after_s: number,
   *            lag: number|null, missing: boolean, rate: number, freshness?: string, refusing?: boolean}} Feed
   * @typedef {"fresh"|"stale"|"lost"|"none"|"missing"} State none: nothing has ever arrived
   */

  const WORST = ["fresh", "stale", "none", "missing", "lost"];

  /**
   * One feed's age in real seconds and what it means; in a replay the wall's clock runs `speed` times faster.
   * The server alone knows that a feed should have spoken and did not, or that all it says is useless.
   * @param {Feed} feed @param {number} now_ms @param {number} speed @returns {{state: State, age_s: number|null}}
   */
  function judge(feed, now_ms, speed) {
    if (feed.missing) return { state: "missing", age_s: null };
    if (feed.refusing) return { state: "lost", age_s: null };
    if (feed.seen_ms === null || feed.seen_ms === undefined) return { state: feed.freshness === "lost" ? "lost" : "none", age_s: null };
    const age_s = Math.max(0, (now_ms - feed.seen_ms) / 1000 / (speed > 0 ? speed : 1));
    if (age_s > feed.lost_after_s) return { state: "lost", age_s };
    return { state: age_s > feed.stale_after_s ? "stale" : "fresh", age_s };
  }

  /**
   * The worst judgement among the feeds behind a panel; fresh when the feeds are not known (yet). That one of several
   * feeds has not said anything yet is no fault of the others: the server tells when it should have.
   * @param {Feed[]} feeds @param {string[]} names @param {number} now_ms @param {number} speed
   */
  function worst(feeds, names, now_ms, speed) {
    /** @type {{state: State, age_s: number|null}} */
    let result = { state: "fresh", age_s: 0 };
    const judgements = feeds.filter((feed) => names.includes(feed.feed)).map((feed) => judge(feed, now_ms, speed));
    const spoken = judgements.some((judged) => judged.state !== "none");
    for (const judged of judgements) {
      if (spoken && judged.state === "none") continue;
      if (WORST.indexOf(judged.state) > WORST.indexOf(result.state)) result = judged;
    }
    return result;
  }

  /**
   * As of when a panel is right: the time of the feed that was confirmed current longest ago, else its document's. A
   * document is no proof of fresh data: time alone makes units stale, and that is a new document.
   * @param {number|null} data_time @param {Feed[]} feeds @param {string[]} names @returns {number|null}
   */
  function asOf(data_time, feeds, names) {
    let oldest = null;
    for (const feed of feeds) {
      if (!names.includes(feed.feed) || feed.seen_ms === null || feed.seen_ms === undefined) continue;
      if (oldest === null || feed.seen_ms < oldest) oldest = feed.seen_ms;
    }
    return oldest ?? data_time;
  }

  /**
   * The documents once `doc` has come: an older revision of the same epoch changes nothing; with another epoch (the
   * server started anew) or of another scope all documents of the old one are void.
   * @template {{panel: string, revision: number, epoch?: number, scope?: string}} D
   * @param {Record<string, D>} docs @param {D} doc @returns {Record<string, D>} `docs` itself when `doc` is not taken
   */
  function taken(docs, doc) {
    const known = docs[doc.panel];
    if (Object.values(docs).some((other) => other.epoch !== doc.epoch || other.scope !== doc.scope)) return { [doc.panel]: doc };
    return known && doc.revision < known.revision ? docs : { ...docs, [doc.panel]: doc };
  }

  ui.ages = { judge, worst, asOf, taken };
})();
