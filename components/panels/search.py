"""Search by callsign over the units that the viewer already holds."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes

PANEL = Panel("search", "map", order=10, leaves=40, scenes=EVERY_SCENE)


def render() -> html.Section:
    """An empty field; what is typed is looked up in the browser."""
    return html.Section(
        dmc.Select(
            id=ids.SEARCH_INPUT,
            data=[],
            searchable=True,
            clearable=True,
            size="sm",
            rightSection=html.Kbd("/", className="key"),
            rightSectionPointerEvents="none",
            maxDropdownHeight=320,
            filter={"function": "wallKeepAll"},
            renderOption={"function": "wallSearchOption"},
            comboboxProps={"withinPortal": False, "transitionProps": {"duration": 0}},
        ),
        id=ids.SEARCH,
        className="float search",
        role="search",
        **attributes(PANEL),
    )


def register(app: Any) -> None:
    """Typing asks the live map for matches; choosing one selects the unit and moves the map to it."""
    app.clientside_callback(
        ClientsideFunction("wall", "search"),
        Output(ids.SEARCH_INPUT, "data"),
        Input(ids.SEARCH_INPUT, "searchValue"),
    )
    app.clientside_callback(
        ClientsideFunction("wall", "found"),
        Output(ids.SEARCH_INPUT, "value"),
        Input(ids.SEARCH_INPUT, "value"),
        prevent_initial_call=True,
    )
