"""The trend and its control limits, against plain pandas and against cities whose days are only chance."""

from datetime import date, timedelta
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from analytics.figures.request import Request
from analytics.figures.trend import Day, limits, usual
from data_feeds.history.query import Span
from tests.pandas_store import PandasStore
from tests.unit.figures.random_city import CHICAGO, at, city, counted, days_of, known, told

RAW = city(3)
STORE = PandasStore(RAW, CHICAGO)


def report_of(kind, day, now=None, store=STORE, raw=RAW):
    request = Request(kind, day, at(2025, 4, 1) if now is None else now, CHICAGO, parts=("trend",))
    return told(store, request, known(raw))


def daily(raw=RAW):
    own = days_of(raw)[counted(raw)]
    every = pd.date_range(days_of(raw).min(), days_of(raw).max()).date
    return own.value_counts().reindex(every, fill_value=0)


def hours_of(day):
    begin, end = (pd.Timestamp(one).tz_localize(CHICAGO) for one in (day, day + timedelta(days=1)))
    return (end - begin) / pd.Timedelta(hours=24)


@pytest.mark.parametrize(("kind", "day", "first", "count", "base"), [
    ("day", date(2025, 3, 20), date(2025, 2, 21), 28, 56), ("week", date(2025, 3, 20), date(2025, 2, 24), 28, 56),
    ("month", date(2025, 3, 20), date(2025, 3, 1), 31, 56), ("quarter", date(2025, 3, 20), date(2025, 1, 1), 90, 364),
])  # fmt: skip
def test_limits_are_those_of_the_days_before(kind, day, first, count, base):
    report = report_of(kind, day)
    days = daily()
    before = days[[first - timedelta(days=n) for n in range(base, 0, -1)]]
    frame = pd.DataFrame({"n": before.to_numpy(), "e": [hours_of(one) for one in before.index]})
    frame["weekday"] = [one.weekday() for one in before.index]
    weekday = frame.groupby("weekday").agg(n=("n", "sum"), e=("e", "sum"), k=("n", "size"))
    weekday["mean"] = weekday.n / weekday.e
    own = weekday.loc[frame.weekday].reset_index(drop=True)
    z = (frame.n / frame.e - own["mean"]) / np.sqrt(own["mean"] / frame.e * (1 - 1 / own.k))
    sigma = max(1.0, z.diff().abs().mean() / 1.128)
    assert [point.date for point in report.trend] == [first + timedelta(days=n) for n in range(count)]
    assert (report.limits.span, report.limits.days) == (Span(before.index[0], before.index[-1]), base)
    assert report.limits.dispersion == pytest.approx(sigma, abs=0.001)
    for point in report.trend:
        mean = weekday.loc[point.date.weekday(), "mean"] * hours_of(point.date)
        wide = 3 * sigma * sqrt(mean * (1 + 1 / weekday.loc[point.date.weekday(), "k"]))
        assert point.n == days[point.date]
        assert point.mean == pytest.approx(mean, abs=0.006)
        assert point.low == pytest.approx(max(0, mean - wide), abs=0.006)
        assert point.high == pytest.approx(mean + wide, abs=0.006)
        assert point.verdict == ("above" if point.n > mean + wide else "below" if point.n < mean - wide else "inside")
        assert point.lead == (point.date < report.period.first)


def test_what_happens_in_the_period_does_not_move_its_limits():
    crowd = pd.DataFrame({
        "incident_id": [f"X{n}" for n in range(300)], "version": 1, "call_received_ms": int(at(2025, 3, 18, 12)),
        "valid": True, "exercise": False, "diverted": False,
    })  # fmt: skip
    raw = pd.concat([RAW, crowd], ignore_index=True)
    calm = report_of("month", date(2025, 3, 1))
    crowded = report_of("month", date(2025, 3, 1), store=PandasStore(raw, CHICAGO))
    told_limits = [[(one.mean, one.low, one.high) for one in report.trend] for report in (calm, crowded)]
    assert told_limits[0] == told_limits[1]
    assert crowded.trend[17].verdict == "above"
    assert calm.trend[17].verdict == "inside"


def test_a_day_under_way_has_no_verdict_and_comes_last():
    report = report_of("month", date(2025, 3, 1), at(2025, 3, 20, 10))
    last = report.trend[-1]
    assert (last.date, last.partial, last.verdict, last.mean) == (date(2025, 3, 20), True, None, None)
    assert [point.date for point in report.trend if point.partial] == [last.date]


def test_days_with_long_gaps_are_neither_judged_nor_a_measure():
    gaps = [(at(2025, 3, 10), at(2025, 3, 12), "recorder"), (at(2025, 2, 3), at(2025, 2, 6), "silence"),
            (at(2025, 3, 20, 1), at(2025, 3, 20, 2), "recorder")]  # fmt: skip
    report = report_of("month", date(2025, 3, 1), store=PandasStore(RAW, CHICAGO, gaps=gaps))
    assert report.limits.days == 53
    assert [(one.gap, one.verdict) for one in report.trend[9:11]] == [(True, None)] * 2
    # an hour of a day is marked; what is expected of the rest is less by as much
    short, usual_day = report.trend[19], report.trend[12]
    assert short.gap
    assert short.verdict == "inside"
    assert short.mean / 23 == pytest.approx(report.trend[26].mean / 24, abs=0.01)
    assert not usual_day.gap


def test_too_few_days_before_give_no_limits():
    first = days_of(RAW).min()
    report = report_of("month", first)
    assert report.trend[0].date == first
    assert {point.verdict for point in report.trend} == {None}
    assert (report.limits.span, report.limits.days) == (None, 0)


def test_few_incidents_are_said_to_be_few():
    raw = RAW.iloc[::20].reset_index(drop=True)
    report = report_of("month", date(2025, 3, 1), store=PandasStore(raw, CHICAGO), raw=raw)
    assert {point.verdict for point in report.trend} == {"few"}


def chance(rng, days, mean, spread=1.0):
    rates = np.full(days, mean) if spread == 1 else rng.gamma(mean / (spread - 1), spread - 1, days)
    start = date(2025, 1, 6)
    return [
        Day(start + timedelta(days=n), int(count), 1.0, 1.0, False, False) for n, count in enumerate(rng.poisson(rates))
    ]


@pytest.mark.parametrize("spread", [1.0, 4.0])
def test_mere_chance_seldom_leaves_the_limits(spread):
    rng = np.random.default_rng(7)
    outside = []
    for _ in range(150):
        days = chance(rng, 56 + 28, 100.0, spread)
        means, sigma = usual(days[:56])
        for day in days[56:]:
            _, low, high = limits(means[day.date.weekday()], 1.0, sigma)
            outside.append(not low <= day.n <= high)
    # three sigma: 0.3 % of normal values; sigma itself is known from eight weeks only
    assert np.mean(outside) < 0.012


def test_a_doubled_day_leaves_them():
    days = chance(np.random.default_rng(8), 56, 100.0)
    means, sigma = usual(days)
    _, low, high = limits(means[0], 1.0, sigma)
    assert high < 200
    assert low > 50
