"""Who can be there first, what is covered, who will be late: worked out beside the event loop, told as documents and
answers.

One thread does all of it, one thing after another, with what is loaded when it is first needed: a start is no slower
for it. Every ``EVERY_S`` seconds it works out the cover and the forecasts; ticks read what is there and never wait.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec
from fastapi import FastAPI, Response

from data_feeds.board import Board
from data_feeds.clock import Clock
from data_feeds.scopes import Scope
from data_feeds.settings import Settings
from web import ground

if TYPE_CHECKING:
    from data_feeds.roads import RoadGraph
    from web.dispatch_work import Told, Work

log = logging.getLogger("wallboard.dispatch")
LOST = "distances are told instead of travel times"

JSON = "application/json"
EVERY_S = 10.0
BEGIN_S = 4.0  # after the feed has been read: the first picture goes first
KEPT_S = 1.0  # so long an answer is the same for all who ask
SOON_S = 2
MAX_WAITING = 64
MAX_ID = 64
MAX_SCOPES_KEPT = 512
Ask = Callable[["Work"], bytes]


class Busy(Exception):
    """Not now; the text says why."""


class NotThere(Exception):
    """What was asked about does not exist; the text names it."""


class Dispatch:
    """The thread, its work, and what it found last. ``make``: loads and builds what the work needs."""

    def __init__(self, make: Callable[[], Work], clock: Clock, caught_up: threading.Event) -> None:
        self._make, self._clock, self._caught_up = make, clock, caught_up
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="dispatch")
        self._stopping = threading.Event()
        self._timer = threading.Thread(target=self._run, name="dispatch timer", daemon=True)
        self._work: Work | None = None
        self._making: Future[None] | None = None
        self._lock = threading.Lock()
        self._shared: dict[str, tuple[float, Future[bytes]]] = {}
        self._failed = False
        self.told: Told | None = None

    def start(self) -> None:
        """Begin to work out cover and forecasts."""
        self._timer.start()

    def stop(self) -> None:
        """Begin nothing new; waits for what is being worked out."""
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)

    async def ask(self, key: str, question: Ask) -> bytes:
        """What ``question`` answers; the same for all who ask with ``key`` within KEPT_S. Raises Busy and NotThere."""
        return await asyncio.shield(asyncio.wrap_future(self._future(key, question)))  # others may wait for it too

    def _future(self, key: str, question: Ask) -> Future[bytes]:
        with self._lock:
            if self._stopping.is_set():
                raise Busy("the wall is ending")
            if self._work is None:
                self._prepare()
                raise Busy("the road network is being prepared")
            now_s, work = self._clock.monotonic_s(), self._work
            self._shared = {
                name: kept for name, kept in self._shared.items() if not kept[1].done() or now_s - kept[0] < KEPT_S
            }
            kept = self._shared.get(key)
            if kept is None:
                if len(self._shared) >= MAX_WAITING:
                    raise Busy("too many questions wait")
                kept = self._shared[key] = now_s, self._pool.submit(question, work)
            return kept[1]

    def _prepare(self) -> Future[None]:
        """Load and build, unless that is under way. With the lock held."""
        if self._making is None or (self._making.done() and self._work is None):
            self._making = self._pool.submit(self._build)
        return self._making

    def _build(self) -> None:
        try:
            self._work = self._make()
        except Exception:
            log.exception("candidates and cover cannot be worked out")
            raise

    def _run(self) -> None:
        while not self._caught_up.wait(1.0):
            if self._stopping.is_set():
                return
        wait_s = BEGIN_S
        while not self._stopping.wait(wait_s):
            wait_s = EVERY_S
            try:
                self._refresh()
            except Exception as error:
                if self._stopping.is_set():
                    return
                if not self._failed:
                    log.exception("cover and forecasts cannot be worked out: %s", error)
                self._failed = True
            else:
                self._failed = False

    def _refresh(self) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            made = self._prepare() if self._work is None else None
        if made is not None:
            made.result()
        work = self._work
        assert work is not None
        self.told = self._pool.submit(work.refresh).result()


class Documents:
    """``cover`` and ``forecast`` of each scope from what was found last, encoded once a scope."""

    def __init__(self, dispatch: Dispatch, board: Board) -> None:
        self._dispatch, self._board = dispatch, board
        self._kept: dict[tuple[str, str], tuple[Told, msgspec.Raw]] = {}

    def cover(self, now_ms: float, scope: Scope) -> object:
        """Key spots, gaps and moves."""
        return self._of("cover", scope, lambda told: told.cover_of(scope))

    def forecast(self, now_ms: float, scope: Scope) -> object:
        """Who is expected when at the open incidents, and arrivals by GPS."""

        def made(told: Told) -> object:
            return told.forecast_of({placed.incident.incident_id for placed in self._board.incidents(scope)})

        return self._of("forecast", scope, made)

    def late(self) -> Mapping[str, float]:
        """The incidents of the city that are expected to miss their target, with the deadline (Unix ms)."""
        told = self._dispatch.told
        return {} if told is None else told.late

    def _of(self, name: str, scope: Scope, make: Callable[[Told], object]) -> object:
        told = self._dispatch.told
        if told is None:
            return {"state": "waiting", "total": 0, "items": [], "arrivals": []}
        kept = self._kept.get((name, scope.code))
        if kept is not None and kept[0] is told:
            return kept[1]
        if len(self._kept) >= MAX_SCOPES_KEPT:
            self._kept.clear()
        body = msgspec.Raw(msgspec.json.encode(make(told)))
        self._kept[name, scope.code] = told, body
        return body


def late(
    settings: Settings, board: Board, clock: Clock, caught_up: threading.Event, roads: Callable[[], RoadGraph | None]
) -> Dispatch:
    """The dispatch of a wall; what it needs is loaded by its thread."""

    def work() -> Work:
        streets = ground.known(roads, LOST)
        return import_module("web.dispatch_work").Work(settings, board, clock, streets)

    return Dispatch(work, clock, caught_up)


def register(api: FastAPI, dispatch: Dispatch, board: Board) -> None:
    """Add the addresses to ``api``; before those of single units, whose ids may hold strokes."""

    async def answered(key: str, question: Ask) -> Response:
        try:
            return Response(await dispatch.ask(key, question), media_type=JSON)
        except Busy as error:
            return _said(503, str(error), {"retry-after": str(SOON_S)})
        except NotThere as error:
            return _said(404, str(error))

    @api.get("/api/incidents/{incident_id:path}/candidates")
    async def candidates(incident_id: str) -> Response:
        """Every unit that could go to an open incident, ranked, with the reasons for and against."""
        return await answered(f"candidates {incident_id}", lambda work: work.candidates(incident_id[:MAX_ID]))

    @api.get("/api/incidents/{incident_id:path}/rings")
    async def incident_rings(incident_id: str) -> Response:
        """From where an open incident is reached within each target."""
        return await answered(f"to {incident_id}", lambda work: work.incident_rings(incident_id[:MAX_ID]))

    @api.get("/api/units/{unit_id:path}/rings")
    async def unit_rings(unit_id: str) -> Response:
        """How far a unit gets within each target."""
        return await answered(f"from {unit_id}", lambda work: work.unit_rings(unit_id[:MAX_ID]))

    @api.get("/api/coverage")
    async def coverage(scope: str = "") -> Response:
        """How soon somebody is where in a scope, by H3 cells, as the map reads it."""
        found = board.scopes.find(scope)
        if found is None:
            return _said(404, f"no jurisdiction is called {scope[:MAX_ID]!r}; /api/scopes lists them")
        return await answered(f"coverage {found.code}", lambda work: work.coverage(found))


def _said(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode({"detail": detail}), status, headers, JSON)
