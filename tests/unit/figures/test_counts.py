"""Counts beside their comparators, against plain pandas on random cities."""

from datetime import date, datetime
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.changes import change, change_per_day
from analytics.figures.request import COMPARATORS, GROUPINGS, KeyDate, Request
from data_feeds.history.query import Filters, Span
from tests.pandas_store import PandasStore
from tests.unit.figures.random_city import CHICAGO, at, business, city, counted, inside, known, told

RAW = city()
STORES = {start: PandasStore(RAW, CHICAGO, start) for start in (0, 480)}
CLOCKS = {start: business(RAW, start=start) for start in STORES}
CLOCK, USUAL = CLOCKS[0], counted(RAW)
FAIR = (KeyDate("Fair 2025", date(2025, 3, 7), date(2025, 3, 16)),)


def report_of(kind, day, now, start=0, store=None, **more):
    context = known(RAW, start=start, key_dates=FAIR)
    request = Request(kind, day, now, CHICAGO, day_start_minute=start, parts=("by",), **more)
    return told(store or STORES[start], request, context)


def check_against(found, counts, comparisons, n):
    """``counts``: comparator → count in each of its used spans."""
    for one in comparisons:
        beside, then = found[one.id], counts[one.id]
        assert beside.k == len(one.used) == len(then)
        if not then:
            assert (beside.value, beside.change) == (None, None)
            continue
        mean = sum(then) / len(then)
        assert beside.value == pytest.approx(mean, abs=0.006)
        if beside.change:
            z = (sqrt(n) - sqrt(mean)) / sqrt(1 / 4 + 1 / (4 * len(then)))
            assert beside.change.z == pytest.approx(z, abs=0.006)
            if max(n, mean) < 10:
                assert (beside.change.verdict, beside.change.percent) == ("few", None)
            else:
                assert beside.change.verdict == ("noise" if abs(beside.change.z) <= 3 else "up" if z > 0 else "down")
                assert (beside.change.percent is None) == (mean == 0)
                if mean:
                    assert beside.change.percent == pytest.approx((n - mean) / mean * 100, abs=0.06)


@given(
    st.sampled_from(["day", "week", "month", "quarter", "year", "key"]),
    st.datetimes(datetime(2024, 3, 1), datetime(2025, 3, 30)),
    st.sampled_from([0, 480]), st.booleans(),
)  # fmt: skip
@settings(max_examples=25)
def test_every_count_is_that_of_pandas(kind, moment, start, over):
    day = date(2025, 3, 9) if kind == "key" else moment.date()
    now = at(2025, 4, 1) if over or kind == "key" else at(*moment.timetuple()[:5])
    try:
        report = report_of(kind, day, now, start)
    except ValueError:  # early on the day the business day of before has not ended
        assert start
        assert moment.hour < 8
        return
    span, raw, usual = report.period.span, RAW, USUAL
    masks = {}

    def within(one):
        if one not in masks:
            masks[one] = inside(CLOCKS[start], one)
        return masks[one]

    def of(mask):
        counts = {
            one.id: [int((mask & within(one.spans[n])).sum()) for n in one.used]
            for one in report.comparators
        }
        return int((mask & within(span)).sum()), counts

    n, counts = of(usual)
    assert (report.total.value, report.total.n) == (n, n)
    check_against(report.total.against, counts, report.comparators, n)
    for name, mask in (("exercise", raw.exercise), ("invalid", ~raw.valid), ("diverted", raw.diverted)):
        apart, before = of(mask)
        assert report.apart[name].n == apart
        check_against(report.apart[name].against, before, report.comparators, apart)
    for name in GROUPINGS:
        rows = report.by[name]
        assert sum(row.n for row in rows) + report.about[f"by.{name}"].missing == n
        for row in rows[:3]:
            group, before = of(usual & (raw[name] == row.key))
            assert row.n == group
            check_against(row.against, before, report.comparators, group)


def test_the_31_days_of_march_against_february_and_march():
    report = report_of("month", date(2025, 3, 15), at(2025, 4, 1), lunar=False)
    march, february, before = (
        int((USUAL & inside(CLOCK, Span(*days))).sum())
        for days in (
            (date(2025, 3, 1), date(2025, 3, 31)), (date(2025, 2, 1), date(2025, 2, 28)),
            (date(2024, 3, 1), date(2024, 3, 31)),
        )
    )  # fmt: skip
    found = report.total.against
    assert (report.total.n, found["previous"].value, found["last_year"].value) == (march, february, before)
    assert found["previous"].why == ("length",)
    assert found["last_year"].why == ()
    assert found["last_year"].per_day is None
    # 743 hours (clocks go forward) against 672: the same test on counts per hour
    hours = 743 / 672
    per_day = found["previous"].per_day
    assert per_day.percent == pytest.approx((march / (february * hours) - 1) * 100, abs=0.06)
    z = (sqrt(march) - sqrt(february * hours)) / sqrt(1 / 4 + hours / 4)
    assert per_day.z == pytest.approx(z, abs=0.006)
    assert found["previous"].change.percent > per_day.percent


def test_places_without_incidents_stand_at_the_end():
    report = report_of("week", date(2025, 3, 12), at(2025, 4, 1))
    assert [row.key for row in report.by["branch"]][-1] == "B2"
    assert [row.key for row in report.by["zone"]][-3:] == ["Z09", "Z10", "Z11"]
    assert report.by["zone"][-1].name_zh == "Z11 区"
    assert report.by["branch"][-1].against["previous"].change.verdict == "few"
    assert "" not in {row.key for rows in report.by.values() for row in rows}


