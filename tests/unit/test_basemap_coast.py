"""The sea out of coastlines: land is on their left."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.basemap import coast

BOX = (0.0, 0.0, 10.0, 10.0)


def area(polygon):
    outer, *holes = [abs(coast.signed_area(ring)) / 2 for ring in polygon]
    return outer - sum(holes)


def is_sea(sea, x, y):
    return any(
        coast.contains(outer, (x, y)) and not any(coast.contains(hole, (x, y)) for hole in holes)
        for outer, *holes in sea.polygons
    )


def circle(x, y, r, clockwise=False, n=24):
    ring = [(x + r * math.cos(k * math.tau / n), y + r * math.sin(k * math.tau / n)) for k in range(n)]
    ring.append(ring[0])
    return ring[::-1] if clockwise else ring


def test_without_coastline_there_is_no_sea():
    assert coast.sea([], BOX) == coast.Sea([], 0)


def test_a_shore_from_west_to_east_has_the_sea_south_of_it():
    sea = coast.sea([[(-3.0, 4.0), (5.0, 4.0)], [(5.0, 4.0), (12.0, 4.0)]], BOX)
    assert area(sea.polygons[0]) == pytest.approx(40)
    assert is_sea(sea, 5, 1)
    assert not is_sea(sea, 5, 9)


def test_the_same_shore_the_other_way_round_has_it_north():
    sea = coast.sea([[(12.0, 4.0), (-3.0, 4.0)]], BOX)
    assert area(sea.polygons[0]) == pytest.approx(60)


def test_a_strait_has_two_shores_and_one_sea():
    sea = coast.sea([[(-1.0, 3.0), (11.0, 3.0)][::-1], [(-1.0, 7.0), (11.0, 7.0)]], BOX)
    assert sum(map(area, sea.polygons)) == pytest.approx(40)
    assert is_sea(sea, 5, 5)
    assert not is_sea(sea, 5, 1)
    assert not is_sea(sea, 5, 9)


def test_islands_lie_in_the_sea_and_on_land_there_are_none():
    sea = coast.sea([[(-3.0, 6.0), (12.0, 6.0)], circle(5, 3, 1)], BOX)
    assert is_sea(sea, 2, 3)
    assert not is_sea(sea, 5, 3)
    assert area(sea.polygons[0]) == pytest.approx(60 - abs(coast.signed_area(circle(5, 3, 1))) / 2)


def test_only_an_island_means_sea_all_round():
    sea = coast.sea([circle(5, 5, 2)], BOX)
    assert is_sea(sea, 1, 1)
    assert not is_sea(sea, 5, 5)


def test_a_basin_inside_the_land():
    sea = coast.sea([circle(5, 5, 2, clockwise=True)], BOX)
    assert is_sea(sea, 5, 5)
    assert not is_sea(sea, 1, 1)


def test_an_island_that_the_edge_cuts():
    sea = coast.sea([circle(10, 5, 2)], BOX)
    assert is_sea(sea, 1, 1)
    assert is_sea(sea, 9.9, 9)
    assert not is_sea(sea, 9.5, 5)


def test_a_shore_that_ends_near_the_edge_is_led_to_it_and_one_that_ends_inside_is_left_out():
    assert coast.sea([[(0.5, 4.0), (9.5, 4.0)]], BOX).left_out == 0
    assert area(coast.sea([[(0.5, 4.0), (9.5, 4.0)]], BOX).polygons[0]) == pytest.approx(40)
    broken = coast.sea([[(-1.0, 4.0), (5.0, 5.0)]], BOX)
    assert (broken.polygons, broken.left_out) == ([], 1)


@given(seed=st.integers(0, 10_000), n=st.integers(2, 9), pieces=st.integers(1, 4))
def test_any_shore_across_parts_the_rectangle_in_land_left_and_sea_right(seed, n, pieces):
    rng = random.Random(seed)
    xs = [-1.0, *sorted(rng.uniform(0.1, 9.9) for _ in range(n)), 11.0]
    line = [(x, rng.uniform(1, 9)) for x in xs]
    cuts = sorted(rng.sample(range(1, n + 1), min(pieces - 1, n))) if pieces > 1 else []
    parts = [line[a : b + 1] for a, b in itertools.pairwise([0, *cuts, len(line) - 1])]
    rng.shuffle(parts)
    sea = coast.sea(parts, BOX)
    turned = coast.sea([part[::-1] for part in parts], BOX)
    assert sea.left_out == turned.left_out == 0
    for _ in range(20):
        x, y = rng.uniform(0.05, 9.95), rng.uniform(0.05, 9.95)
        a, b = next((a, b) for a, b in itertools.pairwise(line) if a[0] <= x <= b[0])
        shore = a[1] + (x - a[0]) / (b[0] - a[0]) * (b[1] - a[1])
        if abs(shore - y) > 1e-6:
            assert is_sea(sea, x, y) == (y < shore)
            assert is_sea(turned, x, y) == (y > shore)
    assert sum(map(area, sea.polygons)) + sum(map(area, turned.polygons)) == pytest.approx(100)
