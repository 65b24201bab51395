"""Files of streets become road graphs: what is understood, what is refused, and the real ones."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.streets import Streets
from analytics.travel import Mode, TravelGraph
from data_feeds import basemap, roads
from data_feeds.basemap import source
from data_feeds.geo import distance_m
from data_feeds.roads import CLASSES, RoadsError
from data_feeds.roads_import import load, main
from tests.real_data import real_file
from tests.unit.travel_story import times_by_networkx


def line(points: list[list[float]], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": points}}


SQUARE = [
    line([[105.0, 26.0], [105.001, 26.0001], [105.002, 26.0]], highway="primary", name="人民路", maxspeed="50"),
    line([[105.002, 26.0], [105.002, 26.002]], oneway=True, highway="residential"),
    line([[105.002, 26.002], [105.0, 26.0]], oneway="yes", m=400.0),
]
GRAPHML = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d0" for="node" attr.name="x"/>
<key id="d1" for="node" attr.name="y"/><key id="d2" for="edge" attr.name="highway"/>
<key id="d3" for="edge" attr.name="length"/><key id="d4" for="edge" attr.name="geometry"/>
<key id="d5" for="edge" attr.name="name"/><graph edgedefault="directed">
<node id="1"><data key="d0">105.0</data><data key="d1">26.0</data></node>
<node id="2"><data key="d0">105.01</data><data key="d1">26.0</data></node>
<edge source="1" target="2"><data key="d2">['secondary', 'tertiary']</data><data key="d3">1000.5</data>
<data key="d4">LINESTRING (105.0 26.0, 105.005 26.001, 105.01 26.0)</data><data key="d5">景田路</data></edge>
<edge source="2" target="1"><data key="d2">trunk_link</data></edge></graph></graphml>"""


def written(tmp_path: Path, features: list[Any], name: str = "streets.geojson") -> Path:
    path = tmp_path / name
    text = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


@pytest.mark.parametrize("name", ["streets.geojson", "streets.geojson.gz", "STREETS.json"])
def test_lines_that_end_at_one_place_meet_there(tmp_path: Path, name: str) -> None:
    graph = load(written(tmp_path, SQUARE, name))
    assert (len(graph.lat), len(graph.start)) == (3, 4)
    assert sorted(CLASSES[kind] for kind in graph.road_class) == ["other", "primary", "primary", "residential"]
    assert graph.names[graph.name[0]] == "人民路"
    assert graph.speed_mps[0] == pytest.approx(50 / 3.6)
    assert sorted(graph.length_m.round().tolist()) == pytest.approx([201, 201, 222, 400], abs=1.5)
    assert len(graph.line(0)[0]) == 3


def test_lines_that_name_their_nodes_are_one_direction_each(tmp_path: Path) -> None:
    there, back = [[105.0, 26.0], [105.01, 26.0]], [[105.01, 26.0], [105.0, 26.0]]
    graph = load(written(tmp_path, [line(there, u=1, v=2, m=5.0), line(back, u=2, v=1), line(there, u=2, v=3)]))
    assert (len(graph.lat), graph.length_m.round().tolist()) == (2, [5.0, 999.0])


