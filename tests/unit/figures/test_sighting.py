"""Presence by zone, and how well it follows incidents, against plain pandas and against dealing incidents out."""

import itertools
import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.figures import sighting
from analytics.figures.beside import Beside
from analytics.figures.request import Context, PlaceFact
from data_feeds.history.query import Filters, Span

ZONES = (
    PlaceFact("Z1", "一巡区", "Beat 1", ("C", "A", "A1"), 2.0, 10.0),
    PlaceFact("Z2", "", "Beat 2", ("C", "A", "A1"), 4.0, 20.0),
    PlaceFact("Z3", parents=("C", "B", "B1")), PlaceFact("Z4", parents=("C", "B", "B1"), km2=1.0, road_km=0.0),
)  # fmt: skip
NOW, BEFORE = Span(date(2025, 3, 1), date(2025, 3, 10)), Span(date(2025, 2, 19), date(2025, 2, 28))
PREVIOUS = Beside("previous", BEFORE)
CONTEXT = Context(zones=ZONES, tracks_since=date(2025, 1, 5))


def made(seed, zones=("Z1", "Z2", "Z3", "")):
    """Minutes and incidents by span, zone, weekday and hour."""
    rng = np.random.default_rng(seed)
    cells = list(itertools.product((0, 1), zones, range(1, 8), range(24)))
    frame = pd.DataFrame(cells, columns=["span", "zone", "weekday", "hour"])
    frame["minutes"] = rng.gamma(0.5, 40, len(frame)).round(2)
    frame["n"] = rng.poisson(0.8, len(frame))
    return frame


def answers(frame, by=("zone", "hour"), units=True):
    presence = frame.groupby(["span", *by], as_index=False).minutes.sum().assign(units=3)
    incidents = frame[frame.n > 0].groupby(["span", *by], as_index=False).n.sum()
    told = {"sighting.patrol": presence, "sighting.incidents": incidents}
    if units:
        rows = frame.groupby("zone", as_index=False).size()
        told["sighting.units"] = rows.rename(columns={"size": "units"}).assign(span=0)
    return {name: pa.Table.from_pandas(table, preserve_index=False) for name, table in told.items()}


def shares(frame, span):
    mine = frame[(frame.span == span) & (frame.zone != "")].groupby(["zone", "hour"])[["minutes", "n"]].sum()
    return mine.minutes / mine.minutes.sum(), mine.n / mine.n.sum(), int(mine.n.sum())


@settings(max_examples=15)
@given(st.integers(0, 500))
def test_every_figure_is_what_pandas_says(seed):
    frame = made(seed)
    found = sighting.build(NOW, (PREVIOUS,), Filters(), CONTEXT, answers(frame))
    own = frame[frame.span == 0]
    inside = own[own.zone != ""]
    by_zone = inside.groupby("zone")[["minutes", "n"]].sum()
    assert found.days == 10
    assert found.minutes == pytest.approx(own.minutes.sum())
    assert found.outside_minutes == pytest.approx(own.minutes[own.zone == ""].sum())
    assert found.outside_incidents == own.n[own.zone == ""].sum()
    told = {zone.key: zone for zone in found.zones}
    assert set(told) == {"Z1", "Z2", "Z3", "Z4"}
    for key, (minutes, k) in by_zone.iterrows():
        zone, fact = told[key], next(one for one in ZONES if one.code == key)
        assert (zone.minutes, zone.incidents) == (pytest.approx(minutes), k)
        assert zone.share_minutes == pytest.approx(minutes / by_zone.minutes.sum())
        assert zone.share_incidents == pytest.approx(k / by_zone.n.sum())
        assert zone.wanted == pytest.approx(by_zone.minutes.sum() * k / by_zone.n.sum())
        expected = by_zone.n.sum() * minutes / by_zone.minutes.sum()
        z = (math.sqrt(k) - math.sqrt(expected)) / math.sqrt(0.25)
        assert zone.z == pytest.approx(z, abs=0.006)
        if max(k, expected) >= 10:
            assert zone.verdict == ("short" if z > 3 else "ample" if z < -3 else "noise")
        if fact.road_km:
            assert zone.per_road_km == pytest.approx(minutes / 10 / fact.road_km)
            assert zone.per_km2 == pytest.approx(minutes / 10 / fact.km2)
        before = frame[(frame.span == 1) & (frame.zone == key)].minutes.sum()
        assert zone.before_minutes == pytest.approx(before)
    assert told["Z3"].per_road_km is None
    assert (told["Z4"].per_road_km, told["Z4"].minutes, told["Z4"].incidents) == (None, 0.0, 0)
    p, q, n = shares(frame, 0)
    assert found.followed.overlap == pytest.approx(1 - 0.5 * (p - q).abs().sum())
    assert (found.followed.n, found.followed.cells) == (n, 4 * 24)
    p, q, n = shares(frame, 1)
    assert found.followed.against["previous"].overlap == pytest.approx(1 - 0.5 * (p - q).abs().sum())
    assert found.followed.against["previous"].n == n
    assert [zone.z for zone in found.zones] == sorted((zone.z for zone in found.zones), reverse=True)


