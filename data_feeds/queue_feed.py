"""A feed that another thread of this process fills: the Feed protocol over a bounded queue."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence

from data_feeds.clock import Clock
from data_feeds.feed import LetterBox, PlainRecord, Record, TopicHealth
from data_feeds.messages import encode
from data_feeds.model import DispatchOrder, Topic
from data_feeds.order_writer import OrderNotWritten

CAPACITY = 20_000
BATCH = 5_000


class FeedClosed(RuntimeError):
    """Nobody reads this feed any more."""


class QueueFeed(LetterBox):
    """Records go in by ``offer`` from one thread and out by ``poll`` on another, in order.

    ``topic_of`` maps topic names to kinds (``Settings.topic_of()``). A full queue holds the writer back, so nothing is
    ever dropped but dead letters, of which the last LETTERS_KEPT stay in ``letters``.
    """

    def __init__(
        self, topic_of: Mapping[str, Topic], clock: Clock, capacity: int = CAPACITY, batch: int = BATCH
    ) -> None:
        if capacity < 1 or batch < 1:
            raise ValueError("capacity and batch must be at least 1")
        self._topic_of = dict(topic_of)
        self._clock = clock
        self._capacity, self._batch = capacity, batch
        self._changed = threading.Condition()
        self._queue: deque[PlainRecord] = deque()
        self._offsets: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()
        self._confirmed_s: float | None = None
        self._opened = threading.Event()
        self._closed = False
        super().__init__()

    def offer(self, topic_name: str, key: bytes | None, value: bytes | None, timestamp_ms: int) -> None:
        """Append one record; waits while the queue is full. Raises FeedClosed once ``close`` was called."""
        with self._changed:
            while len(self._queue) >= self._capacity and not self._closed:
                self._changed.wait()
            if self._closed:
                raise FeedClosed("the feed was closed")
            offset = self._offsets[topic_name]
            self._offsets[topic_name] = offset + 1
            self._waiting[topic_name] += 1
            self._queue.append(PlainRecord(topic_name, 0, offset, timestamp_ms, key, value))
            if len(self._queue) == 1:
                self._changed.notify_all()

    def write_order(self, order: DispatchOrder) -> None:
        """Nobody behind this feed answers, but its wall shows that. Raises OrderNotWritten."""
        name = next(name for name, topic in self._topic_of.items() if topic is Topic.ORDER)
        try:
            self.offer(name, order.order_id.encode(), encode(order), int(self._clock.now_ms()))
        except FeedClosed as error:
            raise OrderNotWritten(str(error)) from None

    def wait_open(self, timeout_s: float) -> bool:
        """Whether the reader opened the feed within ``timeout_s`` seconds."""
        return self._opened.wait(timeout_s)

    def open(self) -> None:
        self._opened.set()

    def poll(self, timeout_s: float) -> Sequence[Record]:
        with self._changed:
            if not self._queue and not self._closed:
                self._changed.wait(timeout_s)
            was_full = len(self._queue) >= self._capacity
            taken: list[PlainRecord] = []
            while self._queue and len(taken) < self._batch:
                record = self._queue.popleft()
                self._waiting[record.topic] -= 1
                taken.append(record)
                if self._topic_of.get(record.topic) is Topic.CLOCK:
                    break  # what follows is judged by this time, so the reader must have taken it first
            self._confirmed_s = self._clock.monotonic_s()
            if was_full:
                self._changed.notify_all()
            return taken

    def caught_up(self) -> bool:
        # nothing existed before the feed was opened
        return self._opened.is_set()

    def health(self) -> Sequence[TopicHealth]:
        with self._changed:
            return [
                TopicHealth(topic, self._waiting[name], self._confirmed_s)
                for name, topic in self._topic_of.items()
                if topic is not Topic.DEADLETTER
            ]

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._waiting.clear()
            self._changed.notify_all()
