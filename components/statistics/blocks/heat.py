"""Where incidents are: H3 cells on a plain map of the jurisdictions, hot spots outlined. No tile server, no basemap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import dcc, html

from analytics.figures.parts import Heat, HeatCell
from briefings.shades import classes
from components.statistics import template
from components.statistics.frame import Block, Drawn, Outline, Sight, marks, nothing, told
from components.statistics.ground import Line, centre, frame_of, hexagon, middle, plane_of
from components.statistics.words import Words

CHART = "heat-chart"
SHADES = (0.16, 0.28, 0.42, 0.58, 0.78)
HEAT = "190, 138, 92"  # as on the wall: assets/css/figures.css
LINES = {"city": (1.4, template.INK_FAINT), "branch": (1.2, "#41556a"), "station": (0.6, "#263443")}
CONFIG = {
    **template.CONFIG, "displayModeBar": True, "doubleClick": "reset",
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d"]],
}  # fmt: skip


def body() -> html.Div:
    """The map, and its legend below."""
    chart = dcc.Graph(id=CHART, figure=template.blank(), config=CONFIG, className="chart")
    return html.Div([chart, html.Div(id="heat-body", className="heat-foot")], className="block-body")


def draw(sight: Sight) -> Drawn:
    """Map and legend."""
    words, heat = sight.words, sight.report.heat
    cells = [cell for cell in (heat.cells if heat else []) if cell.n]
    edges = classes([cell.n for cell in cells])
    hot = heat.hot if heat else []
    found = words("heat.hots", n=words.number(len(hot))) if hot else words("heat.nohot")
    foot = [_legend(words, edges, cells), html.Span(found, className="heat-hot" if hot else "")] if cells else []
    if heat and heat.unplaced:
        foot.append(html.Span(words("heat.unplaced", n=words.number(heat.unplaced)), className="mark"))
    return {
        "heat-note.children": words("heat.note"),
        "heat-marks.children": marks(sight, BLOCK),
        "heat-body.children": foot or nothing(words, "heat.none"),
        f"{told(CHART)}.data": chart(heat, edges, sight),
    }


def chart(heat: Heat | None, edges: list[float], sight: Sight) -> dict[str, Any]:
    """Outlines, cells by shade, hot spots, and points in the cells' middles that answer to the pointer."""
    cells = [cell for cell in (heat.cells if heat else []) if cell.n]
    corners = [point for one in sight.outlines for ring in one.rings for point in ring]
    plane = plane_of(corners or [centre(cell.cell) for cell in cells])
    stroke: dict[str, Any] = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    traces: list[dict[str, Any]] = []
    everything: list[Line] = []
    shade_of = np.searchsorted(edges, [cell.n for cell in cells], side="right") - 1
    for shade in range(len(edges)):
        x, y = plane.strokes(hexagon(cell.cell) for cell, s in zip(cells, shade_of, strict=True) if s == shade)
        everything.append((x, y))
        fill = f"rgba({HEAT}, {SHADES[shade + len(SHADES) - len(edges)]})"
        traces.append({**stroke, "x": x, "y": y, "fill": "toself", "fillcolor": fill, "line": {"width": 0}})
    for level in ("station", "branch", "city"):
        x, y = plane.strokes(ring for one in sight.outlines if one.level == level for ring in one.rings)
        everything.append((x, y))
        width, colour = LINES[level]
        traces.append({**stroke, "x": x, "y": y, "line": {"width": width, "color": colour}})
    hot = [one.cell for one in (heat.hot if heat else [])]
    for chosen, width, colour in ((hot, 1.8, template.ORANGE), (sight.view.cell, 2.2, template.CALM)):
        x, y = plane.strokes(hexagon(cell) for cell in chosen)
        traces.append({**stroke, "x": x, "y": y, "line": {"width": width, "color": colour}})
    traces.append(_names(plane_names=[(plane.xy(*middle(one)), one) for one in _named(sight.outlines)], sight=sight))
    traces.append(_points([(plane.xy(*centre(cell.cell)), cell) for cell in cells], heat, sight.words))
    shown = everything if corners else everything[: len(edges)]
    x_range, y_range = frame_of([v for x, _ in shown for v in x], [v for _, y in shown for v in y])
    axis = {"visible": False, "fixedrange": False}
    return template.figure(
        traces, hovermode="closest", dragmode="pan", margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis={**axis, "range": x_range, "constrain": "domain"},
        yaxis={**axis, "range": y_range, "scaleanchor": "x", "scaleratio": 1, "rangemode": "normal"},
        uirevision=f"{x_range}{y_range}",
    )  # fmt: skip


def _named(outlines: Sequence[Outline]) -> list[Outline]:
    return [one for one in outlines if one.level == "branch"]


def _names(plane_names: list[tuple[tuple[float, float], Outline]], sight: Sight) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "text", "hoverinfo": "skip",
        "x": [x for (x, _), _ in plane_names], "y": [y for (_, y), _ in plane_names],
        "text": [sight.words.place(one.code) for _, one in plane_names],
        "textfont": {"size": template.SMALL_PX, "color": template.INK_BRIGHT, "shadow": f"0 0 4px {template.PANEL}"},
    }  # fmt: skip


def _points(places: list[tuple[tuple[float, float], HeatCell]], heat: Heat | None, words: Words) -> dict[str, Any]:
    hot = {one.cell: one.z for one in (heat.hot if heat else [])}
    return {
        "type": "scatter", "mode": "markers", "marker": {"size": 16, "opacity": 0}, "hoverinfo": "text",
        "x": [x for (x, _), _ in places], "y": [y for (_, y), _ in places],
        "customdata": [f"toggle:cell={cell.cell}" for _, cell in places],
        "hovertext": [_said(cell, hot.get(cell.cell), words) for _, cell in places],
    }  # fmt: skip


def _said(cell: HeatCell, hot_z: float | None, words: Words) -> str:
    lines = [words("heat.cell", n=words.number(cell.n), per=words.mean(round(cell.per_km2, 1)))]
    if cell.before is not None:
        verdict = f" · {words(f'verdict.{cell.change.verdict}')}" if cell.change else ""
        lines.append(words("heat.before", n=words.mean(cell.before)) + verdict)
    if hot_z is not None:
        lines.append(words("heat.hot", z=f"{hot_z:.2f}"))
    return "<br>".join(lines)


def _legend(words: Words, edges: list[float], cells: Sequence[HeatCell]) -> html.Ul:
    """Shades go by counts, since hexagons differ in size by a few parts in a hundred, and are told per km²."""
    first = len(SHADES) - len(edges)
    least = [min(cell.per_km2 for cell in cells if cell.n >= edge) for edge in edges]
    return html.Ul(
        [
            html.Li([html.I(**{"data-level": str(first + at)}), f"≥ {words.mean(round(per_km2, 1))}"])
            for at, per_km2 in enumerate(least)
        ],
        className="heat-classes",
    )


BLOCK = Block("heat", "heat.title", "heat", draw, body, charts=(CHART,))
