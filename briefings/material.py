"""What a briefing is written from: the report of its period and what else must be asked for it.

``gathered`` asks a Desk, which is given from outside; everything else here is plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import time, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from analytics.days import instant, local
from analytics.figures import drones, units
from analytics.figures.heat import suppressed
from analytics.figures.parts import Heat
from analytics.figures.request import Request
from analytics.figures.result import Report
from analytics.figures.units import Units
from analytics.periods import PeriodError, begin_ms, business_day
from briefings.document import Outline
from data_feeds.history.query import INTERVALS, MAX_ROWS, Present, Query, Rows, Span, Spreads

DIVIDED_S = (30, 60, 120, 180, 300, 600)  # where the distributions of intervals are cut
HANDOVER = time(8)  # at which the duty changes
SLOWEST = 20
SILENT_MS = 2 * 3_600_000.0  # of no incident at all: its records have ended
ONE = timedelta(days=1)
Pair = tuple[str, str]  # zh, en


class Took(Struct, frozen=True):
    """How long ``interval`` took, in classes: ``counts`` of up to 30 s, up to 60 s, … of more than DIVIDED_S[-1]."""

    interval: str
    n: int
    missing: int
    counts: tuple[int, ...]


class OneIncident(Struct, frozen=True):
    """A row of a list, without free text. ``unit_id``: who went, where exactly one did. ``seconds``: its response, or
    how long it has been open."""

    number: str
    received_ms: float
    category: str
    severity: str
    station: str
    unit_id: str
    seconds: float | None


class Open(Struct, frozen=True):
    """Incidents without an end at ``at_ms`` (Unix): ``recent`` of those of the last day and since, oldest first;
    ``older`` of the period's before, which nobody has closed since."""

    at_ms: float
    recent: tuple[OneIncident, ...]
    older: int


class Surroundings(Struct, frozen=True):
    """What is known of the city. ``names``: of jurisdictions and zones by code. ``mark``: of the scope, in ASCII."""

    city: Pair
    scope: Pair
    mark: str
    names: Mapping[str, Pair]
    outlines: tuple[Outline, ...]
    suppress_below: int


class Desk(Protocol):
    """Who answers. Any call may raise what the history raises."""

    def report(self, request: Request) -> Report: ...
    def table(self, query: Query) -> pa.Table: ...
    def surroundings(self, scope: str, lang: str) -> Surroundings: ...
    def located(self, cells: Sequence[str]) -> Mapping[str, str]: ...


class Material(Struct, frozen=True):
    """``report``: with the heat as it may leave the wall. ``before``: the heat of the period before, None where there
    is none. ``open``: None where the source tells no end, or nothing was recorded. ``lies``: cell that is or was hot →
    code of the place that holds it. ``drones``: None where nobody asked."""

    report: Report
    before: Heat | None
    took: tuple[Took, ...]
    slowest: tuple[OneIncident, ...]
    units: Units
    open: Open | None
    around: Surroundings
    lies: Mapping[str, str]
    drones: drones.Drones | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.report.request.zone)


def gathered(desk: Desk, request: Request, lang: str, tell: Callable[[float], object] = lambda share: None) -> Material:
    """Everything for the briefing of ``request``. ``tell``: how much of it is done, 0–1. Raises PeriodError, and what
    ``desk`` raises."""
    tell(0.0)
    report = desk.report(request)
    tell(0.5)
    around = desk.surroundings(request.where.scope, lang)
    before = _before(desk, report, around.suppress_below)
    if report.heat:
        report = replace(report, heat=suppressed(report.heat, around.suppress_below))
    tell(0.7)
    took = _took(desk.table(Spreads((report.period.span,), INTERVALS, (), request.where, DIVIDED_S)))
    rows = Rows(report.period.span, request.where, "response", limit=SLOWEST)
    slowest = [one for one in _listed(desk.table(rows)) if one.seconds is not None]
    went = _units(desk, report)
    untold = "closed" in report.data.lacks or not report.data.recorded
    left_open = None if untold else _open(desk, report, known_until_ms(report))
    hot = report.heat.hot if report.heat else []
    told = desk.located([one.cell for one in (*hot, *(before.hot if before else []))])
    flights = drones.build(report, {name: desk.table(query) for name, query in drones.queries(report).items()})
    tell(1.0)
    return Material(report, before, took, tuple(slowest), went, left_open, around, told, flights)


