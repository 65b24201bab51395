// The response strip: today's share within the target by class of place, beside the seven days before, and the causes
// of what took too long. Small numbers are told as they are; what cannot be told is said in words.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const FEW = 10;
  /** @typedef {{n: number, missing: number, p50: number|null, within: number, breaches: number, causes: [string, number][]}} Figures */
  /** @typedef {{class: string, target_s: number, today: Figures, week: Figures, verdict: string|null}} Tile */

  /** A share in per cent, 100 only of all; of a few as k/n, of none nothing. @param {number} within @param {number} n */
  function share(within, n) {
    if (!n) return "–";
    if (n < FEW) return ui.texts.t("response.of", { k: within, n });
    return within === n ? "100%" : `${Math.min(99.9, (100 * within) / n).toFixed(1)}%`;
  }

  /** A target: whole minutes with one stroke, else seconds with two. @param {number} seconds */
  const target = (seconds) => (seconds % 60 ? ui.texts.t("response.seconds", { n: seconds }) : ui.texts.t("response.minutes", { n: seconds / 60 }));

  /** Causes of all classes together, most frequent first. @param {Tile[]} tiles @returns {[string, number][]} */
  function causes(tiles) {
    /** @type {Map<string, number>} */
    const sums = new Map();
    for (const { today } of tiles) for (const [cause, n] of today.causes) sums.set(cause, (sums.get(cause) ?? 0) + n);
    return [...sums].sort((a, b) => b[1] - a[1]);
  }

  /** Why there are no tiles; "" where there are. @param {any} body */
  function why(body) {
    if (body.lacks.length) return ui.texts.t(`response.lacks.${body.lacks[0]}`);
    return body.past === "ready" ? "" : ui.texts.t(`response.${body.past}`);
  }

  function makeTile() {
    const { make } = ui.dom, element = make("div", "response-tile");
    element.append(make("span", "response-name"), make("span", "response-share"), make("span", "response-median"),
      make("span", "response-counted"), make("span", "response-missing"), make("span", "response-week"));
    return element;
  }

  /** @param {HTMLElement} element @param {Tile} tile */
  function fillTile(element, tile) {
    const { part, text, attribute } = ui.dom, { t } = ui.texts, { count } = ui.format, { today, week } = tile;
    text(part(element, ".response-name"), t(`response.${tile.class}`, { target: target(tile.target_s) }));
    text(part(element, ".response-share"), share(today.within, today.n));
    text(part(element, ".response-median"), today.p50 === null ? t("response.none") : t("response.median", { time: ui.format.clockwise(today.p50) }));
    text(part(element, ".response-counted"), t("response.counted", { n: count(today.n) }));
    text(part(element, ".response-missing"), today.missing ? t("response.missing", { n: count(today.missing) }) : "");
    text(part(element, ".response-week"), t("response.week", { share: share(week.within, week.n) }));
    attribute(element, "data-verdict", tile.verdict);
    attribute(element, "title", t("response.tile", { k: today.within, n: today.n, missing: today.missing, week_k: week.within, week_n: week.n }));
  }

  /** @param {HTMLElement} root @param {Tile[]} tiles */
  function fillCauses(root, tiles) {
    const { part, text, list, make, property, attribute } = ui.dom, { t } = ui.texts, { count } = ui.format;
    const found = causes(tiles), all = found.reduce((sum, [, n]) => sum + n, 0);
    const main = found.length ? t("response.cause", { cause: t(`cause.${found[0][0]}`), n: count(found[0][1]) }) : "";
    text(part(root, ".causes-said"), all ? `${t("response.breaches", { n: count(all) })} · ${main}` : t("response.kept"));
    attribute(part(root, ".causes"), "title", found.map(([cause, n]) => `${t(`cause.${cause}`)} ${count(n)}`).join(" · ") || null);
    list(part(root, ".causes-bar"), found, (/** @type {[string, number]} */ [cause]) => cause, () => make("i"), (/** @type {HTMLElement} */ piece, /** @type {[string, number]} */ [, n]) =>
      property(piece, "--share", (n / all).toFixed(4)));
  }

  let stood = "";

  /** @param {HTMLElement} root */
  function render(root) {
    const body = ui.body("response"), { part, show, titled } = ui.dom;
    if (!body) return;
    const said = why(body), off = body.past === "off" || ui.lacks("incident"), told = !said && !off;
    show(root, !off);
    titled(part(root, ".head-note"), told ? ui.texts.t("response.note") : "");
    titled(part(root, ".response-said"), said);
    show(part(root, ".response-said"), Boolean(said));
    show(part(root, ".response-tiles"), told);
    const breaches = told && body.classes.some((/** @type {Tile} */ tile) => tile.today.n);
    show(part(root, ".causes"), breaches);
    if (told) {
      ui.dom.list(part(root, ".response-tiles"), body.classes, (/** @type {Tile} */ tile) => tile.class, makeTile, fillTile);
      if (breaches) fillCauses(root, body.classes);
    }
    const stands = `${off} ${told} ${breaches}`;
    if (stands === stood) return;
    stood = stands;
    ui.placeSoon(); // its natural height is another
  }

  (ui.panels ??= []).push({ id: "response", docs: ["response", "clock"], render });
  ui.response = { share, causes };
})();
