"""What history adds to today's figures, against recounts of single rows."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import past as past_module
from analytics.changes import change
from analytics.past import Calendar, against, asked_days, past_of, questions, usual_of, weekdays_before
from analytics.today import Reach, today_body
from tests.unit.heat_story import incident, log_of, ms
from tests.unit.past_story import FakeHistory, Row, even

SHANGHAI, CHICAGO = Calendar(ZoneInfo("Asia/Shanghai")), Calendar(ZoneInfo("America/Chicago"))
DAY = date(2026, 11, 21)  # a Saturday
ALL = Reach(0.0)


def at(day, clock, calendar=SHANGHAI):
    return ms(datetime.combine(day, time.fromisoformat(clock), calendar.zone))


def past_from(history, day=DAY, calendar=SHANGHAI):
    extent = history.extent()
    answers = {name: history.run(query) for name, query in questions(day, "", calendar.lunar).items()}
    return past_of(day, calendar, answers, extent.first, extent.last)


def city(day=DAY, each=100, back=400):
    """A history with ``each`` incidents on every day before ``day``."""
    return FakeHistory([row for n in range(1, back) for row in even(day - timedelta(days=n), each)])


class TestAgainst:
    now = at(DAY, "12:00")

    def test_the_three_days_are_counted_up_to_the_same_minute(self):
        rows = against(past_from(city()), self.now, 60)
        assert [(row["id"], row["day"], row["count"], row["why"]) for row in rows] == [
            ("yesterday", "2026-11-20", 50, None), ("weekday", "2026-11-14", 50, None),
            ("year", "2025-11-21", 50, None),
        ]  # fmt: skip
        assert [row["change"]["percent"] for row in rows] == [20.0] * 3
        assert {row["change"]["verdict"] for row in rows} == {"noise"}

    def test_without_last_years_day_the_mean_of_the_last_same_weekdays_stands_there(self):
        history = city(back=60)
        history.rows += even(DAY - timedelta(days=7), 40)
        rows = against(past_from(history), self.now, 120)
        assert (rows[2]["id"], rows[2]["count"], rows[2]["periods"]) == ("usual", 55.0, 4)
        told, expected = rows[2]["change"], change(120, 55.0, 4)
        assert (told["verdict"], told["z"], told["percent"]) == ("up", expected.z, expected.percent)

    def test_a_history_that_does_not_reach_back_says_so(self):
        rows = against(past_from(city(back=3)), self.now, 60)
        assert [(row["count"], row["why"]) for row in rows] == [(50, None), (None, "reach"), (None, "reach")]

    def test_a_29_february_has_no_day_last_year(self):
        day = date(2028, 2, 29)
        rows = against(past_from(city(day, back=20), day), at(day, "12:00"), 60)
        assert (rows[2]["id"], rows[2]["count"]) == ("usual", 50.0)
        rows = against(past_from(city(day, back=5), day), at(day, "12:00"), 60)
        assert (rows[2]["id"], rows[2]["why"]) == ("year", "absent")

    def test_around_the_spring_festival_last_year_may_follow_the_moon(self):
        day, calendar = date(2026, 2, 17), Calendar(SHANGHAI.zone, lunar=True)  # both are a new year's day
        assert date(2025, 1, 29) in asked_days(day, by_moon=True)
        past = past_from(city(day), day, calendar)
        rows = against(past, at(day, "12:00"), 60)
        assert [(row["id"], row["day"]) for row in rows][2] == ("lunar", "2025-01-29")
        assert against(past_from(city(), DAY, calendar), self.now, 60)[2]["id"] == "year"

    @pytest.mark.parametrize(("minutes", "compared"), [(60, True), (90, False)])
    def test_a_gap_is_told_and_beyond_a_tenth_nothing_is_compared(self, minutes, compared):
        history, begin = city(), at(DAY - timedelta(days=1), "03:00")
        history.gaps = [(int(begin), int(begin + minutes * 60_000)), (int(begin), int(begin + 60_000))]
        row = against(past_from(history), self.now, 60)[0]
        assert (row["count"], row["why"], row["missing_min"]) == (50, "gap", minutes)
        assert (row["change"] is not None) == compared

    def test_a_gap_after_the_time_of_day_does_not_matter(self):
        history, begin = city(), at(DAY - timedelta(days=1), "12:00")
        history.gaps = [(int(begin), int(begin + 3_600_000))]
        assert against(past_from(history), self.now, 60)[0]["why"] is None

    def test_the_first_day_of_a_history_is_whole_from_its_first_incident_on(self):
        history = FakeHistory([Row(DAY - timedelta(days=1), 600 + n) for n in range(300)])
        row = against(past_from(history), self.now, 60)[0]
        assert (row["why"], row["missing_min"], row["change"]) == ("gap", 600, None)

    def test_when_clocks_were_changed_parts_are_not_compared(self):
        day = date(2024, 3, 10)
        rows = against(past_from(city(day, back=400), day, CHICAGO), at(day, "12:00", CHICAGO), 60)
        assert {(row["why"], row["change"]) for row in rows} == {("uneven", None)}
        assert [row["count"] for row in rows] == [50, 50, 50]

    def test_a_today_that_is_not_whole_is_not_judged(self):
        rows = against(past_from(city()), self.now, 60, whole=False)
        assert {(row["count"], row["why"], row["change"]) for row in rows} == {(50, "partial", None)}


class TestUsual:
    def test_the_mean_of_the_days_that_can_be_compared(self):
        history = city()
        history.rows += even(DAY - timedelta(days=14), 40, category="fraud")
        begin = at(DAY - timedelta(days=28), "01:00")
        history.gaps = [(int(begin), int(begin + 4 * 3_600_000))]
        past = past_from(history)
        usual = usual_of(past, at(DAY, "12:00"))
        assert usual.periods == 3
        assert dict(zip(past.categories, usual.mean.tolist(), strict=True)) == {"theft": 50.0, "fraud": 20 / 3}

    def test_one_day_is_no_mean(self):
        assert usual_of(past_from(city(back=9)), at(DAY, "12:00")) is None


class TestBand:
    def test_it_holds_four_fifths_of_the_days(self):
        history = FakeHistory(first=DAY - timedelta(days=80))
        counts = [3, 9, 4, 8, 5, 7, 6, 10]
        for n, day in zip(counts, weekdays_before(DAY, 8), strict=True):
            history.rows += [Row(day, 7 * 60 + k) for k in range(n)]
        history.rows.append(Row(DAY - timedelta(days=1), 0))
        band = past_from(history).band
        low, high = np.quantile(counts, (0.1, 0.9), method="weibull")
        assert band["days"] == 8
        assert (band["low"][7], band["mean"][7], band["high"][7]) == (round(low, 1), 6.5, round(high, 1))
        assert (band["low"][8], band["high"][8]) == (0.0, 0.0)

    def test_three_days_make_no_band(self):
        assert past_from(city(back=22)).band is None
        assert past_from(city(back=30)).band["days"] == 4

    def test_hours_in_which_records_are_missing_do_not_count(self):
        history, begin = city(back=30), at(DAY - timedelta(days=14), "05:30")
        history.gaps = [(int(begin), int(begin + 3_600_000))]
        band = past_from(history).band
        assert [hour for hour in range(24) if band["low"][hour] is None] == [5, 6]

    def test_hours_that_the_clocks_skip_or_show_twice_do_not_count(self):
        day = date(2024, 3, 10) + timedelta(days=7)
        band = past_from(city(day, each=24, back=30), day, CHICAGO).band
        assert [hour for hour in range(24) if band["low"][hour] is None] == [2]


def test_days_that_begin_at_eight():
    calendar = Calendar(ZoneInfo("Asia/Shanghai"), 480)
    now = at(DAY + timedelta(days=1), "02:30")
    assert calendar.day_of(now) == DAY
    assert calendar.minute_of(now) == 18 * 60 + 30
    told = [incident(n, datetime(2026, 11, 21, 7, 59, tzinfo=calendar.zone) + timedelta(minutes=n)) for n in range(3)]
    body = today_body(log_of(told).view(), ALL, now, calendar, past_from(city(), DAY, calendar), "ready")
    assert (body["count"], body["starts_min"], body["day_ms"]) == (2, 480, at(DAY, "08:00"))
    assert body["hours"]["today"][0] == (0, 2)
    assert body["against"][0]["count"] == sum(n * 1440 // 100 < 18.5 * 60 for n in range(100))
    assert [hour for hour, _ in body["hours"]["today"]] == list(range(24))


def test_the_document_puts_history_beside_the_live_figures():
    now = at(DAY, "12:00")
    told = [incident(n, datetime(2026, 11, 21, 9, n % 60, tzinfo=SHANGHAI.zone), "fraud") for n in range(40)]
    history = city()
    body = today_body(log_of(told).view(), ALL, now, SHANGHAI, past_from(history), "ready")
    assert (body["count"], body["past"], body["usual_days"]) == (40, "ready", 4)
    kinds = {row["category"]: (row["count"], row["usual"]["count"], row["usual"]["change"]["verdict"])
             for row in body["categories"]}  # fmt: skip
    assert kinds == {"fraud": (40, 0.0, "up"), "theft": (0, 50.0, "down")}
    assert sum(body["hours"]["usual"]["mean"]) == 100
    without = today_body(log_of(told).view(), ALL, now, SHANGHAI, None, "seeding")
    assert (without["past"], without["against"], without["hours"]["usual"], without["usual_days"]) == (
        "seeding", None, None, None)  # fmt: skip
    assert [row["usual"] for row in without["categories"]] == [None]


@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 1439), st.sampled_from(["theft", "fraud", ""])),
             max_size=60),
    st.integers(0, 1439),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_a_naive_recount(rows, minute):
    history = FakeHistory([Row(DAY - timedelta(days=n), m, word) for n, m, word in rows], first=date(2020, 1, 1))
    history.rows.append(Row(DAY, 0))
    past = past_from(history)
    assert all(day in asked_days(DAY) for day in past.rows)
    for day in asked_days(DAY):
        found = past.by_category(day, minute)
        expected = [sum(r.day == day and r.minute < minute and r.category == name for r in history.rows)
                    for name in past.categories]  # fmt: skip
        assert found.tolist() == expected
        assert past.by_hour(day).sum() == sum(r.day == day for r in history.rows)


def test_gaps_that_overlap_count_once():
    assert past_module.joined([(5, 9), (0, 3), (2, 6), (20, 30)]) == ((0, 9), (20, 30))
