"""The embedded city: deterministic, decodable by the same decoder, and alive."""

from collections import Counter

import pytest

from data_feeds import embedded_city
from data_feeds.embedded_feed import EmbeddedFeed
from data_feeds.embedded_life import Life
from data_feeds.messages import Decoder
from data_feeds.model import DEFAULT_TOPIC_NAMES, Topic

TOPICS = {name: topic for topic, name in DEFAULT_TOPIC_NAMES.items()}
START_S = 1_795_000_000.0


class FakeClock:
    replaying, speed = False, 1.0

    def __init__(self):
        self.s = 0.0

    def now_ms(self):
        return (START_S + self.s) * 1000

    def monotonic_s(self):
        return self.s

    def wait(self, seconds):
        self.s += seconds


@pytest.fixture(scope="module")
def city():
    return embedded_city.build(1)


def hour(city, seed):
    life = Life(city, 120, seed, START_S)
    said = life.begin()
    for second in range(1, 1800):
        said += life.step(START_S + second)
    return said


def test_the_same_seed_gives_the_same_life(city):
    assert hour(city, 3) == hour(city, 3)
    assert hour(city, 3) != hour(city, 4)


def test_streets_are_one_piece(city):
    seen, todo = {0}, [0]
    while todo:
        for k in city.neighbours[todo.pop()].tolist():
            if k >= 0 and k not in seen:
                seen.add(k)
                todo.append(k)
    assert len(seen) == len(city.x)


def test_incidents_run_from_call_to_closing(city):
    newest, versions = {}, Counter()
    for topic, key, message in hour(city, 3):
        if topic is Topic.INCIDENT:
            versions[key] += 1
            assert message.version > (newest[key].version if key in newest else -1)
            newest[key] = message
    closed = [i for i in newest.values() if i.closed]
    assert len(closed) > 10
    for i in closed:
        if i.on_scene:
            assert i.call_received <= i.dispatched <= i.enroute <= i.on_scene <= i.closed
    assert sum(1 for i in closed if i.on_scene) > len(closed) / 2


def test_units_move_at_a_believable_pace(city):
    last = {}
    for topic, key, message in hour(city, 5):
        if topic is not Topic.POSITION:
            continue
        if key in last:
            before = last[key]
            away = 111_195 * ((message.lat - before.lat) ** 2 + ((message.lon - before.lon) * 0.9) ** 2) ** 0.5
            assert away <= 25 * (message.fix_time - before.fix_time).total_seconds() + 5
        last[key] = message
    assert len(last) > 100


def test_every_record_decodes(city):
    clock = FakeClock()
    feed = EmbeddedFeed(city, 50, 1, clock, clock.wait)
    assert not feed.caught_up()
    feed.open()
    decoder, kinds, offsets = Decoder(), Counter(), {}
    for _ in range(300):
        for record in feed.poll(0.2):
            decoder.decode(TOPICS[record.topic], record.key, record.value, clock.now_ms())
            assert record.offset == offsets.get(record.topic, -1) + 1
            offsets[record.topic] = record.offset
            kinds[TOPICS[record.topic]] += 1
    assert feed.caught_up()
    assert kinds[Topic.ROSTER] == 50
    assert kinds[Topic.POSITION] > 500
    assert {Topic.STATUS, Topic.INCIDENT, Topic.TELEMETRY} <= set(kinds)
    feed.close()
    assert feed.poll(0.0) == []


def test_a_machine_that_slept_goes_on_from_now(city):
    clock = FakeClock()
    feed = EmbeddedFeed(city, 50, 1, clock, clock.wait)
    feed.open()
    feed.poll(0.2)
    clock.s += 8 * 3600
    assert len(feed.poll(0.2)) < 500
