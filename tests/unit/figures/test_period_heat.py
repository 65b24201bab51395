"""Cells, densities and hot spots of the map against plain pandas; what exports may tell."""

from datetime import date

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.changes import change
from analytics.figures import heat, zones
from analytics.figures.heat import resolution_for, study_cells, suppressed
from analytics.figures.parts import Heat, HeatCell, HotCell
from analytics.figures.request import Context
from data_feeds.areas import Area
from data_feeds.history.query import Filters, Span
from data_feeds.places import from_geojson
from tests.unit.figures import made_history
from tests.unit.figures.made_history import BEFORE, BESIDES, NOW, within
from tests.unit.places_story import document

MADE = (11, 9_000)


def built(store, context=Context(), where=Filters(), resolution=8):  # noqa: B008 - both are frozen
    asked = heat.queries(NOW, BESIDES, where, context, resolution)
    return heat.build(BESIDES, where, context, resolution, made_history.answers(store, asked))


def by_cell(frame, span, resolution):
    mine = within(frame, span).dropna(subset=["lat"])
    # incidents are kept by their cell of resolution 9; one at the edge of its parent may lie just outside it
    fine = [h3.latlng_to_cell(a, b, 9) for a, b in zip(mine.lat, mine.lon, strict=True)]
    return mine.groupby([h3.cell_to_parent(cell, resolution) for cell in fine]).size()


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_every_cell_is_what_pandas_counts(frame, store, resolution):
    found = built(store, resolution=resolution)
    now, before = by_cell(frame, NOW, resolution), by_cell(frame, BEFORE, resolution)
    assert {int(one.cell, 16) for one in found.cells} == set(now.index) | set(before.index)
    for one in found.cells:
        cell = int(one.cell, 16)
        assert (one.n, one.before) == (now.get(cell, 0), before.get(cell, 0))
        assert one.per_km2 == pytest.approx(one.n / h3.cell_area(cell, "km^2"))
        assert one.change == change(one.n, one.before)
    assert [one.n for one in found.cells] == sorted((one.n for one in found.cells), reverse=True)
    mine = within(frame, NOW)
    assert (found.placed, found.unplaced) == (int(mine.lat.notna().sum()), int(mine.lat.isna().sum()))


def test_the_area_of_a_cell_is_nearly_that_on_the_ellipsoid():
    for lat, lon in ((22.8, 108.3), (26.6, 106.7), (45.8, 126.5)):
        cell = h3.latlng_to_cell(lat, lon, 8)
        ring = np.array([(b, a) for a, b in h3.cell_to_boundary(cell)])
        area = Area.of([[np.vstack([ring, ring[:1]])]])
        assert heat.cell_km2(cell) == pytest.approx(zones.area_km2(area), rel=0.005)


def test_without_an_outline_the_study_area_is_where_incidents_were(frame, store):
    found = built(store)
    assert found.area == "incidents"
    ever = set(by_cell(frame, NOW, 8).index) | set(by_cell(frame, BEFORE, 8).index)
    area = {near for cell in ever for near in h3.grid_disk(cell, 1)}
    assert found.tested == len(area)
    assert found.km2 == pytest.approx(sum(h3.cell_area(cell, "km^2") for cell in area))
    assert found.hot  # incidents lie round the middle
    for one in found.hot:
        mine = by_cell(frame, NOW, 8)
        near = sum(int(mine.get(cell, 0)) for cell in h3.grid_disk(int(one.cell, 16), 1))
        assert (one.near, one.n) == (near, int(mine.get(int(one.cell, 16), 0)))
        assert one.q <= 0.05
        assert near >= 10


def test_an_outline_makes_the_study_area_with_its_empty_cells(frame, store):
    ring = np.array([(106.5, 26.4), (106.9, 26.4), (106.9, 26.8), (106.5, 26.8), (106.5, 26.4)])
    cells = study_cells([Area.of([[ring]])], 8)
    found = built(store, Context(study_cells=cells))
    assert found.area == "outline"
    ever = set(by_cell(frame, NOW, 8).index) | set(by_cell(frame, BEFORE, 8).index)
    assert found.tested == len(set(cells) | ever)
    assert found.km2 > 1_700


