// What a candidate's reasons and costs are in words. Pure.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  /**
   * @typedef {{code: string, seconds?: number|null, word?: string, of?: string, count?: number, costs_s?: number}} Reason
   * @typedef {{id: string, kind: string, name_zh: string, name_en: string, target_s: number, was_s: number, now_s: number|null, by: string|null}} Uncovered
   * @typedef {{unit_id: string, callsign: string, type: string, status: string, lat: number|null, lon: number|null, travel_s: number|null,
   *   distance_m: number|null, fix_age_s: number|null, rank: number|null, for: Reason[], against: Reason[], uncovers: Uncovered[], route: [number, number][]|null}} Candidate
   */

  /** The value that makes a reason exact, in words, by code; the texts have such a reason under its code and ".by".
   *  @type {Record<string, (reason: Reason) => string>} */
  const EXACT = {
    in_target: ({ seconds }) => time(seconds),
    slower: ({ seconds }) => time(seconds),
    farther: ({ count }) => (count ? ui.format.distance(count) : ""),
    late: ({ seconds }) => time(seconds),
    stale: ({ seconds }) => (seconds ? ui.format.age(seconds) : ""),
    lost: ({ seconds }) => (seconds ? ui.format.age(seconds) : ""),
    busy: ({ word, of }) => of || (word ? ui.texts.t(`status.${word.toUpperCase()}`) : ""),
    off_duty: ({ word }) => (word && word.toUpperCase() !== "OUT_OF_SERVICE" ? ui.texts.t(`status.${word.toUpperCase()}`) : ""),
    other_zone: ({ word }) => (word ? ui.placeName?.(word) ?? word : ""),
    wrong_type: ({ word }) => (word ? ui.texts.t(`type.${word.toUpperCase()}`) : ""),
    incapable: ({ word }) => (word ? word.split(", ").map((one) => ui.texts.named("capability", one)).join("/") : ""),
    sent: ({ word }) => (word ? ui.texts.t(`status.${word.toUpperCase()}`) : ""),
    capable: ({ word }) => (word ? ui.texts.named("capability", word) : ""),
    uncovers: ({ count }) => (count && count > 1 ? String(count) : ""),
  };

  /** @param {number|null|undefined} seconds */
  const time = (seconds) => (typeof seconds === "number" ? ui.format.clockwise(seconds) : "");

  /** One reason in the viewer's words, exact where its value is told, with what it counts for in the order; an unknown
   *  code shows itself. @param {"for"|"against"} side @param {Reason} reason */
  function said(side, reason) {
    const by = EXACT[reason.code]?.(reason) ?? "", key = `reason.${side}.${reason.code}`;
    const why = (by && ui.texts.known(`${key}.by`) !== null ? ui.texts.t(`${key}.by`, { by }) : ui.texts.known(key)) ?? reason.code;
    return reason.costs_s ? ui.texts.t("candidates.counts", { why, time: time(reason.costs_s) }) : why;
  }

  /** All reasons of a side on one line. @param {"for"|"against"} side @param {Reason[]} reasons */
  const line = (side, reasons) => reasons.map((reason) => said(side, reason)).join(" · ");

  /** @param {{name_zh: string, name_en: string}} one */
  const nameOf = (one) => (ui.texts.lang() === "en" ? one.name_en || one.name_zh : one.name_zh || one.name_en);

  /** What sending a unit costs: the key spots that lose their cover, at most two by name. @param {Uncovered[]} spots */
  function cost(spots) {
    if (!spots.length) return "";
    const { t } = ui.texts, { clockwise } = ui.format;
    const names = spots.slice(0, 2).map((spot) => t(spot.now_s === null ? "candidates.spot.none" : "candidates.spot",
      { name: nameOf(spot), was: clockwise(spot.was_s), now: spot.now_s === null ? "" : clockwise(spot.now_s) })).join(ui.texts.lang() === "en" ? ", " : "、");
    const told = spots.length > 2 ? t("candidates.spots", { spots: names, n: spots.length }) : names;
    return t("candidates.uncovers", { spots: told });
  }

  /** How long it takes; without a road graph how far it is, which is not a time. @param {{travel_s: number|null, distance_m: number|null}} candidate */
  function reach({ travel_s, distance_m }) {
    if (travel_s !== null && travel_s !== undefined) return ui.format.clockwise(travel_s);
    return distance_m === null || distance_m === undefined ? "—" : ui.format.distance(distance_m);
  }

  /** The candidates as they are listed: who is sent already, the first, the others that could go, those that should not.
   *  @param {Candidate[]} all @param {string|null} first */
  function grouped(all, first) {
    const ranked = all.filter((one) => one.rank !== null && one.rank !== undefined), rest = all.filter((one) => !ranked.includes(one));
    const isSent = (/** @type {Candidate} */ one) => one.against?.[0]?.code === "sent";
    return {
      sent: rest.filter(isSent), first: ranked.find((one) => one.unit_id === first) ?? null,
      others: ranked.filter((one) => one.unit_id !== first), refused: rest.filter((one) => !isSent(one)),
    };
  }

  /** Those that the list leaves out, by why, most first: as many of each refusal as are not shown, and who is farther.
   *  @param {{candidates: Candidate[], more: number, refused: Record<string, number>}} body @returns {[string, number][]} */
  function leftOut({ candidates, more, refused }) {
    const left = new Map(Object.entries(refused ?? {}));
    for (const one of candidates) {
      const code = one.rank ? "" : one.against[0]?.code;
      if (code) left.set(code, (left.get(code) ?? 0) - 1);
    }
    const told = [...left].filter(([, n]) => n > 0);
    const farther = more - told.reduce((sum, [, n]) => sum + n, 0);
    return [...told, ...(farther > 0 ? [/** @type {[string, number]} */ (["farther", farther])] : [])].sort((a, b) => b[1] - a[1]);
  }

  ui.reasons = { said, line, cost, reach, grouped, leftOut, nameOf };
})();
