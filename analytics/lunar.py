"""Spring Festival: when it is, and by how many days a year's lies from the last one's. Pure.

Around it a city's days follow the lunar calendar; beside the same dates of the year before they compare a holiday with
working days. Years 1900–2099, as far as two packages were compared and agree.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from lunar_python import Lunar

FIRST_YEAR, LAST_YEAR = 1900, 2099
NEAR = timedelta(days=30)


@cache
def spring_festival(year: int) -> date | None:
    """The first day of the lunar year that begins in ``year``; None outside the tables."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return date.fromisoformat(Lunar.fromYmd(year, 1, 1).getSolar().toYmd())


def shift_days(first: date, last: date) -> int | None:
    """By how many days the period goes back so that it lies to the Spring Festival of the year before as it lies to
    its own: 354, 355, 383, 384 or 385. None where it does not come within 30 days of one.

    Of two festivals (a long period) the one nearest to its middle.
    """
    middle = first + (last - first) / 2
    near = []
    for year in range(first.year, last.year + 2):
        own, before = spring_festival(year), spring_festival(year - 1)
        if own and before and first <= own + NEAR and last >= own - NEAR:
            near.append((abs(own - middle), (own - before).days))
    return min(near)[1] if near else None
