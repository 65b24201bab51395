"""Causes of breaches against a plain loop over the incidents; allowances by their definition."""

import math
from collections import Counter
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures import breaches
from analytics.figures.request import Context
from data_feeds.history.query import Filters, Span
from tests.unit.figures import made_history
from tests.unit.figures.made_history import BEFORE, BESIDES, NOW, TARGETS, WAYS, seconds, within

MADE = (3, 8_000)


def learned(store, day, targets=TARGETS):
    return breaches.allowances(targets, made_history.answers(store, breaches.usual_queries(day)))


def by_hand(target, medians):
    """Whole seconds in proportion to the medians, what is left over to the largest remainders."""
    exact = {name: target * value / sum(medians.values()) for name, value in medians.items()}
    whole = {name: math.floor(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda name: whole[name] - exact[name])[: target - sum(whole.values())]:
        whole[name] += 1
    return whole


def test_allowances_divide_the_target_as_the_medians_of_three_months_before(frame, store):
    found = learned(store, date(2025, 3, 17))
    before = within(frame, Span(date(2024, 12, 1), date(2025, 2, 28)))
    for place, target in TARGETS.items():
        mine = before[before.place_class == place]
        medians = {name: float(np.nanmedian(seconds(mine, *WAYS[name]))) for name in ("dispatch", "turnout", "travel")}
        assert {name: found[name][place] for name in medians} == by_hand(target, medians)
    assert learned(store, date(2025, 3, 1)) == learned(store, date(2025, 3, 31)) == found


def test_without_months_before_the_month_itself_serves(frame, store):
    found = learned(store, date(2025, 1, 20))
    mine = within(frame, Span(date(2025, 1, 1), date(2025, 1, 31))).query("place_class == 'other'")
    medians = {name: float(np.nanmedian(seconds(mine, *WAYS[name]))) for name in ("dispatch", "turnout", "travel")}
    assert {name: found[name]["other"] for name in medians} == by_hand(300, medians)


def test_a_class_that_never_occurs_gets_what_the_others_have(frame, store):
    before = within(frame, Span(date(2024, 12, 1), date(2025, 2, 28)))
    medians = {}
    for name in ("dispatch", "turnout", "travel"):
        took = seconds(before, *WAYS[name]).groupby(before.place_class)
        medians[name] = float((took.median() * took.count()).sum() / took.count().sum())
    found = learned(store, date(2025, 3, 1), {"harbour": 240})
    assert {name: found[name]["harbour"] for name in medians} == by_hand(240, medians)


def test_without_any_records_there_are_none(store):
    assert learned(store, date(2022, 3, 1)) == {}


@given(st.integers(1, 3_600), st.lists(st.floats(0, 5_000), min_size=3, max_size=3))
def test_the_three_make_the_target(target, values):
    medians = dict(zip(("dispatch", "turnout", "travel"), values, strict=True))
    found = breaches.divided(target, medians)
    if sum(values) == 0:
        assert found == {}
        return
    assert sum(found.values()) == target
    for name, seconds_ in found.items():
        assert abs(seconds_ - target * medians[name] / sum(values)) < 1


@given(st.integers(60, 600), st.floats(1, 200), st.floats(1, 500), st.floats(0, 100))
def test_what_a_source_does_not_tell_keeps_its_part(target, dispatch, response, answering):
    found = breaches.divided(target, {"dispatch": dispatch, "response": response, "answering": answering})
    assert found["dispatch"] == int(target * dispatch / max(dispatch, response))
    assert found["answering"] == int(target * answering / max(dispatch, response))
    assert breaches.divided(target, {"dispatch": dispatch}) == {}
    assert breaches.divided(target, {"response": response}) == {}


@pytest.fixture(scope="module")
def context(store):
    return Context(targets=TARGETS, allowances=learned(store, NOW.first))


@pytest.fixture(scope="module")
def found(store, context):
    asked = breaches.queries(NOW, BESIDES, Filters(), context)
    return breaches.build(BESIDES, context, made_history.answers(store, asked))


def causes(frame, span, allowances):
    """(place class, cause) → breaches of ``span``, incident by incident."""
    counts = Counter()
    for row in within(frame, span).itertuples():
        took = {name: (getattr(row, end) - getattr(row, begin)) / 1000 for name, (begin, end) in WAYS.items()}
        took = {name: value for name, value in took.items() if value >= 0}  # NaN is not
        target = TARGETS.get(row.place_class)
        if target is None or took.get("response", 0) <= target:
            continue
        over = {name: took[name] - allowances[name][row.place_class] for name in ("dispatch", "turnout", "travel")
                if name in took}  # fmt: skip
        most = max(over.values(), default=0)
        cause = next(name for name in over if over[name] == most) if most > 0 else "unknown"
        counts[row.place_class, cause] += 1
    return counts


def test_every_breach_has_the_cause_that_a_loop_finds(frame, context, found):
    now, before = (causes(frame, span, context.allowances) for span in (NOW, BEFORE))
    assert {(one.place_class, one.cause): one.n for one in found if one.n} == dict(now)
    assert {(one.place_class, one.cause): one.against["previous"].n for one in found} == {
        **dict.fromkeys(now, 0), **before
    }
    for one in found:
        total = sum(n for (place, _), n in now.items() if place == one.place_class)
        assert one.share == one.n / total
        assert one.against["last_year"].change is None
        assert one.against["last_year"].gaps
    assert {one.cause for one in found} >= {"dispatch", "turnout", "travel", "unknown"}


def test_a_breach_whose_three_intervals_are_known_has_a_cause(frame, context):
    known = frame.dropna(subset=["dispatched", "enroute", "on_scene"])
    in_order = (known.dispatched >= known.call_received) & (known.enroute >= known.dispatched)
    known = known[in_order & (known.on_scene >= known.enroute)]
    counts = causes(known, NOW, context.allowances)
    assert counts.total() > 100
    assert not any(cause == "unknown" for _, cause in counts)


@pytest.mark.parametrize("lack", ["call_received", "on_scene", "place_class"])
def test_a_source_that_tells_no_response_is_asked_nothing(lack):
    context = Context(targets=TARGETS, lacks=(lack,))
    assert breaches.queries(NOW, (), Filters(), context) == {}
    assert breaches.build((), context, {}) == []
    assert breaches.queries(NOW, (), Filters(), Context()) == {}
