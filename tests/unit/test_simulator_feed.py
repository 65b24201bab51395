"""The embedded feed: the same records as a broker's, the present first, then the past."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from data_feeds.messages import DecodeError, Decoder
from data_feeds.model import DEFAULT_TOPIC_NAMES, DispatchOrder, Topic
from data_feeds.order_writer import OrderNotWritten
from data_feeds.simulator.feed import EmbeddedFeed
from tests.unit.hand_clock import HandClock
from tests.unit.simulated import HOUR_S, MONDAY_S, a_city

TOPICS = {name: topic for topic, name in DEFAULT_TOPIC_NAMES.items()}


@pytest.fixture
def clock():
    return HandClock((MONDAY_S + 11 * HOUR_S) * 1000)


@pytest.fixture
def feed(clock):
    return EmbeddedFeed(a_city(), 50, 1, clock, clock.wait)


def test_every_record_decodes_and_offsets_rise(feed, clock):
    assert not feed.caught_up()
    assert feed.poll(0.0) == []
    feed.open()
    decoder, kinds, offsets, refused = Decoder(), Counter(), {}, 0
    for _ in range(400):
        for record in feed.poll(0.2):
            assert record.offset == offsets.get(record.topic, -1) + 1
            offsets[record.topic] = record.offset
            try:
                decoder.decode(TOPICS[record.topic], record.key, record.value, clock.now_ms())
                kinds[TOPICS[record.topic]] += 1
            except DecodeError:
                refused += 1
    assert feed.caught_up()
    assert 35 < kinds[Topic.ROSTER] <= 50
    assert kinds[Topic.POSITION] > 500
    assert {Topic.STATUS, Topic.INCIDENT, Topic.TELEMETRY, Topic.DEVICE} <= set(kinds)
    assert refused < 50
    feed.close()
    assert feed.poll(0.0) == []
    assert not feed.caught_up()


def test_units_come_before_the_past(feed):
    feed.open()
    first = feed.poll(0.2)
    assert Counter(TOPICS[r.topic] for r in first)[Topic.POSITION] > 30
    past = []
    while not feed.caught_up():
        past += feed.poll(0.2)
    assert Counter(TOPICS[r.topic] for r in past)[Topic.INCIDENT] > 200


def test_the_present_goes_on_while_the_past_is_told(feed, clock):
    feed.open()
    feed.poll(0.2)
    clock.wait(1.0)
    assert any(TOPICS[r.topic] is Topic.POSITION for r in feed.poll(0.2))


def test_a_machine_that_slept_goes_on_from_now(feed, clock):
    feed.open()
    while not feed.caught_up():
        feed.poll(0.2)
    clock.wait(8 * 3600)
    said = feed.poll(0.2)
    assert 0 < len(said) < 500
    decoder = Decoder()
    incidents = [decoder.decode(Topic.INCIDENT, r.key, r.value, clock.now_ms()) for r in said
                 if TOPICS[r.topic] is Topic.INCIDENT]  # fmt: skip
    assert any(incident.closed for incident in incidents)


def test_an_order_comes_back_and_is_answered(feed, clock):
    feed.open()
    while not feed.caught_up():
        feed.poll(0.2)
    decoder, units, incidents = Decoder(), ["U-none"], "no such incident"
    feed.write_order(DispatchOrder("O1", incidents, units, "Duty desk", datetime.fromtimestamp(clock.ms / 1000, UTC)))
    feed.write_order(DispatchOrder("O2", incidents, [feed._life.crew.ids[int(feed._life.force.free().argmax())]],
                                   "Duty desk", datetime.fromtimestamp(clock.ms / 1000, UTC)))  # fmt: skip
    said = [record for _ in range(100) for record in feed.poll(0.2)]
    heard = [decoder.decode(TOPICS[r.topic], r.key, r.value, clock.now_ms()) for r in said
             if TOPICS[r.topic] in (Topic.ORDER, Topic.ACK)]  # fmt: skip
    assert [one.order_id for one in heard[:2]] == ["O1", "O2"]
    assert [(one.order_id, one.state, one.reason) for one in heard[2:]] == [
        ("O2", "delivered", ""), ("O2", "refused", "closed")]  # fmt: skip
    feed.close()
    with pytest.raises(OrderNotWritten):
        feed.write_order(heard[0])


def test_topics_have_the_names_of_the_settings(clock):
    names = {topic: f"x.{topic.value}" for topic in Topic}
    feed = EmbeddedFeed(a_city(), 20, 1, clock, clock.wait, names)
    feed.open()
    assert {record.topic for record in feed.poll(0.2)} <= set(names.values())
