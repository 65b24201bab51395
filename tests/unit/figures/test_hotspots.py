"""Gi*, p and q against their definitions written out slowly, and against dealing the counts out anew."""

import itertools
import math

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.changes import FEW
from analytics.figures import hotspots
from analytics.figures.hotspots import benjamini_hochberg, counts_on, gi_star, grid, upper_tail
from tests.real_data import real_file

CENTRE = h3.latlng_to_cell(26.6, 106.7, 8)


def disk(steps):
    return grid(h3.grid_disk(CENTRE, steps))


def slow(cells, counts):
    """Gi*, p and q of every cell, loop by loop, in the general form with a matrix of weights."""
    n = len(cells)
    w = [[1.0 if h3.grid_distance(a, b) <= 1 else 0.0 for b in cells] for a in cells]
    mean = sum(counts) / n
    s = math.sqrt(sum(c * c for c in counts) / n - mean**2)
    third = sum((c - mean) ** 3 for c in counts) / n
    z, p = [], []
    for row in w:
        sums, squares = sum(row), sum(v * v for v in row)
        top = sum(v * c for v, c in zip(row, counts, strict=True)) - mean * sums
        z.append(top / (s * math.sqrt((n * squares - sums**2) / (n - 1))))
        sigma = s * math.sqrt((n * squares - sums**2) / (n - 1))
        gamma = sums * (n - sums) * (n - 2 * sums) / ((n - 1) * (n - 2)) * third / sigma**3
        p.append(float(stats.pearson3.sf(z[-1], gamma)))
    q = [min(min(1.0, p_j * n / (1 + sum(other < p_j for other in p) + sum(other == p_j for other in p) - 1))
             for p_j in p if p_j >= p_i) for p_i in p]  # fmt: skip
    return z, p, q


@given(st.integers(0, 10_000), st.floats(0.2, 20))
def test_it_is_the_slow_one(seed, rate):
    area = disk(3)
    counts = np.random.default_rng(seed).poisson(rate, len(area.cells))
    if counts.min() == counts.max():
        return
    found = gi_star(area, counts)
    z, p, q = slow([int(c) for c in area.cells], counts.tolist())
    assert found.z == pytest.approx(z, abs=1e-9)
    assert found.p == pytest.approx(p, rel=1e-6, abs=1e-12)
    assert found.q == pytest.approx(q, rel=1e-6, abs=1e-12)
    assert (found.hot == ((found.q <= 0.05) & (found.near >= FEW))).all()


def test_mean_variance_and_skewness_are_those_of_every_way_to_deal_the_counts():
    area = grid([*h3.grid_ring(CENTRE, 1), CENTRE, h3.grid_ring(CENTRE, 2)[0]])
    counts = [0, 0, 1, 1, 2, 5, 0, 3]
    dealt = np.array([gi_star(area, np.array(way)).z for way in set(itertools.permutations(counts))])
    told = (area.around < len(area.cells)).sum(axis=1) < len(area.cells)
    assert dealt[:, told].mean(axis=0) == pytest.approx(0.0, abs=1e-9)
    assert dealt[:, told].var(axis=0) == pytest.approx(1.0)
    third = (dealt[:, told] ** 3).mean(axis=0)
    n, x = len(counts), np.array(counts)
    w = (area.around < n).sum(axis=1)[told]
    sigma = x.std() * np.sqrt((n * w - w**2) / (n - 1))
    skew = w * (n - w) * (n - 2 * w) / ((n - 1) * (n - 2)) * ((x - x.mean()) ** 3).mean() / sigma**3
    assert third == pytest.approx(skew, abs=1e-9)


@pytest.mark.parametrize("rate", [0.3, 2.0, 12.0])
def test_p_is_the_share_of_dealings_that_reach_so_far(rate):
    rng = np.random.default_rng(7)
    area = disk(12)
    counts = rng.negative_binomial(1.0, 1 / (1 + rate), len(area.cells))  # more uneven than Poisson, as cities are
    inner = np.flatnonzero((area.around < len(area.cells)).all(axis=1))
    dealt = np.concatenate([gi_star(area, rng.permutation(counts)).z[inner] for _ in range(3_000)])
    size = np.array([7])
    sample = gi_star(area, counts)
    for wanted in (0.05, 0.01, 0.001):
        z = np.quantile(dealt, 1 - wanted)
        x = counts - counts.mean()
        n = len(counts)
        sigma = counts.std() * np.sqrt((n * size - size**2) / (n - 1))
        skew = size * (n - size) * (n - 2 * size) / ((n - 1) * (n - 2)) * (x**3).mean() / sigma**3
        told = float(upper_tail(np.array([z]), skew)[0])
        normal = float(stats.norm.sf(z))
        reached = (dealt >= z - 1e-9).mean()  # counts are whole: many dealings stand on the same z
        assert 0.6 < told / reached < 1.5
        assert abs(math.log(told / reached)) < abs(math.log(normal / reached)) + 0.1
    assert sample.z.std() == pytest.approx(1.0, abs=0.2)