@given(st.lists(st.floats(0, 50), min_size=1, max_size=12).filter(lambda v: sum(v) > 1e-6), st.integers(1, 40))
def test_the_ceiling_is_the_mean_of_every_way_that_incidents_may_fall(presence, n):
    p = np.array(presence) / sum(presence)
    mean = 0.0
    for share in p:  # the mean deviation of a binomial count, summed up case by case
        mean += sum(abs(k - n * share) * math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1))
    assert sighting.ceiling(np.array(presence), n) == pytest.approx(1 - mean / (2 * n), abs=1e-9)


def test_incidents_dealt_out_as_presence_lie_at_the_ceiling_within_its_noise():
    rng = np.random.default_rng(1)
    presence = rng.gamma(0.3, 10, 40 * 24)
    for n in (50, 800, 6_000):
        dealt = [sighting.overlap(presence, rng.multinomial(n, presence / presence.sum())) for _ in range(300)]
        noise = 1 / (2 * math.sqrt(n))
        assert np.std(dealt) <= noise
        assert np.mean(dealt) == pytest.approx(sighting.ceiling(presence, n), abs=4 * noise / math.sqrt(300))


def test_alike_is_one_and_nowhere_together_is_none():
    one, other = np.array([1.0, 0, 3, 0]), np.array([0, 2.0, 0, 5])
    assert sighting.overlap(one, 7 * one) == 1
    assert sighting.overlap(one, other) == pytest.approx(0)
    assert sighting.ceiling(np.array([5.0]), 3) == 1


def test_chance_alone_is_no_change_and_a_new_plan_of_patrols_is():
    rng = np.random.default_rng(2)
    frame = made(9, [f"Q{k}" for k in range(30)])
    span = frame.span.to_numpy()
    same = frame.copy()
    same.loc[span == 1, "minutes"] = same.minutes[span == 0].to_numpy()
    weight = same.minutes[span == 0].to_numpy()
    for at in (0, 1):
        same.loc[span == at, "n"] = rng.multinomial(3_000, weight / weight.sum())
    context = Context(tracks_since=date(2025, 1, 5))
    told = sighting.build(NOW, (PREVIOUS,), Filters(), context, answers(same)).followed.against["previous"]
    assert told.verdict == "noise"
    before = (span == 1)
    same.loc[before, "n"] = rng.permutation(same.n[before].to_numpy())
    told = sighting.build(NOW, (PREVIOUS,), Filters(), context, answers(same)).followed.against["previous"]
    assert told.verdict == "up"


def test_filters_of_hours_weekdays_and_zones_hold_for_presence_too():
    frame = made(4)
    where = Filters(hours=(22, 23), weekdays=(5, 6), zones=("Z1", "Z3"))
    asked = sighting.queries(NOW, (), where, CONTEXT)
    assert set(asked) == {"sighting.patrol", "sighting.incidents"}
    assert asked["sighting.patrol"].by == ("zone", "hour", "weekday")
    chosen = frame[frame.hour.isin(where.hours) & frame.weekday.isin(where.weekdays) & frame.zone.isin(where.zones)]
    told = answers(frame, ("zone", "hour", "weekday"), units=False)
    told["sighting.incidents"] = answers(chosen, ("zone", "hour", "weekday"), units=False)["sighting.incidents"]
    found = sighting.build(NOW, (), where, CONTEXT, told)
    own = chosen[chosen.span == 0]
    assert {zone.key for zone in found.zones} == {"Z1", "Z3"}
    assert found.minutes == pytest.approx(own.minutes.sum())
    assert sum(zone.incidents for zone in found.zones) == own.n.sum()
    assert found.followed.cells == 2 * 2
    assert {zone.units for zone in found.zones} == {None}


def test_a_branch_shows_its_own_zones_even_without_presence():
    frame = made(5, ("Z1", ""))
    found = sighting.build(NOW, (), Filters(scope="A"), CONTEXT, answers(frame))
    assert {zone.key for zone in found.zones} == {"Z1", "Z2"}


