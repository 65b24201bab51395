"""Reads a feed until something holds. The deadlines only end a test that hangs; none is a measurement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from data_feeds.feed import Record, TopicHealth
from data_feeds.kafka_feed import KafkaFeed
from data_feeds.model import Topic

DEADLINE_S = 120.0
POLL_S = 0.1


def read_until(feed: KafkaFeed, done: Callable[[list[Record]], bool], deadline_s: float = DEADLINE_S) -> list[Record]:
    """Everything that ``feed`` returns until ``done`` says so."""
    records: list[Record] = []
    end_s = time.monotonic() + deadline_s
    while not done(records):
        assert time.monotonic() < end_s, f"gave up after {len(records)} records: {feed.health()}"
        records += feed.poll(POLL_S)
    return records


def read_all(feed: KafkaFeed) -> list[Record]:
    """Everything that existed when ``feed`` was opened."""
    return read_until(feed, lambda _: feed.caught_up())


def health_of(feed: KafkaFeed, topic: Topic) -> TopicHealth:
    """The entry of ``topic``."""
    return next(entry for entry in feed.health() if entry.topic is topic)


def offsets_by_partition(records: Iterable[Record]) -> dict[tuple[str, int], list[int]]:
    """(topic, partition) → its offsets in the order of reading."""
    found: dict[tuple[str, int], list[int]] = {}
    for record in records:
        found.setdefault((record.topic, record.partition), []).append(record.offset)
    return found
