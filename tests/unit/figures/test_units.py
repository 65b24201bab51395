"""Units beside each other, against pandas and the hypergeometric distribution."""

from __future__ import annotations

import math
from datetime import date

import pytest
from scipy import stats

from analytics.figures import units
from data_feeds.history.query import Filters, Span
from tests.unit.figures import made_history
from tests.unit.figures.made_history import NOW, TARGETS, WAYS, seconds, within


@pytest.fixture(scope="module")
def frame():
    return made_history.incidents(9, 4_000)


@pytest.fixture(scope="module")
def told(frame, tmp_path_factory):
    store = made_history.store(tmp_path_factory.mktemp("units"), frame)
    found = units.slowest(TARGETS, store.run(units.query(NOW, Filters(), TARGETS)))
    store.close()
    return found


def test_every_unit_against_all_that_are_told_of_a_unit(frame, told):
    mine = within(frame, NOW)
    mine = mine.assign(took=seconds(mine, *WAYS["response"]), target=mine.place_class.map(TARGETS))
    alone = mine[mine.unit_id != ""]
    judged = alone.dropna(subset=["took", "target"]).assign(hit=lambda f: f.took <= f.target)
    assert {one.response.key for one in told.units} == {f"U{k}" for k in range(1, 9)}
    for one in told.units:
        own = alone[alone.unit_id == one.response.key]
        assert (one.response.n, one.response.missing) == (own.took.notna().sum(), own.took.isna().sum())
        assert one.response.p50 == pytest.approx(own.took.median())
        assert one.turnout_p50 == pytest.approx(seconds(own, *WAYS["turnout"]).median())
        assert one.travel_p50 == pytest.approx(seconds(own, *WAYS["travel"]).median())
        hits = judged[judged.unit_id == one.response.key]
        assert (one.response.in_target, one.response.with_target) == (hits.hit.sum(), len(hits))
        expected = variance = 0.0
        for place, part in judged.groupby("place_class"):
            chance = stats.hypergeom(len(part), int(part.hit.sum()), int((hits.place_class == place).sum()))
            expected, variance = expected + chance.mean(), variance + chance.var()
        assert one.response.expected == pytest.approx(expected)
        assert one.response.z == pytest.approx((one.response.in_target - expected) / math.sqrt(variance), abs=0.005)


def test_the_totals_and_what_chance_would_do(frame, told):
    mine = within(frame, NOW)
    took = seconds(mine, *WAYS["response"])
    assert (told.n, told.alone) == (took.notna().sum(), took[mine.unit_id != ""].notna().sum())
    assert told.judged == sum(one.response.verdict != "few" for one in told.units) > 0
    assert told.chance == pytest.approx(told.judged * stats.norm.sf(3))


def test_the_slowest_comes_first_and_few_come_last(frame, tmp_path):
    slow = frame.copy()
    late = slow.unit_id == "U1"
    slow.loc[late, ["on_scene"]] += 300_000.0
    slow.loc[slow.unit_id == "U8", "unit_id"] = [f"R{k}" for k in range((slow.unit_id == "U8").sum())]
    store = made_history.store(tmp_path, slow)
    told = units.slowest(TARGETS, store.run(units.query(NOW, Filters(), TARGETS)))
    first = told.units[0].response
    assert (first.key, first.verdict, told.slow) == ("U1", "down", 1)
    verdicts = [one.response.verdict == "few" for one in told.units]
    assert verdicts == sorted(verdicts)
    assert any(verdicts)
    judged = [one.response.z for one in told.units if one.response.verdict != "few"]
    assert judged == sorted(judged)
    behind = [one.response.in_target - (one.response.expected or 0) for one in told.units[len(judged):]]
    assert behind == sorted(behind)
    store.close()


def test_a_source_that_names_no_unit_names_none(frame, tmp_path):
    store = made_history.store(tmp_path, frame.assign(unit_id=""))
    told = units.slowest(TARGETS, store.run(units.query(NOW, Filters(), TARGETS)))
    assert (told.alone, told.units, told.judged, told.slow) == (0, (), 0, 0)
    assert told.n > 0
    store.close()


def test_without_targets_the_medians_remain(frame, tmp_path):
    store = made_history.store(tmp_path, frame)
    told = units.slowest({}, store.run(units.query(NOW, Filters(), {})))
    medians = [one.response.p50 for one in told.units]
    assert medians == sorted(medians, reverse=True)
    assert told.judged == 0
    assert all(one.response.z is None for one in told.units)
    empty = Span(date(2030, 1, 1), date(2030, 1, 2))
    assert units.slowest({}, store.run(units.query(empty, Filters(), {}))) == units.Units(0, 0, (), 0, 0, 0.0)
    store.close()
