"""Heat against a naive count with the h3 package's own functions, one incident at a time."""

import json
import math
from collections import Counter
from datetime import timedelta
from pathlib import Path

import h3
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import hexagons
from analytics.heat import WINDOWS, heat_body
from analytics.today import Reach
from data_feeds.incident_log import word_of
from data_feeds.scopes import Scopes
from tests.unit.heat_story import TOWN_NOW, cell_of, incident, log_of, ms, read, town

NOW = TOWN_NOW
NOW_MS = ms(NOW)
ALL = Reach(0.0)
FIXTURE = Path(__file__).parents[1] / "js/live/heat_town.json"
CITIES = [(30.57, 104.06), (29.76, -95.37), (60.17, 24.94), (-33.9, 151.2), (0.0, 180.0), (37.77, -122.42)]


def body_of(incidents, **kwargs):
    return heat_body(log_of(incidents).view(), kwargs.get("reach", ALL), NOW_MS)


def naive(incidents, resolution=9):
    """{window: {cell: {category: count}}}, and how many have no place."""
    cells = {name: {} for name in WINDOWS}
    unplaced = Counter()
    for one in incidents:
        age_s = (NOW - one.call_received).total_seconds()
        if not one.valid or one.exercise or one.diverted:
            continue
        for name, window_s in WINDOWS.items():
            if not 0 <= age_s < window_s:
                continue
            if one.lat is None:
                unplaced[name] += 1
                continue
            # a coarse cell is the parent of the stored one: at their borders H3's resolutions do not nest exactly
            cell = h3.cell_to_parent(h3.latlng_to_cell(one.lat, one.lon, 9), resolution)
            cells[name].setdefault(cell, Counter())[word_of(one.category)] += 1
    return cells, unplaced


incidents = st.lists(
    st.builds(
        lambda city, north, east, age, category, placed, valid, exercise, diverted: (
            city, north, east, age, category, placed, valid, exercise, diverted
        ),
        st.sampled_from(CITIES), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3),
        st.floats(-600, 9 * 86_400) | st.sampled_from([0.0, 3_600.0, 86_400.0, 604_800.0]),
        st.sampled_from(["theft", "fraud", "Road accident", ""]),
        st.sampled_from([True] * 6 + [False]), *[st.sampled_from([False] * 6 + [True])] * 3,
    ),
    max_size=60,
).map(lambda rows: [
    incident(n, NOW - timedelta(seconds=age), category,
             (city[0] + north, (city[1] + east + 180) % 360 - 180) if placed else None,
             valid=not invalid, exercise=exercise, diverted=diverted)
    for n, (city, north, east, age, category, placed, invalid, exercise, diverted) in enumerate(rows)
])  # fmt: skip


@given(incidents)
@settings(max_examples=150)
def test_every_cell_and_count_is_that_of_a_naive_recount(told):
    body = body_of(told)
    cells, _ = read(body)
    expected, unplaced = naive(told)
    for window in WINDOWS:
        assert {cell_of(*key): counts for key, counts in cells[window].items()} == expected[window]
        with_place, without = body["totals"][window]
        assert sum(without) == unplaced[window]
        by_category = sum(expected[window].values(), Counter())
        assert dict(zip(body["categories"], with_place, strict=True)) == {
            name: by_category[name] for name in body["categories"]
        }


@given(incidents)
@settings(max_examples=60)
def test_outlines_are_those_of_h3_within_metres(told):
    _, outlines = read(body_of(told))
    for (x, y, fine), outline in outlines.items():
        boundary = [hexagons._project(*corner) for corner in h3.cell_to_boundary(cell_of(x, y, fine))]
        drawn = [(x + dx / 2**30, y + dy / 2**30) for dx, dy in zip(outline[::2], outline[1::2], strict=True)]
        assert len(drawn) == len(boundary)
        for (ax, ay), (bx, by) in zip(drawn, boundary, strict=True):
            apart = math.hypot((ax - bx + 0.5) % 1 - 0.5, ay - by) * 2**24
            assert apart < 6.0  # units of 2.4 m at the equator: one pixel at zoom 15


