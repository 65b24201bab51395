"""Alarms, newest first: calls for help, overdue incidents, lost feeds."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import EVERY_SCENE, Panel, frame, word

PANEL = Panel("alarms", "right", order=30, leaves=50, scenes=EVERY_SCENE)


def render() -> html.Section:
    """The skeleton: as many lines as fit, and how many did not."""
    return frame(
        PANEL,
        ids.ALARMS,
        "alarms.title",
        html.Ol(className="alarm-lines"),
        html.P(className="for-readers", **{"aria-live": "assertive"}),
        word("alarms.empty", html.P, className="empty"),
    )
