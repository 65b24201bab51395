"""Sizes of areas and road within them, against plain integration and walking street by street."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures import zones
from data_feeds.areas import Area
from data_feeds.geo import distance_m
from data_feeds.places import from_geojson
from data_feeds.roads import RoadGraph, lengths_m
from tests.real_data import real_file
from tests.unit.places_story import document

A, F = 6378.137, 1 / 298.257223563
E2 = F * (2 - F)


def box(west, south, east, north, sides=1):
    """A ring along parallels and meridians, each parallel in so many edges (a great circle is no parallel)."""
    lons = np.linspace(west, east, sides + 1)
    ring = [(x, south) for x in lons] + [(x, north) for x in lons[::-1]] + [(west, south)]
    return np.array(ring)


def strip_km2(west, south, east, north, steps=20_000):
    """The area element M·N·cos φ summed up by the midpoint rule."""
    d = math.radians(north - south) / steps
    phi = math.radians(south) + d * (np.arange(steps) + 0.5)
    w2 = 1 - E2 * np.sin(phi) ** 2
    return math.radians(east - west) * float((A**2 * (1 - E2) * np.cos(phi) / w2**2).sum() * d)


@given(st.floats(-80, 80), st.floats(-179, 178), st.floats(0.01, 0.5), st.floats(0.01, 0.5))
def test_a_box_is_as_large_as_its_area_elements(south, west, high, wide):
    area = Area.of([[box(west, south, west + wide, south + high, sides=200)]])
    assert zones.area_km2(area) == pytest.approx(strip_km2(west, south, west + wide, south + high), rel=1e-5)


def test_the_whole_ellipsoid_in_eight_triangles():
    octants = [[np.array([(w, 0.0), (w + 90.0, 0.0), (w, s * 90.0), (w, 0.0)])] for w in (-180, -90, 0, 90)
               for s in (-1, 1)]  # fmt: skip
    assert zones.area_km2(Area.of(octants)) == pytest.approx(510_065_621.7, rel=1e-9)


def test_holes_do_not_count_and_parts_add_up():
    outer, hole, island = box(105, 26, 105.2, 26.2), box(105.05, 26.05, 105.1, 26.1), box(105.06, 26.06, 105.07, 26.07)
    one = [zones.area_km2(Area.of([[ring]])) for ring in (outer, hole, island)]
    for turned in (hole, hole[::-1]):
        assert zones.area_km2(Area.of([[outer, turned]])) == pytest.approx(one[0] - one[1])
    assert zones.area_km2(Area.of([[outer, hole], [island]])) == pytest.approx(one[0] - one[1] + one[2])
    touching = np.roll(hole[:-1], 0, axis=0) - (0.05, 0.05)  # a hole that begins where its polygon begins
    closed = np.vstack([touching, touching[:1]])
    assert zones.area_km2(Area.of([[outer, closed]])) == pytest.approx(one[0] - zones.area_km2(Area.of([[closed]])))


def test_parts_of_a_jurisdiction_are_as_large_as_the_whole():
    found = zones.facts(from_geojson(document()).areas)
    assert found["A1"].km2 + found["A2"].km2 == pytest.approx(found["A"].km2, rel=1e-6)
    assert found["A"].road_km is None


def test_real_districts_are_as_large_as_they_are_said_to_be():
    told = {"横州": 3448, "宾阳": 2298, "马山": 2341}  # km², official
    shapes = json.loads(real_file("boundaries/tianditu_districts_nanning.geojson").read_text())
    found = {}
    for row in shapes["features"]:
        geometry = row["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        area = Area.of([[np.array(ring, float)[:, :2] for ring in polygon] for polygon in polygons])
        found[row["properties"].get("name", "")] = zones.area_km2(area)
    for name, km2 in told.items():
        near = [value for full, value in found.items() if full.startswith(name)]
        assert near, f"{name} not in {sorted(found)}"
        assert near[0] == pytest.approx(km2, rel=0.03)


def random_roads(seed, n=30, e=60):
    """Streets between random nodes within 5 km, most of them both ways, with bends."""
    rng = np.random.default_rng(seed)
    lat, lon = 26 + rng.random(n) * 0.05, 105 + rng.random(n) * 0.05
    lines = []
    for _ in range(e):
        a, b = (int(k) for k in rng.integers(0, n, 2))
        bends = [tuple(p) for p in np.column_stack([26 + rng.random(3) * 0.05, 105 + rng.random(3) * 0.05])]
        bends = bends[: int(rng.integers(0, 4))]
        lines.append((a, b, bends))
        if rng.random() < 0.6:
            lines.append((b, a, bends[::-1]))
    order = rng.permutation(len(lines))
    lines = [lines[k] for k in order]
    shapes = [bend for _, _, bends in lines for bend in bends]
    start = np.concatenate([[0], np.cumsum([len(bends) for _, _, bends in lines])]).astype(np.int32)
    drawn = [[(lat[a], lon[a]), *bends, (lat[b], lon[b])] for a, b, bends in lines]
    flat = np.array([p for line in drawn for p in line])
    firsts = np.concatenate([[0], np.cumsum([len(line) for line in drawn])]).astype(np.int32)
    names, ends = np.zeros(len(lines), np.int32), np.array([line[:2] for line in lines], np.int32).reshape(-1, 2)
    graph = RoadGraph(
        lat=lat, lon=lon, start=ends[:, 0], end=ends[:, 1],
        length_m=lengths_m(flat[:, 0], flat[:, 1], firsts), speed_mps=np.full(len(lines), 8.0),
        road_class=np.zeros(len(lines), np.uint8), name=names, shape_start=start,
        shape_lat=np.array([p[0] for p in shapes]), shape_lon=np.array([p[1] for p in shapes]),
    )  # fmt: skip
    return graph, drawn


@given(st.integers(0, 200))
def test_a_street_for_both_directions_counts_once(seed):
    graph, drawn = random_roads(seed)
    streets = {min(tuple(line), tuple(line[::-1])) for line in drawn}
    kept = zones.single_edges(graph)
    assert len(kept) == len(streets)
    assert {min(tuple(drawn[k]), tuple(drawn[k][::-1])) for k in kept} == streets
    walked = sum(float(distance_m(*a, *b)) for line in streets for a, b in pairwise(line))
    assert zones.pieces(graph)[2].sum() == pytest.approx(walked, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_road_within_a_zone_is_that_of_a_walk_in_short_steps(seed):
    graph, drawn = random_roads(seed)
    ring = [(105.01, 26.01), (105.04, 26.015), (105.03, 26.04), (105.008, 26.03), (105.01, 26.01)]
    zone = Area.of([[np.array(ring)]])
    inside = 0.0
    for line in {min(tuple(line), tuple(line[::-1])) for line in drawn}:
        for a, b in pairwise(line):
            at = (np.arange(4000) + 0.5) / 4000
            held = zone.holds(a[0] + (b[0] - a[0]) * at, a[1] + (b[1] - a[1]) * at)
            inside += float(distance_m(*a, *b)) * held.mean()
    found = zones.facts({"z": zone}, graph)["z"].road_km
    assert found * 1000 == pytest.approx(inside, rel=0.002)


def test_roads_without_streets_have_no_length():
    graph = RoadGraph(
        lat=np.array([26.0]), lon=np.array([105.0]), start=np.zeros(0, np.int32), end=np.zeros(0, np.int32),
        length_m=np.zeros(0), speed_mps=np.zeros(0), road_class=np.zeros(0, np.uint8), name=np.zeros(0, np.int32),
        shape_start=np.zeros(1, np.int32), shape_lat=np.zeros(0), shape_lon=np.zeros(0),
    )  # fmt: skip
    assert zones.facts(from_geojson(document()).areas, graph)["A1"].road_km == 0.0
