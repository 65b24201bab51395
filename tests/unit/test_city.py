"""The generated city: the same seed gives the same city, and every seed a valid one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_feeds.simulator import city, graphs
from data_feeds.simulator.city import City
from data_feeds.simulator.frame import inside

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def yunling() -> City:
    return city.build(1)


def rings(c: City, code: str) -> list[np.ndarray]:
    feature = next(f for f in c.places["features"] if f["properties"]["id"] == code)
    return [np.array(ring) for ring in feature["geometry"]["coordinates"]]


def check(c: City) -> None:
    """Everything that must hold for any city."""
    n = len(c.roads.lat)
    assert len(graphs.strongest(c.roads.start, c.roads.end, n)) == n
    south, west, north, east = c.extent
    assert ((c.roads.lat > south) & (c.roads.lat < north) & (c.roads.lon > west) & (c.roads.lon < east)).all()
    ids = {}
    for feature in c.places["features"]:
        properties, geometry = feature["properties"], feature["geometry"]
        assert properties["id"] not in ids
        assert properties["name_zh"]
        assert properties["name_en"]
        ids[properties["id"]] = properties
        if geometry["type"] == "Polygon":
            for ring in geometry["coordinates"]:
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
    above = {"station": "branch", "branch": "city", "patrol_zone": "station", "station_house": "station"}
    for properties in ids.values():
        if parent := properties.get("parent"):
            assert ids[parent]["kind"] == above.get(properties["kind"], ids[parent]["kind"])
    assert set(c.node_station.tolist()) == set(range(len(c.stations)))
    assert [c.stations[k].id for k in c.node_station] == [c.zones[k].parent for k in c.node_zone]
    for heat in (c.heat_day, c.heat_night):
        assert heat.min() >= 0
        assert heat.sum() == pytest.approx(1)
    assert 0.03 < c.centre_nodes.mean() < 0.5
    for place in (*c.stations, *c.key_spots, *c.schools, *c.posts, *c.gates):
        assert 0 <= place.node < n
    assert len({d.device_id for d in c.cameras}) == len(c.cameras)
    assert {d.state for d in c.cameras} == {"online", "offline", "fault"}


def test_the_same_seed_gives_the_same_city(yunling):
    again, other = city.build(1), city.build(2)
    assert repr(again.places) == repr(yunling.places)
    assert repr(again.basemap) == repr(yunling.basemap)
    assert np.array_equal(again.node_zone, yunling.node_zone)
    assert np.array_equal(again.heat_night, yunling.heat_night)
    assert again.cameras == yunling.cameras
    for name in again.roads.__dataclass_fields__:
        assert np.array_equal(getattr(again.roads, name), getattr(yunling.roads, name)), name
    assert repr(other.places) != repr(yunling.places)


@few
@given(seed=seeds)
def test_every_seed_gives_a_valid_city(seed):
    check(city.build(seed))


def test_nodes_lie_in_the_outline_of_their_station(yunling):
    points = np.column_stack([yunling.roads.lon, yunling.roads.lat])
    for k, station in enumerate(yunling.stations):
        assert (inside(points, rings(yunling, station.id)) == (yunling.node_station == k)).mean() > 0.999


def test_the_contract_of_places(yunling):
    kinds = Counter(f["properties"]["kind"] for f in yunling.places["features"])
    assert kinds["city"] == kinds["centre"] == 1
    assert 6 <= kinds["branch"] <= 8
    assert all(5 <= n <= 8 for n in Counter(s.parent for s in yunling.stations).values())
    assert kinds["key_spot"] == 42
    assert kinds["school"] == 40
    assert len(yunling.cameras) == 300
    hours = {tuple(f["properties"]["hours"]) for f in yunling.places["features"] if f["properties"]["kind"] == "school"}
    assert hours == {("07:00-08:30", "16:00-18:00")}
