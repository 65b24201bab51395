from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics import documents
from analytics.response import Targets
from data_feeds.drones import PlacedDrone
from data_feeds.health import FeedState, Freshness
from data_feeds.incidents import PlacedIncident
from data_feeds.model import Clock, Detection, DroneTelemetry, Incident, Topic, UnitStatus
from data_feeds.units import COLUMNS

T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
NOW_MS = T0.timestamp() * 1000
TARGETS = Targets(60.0, 180.0, 300.0)
DAY_S = 86_400.0


def ago(seconds):
    return T0 - timedelta(seconds=seconds)


def incident(incident_id, seconds, place_class="", **kwargs):
    return PlacedIncident.of(Incident(incident_id, 1, call_received=ago(seconds), place_class=place_class, **kwargs))


def row(placed):
    return documents.incident_row(placed, TARGETS, placed.incident.units)


def test_units_are_counted_once_each():
    columns = np.zeros(5, dtype=COLUMNS)
    columns["placed"] = [True, True, True, True, False]
    columns["fix_ms"] = NOW_MS - np.array([1, 40, 400, 2, 0]) * 1000.0
    columns["status"] = [UnitStatus.AVAILABLE, UnitStatus.AVAILABLE, UnitStatus.ENROUTE, UnitStatus.ON_SCENE, 1]
    columns["flags"] = [0, 0, 0, 1, 0]
    columns["type"] = [1, 1, 3, 0, 0]
    body = documents.units_body(columns, NOW_MS, 30.0, 300.0)
    assert {k: v for k, v in body["counts"].items() if v} == {"AVAILABLE": 2, "ON_SCENE": 1}
    assert (body["lost"], body["stale"], body["sos"], body["total"], body["on_map"]) == (2, 1, 1, 5, 4)
    assert sum(body["counts"].values()) + body["lost"] == body["total"]
    assert body["types"] == {"UNKNOWN": 2, "CAR": 2, "FOOT": 1}


def test_the_queue_is_most_urgent_first():
    rows = [
        incident("arrived", 900, "centre", on_scene=ago(800)),
        incident("no target new", 10),
        incident("no target old", 50),
        incident("late by 20", 200, "centre"),
        incident("late by 100", 160, "KEY_SPOT"),
        incident("left 40", 20, "key_spot"),
        incident("diverted", 500, "key_spot", diverted=True),
    ]
    body = documents.incidents_body(rows, TARGETS, NOW_MS, DAY_S, row)
    assert [i["id"] for i in body["incidents"]] == [
        "late by 100", "late by 20", "left 40", "no target new", "no target old", "diverted", "arrived",
    ]  # fmt: skip


def test_no_target_is_invented_without_a_place_class():
    body = documents.incidents_body([incident("a", 10), incident("b", 10, "MOON")], TARGETS, NOW_MS, DAY_S, row)
    assert [i["target_s"] for i in body["incidents"]] == [None, None]


def test_free_text_stays_off_the_wall():
    body = documents.incidents_body([incident("a", 10, summary="a name, a number")], TARGETS, NOW_MS, DAY_S, row)
    assert "a name" not in str(body)


def test_very_old_open_incidents_are_counted_apart():
    body = documents.incidents_body(
        [incident("a", 10), incident("b", DAY_S + 5, "centre")], TARGETS, NOW_MS, DAY_S, row
    )
    assert (body["total_open"], body["aged"], [i["id"] for i in body["incidents"]]) == (1, 1, ["a"])
    assert (
        documents.alarms_body([], [incident("b", DAY_S + 5, "centre")], [], TARGETS, NOW_MS, 1.0, DAY_S, False)["total"]
        == 0
    )


def test_more_than_can_be_shown_is_said():
    rows = [incident(f"{k}", 10) for k in range(documents.MAX_SHOWN + 7)]
    body = documents.incidents_body(rows, TARGETS, NOW_MS, DAY_S, row)
    assert (body["total_open"], body["shown"], len(body["incidents"])) == (1007, 1000, 1000)


def feed(topic, age_s, freshness, missing=False):
    return FeedState(topic, age_s, None, 0, missing, 0.0, freshness)


def test_alarms():
    unit = {"unit_id": "P-1", "callsign": "one", "since": NOW_MS - 5000, "incident_id": "", "station": "S"}
    states = [
        feed(Topic.POSITION, 90.0, Freshness.LOST), feed(Topic.INCIDENT, 1.0, Freshness.FRESH),
        feed(Topic.DEVICE, None, Freshness.NONE, missing=True), feed(Topic.CLOCK, 70.0, Freshness.LOST),
    ]  # fmt: skip
    rows = [
        incident("late", 200, "centre"),
        incident("not yet", 170, "centre"),
        incident("there", 900, "centre", on_scene=ago(1)),
    ]
    alarms = documents.alarms_body([unit], rows, states, TARGETS, NOW_MS, 1.0, DAY_S, True, ["drones"])["alarms"]
    assert [a["kind"] for a in alarms] == [
        "sos",
        "board_full",
        "feed_missing",
        "panel_broken",
        "clock_lost",
        "feed_lost",
        "breach",
    ]
    assert alarms[-1]["since"] == NOW_MS - 20_000
    assert alarms[-2]["since"] == NOW_MS - 90_000


