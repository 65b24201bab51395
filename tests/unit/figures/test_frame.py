"""Gaps, recorded time and the ends of the records."""

from datetime import date
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures.frame import Marks, frame
from analytics.figures.request import Context, Request
from tests.unit.figures.random_city import CHICAGO, at

COLUMNS = {"span": pa.int32(), "begin_ms": pa.int64(), "end_ms": pa.int64(), "how": pa.string()}
RECORDS = Context(first=date(2024, 1, 1), last=date(2025, 4, 1), n=45_000, data_time_ms=at(2025, 4, 1))
HOUR_MS = 3_600_000


def gaps(rows):
    return pa.table({
        name: pa.array([row[n] for row in rows], kind) for n, (name, kind) in enumerate(COLUMNS.items())
    })  # fmt: skip


def no_gaps():
    return gaps([])


def marks_of(rows=(), context=RECORDS, kind="day", day=date(2025, 3, 15), now=None, first_minute=0):
    request = Request(kind, day, at(2025, 4, 1) if now is None else now, CHICAGO, parts=("by",))
    return Marks(frame(request, context), gaps(list(rows)), first_minute)


@given(st.lists(st.tuples(st.integers(-5, 30), st.integers(0, 12))))
def test_what_is_missing_is_the_union_of_all_gaps(hours):
    begin = int(at(2025, 3, 15))
    marks = marks_of([(0, begin + a * HOUR_MS, begin + (a + n) * HOUR_MS, "recorder") for a, n in hours])
    missing = {hour for a, n in hours for hour in range(a, a + n) if 0 <= hour < 24}
    assert marks.spans[0].recorded == pytest.approx(1 - len(missing) / 24)
    assert marks.spans[0].hollow == (len(missing) > 2.4)
    # told one after the other, none twice
    told = marks.spans[0].gaps
    assert all(gap.end_ms <= after.begin_ms for gap, after in pairwise(told))
    assert sum(gap.end_ms - gap.begin_ms for gap in told) == len(missing) * HOUR_MS


def test_the_records_seldom_begin_with_their_first_day():
    # the second day of records, which began at 15:00 of the first
    whole = marks_of(day=date(2024, 1, 2), first_minute=20)
    assert whole.against([30] * len(whole.spans))["previous"].change is not None
    part = marks_of(day=date(2024, 1, 2), first_minute=900)
    beside = part.against([30] * len(part.spans))["previous"]
    assert (beside.value, beside.change, beside.why) == (30.0, None, ("gap",))
    assert part.data().gaps_before[0].how == "reach"


def test_records_that_have_ended_are_a_gap_up_to_now():
    ended = Context(first=date(2024, 1, 1), last=date(2025, 3, 15), n=43_000, data_time_ms=at(2025, 3, 15, 12))
    marks = marks_of(context=ended, kind="week", day=date(2025, 3, 15))
    assert [(gap.begin_ms, gap.end_ms, gap.how) for gap in marks.spans[0].gaps] == [
        (at(2025, 3, 15, 12), at(2025, 3, 17), "silence")
    ]
    assert marks.spans[0].hollow
    # a pause that is usual is none: 100 incidents a day, quiet for an hour
    assert marks_of(context=ended, now=at(2025, 3, 15, 13)).spans[0].gaps == ()
    # nor is it where there are few incidents at all
    seldom = Context(first=date(2024, 1, 1), last=date(2025, 3, 15), n=400, data_time_ms=at(2025, 3, 14, 12))
    assert marks_of(context=seldom, now=at(2025, 3, 15, 13)).spans[0].gaps == ()


def test_a_day_of_another_length_is_told_and_reckoned_by_the_hour():
    marks = marks_of(day=date(2024, 3, 10))
    assert marks.spans[0].days == pytest.approx(23 / 24)
    beside = marks.against([230, *[240] * (len(marks.spans) - 1)])["weekdays4"]
    assert beside.why == ("clock",)
    assert beside.change.percent == pytest.approx(-4.2)
    assert beside.per_day.percent == 0.0


def test_an_hour_more_or_less_in_a_month_is_none():
    beside = marks_of(kind="month", day=date(2024, 12, 1))
    assert beside.comparisons[1].why == ("reach",)
    march = marks_of(kind="month", day=date(2025, 3, 1)).comparisons
    assert {one.id: one.why for one in march}["last_year"] == ()
