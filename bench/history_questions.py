"""What the statistics page asks of a history: the plan of its report, panel by panel, for a day, a month and a year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from analytics.figures import report
from analytics.figures.request import PARTS, Context, PeriodKind, PlaceFact, Request
from bench import history_city
from data_feeds.history.query import Filters, Gaps, Patrol, Query, Rows, Span
from data_feeds.history.store import Store

PERIODS: tuple[tuple[PeriodKind, date], ...] = (
    ("day", date(2026, 11, 19)), ("month", date(2026, 10, 15)), ("year", date(2026, 6, 1)),
)  # fmt: skip
NOW = datetime(2026, 11, 20, 12, tzinfo=history_city.ZONE)
TARGETS = {"key_spot": 60, "centre": 180, "other": 300}
ALLOWANCES = {
    "dispatch": {"key_spot": 15, "centre": 60, "other": 90}, "turnout": {"key_spot": 15, "centre": 30, "other": 45},
    "travel": {"key_spot": 30, "centre": 90, "other": 165},
}  # fmt: skip
ROWS = Span(date(2026, 10, 1), date(2026, 10, 31))
NO_BASELINE = (Gaps, Patrol)  # small tables of their own: nothing to compare
Ask = Callable[[Mapping[str, Query]], Mapping[str, pa.Table]]


@dataclass
class Asked:
    """``queries``: (period, panel, name) → a query, each once. ``builds``: (period, panel) → what makes the panel from
    answers."""

    queries: dict[tuple[str, str, str], Query] = field(default_factory=dict)
    builds: dict[tuple[str, str], Callable[[Ask], object]] = field(default_factory=dict)


def of_page(store: Store) -> Asked:
    """Every question of the page about the city of ``history_city``."""
    context = _context(store)
    asked, known = Asked(), set()
    for period, day in PERIODS:
        for part in PARTS:
            request = Request(period, day, NOW.timestamp() * 1000.0, str(history_city.ZONE), parts=(part,))
            for name, query in report.plan(request, context).items():
                if query not in known and not isinstance(query, NO_BASELINE):
                    known.add(query)
                    asked.queries[period, part, name] = query
            asked.builds[period, part] = _builder(request, context)
    for name, query in _rows().items():
        asked.queries["month", "rows", name] = query
        asked.builds["month", f"rows {name}"] = _asker(query)
    return asked


def _rows() -> dict[str, Rows]:
    """The drawer with a figure's incidents."""
    some = Filters(categories=("theft",), scope="YL-06")
    late = tuple(TARGETS.items())
    return {
        "newest": Rows(ROWS, limit=500), "slowest": Rows(ROWS, order="response", limit=500),
        "of a category and a branch": Rows(ROWS, some, limit=500), "late": Rows(ROWS, limit=500, breaching=late),
    }  # fmt: skip


def _builder(request: Request, context: Context) -> Callable[[Ask], object]:
    def build(ask: Ask) -> object:
        return report.build(request, context, ask(report.plan(request, context)))

    return build


def _asker(query: Query) -> Callable[[Ask], object]:
    return lambda ask: ask({"rows": query})


def _context(store: Store) -> Context:
    city, extent = history_city.the_city(), store.extent()
    branch_of = {station.id: station.parent for station in city.stations}
    return Context(
        first=extent.first, last=extent.last, n=extent.n, version=extent.version,
        data_time_ms=float(extent.last_ms or 0), origins=tuple(origin.name for origin in extent.origins),
        lacks=extent.lacks, tracks_since=extent.tracks_since, targets=TARGETS, allowances=ALLOWANCES,
        branches=tuple(PlaceFact(place.id, place.name_zh, place.name_en) for place in city.branches),
        stations=tuple(PlaceFact(s.id, s.name_zh, s.name_en, (s.parent,)) for s in city.stations),
        zones=tuple(PlaceFact(z.id, z.name_zh, z.name_en, (z.parent, branch_of[z.parent])) for z in city.zones),
    )  # fmt: skip
