"""The map's scale, its datum and the time of what it shows."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes

PANEL = Panel("scale", "map", order=30, leaves=0, scenes=EVERY_SCENE)


def render() -> html.Div:
    """The skeleton; the datum is that of the map under the units."""
    return html.Div(
        [
            html.Span(className="scale-text"),
            html.Span(className="scale-line"),
            html.Span(className="scale-datum"),
            html.Span(className="scale-heat"),
            html.Span(className="scale-time"),
            html.Span(className="scale-problem"),
        ],
        id=ids.SCALE,
        className="scale",
        **attributes(PANEL),
    )
