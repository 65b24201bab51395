"""Response: arrivals by place class against their targets, every interval, and what caused the breaches."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analytics.figures.parts import Breach, Spread
from components.statistics.frame import Block, Drawn, Sight, lacking, marks, nothing, pressed, toggles, without
from components.statistics.words import Words

WITHIN_S = (60, 180, 300)
ARRIVAL, ALL_CLASSES = "response", ""
CAUSES = ("answering", "dispatch", "turnout", "travel", "unknown")


def draw(sight: Sight) -> Drawn:
    """The arrivals by place class; below them all intervals of all classes."""
    words, response = sight.words, sight.report.response
    spreads = response.intervals if response else []
    arrivals = [one for one in spreads if one.interval == ARRIVAL and one.place_class != ALL_CLASSES]
    steps = [one for one in spreads if one.place_class == ALL_CLASSES]
    body: list[Component] = []
    if arrivals:
        body.append(_table(sight, "response.class", arrivals, [_class_name(sight, one) for one in arrivals]))
    if steps:
        names: list[Component | str] = [words(f"interval.{one.interval}") for one in steps]
        body.append(_table(sight, "response.interval", steps, names))
    return {
        "response-note.children": words("response.note"),
        "response-body.children": body or nothing(words, "response.none"),
        "response-marks.children": marks(sight, RESPONSE),
    }


def draw_breaches(sight: Sight) -> Drawn:
    """For each place class a bar of its breaches by the interval that caused them."""
    words, response = sight.words, sight.report.response
    breaches = [one for one in (response.breaches if response else []) if one.n]
    classes = list(dict.fromkeys(one.place_class for one in breaches))
    bars = [_causes(sight, code, [one for one in breaches if one.place_class == code]) for code in classes]
    told = "response.nobreach" if response and any(one.n for one in response.intervals) else "response.none"
    legend = html.Ul(
        [html.Li(words(f"interval.{cause}"), **{"data-cause": cause}) for cause in CAUSES], className="causes-legend"
    )
    total = sum(one.n for one in breaches)
    return {
        "breaches-note.children": words("response.breaches", n=words.number(total)) if total else "",
        "breaches-body.children": [*bars, legend] if bars else without(sight, BREACHES, told),
        "breaches-marks.children": marks(sight, BREACHES) if bars else [],
    }


def _table(sight: Sight, first: str, spreads: Sequence[Spread], names: Sequence[Component | str]) -> html.Table:
    words = sight.words
    heads = [words(first), words("response.share"), "n", words("response.missing"), "P50", "P90", "P95"]
    heads += [words("response.within", n=seconds // 60) for seconds in WITHIN_S]
    rows = [_line(words, spread, name) for spread, name in zip(spreads, names, strict=True)]
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in heads]))
    return html.Table([head, html.Tbody(rows)], className="spreads")


def _line(words: Words, spread: Spread, name: Component | str) -> html.Tr:
    if spread.lacks:
        lacks = html.Td(lacking(words, spread.lacks), colSpan=9, className="lacks")
        return html.Tr([html.Th(name, scope="row"), lacks], **{"data-lacks": "true"})
    share = spread.share_in_target
    target = words("response.target", n=f"{spread.target_s / 60:g}") if spread.target_s else ""
    shown = html.Span(words.share(share) if share is not None else "", className="share", title=target)
    within = [_share_of(words, spread.within.get(seconds), spread.n) for seconds in WITHIN_S]
    cells: list[Component | str] = [
        shown, words.number(spread.n), words.number(spread.missing) if spread.missing else "",
        words.took(spread.p50), words.took(spread.p90), words.took(spread.p95), *within,
    ]  # fmt: skip
    return html.Tr([html.Th(name, scope="row"), *(html.Td(cell) for cell in cells)])


def _class_name(sight: Sight, spread: Spread) -> html.Button:
    code = spread.place_class
    facts = {**toggles("place_class", code), "aria-pressed": pressed(code in sight.view.place_class)}
    target = sight.words.number(spread.target_s / 60) + "′" if spread.target_s else ""
    parts = [html.Span(sight.words.name("place_class", code)), html.Span(target, className="target")]
    return html.Button(parts, className="class-name", type="button", **facts)


def _share_of(words: Words, part: int | None, n: int) -> str:
    return words.share(part / n) if part is not None and n else "—"


def _causes(sight: Sight, code: str, breaches: Sequence[Breach]) -> html.Div:
    words = sight.words
    by_cause = {one.cause: one.n for one in breaches}
    total = sum(by_cause.values())
    main = max(by_cause, key=lambda cause: (by_cause[cause], -CAUSES.index(cause) if cause in CAUSES else 0))
    parts = []
    for cause in CAUSES:
        if n := by_cause.get(cause, 0):
            told = f"{words(f'interval.{cause}')} {words.number(n)} · {words.share(n / total)}"
            parts.append(html.Span(className="cause", title=told, style={"flexGrow": n}, **{"data-cause": cause}))
    said = f"{words(f'interval.{main}')} {words.share(by_cause[main] / total)}"
    head = [
        html.Span(words.name("place_class", code), className="cause-class"),
        html.Span(words("response.breaches", n=words.number(total)), className="cause-count"),
        html.Span(said, className="cause-main"),
    ]
    return html.Div(
        [html.Div(head, className="cause-head"), html.Div(parts, className="cause-bar", role="img")], className="causes"
    )


RESPONSE = Block("response", "response.title", "response", draw)
BREACHES = Block("breaches", "response.causes", "breaches", draw_breaches)
