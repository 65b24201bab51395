"""Asks the broker every few seconds, in a thread of its own, which partitions exist and where they end.

kafka-python's ``poll()`` says nothing during an outage, and its metadata calls may block for long; so the feed learns
from here what to read, from where, and whether what it has read is all there is.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.consumer.fetcher import IsolationLevel
from kafka.errors import KafkaError, for_code
from kafka.protocol.consumer import OffsetSpec

from data_feeds.clock import Clock
from data_feeds.feed import Begin
from data_feeds.kafka_client import KafkaUnavailable, open_admin
from data_feeds.model import Topic
from data_feeds.settings import Settings

log = logging.getLogger(__name__)

DETECTIONS_S = 1800.0
LAST_CLOCK_RECORDS = 10
CALL_TIMEOUT_MS = 5_000
FIRST_PAUSE_S = 0.2
REOPEN_AFTER_FAILURES = 5
JOIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin in one partition, and where its log ended when it was first seen (both offsets)."""

    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """One topic as the broker described it.

    ``starts`` and ``ends`` by partition; ``complete`` when every partition could be asked. ``topic_id`` changes when a
    topic is deleted and made anew.
    """

    topic_id: str
    starts: Mapping[int, Start]
    ends: Mapping[int, int]
    complete: bool


@dataclass(frozen=True, slots=True)
class View:
    """What one round of questions found. ``taken_s``: monotonic time just before it, so nothing here is older."""

    taken_s: float
    topics: Mapping[Topic, Found] = field(default_factory=dict)


def seconds_back(topic: Topic, settings: Settings) -> float | None:
    """How far back ``topic`` is read at the start, in seconds; None when by offset instead."""
    if topic in (Topic.POSITION, Topic.TELEMETRY):
        return settings.offline_after_s
    return DETECTIONS_S if topic is Topic.DETECTION else None


def start_offset(topic: Topic, earliest: int, end: int, by_time: int | None) -> int:
    """The first offset to read: states from the beginning, streams since a time, of the clock only the last records.

    ``by_time``: the first record since that time, None or negative when there is none.
    """
    if topic is Topic.CLOCK:
        return max(earliest, end - LAST_CLOCK_RECORDS)
    if topic in (Topic.POSITION, Topic.TELEMETRY, Topic.DETECTION):
        return end if by_time is None or by_time < 0 else max(earliest, by_time)
    return earliest


def log_name(name: str, topic_id: str) -> str:
    """One topic's log: a topic that was deleted and made anew has another."""
    return f"{name}@{topic_id}"


