"""The header's right side: replay badge, the age of every feed, the language switch and the wall's clock."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes, word

PANEL = Panel("header", "header", order=10, leaves=0, scenes=EVERY_SCENE)


def render() -> html.Div:
    """The skeleton; the browser fills in badge, ages and time."""
    return html.Div(
        [
            html.Span(id=ids.REPLAY, className="replay", hidden=True),
            html.Ul(id=ids.FEEDS, className="feeds"),
            word(
                "statistics.open", html.A, id=ids.STATISTICS, className="plain statistics-link", href="/statistics/"
            ),
            word(
                "language.other",
                html.Button,
                id=ids.LANGUAGE,
                className="plain",
                **{"data-t-title": "language.switch"},
            ),
            html.Time(
                [html.Span(className="clock-date"), html.Span(className="clock-time")], id=ids.CLOCK, className="clock"
            ),
        ],
        className="header-side",
        **attributes(PANEL),
    )
