"""Weekday × hour: when incidents happen. Every cell, every weekday and every hour filters the page."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analytics.figures.result import Rhythm
from components.statistics.frame import Block, Drawn, Sight, marks, nothing, pressed, sets, toggles

LEVELS = 7  # shades, beside none
WRITTEN_BELOW = 1000  # larger counts have no room in a cell; the pointer tells them
HOURS, WEEKDAYS = range(24), range(1, 8)


def draw(sight: Sight) -> Drawn:
    """The matrix as rows of buttons; shades go by incidents per day of that weekday, figures are counts."""
    rhythm = sight.report.rhythm
    digits = str(len(str(max(map(max, rhythm.counts))))) if rhythm else ""
    if rhythm is None or not any(map(sum, rhythm.counts)):
        body: list[Component] = [nothing(sight.words, "page.empty")]
    else:
        most = max((mean or 0.0 for row in rhythm.mean for mean in row), default=0.0)
        body = [_row(sight, rhythm, weekday, most) for weekday in WEEKDAYS]
        body.append(html.Div([html.Span(), *(_hour(hour) for hour in HOURS)], className="rhythm-row rhythm-hours"))
    return {
        "rhythm-note.children": sight.words("rhythm.note"),
        "rhythm-body.children": html.Div(body, className="rhythm", **{"data-roves": "24", "data-digits": digits}),
        "rhythm-marks.children": marks(sight, BLOCK),
    }


def level(mean: float | None, most: float) -> int:
    """The shade of a cell: 0 for nothing, else 1 to LEVELS in equal steps of the largest."""
    if not mean or most <= 0:
        return 0
    return max(1, min(LEVELS, round(mean / most * LEVELS)))


def _row(sight: Sight, rhythm: Rhythm, weekday: int, most: float) -> html.Div:
    words, view = sight.words, sight.view
    counts, means = rhythm.counts[weekday - 1], rhythm.mean[weekday - 1]
    name = words(f"weekday.{weekday}")
    is_written = max(map(max, rhythm.counts)) < WRITTEN_BELOW
    head = html.Button(
        name, className="rhythm-day", type="button",
        **toggles("weekday", weekday), **{"aria-pressed": pressed(weekday in view.weekday)},
    )  # fmt: skip
    cells = []
    for hour in HOURS:
        count, mean = counts[hour], means[hour]
        told = words("rhythm.cell", day=name, hour=words.name("hour", hour), n=words.number(count))
        if mean is not None and rhythm.days[weekday - 1] > 1:
            told += f" · {words('mean.day', n=words.mean(round(mean, 1)))}"
        chosen = hour in view.hour and weekday in view.weekday
        facts = {**sets(weekday=weekday, hour=hour), "data-level": str(level(mean, most)),
                 "aria-pressed": pressed(chosen), "aria-label": told}  # fmt: skip
        if mean is None:
            facts["data-level"] = "none"
        shown = str(count) if count and is_written else ""
        cells.append(html.Button(shown, className="rhythm-cell", type="button", title=told, tabIndex=-1, **facts))
    cells[0].tabIndex = 0
    return html.Div([head, *cells], className="rhythm-row")


def _hour(hour: int) -> html.Span:
    return html.Span(f"{hour:02d}" if hour % 2 == 0 else "", **{"aria-hidden": "true"})


BLOCK = Block("rhythm", "rhythm.title", "rhythm", draw)
"""Its cells are reached with the arrow keys: 168 stops of the tabulator key would be a wall."""
