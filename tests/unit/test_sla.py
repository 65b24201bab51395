"""Forecasts of breaches, who is expected, and arrivals by GPS beside the reported ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from analytics.force import Force
from analytics.response import Targets
from analytics.sla import Arrivals, Expected, expected, forecasts, waiting
from data_feeds.incidents import PlacedIncident
from data_feeds.model import Incident
from tests.unit.force_story import NOW_MS, on_roads, unit

TARGETS = Targets(60.0, 180.0, 300.0)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW_MS / 1000.0 + seconds, UTC)


def placed(name: str = "I", call_s: float = -20.0, **fields: Any) -> PlacedIncident:
    given = {"lat": 26.004, "lon": 105.004, "place_class": "CENTRE", "call_received": moment(call_s), **fields}
    return PlacedIncident.of(Incident(name, 1, "theft", **given))


@pytest.mark.parametrize(
    ("fields", "travel_s", "margin_s", "cause"),
    [
        # nobody is sent: dispatch 45 s and turnout 27 s of 180 s are allowed, both are still to come
        ({}, 60.0, 180 - 45 - 27 - 60, ""),
        ({}, 150.0, 180 - 45 - 27 - 150, "travel"),
        ({"call_s": -100.0}, 60.0, 180 - 100 - 27 - 60, "dispatch"),
        ({"dispatched": moment(-10)}, 100.0, 180 - 10 - 27 - 100, ""),
        ({"call_s": -80.0, "dispatched": moment(-70)}, 60.0, 180 - 80 - 60, "turnout"),
        ({"dispatched": moment(-15), "enroute": moment(-10)}, 120.0, 180 - 20 - 120, "travel"),
        ({"enroute": moment(-10)}, 60.0, 180 - 20 - 60, ""),
    ],
)
def test_a_forecast_adds_what_is_past_what_is_allowed_and_what_the_roads_say(
    fields: dict[str, Any], travel_s: float, margin_s: float, cause: str
) -> None:
    (found,) = forecasts([placed(**fields)], TARGETS, {"I": Expected(travel_s, "car 1")}, NOW_MS)
    assert (found.margin_s, found.cause, found.unit) == (pytest.approx(margin_s), cause, "car 1")
    assert found.deadline_ms == pytest.approx(found.forecast_ms + margin_s * 1000.0)


def test_measured_allowances_go_before_shares_of_the_target() -> None:
    allowances = {"dispatch": {"CENTRE": 10.0}, "turnout": {"CENTRE": 5.0}, "travel": {"CENTRE": 165.0}}
    (found,) = forecasts([placed()], TARGETS, {"I": Expected(100.0)}, NOW_MS, allowances)
    assert (found.margin_s, found.cause) == (180 - 20 - 5 - 100, "dispatch")


def test_only_what_waits_for_an_arrival_is_forecast_the_tightest_first() -> None:
    incidents = [
        placed("far"), placed("near"), placed("there", on_scene=moment(-1)), placed("void", valid=False),
        placed("gone", diverted=True), placed("unclear", place_class=""), placed("unknown"),
    ]  # fmt: skip
    assert [one.incident.incident_id for one in waiting(incidents, TARGETS)] == ["far", "near", "unknown"]
    found = forecasts(incidents, TARGETS, {"far": Expected(90.0), "near": Expected(10.0)}, NOW_MS)
    assert [row.id for row in found] == ["far", "near", "unknown"]
    assert (found[2].forecast_ms, found[2].margin_s, found[2].cause) == (None, None, "")


def test_its_own_unit_is_expected_else_the_first_that_is_free() -> None:
    force = Force.of([
        unit(1, 26.0045, 105.0042), unit(2, 26.007, 105.007, status="ENROUTE", incident_id="sent"),
        unit(3, 26.0001, 105.0001, status="DISPATCHED"),
    ])  # fmt: skip
    roads = on_roads(force, torn=0.0, one_way=0.0)
    incidents = [placed("new"), placed("sent"), placed("named", units=["U03"]), placed("nowhere", lat=None)]
    found = expected(incidents, roads, force.ready(NOW_MS, 300.0))
    assert {name: row.unit for name, row in found.items()} == {"new": "call 1", "sent": "call 2", "named": "call 3"}
    place = roads.network.streets.snap(np.array([26.004]), np.array([105.004]))
    assert found["sent"].travel_s == pytest.approx(roads.times_s(place)[0, 1])
    assert expected([placed("nowhere", lat=None)], roads, force.ready(NOW_MS, 300.0)) == {}


def crew(lat: float, fix_s: float, speed: float | None = None) -> Force:
    fix_ms = NOW_MS + fix_s * 1000
    return Force.of([unit(1, lat, 105.004, fix_time=fix_ms, speed_mps=speed, status="ENROUTE", incident_id="I")])


def test_an_arrival_is_the_first_slow_fix_near_the_incident() -> None:
    arrivals, here = Arrivals(), 26.0043  # 33 m
    assert arrivals.look([placed()], crew(26.005, 0, 1.0), NOW_MS) == []  # 111 m away
    assert arrivals.look([placed()], crew(here, 5, 9.0), NOW_MS) == []  # drives by
    (row,) = arrivals.look([placed()], crew(here, 8, 0.5), NOW_MS)
    assert (row.unit, row.gps_ms, row.reported_ms, row.difference_s) == ("call 1", NOW_MS + 8_000, None, None)
    (row,) = arrivals.look([placed(on_scene=moment(68))], crew(here, 60, 0.0), NOW_MS)
    assert (row.gps_ms, row.difference_s) == (NOW_MS + 8_000, 60.0)
    assert arrivals.look([], crew(here, 60, 0.0), NOW_MS)[0].difference_s == 60.0  # closed, still told
    assert arrivals.look([], crew(here, 60, 0.0), NOW_MS + 4_000_000) == []


def test_without_a_speed_two_fixes_tell_it() -> None:
    arrivals = Arrivals()
    assert arrivals.look([placed()], crew(26.0043, 0), NOW_MS) == []
    assert arrivals.look([placed()], crew(26.0043, 0), NOW_MS) == []  # the same fix again
    (row,) = arrivals.look([placed()], crew(26.00431, 10), NOW_MS)  # 1 m in 10 s
    assert row.gps_ms == NOW_MS + 10_000


def test_who_stood_there_before_the_call_did_not_arrive_before_it() -> None:
    arrivals = Arrivals()
    assert arrivals.look([placed(call_s=10)], crew(26.004, 5, 0.0), NOW_MS) == []
    assert len(arrivals.look([placed(call_s=10)], crew(26.004, 15, 0.0), NOW_MS)) == 1


def test_who_was_there_before_anybody_looked_has_no_arrival_by_gps() -> None:
    arrivals, there = Arrivals(), placed(on_scene=moment(-600))
    for fix_s in (0, 10):
        (row,) = arrivals.look([there], crew(26.004, fix_s, 0.0), NOW_MS)
        assert (row.gps_ms, row.difference_s) == (None, None)
    later = Arrivals()
    assert later.look([], crew(26.004, 0, 0.0), NOW_MS) == []
    (row,) = later.look([there], crew(26.004, 0, 0.0), NOW_MS)
    assert row.gps_ms is None


def test_a_reported_arrival_without_a_fix_is_told_too() -> None:
    (row,) = Arrivals().look([placed(on_scene=moment(-5))], Force.of([]), NOW_MS)
    assert (row.gps_ms, row.reported_ms, row.difference_s) == (None, NOW_MS - 5_000, None)
