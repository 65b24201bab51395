"""How many key spots are in reach of their target now, which are not, and which move would mend most."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame

PANEL = Panel("cover", "left", order=9, leaves=25, feeds=("position", "status"), entities=("unit",))


def render() -> html.Section:
    """The skeleton: the figure beside its gaps and the best move; a press shows all of them in the drawer."""
    words = html.Span(
        [html.Span(className="cover-gaps"), html.Span(className="cover-moves")],
        className="cover-words",
    )
    figure = html.Span([html.B(className="figure-big"), html.Span(className="cover-of")], className="cover-figure")
    return frame(
        PANEL,
        ids.COVER,
        "cover.title",
        html.Button([figure, words], className="cover-body", **{"data-t-title": "cover.open"}),
    )
