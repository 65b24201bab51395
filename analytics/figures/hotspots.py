"""Hot spots: cells in and around which there is more than chance would leave there. Getis–Ord Gi*. Pure.

On a grid of N cells with x_j incidents each, x̄ = Σx/N and S² = Σx²/N − x̄², a cell i and its neighbours within it
(weights 1, W of them with i itself) hold Σ_i = Σ w_ij·x_j incidents, and (Ord & Getis 1995)

    Gi* = (Σ_i − W·x̄) / (S · √((N·W − W²) / (N − 1)))

which is Σ_i less its mean over its standard deviation if the counts were dealt out to the cells anew. Counts of cells
are few and lopsided, and a normal curve would take too much for a find. p is that of the Pearson III curve, which has
the third moment of the same dealing too (Siemiatycki 1978):

    skewness γ = W·(N−W)·(N−2W) / ((N−1)·(N−2)) · m₃ / σ³,   m₃ = Σ(x−x̄)³/N,   σ = S·√((N·W − W²)/(N−1))
    p = P(Γ(4/γ²) ≥ 4/γ² + 2·Gi*/γ)   for γ > 0, the normal tail for γ = 0

One-sided, because only more than chance is of interest. q corrects for asking at N cells (Benjamini & Hochberg 1995;
neighbours go together, which it bears: Benjamini & Yekutieli 2001): q_(i) = min over j ≥ i of N·p_(j)/j. A hot cell has
q ≤ 0.05 and at least FEW incidents in and around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, ndtr

from analytics.changes import FEW

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]
MAX_Q = 0.05
RING = 7  # a cell and its six neighbours
STRAIGHT = 1e-6  # skewness below which the curve is normal


@dataclass(frozen=True, eq=False)
class Grid:
    """N cells in ascending order. ``around``: (N, 7) which cells of the grid lie within one step of each, itself
    included, N where there is none."""

    cells: Cells
    around: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class GiStar:
    """(N,) each: incidents in and around each cell, how many cells that are, Gi*, one-sided p, q, whether it is hot.

    z is 0 and p 1 where nothing can be said: all cells are alike, or a cell's surroundings are the whole grid.
    """

    near: NDArray[np.int64]
    size: NDArray[np.int64]
    z: Floats
    p: Floats
    q: Floats
    hot: NDArray[np.bool_]


def grid(cells: Iterable[int]) -> Grid:
    """The grid of these cells, all of one resolution."""
    return _grid(tuple(sorted(set(cells))))


@lru_cache(maxsize=64)
def _grid(cells: tuple[int, ...]) -> Grid:
    ids = np.array(cells, np.uint64)
    found = np.full((len(ids), RING), len(ids), np.intp)
    for row, cell in enumerate(cells):
        disk = np.array(h3.grid_disk(cell, 1), np.uint64)  # six of them at a pentagon
        at = np.searchsorted(ids, disk)
        known = ids[np.minimum(at, len(ids) - 1)] == disk
        found[row, : len(disk)] = np.where(known, at, len(ids))
    return Grid(ids, found)


def counts_on(area: Grid, cells: Cells, n: NDArray[np.int64]) -> NDArray[np.int64]:
    """(N,) incidents of each cell of ``area``; those of cells outside it are left out."""
    out = np.zeros(len(area.cells), np.int64)
    if len(area.cells):
        at = np.minimum(np.searchsorted(area.cells, cells), len(area.cells) - 1)
        inside = area.cells[at] == cells
        np.add.at(out, at[inside], n[inside])
    return out


def gi_star(area: Grid, counts: NDArray[np.int64]) -> GiStar:
    """Gi* of every cell of ``area`` with ``counts`` (N,) incidents."""
    x = counts.astype(np.float64)
    total = len(x)
    near = np.append(counts, 0)[area.around].sum(axis=1)
    size = (area.around < total).sum(axis=1)
    z, p = np.zeros(total), np.ones(total)
    mean = x.mean() if total else 0.0
    spread = float(((x - mean) ** 2).mean()) if total else 0.0
    told = (size < total) & (total > 2) & (spread > 0)
    if told.any():
        w = size[told].astype(np.float64)
        sigma = np.sqrt(spread * (total * w - w**2) / (total - 1))
        third = w * (total - w) * (total - 2 * w) / ((total - 1) * (total - 2)) * ((x - mean) ** 3).mean()
        z[told] = (near[told] - w * mean) / sigma
        p[told] = upper_tail(z[told], third / sigma**3)
    q = benjamini_hochberg(p)
    return GiStar(near, size, z, p, q, (q <= MAX_Q) & (near >= FEW))


def upper_tail(z: Floats, skewness: Floats) -> Floats:
    """P(Z ≥ z) of the Pearson III curve with mean 0, variance 1 and this skewness."""
    bent = np.abs(skewness) > STRAIGHT
    shape = 4.0 / np.where(bent, skewness, 1.0) ** 2
    right = gammaincc(shape, np.maximum(shape + z * np.sqrt(shape), 0.0))
    left = gammainc(shape, np.maximum(shape - z * np.sqrt(shape), 0.0))
    return np.asarray(np.where(bent, np.where(skewness > 0, right, left), ndtr(-z)))


def benjamini_hochberg(p: Floats) -> Floats:
    """q of each p: the least share of false finds at which it would be taken for a find."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
