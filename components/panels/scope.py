"""Which jurisdiction the wall shows: a small chooser beside the title, and what is said where there is none such."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, attributes, word

PANEL = Panel("scope", "header", order=5, leaves=0, scenes=EVERY_SCENE)


def render() -> html.Div:
    """The browser fills in the choices; the chooser stays hidden where there is nothing to choose."""
    choice = html.Label(
        [html.Span(className="scope-arrow", **{"aria-hidden": "true"}), html.Select([], id=ids.SCOPE_CHOICE)],
        className="scope-choice",
        hidden=True,
        **{"data-t-title": "scope.choose"},
    )
    problem = html.Div(
        [html.P(className="scope-words"), word("scope.back", html.A, className="scope-back", href="?")],
        className="scope-problem",
        role="alert",
        hidden=True,
    )
    return html.Div([choice, problem], id=ids.SCOPE, className="scope", **attributes(PANEL))