def test_asked_for_cells_are_the_study_area(store):
    parent = h3.latlng_to_cell(26.6, 106.7, 6)
    found = built(store, where=Filters(cells=(parent,)))
    assert found.tested == 49
    assert {h3.cell_to_parent(int(one.cell, 16), 6) for one in found.cells} == {parent}
    fine = h3.latlng_to_cell(26.6, 106.7, 9)
    assert built(store, where=Filters(cells=(fine,))).tested == 1


def test_study_cells_are_those_whose_middle_lies_inside_and_not_in_a_hole():
    outer = np.array([(106.6, 26.5), (106.8, 26.5), (106.8, 26.7), (106.6, 26.7), (106.6, 26.5)])
    hole = np.array([(106.68, 26.58), (106.72, 26.58), (106.72, 26.62), (106.68, 26.62), (106.68, 26.58)])
    area = Area.of([[outer, hole], [outer + np.array([0.5, 0.0])]])
    found = study_cells([area], 8)
    assert list(found) == sorted(found)
    near = set(found) | {n for cell in found for n in h3.grid_disk(cell, 2)}
    lat, lon = (np.array(values) for values in zip(*map(h3.cell_to_latlng, near), strict=True))
    assert set(found) == {cell for cell, inside in zip(near, area.holds(lat, lon), strict=True) if inside}


def test_parts_of_a_city_share_no_cell_and_leave_none():
    areas = from_geojson(document()).areas
    parts = [set(study_cells([areas[name]], 8)) for name in ("A1", "A2", "B1", "B2")]
    assert set().union(*parts) == set(study_cells([areas["C"]], 8))
    assert sum(map(len, parts)) == len(set().union(*parts))


def test_a_source_without_positions_is_asked_nothing():
    context = Context(lacks=("position",))
    assert heat.queries(NOW, (), Filters(), context, 8) == {}
    assert heat.build((), Filters(), context, 8, {}) == Heat(8, lacks=("position",))


def test_an_empty_period_is_an_empty_map(store):
    span = Span(date(2026, 1, 1), date(2026, 1, 1))
    asked = heat.queries(span, (), Filters(), Context(), 8)
    found = heat.build((), Filters(), Context(), 8, made_history.answers(store, asked))
    assert (found.cells, found.hot, found.placed, found.tested) == ([], [], 0, 0)


def test_the_year_before_alone_is_no_period_before(frame, store):
    asked = heat.queries(NOW, BESIDES[1:], Filters(), Context(), 8)
    found = heat.build(BESIDES[1:], Filters(), Context(), 8, made_history.answers(store, asked))
    assert {(one.before, one.change) for one in found.cells} == {(None, None)}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=30), st.integers(1, 10))
def test_an_export_tells_no_count_below_k_nor_lets_it_be_worked_out(counts, below):
    rows = [HeatCell(f"{k:x}", n, n / 0.7, before, change(n, before)) for k, (n, before) in enumerate(counts)]
    rows.sort(key=lambda one: (-one.n, -one.before, one.cell))
    hot = [HotCell(one.cell, one.n, 50, 5.0, 0.0, 0.0) for one in rows[:3]]
    whole = Heat(8, rows, hot, placed=sum(n for n, _ in counts))
    told = suppressed(whole, below)
    assert all(one.n >= below for one in told.cells)
    assert all(one.before is None or one.before == 0 or one.before >= below for one in told.cells)
    assert all(one.change is None for one in told.cells if one.before is None)
    assert {one.cell for one in told.hot} <= {one.cell for one in told.cells}
    assert all(one.near is None for one in told.hot)
    shown = {one.cell for one in told.cells}
    gone = [one.n for one in rows if one.n and one.cell not in shown]
    assert told.suppressed == len(gone)
    if gone and told.cells:
        assert len(gone) > 1
        assert sum(gone) >= below
    if all(n == 0 or n >= below for n, _ in counts):
        assert shown == {one.cell for one in rows if one.n}


def test_cells_fit_the_area():
    assert resolution_for(None) == resolution_for(0.0) == 8
    assert resolution_for(5.0) == 9
    assert [resolution_for(km2) for km2 in (100.0, 700.0, 3_000.0)] == [8, 8, 8]
    assert resolution_for(22_000.0) == 7
    assert resolution_for(5e6) == 5
