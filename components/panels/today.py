"""Today so far beside the same time of yesterday, of a week and of a year ago."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame

PANEL = Panel("today", "left", order=4, leaves=34, feeds=("incident",), entities=("incident",))


def render() -> html.Section:
    """The skeleton: one large figure, what it is compared with, what is not counted, and what history lacks."""
    notes = [html.Span(className=f"today-{name}") for name in ("past", "note")]
    words = html.Div([html.Div(className="today-against"), *notes], className="figure-words")
    return frame(PANEL, ids.TODAY, "today.title", html.Div([html.B(className="figure-big"), words], className="figure"))