class ClusterWatch:
    """The thread. ``view`` is replaced as a whole and never changed, so any thread may read it.

    ``begin`` says where reading begins, instead of the rules for a wall.
    """

    def __init__(
        self, settings: Settings, topics: Mapping[str, Topic], clock: Clock, every_s: float, begin: Begin | None = None
    ) -> None:
        self._settings = settings
        self._begin = begin
        self._names = dict(topics)
        self._clock = clock
        self._every_s = every_s
        self._starts: dict[str, dict[int, Start]] = {}  # by topic id
        self._told: dict[str, str] = {}  # topic → why it cannot be read, as it was logged
        self._admin: KafkaAdminClient | None = None
        self._news = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="kafka-watch", daemon=True)
        self.view: View | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def close(self) -> None:
        """End the thread; one that waits for a dead broker ends by itself soon after."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def wait_for_news(self, known: View | None, timeout_s: float) -> None:
        """Return when there is another view than ``known``, or after ``timeout_s`` seconds."""
        with self._news:
            self._news.wait_for(lambda: self.view is not known or self._closing, timeout_s)

    def _run(self) -> None:
        failures, pause_s = 0, FIRST_PAUSE_S
        while not self._closing:
            try:
                if self._admin is None:
                    self._admin = open_admin(self._settings)
                view = self._round(self._admin)
            except Exception as error:  # this thread must outlive every fault of the broker
                failures += 1
                if failures == 1:
                    log.warning("%s; trying again until it answers", self._said(error))
                if failures % REOPEN_AFTER_FAILURES == 0:
                    self._close_admin()
                wait_s, pause_s = pause_s * random.uniform(0.5, 1.5), min(2 * pause_s, self._every_s)
            else:
                if failures:
                    log.warning("Kafka at %s answers again", self._settings.kafka_bootstrap_servers)
                failures, pause_s = 0, FIRST_PAUSE_S
                with self._news:
                    self.view = view
                    self._news.notify_all()
                wait_s = self._every_s
            with self._news:
                self._news.wait_for(lambda: self._closing, wait_s)
        self._close_admin()

    def _said(self, error: Exception) -> str:
        if isinstance(error, KafkaUnavailable):
            return str(error)
        return f"Kafka at {self._settings.kafka_bootstrap_servers} does not answer: {type(error).__name__}: {error}"

    def _close_admin(self) -> None:
        admin, self._admin = self._admin, None
        if admin:
            try:
                admin.close()
            except Exception:
                log.debug("closing the admin client", exc_info=True)

    def _round(self, admin: KafkaAdminClient) -> View:
        taken_s = self._clock.monotonic_s()
        found = {}
        for entry in admin.describe_topics(list(self._names)):
            if entry["error_code"]:
                self._tell_missing(entry["name"], for_code(entry["error_code"]).__name__)
            else:
                found[self._names[entry["name"]]] = entry
                self._told.pop(entry["name"], None)
        led = {
            TopicPartition(self._settings.topic_name(topic), part["partition_index"])
            for topic, entry in found.items() for part in entry["partitions"] if part["leader_id"] >= 0
        }
        ends = self._ask(admin, dict.fromkeys(led, OffsetSpec.LATEST))
        return View(taken_s, {topic: self._describe(admin, topic, entry, ends) for topic, entry in found.items()})

    def _tell_missing(self, name: str, reason: str) -> None:
        if self._told.get(name) != reason:  # once a cause, not once a round
            self._told[name] = reason
            log.warning("topic %s cannot be read (%s); if it does not exist: python -m data_feeds.topics create",
                        name, reason)

    def _describe(
        self, admin: KafkaAdminClient, topic: Topic, entry: dict[str, Any], ends: Mapping[TopicPartition, int]
    ) -> Found:
        name = entry["name"]
        topic_id = str(entry.get("topic_id") or name)
        starts = self._starts.setdefault(topic_id, {})
        own = {partition.partition: end for partition, end in ends.items() if partition.topic == name}
        new = [TopicPartition(name, number) for number in own if number not in starts]
        if new:
            starts.update(self._find_starts(admin, topic, log_name(name, topic_id), new))
        return Found(topic_id, dict(starts), own, len(own) == len(entry["partitions"]) == len(starts))

    def _find_starts(
        self, admin: KafkaAdminClient, topic: Topic, log_: str, new: list[TopicPartition]
    ) -> dict[int, Start]:
        # ends first: what arrives while we ask is then read in any case. Only what is committed can be awaited
        ends = self._ask(admin, dict.fromkeys(new, OffsetSpec.LATEST), IsolationLevel.READ_COMMITTED)
        earliest = self._ask(admin, dict.fromkeys(new, OffsetSpec.EARLIEST))
        back_s = None if self._begin else seconds_back(topic, self._settings)
        by_time: dict[TopicPartition, int] = {}
        if back_s is not None:
            since_ms = int(self._clock.now_ms() - back_s * 1000.0)
            by_time = self._ask(admin, dict.fromkeys(new, since_ms))

        def first(partition: TopicPartition) -> int:
            if self._begin:
                return self._begin(log_, topic, partition.partition, earliest[partition], ends[partition])
            return start_offset(topic, earliest[partition], ends[partition], by_time.get(partition))

        return {
            partition.partition: Start(first(partition), ends[partition])
            for partition in new
            if partition in ends and partition in earliest and (back_s is None or partition in by_time)
        }

    def _ask(self, admin: KafkaAdminClient, wanted: Mapping[TopicPartition, int],
             isolation: IsolationLevel = IsolationLevel.READ_UNCOMMITTED) -> dict[TopicPartition, int]:
        """Offsets by partition; a partition that cannot answer is left out, and does not hide the others' answers."""
        if not wanted:
            return {}
        try:
            answers = admin.list_partition_offsets(dict(wanted), isolation_level=isolation, timeout_ms=CALL_TIMEOUT_MS)
        except KafkaError:
            if len(wanted) == 1:
                raise
        else:
            return {partition: answer.offset for partition, answer in answers.items()}
        offsets: dict[TopicPartition, int] = {}
        failure: KafkaError | None = None
        for partition, spec in wanted.items():
            try:
                offsets.update(self._ask(admin, {partition: spec}, isolation))
            except KafkaError as error:
                failure = error
        if failure and not offsets:
            raise failure
        return offsets
