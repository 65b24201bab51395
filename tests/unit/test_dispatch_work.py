"""Questions of dispatch to a living city's board: every unit has an answer, and times are those of its roads."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

import msgspec
import numpy as np
import pytest

from analytics.dispatch import Candidates
from analytics.force import Network
from analytics.streets import Streets
from data_feeds import places
from data_feeds.board import Board
from data_feeds.model import Incident, Roster, Topic
from data_feeds.roads import load
from data_feeds.scopes import CITY, Scopes
from data_feeds.settings import Settings
from tests.unit.hand_clock import HandClock
from tests.unit.simulated import HOUR_S, MONDAY_S, a_city, a_life, decoded, lived
from web import ground
from web.dispatch import LOST, NotThere
from web.dispatch_work import Work

LIVED_S = 900
MOST_TOLD = 60


@pytest.fixture(scope="module")
def board() -> Board:
    board = Board(5_000, 600.0, 10.0, (), Scopes(places.from_geojson(a_city().places)))
    messages, _ = decoded(lived(a_life(), LIVED_S, step_s=10.0))
    for now_s, together in groupby(messages, key=lambda told: told[0]):
        board.apply([(topic, message) for _, topic, message in together], now_s)
    return board


def work_on(board: Board, roads) -> Work:
    return Work(Settings(), board, HandClock((MONDAY_S + 10 * HOUR_S + LIVED_S) * 1000.0), roads)


@pytest.fixture(scope="module")
def work(board) -> Work:
    return work_on(board, a_city().roads)


@pytest.fixture(scope="module")
def incidents(board) -> list[str]:
    found = [placed.incident.incident_id for placed in board.incidents() if placed.lat is not None]
    assert found
    return found


def asked(work: Work, incident_id: str) -> Candidates:
    return msgspec.json.decode(work.candidates(incident_id), type=Candidates)


def test_every_unit_is_ranked_or_refused_with_a_reason(board, work, incidents):
    units = {unit["unit_id"] for unit in board.unit_details()}
    for incident_id in incidents:
        told = asked(work, incident_id)
        listed = [one.unit_id for one in told.candidates]
        assert told.basis == "road"
        assert len(listed) == len(set(listed)) <= MOST_TOLD
        assert set(listed) <= units
        assert len(listed) + told.more == len(units)
        ranks = [one.rank for one in told.candidates if one.rank is not None]
        assert ranks == list(range(1, len(ranks) + 1))
        assert (told.first is None) == (not ranks)
        if ranks:
            assert told.candidates[0].unit_id == told.first
            assert told.candidates[0].for_
        assert all(one.against for one in told.candidates if one.rank != 1 and one.unit_id != told.first)


def test_times_are_those_of_the_roads(board, work, incidents):
    network = Network(Streets(a_city().roads), 10)
    details = {unit["unit_id"]: unit for unit in board.unit_details()}
    checked = 0
    for incident_id in incidents[:5]:
        told = asked(work, incident_id)
        target = network.streets.snap(np.array([told.incident.lat]), np.array([told.incident.lon]))
        drivers = [one for one in told.candidates if one.rank is not None and one.type in ("CAR", "TRAFFIC")]
        for one in drivers:
            unit = details[one.unit_id]
            start = network.streets.snap(np.array([unit["lat"]]), np.array([unit["lon"]]))
            (seconds,) = network.drive.times_s(start, target, np.inf)[0]
            assert one.travel_s == pytest.approx(seconds, abs=0.6)
        checked += len(drivers)
    assert checked


def test_nobody_moves_and_the_answer_stays(board, work, incidents):
    first = asked(work, incidents[0])
    work._clock.wait(1.0)  # the units are looked at anew; all stand where they stood
    again = asked(work, incidents[0])
    assert again.now_ms == first.now_ms + 1000.0
    assert [(one.unit_id, one.travel_s) for one in again.candidates] == [
        (one.unit_id, one.travel_s) for one in first.candidates
    ]


@pytest.mark.parametrize("kept", ["no graph", "no streets"])
def test_a_straight_line_is_said_and_is_no_time(board, incidents, kept):
    roads = None
    if kept == "no streets":
        whole = a_city().roads
        columns = ("start", "end", "length_m", "speed_mps", "road_class", "name")
        none = {name: getattr(whole, name)[:0] for name in columns}
        roads = replace(whole, **none, shape_start=np.zeros(1, np.int32), shape_lat=np.zeros(0), shape_lon=np.zeros(0))
    work = work_on(board, roads)
    told = asked(work, incidents[0])
    assert told.basis == "straight"
    assert told.candidates
    assert all(one.travel_s is None and one.route is None for one in told.candidates)
    cover = work.refresh().cover_of(CITY)
    assert (cover["basis"], cover["covered"]) == ("straight", None)
    assert msgspec.json.decode(work.coverage(CITY))["basis"] == "straight"


def test_what_is_not_there_is_named(work):
    with pytest.raises(NotThere, match="'nobody'"):
        work.candidates("nobody")
    with pytest.raises(NotThere, match="'nobody'"):
        work.unit_rings("nobody")


def test_what_has_no_position_is_answered_with_that_reason():
    board = Board(10, 600.0, 10.0)
    told = {"category": "theft", "call_received": datetime(2026, 3, 2, 2, tzinfo=UTC)}
    board.apply([(Topic.ROSTER, Roster("U-1")), (Topic.INCIDENT, Incident("A-1", 1, **told))], MONDAY_S)
    work = work_on(board, a_city().roads)
    answer = asked(work, "A-1")
    assert (answer.incident.id, answer.basis, answer.candidates) == ("A-1", "no_position", [])
    for rings in (work.incident_rings("A-1"), work.unit_rings("U-1")):
        told = msgspec.json.decode(rings)
        assert (told["basis"], told["center"], told["rings"]) == ("no_position", None, [])


def test_cover_of_a_branch_is_its_part_of_the_citys(board, work):
    told = work.refresh()
    whole = told.cover_of(CITY)
    assert whole["basis"] == "road"
    assert whole["total"] == len(whole["spots"]) >= 42
    assert whole["covered"] == sum(1 for spot in whole["spots"] if (spot["margin_s"] or -1.0) >= 0)
    parts = Counter()
    for branch in a_city().branches:
        part = told.cover_of(board.scopes.find(branch.id))
        assert {spot["id"] for spot in part["spots"]} <= {spot["id"] for spot in whole["spots"]}
        parts["total"] += part["total"]
        parts["covered"] += part["covered"]
    assert (parts["total"], parts["covered"]) == (whole["total"], whole["covered"])


def test_forecasts_are_told_to_whom_they_concern(work, incidents):
    told = work.refresh()
    assert {one.id for one in told.watch.items} <= set(incidents)
    assert told.forecast_of([])["items"] == []
    assert told.forecast_of(incidents)["items"] == told.watch.items
    assert set(told.late) == {one.id for one in told.watch.items if (one.margin_s or 0.0) < 0}


def test_rings_reach_further_with_time(work, board, incidents):
    driver = next(unit["unit_id"] for unit in board.unit_details() if unit["unit_type"] == "CAR" and unit["lat"])
    for answer in (work.incident_rings(incidents[0]), work.unit_rings(driver)):
        rings = msgspec.json.decode(answer)
        assert rings["basis"] == "road"
        seconds = [ring["seconds"] for ring in rings["rings"]]
        assert seconds == sorted(seconds)
        assert len(seconds) == 3


def test_a_broken_road_file_leaves_distances(tmp_path, caplog):
    (tmp_path / "city.roads.npz").write_bytes(b"PK" + bytes(100))
    assert ground.known(lambda: load(tmp_path / "city.roads.npz"), LOST) is None
    assert "city.roads.npz" in caplog.text
