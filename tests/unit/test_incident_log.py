"""The incident log against a dictionary, under any order, repetition, removal and clock."""

from datetime import UTC, datetime, timedelta

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.board import Board
from data_feeds.geo import from_wgs84
from data_feeds.incident_log import DIVERTED, EXERCISE, INVALID, NO_CELL, RESOLUTION, IncidentLog, word_of
from data_feeds.messages import Tombstone
from data_feeds.model import Datum, Incident, Topic
from data_feeds.places import from_geojson
from data_feeds.scopes import CITY, Scopes
from tests.unit.places_story import document

T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
T0_MS = T0.timestamp() * 1000
PLACE = (30.57, 104.06)


def incident(name="I-1", version=1, minute=0.0, **fields):
    told = {"category": "theft", "lat": PLACE[0], "lon": PLACE[1], "branch": "B1", "station": "S1", **fields}
    return Incident(name, version, call_received=T0 + timedelta(minutes=minute), **told)


def as_model(log):
    """id → what is known of it, read through the view's columns."""
    view = log.view()
    at = {row: name for name, row in log._row_of.items()}
    assert sorted(at) == list(range(len(view.rows)))
    return {
        at[n]: (
            row["received"], row["version"], view.categories[row["category"]], view.homes[row["home"]], row["flags"]
        )
        for n, row in enumerate(view.rows)
    }  # fmt: skip


IDS = st.sampled_from(["A", "B", "C", "D", "E"])
MINUTES = st.integers(-600, 600)
applied = st.tuples(
    st.just("apply"),
    st.builds(
        lambda i, v, m, c, s, x, valid, d: incident(
            i, v, m, category=c, station=s, exercise=x, valid=valid, diverted=d
        ),
        IDS, st.integers(0, 4), MINUTES, st.sampled_from(["theft", "Road accident", ""]), st.sampled_from(["S1", "S2"]),
        st.booleans(), st.booleans(), st.booleans(),
    ),
)  # fmt: skip
removed = st.tuples(st.just("remove"), IDS)
cut = st.tuples(st.sampled_from(["expire", "forget_ahead"]), MINUTES.map(lambda m: T0_MS + m * 60_000))
cleared = st.tuples(st.just("clear"), st.none())


@given(st.lists(applied | removed | cut | cleared, max_size=60))
def test_the_log_is_a_dictionary_of_newest_versions(story):
    log, model = IncidentLog(), {}
    for verb, what in story:
        if verb == "apply":
            log.apply(what)
            known = model.get(what.incident_id)
            if known is None or what.version > known[1]:
                flags = EXERCISE * what.exercise | INVALID * (not what.valid) | DIVERTED * what.diverted
                received = what.call_received.timestamp() * 1000
                home = frozenset({what.branch.lower(), what.station.lower()})
                model[what.incident_id] = (received, what.version, word_of(what.category), home, flags)
        elif verb == "remove":
            log.remove(what)
            model.pop(what, None)
        elif verb == "clear":
            log.clear()
            model.clear()
        else:
            getattr(log, verb)(what)
            model = {k: v for k, v in model.items() if (v[0] >= what if verb == "expire" else v[0] <= what)}
        assert len(log) == len(model)
    assert as_model(log) == model


@given(st.permutations([(n, v) for n in ("A", "B", "C") for v in (1, 2, 3)]))
def test_the_order_of_versions_does_not_matter(order):
    log = IncidentLog()
    for name, version in order:
        log.apply(incident(name, version, minute=version, category=f"kind {version}"))
    assert {name: told[1:3] for name, told in as_model(log).items()} == dict.fromkeys("ABC", (3, "kind_3"))


@given(
    st.lists(st.tuples(st.floats(10, 50), st.floats(80, 130)), min_size=1, max_size=20),
    st.sampled_from(["WGS84", "CGCS2000", "GCJ02", "BD09"]),
)
def test_cells_are_those_of_the_h3_package_whatever_the_datum(points, datum):
    log = IncidentLog()
    for n, (lat, lon) in enumerate(points):
        # told in the source's datum, stored in WGS-84
        told_lat, told_lon = from_wgs84(np.array([lat]), np.array([lon]), Datum[datum])
        log.apply(incident(f"I-{n}", lat=float(told_lat[0]), lon=float(told_lon[0]), datum=datum))
    for (lat, lon), cell in zip(points, log.view().rows["cell"].tolist(), strict=True):
        there = h3.latlng_to_cell(lat, lon, RESOLUTION)
        assert h3.int_to_str(cell) in h3.grid_disk(there, 1)  # the way there and back is exact to a millimetre only


