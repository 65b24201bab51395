"""The layers of the map: a switch each, with how many things it holds."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes, word

PANEL = Panel("layers", "map", order=20, leaves=20, scenes=EVERY_SCENE)
LAYERS = ("units", "lost", "labels", "incidents", "drones", "devices", "heat", "zones", "basemap")


def render() -> html.Section:
    """Every layer is on at first."""
    switches = [
        dmc.Checkbox(
            value=name,
            size="xs",
            label=html.Span(
                [
                    html.Span(className="glyph", **{"data-glyph": name}),
                    word(f"layers.{name}", className="layer-name"),
                    html.Span(className="layer-count", **{"data-count": name}),
                ],
                className="layer",
            ),
        )
        for name in LAYERS
    ]
    return html.Section(
        [dmc.CheckboxGroup(switches, id=ids.LAYERS_CHOICE, value=list(LAYERS)), _heat()],
        id=ids.LAYERS,
        className="float layers",
        **attributes(PANEL),
    )


def _heat() -> html.Div:
    """What the hexagons count, and their legend."""
    windows = [
        word(f"heat.{name}", html.Button, className="heat-window", **{"data-window": name, "aria-pressed": "false"})
        for name in ("hour", "day", "week")
    ]
    return html.Div(
        [
            html.Div(windows, className="heat-windows", role="group", **{"data-t-label": "heat.window"}),
            html.Select(id=ids.HEAT_CATEGORY, className="heat-category", **{"data-t-label": "heat.category"}),
            word("heat.each", html.P, className="heat-each"),
            html.Div(className="heat-classes"),
            html.P(className="heat-note"),
        ],
        id=ids.HEAT,
        className="heat",
        **{"data-feeds": "incident"},
    )


def register(app: Any) -> None:
    """The choice goes to the map in the browser; no server hears of it."""
    app.clientside_callback(
        ClientsideFunction("wall", "layers"),
        Output(ids.LAYERS, "data-chosen"),
        Input(ids.LAYERS_CHOICE, "value"),
    )
