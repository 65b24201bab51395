"""How fresh every feed is, and what went wrong how often."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from data_feeds.feed import TopicHealth
from data_feeds.model import Topic

# Topics whose producers speak all the time while anything moves; on the others silence is normal.
CONTINUOUS = frozenset({Topic.POSITION, Topic.TELEMETRY, Topic.CLOCK})
WINDOW_S = 10.0
BACKLOG_RECORDS = 500  # so many may wait between two polls of a busy topic
REFUSED_RUN = 10  # so many records refused without a good one between them: the topic says nothing any more


class Freshness(Enum):
    """The verdict on one feed."""

    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"
    NONE = "none"  # nothing was ever heard, and nothing says that something is wrong


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed as the wall shows it. ``age_s``: real seconds since its data are known to be current (None: never).

    ``refused``: it delivers, but nothing that can be used.
    """

    topic: Topic
    age_s: float | None
    event_ms: float | None
    lag: int | None
    missing: bool
    rate: float
    freshness: Freshness
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """On which silence means trouble: positions where units are on duty, telemetry where a drone is in the air."""

    positions: bool = False
    telemetry: bool = False

    def of(self, topic: Topic) -> bool:
        return {Topic.POSITION: self.positions, Topic.TELEMETRY: self.telemetry, Topic.CLOCK: True}.get(topic, False)


@dataclass(slots=True)
class _Heard:
    at_s: float | None = None
    count: int = 0
    refused_run: int = 0
    caught_up_s: float | None = None
    marks: deque[tuple[float, int]] = field(default_factory=deque)
    events: deque[tuple[float, float]] = field(default_factory=deque)  # (heard at, typical event time of a batch)


class FeedMonitor:
    """Listens to what arrives; thread-safe. ``stale_s`` and ``lost_s`` in real seconds."""

    def __init__(self, stale_s: float, lost_s: float) -> None:
        self._stale_s, self._lost_s = stale_s, lost_s
        self._heard: dict[Topic, _Heard] = {topic: _Heard() for topic in Topic if topic is not Topic.DEADLETTER}
        self._lock = threading.Lock()
        self._opened_s: float | None = None
        self.problems: Counter[str] = Counter()

    def opened(self, mono_s: float) -> None:
        """The feed was opened; from now on silence counts."""
        self._opened_s = mono_s

    def note(self, topic: Topic, count: int, event_ms: float | None, mono_s: float) -> None:
        """``count`` good records of ``topic`` arrived, typically of ``event_ms``."""
        with self._lock:
            heard = self._heard[topic]
            heard.at_s = mono_s
            heard.count += count
            heard.refused_run = 0
            if event_ms is not None:
                heard.events.append((mono_s, event_ms))
                _forget(heard.events, mono_s)

    def refused(self, topic: Topic | None, kind: str) -> None:
        """A record (of ``topic``, where that is known) could not be used."""
        with self._lock:
            self.problems[kind] += 1
            if topic in self._heard:
                self._heard[topic].refused_run += 1

    def problem(self, kind: str, count: int = 1) -> None:
        """Count something else that went wrong."""
        with self._lock:
            self.problems[kind] += count

    def forget_times(self) -> None:
        """A replay began again: event times start anew."""
        with self._lock:
            for heard in self._heard.values():
                heard.events.clear()

    def totals(self) -> dict[Topic, int]:
        """Good records heard since the start, by topic."""
        with self._lock:
            return {topic: heard.count for topic, heard in self._heard.items()}

    def states(
        self, topics: Sequence[TopicHealth], expected: Expected, mono_s: float, now_ms: float, speed: float
    ) -> list[FeedState]:
        """Every feed's state; ``topics`` is what the feed itself says of its connection."""
        told = {entry.topic: entry for entry in topics}
        with self._lock:
            return [
                self._state(
                    topic, heard, told.get(topic, TopicHealth(topic)), expected.of(topic), mono_s, now_ms, speed
                )
                for topic, heard in self._heard.items()
            ]

    def _state(
        self, topic: Topic, heard: _Heard, told: TopicHealth, expected: bool, mono_s: float, now_ms: float, speed: float
    ) -> FeedState:
        # The broker's word that nothing waits is worth nothing where somebody should be speaking.
        known = [heard.at_s] if expected else [heard.at_s, told.confirmed_s]
        current_s = max((at for at in known if at is not None), default=None)
        age_s = None if current_s is None else max(0.0, mono_s - current_s)
        event_ms = max((event for _, event in heard.events), default=None)
        if age_s is not None and topic in CONTINUOUS and expected and event_ms is not None:
            # Records that arrive late are old however fresh their arrival: a backlog must not look like the present.
            age_s = max(age_s, (now_ms - event_ms) / 1000.0 / speed)
        if told.lag is not None and told.lag <= BACKLOG_RECORDS:
            heard.caught_up_s = mono_s
        elif told.lag is not None and age_s is not None:
            behind_since_s = heard.caught_up_s if heard.caught_up_s is not None else self._opened_s
            age_s = max(age_s, mono_s - (behind_since_s if behind_since_s is not None else mono_s))
        refused = heard.refused_run >= REFUSED_RUN
        freshness = Freshness.LOST if refused else self._verdict(age_s, mono_s)
        return FeedState(topic, age_s, event_ms, told.lag, told.missing, _rate(heard, mono_s), freshness, refused)

    def _verdict(self, age_s: float | None, mono_s: float) -> Freshness:
        if age_s is None:
            waited_s = 0.0 if self._opened_s is None else mono_s - self._opened_s
            return Freshness.LOST if waited_s > self._lost_s else Freshness.NONE
        if age_s > self._lost_s:
            return Freshness.LOST
        return Freshness.STALE if age_s > self._stale_s else Freshness.FRESH


def _forget(events: deque[tuple[float, float]], mono_s: float) -> None:
    while len(events) > 1 and mono_s - events[0][0] > WINDOW_S:
        events.popleft()


def _rate(heard: _Heard, mono_s: float) -> float:
    """Records a second over the last WINDOW_S seconds."""
    heard.marks.append((mono_s, heard.count))
    while len(heard.marks) > 2 and mono_s - heard.marks[1][0] >= WINDOW_S:
        heard.marks.popleft()
    then, count = heard.marks[0]
    return 0.0 if mono_s <= then else (heard.count - count) / (mono_s - then)
