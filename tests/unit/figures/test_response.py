"""Intervals, shares and stations, each against a plain computation on the incidents themselves."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.figures import response
from analytics.figures.request import Context
from analytics.figures.shares import beside_all, two_shares
from data_feeds.history.query import Filters, Span
from tests.unit.figures import made_history
from tests.unit.figures.made_history import BEFORE, BESIDES, NOW, TARGETS, WAYS, seconds, within

CONTEXT = Context(targets=TARGETS, allowances={"travel": {"centre": 90}})
MADE = (1, 6_000)


@pytest.fixture(scope="module")
def answers(store):
    return made_history.answers(store, response.queries(NOW, BESIDES, Filters(), CONTEXT))


@pytest.fixture(scope="module")
def rows(answers):
    return {(row.interval, row.place_class): row for row in response.intervals(BESIDES, CONTEXT, answers)}


@pytest.mark.parametrize("place", ["", *TARGETS])
@pytest.mark.parametrize("name", WAYS)
def test_every_interval_is_what_the_incidents_say(frame, rows, name, place):
    row = rows[name, place]
    for span, told in ((NOW, row), (BEFORE, row.against["previous"])):
        mine = within(frame, span)
        mine = mine[mine.place_class == place] if place else mine
        took = seconds(mine, *WAYS[name])
        known = took.dropna()
        assert (told.n, told.missing) == (len(known), int(took.isna().sum()))
        assert told.missing > 0
        assert (told.p50, told.p90, told.p95) == pytest.approx(tuple(np.percentile(known, [50, 90, 95])))
    took = seconds(within(frame, NOW).query("place_class == @place" if place else "index >= 0"), *WAYS[name]).dropna()
    assert row.mean == pytest.approx(took.mean())
    assert row.within == {limit: int((took <= limit).sum()) for limit in (60, 180, 300)}
    assert row.against["previous"].difference_s == pytest.approx(row.p50 - row.against["previous"].p50)
    assert row.allowance_s == (90 if (name, place) == ("travel", "centre") else None)


@pytest.mark.parametrize("place", ["", *TARGETS])
def test_the_share_in_target_is_that_of_incidents_with_a_target(frame, rows, place):
    row = rows["response", place]
    told = []
    for span in (NOW, BEFORE):
        mine = within(frame, span)
        took, target = seconds(mine, *WAYS["response"]), mine.place_class.map(TARGETS)
        held = took.notna() & target.notna() & ((mine.place_class == place) | (not place))
        told.append((int((took[held] <= target[held]).sum()), int(held.sum())))
    (x, n), (before_x, before_n) = told
    assert (row.in_target, row.with_target, row.share_in_target) == (x, n, x / n)
    before = row.against["previous"]
    assert (before.in_target, before.share_in_target) == (before_x, before_x / before_n)
    pooled = (x + before_x) / (n + before_n)
    z = (x / n - before_x / before_n) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / before_n))
    assert before.change.z == pytest.approx(z, abs=0.005)
    assert before.change.points == pytest.approx(100 * (x / n - before_x / before_n), abs=0.05)
    assert row.target_s == TARGETS.get(place)
    assert rows["travel", place].share_in_target is None


def test_a_year_without_records_has_no_numbers(rows):
    for row in rows.values():
        then = row.against["last_year"]
        assert (then.n, then.p50, then.share_in_target, then.difference_s, then.change) == (0, None, None, None, None)
        assert then.gaps
        assert then.why == ("reach",)


def test_what_no_origin_tells_is_said_to_lack(rows, answers):
    assert rows["answering", ""].lacks == ("answered",)
    assert (rows["answering", ""].n, rows["answering", ""].p50) == (0, None)
    assert rows["dispatch", ""].lacks == ()
    poor = Context(targets=TARGETS, lacks=("enroute", "place_class"))
    told = {row.interval: row for row in response.intervals(BESIDES, poor, answers)}
    assert len(response.intervals(BESIDES, poor, answers)) == 5  # no rows of classes
    assert (told["turnout"].lacks, told["travel"].lacks, told["response"].lacks) == (("enroute",), ("enroute",), ())


def test_an_empty_period_says_nothing(tmp_path):
    store = made_history.store(tmp_path, made_history.incidents(2, 10, 5))
    span = Span(date(2025, 6, 1), date(2025, 6, 1), 600)
    found = made_history.answers(store, response.queries(span, (), Filters(), CONTEXT))
    for row in response.intervals((), CONTEXT, found):
        assert (row.n, row.missing, row.p50, row.share_in_target, row.few) == (0, 0, None, None, True)
        assert row.within == {60: 0, 180: 0, 300: 0}
    assert response.stations(CONTEXT, found) == []
    assert response.unclassified(found) == 0
    store.close()


def test_targets_of_other_lengths_are_counted_too(frame, tmp_path):
    context = Context(targets={"centre": 240})
    store = made_history.store(tmp_path, frame)
    found = made_history.answers(store, response.queries(NOW, (), Filters(), context))
    rows = {(r.interval, r.place_class): r for r in response.intervals((), context, found)}
    mine = within(frame, NOW)
    took = seconds(mine[mine.place_class == "centre"], *WAYS["response"]).dropna()
    assert rows["response", "centre"].in_target == int((took <= 240).sum()) == rows["response", ""].in_target
    assert rows["response", "other"].in_target is None
    store.close()


def test_incidents_without_class_are_counted_apart(frame, answers):
    assert response.unclassified(answers) == int((within(frame, NOW).place_class == "").sum())


def test_stations_against_all_of_them_class_by_class(frame, answers):
    mine = within(frame, NOW)
    mine = mine.assign(took=seconds(mine, *WAYS["response"]), target=mine.place_class.map(TARGETS))
    judged = mine.dropna(subset=["took", "target"]).assign(hit=lambda f: f.took <= f.target)
    found = {one.key: one for one in response.stations(CONTEXT, answers)}
    assert set(found) == {"A1", "A2", "B1"}
    for name, one in found.items():
        own = mine[mine.station == name]
        assert (one.n, one.missing) == (int(own.took.notna().sum()), int(own.took.isna().sum()))
        assert one.p50 == pytest.approx(own.took.median())
        hits = judged[judged.station == name]
        assert (one.in_target, one.with_target) == (int(hits.hit.sum()), len(hits))
        expected = variance = 0.0
        for place, part in judged.groupby("place_class"):
            n, n_all, x_all = int((hits.place_class == place).sum()), len(part), int(part.hit.sum())
            chance = stats.hypergeom(n_all, x_all, n)
            expected, variance = expected + chance.mean(), variance + chance.var()
        assert one.expected == pytest.approx(expected)
        assert one.z == pytest.approx((one.in_target - expected) / math.sqrt(variance), abs=0.005)
    shares = [one.share_in_target for one in response.stations(CONTEXT, answers)]
    assert shares == sorted(shares)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_two_shares_mirror_each_other_and_never_break(x, rest, before_x, before_rest):
    n, before_n = x + rest, before_x + before_rest
    told, mirrored = two_shares(x, n, before_x, before_n), two_shares(before_x, before_n, x, n)
    if not n or not before_n:
        assert (told.points, told.verdict) == (None, "few")
        return
    assert told.points == pytest.approx(-mirrored.points)
    assert told.z == pytest.approx(-mirrored.z)
    assert {told.verdict, mirrored.verdict} in ({"few"}, {"noise"}, {"up", "down"})
    if min(n, before_n) < 10:
        assert told.verdict == "few"


def test_a_clear_difference_is_told_and_a_small_one_is_not():
    assert two_shares(900, 1000, 800, 1000).verdict == "up"
    assert two_shares(800, 1000, 810, 1000).verdict == "noise"
    assert two_shares(2, 3, 900, 1000).verdict == "few"
    assert two_shares(1000, 1000, 1000, 1000) == two_shares(50, 50, 20, 20)


def test_the_only_station_is_as_all():
    assert beside_all([(50, 100, 50, 100)]) == (50.0, None, "few")
    assert beside_all([]) == (0, None, "few")