def _before(desk: Desk, report: Report, below: int) -> Heat | None:
    """The heat of the whole period before, where hot spots can be compared with it."""
    found = next((one for one in report.comparators if one.id == "previous" and one.used), None)
    if found is None or report.period.kind == "key" or report.heat is None or report.heat.lacks:
        return None
    day = found.spans[0].first
    request = replace(report.request, date=day, parts=("heat",), comparators=(), heat_resolution=report.heat.resolution)
    try:
        heat = desk.report(request).heat
    except PeriodError:
        return None
    return suppressed(heat, below) if heat else None


def _took(table: pa.Table) -> tuple[Took, ...]:
    found = []
    for row in table.to_pylist():
        within = [0, *(row[f"within_{limit}"] for limit in DIVIDED_S), row["n"]]
        counts = tuple(after - first for first, after in pairwise(within))
        found.append(Took(row["interval"], row["n"], row["missing"], counts))
    return tuple(found)


def _units(desk: Desk, report: Report) -> Units:
    spreads = report.response.intervals if report.response else []
    targets = {one.place_class: one.target_s for one in spreads if one.target_s is not None}
    return units.slowest(targets, desk.table(units.query(report.period.span, report.request.where, targets)))


def known_until_ms(report: Report) -> float:
    """Up to when it is known what is open: now; of records that have ended their last moment, of a period at whose end
    nothing was recorded the last before (Unix ms)."""
    request, data_ms = report.request, report.data.data_time_ms
    end_ms = begin_ms(report.period.last + ONE, ZoneInfo(request.zone), request.day_start_minute)
    ends = [gap.begin_ms for gap in report.data.gaps if gap.end_ms >= min(end_ms, request.now_ms)]
    if data_ms is not None and request.now_ms - data_ms > SILENT_MS:
        ends.append(data_ms)
    return min([request.now_ms, *ends])


def handover_ms(report: Report, now_ms: float) -> float:
    """The first 08:00 at or after the end of the period, but not later than now (Unix ms)."""
    request, zone = report.request, ZoneInfo(report.request.zone)
    end = begin_ms(report.period.last + ONE, zone, request.day_start_minute)
    day = local(end, zone).date()
    first = next(at for at in (instant(day + ONE * n, HANDOVER, zone) for n in range(2)) if at >= end)
    return min(first, now_ms)


def _open(desk: Desk, report: Report, known_ms: float) -> Open:
    """Asked for are the rows of the last day and of what has come since; of the days before only how many are open."""
    request, period, zone = report.request, report.period, ZoneInfo(report.request.zone)
    at_ms = handover_ms(report, known_ms)
    day, minute = business_day(at_ms, zone, request.day_start_minute)
    recent = Rows(Span(period.reached, max(day, period.reached), minute or None), request.where, descending=False,
                  limit=MAX_ROWS)  # fmt: skip
    if not minute:
        recent = replace(recent, span=Span(period.reached, max(day - ONE, period.reached)))
    kept = [row for row in _all(desk, recent) if row["received_ms"] < at_ms and _is_open(row["closed_ms"], at_ms)]
    older = 0
    if period.first < period.reached:
        told = desk.table(Present((Span(period.first, period.reached - ONE),), request.where)).to_pylist()[0]
        older = told["n"] - told["closed"]
    listed = [_one(row, (at_ms - row["received_ms"]) / 1000.0) for row in kept]
    return Open(at_ms, tuple(listed), older)


def _all(desk: Desk, query: Rows) -> Iterator[Mapping]:
    """The rows of as many answers as it takes."""
    size = MAX_ROWS
    while size == MAX_ROWS:
        table = desk.table(query)
        yield from table.to_pylist()
        size, query = len(table), replace(query, offset=query.offset + MAX_ROWS)


def _is_open(closed_ms: int | None, at_ms: float) -> bool:
    return closed_ms is None or closed_ms > at_ms


def _listed(table: pa.Table) -> list[OneIncident]:
    return [_one(row, row["response_s"]) for row in table.to_pylist()]


def _one(row: Mapping, seconds: float | None) -> OneIncident:
    return OneIncident(
        row["incident_id"], float(row["received_ms"]), row["category"], row["severity"], row["station"],
        row["unit_id"], seconds,
    )


