"""A feed without a broker: a living city in the process, as the same bytes on the same topics."""

from __future__ import annotations

import contextlib
import queue
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from data_feeds.clock import Clock
from data_feeds.feed import LetterBox, PlainRecord, Record, TopicHealth
from data_feeds.model import DEFAULT_TOPIC_NAMES, DispatchOrder, Topic
from data_feeds.order_writer import OrderNotWritten
from data_feeds.simulator.city import City
from data_feeds.simulator.life import Habits, Life
from data_feeds.simulator.outbox import Said
from data_feeds.simulator.outbox import said as said_as

STEP_S = 1.0
PAST_A_POLL = 400  # records of the past between two looks at the present
PAST_PAUSE_S = 0.05  # after each: whoever opens the wall meanwhile comes first
START_S, START_PAST_A_POLL = 3.0, 60  # just after the start somebody waits for the first page


class EmbeddedFeed(LetterBox):
    """The Feed protocol over a Life. ``wait`` sleeps that many seconds (the pump's thread).

    The present comes first, so that a wall shows units at once; what was before follows in slices.
    """

    def __init__(
        self,
        city: City,
        units: int,
        seed: int,
        clock: Clock,
        wait: Callable[[float], object],
        names: dict[Topic, str] | None = None,
        habits: Habits | None = None,
    ) -> None:
        self._city, self._units, self._seed, self._clock, self._wait = city, units, seed, clock, wait
        self._names = names or dict(DEFAULT_TOPIC_NAMES)
        self._habits = habits
        self._offsets: Counter[Topic] = Counter()
        self._life: Life | None = None
        self._waiting: list[Said] = []
        self._past: Iterator[Said] | None = None
        self._opened_s = self._due_s = 0.0
        self._ordered: queue.SimpleQueue[DispatchOrder] = queue.SimpleQueue()
        super().__init__()

    def open(self) -> None:
        now_s = self._clock.now_ms() / 1000.0
        self._life = Life(self._city, self._units, self._seed, now_s, self._habits)
        self._waiting = self._life.begin()
        self._past = self._life.past()
        self._opened_s = self._clock.monotonic_s()
        self._due_s = self._opened_s + STEP_S

    def poll(self, timeout_s: float) -> Sequence[Record]:
        if self._life is None:
            return []
        left_s = self._due_s - self._clock.monotonic_s()
        if not self._waiting and self._past is None and left_s > 0 and self._ordered.empty():
            self._wait(min(left_s, timeout_s))
            if left_s > timeout_s:
                return []
        said, self._waiting = self._waiting, []
        with contextlib.suppress(queue.Empty):
            while True:
                order = self._ordered.get_nowait()
                said.append(said_as(Topic.ORDER, order.order_id, order))
                self._life.order(order)
        if self._clock.monotonic_s() >= self._due_s:
            self._due_s = max(self._due_s + STEP_S, self._clock.monotonic_s() + STEP_S / 2)
            said += self._life.step(self._clock.now_ms() / 1000.0)
        if not said and self._past is not None:
            self._wait(PAST_PAUSE_S)
            starting = self._clock.monotonic_s() < self._opened_s + START_S
            said = list(islice(self._past, START_PAST_A_POLL if starting else PAST_A_POLL))
            self._past = self._past if said else None
        now_ms = int(self._clock.now_ms())
        return [self._record(one, now_ms) for one in said]

    def write_order(self, order: DispatchOrder) -> None:
        """From any thread. Raises OrderNotWritten."""
        if self._life is None:
            raise OrderNotWritten("the embedded city is not running")
        self._ordered.put(order)

    def caught_up(self) -> bool:
        return self._life is not None and not self._waiting and self._past is None

    def health(self) -> Sequence[TopicHealth]:
        now_s = self._clock.monotonic_s() if self._life is not None else None
        return [TopicHealth(topic, 0, now_s) for topic in Topic if topic not in (Topic.DEADLETTER, Topic.CLOCK)]

    def close(self) -> None:
        self._life, self._past, self._waiting = None, None, []

    def _record(self, said: Said, now_ms: int) -> PlainRecord:
        topic, key, value = said
        offset = self._offsets[topic]
        self._offsets[topic] = offset + 1
        return PlainRecord(self._names[topic], 0, offset, now_ms, key, value)
