"""Today so far: local days, the same time of yesterday, hours, reach and noise, against naive recounts."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import days
from analytics.changes import change, z_score
from analytics.past import Calendar
from analytics.today import Reach, reach_of, today_body
from data_feeds.incident_log import word_of
from tests.unit.heat_story import incident, log_of, ms

CHICAGO, SHANGHAI = ZoneInfo("America/Chicago"), ZoneInfo("Asia/Shanghai")
SPRING, AUTUMN = date(2024, 3, 10), date(2024, 11, 3)  # 23 and 25 hours in Chicago
ALL = Reach(0.0)
ODD_ZONES = ["America/Chicago", "Asia/Shanghai", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC"]


def at(day, clock, zone=CHICAGO, fold=0):
    return datetime.combine(day, time.fromisoformat(clock), zone).replace(fold=fold)


class TestDays:
    @pytest.mark.parametrize(("day", "count"), [(SPRING, 23), (AUTUMN, 25), (date(2024, 7, 1), 24)])
    def test_a_day_has_as_many_hours_as_the_clocks_make(self, day, count):
        hours = days.hours(day, CHICAGO)
        assert len(hours) == count
        assert [begin - days.midnight(day, CHICAGO) for _, begin in hours] == [n * 3_600_000 for n in range(count)]

    def test_hours_are_named_as_the_clock_names_them(self):
        assert [hour for hour, _ in days.hours(SPRING, CHICAGO)][:4] == [0, 1, 3, 4]
        assert [hour for hour, _ in days.hours(AUTUMN, CHICAGO)][:4] == [0, 1, 1, 2]

    def test_a_time_that_comes_twice_is_its_first(self):
        assert days.instant(AUTUMN, time(1, 30), CHICAGO) == ms(at(AUTUMN, "01:30", fold=0))

    def test_a_time_that_never_comes_is_when_the_clocks_are_set_forward(self):
        change_over = ms(at(SPRING, "03:00"))
        for clock in ("02:00", "02:00:01", "02:30", "02:59:59.999"):
            assert days.instant(SPRING, time.fromisoformat(clock), CHICAGO) == change_over

    def test_a_day_that_begins_without_a_midnight(self):
        # in Chile clocks are set forward at midnight
        begin = days.midnight(date(2024, 9, 8), ZoneInfo("America/Santiago"))
        assert days.local(begin, ZoneInfo("America/Santiago")).strftime("%H:%M") == "01:00"

    @given(st.sampled_from(ODD_ZONES), st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.times(), st.times())
    @settings(max_examples=300)
    def test_instants_never_go_back_as_clocks_go_on(self, name, day, one, other):
        zone = ZoneInfo(name)
        first, second = sorted((one, other))
        assert days.instant(day, first, zone) <= days.instant(day, second, zone)
        shown = days.local(days.instant(day, first, zone), zone)
        assert shown.date() == day
        assert shown.time() >= first.replace(microsecond=first.microsecond // 1000 * 1000) or shown.time() == first


class TestChange:
    @pytest.mark.parametrize(
        ("count", "before", "percent", "verdict"),
        [
            (847, 862, -1.7, "noise"), (847, 1002, -15.5, "down"), (66, 33, 100.0, "up"), (61, 33, 84.8, "noise"),
            (3, 0, None, "few"), (9, 0, None, "few"), (0, 9, None, "few"), (10, 0, None, "up"), (0, 40, -100.0, "down"),
            (12, 11, 9.1, "noise"),
        ],
    )  # fmt: skip
    def test_what_is_said_of_a_difference(self, count, before, percent, verdict):
        said = change(count, before)
        assert (said.percent, said.verdict) == (percent, verdict)

    @given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers(1, 8))
    def test_z_is_the_rule_as_it_is_written(self, a, b, k):
        assert z_score(a, b, k) == pytest.approx((sqrt(a) - sqrt(b)) / sqrt(1 / 4 + 1 / (4 * k)))
        assert (change(a, b, k).verdict in ("up", "down")) == (abs(change(a, b, k).z) > 3 and max(a, b) >= 10)
        assert change(a, 0).percent is None

    def test_like_days_are_seldom_called_different(self):
        rng = np.random.default_rng(1)
        pairs = rng.poisson(rng.uniform(10, 2_000, 20_000), (2, 20_000)).T
        verdicts = Counter(change(int(a), int(b)).verdict for a, b in pairs)
        assert (verdicts["up"] + verdicts["down"]) / len(pairs) < 0.005


class TestReach:
    def times(self, *hours_ago):
        return np.array([-h * 3_600_000.0 for h in hours_ago])

    def test_nothing_known(self):
        assert reach_of(np.zeros(0), 0.0) == Reach(None)
        assert not Reach(None).covers(0.0)

    def test_an_even_flow_reaches_back_to_its_first(self):
        times = np.arange(-8 * 24 * 40, 1) * 90_000.0
        assert reach_of(times, 0.0) == Reach(times[0])

    def test_a_hole_ends_the_reach(self):
        times = np.arange(-8 * 24 * 40, 1) * 90_000.0
        holed = times[(times < -40 * 3_600_000) | (times > -36 * 3_600_000)]
        reach = reach_of(np.random.default_rng(1).permutation(holed), 0.0)
        assert reach.since_ms == pytest.approx(-36 * 3_600_000, abs=90_000)
        assert reach.gap == (-40 * 3_600_000 - 90_000, reach.since_ms)
        assert reach.covers(-35 * 3_600_000)
        assert not reach.covers(-37 * 3_600_000)

    def test_a_quiet_towns_nights_are_no_holes(self):
        times = np.random.default_rng(4).uniform(-8 * 24, 0, 60) * 3_600_000.0
        assert reach_of(times, 0.0) == Reach(times.min())

    def test_what_was_open_before_a_replay_began_is_no_reach(self):
        times = self.times(0.2, 0.5, 0.9, 1.5, 1.6, 1.9)
        assert reach_of(times, 0.0, -3_600_000.0) == Reach(-3_600_000.0)
        assert reach_of(times, 0.0, -86_400_000.0) == Reach(times.min())

    def test_poisson_flows_with_nights_have_no_holes(self):
        rng, holes = np.random.default_rng(7), 0
        for _ in range(40):
            hours = rng.uniform(-8 * 24, 0, 8_000)
            kept = hours[rng.uniform(0, 1, len(hours)) < 0.6 + 0.4 * np.sin(hours / 24 * 2 * np.pi)]
            holes += reach_of(kept * 3_600_000.0, 0.0).gap is not None
        assert holes <= 1

    def test_what_lies_ahead_does_not_count(self):
        assert reach_of(np.array([5.0, -5.0]), 0.0) == Reach(-5.0)


def naive(told, now, zone):
    """Counts of today and yesterday, by category and by hour, one incident at a time."""
    today = now.astimezone(zone).date()
    yesterday = today - timedelta(days=1)
    clock = now.astimezone(zone).time()
    out = {"today": Counter(), "yesterday": Counter(), "hours": Counter(), "hours_before": Counter(), "not": Counter()}
    for one in told:
        received = one.call_received.astimezone(zone)
        if one.call_received > now:
            continue
        if one.exercise or not one.valid or one.diverted:
            if received.date() == today:
                out["not"]["exercise" if one.exercise else "invalid" if not one.valid else "diverted"] += 1
            continue
        # the second 01:30 of a long day comes after every time of that day that is meant by "the same"
        hour = (received.hour, received.utcoffset())
        if received.date() == today:
            out["today"][word_of(one.category)] += 1
            out["hours"][hour] += 1
        elif received.date() == yesterday:
            out["hours_before"][hour] += 1
            if ms(received) <= days.instant(yesterday, clock, zone):
                out["yesterday"][word_of(one.category)] += 1
    return out


def stories(zone, days_of_it):
    moments = st.sampled_from(days_of_it).flatmap(
        lambda day: st.integers(0, 25 * 3600 - 1).map(
            lambda second: datetime.fromtimestamp(days.midnight(day, zone) / 1000 + second, zone)
        )
    )
    told = st.lists(
        st.tuples(st.integers(-60 * 3600, 3600), st.sampled_from(["theft", "Road accident", "fraud"]),
                  st.booleans(), st.integers(0, 9)), max_size=80,
    )  # fmt: skip
    return st.tuples(moments, told)


def incidents_about(now, rows):
    return [
        incident(n, (now.astimezone(ZoneInfo("UTC")) + timedelta(seconds=s)), word, (30.5, 104.0) if placed else None,
                 exercise=odd == 0, valid=odd not in (1, 2), diverted=odd in (2, 3))
        for n, (s, word, placed, odd) in enumerate(rows)
    ]  # fmt: skip


CHANGES = [SPRING, SPRING + timedelta(days=1), AUTUMN, AUTUMN + timedelta(days=1), date(2024, 7, 1)]


@given(stories(CHICAGO, CHANGES))
@settings(max_examples=200)
def test_figures_are_those_of_a_naive_recount_also_when_clocks_are_changed(story):
    now, rows = story
    told = incidents_about(now, rows)
    body = today_body(log_of(told).view(), ALL, ms(now), Calendar(CHICAGO))
    expected = naive(told, now, CHICAGO)
    assert body["count"] == sum(expected["today"].values())
    assert body["yesterday"] == sum(expected["yesterday"].values())
    shown = {row["category"]: (row["count"], row["yesterday"]) for row in body["categories"]}
    words = set(expected["today"]) | set(expected["yesterday"])
    assert shown == {word: (expected["today"][word], expected["yesterday"][word]) for word in words}
    by_hour = [expected["hours"][hour] for hour in sorted_hours(expected["hours"])]
    assert [n for _, n in body["hours"]["today"] if n] == by_hour
    assert sum(n for _, n in body["hours"]["yesterday"]) == sum(expected["hours_before"].values())
    assert {k: n for k, n in body["not_counted"].items() if n} == dict(expected["not"])


def sorted_hours(hours):
    return sorted(hours, key=lambda h: timedelta(hours=h[0]) - h[1])


@given(stories(SHANGHAI, [date(2026, 11, 21)]), st.randoms())
@settings(max_examples=40)
def test_the_order_in_which_they_came_does_not_matter(story, random):
    now, rows = story
    told = incidents_about(now, rows)
    mixed = random.sample(told, len(told))
    one, other = (today_body(log_of(t).view(), ALL, ms(now), Calendar(SHANGHAI)) for t in (told, mixed))
    tie = lambda body: sorted(body.pop("categories"), key=lambda row: row["category"])  # noqa: E731
    assert tie(one) == tie(other)
    assert one == other


class TestWhatCannotBeSaid:
    now = datetime(2026, 11, 21, 18, 0, tzinfo=SHANGHAI)
    told = [incident(n, datetime(2026, 11, 21, 17, n, tzinfo=SHANGHAI)) for n in range(20)]

    def body(self, reach):
        return today_body(log_of(self.told).view(), reach, ms(self.now), Calendar(SHANGHAI))

    def test_without_any_record_before_there_is_no_comparison(self):
        since = ms(datetime(2026, 11, 21, 9, 30, tzinfo=SHANGHAI))
        body = self.body(Reach(since))
        assert (body["count"], body["yesterday"], body["change"], body["why"]) == (20, None, None, "reach")
        assert body["complete"] is False
        assert body["reach_ms"] == since
        assert [n for hour, n in body["hours"]["today"] if hour < 10] == [None] * 10
        assert {n for _, n in body["hours"]["yesterday"]} == {None}
        assert body["categories"][0]["yesterday"] is None

    def test_a_hole_in_the_records_is_named(self):
        since = ms(datetime(2026, 11, 20, 6, 0, tzinfo=SHANGHAI))
        body = self.body(Reach(since, (since - 4 * 3_600_000, since)))
        assert (body["yesterday"], body["why"], body["complete"]) == (None, "gap", True)
        assert body["gap"] == [since - 4 * 3_600_000, since]
        assert [n for hour, n in body["hours"]["yesterday"] if hour < 6] == [None] * 6

    def test_no_record_at_all(self):
        body = today_body(log_of([]).view(), Reach(None), ms(self.now), Calendar(SHANGHAI))
        assert (body["count"], body["yesterday"], body["why"]) == (0, None, "empty")

    def test_records_that_reach_back_far_enough_say_nothing_of_it(self):
        body = self.body(Reach(ms(datetime(2026, 11, 20, 0, 0, tzinfo=SHANGHAI))))
        assert (body["yesterday"], body["why"], body["reach_ms"], body["gap"]) == (0, None, None, None)
        assert body["change"]["verdict"] == "up"

    @pytest.mark.parametrize(("day", "clock", "uneven"), [
        (SPRING, "01:30", False), (SPRING, "09:00", True), (SPRING + timedelta(days=1), "09:00", True),
        (AUTUMN, "09:00", True), (AUTUMN + timedelta(days=1), "09:00", True),
        (AUTUMN + timedelta(days=2), "09:00", False),
    ])  # fmt: skip
    def test_days_of_unlike_length_are_not_judged(self, day, clock, uneven):
        body = today_body(log_of([]).view(), ALL, ms(at(day, clock)), Calendar(CHICAGO))
        assert body["uneven"] is uneven
        assert (body["change"] is None) is uneven