@given(st.lists(incidents, min_size=2, max_size=2))
@settings(max_examples=30)
def test_the_order_in_which_they_came_does_not_matter(lists):
    told = lists[0]
    assert msgspec.json.encode(body_of(told)) == msgspec.json.encode(body_of(told[::-1]))


@given(st.floats(-85, 85), st.floats(-180, 180), st.integers(0, 9))
def test_parents_by_arithmetic_are_those_of_the_h3_package(lat, lon, resolution):
    cell = h3.latlng_to_cell(lat, lon, 9)
    mine = hexagons.parents(np.array([h3.str_to_int(cell)], np.uint64), resolution)
    assert h3.int_to_str(int(mine[0])) == h3.cell_to_parent(cell, resolution)
    children = h3.cell_to_children(h3.cell_to_parent(cell, 8), 9)
    if len(children) == 7:  # a pentagon's have no digit 1
        number = hexagons.digits(np.array([h3.str_to_int(c) for c in children], np.uint64), 9)
        assert number.tolist() == list(range(7))


def test_pentagons_and_the_edges_of_the_icosahedron_have_their_own_shapes():
    for pentagon in h3.get_pentagons(9):
        around = h3.grid_disk(pentagon, 3)
        told = [incident(n, NOW - timedelta(minutes=1), at=h3.cell_to_latlng(cell)) for n, cell in enumerate(around)]
        cells, _ = read(body_of(told))
        assert sorted(cell_of(*key) for key in cells["week"]) == sorted(around)


def test_a_scope_counts_its_own():
    told = [
        incident(1, NOW - timedelta(minutes=5), station="S1"),
        incident(2, NOW - timedelta(minutes=5), station="S2"),
    ]
    view = log_of(told).view().within(Scopes().find("S1"))
    assert heat_body(view, ALL, NOW_MS)["totals"]["hour"] == [[1], [0]]


def test_an_empty_log_is_an_empty_map():
    body = body_of([])
    assert body["coarse"] == body["fine"] == body["week"] == body["patches"] == []
    assert body["totals"] == {"hour": [[], []], "day": [[], []], "week": [[], []]}


def test_records_that_do_not_reach_back_a_week_are_said_to():
    assert body_of([], reach=Reach(NOW_MS - 8 * 86_400_000))["reach_ms"] is None
    late = NOW_MS - 3 * 86_400_000
    assert body_of([], reach=Reach(late, (late - 9_000_000, late)))["reach_ms"] == late
    assert body_of([], reach=Reach(late, (late - 9_000_000, late)))["gap"] == [late - 9_000_000, late]


def test_a_week_of_a_city_stays_small():
    rng = np.random.default_rng(3)
    told = [
        incident(n, NOW - timedelta(days=float(rng.uniform(0, 7))), f"kind {int(rng.exponential(3))}",
                 (30.57 + rng.normal(0, 0.06), 104.06 + rng.normal(0, 0.06)))
        for n in range(7_000)
    ]  # fmt: skip
    body = body_of(told)
    assert len(body["fine"]) > 2_500  # spread over hundreds of square kilometres
    assert len(msgspec.json.encode(body)) < 60_000


def test_the_browsers_fixture_is_what_the_server_says():
    told = town(NOW)
    body = json.loads(msgspec.json.encode(body_of(told)))
    fixture = json.loads(FIXTURE.read_text())
    assert fixture["body"] == body, "python -m tools.heat_town"
    assert fixture["cells"] == town_cells(told), "python -m tools.heat_town"


def town_cells(told):
    """What the browser must make of the document: [resolution, latitude, longitude, total, of the first category]."""
    out = []
    for resolution in (8, 9):
        for window, cells in naive(told, resolution)[0].items():
            for cell, counts in sorted(cells.items()):
                lat, lon = h3.cell_to_latlng(cell)
                out.append([resolution, window, round(lat, 6), round(lon, 6), sum(counts.values()), counts["theft"]])
    return out


@pytest.fixture(scope="session", autouse=True)
def _fresh_caches():
    hexagons.place.cache_clear()
    hexagons.shapes.cache_clear()
