"""How soon somebody arrived today, by class of place, beside the seven days before, and why it took too long."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame

PANEL = Panel("response", "left", order=8, leaves=15, feeds=("incident",))


def render() -> html.Section:
    """The skeleton: a tile a class of place, a bar of the causes, and a line for what cannot be told."""
    causes = html.Div(
        [html.Span(className="causes-said"), html.Div(className="causes-bar", **{"aria-hidden": "true"})],
        className="causes",
    )
    said = html.P(className="response-said")
    return frame(PANEL, ids.RESPONSE, "response.title", said, html.Div(className="response-tiles"), causes)
