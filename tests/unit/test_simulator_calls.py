"""The calls of a day: the same for the same date, with the rhythm of day and week."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data_feeds.simulator.calls import CATEGORIES, CENTRE, KEY_SPOT, OTHER, CallPlan
from data_feeds.simulator.network import Streets
from tests.unit.simulated import a_city

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def plan():
    return CallPlan(a_city(), Streets(a_city().roads), 1, 1000, ZONE)


@pytest.fixture(scope="module")
def days(plan):
    return [plan.day(MONDAY + timedelta(days=k)) for k in range(14)]


def test_a_date_has_its_calls_whoever_asks(plan, days):
    again = CallPlan(a_city(), Streets(a_city().roads), 1, 1000, ZONE).day(MONDAY)
    for name in ("at_s", "node", "category", "dispatch_s", "ends_s"):
        assert np.array_equal(getattr(again, name), getattr(days[0], name))
    assert not np.array_equal(days[0].at_s[:50], days[7].at_s[:50] - 7 * 86_400)


def test_calls_lie_in_their_day_in_order(days):
    for day in days:
        midnight = np.floor((day.at_s + 8 * 3600) / 86_400) * 86_400 - 8 * 3600
        assert len(np.unique(midnight)) == 1
        assert (np.diff(day.at_s) >= 0).all()
        assert (day.ends_s > day.at_s).all()
        assert len({day.incident_id(k) for k in range(len(day))}) == len(day)


def test_there_is_a_rhythm(days):
    hours = np.concatenate([(day.at_s + 8 * 3600) % 86_400 // 3600 for day in days])
    night, evening = (hours == 3).sum(), (hours == 19).sum()
    assert evening > 3 * night > 0
    per_day = [len(day) for day in days]
    assert np.mean(per_day) == pytest.approx(1000, rel=0.05)
    assert per_day[5] + per_day[12] > per_day[2] + per_day[9] - 60  # Saturdays against Wednesdays


def test_traffic_has_its_hours(days):
    k = [c.word for c in CATEGORIES].index("traffic_accident")
    hours = np.concatenate([(d.at_s[d.category == k] + 8 * 3600) % 86_400 // 3600 for d in days])
    all_hours = np.concatenate([(d.at_s + 8 * 3600) % 86_400 // 3600 for d in days])
    assert (hours == 8).sum() / (all_hours == 8).sum() > 2 * (hours == 2).sum() / (all_hours == 2).sum()


def test_targets_are_largely_kept_by_plan(days):
    for place_class, target_s in ((KEY_SPOT, 60), (CENTRE, 180), (OTHER, 300)):
        there = [d.located_s + d.dispatch_s + d.turnout_s + d.travel_s for d in days]
        counted = [(d.place_class == place_class) & ~d.is_short for d in days]
        took_s = np.concatenate([t[which] for t, which in zip(there, counted, strict=True)])
        assert 0.85 < (took_s <= target_s).mean() < 0.99


def test_the_odd_ones_are_few_and_all_there(days):
    total = sum(map(len, days))
    for column, low, high in (("exercise", 0.01, 0.02), ("diverted", 0.08, 0.16)):
        assert low < sum(getattr(d, column).sum() for d in days) / total < high
    assert 0.02 < sum((~d.valid).sum() for d in days) / total < 0.05
    assert 0 < sum((d.repeats >= 0).sum() for d in days) < 0.1 * total
    assert 0 < sum((d.located_s > 0).sum() for d in days) < 0.07 * total
