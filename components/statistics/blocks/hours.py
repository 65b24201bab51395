"""Incidents by hour of the clock, with the middle 80 % of comparable periods behind it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from dash import dcc, html
from msgspec import structs

from analytics.figures.result import Hour
from components.statistics import template
from components.statistics.frame import Block, Drawn, Sight, marks, pressed, toggles, told
from components.statistics.words import Words

CHART = "hours-chart"
HOUR_MS = 3_600_000


def body() -> html.Div:
    """The chart, and under it the hours as buttons, which are its axis."""
    chart = dcc.Graph(id=CHART, figure=template.blank(), config=template.CONFIG, className="chart")
    return html.Div([chart, html.Div(id="hours-body", className="hours-axis")], className="block-body")


def draw(sight: Sight) -> Drawn:
    """Chart, axis and note."""
    words, band = sight.words, sight.report.band
    few = band.method == "none"
    note = words("hours.few") if few else words("hours.note", k=band.k, how=words(f"hours.{band.method}"))
    return {
        "hours-note.children": note,
        "hours-marks.children": marks(sight, BLOCK),
        "hours-body.children": [_button(sight, hour) for hour in sight.report.hours],
        f"{told(CHART)}.data": chart(recorded(sight), sight.view.hour, words),
    }


def recorded(sight: Sight) -> list[Hour]:
    """The hours; of a day, those that lie in a gap have no count: nothing recorded is not none."""
    report = sight.report
    if report.period.kind != "day":
        return report.hours
    kept = []
    for hour in report.hours:
        night = hour.hour * 60 < report.request.day_start_minute  # of the next date
        day = report.period.first + timedelta(days=int(night))
        begin_ms = datetime.combine(day, time(hour.hour), sight.zone).timestamp() * 1000
        gone = any(gap.begin_ms <= begin_ms and begin_ms + HOUR_MS <= gap.end_ms for gap in report.data.gaps)
        kept.append(structs.replace(hour, n=None) if gone else hour)
    return kept


def chart(hours: list[Hour], chosen: tuple[int, ...], words: Words) -> dict[str, Any]:
    """Band, mean and count. A count that is still growing is a hollow point; hours that have not come have none."""
    x = list(range(len(hours)))
    kept = [hour if not chosen or hour.hour in chosen else Hour(hour.hour, None) for hour in hours]  # not zero
    counts = [hour.n for hour in kept]
    counted = [n if not hour.partial else None for n, hour in zip(counts, hours, strict=True)]
    partial = [n if hour.partial else None for n, hour in zip(counts, hours, strict=True)]
    told = [_told(hour, words) for hour in hours]
    line: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip"}
    edge = {"width": 0, "shape": "spline", "smoothing": 0.6}
    traces = [
        *(
            {**line, "x": x[run], "y": [getattr(hour, side) for hour in kept[run]], "line": edge, **fill}
            for run in template.runs([hour.low for hour in kept])
            for side, fill in (("low", {}), ("high", {"fill": "tonexty", "fillcolor": template.BAND}))
        ),
        {**line, "y": [hour.mean for hour in kept],
         "line": {"width": 1.3, "dash": "dot", "color": template.INK_FAINT}},
        {
            **line, "mode": "lines+markers", "y": counted, "cliponaxis": False,
            "line": {"width": 2, "color": template.INK_BRIGHT}, "marker": {"size": 5, "color": template.INK_BRIGHT},
        },
        {
            **line, "mode": "markers", "y": partial, "cliponaxis": False,
            "marker": {"size": 8, "color": template.PANEL, "line": {"width": 2, "color": template.CALM}},
        },
        {  # the whole height of an hour answers to the pointer
            "type": "bar", "x": x, "y": [1] * len(hours), "yaxis": "y2", "width": 1, "marker": {"opacity": 0},
            "customdata": [f"toggle:hour={hour.hour}" for hour in hours], "hovertext": told, "hoverinfo": "text",
        },
    ]  # fmt: skip
    places = [place for place, hour in enumerate(hours) if hour.hour in chosen]
    traces += [_alone(place, hours[place]) for place in places]
    return template.figure(
        traces,
        margin={"l": 44, "r": 12, "t": 8, "b": 4},
        xaxis={"range": [-0.5, len(hours) - 0.5], "showticklabels": False},
        yaxis2={"overlaying": "y", "visible": False, "range": [0, 1], "fixedrange": True},
        shapes=[_column(place) for place in places],
    )


def _alone(place: int, hour: Hour) -> dict[str, Any]:
    """The band of an hour that has no neighbours: a line of its height, with its mean."""
    return {
        "type": "scatter", "mode": "lines", "x": [place, place], "y": [hour.low, hour.high], "hoverinfo": "skip",
        "line": {"width": 14, "color": template.BAND},
    }  # fmt: skip


def _column(place: int) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": place - 0.5, "x1": place + 0.5, "y0": 0, "y1": 1,
        "layer": "below", "fillcolor": template.CALM, "opacity": 0.16, "line": {"width": 0},
    }  # fmt: skip


def _told(hour: Hour, words: Words) -> str:
    lines = [f"<b>{words.name('hour', hour.hour)}</b>  {words.number(hour.n)}"]
    if hour.partial:
        lines.append(words("hours.partial"))
    if hour.low is not None and hour.high is not None:
        lines.append(f"{words('hours.band')}  {words.mean(hour.low)}–{words.mean(hour.high)}")
    if hour.mean is not None:
        lines.append(f"{words('hours.mean')}  {words.mean(hour.mean)}")
    return "<br>".join(lines)


def _button(sight: Sight, hour: Hour) -> html.Button:
    words = sight.words
    told = f"{words.name('hour', hour.hour)} {words.number(hour.n)}"
    is_chosen = pressed(hour.hour in sight.view.hour)
    facts = {**toggles("hour", hour.hour), "aria-pressed": is_chosen, "aria-label": told}
    return html.Button(f"{hour.hour:02d}", className="hour", type="button", title=told, **facts)


BLOCK = Block("hours", "hours.title", "hours", draw, body, charts=(CHART,))
