"""When nothing was recorded of the demo city's past: a few outages a year, the same whoever asks. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

LONG_H = (0.7, 3.5, 9.0, 26.0)  # one of each a year, in a quarter each
QUARTER_DAYS = 91


class Gap(NamedTuple):
    """Unix ms; ``end_ms`` is recorded again."""

    begin_ms: int
    end_ms: int


def between(seed: int, first: date, last: date, zone: ZoneInfo) -> list[Gap]:
    """The gaps that lie entirely in the local days ``first`` to ``last``, oldest first."""
    found = [
        (begin, begin + timedelta(hours=long_h))
        for year in range(first.year, last.year + 1)
        for begin, long_h in _of_year(seed, year, zone)
    ]
    return [
        Gap(int(begin.timestamp() * 1000), int(end.timestamp() * 1000))
        for begin, end in found
        if begin.date() >= first and end.date() <= last
    ]


def _of_year(seed: int, year: int, zone: ZoneInfo) -> list[tuple[datetime, float]]:
    rng = np.random.default_rng([seed, 37, year])
    lengths = rng.permutation(LONG_H).tolist()
    days = (np.arange(len(lengths)) * QUARTER_DAYS + rng.integers(0, QUARTER_DAYS, len(lengths))).tolist()
    minutes = rng.integers(0, 24 * 60, len(lengths)).tolist()
    new_year = datetime(year, 1, 1, tzinfo=zone)
    return [
        (new_year + timedelta(days=day, minutes=minute), long_h)
        for day, minute, long_h in zip(days, minutes, lengths, strict=True)
    ]
