"""The dispatch drawer over the map's right side: candidates for an incident, cover, targets, orders."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, attributes, word

PANEL = Panel("dispatch", "map", order=40, leaves=0)
TABS = ("candidates", "cover", "watch", "orders")


def render() -> html.Section:
    """The skeleton; hidden until an incident is chosen or a part is opened."""
    tabs = [
        html.Button(
            [word(f"drawer.{name}"), html.Span(className="drawer-count", **{"data-tab-count": name})],
            className="drawer-tab",
            role="tab",
            **{"data-tab": name, "aria-selected": "false"},
        )
        for name in TABS
    ]
    head = html.Div(
        [
            html.Div(tabs, className="drawer-tabs", role="tablist", **{"data-t-label": "drawer.label"}),
            html.Button("×", className="button button-close drawer-close", **{"data-t-title": "close"}),
        ],
        className="drawer-head",
    )
    return html.Section(
        [
            head,
            html.P(className="drawer-subject"),
            html.P(className="drawer-basis"),
            html.Div(className="drawer-list", tabIndex=0),
            _foot(),
        ],
        id=ids.DISPATCH,
        className="drawer",
        hidden=True,
        **{"data-t-label": "drawer.label"},
        **attributes(PANEL),
    )


def _foot() -> html.Div:
    """Who is chosen, and the button that sends the order."""
    return html.Div(
        [
            html.P(className="drawer-said", role="status"),
            word("orders.give", html.Button, className="button drawer-send", disabled=True),
        ],
        className="drawer-foot",
        hidden=True,
    )
