"""The generated city: the same seed gives the same city, and every seed a valid one."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_feeds import basemap
from data_feeds.roads import CLASSES, RoadGraph
from data_feeds.simulator import city, graphs
from data_feeds.simulator.__main__ import write_ground
from data_feeds.simulator.city import City
from data_feeds.simulator.frame import inside
from tests.real_data import real_file

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
    assert again.basemap == yunling.basemap
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


def test_the_ground_is_a_small_basemap(yunling):
    ground = json.loads(yunling.basemap)
    assert basemap.from_geojson(ground).geojson == yunling.basemap
    assert len(gzip.compress(yunling.basemap, 6)) < 350_000
    south, west, north, east = yunling.extent
    assert 15 < (north - south) * 111.2 < 20
    assert 20 < (east - west) * 99.9 < 26
    kinds = Counter(f["properties"]["kind"] for f in ground["features"])
    assert {"water", "green", "land", "urban", "rail", "road", "building"} == set(kinds)


def test_every_main_road_has_one_name_in_both_languages(yunling):
    roads = yunling.roads
    main = np.isin(roads.road_class, [CLASSES.index(c) for c in ("motorway", "trunk", "primary", "secondary")])
    assert (roads.name[main] > 0).all()
    assert all(zh and en for zh, en in zip(roads.names[1:], roads.names_en[1:], strict=True))
    assert {"云岭大道", "人民路", "内环快速路"} <= set(roads.names)
    assert len(set(roads.names)) == len(roads.names)


def test_some_streets_of_the_old_town_run_one_way(yunling):
    roads = yunling.roads
    there = set(zip(roads.start.tolist(), roads.end.tolist(), strict=True))
    one_way = np.array([(b, a) not in there for a, b in there])
    assert 0.005 < one_way.mean() < 0.2


def test_a_larger_city_has_more_streets_in_the_same_blocks(yunling):
    metropolis = city.build(1, city.size_for(12_000))
    check(metropolis)
    assert len(metropolis.roads.lat) > 2 * len(yunling.roads.lat)
    assert city.size_for(1_200) == 1.0


def san_francisco() -> RoadGraph:
    """The streets of San Francisco as a road graph, bends included."""
    lines = json.loads(gzip.decompress(real_file("roads/sf_roads.geojson.gz").read_bytes()))["features"]
    number: dict[int, int] = {}
    place: dict[int, list[float]] = {}
    for line in lines:
        for end, at in (("u", 0), ("v", -1)):
            node = number.setdefault(line["properties"][end], len(number))
            place[node] = line["geometry"]["coordinates"][at]
    lon, lat = np.array([place[k] for k in range(len(number))]).T
    bends = [np.array(line["geometry"]["coordinates"])[1:-1].reshape(-1, 2) for line in lines]
    shape = np.concatenate(bends)
    n = len(lines)
    return RoadGraph(
        lat, lon, np.array([number[f["properties"]["u"]] for f in lines], dtype=np.int32),
        np.array([number[f["properties"]["v"]] for f in lines], dtype=np.int32),
        np.array([f["properties"]["m"] for f in lines]), np.full(n, 8.3), np.full(n, 5, dtype=np.uint8),
        np.zeros(n, dtype=np.int32), np.concatenate([[0], np.cumsum([len(b) for b in bends])]).astype(np.int32),
        shape[:, 1], shape[:, 0],
    )  # fmt: skip


def test_any_road_graph_becomes_a_city():
    graph = san_francisco()
    c = city.from_roads(graph, 7)
    check(c)
    assert c.basemap is None
    assert len(c.roads.lat) > 0.9 * len(graph.lat)
    assert c.branches[0].name_zh == "第一分局"
    assert c.branches[0].name_en == "Branch 1"
    for k, station in enumerate(c.stations):
        points = np.column_stack([c.roads.lon, c.roads.lat])
        assert (inside(points, rings(c, station.id)) == (c.node_station == k)).mean() > 0.99


def test_too_few_streets_are_no_city(yunling):
    few_nodes = graphs.only(yunling.roads, np.arange(40))
    with pytest.raises(ValueError, match="a city needs"):
        city.from_roads(few_nodes, 1)


def test_a_wall_on_kafka_is_told_of_the_map_beside_the_roads(yunling: City, tmp_path: Path) -> None:
    (tmp_path / "sf.geojson.gz").touch()
    told = write_ground(replace(yunling, basemap=None), tmp_path / "ground", str(tmp_path / "sf.roads.npz"))
    assert told == [f'basemap = "{tmp_path / "sf.geojson.gz"}"', f'places = "{tmp_path / "ground/places.geojson"}"']
