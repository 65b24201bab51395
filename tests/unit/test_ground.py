"""What a place on the map is: zones, classes, and what is filled in for incidents that come without them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.ground import Asked, Ground, Layer
from data_feeds.incidents import IncidentBook, PlacedIncident
from data_feeds.model import Incident, PlaceClass
from data_feeds.places import from_geojson
from data_feeds.scopes import Scopes
from tests.unit.places_story import document, feature, square

MORE = [
    feature("CC", "centre", square(105.0, 26.0, 105.1, 26.05)),
    feature("K1", "key_spot", [105.02, 26.02], "A1", name_zh="人民广场"),
    feature("K2", "key_spot", square(105.3, 26.15, 105.31, 26.16), "B2"),
    feature("D1", "defence_zone", square(105.0, 26.0, 105.4, 26.2)),
    feature("P1", "post", [105.021, 26.02], "A1"),
]
MORNING = datetime(2026, 3, 2, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def ground(more: list[dict[str, Any]] = MORE) -> Ground:
    whole = document()
    whole["features"] += more
    return Ground(Scopes(from_geojson(whole)), ZoneInfo("Asia/Shanghai"))


def placed(lat: float | None, lon: float | None, at: datetime = NOON, **fields: Any) -> PlacedIncident:
    book = IncidentBook(ground())
    book.apply(Incident("I", 1, lat=lat, lon=lon, call_received=at, **fields))
    (found,) = book.open()
    return found


@pytest.mark.parametrize(
    ("lat", "lon", "at", "want"),
    [
        (26.0205, 105.02, NOON, "KEY_SPOT"),  # 56 m from its point
        (26.022, 105.02, NOON, "CENTRE"),  # 222 m
        (26.155, 105.305, NOON, "KEY_SPOT"),
        (26.05, 105.0501, MORNING, "KEY_SPOT"),  # a school in its hours
        (26.0501, 105.0501, NOON, "OTHER"),
        (26.19, 105.39, NOON, "OTHER"),
        (26.5, 105.2, NOON, "UNKNOWN"),  # outside the city
        (None, None, NOON, "UNKNOWN"),
    ],
)
def test_the_class_of_a_place(lat: float | None, lon: float | None, at: datetime, want: str) -> None:
    found = placed(lat, lon, at)
    assert found.place_class.name == want
    assert ("place_class" in found.derived) == (want != "UNKNOWN")


def test_what_a_message_tells_stays_and_is_not_called_derived() -> None:
    found = placed(26.02, 105.02, place_class="OTHER", branch="B", station="B1", zone="Z9")
    assert (found.place_class, found.derived) == (PlaceClass.OTHER, ())
    assert (found.incident.branch, found.incident.station, found.incident.zone) == ("B", "B1", "Z9")
    assert placed(26.02, 105.02, place_class="something new").place_class is PlaceClass.UNKNOWN


def test_a_jurisdiction_is_filled_in_from_words_first_and_then_from_the_place() -> None:
    bare = placed(26.02, 105.02)
    assert (bare.incident.branch, bare.incident.station, bare.incident.zone) == ("A", "A1", "Z1")
    assert bare.derived == ("place_class", "station", "branch", "zone")
    by_station = placed(26.02, 105.02, station="B2")  # the word goes before the place
    assert (by_station.incident.branch, by_station.incident.station) == ("B", "B2")
    other_branch = placed(26.02, 105.02, branch="B")
    assert (other_branch.incident.branch, other_branch.incident.station) == ("B", "")
    by_name = placed(26.15, 105.1, branch="江南分局")
    assert (by_name.incident.branch, by_name.incident.station) == ("江南分局", "A2")
    assert placed(26.15, 105.1).incident.zone == "D1"  # no finer zone is there


def test_without_key_spots_and_centre_no_class_is_invented() -> None:
    plain = ground([])
    (found,) = plain.told([Asked(Incident("I", 1), 26.15, 105.1, None)])
    assert (found.place_class, found.incident.station) == (PlaceClass.UNKNOWN, "A2")
    bare = Ground(Scopes())
    assert bare.told([Asked(Incident("I", 1), 26.15, 105.1, None)])[0].derived == ()


def test_a_new_version_is_filled_in_again_and_a_closed_incident_is_gone() -> None:
    book = IncidentBook(ground())
    book.apply(Incident("I", 1, lat=26.02, lon=105.02, call_received=NOON))
    assert book.get("I") is book.get("I")
    book.apply(Incident("I", 2, lat=26.15, lon=105.305, call_received=NOON))
    found = book.get("I")
    assert found is not None
    assert (found.incident.version, found.incident.station) == (2, "B2")
    book.apply(Incident("I", 3, closed=NOON))
    assert book.open() == []


@given(st.lists(st.tuples(st.floats(25.95, 26.25), st.floats(104.95, 105.45), st.booleans()), min_size=1, max_size=12))
def test_incidents_are_told_together_as_alone(points: list[tuple[float, float, bool]]) -> None:
    here = ground()
    asked = [
        Asked(Incident(f"I{k}", 1), lat, lon, (MORNING if early else NOON).timestamp() * 1000)
        for k, (lat, lon, early) in enumerate(points)
    ]
    assert here.told(asked) == [here.told([one])[0] for one in asked]


@given(st.lists(st.tuples(st.floats(25.95, 26.25), st.floats(104.95, 105.45)), min_size=1, max_size=40))
def test_many_places_are_told_as_one_by_one(points: list[tuple[float, float]]) -> None:
    here = ground()
    lat, lon = np.array(points).T
    assert here.classes_at(lat, lon).tolist() == [
        int(here.classes_at(lat[k : k + 1], lon[k : k + 1])[0]) for k in range(len(points))
    ]
    layer = Layer(here._scopes, ("station",))
    for k, name in enumerate(layer.names_at(lat, lon)):
        holds = [code for code in layer.ids if here._scopes.places.areas[code].holds(lat[k : k + 1], lon[k : k + 1])[0]]
        assert name == (holds[0] if holds else "")


def test_a_place_without_numbers_is_nowhere() -> None:
    nan = np.array([np.nan, 26.02])
    assert ground().classes_at(nan, np.array([105.02, np.nan])).tolist() == [0, 0]


def test_hours_may_go_over_midnight() -> None:
    night = ground([*MORE, feature("S2", "school", [105.35, 26.05], "B1", hours=["22:00-02:00"])])
    which = [spot.id for spot in night.spots].index("S2")
    for hour, is_open in ((23, True), (1, True), (2, False), (12, False)):
        at = datetime(2026, 3, 2, hour, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
        assert night.open_spots(at.timestamp() * 1000)[which] == is_open
