"""Candidates for an incident: the order, the reasons, who is refused and why."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.cover import uncovered
from analytics.dispatch import CandidateIncident, Candidates
from analytics.force import Force, OnRoads
from analytics.ranking import RANKED_SHOWN, SHOWN, Costs, Question, candidates, incident_of, needs_of
from analytics.reach import Reach, Spot
from analytics.response import Targets
from data_feeds.incidents import PlacedIncident
from data_feeds.model import Incident
from tests.unit.force_story import NOW_MS, on_roads, some_spots, some_units, unit

INCIDENT = CandidateIncident(
    "I-1", "theft", "LOW", "Market", "CENTRE", "A", "A1", "", [], 26.004, 105.004, NOW_MS - 30_000.0, 180.0
)


def asked(
    force: Force, roads: OnRoads | None = None, incident: CandidateIncident = INCIDENT, **more: Any
) -> Candidates:
    return candidates(Question(incident, force, roads, NOW_MS, 30.0, 300.0, **more))


def by_id(answer: Candidates) -> dict[str, Any]:
    return {one.unit_id: one for one in answer.candidates}


def codes(reasons: list[Any]) -> list[str]:
    return [reason.code for reason in reasons]


def test_the_nearest_is_first_and_says_why_and_the_others_say_why_not() -> None:
    force = Force.of([
        unit(1, 26.0041, 105.0041), unit(2, 26.0075, 105.0075), unit(3, 26.004, 105.0042, status="ENROUTE",
        incident_id="I-7"), unit(4, 26.0041, 105.004, status="OUT_OF_SERVICE"), unit(5, None, None),
        unit(6, 26.0041, 105.004, unit_type="DRONE"), unit(7, 26.0041, 105.004, fix_time=NOW_MS - 301_000.0),
        unit(8, 26.6, 105.9), unit(9, 26.0041, 105.0041, fix_time=NOW_MS - 31_000.0),
        unit(10, 26.0041, 105.0041, branch="B", station="B1"),
    ])  # fmt: skip
    answer = asked(force, on_roads(force, torn=0.0, one_way=0.0))
    found = by_id(answer)
    assert (answer.first, answer.basis, answer.candidates[0].unit_id) == ("U01", "road", "U01")
    assert codes(found["U01"].for_) == ["nearest", "in_target", "in_zone", "idle"]
    assert found["U01"].for_[1].seconds == pytest.approx(150 - found["U01"].travel_s, abs=1)
    assert codes(found["U02"].against) == ["slower"]
    assert found["U02"].against[0].seconds == pytest.approx(found["U02"].travel_s - found["U01"].travel_s, abs=0.2)
    assert [(one.code, one.word, one.of) for one in found["U03"].against] == [("busy", "ENROUTE", "I-7")]
    assert codes(found["U04"].against) == ["off_duty"]
    assert codes(found["U05"].against) == ["no_position"]
    assert codes(found["U06"].against) == ["wrong_type"]
    assert codes(found["U07"].against) == ["lost"]
    assert codes(found["U08"].against) == ["unreachable"]
    assert [(one.code, one.seconds, one.costs_s) for one in found["U09"].against] == [("stale", 31, Costs().stale_s)]
    assert [(one.code, one.word) for one in found["U10"].against] == [("other_zone", "B")]
    assert answer.refused == {
        "wrong_type": 1, "busy": 1, "off_duty": 1, "no_position": 1, "lost": 1, "unreachable": 1,
    }  # fmt: skip
    assert [one.rank for one in answer.candidates] == [1, 2, 3, 4, *[None] * 6]
    assert found["U01"].route is not None
    assert found["U03"].travel_s is not None


def test_who_is_sent_already_says_so_and_comes_before_the_other_refused() -> None:
    force = Force.of([
        unit(1, 26.0041, 105.0041), unit(2, 26.0042, 105.0042, status="ENROUTE", incident_id="I-7"),
        unit(3, 26.0075, 105.0075, status="ENROUTE", incident_id="I-1"), unit(4, 26.0076, 105.0076),
    ])  # fmt: skip
    answer = asked(force, on_roads(force), sent={"U04"})
    found = by_id(answer)
    assert [one.unit_id for one in answer.candidates if one.rank is None][-1] == "U02"
    assert [(one.code, one.word) for one in found["U03"].against] == [("sent", "ENROUTE")]
    assert [(one.code, one.word) for one in found["U04"].against] == [("sent", "")]
    assert answer.refused == {"sent": 2, "busy": 1}
    assert answer.first == "U01"


def test_an_incident_far_from_every_street_is_told_by_distance() -> None:
    force = Force.of([unit(1, 26.006, 105.006), unit(2, 26.004, 105.004)])
    sea = msgspec.structs.replace(INCIDENT, lat=26.1, lon=105.1)
    answer = asked(force, on_roads(force), sea)
    assert (answer.basis, answer.first) == ("straight", "U01")
    assert [one.travel_s for one in answer.candidates] == [None, None]
    assert codes(answer.candidates[1].against) == ["farther"]


def test_a_city_has_words_and_costs_of_its_own() -> None:
    force = Force.of([unit(1, 26.004, 105.004, capabilities=["Ladder"]), unit(2, 26.004, 105.004, capabilities=["x"])])
    needs, costs = needs_of({"Cat in tree": ["ladder"], "medical": []}), Costs(incapable_s=7.0)
    tree = msgspec.structs.replace(INCIDENT, category="cat in tree")
    found = by_id(asked(force, on_roads(force), tree, needs=needs, costs=costs))
    assert "capable" in codes(found["U01"].for_)
    assert [(one.code, one.word, one.costs_s) for one in found["U02"].against] == [("incapable", "ladder", 7.0)]
    ill = msgspec.structs.replace(INCIDENT, category="medical")
    assert not codes(by_id(asked(force, on_roads(force), ill, needs=needs))["U02"].against)


def test_categories_ask_for_types_and_capabilities() -> None:
    force = Force.of([
        unit(1, 26.004, 105.004, unit_type="TRAFFIC", capabilities=["accident"]),
        unit(2, 26.004, 105.004, capabilities=["speed_gun"]), unit(3, 26.004, 105.004, unit_type="ASSAULT_VEHICLE"),
    ])  # fmt: skip
    roads = on_roads(force, torn=0.0, one_way=0.0)
    theft = asked(force, roads)
    assert [codes(one.against) for one in theft.candidates] == [[], ["wrong_type"], ["wrong_type"]]
    crash = by_id(asked(force, roads, msgspec.structs.replace(INCIDENT, category="Traffic Accident")))
    assert "capable" in codes(crash["U01"].for_)
    assert codes(crash["U02"].against) == ["incapable"]
    grave = asked(force, roads, msgspec.structs.replace(INCIDENT, severity="CRITICAL"))
    assert all(not one.against for one in grave.candidates)


def test_without_roads_units_are_ordered_by_distance_and_no_time_is_told() -> None:
    force = Force.of([unit(1, 26.005, 105.004), unit(2, 26.0045, 105.004), unit(3, 26.5, 105.004)])
    answer = asked(force)
    assert (answer.basis, [one.unit_id for one in answer.candidates]) == ("straight", ["U02", "U01", "U03"])
    assert all(one.travel_s is None and one.route is None for one in answer.candidates)
    assert codes(answer.candidates[0].for_) == ["closest", "in_zone", "idle"]
    assert [(one.code, one.count) for one in answer.candidates[1].against] == [("farther", 56)]


def test_an_incident_without_a_place_has_no_candidates() -> None:
    force = Force.of([unit(1, 26.005, 105.004)])
    nowhere = msgspec.structs.replace(INCIDENT, lat=None, lon=None)
    for roads in (None, on_roads(force)):
        answer = asked(force, roads, nowhere)
        assert (answer.basis, answer.first, answer.candidates, answer.more) == ("no_position", None, [], 1)
        assert answer.refused == {}  # whoever could go there: none of them is judged


def test_of_many_the_first_and_the_nearest_refused_are_shown() -> None:
    force = Force.of([
        *(unit(k, 26.004, 105.004) for k in range(70)),
        *(unit(k, 26.004, 105.004, status="ON_SCENE") for k in range(100, 150)),
    ])  # fmt: skip
    answer = asked(force)
    assert (len(answer.candidates), answer.more, answer.refused) == (SHOWN, 60, {"busy": 50})
    assert sum(one.rank is not None for one in answer.candidates) == RANKED_SHOWN
    few = asked(Force.of([unit(k, 26.004, 105.004) for k in range(70)]))
    assert (len(few.candidates), few.more) == (SHOWN, 10)


def test_the_post_within_200_m_is_told() -> None:
    posts = [Spot("P1", "post", "岗一", "", 26.0055, 105.004), Spot("P2", "post", "岗二", "", 26.009, 105.004)]
    found = asked(Force.of([]), posts=posts).first_response
    assert found is not None
    assert (found.id, found.distance_m) == ("P1", 167)
    assert asked(Force.of([]), posts=posts[1:]).first_response is None


@given(seed=st.integers(0, 10_000), count=st.integers(0, 12))
@settings(max_examples=30, deadline=None)
def test_the_order_is_that_of_travel_time_and_costs(seed: int, count: int) -> None:
    force = some_units(seed, count)
    roads = on_roads(force, seed)
    spots = some_spots(seed, 5)
    opened = uncovered(Reach.of(spots, roads, force.ready(NOW_MS, 300.0)), force)
    answer = asked(force, roads, opened=opened)
    ranked = [one for one in answer.candidates if one.rank]
    sums = [one.travel_s + sum(reason.costs_s for reason in one.against) for one in ranked]
    assert all(a <= b + 0.2 for a, b in itertools.pairwise(sums))
    assert {one.unit_id for one in answer.candidates} == set(force.ids)
    assert all(one.against for one in answer.candidates if one.rank is None)
    assert all(one.for_ == [] for one in answer.candidates[1:])
    assert {one.unit_id for one in ranked if one.uncovers} == set(opened) & {one.unit_id for one in ranked}
    ready = force.ready(NOW_MS, 300.0)
    assert {one.unit_id for one in ranked} <= {force.ids[k] for k in np.flatnonzero(ready)}
    if ranked:
        assert all(one.against for one in ranked[1:] if one.travel_s > ranked[0].travel_s + 0.1)


def test_what_is_told_of_the_incident_holds_no_free_text() -> None:
    one = Incident("I-2", 1, "theft", "low", lat=26.0, lon=105.0, place_class="CENTRE", summary="a name",
                   call_received=datetime(2026, 3, 2, tzinfo=UTC))  # fmt: skip
    told = incident_of(PlacedIncident.of(one), Targets(60.0, 180.0, 300.0))
    assert (told.target_s, told.severity, told.derived) == (180.0, "LOW", [])
    body = msgspec.json.encode(asked(Force.of([unit(1, 26.005, 105.004)]), incident=told))
    assert b"a name" not in body
    assert b'"for":' in body
