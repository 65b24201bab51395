"""Today so far beside the same time of yesterday, of a week and of a year ago."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame

PANEL = Panel("today", "left", order=4, leaves=34, feeds=("incident",), entities=("incident",))


def render() -> html.Section:
    """The skeleton: one large figure, what it is compared with, what is not counted, and what history lacks."""
    notes = html.Div([html.Span(className=f"today-{name}") for name in ("past", "note")], className="figure-words")
    parts = [html.B(className="figure-big"), html.Div(className="today-against"), notes]
    return frame(PANEL, ids.TODAY, "today.title", html.Div(parts, className="figure"))
