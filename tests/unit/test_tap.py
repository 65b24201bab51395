"""The tap on a feed without a log: a bounded queue that says what it could not take."""

from __future__ import annotations

from datetime import timedelta

from data_feeds.messages import Tombstone
from data_feeds.model import Roster, Topic
from data_feeds.tap import Tap
from tests.unit.hand_clock import HandClock
from tests.unit.memory_store import MemoryStore
from tests.unit.test_recorder import AT, AT_MS, detection, fix, incident, telemetry


def entries(*messages):
    kinds = {"Incident": Topic.INCIDENT, "VehiclePosition": Topic.POSITION, "Roster": Topic.ROSTER}
    return [(kinds.get(type(m).__name__, Topic.INCIDENT), m) for m in messages]


def test_what_is_recorded_is_taken_in_order_and_nothing_else():
    tap = Tap("demo", HandClock(AT_MS))
    tap.put(entries(incident(1), Roster("u1"), fix(1), telemetry(1), Tombstone("A-1"), detection(1), incident(1, 2)))
    batch = tap.take(5, 0.0)
    assert (batch.telemetry, batch.detections) == ([telemetry(1)], [detection(1)])
    assert [one.version for one in batch.incidents] == [1, 2]
    assert len(batch.fixes) == 1
    assert not tap.take(10, 0.0)


def test_what_finds_no_room_is_counted_and_becomes_a_gap():
    clock = HandClock(AT_MS)
    tap = Tap("demo", clock, capacity=3)
    begin = clock.ms
    tap.put(entries(*(fix(n) for n in range(5))))
    assert tap.counters() == {"dropped": 2}
    clock.ms += 30_000
    tap.put(entries(fix(5)))
    assert tap.counters() == {"dropped": 3}
    assert len(tap.take(10, 0.0).fixes) == 3
    clock.ms += 30_000
    tap.put(entries(fix(6)))
    batch = tap.take(1, 0.0)
    assert batch.gaps == [(int(begin), int(begin) + 60_000)]
    assert [one.unit_id for one in batch.fixes] == ["u6"]
    assert tap.take(1, 0.0).gaps == []


def test_the_time_without_a_wall_is_a_gap_unless_the_feed_tells_it_again():
    clock, store = HandClock(AT_MS), MemoryStore()
    store.put_incidents([incident(1)], "demo")
    last_ms = int(AT.timestamp() * 1000)
    clock.ms = (AT + timedelta(days=2)).timestamp() * 1000.0
    for retold_s, gaps in ((0.0, [(last_ms, int(clock.ms))]), (86_400.0, [(last_ms, int(clock.ms) - 86_400_000)]),
                           (3 * 86_400.0, [])):  # fmt: skip
        tap = Tap("demo", clock, retold_s)
        tap.open(store)
        assert tap.take(1, 0.0).gaps == gaps


def test_a_new_history_has_no_gap():
    tap = Tap("demo", HandClock(AT_MS))
    tap.open(MemoryStore())
    assert tap.take(1, 0.0).gaps == []


def test_what_comes_between_two_openings_waits():
    clock, store = HandClock(AT_MS), MemoryStore()
    tap = Tap("demo", clock)
    tap.open(store)
    tap.close()
    tap.put(entries(fix(1)))
    store.put_incidents([incident(1)], "demo")
    clock.ms += 3_600_000
    tap.open(store)
    batch = tap.take(1, 0.0)
    assert (batch.gaps, batch.rows) == ([], 1), "the wall heard all the while"
    tap.put(entries(fix(2)))
    assert tap.take(1, 0.0).rows == 1


def test_what_was_not_kept_comes_again_in_its_order():
    tap = Tap("demo", HandClock(AT_MS))
    tap.put(entries(incident(1), fix(1), telemetry(1), detection(1), incident(1, 2), fix(2)))
    batch = tap.take(5, 0.0)
    batch.gaps.append((1, 2))
    tap.back(batch)
    again = tap.take(10, 0.0)
    assert [one.version for one in again.incidents] == [1, 2]
    assert [one.unit_id for one in again.fixes] == ["u1", "u2"]
    assert (again.telemetry, again.detections) == ([telemetry(1)], [detection(1)])
    assert again.gaps == [(1, 2)]
