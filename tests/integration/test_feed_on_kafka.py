"""What the feed returns from a healthy cluster: after a restart, of late topics, of topics made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from data_feeds.clock import SystemClock
from data_feeds.feed import DeadLetter
from data_feeds.kafka_client import client_config, open_admin
from data_feeds.kafka_feed import KafkaFeed
from data_feeds.kafka_writer import KafkaWriter
from data_feeds.model import Topic
from data_feeds.settings import Settings
from data_feeds.topics import SPECS, TopicAdmin
from tests.integration.conftest import make_topics
from tests.integration.reading import health_of, offsets_by_partition, read_all, read_until

OpenFeed = Callable[..., KafkaFeed]
OpenWriter = Callable[..., KafkaWriter]


def make_only(settings: Settings, topic: Topic) -> None:
    """One topic as it should be."""
    with TopicAdmin(settings) as admin:
        assert admin.create([spec for spec in SPECS if spec.topic is topic]) == {}


def test_states_are_rebuilt_after_our_restart(
    settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    writer = open_writer(settings)
    for version in range(3):
        for unit in range(50):
            writer.send(Topic.STATUS, b"u%d" % unit, b"v%d" % version)
    writer.send(Topic.STATUS, b"u7", None)
    others = {Topic.ROSTER: b"roster", Topic.DEVICE: b"device", Topic.INCIDENT: b"incident"}
    for topic, value in others.items():
        writer.send(topic, b"k", value)
    writer.flush()
    for _ in range(2):  # the second feed stands for the restarted process
        feed = open_feed(settings)
        latest = {(record.topic, record.key): record.value for record in read_all(feed)}
        status = settings.topic_name(Topic.STATUS)
        assert latest[status, b"u7"] is None
        assert {latest[status, b"u%d" % unit] for unit in range(50) if unit != 7} == {b"v2"}
        assert {latest[settings.topic_name(topic), b"k"] for topic in others} == set(others.values())
        read_until(feed, lambda _, feed=feed: all(entry.lag == 0 for entry in feed.health()))
        assert all(entry.confirmed_s is not None and not entry.missing for entry in feed.health())
        feed.close()


def test_states_are_read_again_when_asked(
    settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    writer = open_writer(settings)
    writer.send(Topic.INCIDENT, b"a", b"state")
    writer.send(Topic.POSITION, b"u", b"stream")
    writer.flush()
    feed = open_feed(settings)
    assert len(read_all(feed)) == 2
    feed.reread()
    again = read_until(feed, lambda records: len(records) >= 1)
    assert [record.value for record in again] == [b"state"]
    writer.send(Topic.INCIDENT, b"b", b"next")
    writer.flush()
    assert [record.value for record in read_until(feed, lambda records: len(records) >= 1)] == [b"next"]


def test_streams_begin_at_the_offline_limit(
    bare_settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    names = {bare_settings.topic_name(topic): topic for topic in (Topic.POSITION, Topic.TELEMETRY, Topic.DETECTION)}
    with open_admin(bare_settings) as admin:  # these keep the producer's times, so that records can be old
        admin.create_topics({name: {"num_partitions": 2, "replication_factor": 1} for name in names},
                            wait_for_metadata=True)
    writer, now_ms = open_writer(bare_settings), int(SystemClock().now_ms())
    for topic in names.values():
        for age_s in (7200, 1500, 400, 200, 10):
            for unit in range(10):
                writer.send(topic, b"u%d" % unit, b"%d" % age_s, now_ms - age_s * 1000)
    writer.flush()
    records = read_all(open_feed(bare_settings))
    for name, topic in names.items():
        ages = {int(record.value or b"0") for record in records if record.topic == name}
        assert ages == ({1500, 400, 200, 10} if topic is Topic.DETECTION else {200, 10})
        assert sum(record.topic == name for record in records) == 10 * len(ages)


def test_of_the_clock_only_the_last_records_are_read(
    settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    writer = open_writer(settings)
    for tick in range(500):
        writer.send(Topic.CLOCK, b"clock", b"%d" % tick)
    writer.flush()
    values = [record.value for record in read_all(open_feed(settings))]
    assert values[-1] == b"499"
    assert len(values) <= 20


def test_a_feed_without_topics_is_caught_up_and_reads_them_when_they_come(
    bare_settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    feed = open_feed(bare_settings)
    assert read_all(feed) == []
    read_until(feed, lambda _: all(entry.missing for entry in feed.health()))
    make_topics(bare_settings)
    writer = open_writer(bare_settings)
    sent = [spec.topic for spec in SPECS if spec.topic is not Topic.DEADLETTER]
    for topic in sent:
        for number in range(5):
            writer.send(topic, b"k%d" % number, b"v")
    writer.flush()
    records = read_until(feed, lambda found: len(found) >= 5 * len(sent))
    assert {record.topic for record in records} == {bare_settings.topic_name(topic) for topic in sent}
    assert len(records) == 5 * len(sent)
    read_until(feed, lambda _: not any(entry.missing for entry in feed.health()))


def test_added_partitions_are_read(settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter) -> None:
    feed = open_feed(settings)
    read_all(feed)
    name = settings.topic_name(Topic.STATUS)
    with open_admin(settings) as admin:
        admin.create_partitions({name: 8})
        admin.wait_for_topics([name])
        while len(admin.describe_topics([name])[0]["partitions"]) < 8:
            pass
    producer = KafkaProducer(**client_config(settings))
    for partition in range(8):
        producer.send(name, key=b"k", value=b"v", partition=partition)
    producer.flush()
    producer.close()
    records = read_until(feed, lambda found: len(found) >= 8)
    assert {record.partition for record in records} == set(range(8))


def send_states(writer: KafkaWriter, n: int, value: bytes) -> None:
    for number in range(n):
        writer.send(Topic.STATUS, b"k%d" % number, value)
    writer.flush()


def test_a_topic_made_anew_is_read_from_its_start(
    settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    feed, first = open_feed(settings), open_writer(settings)
    send_states(first, 30, b"old")
    read_until(feed, lambda found: len(found) >= 30)
    name = settings.topic_name(Topic.STATUS)
    with open_admin(settings) as admin:
        admin.delete_topics([name])
    read_until(feed, lambda _: health_of(feed, Topic.STATUS).missing)
    with open_admin(settings) as admin:
        assert name not in admin.list_topics(), "our own requests brought a deleted topic back"
    make_only(settings, Topic.STATUS)
    second = open_writer(settings)
    # more than before, so that an old position would lie inside the new log and quietly miss its beginning
    send_states(second, 90, b"new")
    records = read_until(feed, lambda found: len({r.key for r in found if r.value == b"new"}) == 90)
    assert {record.value for record in records} == {b"new"}


def test_a_topic_made_anew_unnoticed_is_read_from_its_start(
    settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    feed, first = open_feed(settings), open_writer(settings)
    send_states(first, 30, b"old")
    read_until(feed, lambda found: len(found) >= 30)
    with open_admin(settings) as admin:
        admin.delete_topics([settings.topic_name(Topic.STATUS)])
    make_again(settings, Topic.STATUS)
    second = open_writer(settings)
    send_states(second, 90, b"new")
    # the feed was not asked while all this happened
    read_until(feed, lambda found: len({r.key for r in found if r.value == b"new"}) == 90)


def make_again(settings: Settings, topic: Topic) -> None:
    """Make ``topic`` as soon as the broker has let go of the deleted one."""
    while True:
        with TopicAdmin(settings) as admin:
            if admin.states()[topic] is None:
                break
    make_only(settings, topic)


def test_a_truncated_log_is_read_on_from_what_is_left(
    settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter
) -> None:
    name, writer = settings.topic_name(Topic.CLOCK), open_writer(settings)
    feed = open_feed(settings)
    read_all(feed)
    for number in range(200):
        writer.send(Topic.CLOCK, b"clock", b"%d" % number)
    writer.flush()
    with open_admin(settings) as admin:  # what retention does to a reader that was away
        admin.delete_records({TopicPartition(name, 0): 150})
    records = read_until(feed, lambda found: bool(found) and found[-1].value == b"199")
    assert [record.offset for record in records][-50:] == list(range(150, 200))


def test_transactions_end_in_markers_that_are_passed(settings: Settings, open_feed: OpenFeed) -> None:
    name = settings.topic_name(Topic.INCIDENT)
    producer = KafkaProducer(**client_config(settings), transactional_id=name)
    producer.init_transactions()
    for value, committed in ((b"shown", True), (b"taken back", False)):
        producer.begin_transaction()
        for number in range(10):
            producer.send(name, key=b"k%d" % number, value=value)
        producer.flush()
        if committed:
            producer.commit_transaction()
        else:
            producer.abort_transaction()
    producer.close()
    feed = open_feed(settings)
    assert [record.value for record in read_all(feed)] == [b"shown"] * 10
    read_until(feed, lambda _: health_of(feed, Topic.INCIDENT).lag == 0)


def test_compacted_gaps_are_passed(bare_settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter) -> None:
    name = bare_settings.topic_name(Topic.ROSTER)
    hasty = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01",
             "delete.retention.ms": "100", "min.compaction.lag.ms": "0"}
    with open_admin(bare_settings) as admin:
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1, "configs": hasty}},
                            wait_for_metadata=True)
    writer = open_writer(bare_settings)
    for number in range(2000):
        writer.send(Topic.ROSTER, b"k%d" % (number % 5), b"%d" % number)
    writer.flush()

    def compacted() -> list:
        writer.send(Topic.ROSTER, b"again", b"x")  # a segment closes only when something is written
        writer.flush()
        feed = open_feed(bare_settings)
        records = read_all(feed)
        read_until(feed, lambda _: health_of(feed, Topic.ROSTER).lag == 0)
        feed.close()
        return records

    for _ in range(60):
        records = compacted()
        if len(records) < 500:
            break
    assert len(records) < 500, "the broker never compacted"
    latest = {record.key: record.value for record in records}
    assert {latest[b"k%d" % number] for number in range(5)} == {b"%d" % number for number in range(1995, 2000)}


def test_large_records_arrive_whole(settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter) -> None:
    writer = open_writer(settings, compression=None)
    sizes = [65_536, 70_000, 1_000_000]
    for number, size in enumerate(sizes):
        writer.send(Topic.INCIDENT, b"k%d" % number, b"x" * size)
    writer.flush()
    assert sorted(len(record.value or b"") for record in read_all(open_feed(settings))) == sizes


def test_dead_letters_keep_the_bytes_and_say_why(settings: Settings, open_feed: OpenFeed) -> None:
    feed = open_feed(settings)
    letters = [
        DeadLetter("some.topic", 3, 17, b"key", b"\xff\x00not json", "not_json", "at byte 0"),
        DeadLetter("some.topic", 3, 18, None, None, "empty_key", ""),
        DeadLetter("some.topic", 3, 19, b"key", b"x" * 3_000_000, "too_large", "3000000 bytes"),
    ]
    assert feed.dead_letter(letters) == 0
    read_until(feed, lambda _: feed.dead_letters_sent == len(letters))
    consumer = KafkaConsumer(settings.topic_name(Topic.DEADLETTER), **client_config(settings),
                             auto_offset_reset="earliest")
    found = {}
    while len(found) < len(letters):
        for batch in consumer.poll(timeout_ms=500).values():
            found |= {record.key: (record.value, dict(record.headers)) for record in batch}
    consumer.close()
    value, headers = found[b"some.topic/3/17"]
    assert value == b"\xff\x00not json"
    assert headers == {"reason": b"not_json", "detail": b"at byte 0", "topic": b"some.topic", "partition": b"3",
                       "offset": b"17", "original_key": b"key"}
    value, headers = found[b"some.topic/3/18"]
    assert (value, headers["original_value"]) == (b"", b"null")
    assert "original_key" not in headers
    value, headers = found[b"some.topic/3/19"]
    assert headers["original_value_bytes"] == b"3000000"
    assert value == b"x" * len(value)
    assert settings.topic_name(Topic.DEADLETTER) not in {record.topic for record in feed.poll(0.5)}


def test_every_partition_is_read_in_order(settings: Settings, open_feed: OpenFeed, open_writer: OpenWriter) -> None:
    writer = open_writer(settings)
    for number in range(20_000):
        writer.send(Topic.POSITION, b"u%d" % (number % 97), b"%d" % number)
    writer.flush()
    by_partition = offsets_by_partition(read_all(open_feed(replace(settings, offline_after_s=3600.0))))
    assert sum(map(len, by_partition.values())) == 20_000
    assert all(offsets == list(range(len(offsets))) for offsets in by_partition.values())
