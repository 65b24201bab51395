"""The page: a header, two columns and the map between them, filled with the panels found in ``components.panels``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import dash_leaflet as dl
from dash import ClientsideFunction, Input, Output, html
from dash.development.base_component import Component

from components import ids, panels
from components.panel import COLUMNS, MAP_SCENE, Panel, word
from components.stand import Stand
from components.texts import catalogue


def modules() -> list[ModuleType]:
    """The panels' modules, in the order in which they stand in their columns."""
    found = [import_module(f"{panels.__name__}.{m.name}") for m in iter_modules(panels.__path__)]
    return sorted(found, key=lambda module: (module.PANEL.column, module.PANEL.order, module.PANEL.name))


def panel_list() -> list[Panel]:
    """What the panels say about themselves, in the order of ``modules``."""
    return [module.PANEL for module in modules()]


def called() -> frozenset[str]:
    """The ids in panels that have callbacks: what Dash itself must build (see components.markup)."""
    own = [module.render() for module in modules() if hasattr(module, "register")]
    parts = (part for panel in own for part in (panel, *panel._traverse()))
    return frozenset(part.id for part in parts if getattr(part, "id", None))


def scene_names() -> list[str]:
    """The scenes that some panel stands in; the map's first."""
    named = {scene for panel in panel_list() for scene in panel.scenes}
    return sorted(named | {MAP_SCENE}, key=lambda scene: (scene != MAP_SCENE, scene))


def build(
    *,
    title_zh: str,
    title_en: str,
    lang: str = "zh",
    time_zone: str = "Asia/Shanghai",
    center: Sequence[float] = (0.0, 0.0),
    zoom: float = 12.0,
    bounds: Sequence[float] | None = None,
    stale_after_s: float = 30.0,
    offline_after_s: float = 300.0,
    tick_s: float = 1.0,
    trail_s: float = 1800.0,
    stand: Stand = Stand(),  # noqa: B008 -- frozen
    history: bool = False,
) -> Component:
    """The whole page from plain values: times in seconds, ``center`` as latitude and longitude.

    ``history``: whether there is a statistics page to go to. ``bounds`` (south, west, north, east) is fitted into the
    map in the viewer, whatever its size; ``center`` and ``zoom`` hold without it.
    """
    columns: dict[str, list[Component]] = {name: [] for name in COLUMNS}
    for module in modules():
        columns[module.PANEL.column].append(module.render())
    facts: dict[str, Any] = {
        "data-lang": lang,
        "data-zone": time_zone,
        "data-stale-after": f"{stale_after_s:g}",
        "data-offline-after": f"{offline_after_s:g}",
        "data-tick": f"{tick_s:g}",
        "data-trail": f"{trail_s:g}",
        "data-link": "connecting",
        "data-history": "1" if history else "",
        **stand.facts(),
    }
    if bounds is not None:
        facts["data-bounds"] = ",".join(f"{degrees:.6f}" for degrees in bounds)
    return html.Div(
        [
            html.Header([*_titles(title_zh, title_en), *columns["header"]], id=ids.HEADER, className="header"),
            html.Aside(columns["left"], id=ids.LEFT, className="column column-left"),
            _map(center, zoom, columns["map"]),
            html.Div(columns["below"], id=ids.BELOW, className="below"),
            html.Aside(columns["right"], id=ids.RIGHT, className="column column-right"),
            html.Div(id=ids.TEXTS, hidden=True, **{"data-texts": catalogue()}),
            html.Div(id=ids.STARTED, hidden=True),
        ],
        id=ids.WALL,
        className="wall",
        **facts,
    )


def register(app: Any) -> None:
    """Hands the page to the browser's scripts once it stands, and registers the panels' callbacks."""
    app.clientside_callback(
        ClientsideFunction("wall", "start"), Output(ids.STARTED, "data-started"), Input(ids.STARTED, "id")
    )
    for module in modules():
        if hasattr(module, "register"):
            module.register(app)


def _titles(zh: str, en: str) -> list[Component]:
    """The title; beside it the scene's name and the offer of a newer page, which stay hidden on most walls."""
    return [
        html.H1(className="wall-title", **{"data-zh": zh, "data-en": en}),
        html.Span(id=ids.SCENE, className="scene-name", hidden=True),
        word("wall.newer", html.Button, id=ids.NEWER, className="button newer", hidden=True),
    ]


def _map(center: Sequence[float], zoom: float, over: list[Component]) -> html.Main:
    leaflet = dl.Map(
        id=ids.MAP,
        className="map",
        center=list(center),
        zoom=zoom,
        zoomSnap=0.25,
        preferCanvas=True,
        zoomControl=False,
        attributionControl=False,
        trackViewport=False,  # its echo of a view sets the map back to it when the map has gone on
        children=[],
    )
    return html.Main(
        [
            leaflet,
            html.Div(className="veil", **{"aria-hidden": "true"}),
            html.Div(over, className="over"),
            html.Div(id=ids.BAND, className="band", role="status", hidden=True),
            html.Div(id=ids.HOVER, className="hover", hidden=True, **{"aria-hidden": "true"}),
        ],
        id=ids.MAP_FRAME,
        className="map-frame",
        **{"data-t-label": "map.label"},
    )
