"""What a period is compared with: like parts, before it, apart from each other, and honest where there is none."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.comparators import comparators, lengths_differ
from analytics.figures.request import COMPARATORS, Context, KeyDate, Request
from analytics.lunar import spring_festival
from analytics.periods import ONE, length, period_of, whole
from data_feeds.history.query import Span

KINDS = ["day", "week", "month", "quarter", "year", "key"]
days = st.dates(date(1970, 1, 1), date(2090, 12, 31))


def compared(kind, day, now_day=date(2099, 1, 1), minute=0, lunar=False, key_dates=(), wanted=COMPARATORS):
    """period, {comparator: candidate}; ``now_day`` at ``minute`` is now."""
    now = datetime(now_day.year, now_day.month, now_day.day, tzinfo=ZoneInfo("UTC")) + timedelta(minutes=minute)
    request = Request(kind, day, now.timestamp() * 1000.0, "UTC", comparators=wanted, lunar=lunar)
    context = Context(first=date(1902, 1, 1), last=date(2099, 1, 1), key_dates=key_dates)
    period = period_of(request, context)
    return period, {one.id: one for one in comparators(period, request, context)}


def any_period(kind, day, data):
    """A period of any kind around ``day``, over or under way."""
    length_days = data.draw(st.integers(0, 40)) if kind == "key" else 0
    key_dates = (KeyDate("A fair", day, day + timedelta(days=length_days)),) if kind == "key" else ()
    first, last = (day, day + timedelta(days=length_days)) if kind == "key" else whole(kind, day)
    if data.draw(st.booleans()):
        return compared(kind, day, key_dates=key_dates)
    reached = first + timedelta(days=data.draw(st.integers(0, (last - first).days)))
    return compared(kind, first, reached, data.draw(st.integers(0, 1439)), key_dates=key_dates)


@given(st.sampled_from(KINDS), days, st.data())
@settings(max_examples=300)
def test_comparators_lie_before_the_period_and_apart_from_each_other(kind, day, data):
    period, found = any_period(kind, day, data)
    assert list(found) == list(COMPARATORS)
    for one in found.values():
        assert len(one.spans) == len(set(one.spans))
        ordered = sorted(one.spans, key=lambda span: span.first)
        for span, after in zip(ordered, [*ordered[1:], Span(period.first, period.last)], strict=True):
            assert span.first <= span.last < after.first
    assert [len(found[name].spans) for name in ("previous", "weekdays4", "weekdays8")] == [1, 4, 8]
    assert found["weekdays8"].spans[:4] == found["weekdays4"].spans


@given(st.sampled_from(KINDS), days)
def test_the_period_before_ends_the_day_before(kind, day):
    key_dates = (KeyDate("A fair", day, day + timedelta(days=day.toordinal() % 20)),)
    period, found = compared(kind, day, key_dates=key_dates)
    span = found["previous"].spans[0]
    assert span.last == period.first - ONE
    if kind != "key":
        assert (span.first, span.last) == whole(kind, period.first - ONE)
    else:
        assert length(span) == length(period.span)


@given(st.sampled_from(["month", "quarter", "year"]), days)
def test_last_like_periods_are_whole_and_tile(kind, day):
    period, found = compared(kind, day)
    edge = period.first
    for span in found["weekdays8"].spans:
        assert (span.first, span.last) == whole(kind, edge - ONE)
        edge = span.first


@given(st.sampled_from(["day", "week", "key"]), days, st.data())
def test_days_weeks_and_key_dates_keep_their_length_and_weekdays(kind, day, data):
    period, found = any_period(kind, day, data)
    for span in (*found["previous"].spans, *found["weekdays8"].spans):
        assert length(span) == length(period.span)
        assert span.until_minute == period.until_minute
    assert {span.first.weekday() for span in found["weekdays8"].spans} == {period.first.weekday()}


@given(st.sampled_from(["month", "quarter", "year"]), days, st.data())
@settings(max_examples=300)
def test_so_far_is_beside_the_same_part_or_the_whole_of_a_shorter_one(kind, day, data):
    period, found = any_period(kind, day, data)
    if period.complete:
        return
    for span in (*found["previous"].spans, *found["weekdays8"].spans):
        first, last = whole(kind, span.first)
        assert span.first == first
        if length(period.span) <= (last - first).days + 1:
            assert length(span) == length(period.span)
            assert span.until_minute == period.until_minute
        else:
            assert span == Span(first, last)
            assert lengths_differ(period, [span])


@given(st.sampled_from(["day", "month", "quarter", "year"]), days, st.data())
@settings(max_examples=300)
def test_a_year_before_has_the_same_dates(kind, day, data):
    period, found = any_period(kind, day, data)
    one = found["last_year"]
    if kind == "day" and (day.month, day.day) == (2, 29):
        assert (one.spans, one.why) == ((), ("absent",))
        return
    (span,) = one.spans
    assert span.first == period.first.replace(year=period.first.year - 1)
    if period.complete and kind != "day":
        assert (span.first, span.last) == whole(kind, span.first)
    elif (period.reached.month, period.reached.day) == (2, 29):
        assert span == Span(span.first, date(period.reached.year - 1, 2, 28))
    else:
        assert span.last == period.reached.replace(year=period.reached.year - 1)
        assert span.until_minute == period.until_minute


@given(days, st.data())
@settings(max_examples=300)
def test_a_week_is_beside_the_iso_week_of_its_number(day, data):
    period, found = any_period("week", day, data)
    one = found["last_year"]
    (span,) = one.spans
    year, week, _ = period.first.isocalendar()
    assert span.first.weekday() == 0
    assert length(span) == length(period.span)
    if one.why == ("week53",):
        # that year ends with its week 52: 28 December always lies in the last one
        assert week == 53
        assert date(year - 1, 12, 28).isocalendar()[1] == 52
        assert span.first == period.first - timedelta(weeks=52)
    else:
        assert span.first.isocalendar()[:2] == (year - 1, week)


def test_week_53():
    _, found = compared("week", date(2020, 12, 30))
    assert found["last_year"].spans == (Span(date(2019, 12, 30), date(2020, 1, 5)),)
    assert found["last_year"].why == ("week53",)
    assert compared("week", date(2021, 12, 29))[1]["last_year"].spans[0] == Span(date(2020, 12, 21), date(2020, 12, 27))


def test_the_31st_against_a_shorter_month_says_so():
    period, found = compared("month", date(2025, 3, 1), date(2025, 3, 31), 600)
    assert found["previous"].spans == (Span(date(2025, 2, 1), date(2025, 2, 28)),)
    assert lengths_differ(period, found["previous"].spans)
    assert found["last_year"].spans == (Span(date(2024, 3, 1), date(2024, 3, 31), 600),)
    assert not lengths_differ(period, found["last_year"].spans)
    # up to the 28th both are parts
    assert compared("month", date(2025, 3, 1), date(2025, 3, 28), 600)[1]["previous"].spans[0].until_minute == 600


def test_a_leap_year_so_far():
    _, found = compared("year", date(2024, 1, 1), date(2024, 3, 15), 600)
    # the period before: as many days; the year before: the same dates
    assert found["previous"].spans == (Span(date(2023, 1, 1), date(2023, 3, 16), 600),)
    assert found["last_year"].spans == (Span(date(2023, 1, 1), date(2023, 3, 15), 600),)
    assert compared("month", date(2024, 2, 1))[1]["last_year"].spans == (Span(date(2023, 2, 1), date(2023, 2, 28)),)
    assert compared("month", date(2025, 2, 1))[1]["last_year"].spans == (Span(date(2024, 2, 1), date(2024, 2, 29)),)


@given(st.sampled_from(["day", "week", "month"]), st.dates(date(1972, 1, 1), date(2090, 1, 1)), st.data())
@settings(max_examples=200)
def test_by_the_lunar_calendar_the_festival_lies_in_the_same_place(kind, day, data):
    festival = spring_festival(day.year)
    near = festival + timedelta(days=data.draw(st.integers(-30, 30)))
    period, found = compared(kind, near, lunar=True)
    one = found["last_year"]
    (span,) = one.spans
    assert one.aligned == "lunar"
    assert length(span) == length(period.span)
    assert period.first - festival == span.first - spring_festival(festival.year - 1)


def test_the_lunar_calendar_rules_only_when_it_is_wanted_and_near():
    assert compared("day", date(2025, 1, 29))[1]["last_year"].aligned is None
    assert compared("day", date(2025, 1, 29), lunar=True)[1]["last_year"].spans == (
        Span(date(2024, 2, 10), date(2024, 2, 10)),
    )
    assert compared("month", date(2025, 6, 1), lunar=True)[1]["last_year"].aligned is None
    for long in ("quarter", "year"):
        assert compared(long, date(2025, 1, 29), lunar=True)[1]["last_year"].aligned is None


class TestKeyDates:
    FESTIVALS = (
        KeyDate("春节 2024", date(2024, 2, 10), date(2024, 2, 17)),
        KeyDate("春节 2025", date(2025, 1, 28), date(2025, 2, 4)),
        KeyDate("Marathon", date(2025, 11, 2), date(2025, 11, 2)),
    )

    def test_the_year_before_is_the_one_of_the_same_name(self):
        _, found = compared("key", date(2025, 2, 1), key_dates=self.FESTIVALS)
        assert found["last_year"].aligned == "named"
        assert found["last_year"].spans == (Span(date(2024, 2, 10), date(2024, 2, 17)),)

    def test_without_one_the_same_dates(self):
        _, found = compared("key", date(2025, 11, 2), key_dates=self.FESTIVALS)
        assert found["last_year"].aligned is None
        assert found["last_year"].spans == (Span(date(2024, 11, 2), date(2024, 11, 2)),)

    def test_eight_days_go_back_by_two_weeks(self):
        _, found = compared("key", date(2025, 2, 1), key_dates=self.FESTIVALS)
        assert [span.first for span in found["weekdays4"].spans] == [
            date(2025, 1, 28) - timedelta(weeks=2 * back) for back in (1, 2, 3, 4)
        ]


def test_only_wanted_ones_each_once():
    _, found = compared("day", date(2025, 3, 1), wanted=("last_year", "previous", "last_year"))
    assert list(found) == ["last_year", "previous"]


@pytest.mark.parametrize("kind", KINDS[:5])
def test_the_oldest_year_that_may_be_asked_for_has_comparators(kind):
    period_of(Request(kind, date(1902, 1, 1), 0.0, "UTC"), Context(first=date(1902, 1, 1)))
    assert compared(kind, date(1902, 1, 1))[1]
