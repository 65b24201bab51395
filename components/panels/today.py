"""Today so far beside the same time of yesterday."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame

PANEL = Panel("today", "left", order=4, leaves=34, feeds=("incident",), entities=("incident",))


def render() -> html.Section:
    """The skeleton: one large figure, what it is compared with, what is not counted."""
    words = [html.Span(className=f"today-{name}") for name in ("then", "change", "note")]
    figure = html.Div([html.B(className="figure-big"), html.Div(words, className="figure-words")], className="figure")
    return frame(PANEL, ids.TODAY, "today.title", figure)
