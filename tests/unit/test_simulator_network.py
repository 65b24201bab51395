"""Streets for movement: places along edges, and searches that find what is nearest by road."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_feeds.simulator.network import Streets, joined
from tests.unit.simulated import a_city

few = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def streets():
    return Streets(a_city().roads)


def times_to(streets, target):
    """Seconds from every node to ``target`` by relaxing all edges until nothing changes."""
    times = np.full(len(streets.x), np.inf)
    times[target] = 0.0
    g = streets.graph
    while True:
        better = times.copy()
        np.minimum.at(better, g.start, streets.cost_s + times[g.end])
        if np.array_equal(better, times):
            return times
        times = better


def test_a_search_finds_the_nearest_by_road(streets):
    rng = np.random.default_rng(3)
    for target in rng.integers(0, len(streets.x), 4).tolist():
        times = times_to(streets, target)
        there = rng.choice(len(streets.x), 40, replace=False)
        mask = np.zeros(len(streets.x), dtype=np.uint8)
        mask[there] = 1
        found = streets.search(target, mask.tobytes(), 5, len(mask))
        assert found.times_s == pytest.approx(np.sort(times[there])[:5].tolist())
        for node, time_s in zip(found.nodes, found.times_s, strict=True):
            way = found.way(node)
            assert joined(way, streets.graph)
            assert streets.cost_s[way].sum() == pytest.approx(time_s)
            assert not way or (streets.graph.start[way[0]], streets.graph.end[way[-1]]) == (node, target)


def test_a_search_ends_at_its_limit(streets):
    assert streets.search(0, bytes(len(streets.x)), 1, 50).nodes == []
    assert len(streets.search(0, bytes(len(streets.x)), 1, 50).via) < 400


@given(data=st.data())
@few
def test_places_run_along_the_shape(data):
    streets = Streets(a_city().roads)
    edge = data.draw(st.integers(0, len(streets.length_m) - 1))
    along = np.linspace(0, streets.length_m[edge], 60)
    x, y, course = streets.places(np.full(60, edge), along)
    g = streets.graph
    assert (x[0], y[0]) == pytest.approx((streets.x[g.start[edge]], streets.y[g.start[edge]]), abs=0.01)
    assert (x[-1], y[-1]) == pytest.approx((streets.x[g.end[edge]], streets.y[g.end[edge]]), abs=0.01)
    step = streets.length_m[edge] / 59
    assert (np.hypot(np.diff(x), np.diff(y)) <= step + 0.01).all()
    assert ((course >= 0) & (course <= 360)).all()


def test_degrees_and_metres_are_inverse(streets):
    g = streets.graph
    lat, lon = streets.degrees(*streets.metres(g.lat, g.lon))
    assert np.abs(lat - g.lat).max() < 1e-9
    assert np.abs(lon - g.lon).max() < 1e-9
