"""What history adds to the wall, asked in a thread of its own: a tick reads what is there and never waits for a query.

Asked is for scopes that somebody looks at, every ``every_s`` seconds, at once for a new scope and when the business day
changes; what the data version says is the same is not asked again.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import msgspec
import pyarrow as pa

from analytics import heat_past
from analytics import past as past_figures
from analytics.figures.breaches import Allowances
from analytics.figures.breaches import usual as usual_spans
from analytics.past import Calendar, Past
from analytics.response import Targets
from analytics.strip import Strip, seconds_of
from data_feeds.clock import Clock
from data_feeds.history.query import Query, spans_of
from data_feeds.history.store import Extent, Store
from data_feeds.scopes import Scope
from data_feeds.settings import Settings

log = logging.getLogger("wallboard.historic")

EVERY_S = 60.0
HEAT_EVERY_S = 600.0  # hexagons of weeks hardly move within minutes, and each of them is read by every viewer
MAX_HEATS = 64
PATIENCE = 3.0  # so many times ``every_s`` an answer stays good: history is slow then, or in trouble
FORGET_S = 300.0
Ask = Callable[[Store, Query], pa.Table]
Figures = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """What history said of one scope: of which business day, and up to when (Unix ms) it was asked."""

    day: date
    data_ms: float
    extent: Extent
    past: Past
    today: Figures  # responses by place class
    week: Figures
    heat: Mapping[str, str]  # window → which data its hexagons are of


@dataclass(slots=True)
class _Asked:
    """A scope that somebody looks at. ``versions``: of which data each part of ``known`` was made."""

    scope: Scope
    wanted_s: float
    told_s: float = float("-inf")
    known: Known | None = None
    failed: bool = False
    versions: dict[str, tuple[date, int]] | None = None
    heat_s: float = float("-inf")  # when the keys of the heat's windows were looked up


class Opened(Protocol):
    """The part of an Archive that is asked."""

    @property
    def store(self) -> Store | None: ...
    @property
    def state(self) -> str: ...
    @property
    def trouble(self) -> object: ...
    def growing(self) -> bool: ...


def asker(settings: Settings, clock: Clock, archive: Opened) -> Historic | None:
    """Who asks the history of a wall of ``settings``; None where none is kept."""
    if archive.state == "off":
        return None
    calendar = Calendar(settings.zone, settings.day_start_minute, settings.lunar_comparison)
    targets = Targets(settings.target_key_spot_s, settings.target_centre_s, settings.target_other_s)
    return Historic(
        lambda: archive.store, clock, calendar, Strip(seconds_of(targets)), archive.growing, lambda: archive.trouble
    )


class Historic:
    """Figures of the past for the wall's documents.

    ``store`` gives None while there is no history to ask, and ``trouble`` then says whether that is as it should be;
    ``growing``: whether its past is still being written, for half a past is none.
    """

    def __init__(
        self, store: Callable[[], Store | None], clock: Clock, calendar: Calendar, strip: Strip,
        growing: Callable[[], bool] = lambda: False, trouble: Callable[[], object] = lambda: None,
        ask: Ask | None = None, every_s: float = EVERY_S,
    ) -> None:  # fmt: skip
        self.calendar, self.strip = calendar, strip
        self._store, self._clock, self._every_s = store, clock, every_s
        self._growing, self._trouble = growing, trouble
        self._ask = ask or (lambda store, query: store.run(query))
        self._scopes: dict[str, _Asked] = {}
        self._heats: OrderedDict[tuple[str, str], tuple[str, bytes]] = OrderedDict()
        self._heating = threading.Lock()  # fifty viewers that ask at once are one question
        self._allowances: tuple[tuple[date, int], Allowances] | None = None
        self._wake, self._stopping = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._in_trouble = False

    def start(self) -> None:
        """Begin to ask."""
        self._thread = threading.Thread(target=self._run, name="historic", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; waits for the query under way."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(10.0)

    def of(self, scope: Scope, now_ms: float) -> tuple[str, Known | None]:
        """(ready, reading, seeding or trouble; what is known of ``scope``, only when ready). Never waits."""
        now_s = self._clock.monotonic_s()
        asked = self._scopes.get(scope.code)
        if asked is None:
            if scope.level != "unknown":
                self._scopes[scope.code] = _Asked(scope, now_s)
                self._wake.set()
            return "reading", None
        asked.wanted_s = now_s
        if self._growing():
            return "seeding", None
        if self._store() is None:
            return ("trouble" if self._trouble() else "reading"), None
        known = asked.known
        if known is None:
            if not asked.failed:
                self._wake.set()  # there is a history now
            return ("trouble" if asked.failed else "reading"), None
        if now_s - asked.told_s > PATIENCE * self._every_s:
            return "trouble", None
        if now_ms > 0 and known.day != self.calendar.day_of(now_ms):
            self._wake.set()
            return "reading", None
        return "ready", known

    def refresh(self) -> None:
        """Ask once for every scope that is wanted."""
        now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
        self._scopes = {code: a for code, a in list(self._scopes.items()) if now_s - a.wanted_s < FORGET_S}
        store = None if now_ms <= 0 or self._growing() else self._store()
        trouble: Exception | None = None
        for asked in list(self._scopes.values()):
            if self._stopping:
                return
            if store is None:
                asked.known = None
                continue
            try:
                self._ask_for(asked, store, now_ms)
            except Exception as error:
                asked.failed, trouble = True, error
            else:
                asked.told_s, asked.failed = self._clock.monotonic_s(), False
        self._say(trouble)

    def _ask_for(self, asked: _Asked, store: Store, now_ms: float) -> None:
        """Ask anew for what has changed. Raises what the store raises."""
        day, old = self.calendar.day_of(now_ms), asked.known
        scope = "" if asked.scope.is_city else asked.scope.code
        extent = store.extent()
        kept, versions = asked.versions or {}, {}

        def part(name: str, queries: Mapping[str, Query], make: Callable[[dict[str, pa.Table]], Any], last: Any) -> Any:
            spans = tuple(span for query in queries.values() for span in spans_of(query))
            versions[name] = day, store.version(spans)  # read first: what changes meanwhile is asked for again
            if last is not None and kept.get(name) == versions[name]:
                return last
            return make({key: self._ask(store, query) for key, query in queries.items()})

        figures, allowances = self.strip.figures, self._usual(store, day)
        past = part("past", past_figures.questions(day, scope, self.calendar.lunar),
                    lambda answers: past_figures.past_of(day, self.calendar, answers, extent.first, extent.last),
                    old and old.past)
        week = part("week", self.strip.week(day, scope, allowances), figures, old and old.week)
        today = part("today", self.strip.today(day, scope, allowances), figures, old and old.today)
        heat, now_s = old.heat if old and old.day == day else {}, self._clock.monotonic_s()
        if not heat or now_s - asked.heat_s >= HEAT_EVERY_S:
            spans = {window: heat_past.span_of(window, day) for window in heat_past.PAST_WINDOWS}
            heat = {window: f"{day}.{store.version((span,))}" for window, span in spans.items()}
            asked.heat_s = now_s
        asked.known, asked.versions = Known(day, now_ms, extent, past, today, week, heat), versions

    def heat(self, scope: Scope, window: heat_past.Window) -> bytes | None:
        """The hexagons of a scope and a window as JSON, made once for all who ask; None while history cannot tell.

        Blocking: not for the event loop. Raises what the store raises.
        """
        asked, store = self._scopes.get(scope.code), self._store()
        known = asked.known if asked else None
        if known is None or store is None or self._growing():
            return None
        place, key = (scope.code, window), known.heat[window]
        with self._heating:
            kept = self._heats.get(place)
            if kept is not None and kept[0] == key:
                return kept[1]
            queries = heat_past.questions(window, known.day, "" if scope.is_city else scope.code)
            now_ms = self._clock.now_ms()
            answers = {name: self._ask(store, query) for name, query in queries.items()}
            body = heat_past.body_of(window, known.day, answers, known.extent.first, now_ms)
            made = msgspec.json.encode(body)
            self._heats[place] = key, made
            while len(self._heats) > MAX_HEATS:
                self._heats.popitem(last=False)
            return made

    def _usual(self, store: Store, day: date) -> Allowances:
        """What each interval of a response may take: the same for all scopes, asked once a day."""
        asked = day, store.version(usual_spans(day)[:1])
        if self._allowances is None or self._allowances[0] != asked:
            answers = {name: self._ask(store, query) for name, query in self.strip.usual(day).items()}
            self._allowances = asked, self.strip.allowances(answers)
        return self._allowances[1]

    def _say(self, error: Exception | None) -> None:
        """A failure is logged once, and its end."""
        if error is not None and not self._in_trouble:
            log.warning("history cannot be asked, the wall shows what it has in memory: %s", error)
        if error is None and self._in_trouble:
            log.info("history can be asked again")
        self._in_trouble = error is not None

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self.refresh()
            except Exception:
                log.exception("history could not be asked; it is tried again")
            self._wake.wait(self._every_s)
