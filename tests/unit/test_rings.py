"""Rings and the city's cover in cells, against the travel times themselves."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import pytest

from analytics.rings import RING_RESOLUTION, CityCells, city_cover, no_rings, rings
from data_feeds.areas import Area
from tests.unit.force_story import NOW_MS, on_roads, some_units


@pytest.mark.parametrize("towards", [True, False])
def test_a_ring_holds_the_streets_that_are_reached_and_no_others(towards: bool) -> None:
    roads = on_roads(some_units(4, 1), 4)
    graph, streets = roads.network.drive, roads.network.streets
    found = rings(graph, 26.004, 105.004, (20.0, 60.0), towards, NOW_MS)
    assert (found.basis, found.center) == ("road", (26.004, 105.004))
    piece_s = graph.pieces_s(streets.snap(np.array([26.004]), np.array([105.004])), towards)
    lat, lon = streets.piece_places
    cell_of = np.array([h3.latlng_to_cell(y, x, RING_RESOLUTION) for y, x in zip(lat, lon, strict=True)])
    for ring in found.rings:
        assert all(line[0] == line[-1] for line in ring.lines)
        area = Area.of([[np.array([(x, y) for y, x in line]) for line in ring.lines]])
        reached = np.isin(cell_of, cell_of[piece_s <= ring.seconds])
        middles = np.array([h3.cell_to_latlng(cell) for cell in cell_of.tolist()])
        assert (area.holds(middles[:, 0], middles[:, 1]) == reached).all()
    assert 0 < len(found.rings[0].lines[0]) < sum(map(len, found.rings[1].lines))


def test_a_place_far_from_every_street_has_empty_rings() -> None:
    roads = on_roads(some_units(4, 1), 4)
    assert [ring.lines for ring in rings(roads.network.drive, 27.0, 105.0, (60.0,), True, NOW_MS).rings] == [[]]
    assert (no_rings(26.0, 105.0, NOW_MS).basis, no_rings(26.0, 105.0, NOW_MS).rings) == ("straight", [])


def test_the_city_is_told_by_the_median_of_each_cell() -> None:
    roads = on_roads(some_units(5, 6), 5)
    ready = roads.force.ready(NOW_MS, 300.0)
    cells = CityCells(roads.network.streets)
    node_s = roads.first_at_nodes(ready)
    graph = roads.network.streets.roads
    where = [h3.latlng_to_cell(y, x, 9) for y, x in zip(graph.lat, graph.lon, strict=True)]


    def targets_s(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.where(lon > 105.004, np.nan, np.where(lat > 26.004, 30.0, 60.0))

    found = city_cover(cells, roads, ready, targets_s, NOW_MS)
    assert 0 < len(found.cells) < len(cells.cells)
    for name, time_s, target_s in zip(found.cells, found.travel_s, found.target_s, strict=True):
        cell = int(name, 16)
        values = sorted(s for s, at in zip(node_s.tolist(), where, strict=True) if at == cell)
        median = values[(len(values) - 1) // 2]
        assert time_s == (pytest.approx(median, abs=0.06) if np.isfinite(median) else None)
        assert target_s == (30.0 if h3.cell_to_latlng(cell)[0] > 26.004 else 60.0)
    assert found.reached == sum(s is not None and s <= t for s, t in zip(found.travel_s, found.target_s, strict=True))
    assert found.share == pytest.approx(found.reached / len(found.cells), abs=1e-4)
