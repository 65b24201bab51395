"""Batches from a log: where reading begins, what counts as lost, and that offsets cover all that was read."""

from __future__ import annotations

import msgspec
import pytest

from data_feeds.feed import PlainRecord
from data_feeds.log_source import ORIGIN, LogSource
from data_feeds.messages import Decoder
from data_feeds.model import Topic
from data_feeds.settings import Settings
from tests.unit.hand_clock import HandClock
from tests.unit.memory_store import MemoryStore
from tests.unit.test_recorder import AT, AT_MS, detection, fix, incident, telemetry

NAMES = {topic: Settings().topic_name(topic) for topic in Topic}
INCIDENTS, FIXES = f"{NAMES[Topic.INCIDENT]}@1", f"{NAMES[Topic.POSITION]}@1"
TELEMETRY, DETECTIONS = f"{NAMES[Topic.TELEMETRY]}@1", f"{NAMES[Topic.DETECTION]}@1"
OF = {"VehiclePosition": Topic.POSITION, "DroneTelemetry": Topic.TELEMETRY, "Detection": Topic.DETECTION}
KEYS = ("incident_id", "unit_id", "detection_id", "drone_id")


class FakeLog:
    """One partition a topic, records in memory, earliest offsets that a test sets."""

    def __init__(self, records, clock, earliest=0):
        self.records, self.clock, self.earliest = records, clock, earliest
        self.begin = None
        self.at = {}
        self.reread_calls = self.closed = 0

    def make(self, begin):
        self.begin = begin
        return self

    def open(self):
        for topic in (Topic.INCIDENT, Topic.POSITION, Topic.TELEMETRY, Topic.DETECTION):
            end = sum(record.topic == NAMES[topic] for record in self.records)
            self.at[NAMES[topic]] = self.begin(self.log_name(topic), topic, 0, self.earliest, end)

    def poll(self, timeout_s):
        self.clock.s += timeout_s
        new = [r for r in self.records if r.offset >= max(self.at.get(r.topic, 0), self.earliest)]
        for record in new:
            self.at[record.topic] = record.offset + 1
        return new

    def reread(self):
        self.reread_calls += 1

    def close(self):
        self.closed += 1

    def log_name(self, topic):
        return f"{NAMES[topic]}@1"


def records_of(*messages, timestamp=0):
    """Records of all topics, offsets counted by topic; bytes are poison of the incident topic, None a tombstone."""
    found, offsets = [], {}
    for message in messages:
        topic = NAMES[OF.get(type(message).__name__, Topic.INCIDENT)]
        offset = offsets.get(topic, 0)
        offsets[topic] = offset + 1
        if message is None or isinstance(message, bytes):
            key, value = b"A-9", message
        else:
            key = next(told for name in KEYS if (told := getattr(message, name, None))).encode()
            value = msgspec.json.encode(message)
        found.append(PlainRecord(topic, 0, offset, timestamp, key, value))
    return found


@pytest.fixture
def clock():
    return HandClock(AT_MS + 3_600_000.0)


def source_of(log, clock):
    topics = {name: topic for topic, name in NAMES.items()}
    return LogSource(log.make, Decoder(60.0), clock, topics)


def test_messages_and_the_offsets_behind_them(clock):
    log = FakeLog(records_of(incident(1), fix(1), b"poison", None, incident(2)), clock)
    source = source_of(log, clock)
    source.open(MemoryStore())
    batch = source.take(500, 1.0)
    assert [one.incident_id for one in batch.incidents] == ["A-1", "A-2"]
    assert len(batch.fixes) == 1
    assert (batch.incident_offsets, batch.fix_offsets) == ({(INCIDENTS, 0): 4}, {(FIXES, 0): 1})
    assert source.counters() == {"refused": 1, "tombstones": 1}


