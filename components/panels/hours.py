"""The 24-hour line under the map: incidents by hour, today and what is usual on such a day."""

from __future__ import annotations

from dash import html

from components import ids
from components.panel import Panel, frame

PANEL = Panel("hours", "below", order=10, leaves=16, least_rem=13.0, feeds=("incident",), entities=("incident",))


def render() -> html.Section:
    """The skeleton; the browser draws the line."""
    chart = html.Div(className="hours-chart", role="img", **{"data-t-label": "hours.label"})
    return frame(PANEL, ids.HOURS, "hours.title", chart)
