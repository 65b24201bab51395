"""The row of key figures: the total beside all its comparators, what is counted apart, response, quiet zones."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analytics.figures.parts import Spread
from analytics.figures.request import ComparatorId
from analytics.figures.result import Against
from briefings.said import named
from components.statistics.compared import change_of, share_change_of
from components.statistics.frame import Block, Drawn, Sight, marks, nothing, without

APART = ("exercise", "invalid", "diverted")
ALL_CLASSES, ARRIVAL = "", "response"
PREVIOUS: ComparatorId = "previous"


def draw_total(sight: Sight) -> Drawn:
    """The count, and each comparator's count with the change and whether it is noise."""
    words, report = sight.words, sight.report
    total, kind = report.total, report.period.kind
    lines = [
        html.Li(
            [
                html.Span(words(named(one.id, kind)), className="against-name"),
                html.Span(words.mean(_value(total.against.get(one.id))), className="against-count"),
                change_of(words, total.against.get(one.id)),
                *([html.Span(words("vs.lunar"), className="mark")] if one.aligned == "lunar" else []),
            ]
        )
        for one in report.comparators
    ]
    days = ((report.period.reached - report.period.first).days + 1) * report.data.recorded
    whole = report.period.complete and days > 1
    mean = words("mean.day", n=words.mean(round((total.value or 0) / days, 1))) if whole else ""
    shown = words.number(total.value) if report.data.recorded else "—"  # nothing recorded is not none
    per_day = any(one.per_day for one in total.against.values())
    body: list[Component] = [
        html.Div([html.Span(shown, className="big"), html.Span(mean, className="big-note")],
                 className="total"),
        html.Ul(lines, className="againsts"),
    ]  # fmt: skip
    return {**_drawn(TOTAL, sight, body), "total-note.children": words("total.perday") if per_day else ""}


def draw_apart(sight: Sight) -> Drawn:
    """Exercises, invalid and diverted incidents, which no other figure counts."""
    words = sight.words
    rows = [
        html.Div([html.Dt(words(f"kind.{kind}")), html.Dd(words.number(figure.value))])
        for kind in APART
        if (figure := sight.report.apart.get(kind))
    ]
    return _drawn(APARTS, sight, [html.Dl(rows, className="apart")])


def draw_arrival(sight: Sight) -> Drawn:
    """The share of all arrivals within the target of their place class."""
    words = sight.words
    spread = arrival(sight)
    if spread is None or spread.lacks:
        return {**_drawn(ARRIVALS, sight, [without(sight, ARRIVALS, "response.none")]), "arrival-marks.children": []}
    facts = [f"P90 {words.took(spread.p90)}", f"n {words.number(spread.n)}"]
    if spread.missing:
        facts.append(f"{words('response.missing')} {words.number(spread.missing)}")
    main = sight.view.main if sight.view.main in spread.against else PREVIOUS  # of means there is no such test
    named_change = [html.Span(words(named(main, sight.report.period.kind, short=True)), className="against-name"),
                    share_change_of(words, spread.against.get(main))]  # fmt: skip
    body = [
        html.Span(words.share(spread.share_in_target), className="big"),
        html.P(named_change, className="big-change"),
        html.P(" · ".join(facts), className="big-note"),
    ]
    return _drawn(ARRIVALS, sight, body)


def draw_calm(sight: Sight) -> Drawn:
    """The share of zones without an incident."""
    words, quiet = sight.words, sight.report.quiet
    if quiet is None or quiet.share is None:
        return _drawn(CALM, sight, [nothing(words, "quiet.nozones")])
    told = words(f"quiet.of.{quiet.by}", n=words.number(quiet.quiet), all=words.number(quiet.known))
    body = [html.Span(words.share(quiet.share), className="big"), html.P(told, className="big-note")]
    return _drawn(CALM, sight, body)


def arrival(sight: Sight) -> Spread | None:
    """From call to arrival, over all place classes."""
    response = sight.report.response
    wanted = (ARRIVAL, ALL_CLASSES)
    return next((s for s in response.intervals if (s.interval, s.place_class) == wanted), None) if response else None


def _value(against: Against | None) -> float | None:
    return against.value if against else None


def _drawn(block: Block, sight: Sight, body: list[Component]) -> Drawn:
    return {
        f"{block.name}-note.children": "",
        f"{block.name}-body.children": body,
        f"{block.name}-marks.children": marks(sight, block),
    }


TOTAL = Block("total", "total.title", "total", draw_total)
APARTS = Block("apart", "total.apart", "apart", draw_apart)
ARRIVALS = Block("arrival", "arrival.title", "response", draw_arrival)
CALM = Block("calm", "quiet.title", "quiet", draw_calm)