def test_filters_narrow_everything_but_what_is_counted_apart():
    where = Filters(scope="B0", categories=("theft",), hours=(20, 21), weekdays=(6,))
    report = report_of("month", date(2025, 3, 15), at(2025, 4, 1), where=where)
    clock = inside(CLOCK, report.period.span)
    mask = clock & (RAW.branch == "B0") & (RAW.category == "theft")
    mask &= CLOCK.dt.hour.isin([20, 21]) & (CLOCK.dt.day_of_week == 5)
    assert report.total.n == int((mask & USUAL).sum()) > 0
    assert report.apart["diverted"].n == int((mask & RAW.diverted).sum())
    assert [row.key for row in report.by["category"]] == ["theft"]
    assert {row.key for row in report.by["station"]} == {"S0", "S1"}
    assert report.about["total"].rows.where == where
    everything = report_of("month", date(2025, 3, 15), at(2025, 4, 1), where=Filters(kinds=()))
    assert everything.total.n == int(inside(CLOCK, report.period.span).sum())


def test_only_what_is_wanted_is_asked_and_told():
    report = report_of("day", date(2025, 3, 15), at(2025, 4, 1), comparators=("last_year",))
    assert list(report.total.against) == ["last_year"]
    assert (report.hours, report.rhythm, report.trend, report.quiet, report.heat) == ([], None, [], None, None)


def test_a_gap_is_named_and_marks_every_figure():
    gap = (at(2025, 3, 14, 22), at(2025, 3, 15, 1), "recorder")
    store = PandasStore(RAW, CHICAGO, gaps=[gap])
    report = report_of("day", date(2025, 3, 15), at(2025, 4, 1), store=store)
    # one hour of the day, two of the day before: below a tenth, so it is compared, and marked
    assert [(one.begin_ms, one.end_ms, one.how) for one in report.data.gaps] == [(at(2025, 3, 15), gap[1], "recorder")]
    assert report.data.recorded == pytest.approx(23 / 24, abs=1e-4)
    for name in COMPARATORS:
        beside = report.total.against[name]
        assert beside.gaps
        assert "gap" in beside.why
        assert beside.change is not None
        assert beside.per_day is not None
    assert all(row.against["previous"].gaps for row in report.by["category"])
    # the day after has the gap not in it but in neither comparator beside 7 days before
    after = report_of("day", date(2025, 3, 16), at(2025, 4, 1), store=store)
    assert (after.data.gaps, after.total.against["previous"].gaps) == ((), True)
    assert not after.total.against["weekdays4"].gaps


def test_a_long_gap_leaves_counts_but_no_percentage():
    store = PandasStore(RAW, CHICAGO, gaps=[(at(2025, 3, 14, 2), at(2025, 3, 14, 12), "recorder")])
    report = report_of("day", date(2025, 3, 15), at(2025, 4, 1), store=store)
    beside = report.total.against["previous"]
    assert beside.value is not None
    assert (beside.change, beside.per_day, beside.why) == (None, None, ("gap",))
    # of a mean the day is left out, and k says so
    week = report_of("day", date(2025, 3, 21), at(2025, 4, 1), store=store).total.against["weekdays4"]
    assert (week.k, week.why) == (3, ("gap",))
    # of a longer period the recorded days are compared
    long = PandasStore(RAW, CHICAGO, gaps=[(at(2025, 3, 10), at(2025, 3, 15), "recorder")])
    month = report_of("month", date(2025, 3, 1), at(2025, 4, 1), store=long).total.against["last_year"]
    assert month.change is None
    assert month.per_day.percent > 0


def test_before_the_records_there_is_nothing_to_compare_with():
    report = report_of("month", date(2024, 3, 1), at(2025, 4, 1))
    assert report.total.against["last_year"].value is None
    assert report.total.against["last_year"].why == ("reach",)
    assert report.total.against["weekdays4"].k == 3


def test_a_source_that_lacks_a_field_says_so():
    raw = RAW.drop(columns=["zone", "severity"])
    context = known(raw, lacks=("zone", "severity"), zones=())
    report = told(PandasStore(raw, CHICAGO), Request("week", date(2025, 3, 12), at(2025, 4, 1), CHICAGO), context)
    assert report.by["severity"] == []
    assert (report.about["by.severity"].lacks, report.about["by.zone"].lacks) == (("severity",), ("zone",))
    assert report.about["by.severity"].missing == report.total.n
    assert report.about["by.zone"].note == "places"


class TestChanges:
    @given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0.5, 40))
    def test_days_of_the_same_length_change_nothing(self, count, other, days):
        assert change_per_day(count, days, other, days) == change(count, other)
        assert change_per_day(count, days, 4 * other, 4 * days) == change(count, other, 4)

    @given(st.floats(10, 500), st.floats(1, 60), st.floats(1, 60))
    def test_the_same_rate_is_no_change(self, rate, days, others):
        found = change_per_day(rate * days, days, rate * others, others)
        assert (abs(found.percent), abs(found.z), found.verdict) == (0.0, 0.0, "noise")

    def test_nothing_recorded_is_no_rate(self):
        assert change_per_day(5, 0, 5, 1) is None
        assert change_per_day(5, 1, 5, 0) is None

    def test_minus_zero_is_zero(self):
        assert str(change(9999, 10_000).percent) == "0.0"