def test_graphml_as_osmnx_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "city.graphml"
    path.write_text(GRAPHML, encoding="utf-8")
    graph = load(path)
    assert [CLASSES[kind] for kind in graph.road_class] == ["secondary", "trunk"]
    assert graph.length_m.tolist() == pytest.approx([1000.5, 999.4], abs=0.2)
    assert graph.names[graph.name[0]] == "景田路"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "FeatureCollection"), (b"[1]", "FeatureCollection"), (b'{"features": 7}', "FeatureCollection"),
        (b'{"features": [7]}', r"features\[0\]"), (b'{"features": []}', "no street"), (b"<graphml", "GraphML"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><graphml/>", "document type"), (b"<graphml/>", "no street"),
        (json.dumps({"features": [line([[105.0, 26.0]])]}).encode(), "two or more"),
        (json.dumps({"features": [line([[500.0, 26.0], [0, 0]])]}).encode(), "degrees"),
        (json.dumps({"features": [line([[5.0, 26.0], [0, 0]], m="long")]}).encode(), "'long' is not a number"),
        (json.dumps({"features": [line([[5.0, 26.0], [0, 0]], oneway=True)]}).encode(), "there and back"),
        (GRAPHML.replace("LINESTRING (", "LINESTRING (a, ").encode(), "no pair of numbers"),
        (GRAPHML.replace('target="1"', 'target="9"').encode(), "no node"),
        (GRAPHML.replace("26.0</data>", "north</data>").encode(), "not a number"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_streets_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, word: str
) -> None:
    path = tmp_path / "wrong.geojson"
    path.write_bytes(content)
    with pytest.raises(RoadsError, match=rf"wrong\.geojson.*{word}"):
        load(path)
    assert main([str(path), "-o", str(tmp_path / "out")]) == 1
    assert "wrong.geojson" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*"))


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4), st.booleans())
@example([(GRAPHML.index("utf-8"), ord("A"))], True)
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_refused_and_never_more(
    tmp_path_factory: pytest.TempPathFactory, hits: list[tuple[int, int]], xml: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    data = bytearray(GRAPHML.encode() if xml else json.dumps({"features": SQUARE}).encode())
    for at, value in hits:
        data[at % len(data)] = value
    path.write_bytes(data)
    with contextlib.suppress(RoadsError):
        load(path)


def test_a_file_is_never_written_over_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, SQUARE, "city.geojson.gz")
    before = path.read_bytes()
    assert main([str(path), "-o", str(tmp_path)]) == 1
    assert "--name" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert main([str(path), "-o", str(tmp_path), "--name", "map"]) == 0


def test_the_command_makes_a_map_and_its_road_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(written(tmp_path, SQUARE, "my.city.geojson.gz")), "-o", str(tmp_path / "out")]) == 0
    drawn = tmp_path / "out" / "my.city.geojson.gz"
    assert capsys.readouterr().out == basemap.to_set(drawn) + "\n"
    assert b"\xe4\xba\xba\xe6\xb0\x91\xe8\xb7\xaf" in basemap.load(drawn).geojson
    ground = source.find(str(drawn))
    assert ground.roads == tmp_path / "out" / "my.city.roads.npz"
    assert len(roads.load(ground.roads).start) == 4
    assert json.loads(gzip.decompress(drawn.read_bytes()))["features"][0]["properties"]["class"] == "primary"


@pytest.mark.parametrize(
    ("name", "nodes", "edges"),
    [("sf_roads.geojson.gz", 9_600, 26_800), ("shenzhen_futian_drive.graphml.gz", 1_750, 4_000)],
)
@pytest.mark.parametrize("mode", Mode)
def test_travel_times_on_real_roads_are_those_of_networkx(name: str, nodes: int, edges: int, mode: Mode) -> None:
    graph = load(real_file(f"roads/{name}"))
    assert nodes <= len(graph.lat) <= nodes + 100
    assert edges <= len(graph.start) <= edges + 100
    streets = Streets(graph)
    rng = np.random.default_rng(1)
    at = rng.integers(0, len(graph.lat), 12)
    lat, lon = graph.lat[at] + rng.normal(0, 3e-4, 12), graph.lon[at] + rng.normal(0, 3e-4, 12)
    snap = streets.snap(lat, lon)
    units, targets = snap.take(slice(0, 5)), snap.take(slice(5, 12))
    travel = TravelGraph(streets, mode)
    want = times_by_networkx(streets, mode, units, targets, [1.0] * len(CLASSES))
    np.testing.assert_allclose(travel.times_s(units, targets), want, rtol=1e-6, atol=0.05)
    np.testing.assert_allclose(travel.first_at(travel.first(units), targets)[0], want.min(axis=1), atol=0.05)
    for target in range(len(targets)):
        ways = travel.ways(units, targets.take([target]))
        for unit, way in enumerate(ways):
            assert way is not None
            assert way.time_s == pytest.approx(want[target, unit], abs=0.05)
            drawn_m = float(distance_m(way.lat[:-1], way.lon[:-1], way.lat[1:], way.lon[1:]).sum())
            assert way.length_m == pytest.approx(drawn_m, rel=0.02)
