"""The response strip against recounts of single rows."""

from datetime import date, timedelta

import pytest

from analytics.response import Targets
from analytics.strip import EMPTY, Strip, seconds_of, share_verdict, strip_body
from tests.unit.past_story import FakeHistory, Row

DAY = date(2026, 11, 21)
STRIP = Strip(seconds_of(Targets(60.0, 180.0, 300.0)))


def figures(rows, week=False):
    history = FakeHistory(rows)
    questions = (STRIP.week if week else STRIP.today)(DAY, "B1", {})
    assert {query.where.scope for query in questions.values()} == {"B1"}
    return STRIP.figures({name: history.run(query) for name, query in questions.items()})


def test_every_class_has_its_own_target():
    rows = [Row(DAY, k, place_class=name, response_s=s) for k, (name, s) in enumerate(
        [("KEY_SPOT", 59), ("KEY_SPOT", 61), ("CENTRE", 61), ("CENTRE", 180), ("OTHER", 301), ("", 10)])]  # fmt: skip
    told = figures(rows)
    assert {name: (f["n"], f["within"], f["breaches"]) for name, f in told.items()} == {
        "KEY_SPOT": (2, 1, 1), "CENTRE": (2, 2, 0), "OTHER": (1, 0, 1),
    }  # fmt: skip


def test_what_is_missing_is_counted_and_is_no_zero():
    told = figures([Row(DAY, 0, response_s=120.0), Row(DAY, 1), Row(DAY, 2)])
    assert (told["CENTRE"]["n"], told["CENTRE"]["missing"], told["CENTRE"]["p50"]) == (1, 2, 120.0)
    assert figures([Row(DAY, 0)])["CENTRE"]["p50"] is None


def test_causes_stand_in_the_order_of_their_number():
    rows = [Row(DAY, k, response_s=400.0, cause=cause) for k, cause in enumerate(["turnout", "travel", "travel"])]
    told = figures(rows)
    assert told["CENTRE"]["causes"] == [("travel", 2), ("turnout", 1)]


def test_the_week_is_the_seven_days_before_today():
    rows = [Row(DAY - timedelta(days=n), 0, response_s=100.0) for n in range(10)]
    assert figures(rows, week=True)["CENTRE"]["n"] == 7


@pytest.mark.parametrize(
    ("told", "verdict"),
    [((90, 100, 950, 1000), "noise"), ((80, 100, 950, 1000), "down"), ((100, 100, 800, 1000), "up"),
     ((5, 5, 950, 1000), "few"), ((0, 0, 950, 1000), None), ((50, 50, 500, 500), "noise")],
)  # fmt: skip
def test_shares_are_told_apart_only_beyond_chance(told, verdict):
    assert share_verdict(*told) == verdict


def test_the_document_has_every_class_and_its_target():
    today = figures([Row(DAY, 0, response_s=120.0)])
    body = strip_body(STRIP, today, {}, "ready", 1000.4, ("on_scene", "zone"))
    assert [(row["class"], row["target_s"]) for row in body["classes"]] == [
        ("KEY_SPOT", 60), ("CENTRE", 180), ("OTHER", 300)]  # fmt: skip
    assert body["classes"][0]["today"] == EMPTY
    assert (body["data_ms"], body["lacks"], body["past"]) == (1000, ["on_scene"], "ready")


def test_without_history_there_are_no_figures():
    body = strip_body(STRIP, None, None, "seeding", None)
    assert (body["classes"], body["past"], body["data_ms"]) == ([], "seeding", None)
