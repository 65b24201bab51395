import pytest

from data_feeds.feed import TopicHealth
from data_feeds.health import FeedMonitor, Freshness
from data_feeds.model import Topic


def state(monitor, topic, told=(), mono_s=0.0, now_ms=1000.0, speed=1.0):
    return {s.topic: s for s in monitor.states(told, mono_s, now_ms, speed)}[topic]


@pytest.fixture
def monitor():
    m = FeedMonitor(15.0, 60.0)
    m.opened(100.0)
    return m


@pytest.mark.parametrize(
    ("age_s", "freshness"), [(0, Freshness.FRESH), (15, Freshness.FRESH), (16, Freshness.STALE), (61, Freshness.LOST)]
)
def test_a_feed_that_speaks_all_the_time_is_judged_by_its_silence(monitor, age_s, freshness):
    monitor.note(Topic.POSITION, 5, 1000.0, 100.0)
    confirmed = [TopicHealth(Topic.POSITION, 0, 100.0 + age_s)]  # the broker is well, the producers are not
    assert state(monitor, Topic.POSITION, confirmed, 100.0 + age_s).freshness is freshness


@pytest.mark.parametrize(("speed", "age_s"), [(1.0, 600.0), (60.0, 10.0)])
def test_late_records_are_old_however_fresh_their_arrival(monitor, speed, age_s):
    monitor.note(Topic.POSITION, 5, 1000.0, 100.0)
    assert state(monitor, Topic.POSITION, (), 100.0, 601_000.0, speed).age_s == age_s


def test_silence_of_incidents_is_normal_while_the_broker_confirms_it(monitor):
    monitor.note(Topic.INCIDENT, 1, 1000.0, 100.0)
    assert state(monitor, Topic.INCIDENT, [TopicHealth(Topic.INCIDENT, 0, 499.0)], 500.0).age_s == 1.0
    assert state(monitor, Topic.INCIDENT, [TopicHealth(Topic.INCIDENT, 0, 110.0)], 500.0).freshness is Freshness.LOST


def test_drones_that_landed_are_not_a_lost_feed(monitor):
    monitor.note(Topic.TELEMETRY, 1, 1000.0, 100.0)
    told = [TopicHealth(Topic.TELEMETRY, 0, 5000.0)]
    assert state(monitor, Topic.TELEMETRY, told, 200.0).freshness is Freshness.LOST
    assert state(monitor, Topic.TELEMETRY, told, 5000.0).freshness is Freshness.FRESH


def test_a_feed_never_heard_becomes_lost_only_after_a_while(monitor):
    assert state(monitor, Topic.INCIDENT, (), 101.0).freshness is Freshness.NONE
    assert state(monitor, Topic.INCIDENT, (), 161.0).freshness is Freshness.LOST


def test_rate_over_the_last_seconds(monitor):
    for second in range(30):
        monitor.note(Topic.POSITION, 50, None, 100.0 + second)
        rate = state(monitor, Topic.POSITION, (), 100.0 + second).rate
    assert rate == pytest.approx(50.0, rel=0.1)


def test_event_time_never_goes_back_unless_told(monitor):
    monitor.note(Topic.POSITION, 1, 2000.0, 100.0)
    monitor.note(Topic.POSITION, 1, 1000.0, 101.0)
    assert state(monitor, Topic.POSITION).event_ms == 2000.0
    monitor.forget_times()
    assert state(monitor, Topic.POSITION).event_ms is None
