"""The map's scale, its datum and the time of what it shows; above them what the hexagons of heat or reach mean."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes, word

PANEL = Panel("scale", "map", order=30, leaves=0, scenes=EVERY_SCENE)


def render() -> html.Div:
    """The skeleton; the datum is that of the map under the units."""
    heat = html.Div(
        [
            html.Span(className="heat-said"),
            html.Span(className="heat-classes"),
            word("heat.each", className="heat-each"),
            html.Span(className="heat-total"),
        ],
        id=ids.HEAT_LEGEND,
        className="heat-legend",
        hidden=True,
    )
    cover = html.Div(
        [html.Span(className="heat-said"), html.Span(className="heat-classes"), html.Span(className="heat-total")],
        id=ids.COVER_LEGEND,
        className="heat-legend",
        hidden=True,
    )
    parts = ("text", "line", "datum", "time", "problem")
    foot = html.Div([html.Span(className=f"scale-{part}") for part in parts], className="scale-foot")
    return html.Div(
        [heat, cover, foot],
        id=ids.SCALE,
        className="scale",
        **attributes(PANEL),
    )
