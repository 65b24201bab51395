"""The feed that another thread fills."""

import threading

import pytest

from data_feeds.clock import SystemClock
from data_feeds.feed import LETTERS_KEPT, DeadLetter, Feed
from data_feeds.model import DEFAULT_TOPIC_NAMES, Topic
from data_feeds.queue_feed import FeedClosed, QueueFeed

TOPIC_OF = {name: topic for topic, name in DEFAULT_TOPIC_NAMES.items()}
POSITION, CLOCK = DEFAULT_TOPIC_NAMES[Topic.POSITION], DEFAULT_TOPIC_NAMES[Topic.CLOCK]
LONG_S = 20.0  # only a failure waits so long


def queue_feed(**options: int) -> QueueFeed:
    return QueueFeed(TOPIC_OF, SystemClock(), **options)


def test_it_is_a_feed():
    feed: Feed = queue_feed()
    assert not feed.caught_up()
    feed.open()
    assert feed.caught_up()
    assert feed.poll(0.0) == []


def test_records_come_out_as_they_went_in_with_an_offset_a_topic():
    feed = queue_feed()
    feed.offer(POSITION, b"a", b"1", 5)
    feed.offer("other", b"x", None, 6)
    feed.offer(POSITION, b"b", b"2", 7)
    assert [tuple(record) for record in feed.poll(0.0)] == [
        (POSITION, 0, 0, 5, b"a", b"1"), ("other", 0, 0, 6, b"x", None), (POSITION, 0, 1, 7, b"b", b"2"),
    ]  # fmt: skip


def test_a_poll_ends_with_a_clock_record():
    feed = queue_feed()
    for topic in (POSITION, CLOCK, POSITION, CLOCK):
        feed.offer(topic, b"k", b"v", 0)
    assert [len(feed.poll(0.0)) for _ in range(3)] == [2, 2, 0]


def test_a_poll_returns_a_batch_at_most():
    feed = queue_feed(batch=3)
    for n in range(7):
        feed.offer(POSITION, b"k", str(n).encode(), 0)
    assert [len(feed.poll(0.0)) for _ in range(4)] == [3, 3, 1, 0]


def test_a_full_queue_holds_the_writer_back_and_loses_nothing():
    feed = queue_feed(capacity=10, batch=3)
    count = 500

    def write() -> None:
        for n in range(count):
            feed.offer(POSITION, b"k", str(n).encode(), 0)

    writer = threading.Thread(target=write)
    writer.start()
    found = []
    while len(found) < count:
        records = feed.poll(LONG_S)
        assert 0 < len(records) <= 10
        found += records
    writer.join(LONG_S)
    assert [record.offset for record in found] == list(range(count))
    assert [record.value for record in found] == [str(n).encode() for n in range(count)]


def test_closing_frees_a_writer_that_waits():
    feed = queue_feed(capacity=1)
    feed.offer(POSITION, b"k", b"v", 0)
    said: list[Exception] = []

    def write() -> None:
        try:
            feed.offer(POSITION, b"k", b"v", 0)
        except FeedClosed as error:
            said.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    feed.close()
    feed.close()
    writer.join(LONG_S)
    assert len(said) == 1
    assert feed.poll(0.0) == []


def test_a_reader_that_waits_is_woken_by_a_record():
    feed = queue_feed()
    found: list = []
    reader = threading.Thread(target=lambda: found.extend(feed.poll(LONG_S)))
    reader.start()
    feed.offer(POSITION, b"k", b"v", 0)
    reader.join(LONG_S)
    assert len(found) == 1


def test_health_tells_the_backlog_of_every_topic():
    feed = queue_feed()
    assert {entry.confirmed_s for entry in feed.health()} == {None}
    feed.offer(POSITION, b"k", b"v", 0)
    assert {e.topic: e.lag for e in feed.health()}[Topic.POSITION] == 1
    feed.poll(0.0)
    health = feed.health()
    assert {entry.lag for entry in health} == {0}
    assert all(entry.confirmed_s is not None for entry in health)
    assert {entry.topic for entry in health} == set(Topic) - {Topic.DEADLETTER}


def test_the_last_dead_letters_are_kept_and_the_dropped_counted():
    feed = queue_feed()
    letters = [DeadLetter(POSITION, 0, n, b"k", b"v", "not_json", "") for n in range(LETTERS_KEPT + 5)]
    assert feed.dead_letter(letters[:3]) == 0
    assert feed.dead_letter(letters[3:]) == 5
    assert [letter.offset for letter in feed.letters] == list(range(5, LETTERS_KEPT + 5))


@pytest.mark.parametrize("options", [{"capacity": 0}, {"batch": 0}])
def test_no_room_is_refused(options):
    with pytest.raises(ValueError, match="at least 1"):
        queue_feed(**options)
