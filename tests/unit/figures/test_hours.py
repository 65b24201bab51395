"""The 24-hour line with its band, and hour by weekday, against plain pandas."""

from datetime import date

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.figures.hours import band, expected_band
from analytics.figures.request import Request
from analytics.figures.result import OddHour, Report
from data_feeds.history.query import Span
from tests.pandas_store import PandasStore
from tests.unit.figures.random_city import CHICAGO, at, business, city, counted, days_of, inside, known, told

RAW = city(2)
STORES = {start: PandasStore(RAW, CHICAGO, start) for start in (0, 480)}
HOURS = {start: (business(RAW, start=start).dt.hour + start // 60) % 24 for start in STORES}


def report_of(kind, day, now=None, start=0, store=None):
    now = at(2025, 4, 1) if now is None else now
    request = Request(kind, day, now, CHICAGO, day_start_minute=start, parts=("hours", "rhythm"))
    return told(store or STORES[start], request, known(RAW, start=start))


def hourly(days, start=0):
    """24 rows of incidents by hour of the clock, a column each of ``days``."""
    own = days_of(RAW, start=start)
    tables = [HOURS[start][counted(RAW) & (own == day)].value_counts() for day in days]
    return np.array([[int(table.get(hour, 0)) for table in tables] for hour in range(24)])


@pytest.mark.parametrize("start", [0, 480])
@pytest.mark.parametrize("day", [date(2025, 3, 8), date(2025, 1, 1)])
def test_the_line_and_the_spread_of_the_last_eight_same_weekdays(day, start):
    report = report_of("day", day, start=start)
    weekdays = [stamp.date() for stamp in pd.date_range(end=pd.Timestamp(day), periods=9, freq="7D")][:-1]
    own, before = hourly([day], start)[:, 0], hourly(weekdays, start)
    assert [hour.hour for hour in report.hours] == [(start // 60 + n) % 24 for n in range(24)]
    assert report.band.method == "percentiles"
    for hour in report.hours:
        assert hour.n == own[hour.hour]
        # of eight values the 10th and 90th percentile, by rank p(k + 1), are the least and the most
        assert (hour.low, hour.high) == (before[hour.hour].min(), before[hour.hour].max())
        assert hour.mean == pytest.approx(before[hour.hour].mean(), abs=0.006)
    assert sum(hour.n for hour in report.hours) == report.total.n


def test_a_day_under_way_has_hours_that_have_not_come_and_a_whole_band():
    report = report_of("day", date(2025, 3, 15), at(2025, 3, 15, 10, 20))
    hours = {hour.hour: hour for hour in report.hours}
    assert [hours[n].n is None for n in (0, 9, 10, 11, 23)] == [False, False, False, True, True]
    assert [n for n in hours if hours[n].partial] == [10]
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    assert all(hour.high is not None for hour in report.hours)
    before = hourly([date(2025, 3, 8)])[23, 0]
    assert hours[23].low <= before <= hours[23].high


def test_of_a_day_that_has_just_begun_no_hour_has_come():
    report = report_of("day", date(2025, 3, 15), at(2025, 3, 15))
    assert report.period.until_minute == 0
    assert {hour.n for hour in report.hours} == {None}
    assert {value for row in report.rhythm.mean for value in row} == {None}
    assert report.rhythm.days == [0] * 7
    assert report.total.n == 0


def test_a_month_has_the_hours_of_eight_months():
    report = report_of("month", date(2025, 2, 1))
    clock = business(RAW)
    usual = counted(RAW)
    months = [(f"2024-{month:02}-01", f"2024-{month + 1:02}-01") for month in range(6, 12)]
    months += [("2024-12-01", "2025-01-01"), ("2025-01-01", "2025-02-01")]
    for hour in report.hours:
        counts = [int((usual & (clock >= a) & (clock < b) & (clock.dt.hour == hour.hour)).sum()) for a, b in months]
        assert (hour.low, hour.high) == (min(counts), max(counts))


def test_days_with_a_gap_are_no_measure_and_few_days_have_a_model():
    store = PandasStore(RAW, CHICAGO, gaps=[(at(2025, 3, 1), at(2025, 3, 2), "recorder")])
    report = report_of("day", date(2025, 3, 8), store=store)
    assert (report.band.method, report.band.k) == ("model", 7)
    assert all(hour.low <= hour.high for hour in report.hours)
    none = report_of("day", days_of(RAW).min())
    assert (none.band.method, none.hours[0].low, none.hours[0].mean) == ("none", None, None)


def test_a_day_with_changed_clocks_counts_its_hours_as_they_were_and_says_so():
    spring = report_of("day", date(2024, 3, 10))
    assert spring.hours[2].n == 0
    assert OddHour(date(2024, 3, 10), 2, 0) in spring.data.odd_hours
    autumn = report_of("day", date(2024, 11, 3))
    assert autumn.hours[1].n == hourly([date(2024, 11, 3)])[1, 0]
    assert OddHour(date(2024, 11, 3), 1, 2) in autumn.data.odd_hours
    assert "clock" in autumn.total.against["previous"].why


class TestBand:
    @given(st.integers(8, 40), st.floats(0.5, 60), st.integers(0, 2**31))
    @settings(max_examples=60)
    def test_many_values_have_percentiles_by_rank(self, k, mean, seed):
        counts = np.random.default_rng(seed).poisson(mean, (3, k)).astype(float)
        low, high, middle, method = band(counts)
        assert method == "percentiles"
        for row, at_low, at_high, at_middle in zip(counts, low, high, middle, strict=True):
            ordered = np.sort(row)
            for share, found in ((0.1, at_low), (0.9, at_high)):
                place = min(max(share * (k + 1), 1), k)
                below, above = ordered[int(place) - 1], ordered[min(int(place), k - 1)]
                assert found == pytest.approx(below + (place - int(place)) * (above - below), abs=0.006)
            assert at_middle == pytest.approx(row.mean(), abs=0.006)

    @pytest.mark.parametrize(("k", "mean", "spread"), [(1, 12.0, 1.0), (3, 5.0, 1.0), (4, 30.0, 3.0), (7, 2.0, 1.0)])
    def test_the_model_holds_eight_of_ten_of_what_comes_next(self, k, mean, spread):
        rng = np.random.default_rng(5)
        held = []
        for _ in range(400):
            # 24 hours alike; gamma-mixed where days differ by more than chance
            rates = np.full((24, k + 1), mean)
            if spread > 1:
                rates = rng.gamma(mean / (spread - 1), spread - 1, (24, k + 1))
            counts = rng.poisson(rates)
            low, high = expected_band(counts[:, :k].astype(float))
            held.append(((low <= counts[:, k]) & (counts[:, k] <= high)).mean())
        # counts are whole: a band of whole numbers holds a little more
        assert 0.78 <= np.mean(held) <= 0.93

    def test_percentiles_of_eight_hold_78_of_100(self):
        counts = np.random.default_rng(6).normal(100, 10, (20_000, 9))
        low, high, _, _ = band(counts[:, :8])
        assert np.mean((low <= counts[:, 8]) & (counts[:, 8] <= high)) == pytest.approx(7 / 9, abs=0.02)

    def test_hours_that_never_had_any_allow_one(self):
        low, high = expected_band(np.zeros((24, 3)))
        assert set(low) == {0.0}
        assert set(high) <= {0.0, 1.0}


class TestRhythm:
    @given(
        st.sampled_from(["day", "week", "month", "quarter", "year"]), st.dates(date(2024, 1, 1), date(2025, 3, 31)),
        st.sampled_from([0, 480]), st.integers(0, 1439),
    )  # fmt: skip
    @settings(max_examples=30)
    def test_counts_and_days_are_those_of_a_calendar(self, kind, day, start, minute):
        now = at(day.year, day.month, day.day, minute // 60, minute % 60)
        if minute < start:
            return
        report = report_of(kind, day, now, start)
        clock = business(RAW, start=start)
        own = counted(RAW) & inside(clock, report.period.span)
        table = pd.crosstab(clock[own].dt.day_of_week, HOURS[start][own])
        table = table.reindex(index=range(7), columns=range(24), fill_value=0)
        assert report.rhythm.counts == table.to_numpy().tolist()
        # minute by minute through the calendar, as the clock would show it
        minutes = pd.date_range(report.period.first, pd.Timestamp(report.period.reached) + pd.Timedelta(days=1),
                                freq="min", inclusive="left")  # fmt: skip
        if report.period.until_minute is not None:
            end = pd.Timestamp(report.period.reached) + pd.Timedelta(minutes=report.period.until_minute)
            minutes = minutes[minutes < end]
        passed = pd.crosstab(minutes.day_of_week, (minutes.hour + start // 60) % 24) / 60
        passed = passed.reindex(index=range(7), columns=range(24), fill_value=0).to_numpy()
        assert np.allclose(report.rhythm.exposure, passed, atol=1e-4)
        days = minutes.normalize().unique().day_of_week.value_counts()
        assert report.rhythm.days == [int(days.get(weekday, 0)) for weekday in range(7)]
        for weekday in range(7):
            for hour in range(24):
                mean = report.rhythm.mean[weekday][hour]
                if mean is not None:
                    assert mean == pytest.approx(table.loc[weekday, hour] / passed[weekday, hour], abs=0.002)

    def test_hours_that_were_not_recorded_are_no_days(self):
        gap = (at(2025, 3, 11, 6, 15), at(2025, 3, 12, 3), "recorder")
        report = report_of("week", date(2025, 3, 12), store=PandasStore(RAW, CHICAGO, gaps=[gap]))
        tuesday, wednesday = report.rhythm.exposure[1], report.rhythm.exposure[2]
        assert (tuesday[5], tuesday[6], tuesday[7], tuesday[23]) == (1.0, 0.25, 0.0, 0.0)
        assert (wednesday[2], wednesday[3]) == (0.0, 1.0)
        assert report.rhythm.mean[1][7] is None
        assert report.rhythm.days == [1] * 7

    @pytest.mark.parametrize(("sunday", "hour"), [(date(2024, 3, 10), 2), (date(2024, 11, 3), 1)])
    def test_an_unrecorded_day_takes_one_of_each_hour_though_clocks_skip_or_repeat_one(self, sunday, hour):
        gap = (at(sunday.year, sunday.month, sunday.day), at(sunday.year, sunday.month, sunday.day + 1), "recorder")
        report = report_of("month", sunday, store=PandasStore(RAW, CHICAGO, gaps=[gap]))
        exposure = report.rhythm.exposure[6]
        assert exposure[hour] == exposure[12] == report.rhythm.days[6] - 1


def test_the_query_of_the_rows_is_told():
    report = report_of("day", date(2025, 3, 8))
    assert report.about["hours"].rows.span == Span(date(2025, 3, 8), date(2025, 3, 8))
    assert report.about["hours"].narrow == "hours"
