"""Drones beside their comparators: verdicts as those of incidents, and what cannot be compared."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures.drones import Work, against, build, queries
from analytics.figures.request import Request
from analytics.figures.result import Comparison, Data, Figure, Period, Report
from data_feeds.history.query import Detected, DronesKnown, Filters, Flown, Span
from tests import plain

ZONE = "Asia/Shanghai"
DAY = date(2026, 3, 2)
ONE = timedelta(days=1)
WEEK = [Span(DAY - 7 * ONE * n, DAY - 7 * ONE * n + 6 * ONE) for n in range(2)]
LONG_AGO = date(2020, 1, 1)


def a_report(own=WEEK[0], before=WEEK[1], recorded=1.0, days=7.0, kind="week", used=(0,), scope=""):
    """A week beside the week before; the year before has no records."""
    request = Request(kind, own.first, 4e12, ZONE, where=Filters(scope))
    return Report(
        request, Period(kind, own.first, own.last, own.last),
        [Comparison("previous", (before,), used, days=days), Comparison("last_year", (Span(LONG_AGO, LONG_AGO),), (),
                                                                        why=("reach",)),
         Comparison("weekdays4", (before, before), (0,))],
        Data(1, None, (), (), recorded=recorded), Figure(0, 0), {},
    )  # fmt: skip


COUNTS = st.integers(0, 5_000)


@given(COUNTS, COUNTS, st.sampled_from([1.0, 0.95, 0.5]), st.sampled_from([7.0, 6.6, 3.0]))
def test_a_count_is_judged_as_one_of_incidents(n, then, recorded, days):
    told = against(a_report(recorded=recorded, days=days), a_report(days=days).comparators[0], n, then, LONG_AGO)
    wanted = plain.judged(plain.Part(n, 7 * recorded), [plain.Part(then, days)])
    change = told.per_day or told.change
    assert told.value == then
    assert change.verdict == wanted.verdict
    assert change.z == pytest.approx(wanted.z, abs=0.006)
    assert change.percent == pytest.approx(wanted.percent, abs=0.06) if wanted.percent is not None else (
        change.percent is None
    )  # fmt: skip
    assert (told.change is None) == (recorded == 0.5 or days == 3.0)


def test_a_day_of_which_much_is_missing_is_not_compared():
    report = a_report(Span(DAY, DAY), Span(DAY - ONE, DAY - ONE), 0.6, 1.0, "day")
    told = against(report, report.comparators[0], 50, 90, LONG_AGO)
    assert (told.value, told.change, told.per_day) == (90.0, None, None)


@pytest.mark.parametrize("since", [None, WEEK[1].first, DAY])
def test_before_drones_were_known_nothing_is_compared(since):
    report = a_report()
    told = against(report, report.comparators[0], 50, 0, since)
    assert (told.value, told.why) == (None, ("reach",))
    assert against(report, report.comparators[1], 50, 0, LONG_AGO).value is None


def test_the_questions_are_about_the_period_and_its_like_ones_in_the_scope():
    asked = queries(a_report(scope="A1"))
    assert asked["known"] == DronesKnown(WEEK[0].last)
    assert asked["flown"] == Flown((*WEEK, Span(LONG_AGO, LONG_AGO)), ("drone_id",), "A1")
    assert asked["seen"] == Detected((WEEK[0],), ("mission",), "A1")


def table(names, *rows):
    texts = ("drone_id", "mission", "kind")
    schema = pa.schema([(name, pa.string() if name in texts else pa.int64()) for name in names])
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema)


def answers(**changes):
    told = ("minutes", "sorties", "drones")
    return {
        "known": pa.table({"flown": [LONG_AGO], "detected": [LONG_AGO]}),
        "flown": table(("span", "drone_id", *told), (0, "D1", 300, 14, 1), (0, "D2", 200, 9, 1), (1, "D1", 100, 5, 1)),
        "missions": table(("span", "mission", *told), (0, "湖", 450, 20, 2), (0, "", 50, 4, 1)),
        "kinds": table(("span", "kind", "n"), (0, "crowd", 90), (0, "boat", 5), (1, "crowd", 30), (1, "fire", 3)),
        "found": table(("span", "drone_id", "n"), (0, "D1", 60), (0, "D3", 35)),
        "seen": table(("span", "mission", "n"), (0, "湖", 95)), **changes,
    }  # fmt: skip


def test_what_drones_did_and_found():
    drones = build(a_report(), answers())
    assert drones.work == Work(23, 500, 2)
    assert drones.then == {"previous": Work(5, 100, 1)}
    assert drones.sorties["previous"].change.verdict == "up"
    assert drones.sorties["last_year"].value is None
    assert [(row.key, row.n, row.against["previous"].value) for row in drones.kinds] == [
        ("crowd", 90, 30.0), ("boat", 5, 0.0), ("fire", 0, 3.0),
    ]  # fmt: skip
    assert drones.kinds[0].share == 90 / 95
    assert [row.against["previous"].change.verdict for row in drones.kinds] == ["up", "few", "few"]
    assert [(row.key, row.sorties, row.minutes, row.detections) for row in drones.by_drone] == [
        ("D1", 14, 300, 60), ("D2", 9, 200, 0), ("D3", 0, 0, 35),
    ]  # fmt: skip
    assert [(row.key, row.detections) for row in drones.by_mission] == [("湖", 95), ("", 0)]


def test_nothing_is_a_figure_too():
    names = {"flown": "drone_id", "missions": "mission", "kinds": "kind", "found": "drone_id", "seen": "mission"}
    told = ("minutes", "sorties", "drones", "n")
    empty = {name: table(("span", key, *told)) for name, key in names.items()}
    drones = build(a_report(), answers(**empty))
    assert drones.work == Work()
    assert drones.sorties["previous"].change.verdict == "few"
    assert (drones.kinds, drones.by_drone, drones.by_mission, drones.found) == ((), (), (), 0)
