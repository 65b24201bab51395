"""The board against a naive model of dictionaries, under any order, duplication and loss."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_feeds import frames
from data_feeds.board import Board
from data_feeds.geo import to_mercator
from data_feeds.messages import Tombstone
from data_feeds.model import Detection, DroneTelemetry, Incident, Roster, Status, Topic, UnitStatus, VehiclePosition

T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
NOW_MS = (T0 + timedelta(seconds=100)).timestamp() * 1000
IDS = ["P-1", "P-2", "P-3"]


def board(**kwargs):
    return Board(**{"max_units": 100, "trail_s": 600.0, "trail_step_s": 10.0, **kwargs})


def names(delta):
    return json.loads(delta.entries_json)


def fix(unit_id, second, lat=26.0, **kwargs):
    return VehiclePosition(unit_id, lat, 105.0, T0 + timedelta(seconds=second), **kwargs)


fixes = st.builds(
    lambda i, s, lat: (Topic.POSITION, fix(i, s, lat)), st.sampled_from(IDS), st.integers(0, 9), st.floats(20, 30)
)
rosters = st.builds(lambda i, c: (Topic.ROSTER, Roster(i, c)), st.sampled_from(IDS), st.sampled_from(["A", "B"]))
statuses = st.builds(
    lambda i, w, s, sos: (Topic.STATUS, Status(i, w, since=None if s is None else T0 + timedelta(seconds=s), sos=sos)),
    st.sampled_from(IDS),
    st.sampled_from(["AVAILABLE", "ON_SCENE", "odd"]),
    st.none() | st.integers(0, 9),
    st.booleans(),
)
tombstones = st.builds(
    lambda t, i: (t, Tombstone(i)), st.sampled_from([Topic.ROSTER, Topic.STATUS, Topic.POSITION]), st.sampled_from(IDS)
)
EVENTS = st.lists(fixes | rosters | statuses | tombstones, max_size=40)


class Naive:
    """What the board must be, one message at a time: who is on the roster, on the map, or calls for help."""

    def __init__(self):
        self.roster, self.status, self.since, self.position = {}, {}, {}, {}

    def apply(self, topic, message):
        if isinstance(message, Tombstone):
            unit_id = message.entity_id
            if topic is Topic.ROSTER and unit_id in self.units():
                self.roster.pop(unit_id, None)
                if not self.in_sos(unit_id):
                    self.position.pop(unit_id, None)
            elif topic is Topic.STATUS:
                self.status.pop(unit_id, None)
                self.since.pop(unit_id, None)
            elif topic is Topic.POSITION:
                self.position.pop(unit_id, None)
        elif topic is Topic.ROSTER:
            self.roster[message.unit_id] = message
        elif topic is Topic.STATUS:
            newest = self.since.get(message.unit_id)
            if not (newest and message.since and message.since < newest):
                self.status[message.unit_id] = message
                self.since[message.unit_id] = max(filter(None, (newest, message.since)), default=None)
        else:
            known = self.position.get(message.unit_id)
            if known is None or message.fix_time > known.fix_time:
                self.position[message.unit_id] = message

    def in_sos(self, unit_id):
        return unit_id in self.status and self.status[unit_id].sos

    def units(self):
        calling = {i for i in self.status if self.in_sos(i)}
        return {
            i: (
                self.roster[i].callsign if i in self.roster and self.roster[i].callsign else i,
                self.status[i].status if i in self.status else None,
                self.position[i].fix_time.timestamp() * 1000 if i in self.position else None,
            )
            for i in set(self.roster) | set(self.position) | calling
        }


def seen(b):
    return {d["unit_id"]: (d["callsign"], d["status"], d["fix_time"]) for d in b.unit_details()}


def expected(naive):
    words = {"AVAILABLE": "AVAILABLE", "ON_SCENE": "ON_SCENE"}
    return {i: (c, words.get(s, "UNKNOWN"), t) for i, (c, s, t) in naive.units().items()}


@settings(max_examples=200, deadline=None)
@given(EVENTS)
def test_board_equals_the_naive_model(events):
    b, naive = board(), Naive()
    for event in events:
        b.apply([event], 0.0)
        naive.apply(*event)
    assert seen(b) == expected(naive)


@settings(max_examples=200, deadline=None)
@given(st.lists(fixes, max_size=40), st.randoms(), st.integers(1, 7))
def test_positions_converge_under_any_order_batching_and_duplication(events, random, size):
    naive = Naive()
    for event in events:
        naive.apply(*event)
    shuffled = events + random.sample(events, len(events) // 2)
    random.shuffle(shuffled)
    b = board()
    for start in range(0, len(shuffled), size):
        b.apply(shuffled[start : start + size], 0.0)
    assert {i: t for i, (_, _, t) in seen(b).items()} == {i: t for i, (_, _, t) in naive.units().items()}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(fixes | rosters | statuses | tombstones, max_size=8), max_size=12))
def test_a_viewer_who_applies_deltas_holds_the_snapshot(batches):
    b = board()
    rows, entries, revision, mono = {}, {}, 0, 0.0
    for batch in batches:
        mono += 30.0  # slots come back into use after their quarantine
        b.apply(batch, mono)
        delta = b.delta_since(revision, NOW_MS)
        revision = delta.revision
        for slot in delta.removed.tolist():
            rows.pop(slot, None)
            entries.pop(slot, None)
        entries.update({int(k): v for k, v in names(delta).items()})
        rows.update({int(r["slot"]): r.tobytes() for r in delta.rows})
    whole = b.snapshot(NOW_MS)
    assert rows == {int(r["slot"]): r.tobytes() for r in whole.rows}
    assert entries == {int(k): v for k, v in names(whole).items()}


def test_what_a_row_says():
    b = board()
    b.apply(
        [
            (Topic.STATUS, Status("P-1", "ENROUTE", sos=True)),
            (Topic.POSITION, fix("P-1", 90, speed_mps=10.0, course=-90.0, heading=180.0, altitude_m=100.0)),
        ],
        0.0,
    )
    row = b.snapshot(NOW_MS).rows[0]
    x, y = to_mercator(np.array([26.0]), np.array([105.0]))
    assert (row["x"], row["y"]) == (x[0], y[0])
    assert (row["age"], row["speed"], row["course"], row["heading"], row["altitude"]) == (1000, 500, 49152, 32768, 200)
    assert row["status"] == UnitStatus.ENROUTE
    assert row["flags"] == frames.SOS | frames.HAS_COURSE | frames.HAS_HEADING | frames.HAS_ALTITUDE | frames.HAS_SPEED


def test_a_missing_course_is_missing_and_not_north():
    b = board()
    b.apply([(Topic.POSITION, fix("P-1", 90, course=10.0)), (Topic.POSITION, fix("P-1", 91))], 0.0)
    assert b.snapshot(NOW_MS).rows[0]["flags"] == 0
    assert b.unit("P-1", NOW_MS)[0]["course"] is None


def test_other_datums_are_placed_in_wgs84():
    b = board()
    b.apply([(Topic.POSITION, VehiclePosition("P-1", 39.91012, 116.40372, T0, datum="GCJ02"))], 0.0)
    assert b.unit("P-1", NOW_MS)[0]["lat"] == pytest.approx(39.90872, abs=3e-5)


def test_a_slot_rests_before_another_unit_has_it():
    b = board()
    b.apply([(Topic.ROSTER, Roster("P-1")), (Topic.ROSTER, Tombstone("P-1")), (Topic.ROSTER, Roster("P-2"))], 0.0)
    assert list(names(b.snapshot(NOW_MS))) == ["1"]
    b.apply([(Topic.ROSTER, Roster("P-3"))], 61.0)
    assert set(names(b.snapshot(NOW_MS))) == {"1", str(1 << 24)}


def test_a_full_board_refuses_and_counts():
    b = board(max_units=2)
    b.apply([(Topic.POSITION, fix(f"P-{k}", 1)) for k in range(4)], 0.0)
    b.apply([(Topic.ROSTER, Roster("P-9")), (Topic.ROSTER, Roster("P-1", "known"))], 0.0)
    assert len(b.unit_details()) == 2
    assert b.refused == {"position": 2}
    assert b.is_full()
    # who is on the roster takes the place of the stranger longest silent
    assert {d["unit_id"] for d in b.unit_details()} == {"P-9", "P-1"}


def test_unrostered_units_are_forgotten_and_rostered_ones_are_not():
    b = board()
    b.apply([(Topic.ROSTER, Roster("P-1")), (Topic.POSITION, fix("P-1", 0)), (Topic.POSITION, fix("P-2", 0))], 0.0)
    b.expire(NOW_MS + 900_000, 0.0)
    assert [d["unit_id"] for d in b.unit_details()] == ["P-1"]


def test_trail_has_one_point_a_step():
    b = board()
    for second in range(0, 100, 2):
        b.apply([(Topic.POSITION, fix("P-1", second, 26.0 + second / 1e4))], 0.0)
    trail = b.unit("P-1", NOW_MS)[1]
    assert [round(t - T0.timestamp() * 1000) for _, _, t in trail] == list(range(0, 100_000, 10_000))
    assert trail[3][0] == pytest.approx(26.003)


def test_a_backlog_in_one_batch_leaves_its_trail():
    b = board()
    fixes = [(Topic.POSITION, fix(unit, second)) for second in range(0, 100, 2) for unit in ("P-1", "P-2")]
    b.apply(fixes[::-1], 0.0)
    for unit in ("P-1", "P-2"):
        seconds = [round((t - T0.timestamp() * 1000) / 1000) for _, _, t in b.unit(unit, NOW_MS)[1]]
        assert seconds == list(range(0, 100, 10))


def test_the_trail_ring_keeps_the_newest():
    b = board(trail_s=60.0)
    for second in range(0, 300, 10):
        b.apply([(Topic.POSITION, fix("P-1", second))], 0.0)
    now = (T0 + timedelta(seconds=300)).timestamp() * 1000
    assert [round((t - T0.timestamp() * 1000) / 1000) for _, _, t in b.unit("P-1", now)[1]] == [250, 260, 270, 280, 290]


INCIDENTS = st.builds(
    lambda v, closed: Incident("A", v, closed=T0 if closed else None), st.integers(0, 6), st.booleans()
)


@given(st.lists(INCIDENTS, max_size=12))
def test_the_newest_version_of_an_incident_wins(records):
    b, newest = board(), None
    for record in records:
        b.apply([(Topic.INCIDENT, record)], 0.0)
        if newest is None or record.version > newest.version:
            newest = record
    is_open = newest is not None and newest.closed is None
    assert [p.incident for p in b.incidents()] == ([newest] if is_open else [])


def test_incident_tombstone_and_unknown_datum():
    b = board()
    b.apply([(Topic.INCIDENT, Incident("A", 1, lat=1.0, lon=2.0, datum="MARS", severity="odd"))], 0.0)
    assert (b.incidents()[0].lat, b.unknown_words) == (None, {"Incident.severity": 1, "Incident.datum": 1})
    b.apply([(Topic.INCIDENT, Tombstone("A"))], 0.0)
    assert b.incidents() == []


def test_drones_keep_their_newest_telemetry_and_safe_addresses_only():
    b = board(detection_kinds=["crowd"])

    def say(second, url):
        b.apply([(Topic.TELEMETRY, DroneTelemetry("D", 1.0, 2.0, T0 + timedelta(seconds=second), stream_url=url))], 0.0)

    say(5, "javascript:alert(1)")
    say(3, "rtsp://cam/1")
    b.apply([(Topic.DETECTION, Detection("X", "D", "ufo", T0))], 0.0)
    drones, detections = b.drones()
    assert (drones[0].stream_url, len(detections)) == ("", 1)
    say(6, "rtsps://cam/1")
    assert b.drones()[0][0].stream_url == "rtsps://cam/1"
    assert b.counts()["bad_stream_urls"] == 1
    assert b.unknown_words["Detection.kind"] == 1


def test_a_restarted_replay_keeps_the_roster_only():
    b = board()
    b.apply(
        [
            (Topic.ROSTER, Roster("P-1")),
            (Topic.POSITION, fix("P-1", 50)),
            (Topic.POSITION, fix("P-2", 50)),
            (Topic.INCIDENT, Incident("A", 5)),
        ],
        0.0,
    )
    b.restart()
    assert [(d["unit_id"], d["lat"]) for d in b.unit_details()] == [("P-1", None)]
    b.apply([(Topic.POSITION, fix("P-1", 10)), (Topic.INCIDENT, Incident("A", 1))], 0.0)
    assert b.unit_details()[0]["fix_time"] == (T0 + timedelta(seconds=10)).timestamp() * 1000
    assert len(b.incidents()) == 1


def test_the_extent_is_of_nearly_all():
    b = board(max_units=1000)
    assert b.extent() is None
    b.apply([(Topic.POSITION, fix(f"P-{k}", 1, 26.0 + k / 1000)) for k in range(100)], 0.0)
    b.apply([(Topic.POSITION, fix("stray", 1, -40.0))], 0.0)
    south, west, north, east = b.extent()
    assert 26.0 <= south < north <= 26.1
    assert (west, east) == pytest.approx((105.0, 105.0))


def test_a_call_for_help_outlives_silence_and_the_end_of_duty():
    b = board()
    b.apply([(Topic.ROSTER, Roster("P-1")), (Topic.POSITION, fix("P-1", 0))], 0.0)
    b.apply([(Topic.STATUS, Status("P-1", "ENROUTE", sos=True))], 0.0)
    b.apply([(Topic.ROSTER, Tombstone("P-1"))], 0.0)
    b.expire(NOW_MS + 10_000_000, 0.0)
    assert [u["unit_id"] for u in b.units_in_sos()] == ["P-1"]
    b.apply([(Topic.STATUS, Status("P-1", "AVAILABLE"))], 0.0)
    b.expire(NOW_MS + 10_000_000, 0.0)
    assert b.unit_details() == []


def test_a_status_waits_for_its_unit():
    b = board(max_units=3)
    b.apply([(Topic.STATUS, Status(f"P-{k}", "ON_SCENE")) for k in range(9)], 0.0)
    assert b.unit_details() == []
    b.apply([(Topic.ROSTER, Roster("P-8")), (Topic.POSITION, fix("P-1", 1))], 0.0)
    assert {d["unit_id"]: d["status"] for d in b.unit_details()} == {"P-8": "ON_SCENE", "P-1": "UNKNOWN"}


def test_a_status_without_time_does_not_let_older_ones_pass():
    b = board()
    b.apply([(Topic.ROSTER, Roster("P-1"))], 0.0)
    for word, second in (("ON_SCENE", 50), ("AVAILABLE", None), ("DISPATCHED", 10)):
        since = None if second is None else T0 + timedelta(seconds=second)
        b.apply([(Topic.STATUS, Status("P-1", word, since=since))], 0.0)
    detail = b.unit_details()[0]
    assert (detail["status"], detail["since"]) == ("AVAILABLE", None)


def test_a_tombstone_ends_a_fix_of_the_same_batch():
    b = board()
    b.apply([(Topic.POSITION, fix("P-1", 1)), (Topic.ROSTER, Tombstone("P-1"))], 0.0)
    assert b.unit_details() == []


def test_churn_does_not_eat_slots_without_end():
    b = board(max_units=50)
    for k in range(4_000):
        b.apply([(Topic.POSITION, fix(f"X-{k}", 1)), (Topic.POSITION, Tombstone(f"X-{k}"))], 0.0)
    b.apply([(Topic.POSITION, fix("P-1", 1))], 0.0)
    assert int(b.snapshot(NOW_MS).rows[0]["slot"]) & 0xFFFFFF < 2_000


def test_what_lies_ahead_of_a_replays_clock_is_of_another_run():
    b = board()
    b.apply([(Topic.ROSTER, Roster("P-1")), (Topic.POSITION, fix("P-1", 90)), (Topic.POSITION, fix("P-2", 5)),
             (Topic.STATUS, Status("P-1", "ENROUTE", since=T0 + timedelta(seconds=90))),
             (Topic.INCIDENT, Incident("A", 1, call_received=T0 + timedelta(seconds=80)))], 0.0)  # fmt: skip
    b.forget_ahead(T0.timestamp() * 1000 + 50_000)
    assert [(d["unit_id"], d["lat"] is None, d["status"]) for d in b.unit_details()] == [
        ("P-1", True, "UNKNOWN"), ("P-2", False, "UNKNOWN"),
    ]  # fmt: skip
    assert b.incidents() == []


def test_more_incidents_than_a_wall_can_bear_are_refused(monkeypatch):
    monkeypatch.setattr("data_feeds.incidents.MAX_OPEN", 3)
    b = board()
    b.apply([(Topic.INCIDENT, Incident(f"A{k}", 1)) for k in range(5)], 0.0)
    assert (len(b.incidents()), b.refused["incident"]) == (3, 2)
    b.apply([(Topic.INCIDENT, Incident("A0", 2, closed=T0)), (Topic.INCIDENT, Incident("A9", 1))], 0.0)
    assert {p.incident.incident_id for p in b.incidents()} == {"A1", "A2", "A9"}


def test_a_drone_silent_in_the_air_is_missed_longer_than_one_that_landed():
    b = board()
    for drone_id, height in (("D1", 80.0), ("D2", 0.0)):
        b.apply([(Topic.TELEMETRY, DroneTelemetry(drone_id, 1.0, 2.0, T0, height_m=height))], 0.0)
    assert b.expected().telemetry
    b.expire(T0.timestamp() * 1000 + 1_000_000, 0.0)
    assert [d.telemetry.drone_id for d in b.drones()[0]] == ["D1"]
    b.expire(T0.timestamp() * 1000 + 4_000_000, 0.0)
    assert not b.expected().telemetry


def test_columns_are_copied_once_until_a_unit_changes():
    board = Board(100, 600.0, 10.0)
    board.apply([(Topic.ROSTER, Roster("P-1", branch="A"))], 0.0)
    a, b = board.scopes.find("A"), board.scopes.find("B")
    first = board.unit_columns(a)
    assert board.unit_columns(a) is first
    assert (len(first), len(board.unit_columns(b)), len(board.unit_columns())) == (1, 0, 1)
    with pytest.raises(ValueError, match="read-only"):
        first["status"][0] = 1
    changes = [Status("P-1", "AVAILABLE", sos=True), Roster("P-1", branch="B"), Status("P-1", "ENROUTE")]
    told = []
    for change in changes:
        board.apply([(Topic.STATUS if isinstance(change, Status) else Topic.ROSTER, change)], 0.0)
        told.append([(len(board.unit_columns(s)), len(board.units_in_sos(s))) for s in (a, b)])
    assert told == [[(1, 1), (0, 0)], [(0, 0), (1, 1)], [(0, 0), (1, 0)]]
    for n in range(1_000):  # scopes that anybody may name
        board.unit_columns(board.scopes.find(f"X{n}"))
    assert len(board._columns[1]) <= 301
