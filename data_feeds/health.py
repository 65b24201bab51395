"""How fresh every feed is, and what went wrong how often."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from data_feeds.feed import TopicHealth
from data_feeds.model import Topic

# Topics whose producers speak all the time while anything moves; on the others silence is normal.
CONTINUOUS = frozenset({Topic.POSITION, Topic.TELEMETRY, Topic.CLOCK})
QUIET_AFTER_S = 600.0  # drones that have been silent for so long have landed
RATE_WINDOW_S = 10.0


class Freshness(Enum):
    """The verdict on one feed."""

    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"
    NONE = "none"  # nothing was ever heard, and nothing says that something is wrong


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed as the wall shows it. ``age_s``: real seconds since its data are known to be current (None: never)."""

    topic: Topic
    age_s: float | None
    event_ms: float | None
    lag: int | None
    missing: bool
    rate: float
    freshness: Freshness


@dataclass(slots=True)
class _Heard:
    at_s: float | None = None
    event_ms: float | None = None
    count: int = 0
    marks: list[tuple[float, int]] = field(default_factory=list)


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
        """``count`` records of ``topic`` arrived, the newest about ``event_ms``."""
        with self._lock:
            heard = self._heard[topic]
            heard.at_s = mono_s
            heard.count += count
            if event_ms is not None:
                heard.event_ms = max(heard.event_ms or event_ms, event_ms)

    def problem(self, kind: str, count: int = 1) -> None:
        """Count something that went wrong."""
        with self._lock:
            self.problems[kind] += count

    def forget_times(self) -> None:
        """A replay began again: event times start anew."""
        with self._lock:
            for heard in self._heard.values():
                heard.event_ms = None

    def totals(self) -> dict[Topic, int]:
        """Records heard since the start, by topic."""
        with self._lock:
            return {topic: heard.count for topic, heard in self._heard.items()}

    def states(self, topics: Sequence[TopicHealth], mono_s: float, now_ms: float, speed: float) -> list[FeedState]:
        """Every feed's state; ``topics`` is what the feed itself says of its connection."""
        told = {entry.topic: entry for entry in topics}
        with self._lock:
            return [
                self._state(topic, heard, told.get(topic), mono_s, now_ms, speed) for topic, heard in self._heard.items()
            ]

    def _state(
        self, topic: Topic, heard: _Heard, told: TopicHealth | None, mono_s: float, now_ms: float, speed: float
    ) -> FeedState:
        confirmed = told.confirmed_s if told else None
        talking = topic in CONTINUOUS and heard.at_s is not None and mono_s - heard.at_s < QUIET_AFTER_S
        known = [heard.at_s] if talking or (topic is Topic.POSITION and heard.at_s) else [heard.at_s, confirmed]
        current_s = max((at for at in known if at is not None), default=None)
        age_s = None if current_s is None else max(0.0, mono_s - current_s)
        if age_s is not None and talking and heard.event_ms is not None:
            # Records that arrive late are old however fresh their arrival: a backlog must not look like the present.
            age_s = max(age_s, (now_ms - heard.event_ms) / 1000.0 / speed)
        return FeedState(
            topic, age_s, heard.event_ms, told.lag if told else None, bool(told and told.missing),
            _rate(heard, mono_s), self._verdict(age_s, mono_s),
        )  # fmt: skip

    def _verdict(self, age_s: float | None, mono_s: float) -> Freshness:
        if age_s is None:
            waited = 0.0 if self._opened_s is None else mono_s - self._opened_s
            return Freshness.LOST if waited > self._lost_s else Freshness.NONE
        if age_s > self._lost_s:
            return Freshness.LOST
        return Freshness.STALE if age_s > self._stale_s else Freshness.FRESH


def _rate(heard: _Heard, mono_s: float) -> float:
    """Records a second over the last RATE_WINDOW_S seconds."""
    heard.marks.append((mono_s, heard.count))
    while len(heard.marks) > 2 and mono_s - heard.marks[1][0] >= RATE_WINDOW_S:
        heard.marks.pop(0)
    then, count = heard.marks[0]
    return 0.0 if mono_s <= then else (heard.count - count) / (mono_s - then)
