"""What the feed returns from a healthy cluster: after a restart, of late topics, of topics made anew."""

from __future__ import annotations

from collections.abc import Callable

from data_feeds.feed import DeadLetter
from data_feeds.kafka_client import client_config, open_admin
from data_feeds.kafka_feed import KafkaFeed, KafkaWriter
from data_feeds.model import Topic
from data_feeds.settings import Settings
from data_feeds.topics import SPECS, TopicAdmin
from kafka import KafkaConsumer, KafkaProducer
from tests.integration.reading import health_of, offsets_by_partition, read_all, read_until

OpenFeed = Callable[..., KafkaFeed]
OpenWriter = Callable[..., KafkaWriter]


def only(topic: Topic) -> list:
    return [spec for spec in SPECS if spec.topic is topic]


def test_states_are_rebuilt_after_our_restart(settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter) -> None:
    writer = open_writer(settings)
    for version in range(3):
        for unit in range(50):
            writer.send(Topic.STATUS, b"u%d" % unit, b"v%d" % version)
    writer.send(Topic.STATUS, b"u7", None)
    writer.send(Topic.ROSTER, b"u1", b"roster")
    writer.send(Topic.DEVICE, b"c1", b"device")
    writer.send(Topic.INCIDENT, b"i1", b"incident")
    writer.flush()
    for _ in range(2):  # the second feed stands for the restarted process
        feed = open_feed(settings)
        latest = {(record.topic, record.key): record.value for record in read_all(feed)}
        status = settings.topic_name(Topic.STATUS)
        assert latest[status, b"u7"] is None
        assert {latest[status, b"u%d" % unit] for unit in range(50) if unit != 7} == {b"v2"}
        for topic, value in ((Topic.ROSTER, b"roster"), (Topic.DEVICE, b"device"), (Topic.INCIDENT, b"incident")):
            assert value in {found for (name, _), found in latest.items() if name == settings.topic_name(topic)}
        read_until(feed, lambda _, feed=feed: all(entry.lag == 0 for entry in feed.health()))
        assert all(entry.confirmed_s is not None and not entry.missing for entry in feed.health())
        feed.close()


def test_streams_begin_at_the_offline_limit(bare_settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter) -> None:
    settings = bare_settings
    names = {settings.topic_name(topic): topic for topic in (Topic.POSITION, Topic.TELEMETRY, Topic.DETECTION)}
    with open_admin(settings) as admin:  # the producer's own times, so that records can be old
        admin.create_topics({name: {"num_partitions": 2, "replication_factor": 1} for name in names},
                            wait_for_metadata=True)
    now_ms = 1_700_000_000_000

    class FixedClock:
        speed, replaying = 1.0, False

        def now_ms(self) -> float:
            return float(now_ms)

        def monotonic_s(self) -> float:
            return 0.0

    writer = open_writer(settings)
    for topic in names.values():
        for age_s in (7200, 1500, 400, 200, 10):
            for unit in range(10):
                writer.send(topic, b"u%d" % unit, b"%d" % age_s, now_ms - age_s * 1000)
    writer.flush()
    from data_feeds.kafka_watch import ClusterWatch

    watch = ClusterWatch(settings, settings.topic_of(), FixedClock(), 0.5)
    watch.start()
    watch.wait_for_news(None, 60.0)
    watch.close()
    assert watch.view is not None
    consumer = KafkaConsumer(**client_config(settings), auto_offset_reset="earliest")
    try:
        for name, topic in names.items():
            oldest_s = 1500 if topic is Topic.DETECTION else 200
            ages = read_ages(consumer, name, {n: s.offset for n, s in watch.view.topics[topic].starts.items()})
            assert ages == {age for age in (1500, 400, 200, 10) if age <= oldest_s}
    finally:
        consumer.close()


def read_ages(consumer: KafkaConsumer, name: str, starts: dict[int, int]) -> set[int]:
    """The values between ``starts`` and the ends of topic ``name``."""
    from kafka import TopicPartition

    partitions = {TopicPartition(name, number): offset for number, offset in starts.items()}
    consumer.assign(list(partitions))
    for partition, offset in partitions.items():
        consumer.seek(partition, offset)
    ends = consumer.end_offsets(list(partitions))
    ages: set[int] = set()
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        for batch in consumer.poll(timeout_ms=500).values():
            ages |= {int(record.value) for record in batch}
    return ages