@given(st.integers(-5, 40), st.integers(0, 12), st.sampled_from([None, 0, 59, 600, 1439]))
def test_nothing_is_told_of_days_without_tracks(begin, days, until):
    since = date(2025, 3, 1)
    span = Span(since + timedelta(days=begin), since + timedelta(days=begin + days), until)
    found = sighting.reach(span, since)
    if span.last < since:
        assert found is None
        return
    assert (found.last, found.until_minute) == (span.last, None if until is None else until // 60 * 60)
    assert found.first >= span.first
    if span.last > since:
        assert found.first > since or begin > 0  # the day on which tracks begin is not a whole one
    else:
        assert found.first == since
    assert sighting.days_of(found) >= 0


def test_what_cannot_be_told_says_why():
    context = Context(zones=ZONES, tracks_since=None)
    assert sighting.queries(NOW, (), Filters(), context) == {}
    assert sighting.build(NOW, (), Filters(), context, {}).why == "tracks"
    late = Context(zones=ZONES, tracks_since=date(2025, 3, 11))
    told = sighting.build(NOW, (), Filters(), late, {})
    assert (told.why, told.since, told.followed) == ("tracks", date(2025, 3, 11), None)
    assert sighting.queries(NOW, (), Filters(cells=(5,)), CONTEXT) == {}
    assert sighting.build(NOW, (), Filters(cells=(5,)), CONTEXT, {}).why == "cells"
    nameless = sighting.build(NOW, (), Filters(), Context(tracks_since=date(2025, 1, 1)), answers(made(1, ("",))))
    assert nameless.why == "zones"
    assert nameless.minutes > 0


def test_a_period_that_tracks_reach_in_part_begins_where_they_do():
    context = Context(zones=ZONES, tracks_since=date(2025, 3, 4))
    asked = sighting.queries(NOW, (PREVIOUS,), Filters(), context)
    assert asked["sighting.incidents"].spans == asked["sighting.patrol"].spans == (Span(date(2025, 3, 5), NOW.last),)
    frame = made(6)
    found = sighting.build(NOW, (PREVIOUS,), Filters(), context, answers(frame[frame.span == 0]))
    assert (found.first, found.since, found.days, found.partial) == (date(2025, 3, 5), date(2025, 3, 4), 6, False)
    assert found.followed.against == {}
    assert {zone.before_minutes for zone in found.zones} == {None}


def test_no_incidents_or_no_presence_is_no_following():
    frame = made(7)
    for column in ("n", "minutes"):
        empty = frame.assign(**{column: 0})
        found = sighting.build(NOW, (), Filters(), CONTEXT, answers(empty))
        assert found.followed is None
        assert all(zone.verdict in ("few", "noise", "short", "ample") for zone in found.zones)


def test_of_the_day_on_which_tracks_begin_only_hours_with_tracks_count():
    day = date(2025, 3, 4)
    context = Context(zones=ZONES, tracks_since=day)
    frame = made(8).query("span == 0 and weekday == 2")
    frame.loc[frame.hour < 14, "minutes"] = 0.0
    span = Span(day, day, 20 * 60 + 30)
    assert sighting.queries(span, (), Filters(), context)["sighting.patrol"].spans == (Span(day, day, 20 * 60),)
    frame = frame[frame.hour < 20]
    found = sighting.build(span, (), Filters(), context, answers(frame))
    told = frame[frame.hour >= 14]
    assert (found.partial, found.days) == (True, 6 / 24)
    assert sum(zone.incidents for zone in found.zones) == told.n[told.zone != ""].sum()
    assert found.outside_incidents == told.n[told.zone == ""].sum()
    zone = next(zone for zone in found.zones if zone.key == "Z1")
    assert zone.per_road_km == pytest.approx(told.minutes[told.zone == "Z1"].sum() * 4 / 10.0)
    nothing = sighting.build(span, (), Filters(), context, answers(frame.assign(minutes=0.0)))
    assert (nothing.why, nothing.since, nothing.zones) == ("tracks", day, [])


@given(st.integers(0, 60), st.sets(st.integers(1, 7)), st.sampled_from([None, 0, 720]))
def test_days_are_those_of_the_weekdays_that_are_asked_for(length, weekdays, until):
    first = date(2025, 3, 1)
    days = [first + timedelta(days=k) for k in range(length + 1)]
    share = {days[-1]: 1.0 if until is None else until / 1440}
    expected = sum(share.get(day, 1.0) for day in days if not weekdays or day.isoweekday() in weekdays)
    assert sighting.days_of(Span(first, days[-1], until), tuple(weekdays)) == pytest.approx(expected)
