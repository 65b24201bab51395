import pytest

from data_feeds.feed import TopicHealth
from data_feeds.health import REFUSED_RUN, Expected, FeedMonitor, Freshness
from data_feeds.model import Topic

BUSY = Expected(positions=True, telemetry=True)


def state(monitor, topic, told=(), mono_s=0.0, now_ms=1000.0, speed=1.0, expected=BUSY):
    return {s.topic: s for s in monitor.states(told, expected, mono_s, now_ms, speed)}[topic]


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
    assert state(monitor, Topic.TELEMETRY, told, 5000.0).freshness is Freshness.LOST
    assert state(monitor, Topic.TELEMETRY, told, 5000.0, expected=Expected()).freshness is Freshness.FRESH


def test_positions_never_heard_are_missed_where_units_are_on_duty(monitor):
    told = [TopicHealth(Topic.POSITION, 0, 3700.0)]
    assert state(monitor, Topic.POSITION, told, 3700.0).freshness is Freshness.LOST
    assert state(monitor, Topic.POSITION, told, 3700.0, expected=Expected()).freshness is Freshness.FRESH


def test_a_replays_clock_never_falls_quiet(monitor):
    monitor.note(Topic.CLOCK, 1, 1000.0, 100.0)
    told = [TopicHealth(Topic.CLOCK, 0, 5000.0)]
    assert state(monitor, Topic.CLOCK, told, 5000.0, expected=Expected()).freshness is Freshness.LOST


def test_a_backlog_is_not_the_present(monitor):
    monitor.note(Topic.INCIDENT, 1, None, 100.0)
    assert state(monitor, Topic.INCIDENT, [TopicHealth(Topic.INCIDENT, 20, 100.0)], 100.0).age_s == 0.0
    monitor.note(Topic.INCIDENT, 500, None, 190.0)
    behind = state(monitor, Topic.INCIDENT, [TopicHealth(Topic.INCIDENT, 100_000, 190.0)], 190.0)
    assert (behind.age_s, behind.freshness) == (90.0, Freshness.LOST)


def test_a_topic_that_delivers_nothing_usable_is_lost_until_it_does(monitor):
    for _ in range(REFUSED_RUN):
        monitor.refused(Topic.INCIDENT, "wrong_type")
    told = [TopicHealth(Topic.INCIDENT, 0, 100.0)]
    assert state(monitor, Topic.INCIDENT, told, 100.0).refused
    assert state(monitor, Topic.INCIDENT, told, 100.0).freshness is Freshness.LOST
    monitor.note(Topic.INCIDENT, 1, None, 100.0)
    assert state(monitor, Topic.INCIDENT, told, 100.0).freshness is Freshness.FRESH
    assert monitor.problems == {"wrong_type": REFUSED_RUN}


def test_one_fast_clock_does_not_hide_that_all_others_are_late(monitor):
    for second in range(30):
        monitor.note(Topic.POSITION, 50, 1000.0, 100.0 + second)
    monitor.note(Topic.POSITION, 1, 90_000.0, 130.0)
    assert state(monitor, Topic.POSITION, (), 150.0, 91_000.0).age_s == 20.0
    monitor.note(Topic.POSITION, 50, 1000.0, 150.0)
    assert state(monitor, Topic.POSITION, (), 150.0, 91_000.0).age_s == 90.0


def test_a_feed_never_heard_becomes_lost_only_after_a_while(monitor):
    assert state(monitor, Topic.INCIDENT, (), 101.0).freshness is Freshness.NONE
    assert state(monitor, Topic.INCIDENT, (), 161.0).freshness is Freshness.LOST


def test_rate_over_the_last_seconds(monitor):
    for second in range(30):
        monitor.note(Topic.POSITION, 50, None, 100.0 + second)
        rate = state(monitor, Topic.POSITION, (), 100.0 + second).rate
    assert rate == pytest.approx(50.0, rel=0.1)


def test_event_times_are_forgotten_when_a_replay_begins_again(monitor):
    monitor.note(Topic.POSITION, 1, 2000.0, 100.0)
    assert state(monitor, Topic.POSITION).event_ms == 2000.0
    monitor.forget_times()
    assert state(monitor, Topic.POSITION).event_ms is None
