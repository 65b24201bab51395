"""What the figures' filters may be: the words of the history, the jurisdictions, the calendar."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from analytics.figures.request import COMPARATORS, PARTS, PERIODS, Context
from data_feeds.clock import Clock
from data_feeds.history.query import Counts, Dim, Filters, Query, Span
from data_feeds.places import LEVELS, SPOTS, key
from data_feeds.scopes import Scopes
from web.figures_params import Known
from web.figures_shapes import Choices, Jurisdiction, Word
from web.statistics import Statistics

RENEWED_S = 30.0  # words are counted over everything: not for every viewer
LEAST_S = 2.0  # before an unknown word has them counted again
EVERYTHING = Filters(kinds=())
WORDS: tuple[Dim, ...] = ("category", "severity", "source", "place_class", "zone", "branch")


@dataclass(frozen=True, slots=True)
class _Kept:
    made_s: float
    version: int
    choices: Choices
    known: Known


class ChoiceBook:
    """The choices, counted at most every half minute. Blocking: never call it on the event loop."""

    def __init__(self, statistics: Statistics, scopes: Scopes, clock: Clock) -> None:
        self._statistics, self._scopes, self._clock = statistics, scopes, clock
        self._lock = threading.Lock()  # one counts, the others wait for it
        self._kept: _Kept | None = None

    def choices(self) -> Choices:
        """Raises Unavailable."""
        return self._current(RENEWED_S).choices

    def known(self) -> Known:
        """The words by which parameters are checked. Raises Unavailable."""
        return self._current(RENEWED_S).known

    def newer(self) -> Known | None:
        """The words of this moment if they may be others than a moment ago. Raises Unavailable."""
        before = self._kept
        now = self._current(LEAST_S)
        return now.known if now is not before else None

    def _current(self, at_most_s: float) -> _Kept:
        with self._lock:
            now_s, kept = self._clock.monotonic_s(), self._kept
            if kept is None or now_s - kept.made_s >= at_most_s:
                context = self._statistics.context()
                today = self._statistics.today()
                if kept is None or kept.version != context.version or kept.choices.today != today:
                    kept = self._counted(context, today, now_s)
                self._kept = kept = _Kept(now_s, kept.version, kept.choices, kept.known)
            return kept

    def _counted(self, context: Context, today: date, now_s: float) -> _Kept:
        tables: dict[str, pa.Table] = {}
        if context.first is not None and context.last is not None:
            spans = (Span(context.first, context.last),)
            queries: dict[str, Query] = {name: Counts(spans, (name,), EVERYTHING) for name in WORDS}
            queries["station"] = Counts(spans, ("branch", "station"), EVERYTHING)
            tables = self._statistics.tables(queries)
        words = {name: _words(tables.get(name), name) for name in WORDS}
        parents = _parents(tables.get("station"))
        background = self._statistics.background()
        branches = self._jurisdictions("branch", words["branch"], {})
        stations = self._jurisdictions("station", _words(tables.get("station"), "station"), parents)
        zones = self._jurisdictions("zone", words["zone"], {})
        choices = Choices(
            context.first, context.last, today, context.n, context.version, context.data_time_ms, background.recorded,
            background.time_zone, background.day_start_minute, context.tracks_since, context.origins, context.lacks,
            PERIODS, COMPARATORS, PARTS, words["category"], words["severity"], words["source"], words["place_class"],
            branches, stations, zones, context.key_dates,
        )  # fmt: skip
        return _Kept(now_s, context.version, choices, self._known_of(choices))

    def _jurisdictions(self, level: str, words: list[Word], parents: dict[str, str]) -> list[Jurisdiction]:
        """Those of the places, whether incidents lie in them or not, else those that the records name."""
        n = {word.key: word.n for word in words}
        of_places = [
            Jurisdiction(
                place.id, level, self._parent(place.parent or ""), place.name_zh or place.name_en or place.id,
                place.name_en or place.name_zh or place.id, n.pop(place.id, 0),
            )
            for place in self._scopes.places.by_id.values()
            if (place.kind == level if level != "zone" else place.kind not in LEVELS and place.kind not in SPOTS)
        ]  # fmt: skip
        heard = [Jurisdiction(word, level, parents.get(word, ""), word, word, count) for word, count in n.items()]
        return of_places + heard

    def _parent(self, code: str) -> str:
        place = self._scopes.places.by_id.get(code)
        return code if place is not None and place.kind != "city" else ""

    def _known_of(self, choices: Choices) -> Known:
        by_word: dict[str, str | None] = {}
        for one in (*choices.branches, *choices.stations, *choices.zones):  # a branch goes before a zone of its name
            for word in {key(one.name_zh), key(one.name_en)} - {key(one.code)}:
                by_word[word] = None if by_word.get(word, one.code) != one.code else one.code
        by_word |= {key(one.code): one.code for one in (*choices.zones, *choices.stations, *choices.branches)}

        def scope(text: str) -> str | None:
            found = self._scopes.find(text) if self._scopes.known or key(text) in ("", "city") else None
            if found is not None:
                return "" if found.is_city else found.code
            return by_word.get(key(text))

        return Known(
            scope, _keys(choices.categories), _keys(choices.severities), _keys(choices.sources),
            _keys(choices.place_classes), frozenset(zone.code for zone in choices.zones),
            frozenset(one.name for one in choices.key_dates),
        )  # fmt: skip


def _words(table: pa.Table | None, name: str) -> list[Word]:
    """The words of column ``name``, those of most incidents first; "" is none."""
    counts: dict[str, int] = {}
    if table is not None:
        for word, n in zip(table[name].to_pylist(), table["n"].to_pylist(), strict=True):
            counts[word or ""] = counts.get(word or "", 0) + n
    return sorted((Word(word, n) for word, n in counts.items() if word), key=lambda word: (-word.n, word.key))


def _parents(table: pa.Table | None) -> dict[str, str]:
    """Station → the branch under which it is named most."""
    if table is None:
        return {}
    rows = zip(table["station"].to_pylist(), table["branch"].to_pylist(), table["n"].to_pylist(), strict=True)
    return {station: branch or "" for station, branch, _ in sorted(rows, key=lambda row: row[2])}


def _keys(words: Iterable[Word]) -> frozenset[str]:
    return frozenset(word.key for word in words)
