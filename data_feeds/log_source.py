"""What is to be recorded of a log: incidents, fixes and what drones tell of Kafka's topics, from the offsets that the
history keeps."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from data_feeds.clock import Clock
from data_feeds.feed import Begin, Record
from data_feeds.history.store import Store
from data_feeds.messages import DecodeError, Decoder
from data_feeds.model import Topic
from data_feeds.recorder import Batch

log = logging.getLogger("wallboard.recorder")

RECORDED = (Topic.INCIDENT, Topic.POSITION, Topic.TELEMETRY, Topic.DETECTION)
ORIGIN = "kafka"
POLL_S = 0.5


class Log(Protocol):
    """A feed whose records lie in logs that stay: of Feed what is used here, and the name of a topic's log."""

    def open(self) -> None: ...
    def poll(self, timeout_s: float) -> Sequence[Record]: ...
    def reread(self) -> None: ...
    def close(self) -> None: ...

    def log_name(self, topic: Topic) -> str:
        """The name of the topic's present log: another one once the topic was deleted and made anew."""
        ...


class LogSource:
    """A Source over a log. ``make(begin)`` gives the log, which asks ``begin`` where to begin in each partition."""

    origin = ORIGIN

    def __init__(
        self, make: Callable[[Begin], Log], decoder: Decoder, clock: Clock, topic_of: Mapping[str, Topic]
    ) -> None:
        self._make, self._decoder, self._clock = make, decoder, clock
        self._topic_of = {name: topic for name, topic in topic_of.items() if topic in RECORDED}
        self._log: Log | None = None
        self._kept: dict[tuple[str, int], int] = {}
        self._lost: set[tuple[str, int]] = set()
        self._last_ms: int | None = None
        self._offset_ms: float | None = None
        self._counts: Counter[str] = Counter()

    def open(self, store: Store) -> None:
        self._kept = store.offsets(self.origin)
        self._last_ms = store.extent().last_ms
        made = self._make(self._begin)
        made.open()
        self._log = made

    def _begin(self, name: str, topic: Topic, partition: int, earliest: int, end: int) -> int:
        """Called on the thread that watches the cluster."""
        kept = self._kept.get((name, partition))
        if kept is None or kept > end:  # a log cut short: what it has now may be new
            return earliest
        if kept < earliest:
            lost = earliest - kept
            self._counts["records_gone"] += lost
            log.warning("%s[%d]: %d records are gone from the broker that were not recorded yet", name, partition, lost)
            if topic is Topic.INCIDENT:
                self._lost.add((name, partition))
            return earliest
        return kept

    def take(self, rows: int, seconds: float) -> Batch:
        assert self._log is not None, "open the source first"
        self._look_at_the_clock()
        batch = Batch()
        until_s = self._clock.monotonic_s() + seconds
        while batch.rows < rows and (left_s := until_s - self._clock.monotonic_s()) > 0:
            self._read(self._log, self._log.poll(min(left_s, POLL_S)), batch)
        return batch

    def _read(self, log_: Log, records: Sequence[Record], batch: Batch) -> None:
        now_ms = self._clock.now_ms()
        offsets = {
            Topic.INCIDENT: batch.incident_offsets, Topic.POSITION: batch.fix_offsets,
            Topic.TELEMETRY: batch.telemetry_offsets, Topic.DETECTION: batch.detection_offsets,
        }  # fmt: skip
        for record in records:
            topic = self._topic_of.get(record.topic)
            if topic is None:
                continue
            place = log_.log_name(topic), record.partition
            if place in self._lost and self._last_ms is not None:
                self._lost.discard(place)
                batch.gaps.append((self._last_ms, max(self._last_ms, min(record.timestamp, int(now_ms)))))
            offsets[topic][place] = record.offset + 1
            try:
                message = self._decoder.decode(topic, record.key, record.value, now_ms)
            except DecodeError:
                self._counts["refused"] += 1  # the live path keeps it in the dead letters
                continue
            except Exception:
                self._counts["refused"] += 1
                log.exception("%s[%d] offset %d cannot be recorded", record.topic, record.partition, record.offset)
                continue
            if not batch.add(message):
                # what is taken off the wall stays in history: a topic is tidied that way
                self._counts["tombstones"] += 1

    def _look_at_the_clock(self) -> None:
        """A system clock set forward makes incidents right that were refused as too far ahead: read them again."""
        offset_ms = self._clock.now_ms() - self._clock.monotonic_s() * 1000.0
        before_ms, self._offset_ms = self._offset_ms, offset_ms
        if before_ms is not None and offset_ms - before_ms > self._decoder.max_skew_ms and self._log is not None:
            self._log.reread()

    def back(self, batch: Batch) -> None:
        """The log tells it again: its offsets were not kept."""

    def counters(self) -> dict[str, int]:
        return dict(self._counts)

    def close(self) -> None:
        if self._log is not None:
            self._log.close()