def test_what_drones_tell_is_read_from_where_the_history_ends_else_from_the_beginning(clock):
    messages = [incident(1), telemetry(1), detection(1), telemetry(2), detection(2)]
    strange = records_of(telemetry(3))[0]
    strange = PlainRecord(strange.topic, 0, 2, 0, strange.key, strange.value.replace(b"WGS84", b"?").replace(
        b'"lat":30.0', b'"datum":"MARS","lat":30.0'))  # fmt: skip
    store = MemoryStore()
    store.kept = {ORIGIN: {(INCIDENTS, 0): 1, (TELEMETRY, 0): 1}}  # of a program that knew no detections
    source = source_of(FakeLog([*records_of(*messages), strange], clock), clock)
    source.open(store)
    batch = source.take(500, 1.0)
    assert [one.drone_id for one in batch.telemetry] == ["D2"]
    assert [one.detection_id for one in batch.detections] == ["X1", "X2"]
    assert (batch.telemetry_offsets, batch.detection_offsets) == ({(TELEMETRY, 0): 3}, {(DETECTIONS, 0): 2})
    assert source.counters() == {"refused": 1}


def test_reading_goes_on_where_the_history_ends(clock):
    store = MemoryStore()
    store.kept = {ORIGIN: {(INCIDENTS, 0): 1}}
    source = source_of(FakeLog(records_of(incident(1), incident(2), fix(1)), clock), clock)
    source.open(store)
    batch = source.take(500, 1.0)
    assert [one.incident_id for one in batch.incidents] == ["A-2"]
    assert len(batch.fixes) == 1, "a topic that was never recorded is read from its beginning"
    assert not batch.gaps


@pytest.mark.parametrize("kept", [{(f"{NAMES[Topic.INCIDENT]}@0", 0): 2}, {(INCIDENTS, 0): 99}])
def test_a_log_made_anew_or_cut_short_is_read_from_its_beginning(clock, kept):
    store = MemoryStore()
    store.kept = {ORIGIN: kept}
    source = source_of(FakeLog(records_of(incident(1), incident(2)), clock), clock)
    source.open(store)
    assert len(source.take(500, 1.0).incidents) == 2


def test_records_that_the_broker_no_longer_has_are_a_gap(clock):
    store = MemoryStore()
    store.put_incidents([incident(0)], ORIGIN, {(INCIDENTS, 0): 1})
    last_ms = int(AT.timestamp() * 1000)
    records = records_of(*(incident(n) for n in range(5)), timestamp=last_ms + 600_000)
    source = source_of(FakeLog(records, clock, earliest=3), clock)
    source.open(store)
    batch = source.take(500, 1.0)
    assert [one.incident_id for one in batch.incidents] == ["A-3", "A-4"]
    assert batch.gaps == [(last_ms, last_ms + 600_000)]
    assert source.counters()["records_gone"] == 2
    assert source.take(500, 1.0).gaps == []


def test_fixes_that_are_gone_are_counted_but_leave_the_incidents_whole(clock):
    store = MemoryStore()
    store.put_incidents([incident(0)], ORIGIN, {(INCIDENTS, 0): 0})
    store.put_positions([], ORIGIN, {(FIXES, 0): 1})
    source = source_of(FakeLog(records_of(*(fix(n) for n in range(5))), clock, earliest=3), clock)
    source.open(store)
    batch = source.take(500, 1.0)
    assert (len(batch.fixes), batch.gaps) == (2, [])
    assert source.counters()["records_gone"] >= 2


def test_a_clock_set_forward_reads_again(clock):
    log = FakeLog([], clock)
    source = source_of(log, clock)
    source.open(MemoryStore())
    source.take(1, 1.0)
    clock.ms += 1_000.0
    source.take(1, 1.0)
    assert log.reread_calls == 0
    clock.ms += 120_000.0
    source.take(1, 1.0)
    assert log.reread_calls == 1


def test_close_lets_go_of_the_log(clock):
    log = FakeLog([], clock)
    source = source_of(log, clock)
    source.close()
    source.open(MemoryStore())
    source.close()
    assert log.closed == 1
