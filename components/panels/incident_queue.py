"""Open incidents with their countdowns: overdue first, then least time left; arrived ones stop counting."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame, word

PANEL = Panel("queue", "right", order=10, leaves=0, least_rem=26.0, feeds=("incident",), entities=("incident",))


def render() -> html.Section:
    """The skeleton: the list and how many did not fit."""
    return frame(
        PANEL,
        ids.QUEUE,
        "queue.title",
        word("queue.empty", html.P, className="empty", hidden=True),  # above the list, which takes all the room
        html.Ol(className="incidents"),
        html.P(className="more"),
    )
