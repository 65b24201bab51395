"""The history's reports as the statistics page asks for them: errors become what the page can say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from analytics.figures.request import PeriodKind, Request
from analytics.figures.result import Report
from analytics.figures.zones import polygons
from analytics.periods import PeriodError
from components.statistics.choices import Choices, Jurisdiction, Unanswered
from components.statistics.frame import Outline
from data_feeds.areas import Area
from data_feeds.history.query import Filters, Query
from data_feeds.places import LEVELS, Places
from web import figures_shapes
from web.figures_answers import FigureParts
from web.statistics import Unavailable

LEAST_DEGREES = 0.0002  # some 20 m
T = TypeVar("T")


class PageService:
    """What ``figures`` gives as components.statistics.choices.Service; it is asked for when a figure is."""

    def __init__(self, figures: Callable[[], FigureParts]) -> None:
        self._figures = figures

    async def off_loop(self, work: Callable[[], T]) -> T:
        parts = await asyncio.to_thread(self._figures)  # the first to ask waits for scipy and the city's roads
        return await parts.statistics.off_loop(work)

    def choices(self) -> Choices:
        return _answered(lambda: _choices(self._figures().choices.choices(), self._figures().statistics.latest()))

    def scope(self, word: str) -> str | None:
        return _answered(lambda: self._figures().choices.known().scope(word)) if word else ""

    def request(self, period: PeriodKind, day: date, key: str, where: Filters) -> Request:
        name = key if period == "key" else ""
        return _answered(lambda: self._figures().statistics.request(period, day, name, where))

    def report(self, request: Request) -> Report:
        return _answered(lambda: self._figures().statistics.report_now(request))

    def table(self, query: Query) -> pa.Table:
        return _answered(lambda: self._figures().statistics.table(query))


def outlines(places: Places) -> tuple[Outline, ...]:
    """The borders of the city, its branches and stations."""
    return tuple(
        Outline(place.id, place.kind, tuple(_rings(places.areas[place.id])))
        for place in places.by_id.values()
        if place.kind in LEVELS and place.id in places.areas
    )


def _rings(area: Area) -> Iterable[tuple[tuple[float, float], ...]]:
    """The rings of an area, (lat, lon) in degrees, of corners that a page's map can tell apart."""
    for ring in (ring for polygon in polygons(area) for ring in polygon):
        kept = [ring[0]]
        for corner in ring[1:-1]:
            if np.abs(corner - kept[-1]).max() >= LEAST_DEGREES:
                kept.append(corner)
        if len(kept) > 2:
            yield tuple((float(lat), float(lon)) for lon, lat in (*kept, ring[-1]))


def _choices(told: figures_shapes.Choices, latest: date) -> Choices:
    jurisdictions = tuple(
        Jurisdiction(one.code, one.level, one.parent, one.name_zh, one.name_en)
        for one in (*told.branches, *told.stations, *told.zones)
    )
    return Choices(
        told.today, latest, told.first, told.last, ZoneInfo(told.time_zone), told.data_time_ms, told.version,
        tuple(word.key for word in told.categories), jurisdictions, told.key_dates,
    )  # fmt: skip


def _answered(ask: Callable[[], T]) -> T:
    """What ``ask`` gives. Raises Unanswered for what the page has words for."""
    try:
        return ask()
    except PeriodError as error:
        raise Unanswered(f"said.period.{error.code}") from error
    except Unavailable as error:
        raise Unanswered("said.unavailable", stale=True, why=error) from error
