"""Incidents by day with control limits; days with a feed gap are hatched and judge nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import dcc, html

from analytics.figures.result import Point
from components.statistics import template
from components.statistics.frame import Block, Drawn, Sight, marks, told
from components.statistics.words import Words

CHART = "trend-chart"
MANY_DAYS = 100
FROM_ZERO = 0.5  # of the highest: lines that all lie above it need no zero


def body() -> html.Div:
    """The chart; what is out of its limits is also a list, for those who do not see it."""
    chart = dcc.Graph(id=CHART, figure=template.blank(), config=template.CONFIG, className="chart")
    return html.Div([chart, html.Ol(id="trend-body", className="for-readers")], className="block-body")


def draw(sight: Sight) -> Drawn:
    """Chart, note and list."""
    words, points, limits = sight.words, sight.report.trend, sight.report.limits
    out = [point for point in points if point.verdict in ("above", "below") and not point.lead]
    return {
        "trend-note.children": words("trend.note", days=limits.days) if limits.days else words("trend.nolimits"),
        "trend-marks.children": marks(sight, BLOCK),
        "trend-body.children": [html.Li(_told(point, words).replace("<br>", ", ")) for point in out],
        f"{told(CHART)}.data": chart(points, words),
    }


def chart(points: list[Point], words: Words) -> dict[str, Any]:
    """The period's days as a line with points where a limit is passed; the days before it are pale."""
    x = [point.date.isoformat() for point in points]
    line: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip"}
    traces = [
        {**line, **_band(points), "line": {"width": 0}, "fill": "toself", "fillcolor": template.BAND},
        {**line, "y": [point.mean for point in points],
         "line": {"width": 1.2, "dash": "dot", "color": template.INK_FAINT, "shape": "hvh"}},
        {**line, "y": _kept(points, lead=True), "line": {"width": 1.5, "color": template.INK_FAINT}},
        {**line, "y": _kept(points, lead=False), "mode": "lines+markers",
         "line": {"width": 2, "color": template.INK_BRIGHT}, "marker": {"size": 4, "color": template.INK_BRIGHT}},
        _marked(line, points, "above", {"symbol": "triangle-up", "color": template.YELLOW}),
        _marked(line, points, "below", {"symbol": "triangle-down", "color": template.CALM}),
        {**line, "y": [point.n if point.partial else None for point in points], "mode": "markers",
         "marker": {"size": 8, "color": template.PANEL, "line": {"width": 2, "color": template.CALM}}},
        {**line, "y": [point.n or None if point.gap else None for point in points], "mode": "markers",
         "marker": {"size": 6, "symbol": "circle-open", "color": template.INK_FAINT}},
        {  # days of a gap, over the whole height
            "type": "bar", "x": x, "y": [1 if point.gap else None for point in points], "yaxis": "y2",
            "marker": {"color": "rgba(0,0,0,0)", "line": {"width": 0},
                       "pattern": {"shape": "/", "fgcolor": template.INK_FAINT, "size": 8, "solidity": 0.18}},
            "hoverinfo": "skip",
        },
        {  # the whole height of a day answers to the pointer
            "type": "bar", "x": x, "y": [1] * len(points), "yaxis": "y2", "marker": {"opacity": 0},
            "customdata": [f"set:period=day&date={day}&key=" for day in x],
            "hovertext": [_told(point, words) for point in points], "hoverinfo": "text",
        },
    ]  # fmt: skip
    return template.figure(
        traces, barmode="overlay", bargap=0,
        xaxis={"type": "date", "tickformat": _ticks(points, words), "nticks": 12},
        yaxis={"rangemode": _ground(points)},
        yaxis2={"overlaying": "y", "visible": False, "range": [0, 1], "fixedrange": True},
    )  # fmt: skip


def _band(points: list[Point]) -> dict[str, list[Any]]:
    """Between the limits, each day as wide as a day; days without limits (a gap) break it."""
    x: list[Any] = []
    y: list[Any] = []
    for run in template.runs([point.low for point in points]):
        edges = [(point.date + timedelta(days=at), point) for point in points[run] for at in (0, 1)]
        outline = [(day, point.high) for day, point in edges] + [(day, point.low) for day, point in reversed(edges)]
        x += [f"{day - timedelta(days=1)} 12:00" for day, _ in outline] + [None]
        y += [value for _, value in outline] + [None]
    return {"x": x, "y": y}


def _ground(points: list[Point]) -> str:
    """Limits are read as distances from the counts: from zero only where that leaves them room."""
    values = [value for point in points for value in (point.n, point.low, point.high) if value is not None]
    return "normal" if values and min(values) > FROM_ZERO * max(values) else "tozero"


def _ticks(points: list[Point], words: Words) -> str:
    if len(points) >= MANY_DAYS:
        return "%Y-%m"
    return "%-m/%-d" if words.lang == "zh" else "%-d %b"


def _kept(points: list[Point], lead: bool) -> list[int | None]:
    """The counts of the lead or of the period, joined where one ends and the other begins; none of unfinished days and
    of days with a gap: what was not recorded is no fall."""
    joint = max((at for at, point in enumerate(points) if point.lead), default=-1) + 1
    return [
        None if point.partial or point.gap or (point.lead != lead and not (lead and at == joint)) else point.n
        for at, point in enumerate(points)
    ]


def _marked(line: dict[str, Any], points: list[Point], verdict: str, marker: dict[str, Any]) -> dict[str, Any]:
    shown = [point.n if point.verdict == verdict else None for point in points]
    return {**line, "mode": "markers", "y": shown, "marker": {"size": 11, **marker}}


def _told(point: Point, words: Words) -> str:
    lines = [f"<b>{words.day(point.date)} {words.weekday(point.date)}</b>  {words.number(point.n)}"]
    if point.low is not None and point.high is not None:
        lines.append(f"{words('trend.limits')}  {words.mean(point.low)}–{words.mean(point.high)}")
    if point.verdict in ("above", "below"):
        lines.append(words(f"verdict.{point.verdict}"))
    if point.partial:
        lines.append(words("period.sofar.short"))
    if point.gap:
        lines.append(words("trend.gap"))
    return "<br>".join(lines)


BLOCK = Block("trend", "trend.title", "trend", draw, body, charts=(CHART,))