def test_where_all_is_chance_hardly_anything_is_found():
    rng = np.random.default_rng(3)
    area = disk(14)
    for rate in (0.5, 3.0, 30.0):
        found = [gi_star(area, rng.poisson(rate, len(area.cells))).hot.any() for _ in range(300)]
        assert np.mean(found) <= 0.09  # 0.05 and three standard errors


def test_a_square_with_more_than_its_share_is_found():
    rng = np.random.default_rng(5)
    area = disk(14)
    counts = rng.poisson(2.0, len(area.cells))
    for cell in h3.grid_disk(CENTRE, 1):
        counts[np.searchsorted(area.cells, np.uint64(cell))] += 10
    found = gi_star(area, counts)
    at = int(np.searchsorted(area.cells, np.uint64(CENTRE)))
    assert found.hot[at]
    assert found.z[at] == found.z.max()
    assert {int(c) for c in area.cells[found.hot]} <= set(h3.grid_disk(CENTRE, 3))


def test_few_are_never_hot():
    area = disk(20)
    for each, enough in ((1, False), (2, True)):
        counts = np.zeros(len(area.cells), np.int64)
        counts[np.isin(area.cells, np.array(h3.grid_disk(CENTRE, 1), np.uint64))] = each
        found = gi_star(area, counts)
        assert found.q.min() <= 0.05
        assert found.near.max() == 7 * each
        assert found.hot.any() == enough


def test_a_single_cell_that_stands_out_is_no_hot_spot():
    area = disk(14)
    counts = np.random.default_rng(1).poisson(1.0, len(area.cells))
    counts[np.searchsorted(area.cells, np.uint64(CENTRE))] = 100
    found = gi_star(area, counts)
    assert found.z.max() > 8
    assert 1e-3 < found.p.min() < 2 * 7 / 631  # dealt out anew it lies as near in 7 of 631 cases; a normal tail: 1e-17
    assert not found.hot.any()


@pytest.mark.parametrize("counts", [[], [4], [4, 4], [3, 9], [5] * 7, [1, 2, 3, 4, 5, 6, 7]])
def test_where_nothing_can_be_said(counts):
    area = grid(h3.grid_disk(CENTRE, 1)[: len(counts)])
    found = gi_star(area, np.array(counts, np.int64))
    assert np.isfinite(found.z).all()
    assert not found.hot.any()
    assert (found.q <= 1).all()


def test_a_pentagon_has_six():
    pentagon = h3.get_pentagons(4)[0]
    area = grid(h3.grid_disk(pentagon, 2))
    assert (area.around[np.searchsorted(area.cells, np.uint64(pentagon))] < len(area.cells)).sum() == 6


def test_counts_of_cells_outside_are_left_out():
    area = disk(1)
    far = h3.latlng_to_cell(27.6, 106.7, 8)
    some = np.array([CENTRE, far, int(area.cells[0])], np.uint64)
    found = counts_on(area, some, np.array([3, 100, 2]))
    assert found.sum() == 5
    assert counts_on(grid([]), some, np.array([1, 1, 1])).sum() == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_is_what_the_definition_says(p):
    values = np.array(p)
    assert benjamini_hochberg(values) == pytest.approx(stats.false_discovery_control(values), abs=1e-12)


@given(st.floats(-6, 12), st.floats(-3, 3))
def test_the_tail_is_that_of_scipy(z, skew):
    told = float(upper_tail(np.array([z]), np.array([skew]))[0])
    assert told == pytest.approx(float(stats.pearson3.sf(z, skew)), rel=1e-5, abs=1e-9)


def test_real_assaults_by_a_plain_loop():
    rows = pd.read_csv(real_file("chicago/chicago_aggravated_assaults.csv.gz"), low_memory=False)
    lat, lon = (next(c for c in rows.columns if c.lower() == name) for name in ("latitude", "longitude"))
    rows = rows[rows[lat].between(41.6, 42.1) & rows[lon].between(-88, -87.5)].iloc[-8_000:]
    cells = [h3.latlng_to_cell(a, b, 8) for a, b in zip(rows[lat], rows[lon], strict=True)]
    per_cell = pd.Series(cells).value_counts()
    area = grid({n for c in per_cell.index for n in h3.grid_disk(c, 1)})
    counts = counts_on(area, per_cell.index.to_numpy(np.uint64), per_cell.to_numpy())
    assert counts.sum() == len(rows)
    found = gi_star(area, counts)
    known = {int(c) for c in area.cells}
    mean, s, n = counts.mean(), counts.std(), len(counts)
    for k in np.random.default_rng(1).integers(0, n, 60).tolist():
        near = [c for c in h3.grid_disk(int(area.cells[k]), 1) if c in known]
        w, total = len(near), sum(int(per_cell.get(c, 0)) for c in near)
        assert found.z[k] == pytest.approx((total - w * mean) / (s * math.sqrt((n * w - w * w) / (n - 1))))
    assert 0 < found.hot.sum() < 0.3 * n
    assert not hotspots.gi_star(area, np.random.default_rng(2).permutation(counts)).hot.any()