def test_who_will_be_late_stands_before_who_is_and_only_until_then():
    rows = [incident("late", 200, "centre"), incident("soon", 170, "centre"), incident("sooner", 175, "centre"),
            incident("in time", 100, "centre"), incident("there", 170, "centre", on_scene=ago(1))]  # fmt: skip
    expected = {"late": NOW_MS - 20_000, "soon": NOW_MS + 10_000, "sooner": NOW_MS + 5_000, "there": NOW_MS + 10_000}
    alarms = documents.alarms_body([], rows, [feed(Topic.POSITION, 90.0, Freshness.LOST)], TARGETS, NOW_MS, 1.0, DAY_S,
                                   False, forecasts=expected)["alarms"]  # fmt: skip
    told = [(alarm["kind"], alarm.get("incident_id")) for alarm in alarms]
    assert told == [("feed_lost", None), ("forecast", "sooner"), ("forecast", "soon"), ("breach", "late")]
    assert alarms[1]["since"] == NOW_MS + 5_000


def test_the_longest_overdue_incident_never_sinks_below_newer_ones():
    rows = [incident("new", 190, "centre"), incident("old", 900, "centre"), incident("between", 400, "centre")]
    alarms = documents.alarms_body([], rows, [], TARGETS, NOW_MS, 1.0, DAY_S, False)["alarms"]
    assert [a["incident_id"] for a in alarms] == ["old", "between", "new"]


def test_feeds_say_up_to_when_they_are_current():
    body = documents.feeds_body([feed(Topic.POSITION, 2.0, Freshness.FRESH), feed(Topic.DEVICE, None, Freshness.NONE)],
                                {"not_json": 3, "too_deep": 0}, False, NOW_MS, 60.0, 15.0, 60.0)  # fmt: skip
    assert [f["seen_ms"] for f in body["feeds"]] == [NOW_MS - 120_000, None]
    assert body["problems"] == {"not_json": 3}
    assert body["caught_up"] is False


def test_a_clock_message_counts_only_for_a_wall_that_follows_it():
    message = Clock(T0, 60.0, "taxis", ["unit.heading"])
    assert documents.clock_body(message, NOW_MS, True, 60.0)["lacks"] == ["unit.heading"]
    assert documents.clock_body(message, NOW_MS, True, 60.0, derived={"unit.heading"})["lacks"] == []
    assert documents.clock_body(message, NOW_MS, False, 1.0)["lacks"] == []


def drone(drone_id, seconds, **kwargs):
    return PlacedDrone(
        DroneTelemetry(drone_id, 1.0, 2.0, ago(seconds), **kwargs), 1.0, 2.0, NOW_MS - seconds * 1000, ""
    )


def test_drones():
    rows = [
        drone("D1", 1, height_m=80.0, gimbal_pitch=-90.0, gimbal_yaw=0.0, fov_deg=60.0),
        drone("D2", 1, height_m=0.5),
        drone("D3", 900, height_m=50.0),
    ]
    found = [Detection(f"x{k}", "D1", "crowd" if k else "ufo", ago(k)) for k in range(13)]
    body = documents.drones_body(rows, found, ["crowd"], 4, NOW_MS, 300.0)
    assert (body["flying"], body["ready"], body["lost"]) == (1, 4, 1)
    assert [row["airborne"] for row in body["drones"]] == [True, False, True]
    first = body["drones"][0]
    assert len(first["footprint"]) == 4
    assert body["drones"][1]["footprint"] is None
    assert [d["kind"] for d in first["detections"]] == ["unknown"] + 10 * ["crowd"]
    assert [row["detected"] for row in body["drones"]] == [13, 0, 0]


@pytest.mark.parametrize(("seconds", "late"), [(100, -80.0), (200, 20.0)])
def test_overdue(seconds, late):
    from analytics.response import overdue_s

    assert overdue_s(NOW_MS - seconds * 1000, 180.0, NOW_MS) == late
    assert overdue_s(None, 180.0, NOW_MS) is None
    assert overdue_s(NOW_MS, None, NOW_MS) is None


def test_a_detection_has_its_place_in_wgs84():
    found = [Detection("D1", "U1", "crowd", T0, 31.2, 121.4), Detection("D2", "U1", "crowd", T0, 31.2, 121.4, "MOON")]
    drone = PlacedDrone(DroneTelemetry("U1", 31.2, 121.4, T0, height_m=80.0), 31.2, 121.4, NOW_MS, "")
    rows = documents.drones_body([drone], found, [], 0, NOW_MS, 300.0)["drones"][0]["detections"]
    assert [(d["lat"], d["lon"]) for d in rows] == [(31.2, 121.4), (None, None)]
