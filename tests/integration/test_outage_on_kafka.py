"""What the feed does when the broker is away: it waits, says so, and goes on without having lost anything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from data_feeds.clock import SystemClock
from data_feeds.feed import DeadLetter
from data_feeds.kafka_feed import KafkaFeed
from data_feeds.kafka_writer import KafkaWriteError, KafkaWriter
from data_feeds.model import Topic
from data_feeds.settings import Settings
from data_feeds.topics import SPECS
from tests.integration.conftest import make_topics, settings_for
from tests.integration.kafka_broker import KafkaBroker
from tests.integration.reading import health_of, offsets_by_partition, read_all, read_until

OpenFeed = Callable[..., KafkaFeed]
OpenWriter = Callable[..., KafkaWriter]
LATER_S = 3.0


def stays_unconfirmed(feed: KafkaFeed, topic: Topic) -> Callable[[list], bool]:
    """Holds when nothing has been confirmed for LATER_S seconds, however long that takes to happen."""
    return lambda _: SystemClock().monotonic_s() - (health_of(feed, topic).confirmed_s or 0.0) > LATER_S


def is_confirmed_after(feed: KafkaFeed, topic: Topic, moment_s: float) -> Callable[[list], bool]:
    return lambda _: (health_of(feed, topic).confirmed_s or 0.0) > moment_s and health_of(feed, topic).lag == 0


@pytest.fixture
def settings(own_broker: KafkaBroker) -> Settings:
    made = settings_for(own_broker.bootstrap_servers)
    make_topics(made)
    return made


@pytest.fixture
def feed(settings: Settings, open_feed: OpenFeed) -> KafkaFeed:
    """A feed that has read everything."""
    made = open_feed(settings)
    read_all(made)
    return made


def test_a_broker_killed_under_load_loses_nothing(
    own_broker: KafkaBroker, settings: Settings, feed: KafkaFeed, open_writer: OpenWriter
) -> None:
    writer = open_writer(settings)
    wanted, enough, go_on = 0, threading.Event(), threading.Event()

    def produce() -> None:
        nonlocal wanted
        while not enough.is_set():
            writer.send(Topic.POSITION, b"u%d" % (wanted % 97), b"%d" % wanted)
            wanted += 1
            if wanted % 200 == 0:
                go_on.wait(0.05)

    producer = threading.Thread(target=produce)
    producer.start()
    try:
        records = read_until(feed, lambda found: len(found) > 2_000)
        own_broker.kill()
        records += read_until(feed, stays_unconfirmed(feed, Topic.POSITION))
        own_broker.start()
        seen = len(records)
        records += read_until(feed, lambda found: len(found) > 2_000)
        assert len(records) > seen
    finally:
        enough.set()
        producer.join()
    writer.flush()
    assert (writer.acknowledged, writer.failed) == (wanted, 0)
    records += read_until(feed, lambda found: len(records) + len(found) >= wanted)
    numbers = sorted(int(record.value or b"-1") for record in records)
    assert numbers == list(range(wanted)), "every acknowledged record exactly once"
    for offsets in offsets_by_partition(records).values():
        assert offsets == list(range(len(offsets)))


def test_health_grows_stale_in_an_outage_and_recovers(own_broker: KafkaBroker, feed: KafkaFeed) -> None:
    moment_s = SystemClock().monotonic_s()
    # nothing is written at all: only the broker's word that there is nothing newer keeps these topics fresh
    read_until(feed, lambda _: all(is_confirmed_after(feed, entry.topic, moment_s)([]) for entry in feed.health()))
    own_broker.kill()
    read_until(feed, lambda _: all(stays_unconfirmed(feed, entry.topic)([]) for entry in feed.health()))
    own_broker.start()
    moment_s = SystemClock().monotonic_s()
    read_until(feed, lambda _: all(is_confirmed_after(feed, entry.topic, moment_s)([]) for entry in feed.health()))
    assert feed.caught_up()


def test_a_frozen_broker_counts_as_an_outage(
    own_broker: KafkaBroker, settings: Settings, feed: KafkaFeed, open_writer: OpenWriter
) -> None:
    writer = open_writer(settings)
    own_broker.pause()
    try:
        read_until(feed, stays_unconfirmed(feed, Topic.STATUS))
    finally:
        own_broker.resume()
    writer.send(Topic.STATUS, b"u1", b"after")
    writer.flush()
    records = read_until(feed, lambda found: bool(found))
    assert [record.value for record in records] == [b"after"]
    moment_s = SystemClock().monotonic_s()
    read_until(feed, is_confirmed_after(feed, Topic.STATUS, moment_s))


def test_dead_letters_wait_for_the_broker(own_broker: KafkaBroker, feed: KafkaFeed) -> None:
    own_broker.kill()
    letters = [DeadLetter("t", 0, offset, b"k", b"v" * 100, "not_json", "") for offset in range(3_000)]
    dropped = feed.dead_letter(letters)
    assert 0 < dropped < len(letters), "the buffer is bounded and says what it dropped"
    own_broker.start()
    read_until(feed, lambda _: feed.dead_letters_sent == len(letters) - dropped)
    assert feed.dead_letters_dropped == dropped


def test_a_broker_that_comes_after_us_is_found(
    tmp_path: Path, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    broker = KafkaBroker(tmp_path / "late")
    settings = settings_for(broker.bootstrap_servers)
    feed = open_feed(settings)
    for _ in range(5):
        assert list(feed.poll(0.2)) == []
    assert not feed.caught_up()
    assert all(entry.confirmed_s is None for entry in feed.health())
    try:
        broker.start()
        make_topics(settings)
        writer = open_writer(settings)
        sent = [spec.topic for spec in SPECS if spec.topic is not Topic.DEADLETTER]
        for topic in sent:
            writer.send(topic, b"k", b"v")
        writer.flush()
        records = read_until(feed, lambda found: len(found) >= len(sent))
        assert {record.topic for record in records} == {settings.topic_name(topic) for topic in sent}
        read_until(feed, lambda _: feed.caught_up())
    finally:
        feed.close()
        broker.stop()


def test_a_writer_without_its_broker_says_so(
    own_broker: KafkaBroker, settings: Settings, open_writer: OpenWriter
) -> None:
    writer = open_writer(settings, buffer_bytes=10_000, block_s=0.5)
    writer.send(Topic.STATUS, b"k", b"v")
    writer.flush()
    own_broker.kill()
    try:
        failure = full_buffer(writer)
        assert settings.kafka_bootstrap_servers in str(failure)
        assert not failure.permanent
    finally:
        own_broker.start()
    writer.flush()
    assert writer.failed == 0


def full_buffer(writer: KafkaWriter) -> KafkaWriteError:
    """What ``writer`` raises when its buffer stays full."""
    for number in range(1_000):
        try:
            writer.send(Topic.STATUS, b"k%d" % number, b"x" * 500)
        except KafkaWriteError as error:
            return error
    raise AssertionError("the buffer has no bound")