def test_incidents_without_a_place_or_in_an_unknown_datum_have_no_cell():
    log = IncidentLog()
    log.apply(incident("A", lat=None, lon=None))
    log.apply(incident("B", datum="MARS"))
    assert log.view().rows["cell"].tolist() == [NO_CELL, NO_CELL]


def test_an_incident_without_any_time_is_not_kept():
    log = IncidentLog()
    assert not log.apply(Incident("A", 1, category="theft"))
    assert len(log) == 0


def test_without_a_call_the_earliest_time_counts():
    log = IncidentLog()
    log.apply(Incident("A", 1, on_scene=T0 + timedelta(minutes=5), dispatched=T0))
    assert log.view().rows["received"].tolist() == [T0_MS]


def test_the_oldest_go_first_when_the_log_is_full():
    log = IncidentLog(max_kept=128)
    for n in range(1_000):
        log.apply(incident(f"I-{n}", minute=(n * 37) % 1_000))  # in no order
        assert len(log) <= 128
    assert log.dropped == 1_000 - len(log)
    assert log.view().dropped == log.dropped
    # what came while there was room for it and was among the newest is still there
    assert (log.view().rows["received"] >= T0_MS + 800 * 60_000).mean() > 0.7
    log.apply(incident("newest", minute=5_000))
    assert "newest" in as_model(log)


def test_categories_beyond_the_cap_are_other(monkeypatch):
    monkeypatch.setattr("data_feeds.incident_log.MAX_CATEGORIES", 2)
    log = IncidentLog()
    for n, word in enumerate(["a", "b", "c", "a"]):
        log.apply(incident(f"I-{n}", category=word))
    assert [told[2] for told in as_model(log).values()] == ["a", "b", "other", "a"]


def test_a_view_stands_still_while_the_log_goes_on():
    log = IncidentLog()
    log.apply(incident("A", 1))
    before = log.view()
    assert log.view() is before
    log.apply(incident("A", 2, category="fraud"))
    assert before.categories == ("theft",)
    assert before.rows["version"].tolist() == [1]
    assert log.view() is not before
    with pytest.raises(ValueError, match="read-only"):
        before.rows["version"][0] = 9


def test_a_scope_sees_its_own():
    log = IncidentLog()
    for n, (branch, station) in enumerate([("B1", "S1"), ("B1", "S2"), ("B2", "S3"), ("", "")]):
        log.apply(incident(f"I-{n}", branch=branch, station=station, minute=n))
    view = log.view()

    def minutes(scope):
        return ((view.within(scope).rows["received"] - T0_MS) / 60_000).tolist()

    assert minutes(CITY) == [0, 1, 2, 3]
    assert minutes(Scopes().find("B1")) == [0, 1]
    assert minutes(Scopes().find("S3")) == [2]
    assert minutes(Scopes().find("S9")) == []


def test_a_scope_counts_what_is_in_its_queue():
    """By words, and by the place where words say nothing: a figure beside a queue must be of the same incidents."""
    scopes = Scopes(from_geojson(document()))
    board = Board(10, 600.0, 10.0, scopes=scopes)
    a1, b2 = {"lat": 26.05, "lon": 105.05}, {"lat": 26.15, "lon": 105.35}
    told = [
        incident("words", branch="A", station="A2", lat=None, lon=None),
        incident("place", branch="", station="", **a1),
        incident("strange words", branch="nowhere", station="?", **b2),
        incident("branch and place", branch="A", station="", **a1),
        incident("words go first", branch="B", station="B1", **a1),
        incident("zone", branch="", station="", zone="Beat 1", lat=None, lon=None),
        incident("moves", branch="A", station="A1", **a1),
        incident("moves", version=2, branch="B", station="B2", **a1),
        incident("placed later", branch="", station="", lat=None, lon=None),
    ]
    for one in told:
        board.apply([(Topic.INCIDENT, one)], 0.0)
        board.incident_log()
    board.apply([(Topic.INCIDENT, incident("placed later", version=2, branch="", station="", **b2))], 0.0)
    for scope in (CITY, *scopes.all()):
        assert len(board.incident_log().within(scope).rows) == len(board.incidents(scope)), scope.code
    assert len(board.incidents(scopes.find("A1"))) == 3
    assert len(board.incidents(scopes.find("B2"))) == 3


