"""Search by callsign over the units that the viewer already holds."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes

PANEL = Panel("search", "map", order=10, leaves=40, scenes=EVERY_SCENE)


def render() -> html.Section:
    """The browser puts the field in; what is typed is looked up there."""
    return html.Section(
        [
            html.Div(className="search-field"),
            html.Kbd("/", className="key"),
            html.Ul(id=ids.SEARCH_FOUND, className="search-found", role="listbox", hidden=True),
        ],
        id=ids.SEARCH,
        className="float search",
        role="search",
        **attributes(PANEL),
    )
