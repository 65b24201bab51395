"""The statistics of the figures worked out once more, in plain numpy, scipy and h3, from what docs/figures.md says.

Nothing here is shared with the product: what a page shows is held against it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import h3.api.basic_str as h3
import numpy as np
import pandas as pd
from scipy import stats

FEW = 10
HOLLOW = 0.1  # a period of which more than that was not recorded is compared with nothing
ALIKE = 0.002
Gap = tuple[pd.Timestamp, pd.Timestamp]


class Part(NamedTuple):
    """A count, and the recorded days in which it came."""

    n: int
    days: float


class Judged(NamedTuple):
    """``percent``: None of few and of zero."""

    percent: float | None
    z: float
    verdict: str


def judged(own: Part, others: Sequence[Part]) -> Judged:
    """A count beside the mean of others: per recorded day unless all are equally long."""
    k, days = len(others), sum(one.days for one in others)
    usual = sum(one.n for one in others) / k
    if abs(own.days - days / k) > ALIKE * max(own.days, days / k):
        usual, k = sum(one.n for one in others) / days * own.days, days / own.days
    z = (math.sqrt(own.n) - math.sqrt(usual)) / math.sqrt(1 / 4 + 1 / (4 * k))
    if max(own.n, usual) < FEW:
        return Judged(None, z, "few")
    percent = 100 * (own.n / usual - 1) if usual else None
    return Judged(percent, z, "noise" if abs(z) <= 3 else "up" if z > 0 else "down")


def missed(gaps: Iterable[Gap], begin: pd.Timestamp, end: pd.Timestamp) -> float:
    """Days between ``begin`` and ``end`` that lie in ``gaps``, which do not overlap."""
    away = [min(last, end) - max(first, begin) for first, last in gaps]
    return sum((one for one in away if one > pd.Timedelta(0)), pd.Timedelta(0)) / pd.Timedelta(days=1)


def band(counts: Sequence[Sequence[int]]) -> list[tuple[float, float, float]]:
    """Low, high and mean of each hour from its counts in comparable periods: the middle 80 %."""
    table = np.array(counts, float)
    k, means = table.shape[1], table.mean(axis=1)
    if k >= 8:
        ranks = [min(max(p * (k + 1), 1), k) for p in (0.1, 0.9)]
        rows = np.sort(table, axis=1)
        ends = [[np.interp(rank, range(1, k + 1), row) for rank in ranks] for row in rows]
    else:
        scatter = max(1.0, sum(np.var(row, ddof=1) for row in table) / means.sum())
        ends = [_negative_binomial(max(mean, 0.5 / k), scatter * (1 + 1 / k)) for mean in means]
    return [(low, high, mean) for (low, high), mean in zip(ends, means, strict=True)]


def _negative_binomial(mean: float, ratio: float) -> tuple[int, int]:
    """Its 10th and 90th percentile, by adding up chances; ``ratio``: variance / mean."""
    size, p = mean / (ratio - 1), 1 / ratio
    total, found, n = 0.0, [], 0
    while len(found) < 2:
        total += math.exp(
            math.lgamma(n + size) - math.lgamma(size) - math.lgamma(n + 1) + size * math.log(p) + n * math.log(1 - p)
        )
        found += [n] * (total >= (0.1, 0.9)[len(found)])
        n += 1
    return found[0], found[1]


def limits(base: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """mean, low, high of each day of ``shown`` by those of ``base``; both with n and days (recorded), by date."""
    week = base.index.day_of_week
    by_day = base.groupby(week)
    mean, k = by_day.n.sum() / by_day.days.sum(), by_day.size()
    own, of = week.map(mean), week.map(k)
    z = (base.n / base.days - own) / np.sqrt(own / base.days * (1 - 1 / of))
    sigma = max(1.0, z.diff().abs().mean() / 1.128)
    expected = shown.days * shown.index.day_of_week.map(mean)
    wide = 3 * sigma * np.sqrt(expected * (1 + 1 / shown.index.day_of_week.map(k)))
    return pd.DataFrame({"mean": expected, "low": (expected - wide).clip(lower=0), "high": expected + wide})


def cells(lat: pd.Series, lon: pd.Series, resolution: int = 8) -> pd.Series:
    """Incidents by H3 cell: that of resolution 9 in which they lie, or its parent."""
    fine = [h3.latlng_to_cell(*place, 9) for place in zip(lat, lon, strict=True)]
    return pd.Series([h3.cell_to_parent(cell, resolution) for cell in fine], dtype=object).value_counts()


def gi_star(area: Iterable[str], counts: Mapping[str, int]) -> pd.DataFrame:
    """near, z, p, q, hot by cell of ``area``."""
    study = sorted(area)
    x = pd.Series({cell: counts.get(cell, 0) for cell in study}, dtype=float)
    n, held = len(x), set(study)
    rows = []
    for cell in study:
        around = [one for one in h3.grid_disk(cell, 1) if one in held]
        w, near = len(around), sum(x[one] for one in around)
        sigma = math.sqrt(x.var(ddof=0) * (n * w - w * w) / (n - 1))
        z = (near - w * x.mean()) / sigma
        third = w * (n - w) * (n - 2 * w) / ((n - 1) * (n - 2)) * ((x - x.mean()) ** 3).mean()
        rows.append((near, z, stats.pearson3.sf(z, third / sigma**3)))
    found = pd.DataFrame(rows, index=study, columns=["near", "z", "p"])
    found["q"] = stats.false_discovery_control(found.p, method="bh")
    found["hot"] = (found.q <= 0.05) & (found.near >= FEW)
    return found


def shares(own: tuple[int, int], before: tuple[int, int]) -> tuple[float, float, str]:
    """Percentage points, z and verdict of x of n against x of n: the test of two proportions."""
    (x, n), (y, m) = own, before
    p = (x + y) / (n + m)
    z = (x / n - y / m) / math.sqrt(p * (1 - p) * (1 / n + 1 / m))
    few = min(n, m) < FEW or min(n, m) * min(p, 1 - p) < 5
    return 100 * (x / n - y / m), z, "few" if few else "noise" if abs(z) <= 3 else "up" if z > 0 else "down"


def divided(target: int, medians: Sequence[float]) -> list[int]:
    """``target`` in whole seconds as the medians divide the way: the largest remainders get what is left."""
    exact = [target * one / sum(medians) for one in medians]
    whole = [math.floor(one) for one in exact]
    for at in sorted(range(len(exact)), key=lambda at: whole[at] - exact[at])[: target - sum(whole)]:
        whole[at] += 1
    return whole


def follows(presence: np.ndarray, incidents: np.ndarray) -> tuple[float, float]:
    """Overlap of two tables of zone × hour, and its mean if the incidents fell as presence is spread."""
    p, n = (presence / presence.sum()).ravel(), int(incidents.sum())
    k = np.arange(n + 1)[:, None]
    away = sum((np.abs(k - n * part) * stats.binom.pmf(k, n, part)).sum() for part in np.array_split(p, 20))
    return 1 - np.abs(p - incidents.ravel() / n).sum() / 2, 1 - away / (2 * n)


def inside(lat: np.ndarray, lon: np.ndarray, rings: Iterable[Sequence[Sequence[float]]]) -> np.ndarray:
    """Which places lie in an area of closed rings of (longitude, latitude): a ray to the east crosses its border an odd
    number of times."""
    odd = np.zeros(len(lat), bool)
    for ring in rings:
        for (x1, y1, *_), (x2, y2, *_) in itertools.pairwise(ring):
            if y1 != y2:
                odd ^= ((lat < y1) != (lat < y2)) & (lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1))
    return odd
