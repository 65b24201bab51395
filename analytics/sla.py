"""Breaches of the response targets before they happen, and what the units' own fixes say of reported arrivals. Pure."""

from __future__ import annotations

from msgspec import Struct, field


class Forecast(Struct, frozen=True):
    """One open incident without an arrival. ``margin_s``: deadline less forecast (negative: it will be missed);
    ``forecast_ms``: None where no travel time is known; ``cause``: the interval that takes most more than its
    allowance, answering, dispatch, turnout or travel; "" where none does. ``unit``: who is expected to arrive."""

    id: str
    category: str
    place: str
    deadline_ms: float
    forecast_ms: float | None
    margin_s: float | None
    cause: str
    unit: str | None = None


class Arrival(Struct, frozen=True):
    """An arrival by GPS (inside 50 m, slower than 2 m/s) beside the reported one; either may be missing.
    ``difference_s``: reported less GPS."""

    id: str
    unit: str
    gps_ms: float | None
    reported_ms: float | None
    difference_s: float | None


class Watch(Struct, frozen=True):
    """The watch: forecasts by least margin, arrivals by largest difference."""

    items: list[Forecast]
    arrivals: list[Arrival] = field(default_factory=list)
