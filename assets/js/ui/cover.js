// Which key spots are in reach of their target now: a panel with the figure, the gaps and the best move; in the drawer
// all of it; on the map the gaps and the moves.
(() => {
  "use strict";
  const wallboard = (globalThis.wallboard ??= {});
  const ui = (wallboard.ui ??= {});

  const NAMED = 3, FEW_NAMED = 1; // gaps by name in the panel, and where it is narrow
  /**
   * @typedef {{id: string, kind: string, name_zh: string, name_en: string, lat: number, lon: number, target_s: number, unit_id: string|null,
   *   callsign: string|null, travel_s: number|null, margin_s: number|null, distance_m?: number|null}} Spot
   * @typedef {{unit_id: string, callsign: string, lat: number, lon: number, to: {id: string, name_zh: string, name_en: string, lat: number, lon: number},
   *   travel_s: number, mends: string[], opens: string[]}} Move
   */

  const isGap = (/** @type {Spot} */ spot) => spot.margin_s === null || spot.margin_s < 0;
  /** What is not in reach, the farthest from it first; those that nobody reaches on top. @param {Spot[]} spots */
  const gaps = (spots) => spots.filter(isGap).sort((a, b) => (a.margin_s ?? -Infinity) - (b.margin_s ?? -Infinity) || (a.id < b.id ? -1 : 1));
  const covered = (/** @type {Spot[]} */ spots) => spots.filter((spot) => !isGap(spot)).sort((a, b) => (a.margin_s ?? 0) - (b.margin_s ?? 0));

  const joined = (/** @type {string[]} */ names) => names.join(ui.texts.lang() === "en" ? ", " : "、");
  /** So many names, and how many more. @param {string[]} names @param {number} most */
  function some(names, most) {
    const rest = names.length - most;
    return rest > 0 ? ui.texts.t("cover.gaps.more", { spots: joined(names.slice(0, most)), n: ui.texts.lang() === "en" ? rest : names.length }) : joined(names);
  }

  /** What the moves come to, in one line. @param {{moves: Move[], unmendable: string[]}} body */
  function movesSaid(body) {
    const { t } = ui.texts, [best] = body.moves;
    const left = body.unmendable.length ? t("cover.unmendable", { n: body.unmendable.length }) : "";
    if (!best) return left;
    const all = body.moves.reduce((sum, move) => sum + move.mends.length, 0);
    const said = body.moves.length === 1 ? t("cover.move", { unit: best.callsign, n: best.mends.length })
      : t("cover.moves", { moves: body.moves.length, n: all });
    return [said, left].filter(Boolean).join(" · ");
  }

  /** the panel's height in px */
  let stood = -1;

  const isNarrow = () => ["mid", "narrow"].includes(document.getElementById(ui.ids.WALL)?.dataset.columns ?? "");
  const straight = (/** @type {any} */ body) => body.basis === "straight";

  /** @param {HTMLElement} root */
  function render(root) {
    const body = ui.body("cover"), { part, text, titled, show, attribute } = ui.dom, { t } = ui.texts;
    const off = !body || body.state === "off" || !body.total;
    if (root.hidden !== off) {
      // no key spots in this city or scope: no room for nothing
      show(root, !off);
      ui.placeSoon();
    }
    if (off) return;
    const open = gaps(body.spots), weak = straight(body) || body.covered === null;
    titled(part(root, ".head-note"), t(weak ? "cover.straight" : "cover.note"));
    text(part(root, ".figure-big"), weak ? "—" : ui.format.count(body.covered));
    text(part(root, ".cover-of"), t("cover.of", { n: ui.format.count(body.total) }));
    const names = open.map(ui.reasons.nameOf);
    titled(part(root, ".cover-gaps"), weak ? t("basis.straight") : open.length ? t("cover.gaps", { spots: some(names, isNarrow() ? FEW_NAMED : NAMED) }) : t("cover.full"));
    attribute(part(root, ".cover-gaps"), "data-gap", open.length && !weak ? "" : null);
    titled(part(root, ".cover-moves"), weak ? "" : movesSaid(body));
    const stands = root.offsetHeight;
    if (stands === stood) return;
    stood = stands;
    ui.placeSoon(); // its natural height is another
  }

  /** @param {string} name @param {string} time @param {string} below @param {string} [look] */
  const line = (name, time, below, look = "") => ({ name, time, below, look });

  /** A row of two lines: a name and a figure, and what is said of them. @param {string} key @param {ReturnType<typeof line>} said @param {() => void} go */
  function row(key, said, go) {
    return {
      key,
      make() {
        const { make } = ui.dom, element = make("div", "spot"), first = make("div", "spot-first");
        element.tabIndex = 0;
        element.setAttribute("role", "button");
        first.append(make("b", "spot-name"), make("span", "spot-time"));
        element.append(first, make("p", "spot-below"));
        const lead = () => targets.get(element)?.();
        element.addEventListener("click", lead);
        element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Enter") lead();
        });
        return element;
      },
      update(/** @type {HTMLElement} */ element) {
        const { part, titled, text, attribute } = ui.dom;
        titled(part(element, ".spot-name"), said.name);
        text(part(element, ".spot-time"), said.time);
        titled(part(element, ".spot-below"), said.below);
        attribute(element, "data-look", said.look || null);
        targets.set(element, go);
      },
    };
  }
  /** where a row leads: rows are kept while what they say changes @type {WeakMap<Element, () => void>} */
  const targets = new WeakMap();
  ui.drawerRow = row;

  /** @param {Spot} spot */
  function spotRow(spot) {
    const { t } = ui.texts, { clockwise, distance } = ui.format, gap = isGap(spot);
    const name = ui.reasons.nameOf(spot), target = t("candidates.target", { time: clockwise(spot.target_s) });
    const time = spot.travel_s !== null ? clockwise(spot.travel_s) : spot.distance_m ? distance(spot.distance_m) : "—";
    const margin = spot.margin_s === null ? "" : t(gap ? "cover.late" : "cover.margin", { time: clockwise(Math.abs(spot.margin_s)) });
    return row(`spot ${spot.id}`, line(name, time, [spot.callsign ?? t("cover.nobody"), target, margin].filter(Boolean).join(" · "), gap ? "gap" : ""),
      () => ui.drawer.flyTo(spot.lat, spot.lon));
  }

  /** @param {Move} move @param {Map<string, Spot>} byId */
  function moveRow(move, byId) {
    const { t } = ui.texts, names = (/** @type {string[]} */ ids) => joined(ids.map((id) => (byId.has(id) ? ui.reasons.nameOf(/** @type {Spot} */ (byId.get(id))) : id)));
    const others = move.mends.length === 1 && move.mends[0] === move.to.id ? [] : move.mends; // where it goes is said above
    const below = [others.length ? t("cover.mends", { spots: names(others) }) : "", move.opens.length ? t("cover.opens", { spots: names(move.opens) }) : ""];
    return row(`move ${move.unit_id}`, line(t("cover.to", { unit: move.callsign, spot: ui.reasons.nameOf(move.to) }), ui.format.clockwise(move.travel_s),
      below.filter(Boolean).join(" · "), "move"), () => ui.drawer.flyAround([[move.lat, move.lon], [move.to.lat, move.to.lon]]));
  }

  function content() {
    const body = ui.body("cover"), { t } = ui.texts, { head, note } = ui.drawer;
    if (!body || body.state !== "ready") return { items: [note("reading", t(body?.state === "off" ? "cover.none" : "drawer.busy"))] };
    if (!body.total) return { items: [note("none", t("cover.none"))] };
    const open = gaps(body.spots), held = covered(body.spots), byId = new Map(body.spots.map((/** @type {Spot} */ spot) => [spot.id, spot]));
    const { bound } = body, factor = bound ? Number(bound.factor.toFixed(2)) : 0;
    const bounded = body.moves.length > 1 && bound ? [note("bound", t(bound.at_least >= bound.moves ? "cover.bound.best" : bound.holds ? "cover.bound" : "cover.bound.loose", { least: bound.at_least, factor }))] : [];
    return {
      basis: t(`basis.${body.basis}`), weak: straight(body), data_ms: body.data_ms,
      items: [
        ...(body.moves.length ? [head("moves", t("cover.head.moves", { n: body.moves.length })), ...body.moves.map((/** @type {Move} */ move) => moveRow(move, byId)), ...bounded] : []),
        ...(open.length ? [head("gaps", t("cover.head.gaps", { n: open.length })), ...open.map(spotRow)] : []),
        ...(body.unmendable.length ? [note("left", t("cover.unmendable", { n: body.unmendable.length }))] : []),
        ...(held.length ? [head("held", t("cover.head.covered", { n: held.length })), ...held.map(spotRow)] : []),
      ],
    };
  }

  ui.gapsOnMap = () => {
    const body = ui.body("cover");
    return !body?.total || straight(body) ? [] : gaps(body.spots).map((spot) => ({ name: ui.reasons.nameOf(spot), lat: spot.lat, lon: spot.lon }));
  };

  (ui.drawerParts ??= {}).cover = {
    content,
    plan: () => ({
      gaps: ui.gapsOnMap(),
      ways: (ui.body("cover")?.moves ?? []).map((/** @type {Move} */ move) => ({ id: move.unit_id, look: "move", points: [[move.lat, move.lon], [move.to.lat, move.to.lon]] })),
    }),
    count: () => (ui.body("cover")?.total && !straight(ui.body("cover")) ? gaps(ui.body("cover").spots).length : 0),
  };

  (ui.panels ??= []).push({
    id: "cover",
    docs: ["cover", "scope"],
    /** @param {HTMLElement} root */
    start(root) {
      ui.dom.part(root, ".cover-body").addEventListener("click", () => ui.drawer?.turn("cover"));
    },
    render,
  });
  ui.cover = { gaps, covered, movesSaid };
})();
