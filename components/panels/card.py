"""What is selected on the map: a unit with its trail, an incident, or a drone."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes, word

PANEL = Panel("card", "left", order=20, leaves=0, scenes=EVERY_SCENE)


def render() -> html.Section:
    """The skeleton; hidden until something is selected."""
    return html.Section(
        [
            html.Div(
                [
                    html.Span(className="glyph"),
                    html.B(className="card-name"),
                    html.Span(className="card-state"),
                    word(
                        "card.follow",
                        html.Button,
                        id=ids.CARD_FOLLOW,
                        className="button",
                        hidden=True,
                        **{"aria-pressed": "false"},
                    ),
                    html.Button("×", id=ids.CARD_CLOSE, className="button button-close", **{"data-t-title": "close"}),
                ],
                className="card-head",
            ),
            word(
                "rings.show",
                html.Button,
                id=ids.CARD_RINGS,
                className="button card-more",
                hidden=True,
                **{"aria-pressed": "false"},
            ),
            word("card.dispatch", html.Button, id=ids.CARD_DISPATCH, className="button card-more", hidden=True),
            html.Dl(className="card-facts"),
            html.P(className="card-note", hidden=True),
            # opened by the viewer's browser only; the server never fetches it
            word(
                "card.watch",
                html.A,
                className="button stream",
                target="_blank",
                rel="noopener noreferrer",
                hidden=True,
            ),
        ],
        id=ids.CARD,
        className="panel card",
        hidden=True,
        **{"aria-live": "off"},
        **attributes(PANEL),
    )
