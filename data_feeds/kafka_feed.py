"""Records from a Kafka cluster as a Feed: all partitions, no group, read by one thread and never given up."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from data_feeds.clock import Clock, SystemClock
from data_feeds.dead_letters import DeadLetterBox
from data_feeds.feed import Begin, DeadLetter, Record, TopicHealth
from data_feeds.kafka_client import KafkaUnavailable, open_consumer, require_fast_crc
from data_feeds.kafka_watch import ClusterWatch, Found, View, log_name
from data_feeds.kafka_writer import KafkaWriter
from data_feeds.model import STATES, Topic
from data_feeds.settings import Settings

log = logging.getLogger(__name__)

# measured: a few large answers cost a tenth of many small ones; 50 ms of waiting is not seen on a map
FETCH_MIN_BYTES = 100_000
FETCH_MAX_WAIT_MS = 50
WATCH_EVERY_S = 2.0
CHECK_EVERY_S = 0.25
STALLED_VIEWS = 15
MOST_STALLED_VIEWS = 300
MISSES_UNTIL_GONE = 2
FAILURES_UNTIL_NEW_CONSUMER = 3
FAILURE_PAUSE_S = 0.2
CLOSE_MS = 2_000
DEAD_LETTER_DELIVERY_MS = 20_000
FED = frozenset(Topic) - {Topic.DEADLETTER}


@dataclass(slots=True)
class _Partition:
    """How far one partition was read, and what must be passed to be caught up (both: the next offset).

    ``views_behind``: in how many views in a row it stood at ``seen_at`` although the broker had more.
    """

    position: int
    target: int
    seen_at: int = -1
    views_behind: int = 0


class KafkaFeed:
    """The Feed of a Kafka cluster.

    States (roster, status, devices, incidents) are read from their beginning, streams from the limit at which their
    data counts as lost; then whatever comes.

    ``clock`` must tell the system's time also during a replay: it is compared with times of arrival. A cluster with
    more than about 20,000 messages/s wants ``fetch_min_bytes`` 1,000,000 and ``fetch_max_wait_ms`` 100.

    ``only``: of these kinds of topic; ``begin`` says where reading begins instead.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None, *, fetch_min_bytes: int = FETCH_MIN_BYTES,
                 fetch_max_wait_ms: int = FETCH_MAX_WAIT_MS, watch_every_s: float = WATCH_EVERY_S,
                 only: Collection[Topic] = FED, begin: Begin | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._fetch = (fetch_min_bytes, fetch_max_wait_ms)
        self._topics = {name: topic for name, topic in settings.topic_of().items() if topic in only}
        self._watch = ClusterWatch(settings, self._topics, self._clock, watch_every_s, begin)
        self._letters = DeadLetterBox(lambda: KafkaWriter(settings, delivery_timeout_ms=DEAD_LETTER_DELIVERY_MS))
        self._consumer: KafkaConsumer | None = None
        self._adopted: View | None = None
        self._topic_ids: dict[Topic, str] = {}
        self._misses: dict[Topic, int] = {}
        self._partitions: dict[TopicPartition, _Partition] = {}
        self._confirmed_s: dict[Topic, float] = {}
        self._caught_up = False
        self._reread = False
        self._tried: View | None = None
        self._checked_s = float("-inf")
        self._stalled_views = STALLED_VIEWS
        self._failures = 0
        self._closed = False
        self._health: tuple[TopicHealth, ...] = tuple(TopicHealth(topic) for topic in self._topics.values())

    @property
    def dead_letters_sent(self) -> int:
        """Dead letters that the broker acknowledged."""
        return self._letters.sent

    @property
    def dead_letters_dropped(self) -> int:
        """Dead letters lost for want of room, or because no broker would take them."""
        return self._letters.dropped

    def open(self) -> None:
        """Begin to connect; an absent broker is no error. Raises KafkaSetupError when this installation cannot."""
        require_fast_crc()
        self._watch.start()

    def poll(self, timeout_s: float) -> Sequence[Record]:
        """The next records, in order within each partition; at most 5,000."""
        try:
            self._adopt()
            self._check()
            if self._consumer is None or not self._consumer.assignment():
                self._watch.wait_for_news(self._adopted or self._tried, timeout_s)
                return ()
            records = self._take(self._consumer.poll(timeout_ms=int(timeout_s * 1000)))
        except Exception as error:  # whatever the library meets, the wall goes on and tells of its stale feed
            self._failed(error, timeout_s)
            return ()
        if records:
            self._failures = 0
        return records

    def caught_up(self) -> bool:
        """Whether everything that existed when the broker was first reached has been returned."""
        return self._caught_up

    def health(self) -> Sequence[TopicHealth]:
        """One entry a topic; safe from any thread."""
        return self._health

    def log_name(self, topic: Topic) -> str:
        """The present log of ``topic``; called by the thread that polls."""
        return log_name(self._settings.topic_name(topic), self._topic_ids.get(topic, ""))

    def dead_letter(self, letters: Sequence[DeadLetter]) -> int:
        """Queue ``letters``; returns how many were dropped for want of room. Safe from any thread, never blocks."""
        return self._letters.put(letters)

    def counters(self) -> Mapping[str, int]:
        return {"dead_letters_sent": self.dead_letters_sent, "dead_letters_dropped": self.dead_letters_dropped}

    def reread(self) -> None:
        """Read the states again from their beginning. Called by the thread that polls."""
        self._reread = True

    def close(self) -> None:
        """Release everything; idempotent. Called by the thread that polls, or after it has ended."""
        if self._closed:
            return
        self._closed = True
        self._watch.close()
        self._drop_consumer()
        self._letters.close()

    def _adopt(self) -> None:
        """Let the consumer read what the broker was last seen to have."""
        view = self._watch.view
        again = self._reread
        if view is None or (view is self._adopted and self._consumer is not None and not again) or view is self._tried:
            return
        if self._consumer is None:
            self._adopted, self._tried = None, view  # one attempt a view: it may block, and an outage makes no views
            self._consumer = open_consumer(self._settings, *self._fetch)
        anew: set[TopicPartition] = set()
        for name, topic in self._topics.items():
            found = view.topics.get(topic)
            self._misses[topic] = 0 if found else self._misses.get(topic, 0) + 1
            if not found:
                continue
            is_new = self._topic_ids.get(topic, found.topic_id) != found.topic_id
            if is_new:
                log.warning("topic %s was made anew; reading it from the start", name)
            if is_new or (again and topic in STATES):
                anew |= {partition for partition in self._partitions if partition.topic == name}
                self._partitions = {p: state for p, state in self._partitions.items() if p.topic != name}
            self._topic_ids[topic] = found.topic_id
            for number, start in found.starts.items():
                self._partitions.setdefault(TopicPartition(name, number), _Partition(start.offset, start.end))
        # a topic missing once may be a broker that has just started: only the second time is it given up
        wanted = {p for p in self._partitions if self._misses[self._topics[p.topic]] < MISSES_UNTIL_GONE}
        self._assign(self._consumer, wanted, anew)
        self._adopted, self._tried, self._reread = view, None, False
        self._look_for_stalls(view)

    def _assign(self, consumer: KafkaConsumer, wanted: set[TopicPartition], anew: set[TopicPartition]) -> None:
        kept = consumer.assignment() - anew
        if anew:
            consumer.assign(list(kept))  # forgets the positions in the old log
        if wanted != kept:
            consumer.assign(list(wanted))
            for partition in wanted - kept:
                consumer.seek(partition, self._partitions[partition].position)

    def _take(self, fetched: dict[TopicPartition, list[Record]]) -> list[Record]:
        records: list[Record] = []
        now_s = self._clock.monotonic_s()
        for partition, batch in fetched.items():
            records += batch
            self._partitions[partition].position = batch[-1].offset + 1
            topic = self._topics[partition.topic]
            found = self._adopted.topics.get(topic) if self._adopted else None
            # while one partition has no leader the others' data do not speak for it
            if found is None or found.complete:
                self._confirmed_s[topic] = now_s
        return records

    def _check(self) -> None:
        """Compare what was read with what the broker has: caught up, lag, confirmation."""
        now_s = self._clock.monotonic_s()
        view = self._adopted
        if now_s - self._checked_s < CHECK_EVERY_S or view is None or self._consumer is None:
            return
        self._checked_s = now_s
        reading = self._consumer.assignment()
        for partition in reading:
            # positions pass compacted gaps and transaction markers, which no record tells of
            position = self._consumer.position(partition, timeout_ms=0)
            if position is not None:
                self._partitions[partition].position = position
        if not self._caught_up:
            self._caught_up = all(found.complete for found in view.topics.values()) and all(
                self._partitions[partition].position >= self._partitions[partition].target for partition in reading
            )
        self._health = tuple(
            self._judge(name, topic, view.topics.get(topic), view.taken_s) for name, topic in self._topics.items()
        )

    def _judge(self, name: str, topic: Topic, found: Found | None, taken_s: float) -> TopicHealth:
        lag: int | None = None
        if found and found.complete:
            lag = sum(max(0, end - self._partitions[TopicPartition(name, number)].position)
                      for number, end in found.ends.items())
        if lag == 0:
            self._confirmed_s[topic] = max(taken_s, self._confirmed_s.get(topic, taken_s))
        return TopicHealth(topic, lag, self._confirmed_s.get(topic), missing=found is None)

    def _look_for_stalls(self, view: View) -> None:
        """A consumer that stands still while the broker has more is replaced: libraries hang now and then."""
        for partition, state in self._partitions.items():
            found = view.topics.get(self._topics[partition.topic])
            behind = found is not None and found.ends.get(partition.partition, 0) > state.position
            state.views_behind = state.views_behind + 1 if behind and state.seen_at == state.position else 0
            state.seen_at = state.position
            if state.views_behind >= self._stalled_views:
                log.warning("%s[%d] stands at offset %d although the broker has more; connecting anew",
                            partition.topic, partition.partition, state.position)
                # a transaction left open looks the same and is not mended by this: try it more and more rarely
                self._stalled_views = min(2 * self._stalled_views, MOST_STALLED_VIEWS)
                self._drop_consumer()
                return

    def _failed(self, error: Exception, timeout_s: float) -> None:
        self._failures += 1
        if self._failures == 1:
            known = isinstance(error, KafkaUnavailable)
            log.warning("reading from Kafka failed: %s: %s", type(error).__name__, error, exc_info=not known)
        if self._failures % FAILURES_UNTIL_NEW_CONSUMER == 0:
            self._drop_consumer()
        self._watch.wait_for_news(self._watch.view, min(timeout_s, FAILURE_PAUSE_S))

    def _drop_consumer(self) -> None:
        """Close the consumer; the next one begins where this one ended."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            try:
                consumer.close(autocommit=False, timeout_ms=CLOSE_MS)
            except Exception:
                log.debug("closing the consumer", exc_info=True)
        for state in self._partitions.values():
            state.views_behind = 0
