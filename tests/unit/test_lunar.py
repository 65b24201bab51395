"""Spring Festival against the dates that were celebrated, and how periods go back by it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.lunar import shift_days, spring_festival

CELEBRATED = {  # as announced each year by the State Council's notices of public holidays
    2010: (2, 14), 2011: (2, 3), 2012: (1, 23), 2013: (2, 10), 2014: (1, 31), 2015: (2, 19), 2016: (2, 8),
    2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22),
    2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
}  # fmt: skip


@pytest.mark.parametrize(("year", "day"), CELEBRATED.items())
def test_the_festival_is_when_it_was(year, day):
    assert spring_festival(year) == date(year, *day)


def test_outside_the_tables_nothing_is_claimed():
    assert spring_festival(1899) is None
    assert spring_festival(2100) is None
    assert shift_days(date(1900, 2, 1), date(1900, 2, 1)) is None


@given(st.dates(date(1902, 1, 1), date(2098, 12, 31)), st.integers(0, 45))
def test_only_near_the_festival_and_to_the_same_distance_from_it(first, length):
    last = first + timedelta(days=length)
    near = [
        year
        for year in range(first.year - 1, last.year + 2)
        if (own := spring_festival(year)) and first <= own + timedelta(days=30) and last >= own - timedelta(days=30)
    ]
    days = shift_days(first, last)
    assert (days is None) == (not near)
    if near:
        assert days in (353, 354, 355, 383, 384, 385)
        own, before = spring_festival(near[0]), spring_festival(near[0] - 1)
        assert (first - own) == (first - timedelta(days=days)) - before


@pytest.mark.parametrize(("day", "days"), [(date(2025, 1, 29), 354), (date(2024, 2, 10), 384), (date(2025, 2, 28), 354),
                                           (date(2025, 3, 1), None), (date(2024, 12, 30), 354),
                                           (date(2024, 12, 29), None)])  # fmt: skip
def test_thirty_days_before_and_after(day, days):
    assert shift_days(day, day) == days
