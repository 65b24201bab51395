"""What is to be recorded of a feed without a log: the pump's own messages, by way of a bounded queue."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from data_feeds.board import Entry
from data_feeds.clock import Clock
from data_feeds.history.store import Store
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition
from data_feeds.recorder import Batch

CAPACITY = 100_000  # messages; the demo city's first minute, or five minutes of its traffic, about 30 MB
LEAST_GAP_S = 60.0
TAPPED = frozenset((Incident, VehiclePosition, DroneTelemetry, Detection))


class Tap:
    """A Source that the pump fills. ``put`` never blocks: what finds no room is counted and the time noted as a gap.

    ``retold_s``: how much of its past the feed tells again at its start, in seconds; only what is older is missing.
    """

    def __init__(self, origin: str, clock: Clock, retold_s: float = 0.0, capacity: int = CAPACITY) -> None:
        self.origin = origin
        self._clock, self._retold_s, self._capacity = clock, retold_s, capacity
        self._began_ms = clock.now_ms()
        self._news = threading.Condition()
        self._queue: deque[object] = deque()
        self._dropped = 0
        self._lost_since_ms: float | None = None
        self._gaps: list[tuple[int, int]] = []
        self._opened = False

    def put(self, entries: Sequence[Entry]) -> None:
        """Take what is recorded of ``entries``. Called on the pump's thread."""
        wanted = [message for _, message in entries if type(message) in TAPPED]
        if not wanted:
            return
        with self._news:
            room = max(0, self._capacity - len(self._queue))
            now_ms = self._clock.now_ms()
            if len(wanted) > room:
                self._dropped += len(wanted) - room
                self._lost_since_ms = self._lost_since_ms if self._lost_since_ms is not None else now_ms
            elif self._lost_since_ms is not None:
                self._gaps.append((int(self._lost_since_ms), int(now_ms)))
                self._lost_since_ms = None
            self._queue.extend(wanted[:room])
            self._news.notify()

    def open(self, store: Store) -> None:
        """Note as a gap what happened since the last record and is not told again."""
        if self._opened:
            return
        last_ms = store.extent().last_ms
        told_from_ms = self._began_ms - self._retold_s * 1000.0
        with self._news:
            if last_ms is not None and told_from_ms - last_ms > LEAST_GAP_S * 1000.0:
                self._gaps.append((int(last_ms), int(told_from_ms)))
            self._opened = True

    def take(self, rows: int, seconds: float) -> Batch:
        deadline_s = self._clock.monotonic_s() + seconds
        with self._news:
            while len(self._queue) < rows:
                left_s = deadline_s - self._clock.monotonic_s()
                if left_s <= 0 or not self._news.wait(left_s):
                    break
            taken = [self._queue.popleft() for _ in range(min(rows, len(self._queue)))]
            gaps, self._gaps = self._gaps, []
        batch = Batch(gaps=gaps)
        for message in taken:
            batch.add(message)
        return batch

    def counters(self) -> dict[str, int]:
        with self._news:
            return {"dropped": self._dropped}

    def back(self, batch: Batch) -> None:
        with self._news:
            again = [*batch.incidents, *batch.fixes, *batch.telemetry, *batch.detections]
            self._queue.extendleft(reversed(again))
            self._gaps = [*batch.gaps, *self._gaps]

    def close(self) -> None:
        """What the pump tells meanwhile waits for the next ``open``, as far as there is room."""
