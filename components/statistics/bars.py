"""Counts by one kind as rows: name, bar, count and how it compares. Every row filters the page. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analytics.figures.request import ComparatorId, Grouping
from analytics.figures.result import Row
from briefings.said import judged, named
from components.statistics.compared import change_of
from components.statistics.frame import Block, Drawn, Sight, marks, pressed, sets, toggles, without

PARAMETER = {"branch": "scope", "station": "scope"}  # where a click on a row goes, if not to the filter of its kind


def drawn(sight: Sight, block: Block, by: Grouping, *, ranked: bool = False) -> Drawn:
    """The rows, the note and the marks of a block that counts by ``by``."""
    words, rows = sight.words, sight.beside.get(by) or sight.report.by.get(by, [])
    main = sight.view.main
    note = words("bars.note", vs=words.inside(words(named(main, sight.report.period.kind))))
    counted = [row for row in rows if row.value or any(one.value for one in row.against.values())]
    if any(one.per_day for row in counted if (one := row.against.get(main))):
        note += f" · {words('vs.perday')}"
    body = listed(sight, counted, by, ranked) if counted else without(sight, block, "bars.none")
    return {
        f"{block.name}-note.children": note if counted else "",
        f"{block.name}-body.children": body,
        f"{block.name}-marks.children": [*_gaps(sight, main), *marks(sight, block)] if counted else [],
    }


def _gaps(sight: Sight, main: ComparatorId) -> list[Component]:
    """That the comparison rests on a period with a gap, told once a block."""
    against = sight.report.total.against.get(main)
    if against is None or not against.gaps:
        return []
    return [html.Span(sight.words("vs.gap"), className="mark mark-gap", title=sight.words("vs.gap.title"))]


def listed(sight: Sight, rows: Sequence[Row], by: Grouping, ranked: bool = False) -> html.Ol:
    """The rows in the report's own order, which is stable."""
    most = max((row.value for row in rows), default=0) or 1
    return html.Ol([_row(sight, row, by, most, ranked) for row in rows], className="bars", role="list")


def _row(sight: Sight, row: Row, by: Grouping, most: int, ranked: bool) -> html.Li:
    words = sight.words
    name = (row.name_en if words.lang == "en" else row.name_zh) or words.name(by, row.key)
    parameter = PARAMETER.get(by, by)
    chosen = row.key in sight.view.chosen(parameter) if parameter != "scope" else row.key == sight.view.scope
    rank: list[Component] = [html.Span(str(row.rank), className="bar-rank")] if ranked else []
    against = row.against.get(sight.view.main)
    change = judged(against) if against else None
    parts = [
        *rank,
        html.Span(name, className="bar-name", title=name),
        html.Span(className="bar", style={"--share": f"{row.value / most:.4f}"}, **{"aria-hidden": "true"}),
        html.Span(words.number(row.value), className="bar-count", title=words.share(row.share)),
        change_of(words, against, brief=True),
    ]
    go = sets(scope=row.key) if parameter == "scope" else toggles(parameter, row.key)
    facts = {"aria-pressed": pressed(chosen), "data-verdict": change.verdict if change else "none", **go}
    return html.Li(html.Button(parts, className="bar-row", type="button", **facts))
