"""Live pictures: drones in the air with state, height, battery, mission and what their cameras found; worn and
platforms' cameras that deliver."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame, word

PANEL = Panel(
    "drones", "right", order=20, leaves=10, feeds=("telemetry", "detection"), entities=("drone",),
    scenes=("map", "drones"),
)  # fmt: skip


def render() -> html.Section:
    """The skeleton: one tile a drone, one line a camera."""
    return frame(
        PANEL,
        ids.DRONES,
        "drones.title",
        html.Ul(className="tiles"),
        html.Ul(className="streams", hidden=True),
        word("drones.empty", html.P, className="empty", hidden=True),
    )
