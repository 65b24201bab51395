"""Periods of business days: they tile the calendar and the clock, and say how far they have come."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import periods
from analytics.figures.request import Context, KeyDate, Request
from analytics.figures.result import OddHour
from analytics.periods import ONE, PeriodError, begin_ms, bounds_ms, business_day, each_day, odd_hours, period_of, whole
from data_feeds.history.query import Span

CHICAGO = ZoneInfo("America/Chicago")
ZONES = ["America/Chicago", "Asia/Shanghai", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC"]
KINDS = ["day", "week", "month", "quarter", "year"]
PANDAS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
HOLIDAYS = (
    KeyDate("National Day 2024", date(2024, 10, 1), date(2024, 10, 7)),
    KeyDate("National Day 2025", date(2025, 10, 1), date(2025, 10, 8)),
    KeyDate("Mid-Autumn 2025", date(2025, 10, 6), date(2025, 10, 6)),
)
LONG_AGO = Context(first=date(1950, 1, 1), last=date(2150, 1, 1), key_dates=HOLIDAYS)
days = st.dates(date(1960, 1, 1), date(2100, 12, 31))
starts = st.sampled_from([0, 1, 30, 480, 1439])


def ms(*wall, zone=CHICAGO):
    return datetime(*wall, tzinfo=zone).timestamp() * 1000.0


def asked(kind, day, now_ms, zone="America/Chicago", context=LONG_AGO, **more):
    return period_of(Request(kind, day, now_ms, zone, **more), context)


@given(st.sampled_from(KINDS), days)
def test_periods_tile_the_calendar(kind, day):
    first, last = whole(kind, day)
    assert first <= day <= last
    assert whole(kind, first) == whole(kind, last) == (first, last)
    assert whole(kind, last + ONE)[0] == last + ONE
    assert whole(kind, first - ONE)[1] == first - ONE


@given(st.sampled_from(KINDS), days)
def test_periods_are_those_of_pandas(kind, day):
    usual = pd.Timestamp(day).to_period(PANDAS[kind])
    assert whole(kind, day) == (usual.start_time.date(), usual.end_time.date())


@given(days)
def test_a_week_is_an_iso_week(day):
    first, last = whole("week", day)
    assert {one.isocalendar()[:2] for one in each_day(Span(first, last))} == {day.isocalendar()[:2]}


@given(st.sampled_from(ZONES), starts, st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1)))
@settings(max_examples=300)
def test_the_business_day_is_the_date_of_the_clock_less_the_start(zone, start, moment):
    instant = moment.replace(tzinfo=UTC)
    wall = pd.Timestamp(instant).tz_convert(zone).tz_localize(None) - pd.Timedelta(minutes=start)
    found = business_day(instant.timestamp() * 1000.0, ZoneInfo(zone), start)
    assert found == (wall.date(), wall.hour * 60 + wall.minute)


@given(st.sampled_from(ZONES), starts, st.dates(date(1980, 1, 1), date(2037, 1, 1)), st.integers(1, 500))
@settings(max_examples=200)
def test_days_tile_time_whatever_the_clocks_do(zone, start, first, count):
    zone = ZoneInfo(zone)
    inside = first + timedelta(days=count // 2)
    begin, end = bounds_ms(Span(first, first + timedelta(days=count)), zone, start)
    assert begin_ms(inside + ONE, zone, start) == bounds_ms(Span(inside, inside), zone, start)[1]
    assert begin <= begin_ms(inside, zone, start) < end
    # a day begins on itself and the moment before belongs to the day before
    assert business_day(begin, zone, start)[0] == first
    assert business_day(begin - 1, zone, start)[0] == first - ONE


@given(st.sampled_from(ZONES), st.sampled_from(KINDS), starts, st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1)))
@settings(max_examples=200)
def test_so_far_goes_to_this_minute_and_holds_what_was_and_nothing_that_comes(zone, kind, start, moment):
    now = moment.replace(tzinfo=UTC).timestamp() * 1000.0
    today, minute = business_day(now, ZoneInfo(zone), start)
    period = asked(kind, today, now, zone, day_start_minute=start)
    assert (period.complete, period.reached, period.until_minute) == (False, today, minute)
    assert period.span == Span(period.first, today, minute)
    # where a minute comes twice the first is meant: the period may end an hour early, never late
    assert bounds_ms(period.span, ZoneInfo(zone), start)[1] <= now
    before = asked(kind, period.first - ONE, now, zone, day_start_minute=start)
    assert before.complete
    assert before.span == Span(before.first, period.first - ONE)


@given(st.sampled_from(KINDS), days, st.integers(1, 400))
def test_what_begins_after_today_is_no_period_yet(kind, day, ahead):
    later = whole(kind, day)[1] + timedelta(days=ahead)
    with pytest.raises(PeriodError, match="future") as caught:
        asked(kind, later, ms(day.year, day.month, day.day, 12))
    assert caught.value.code == "future"


def test_a_period_is_complete_when_its_last_business_day_is_over():
    april_first = ms(2025, 4, 1)
    assert asked("month", date(2025, 3, 15), april_first).complete
    still = asked("month", date(2025, 3, 15), april_first, day_start_minute=480)
    assert (still.complete, still.reached, still.until_minute) == (False, date(2025, 3, 31), 960)
    assert asked("month", date(2025, 3, 15), ms(2025, 4, 1, 8), day_start_minute=480).complete


def test_what_cannot_be_told_says_why():
    now = ms(2025, 3, 15, 12)
    records = Context(first=date(2024, 6, 10), last=date(2025, 3, 15))
    for kind, day, context, code in (
        ("month", date(2024, 5, 31), records, "before"),
        ("day", date(2025, 3, 15), Context(), "empty"),
        ("day", date(1, 1, 1), records, "range"),
        ("year", date.max, records, "range"),
    ):
        with pytest.raises(PeriodError) as caught:
            asked(kind, day, now, context=context)
        assert caught.value.code == code
        assert str(caught.value)
    # a month in which the records begin is told, in part
    assert asked("month", date(2024, 6, 1), now, context=records).first == date(2024, 6, 1)


class TestKeyDates:
    def test_a_name_or_a_day_inside_is_enough(self):
        now = ms(2026, 1, 1)
        by_name = asked("key", date(2025, 10, 2), now, key="National Day 2025")
        assert (by_name.first, by_name.last) == (date(2025, 10, 1), date(2025, 10, 8))
        assert by_name.name == "National Day 2025"
        assert asked("key", date(2025, 10, 2), now) == by_name
        # of several the shortest: it says most about the day
        assert asked("key", date(2025, 10, 6), now).name == "Mid-Autumn 2025"

    @pytest.mark.parametrize(("key", "day"), [("Carnival", date(2025, 10, 2)), ("National Day 2025", date(2025, 9, 2)),
                                              ("", date(2025, 9, 2))])  # fmt: skip
    def test_others_are_refused_and_the_known_named(self, key, day):
        with pytest.raises(PeriodError, match="National Day 2025") as caught:
            asked("key", day, ms(2026, 1, 1), key=key)
        assert caught.value.code == "key"

    @pytest.mark.parametrize(("name", "other"), [("National Day 2024", "National Day 2025"), ("2024国庆", "2025年国庆"),
                                                 ("春节 2024", "春节2025年")])  # fmt: skip
    def test_names_of_different_years_are_one(self, name, other):
        assert periods.stem(name) == periods.stem(other)


class TestOddHours:
    def test_an_hour_that_never_comes_and_one_that_comes_twice(self):
        year = Span(date(2024, 1, 1), date(2024, 12, 31))
        assert odd_hours(year, CHICAGO) == [OddHour(date(2024, 3, 10), 2, 0), OddHour(date(2024, 11, 3), 1, 2)]
        assert odd_hours(year, ZoneInfo("Asia/Shanghai")) == []

    def test_they_belong_to_the_business_day(self):
        assert odd_hours(Span(date(2024, 3, 9), date(2024, 3, 9)), CHICAGO, 480) == [OddHour(date(2024, 3, 9), 2, 0)]

    @given(st.sampled_from(ZONES), starts, st.dates(date(1990, 1, 1), date(2036, 1, 1)))
    def test_hours_add_up_to_the_length_of_the_day(self, zone, start, day):
        begin, end = bounds_ms(Span(day, day), ZoneInfo(zone), start)
        odd = odd_hours(Span(day, day), ZoneInfo(zone), start)
        length_h = (end - begin) / 3_600_000.0
        if length_h == int(length_h) and start % 60 == 0:
            assert 24 + sum(one.times - 1 for one in odd) == length_h
