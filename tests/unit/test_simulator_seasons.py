"""What moves a city's calls: the same for the same date, with seasons, feasts, rain and trends in sight."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.simulator import seasons
from data_feeds.simulator.calls import SHARES, WORDS

YEAR = [date(2026, 1, 1) + timedelta(days=k) for k in range(365)]


def times(of, word):
    return seasons.mood(of, 1, WORDS).times[WORDS.index(word)]


@given(st.dates(), st.integers(0, 2**31))
def test_every_day_has_a_mood(of, seed):
    mood = seasons.mood(of, seed, WORDS)
    again = seasons.mood(of, seed, WORDS)
    assert np.array_equal(mood.times, again.times)
    assert mood[1:] == again[1:]
    assert (mood.times > 0.05).all()
    assert (mood.times < 6).all()
    assert 0 <= mood.wet <= 1


def test_an_average_year_is_average():
    totals = [seasons.mood(of, 1, WORDS).times @ SHARES for of in YEAR]
    assert np.mean(totals) == pytest.approx(1.0, abs=0.03)
    assert np.std(totals) > 0.04


def test_spring_festival_empties_the_streets_and_lights_fires():
    assert seasons.from_new_year(date(2026, 2, 17)) == 0
    assert seasons.from_new_year(date(2025, 1, 28)) == -1
    assert seasons.from_new_year(date(2025, 12, 31)) == -48
    feast, before = date(2026, 2, 18), date(2026, 2, 9)
    assert times(feast, "traffic_accident") < 0.75 * times(before, "traffic_accident")
    assert times(feast, "fire") > 1.3 * times(before, "fire")
    assert times(date(2026, 2, 10), "gathering") > times(date(2026, 1, 10), "gathering")
    assert seasons.mood(feast, 1, WORDS).rest


def test_holidays_have_a_sundays_rhythm():
    assert seasons.first_of_holiday(date(2026, 10, 5)) == date(2026, 10, 1)
    assert seasons.first_of_holiday(date(2026, 10, 8)) is None
    assert seasons.first_of_holiday(date(2026, 9, 25)) == date(2026, 9, 25)  # the moon festival
    day = seasons.mood(date(2026, 10, 1), 1, WORDS)  # a Thursday
    assert (day.weekday, day.rest) == (seasons.SUNDAY, True)
    assert not seasons.mood(date(2026, 10, 8), 1, WORDS).rest


def test_summers_are_loud_and_winters_burn():
    assert times(date(2026, 7, 20), "noise") > times(date(2026, 12, 20), "noise")
    assert times(date(2026, 7, 20), "fire") < times(date(2026, 12, 20), "fire")


def test_it_rains_in_spells_and_most_in_summer():
    wet = np.array([seasons.wetness(of, 1) for of in YEAR + [of + timedelta(days=365) for of in YEAR]])
    months = np.array([of.month for of in YEAR] * 2)
    assert wet[months == 6].mean() > wet[months == 12].mean()
    rainy = wet > 0
    assert rainy[1:][rainy[:-1]].mean() > 1.3 * rainy.mean()


def test_trends_are_slow_and_end():
    def mean(word, year):
        return np.mean([times(date(year, 9, 1) + timedelta(days=k), word) for k in range(60)])

    assert 0.8 < mean("theft", 2026) / mean("theft", 2025) < 1.0
    assert 1.0 < mean("fraud", 2026) / mean("fraud", 2025) < 1.25
    far = [seasons.mood(date(year, 8, 9), 1, WORDS).times for year in (1, 9999)]
    assert all(np.isfinite(one).all() for one in far)
