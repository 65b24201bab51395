"""Today by category, each beside what is usual on such a day."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame

PANEL = Panel("kinds", "left", order=6, leaves=14, least_rem=11.2, feeds=("incident",), entities=("incident",))


def render() -> html.Section:
    """The skeleton; rows come as there is room."""
    return frame(PANEL, ids.KINDS, "kinds.title", html.Div(className="rows rows-kind"))
