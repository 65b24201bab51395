"""A feed without a broker: a small moving city in the process, as the same bytes a broker would deliver."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence

import msgspec

from data_feeds.clock import Clock
from data_feeds.embedded_city import City
from data_feeds.embedded_life import Life, Said
from data_feeds.feed import LetterBox, PlainRecord, Record, TopicHealth
from data_feeds.model import DEFAULT_TOPIC_NAMES, Topic

STEP_S = 1.0


class EmbeddedFeed(LetterBox):
    """The Feed protocol over a Life. ``wait`` sleeps that many seconds (the pump's thread)."""

    def __init__(
        self,
        city: City,
        units: int,
        seed: int,
        clock: Clock,
        wait: Callable[[float], object],
        names: dict[Topic, str] | None = None,
    ) -> None:
        self._city, self._units, self._seed, self._clock, self._wait = city, units, seed, clock, wait
        self._names = names or dict(DEFAULT_TOPIC_NAMES)
        self._encoder = msgspec.json.Encoder()
        self._offsets: Counter[Topic] = Counter()
        self._life: Life | None = None
        self._waiting: deque[Said] = deque()
        self._due_s = 0.0
        super().__init__()

    def open(self) -> None:
        now_s = self._clock.now_ms() / 1000.0
        self._life = Life(self._city, self._units, self._seed, now_s)
        self._waiting.extend(self._life.begin())
        self._due_s = self._clock.monotonic_s() + STEP_S

    def poll(self, timeout_s: float) -> Sequence[Record]:
        if self._life is None:
            return []
        left_s = self._due_s - self._clock.monotonic_s()
        if not self._waiting and left_s > 0:
            self._wait(min(left_s, timeout_s))
            if left_s > timeout_s:
                return []
        if self._clock.monotonic_s() >= self._due_s:
            self._due_s = self._clock.monotonic_s() + STEP_S
            self._waiting.extend(self._life.step(self._clock.now_ms() / 1000.0))
        records = [self._record(said) for said in self._waiting]
        self._waiting.clear()
        return records

    def caught_up(self) -> bool:
        return self._life is not None and not self._waiting

    def health(self) -> Sequence[TopicHealth]:
        now_s = self._clock.monotonic_s() if self._life is not None else None
        return [TopicHealth(topic, 0, now_s) for topic in Topic if topic not in (Topic.DEADLETTER, Topic.CLOCK)]

    def close(self) -> None:
        self._life = None

    def _record(self, said: Said) -> PlainRecord:
        topic, key, message = said
        offset = self._offsets[topic]
        self._offsets[topic] += 1
        now_ms = int(self._clock.now_ms())
        return PlainRecord(self._names[topic], 0, offset, now_ms, key.encode(), self._encoder.encode(message))
