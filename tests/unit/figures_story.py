"""A small history for tests of the figures' service and addresses: 3 months of made-up incidents in plain pandas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from fastapi import FastAPI
from starlette.testclient import TestClient

from analytics.figures.parts import Breach, Response
from analytics.figures.request import Context, KeyDate, Request
from analytics.figures.result import About, Data, Figure, Report
from analytics.periods import period_of
from data_feeds.history.query import Counts, Rows
from data_feeds.history.store import Extent, Origin
from data_feeds.scopes import Scopes
from tests.pandas_store import PandasStore
from tests.unit.hand_clock import HandClock
from web import figures
from web.background import Background
from web.caching import AnswerCache, Shelf
from web.figures_answers import FigureParts
from web.figures_choices import ChoiceBook
from web.guard import Guard
from web.static import CompressedStatic
from web.statistics import Statistics

ZONE = "America/Chicago"
BASE, HERE = "http://127.0.0.1:8050", ("127.0.0.1", 5000)
FORMULAS = {
    "zh": {"count": "本期警情数", "breach": "超时"},
    "en": {"count": "incidents", "breach": "late", "other": "x"},
}


def at(text: str) -> float:
    """Unix ms of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000.0


NOW_MS = at("2025-03-20 10:30:20")


def incidents(n: int = 1200) -> pd.DataFrame:
    """Columns of RAW: January to 20 March 2025; hostile words among the honest ones."""
    rng = np.random.default_rng(4)
    begin, end = at("2025-01-01 00:00"), at("2025-03-20 09:00")
    received = np.sort(rng.integers(int(begin), int(end), n))
    words = np.array(["theft", "fight", "=cmd|'/C calc'!A0", "警情"])
    return pd.DataFrame({
        "incident_id": [f"A-{i:05d}" for i in range(n)], "version": 1,
        "category": words[rng.integers(0, 4, n)], "severity": np.where(rng.random(n) < 0.2, "HIGH", "LOW"),
        "source": "CALL", "valid": True, "exercise": rng.random(n) < 0.02, "diverted": False,
        "place_class": np.where(rng.random(n) < 0.5, "CENTRE", "OTHER"), "place": "@Market",
        "branch": np.where(rng.random(n) < 0.5, "B1", "B2"), "station": "S1", "zone": "",
        "lat": 29.76, "lon": -95.37, "call_received_ms": received,
        "on_scene_ms": received + rng.integers(30_000, 900_000, n), "units": 1,
    })  # fmt: skip


class StoryStore(PandasStore):
    """A whole Store to those who only ask: versions are set by hand, and every query is remembered."""

    def __init__(self, raw: pd.DataFrame | None = None) -> None:
        super().__init__(incidents() if raw is None else raw, ZONE)
        self.versions: dict[date, int] = {}
        self.asked: list[object] = []
        self.error: Exception | None = None
        self.before: Callable[[object], None] = lambda query: None

    def run(self, query):
        self.asked.append(query)
        self.before(query)
        if self.error:
            raise self.error
        return super().run(query)

    def version(self, spans=()) -> int:
        changed = [v for day, v in self.versions.items()
                   if not spans or any(span.first <= day <= span.last for span in spans)]  # fmt: skip
        return max(changed, default=1)

    def extent(self) -> Extent:
        if self.error:
            raise self.error
        if not len(self.rows):
            return Extent(version=self.version())
        first, last = self.rows.local_date.min(), self.rows.local_date.max()
        n, last_ms = len(self.rows), int(self.rows.received_ms.max())
        return Extent(first, last, n, last_ms, (Origin("test", n, first, last),), ("closed",), None, self.version())


class Maker:
    """Reports that are quick to make: a total from two queries."""

    def prior(self, request, context):
        return {}

    def informed(self, request, context, answers):
        return context

    def plan(self, request: Request, context: Context):
        span, where = period_of(request, context).span, request.where
        return {"total": Counts((span,), (), where), "category": Counts((span,), ("category",), where)}

    def build(self, request: Request, context: Context, answers) -> Report:
        period, total = period_of(request, context), sum(answers["total"]["n"].to_pylist())
        rows = Rows(period.span, request.where)
        late = Rows(period.span, request.where, "response", breaching=(("CENTRE", 180),))
        return Report(
            request, period, [], Data(context.version, context.data_time_ms, context.origins, context.lacks),
            Figure(total, total), {}, response=Response(breaches=[Breach("CENTRE", "unknown", 7, 1.0)]),
            about={
                "total": About("count", request.where, rows), "breaches": About("breach", request.where, late),
                "sighting": About("sighting", request.where),
            },
        )  # fmt: skip


class Story:
    """Everything between the store and an address."""

    def __init__(self, store: StoryStore | None = None, maker: Any = None, **known: Any) -> None:
        self.store: StoryStore | None = store or StoryStore()
        self.clock = HandClock(NOW_MS)
        dates = (KeyDate("Rodeo 2025", date(2025, 3, 4), date(2025, 3, 9)),)
        self.background = Background(ZONE, key_dates=dates, **known)
        cache = AnswerCache(Shelf(self.clock), lambda: "story")
        self.statistics = Statistics(
            lambda: self.store, cache, self.clock, lambda: self.background, maker or Maker(),
            lambda: "no history: set it up",
        )  # fmt: skip

    def asked(self) -> list[object]:
        """The queries since the last call."""
        assert self.store is not None
        found, self.store.asked = self.store.asked, []
        return found


def counted(story: Story, first: date, last: date) -> pd.DataFrame:
    """The counted incidents of these days."""
    assert story.store is not None
    rows = story.store.rows
    return rows[(rows.local_date >= first) & (rows.local_date <= last) & (rows.kind == "counted")]


def service(story: Story) -> FastAPI:
    """The addresses alone."""
    api = FastAPI(title="wall", version="1")
    book = ChoiceBook(story.statistics, Scopes(), story.clock)
    parts = FigureParts(story.statistics, book, FORMULAS.__getitem__, "zh")
    figures.register(api, figures.LateParts(lambda: parts))
    return api


def wall(story: Story) -> Guard:
    """The addresses behind the layers that the wall puts before them."""
    return Guard(CompressedStatic(service(story)), False)


def client_of(story: Story, peer: tuple[str, int] = HERE) -> TestClient:
    return TestClient(wall(story), base_url=BASE, client=peer)
