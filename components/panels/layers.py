"""The layers of the map: a line with what stands on it and how many, which opens into a switch for each layer."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes, word

PANEL = Panel("layers", "map", order=20, leaves=20, scenes=EVERY_SCENE)
# what the closed line tells: signs that are explained nowhere else, and how many there are
LEGEND = ("units", "incidents", "drones", "devices")
WINDOWS, PAST_WINDOWS = ("hour", "day", "week"), ("days30", "month", "year")
LAYERS = ("units", "lost", "labels", "incidents", "drones", "devices", "heat", "cover", "zones", "basemap")
OFF_AT_FIRST = ("cover",)  # asked for by a person: the server works it out while somebody looks


def render() -> html.Section:
    """Every layer but those of ``OFF_AT_FIRST`` is on at first."""
    switches = [
        html.Button(
            [
                html.I(className="layer-box"),
                html.Span(className="glyph", **{"data-glyph": name}),
                word(f"layers.{name}", className="layer-name"),
                html.Span(className="layer-count", **{"data-count": name}),
            ],
            className="layer",
            role="checkbox",
            **{"data-switch": name, "aria-checked": "false" if name in OFF_AT_FIRST else "true"},
        )
        for name in LAYERS
    ]
    body = html.Div(
        [html.Div(switches, role="group", **{"data-t-label": "layers.title"}), _heat()],
        id=ids.LAYERS_BODY,
        className="layers-body",
        hidden=True,
    )
    return html.Section(
        [_line(), body],
        id=ids.LAYERS,
        className="float layers",
        **attributes(PANEL),
    )


def _line() -> html.Button:
    """The closed panel: a sign, its name and count for each kind of thing; a press opens the switches."""
    items = [
        html.Span(
            [
                html.Span(className="glyph", **{"data-glyph": name}),
                word(f"layers.{name}", className="legend-name"),
                html.Span(className="legend-count", **{"data-count": name}),
            ],
            className="legend-item",
            **{"data-layer": name},
        )
        for name in LEGEND
    ]
    return html.Button(
        [
            *items,
            html.Span(className="layers-off"),
            word("layers.title", className="layers-title"),
            html.I(className="layers-arrow"),
        ],
        id=ids.LAYERS_OPEN,
        className="layers-open",
        **{"data-t-label": "layers.open", "aria-expanded": "false", "aria-controls": ids.LAYERS_BODY},
    )


def _heat() -> html.Div:
    """What the hexagons count; their legend stands beside the scale, where kiosks show it too."""
    live, past = (
        [
            word(f"heat.{name}", html.Button, className="heat-window", **{"data-window": name, "aria-pressed": "false"})
            for name in names
        ]
        for names in (WINDOWS, PAST_WINDOWS)
    )
    return html.Div(
        [
            html.Div(live, className="heat-windows", role="group", **{"data-t-label": "heat.window"}),
            html.Div(past, className="heat-windows heat-past", role="group", **{"data-t-label": "heat.window.past"}),
            html.Select(id=ids.HEAT_CATEGORY, className="heat-category", **{"data-t-label": "heat.category"}),
            html.P(className="heat-note"),
        ],
        id=ids.HEAT,
        className="heat",
        **{"data-feeds": "incident"},
    )

