"""The reports of the history, for pages, panels and addresses: planned, asked through the cache, built. Once for all.

Nothing here runs on the event loop: queries have a few threads of their own, so that the live map keeps its cores.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa

from analytics import periods
from analytics.figures import report
from analytics.figures.breaches import Allowances
from analytics.figures.request import COMPARATORS, ComparatorId, Context, Part, PeriodKind, Request
from analytics.figures.result import Period, Report
from analytics.periods import PeriodError
from data_feeds.clock import Clock
from data_feeds.history.query import Filters, Query, Span
from data_feeds.history.store import Store, StoreError
from web.background import Background
from web.caching import AnswerCache, Flights, days_of

QUERY_THREADS = 2
REPORT_THREADS = 16  # they wait for queries most of the time, and what is known must not wait behind them
MAX_WAITING = 256
REPORTS_KEPT = 32
PATIENCE_S = 60.0
USUAL_S = 3600.0
MINUTE_MS, HOUR_MS = 60_000.0, 3_600_000.0
ONE = timedelta(days=1)
T = TypeVar("T")
Answers = Mapping[str, pa.Table]


class Maker(Protocol):
    """Makes reports: analytics.figures.report."""

    def prior(self, request: Request, context: Context) -> dict[str, Query]: ...
    def informed(self, request: Request, context: Context, answers: Answers) -> Context: ...
    def plan(self, request: Request, context: Context) -> dict[str, Query]: ...
    def build(self, request: Request, context: Context, answers: Answers) -> Report: ...


class Unavailable(Exception):
    """There are no figures just now; the text says why, ``retry_after_s`` when it may be worth asking again."""

    def __init__(self, text: str, retry_after_s: int = 10) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Answer:
    """A report and its tag, which changes with the request, the data version of its days, and the program."""

    report: Report
    tag: str


class Statistics:
    """Reports of one history. ``history``: the open Store, or None while there is none; ``why``: why there is none."""

    def __init__(
        self, history: Callable[[], Store | None], cache: AnswerCache, clock: Clock,
        background: Callable[[], Background], maker: Maker = report,
        why: Callable[[], str] = lambda: "the history is not open yet",
    ) -> None:  # fmt: skip
        self._history, self._cache, self._clock, self.background = history, cache, clock, background
        self._maker, self._why = maker, why
        self._queries = ThreadPoolExecutor(QUERY_THREADS, "history-query")
        self._reports = ThreadPoolExecutor(REPORT_THREADS, "history-report")
        self._lock = threading.Lock()
        self._waiting = 0
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._flights: Flights[Answer] = Flights()
        self._usual: dict[tuple[date, int], tuple[float, Allowances]] = {}

    async def report(self, request: Request) -> Report:
        """The report, from the event loop. Raises PeriodError where there is no such period, or Unavailable."""
        return await self.off_loop(lambda: self.report_now(request))

    def report_now(self, request: Request) -> Report:
        """The same from any other thread; blocking."""
        answer = self.answer(request)
        assert answer is not None
        return answer.report

    def request(
        self, period: PeriodKind, day: date | None = None, key: str = "", where: Filters | None = None,
        comparators: tuple[ComparatorId, ...] = COMPARATORS, parts: tuple[Part, ...] = (),
        heat_resolution: int | None = None, lunar: bool | None = None,
    ) -> Request:  # fmt: skip
        """A request as of now, in the city's time zone. ``day``: default today, or the last one of records that do not
        go on; ``heat_resolution``: default what suits the scope. Blocking. Raises Unavailable."""
        known, now_ms, where = self.background(), self.now_ms(), where or Filters()
        return Request(
            period, day or self.latest(), now_ms - now_ms % MINUTE_MS, known.time_zone, key, where,
            known.day_start_minute, comparators, known.lunar if lunar is None else lunar, parts,
            heat_resolution or known.resolution(where.scope),
        )  # fmt: skip

    def now_ms(self) -> float:
        """The wall's time. Raises Unavailable while a replay has not told it."""
        now_ms = self._clock.now_ms()
        if not now_ms:
            raise Unavailable("the replay's clock has not been heard yet")
        return now_ms

    def today(self) -> date:
        """The business day of now. Raises Unavailable."""
        known = self.background()
        return periods.business_day(self.now_ms(), ZoneInfo(known.time_zone), known.day_start_minute)[0]

    def latest(self) -> date:
        """The newest business day that a figure may be about. Blocking. Raises Unavailable."""
        today = self.today()
        if self.background().recorded:
            return today
        return min(today, self.context().last or today)

    def context(self) -> Context:
        """What is known beside the incidents, of this moment and no request. Blocking. Raises Unavailable."""
        store, known = self.store(), self.background()
        extent = guarded(store.extent)
        return Context(
            extent.first, extent.last, extent.n, extent.version,
            None if extent.last_ms is None else float(extent.last_ms),
            tuple(origin.name for origin in extent.origins), extent.lacks, extent.tracks_since, known.key_dates,
            dict(known.targets), {}, known.branches, known.stations, known.zones,
            suppress_below=known.suppress_below,
        )  # fmt: skip

    def period(self, request: Request, context: Context) -> Period:
        """The period that is asked for. Raises PeriodError, also where it begins after records that do not go on."""
        period = periods.period_of(request, context)
        if not self.background().recorded and context.last is not None and period.first > context.last:
            raise PeriodError("after", f"the period begins on {period.first}, after the records end on {context.last}")
        return period

    def store(self) -> Store:
        """The open history. Raises Unavailable."""
        store = self._history()
        if store is None:
            raise Unavailable(self._why())
        return store

    def table(self, query: Query) -> pa.Table:
        """The answer to one query, through the cache. Blocking. Raises Unavailable."""
        return self.tables({"one": query})["one"]

    def version(self, query: Query) -> int:
        """The data version of the days that ``query`` looks at. Blocking. Raises Unavailable."""
        store = self.store()
        return guarded(lambda: store.version(days_of([query])))

    def uncached(self, query: Query) -> pa.Table:
        """The answer to a query that nobody asks twice. Blocking. Raises Unavailable."""
        store = self.store()
        return guarded(lambda: self._queries.submit(store.run, query).result(PATIENCE_S))

    def tables(self, queries: Mapping[str, Query]) -> dict[str, pa.Table]:
        """The answers to several, a few at a time. Blocking. Raises Unavailable."""
        store = self.store()
        asked = {name: self._queries.submit(self._cache.table, store, query) for name, query in queries.items()}
        try:
            return guarded(lambda: {name: one.result(PATIENCE_S) for name, one in asked.items()})
        finally:
            for one in asked.values():
                one.cancel()  # of those that have not begun, when one has failed

    def answer(self, request: Request, unless: str = "") -> Answer | None:
        """The report with its tag; None where its tag would be ``unless``: who asks has it already.

        Blocking: never on the event loop. Raises PeriodError or Unavailable.
        """
        store, context = self.store(), self.context()
        if self.period(request, context).complete:  # its figures wait for no minute
            request = msgspec.structs.replace(request, now_ms=request.now_ms - request.now_ms % HOUR_MS)
        context = self._informed(store, request, context)
        queries = self._maker.plan(request, context)
        tag = self._tag(request, context, guarded(lambda: store.version(days_of(queries.values()))))
        if tag == unless:
            return None
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
                return self._kept[tag]
        return self._flights.run(tag, lambda: self._made(tag, request, context, queries))

    async def off_loop(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, from the event loop. Raises Unavailable when too many wait already."""
        with self._lock:
            if self._waiting >= MAX_WAITING:
                raise Unavailable(f"{MAX_WAITING} others wait for figures", 2)
            self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reports, work)
        finally:
            with self._lock:
                self._waiting -= 1

    def counts(self) -> dict[str, int]:
        """What the cache did, for /metrics."""
        return self._cache.counts()

    def close(self) -> None:
        """Begin nothing new; what runs may end by itself."""
        for pool in (self._reports, self._queries):
            pool.shutdown(wait=False, cancel_futures=True)

    def _made(self, tag: str, request: Request, context: Context, queries: Mapping[str, Query]) -> Answer:
        made = Answer(self._maker.build(request, context, self.tables(queries)), tag)
        with self._lock:
            self._kept[tag] = made
            while len(self._kept) > REPORTS_KEPT:
                self._kept.popitem(last=False)
        return made

    def _informed(self, store: Store, request: Request, context: Context) -> Context:
        """``context`` with what must be asked before the plan, and with the cells of the request's scope.

        What is usual moves slowly: it is learned anew every hour, or when one of the months before has changed.
        """
        if request.wants("heat"):
            cells = self.background().study(request.where.scope, request.heat_resolution)
            context = msgspec.structs.replace(context, study_cells=cells)
        asked = self._maker.prior(request, context)
        if not asked:
            return context
        days = days_of(asked.values())
        month = days[-1].last.replace(day=1)
        before = Span(days[0].first, month - ONE)
        key, now_s = (month, guarded(lambda: store.version([before]))), self._clock.monotonic_s()
        found = self._usual.get(key)
        if found is None or now_s - found[0] >= USUAL_S:
            informed = self._maker.informed(request, context, self.tables(asked))
            with self._lock:
                while len(self._usual) >= REPORTS_KEPT:
                    self._usual.pop(next(iter(self._usual)))
                self._usual[key] = found = now_s, informed.allowances
        return msgspec.structs.replace(context, allowances=found[1])

    def _tag(self, request: Request, context: Context, version: int) -> str:
        # of the context only what does not move with every incident of another day
        settled = msgspec.structs.replace(context, version=0, data_time_ms=None, n=0, last=None)
        told = (self._cache.name(), version, request, settled)
        return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:32]


def guarded(ask: Callable[[], T]) -> T:
    """What ``ask`` gives. Raises Unavailable in place of StoreError and of what takes too long."""
    try:
        return ask()
    except StoreError as error:
        raise Unavailable(str(error)) from error
    except TimeoutError as error:
        raise Unavailable(f"a query took more than {PATIENCE_S:.0f} s") from error
