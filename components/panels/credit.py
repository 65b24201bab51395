"""Whose map lies below, in its corner."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes

PANEL = Panel("credit", "map", order=40, leaves=0, scenes=EVERY_SCENE)


def render() -> html.Div:
    """Empty, and then not seen, where the map is the wall's own."""
    return html.Div(id=ids.CREDIT, className="credit", **attributes(PANEL))
