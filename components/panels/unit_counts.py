"""Units by status, and by type while there is room."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame, word

PANEL = Panel(
    "units",
    "left",
    order=10,
    leaves=30,
    least_rem=25.0,
    feeds=("position", "status", "roster"),
    entities=("unit",),
)


def render() -> html.Section:
    """The skeleton: the figure of units that report, one row a status, one row a type."""
    return frame(
        PANEL,
        ids.UNITS,
        "units.title",
        html.Div(
            [
                html.B(className="figure-big"),
                html.Div(
                    [word("units.onmap"), html.Span(className="units-total"), html.Span(className="units-stale")],
                    className="figure-words",
                ),
            ],
            className="figure",
        ),
        html.Div(className="rows rows-status"),
        html.Div(
            [word("units.types", html.H3, className="sub-head"), html.Div(className="rows rows-type")],
            className="types",
        ),
    )
