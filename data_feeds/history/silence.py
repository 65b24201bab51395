"""Stretches in which nothing was recorded though so much was to be expected that it cannot be chance. Pure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SLOT_MS = 600_000
CHANCE = 1e-6  # of an empty stretch, were incidents as frequent as in the weeks around
WEEKS = 4  # before and after; a weekday without any incident is none of them
LEAST_WEEKS = 2
_DAY = 86_400_000 // SLOT_MS
_WEEK = 7 * _DAY
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Silence(NamedTuple):
    """Unix ms, half open; ``expected``: how many incidents should have come."""

    begin_ms: int
    end_ms: int
    expected: float


def silences(slots: Ints, counts: Ints) -> list[Silence]:
    """From how many incidents (``counts``) came in each slot of time that has any (``slots``: Unix ms // SLOT_MS).

    Incidents come like a Poisson process: none where λ are expected has the probability e^−λ. λ of a slot is the mean
    of the same slot of the weekday in the weeks before, or in those after, whichever is less: where one source ends
    and another begins, neither is held against the other. Only between the first and the last incident.
    """
    if not len(slots):
        return []
    first_week = int(slots.min()) // _WEEK
    weeks = int(slots.max()) // _WEEK - first_week + 1
    told = np.zeros(weeks * _WEEK, np.int64)
    np.add.at(told, slots - first_week * _WEEK, counts)
    expected = np.zeros((weeks, 7, _DAY))
    table = told.reshape(weeks, 7, _DAY)
    for weekday in range(7):
        expected[:, weekday] = _expected(table[:, weekday].astype(np.float64))
    empty = told == 0
    empty[: int(slots.min()) - first_week * _WEEK] = False
    empty[int(slots.max()) - first_week * _WEEK :] = False
    edges = np.flatnonzero(np.diff(np.r_[0, empty.view(np.int8), 0]))
    begins, ends = edges[::2], edges[1::2]
    total = np.r_[0.0, np.cumsum(expected.ravel())]
    sums = total[ends] - total[begins]
    unlikely = np.flatnonzero(sums > -np.log(CHANCE))
    return [
        Silence(
            (int(begins[k]) + first_week * _WEEK) * SLOT_MS, (int(ends[k]) + first_week * _WEEK) * SLOT_MS,
            round(float(sums[k]), 1),
        )
        for k in unlikely.tolist()
    ]  # fmt: skip


def _expected(day: Floats) -> Floats:
    """(weeks, slots) counts of one weekday → what was to be expected there."""
    active = np.flatnonzero(day.any(axis=1))
    total = np.vstack([np.zeros(day.shape[1]), np.cumsum(day[active], axis=0)])
    week = np.arange(len(day))
    before = np.searchsorted(active, week, side="left")
    after = np.searchsorted(active, week, side="right")
    past = _mean(total, np.maximum(before - WEEKS, 0), before)
    coming = _mean(total, after, np.minimum(after + WEEKS, len(active)))
    return np.nan_to_num(np.fmin(past, coming))


def _mean(total: Floats, begin: NDArray[np.intp], end: NDArray[np.intp]) -> Floats:
    """Mean of the weeks [begin, end); where these are too few nothing is claimed there."""
    count = (end - begin)[:, None]
    return np.where(count >= LEAST_WEEKS, (total[end] - total[begin]) / np.maximum(count, 1), np.nan)