def test_days_that_were_let_go_do_not_come_back_in_part():
    """Of a topic with several partitions old records come after newer ones: half a day would look like a quiet one."""
    log = IncidentLog(max_kept=128)
    for n in range(200):
        log.apply(incident(f"I-{n}", minute=n))
    oldest = log.view().rows["received"].min()
    assert not log.apply(incident("late", minute=1))
    assert log.view().rows["received"].min() == oldest
    assert log.view().dropped == 201 - len(log)


def test_a_backlog_is_not_left_to_the_first_who_looks(monkeypatch):
    monkeypatch.setattr("data_feeds.incident_log.MAX_PENDING", 10)
    log = IncidentLog()
    for n in range(95):
        log.apply(incident(f"I-{n}", station=f"S{n % 3}"))
        assert len(log._words) < 10
    assert set(log.view().homes) == {frozenset({"b1", f"s{n}"}) for n in range(3)}
    assert (log.view().rows["cell"] != NO_CELL).all()


def test_homes_that_nobody_has_any_more_are_forgotten():
    log = IncidentLog()
    for n in range(5_000):
        log.apply(incident("I", version=n, station=f"S{n}"))
        log.view()
    assert len(log.view().homes) <= 1_100
    assert log.view().homes[log.view().rows["home"][0]] == {"b1", "s4999"}


@pytest.mark.parametrize("text", ["Traffic Accident", "traffic-accident", " TRAFFIC  accident ", "traffic_accident"])
def test_a_category_is_one_word_however_it_is_written(text):
    assert word_of(text) == "traffic_accident"


class TestOnTheBoard:
    @pytest.fixture
    def board(self):
        return Board(10, 600.0, 10.0)

    def times(self, board):
        return sorted(((board.incident_log().rows["received"] - T0_MS) / 60_000).tolist())

    def test_closed_incidents_are_logged_even_when_nobody_saw_them_open(self, board):
        closed = incident("A", 7, closed=T0 + timedelta(minutes=30))
        assert board.apply([(Topic.INCIDENT, closed)], 0.0) == {Topic.INCIDENT}
        assert board.incidents() == []
        assert self.times(board) == [0]

    def test_a_late_older_version_changes_nothing(self, board):
        board.apply([(Topic.INCIDENT, incident("A", 7, 5))], 0.0)
        assert board.apply([(Topic.INCIDENT, incident("A", 6, 9))], 0.0) == set()
        assert self.times(board) == [5]

    def test_a_tombstone_takes_it_out_of_the_count(self, board):
        board.apply([(Topic.INCIDENT, incident("A", 1, closed=T0)), (Topic.INCIDENT, Tombstone("A"))], 0.0)
        assert self.times(board) == []

    def test_days_that_are_over_are_forgotten(self, board):
        board.apply([(Topic.INCIDENT, incident("A", 1, 0)), (Topic.INCIDENT, incident("B", 1, 60))], 0.0)
        board.expire(T0_MS + 8 * 86_400_000 + 30 * 60_000, 0.0)
        assert self.times(board) == [60]

    def test_another_run_of_a_replay_is_forgotten(self, board):
        board.apply([(Topic.INCIDENT, incident("A", 1, 0)), (Topic.INCIDENT, incident("B", 1, 60))], 0.0)
        board.forget_ahead(T0_MS + 30 * 60_000)
        assert self.times(board) == [0]
        board.restart()
        assert self.times(board) == []
        board.apply([(Topic.INCIDENT, incident("A", 1, 0))], 0.0)
        assert self.times(board) == [0]
