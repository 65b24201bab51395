"""What is kept of whole months changes no answer: whatever happens to a history, it tells what its rows tell."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_feeds.history import rollups
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Breaches, Counts, Filters, LastSeen, Span, Spreads, Tallies, Word
from data_feeds.history.rollups import Known
from data_feeds.history.store import Options
from tests.unit.history_story import CATEGORIES, PLACE_CLASSES, incidents, same, table

ROOT = Path(__file__).resolve().parents[2]
FIRST, LAST = date(2024, 1, 1), date(2024, 6, 30)
NOW_MS = datetime(2024, 6, 10, tzinfo=UTC).timestamp() * 1000.0
ZONE = "America/Chicago"
EVER = Span(date(1990, 1, 1), date(2030, 1, 1))
SPANS = (
    EVER, Span(FIRST, LAST, 600), Span(date(2024, 1, 15), date(2024, 4, 14)), Span(date(2024, 2, 1), date(2024, 4, 30)),
    Span(date(2024, 2, 1), date(2024, 3, 31), 700), Span(date(2024, 3, 3), date(2024, 3, 9)),
    Span(date(2020, 1, 1), date(2021, 1, 1)), EVER,
)  # fmt: skip
TARGETS = (("key_spot", 60), ("centre", 120), ("other", 300))
ALLOWANCES = (("answering", "key_spot", 10), ("dispatch", "key_spot", 20), ("turnout", "centre", 30),
              ("travel", "centre", 40), ("travel", "other", 100), ("dispatch", "other", 0))  # fmt: skip
CELL = 0x87446E4A0FFFFFF
WHERES = (
    Filters(kinds=()), Filters(), Filters(categories=("theft",)), Filters(scope="B1", kinds=("counted", "invalid")),
    Filters(place_classes=("key_spot", ""), zones=("Z1",)), Filters(hours=(1, 2), weekdays=(1,)),
    Filters(severities=("high",), sources=("call",)), Filters(kinds=(), cells=(CELL,)),
)  # fmt: skip


def questions(where):
    """Every question that may be answered by months, and some that may not."""
    for by in ((), ("kind",), ("date",), ("month", "category"), ("hour",), ("weekday", "hour"), ("zone", "kind"),
               ("station", "branch"), ("minute",), ("hour", "zone")):  # fmt: skip
        yield Counts(SPANS, by, where)
    yield from (Counts(SPANS, ("cell",), where, resolution) for resolution in (9, 8, 6))
    yield from (Tallies(SPANS, words, where) for words in (get_args(Word), ("zone",), ("category", "source")))
    yield from (LastSeen(by, until, where) for by in ("zone", "station", "place") for until in (LAST, FIRST))
    for by, first in (((), ()), (("place_class",), (0,)), (("station", "place_class"), (1, 0)), (("month",), ()),
                      (("hour",), ())):  # fmt: skip
        yield Spreads(SPANS, ("answering", "travel", "response"), by, where, (60, 180), first)
    yield Spreads(SPANS[:2], ("handling", "accepting"), (), where)
    yield from (Breaches(SPANS, TARGETS, ALLOWANCES, by, where) for by in ((), ("place_class",), ("zone",)))
    yield Breaches(SPANS, (("other", -5), ("key_spot", 10**9)), ())


# under every other filter every third of them
QUESTIONS = [one for where in WHERES[:2] for one in questions(where)]
QUESTIONS += [one for at, where in enumerate(WHERES[2:]) for one in tuple(questions(where))[at % 3 :: 3]]


@contextlib.contextmanager
def rows_alone():
    """Meanwhile nothing that is kept of months holds."""
    held = rollups.known

    def nothing(read):
        return Known(*(dict.fromkeys(months, False) for months in held(read)))

    rollups.known = nothing
    try:
        yield
    finally:
        rollups.known = held


def compare(store, asked):
    for query in asked:
        with rows_alone():
            wanted = store.run(query)
        got = store.run(query)
        same(got, wanted)
        assert got.schema == wanted.schema


def known(store) -> Known:
    with store._database.snapshot() as read:
        return rollups.known(read)


def sum_up(store, now_ms=NOW_MS):
    while store.tidy(now_ms).unsummed:
        pass


def some(seed, n, first="i"):
    """Rows of RAW over half a year, three of four in its first five months."""
    days = tuple(FIRST + timedelta(days=int(at)) for at in np.random.default_rng(seed).integers(0, 175, 60))
    return incidents(seed, n, ZONE, days, first)


@pytest.fixture
def opened(tmp_path):
    stores = []

    def open_it(name="store", **options):
        stores.append(open_store(tmp_path / name, Options(**{"time_zone": ZONE, **options})))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


def test_every_question_is_answered_as_from_the_rows(opened):
    store = opened()
    store.put_table(table(some(1, 4_000)), "test")
    assert store.tidy(NOW_MS).summed > 0
    sum_up(store)
    assert [month for month, holds in known(store).sums.items() if not holds] == [date(2024, 6, 1)]
    assert sum(known(store).took.values()) == 5
    compare(store, QUESTIONS)


def test_months_answer_what_a_page_asks(opened):
    """Of ended months no row is read: a page would tell the same were they gone."""
    store = opened()
    store.put_table(table(some(2, 2_000)), "test")
    sum_up(store)
    year, where = (Span(FIRST, date(2024, 5, 31)),), Filters()
    asked = [
        Counts(year, ("kind",), Filters(kinds=())), Counts(year, ("hour",), where), Counts(year, ("date",), where),
        Counts(year, ("weekday", "hour"), where), Counts(year, ("cell",), where), Counts(year, (), where),
        Tallies(year, get_args(Word), where), Tallies(year, ("zone", "station"), Filters(categories=("theft",))),
        Spreads(year, ("answering", "dispatch", "turnout", "travel", "response"), ("place_class",), where, (60,), (0,)),
        Spreads(year, ("response",), ("station", "place_class"), where, (), (1,)),
        Spreads(year, ("response",), ("place_class",), Filters(scope="B1")),
        Breaches(year, TARGETS, ALLOWANCES, ("place_class",), where), LastSeen("zone", date(2024, 5, 31), where),
    ]  # fmt: skip
    wanted = [store.run(query) for query in asked]
    store._database.write(lambda con: con.execute("DELETE FROM incidents"))  # behind its back: no day has changed
    for query, before in zip(asked, wanted, strict=True):
        same(store.run(query), before)
        assert len(before) > 0


MOMENT = st.integers(0, 175 * 24 * 60).map(
    lambda minute: round((datetime(2024, 1, 1, tzinfo=ZoneInfo(ZONE)).timestamp() + minute * 60) * 1000)
)
ROW = st.fixed_dictionaries(
    {"incident_id": st.integers(0, 30).map(str), "version": st.integers(0, 3), "category": st.sampled_from(CATEGORIES),
     "exercise": st.booleans(), "call_received_ms": MOMENT, "place_class": st.sampled_from(PLACE_CLASSES),
     "zone": st.sampled_from(["Z1", "Z2", ""]), "lat": st.sampled_from([None, 41.8, 41.9]), "lon": st.just(-87.7)}
)  # fmt: skip
STEP = st.one_of(
    st.lists(ROW, min_size=1, max_size=8), st.sampled_from(["sum up", "a little", "forget", "restart", "other clock"])
)
ASKED = [
    Counts(SPANS[1:5], ("date", "category"), Filters(kinds=())), Counts(SPANS[1:5], ("hour",)),
    Counts(SPANS[1:5], ("cell",)),
    Tallies(SPANS[1:5], get_args(Word)), LastSeen("zone", LAST),
    Spreads(SPANS[1:5], ("response", "travel"), ("place_class",), Filters(kinds=()), (60,), (0,)),
    Breaches(SPANS[1:5], TARGETS, ALLOWANCES, ("place_class",)),
]  # fmt: skip
_COUNTER = itertools.count()


@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate],
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(steps=st.lists(STEP, min_size=2, max_size=6))
def test_whatever_happens_the_rows_are_told(opened, steps):
    name, clock = f"s{next(_COUNTER)}", 0
    store = opened(name)
    store.put_table(table(some(3, 400)), "test")
    for step in steps:
        if isinstance(step, list):
            frame = pd.DataFrame(step).astype({"lat": float})
            frame["dispatched_ms"] = frame.call_received_ms + 30_000
            frame["on_scene_ms"] = frame.call_received_ms + 61_000 * frame.version
            store.put_table(table(frame), "test")
        elif step == "sum up":
            sum_up(store)
        elif step == "a little":
            store._rollups.renew(date(2024, 6, 10), lambda: False)
        else:
            store.close()
            clock = 480 - clock if step == "other clock" else clock
            store = opened(name, day_starts_min=clock, incidents_days=120 if step == "forget" else 0)
            if step == "forget":
                assert store.tidy(NOW_MS).incidents >= 0
        compare(store, ASKED)


def test_what_changes_while_a_month_is_read_is_not_lost(opened):
    """The sums are of before the change, and do not hold."""
    store = opened()
    store.put_table(table(some(4, 500)), "test")
    snapshot = store._database.snapshot

    @contextlib.contextmanager
    def meanwhile():
        with snapshot() as read:
            read("SELECT count(*) FROM incidents")  # the moment that is read
            store._database.snapshot = snapshot
            store.put_table(table(some(5, 500, "later")), "test")
            yield read

    store._database.snapshot = meanwhile
    store._rollups._make(date(2024, 3, 1))
    assert not any(known(store).sums.values())
    sum_up(store)
    assert sum(known(store).sums.values()) == 5
    compare(store, ASKED)


def test_only_the_months_that_change_are_read_again(opened):
    store = opened()
    store.put_table(table(some(6, 500)), "test")
    sum_up(store)
    frame = some(6, 1).assign(incident_id="late", version=9, call_received_ms=1_709_000_000_000)  # 27 February 2024
    store.put_table(table(frame), "test")
    assert [month.month for month, holds in known(store).sums.items() if not holds] == [2, 6]
    compare(store, ASKED)
    assert store.tidy(NOW_MS).summed == 1
    assert store.tidy(NOW_MS).summed == 0


def test_a_file_from_before_there_were_months_gets_them(opened, tmp_path):
    store = opened()
    store.put_table(table(some(7, 500)), "test")
    store.close()
    with duckdb.connect(str(tmp_path / "store" / "history.duckdb")) as con:
        for name in ("months", "sums", "took"):
            con.execute(f"DROP TABLE {name}")
    store = opened()
    assert not any(known(store).sums.values())
    compare(store, ASKED)
    assert store.tidy(NOW_MS).summed > 0


CHILD = """
import sys
from tests.unit.test_history_rollups import *
store = open_store(sys.argv[1], Options(time_zone=ZONE))
print("open", flush=True)
first = int(sys.argv[2])
for turn in range(first, 10**6):
    # of every month, then of one: whenever it is killed, other months are summed up
    store.put_table(table(some(turn, 20 if turn == first else 1)), "test")
    store.tidy(NOW_MS)
    print(turn, flush=True)
"""


def test_kill_9_leaves_no_wrong_sum(opened, tmp_path):
    chance, turn = random.Random(5), 100
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(4):
        command = [sys.executable, "-c", CHILD, str(tmp_path / "store"), str(turn)]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
            told = [child.stdout.readline() for _ in range(chance.randrange(2, 5))]
            time.sleep(chance.random() / 5)  # a moment that has nothing to do with what is written
            child.kill()
        turn = int(told[-1]) + 1
        store = opened()
        assert any(known(store).sums.values())
        compare(store, ASKED)
        store.close()


def test_a_month_with_an_interval_of_weeks_is_told_from_its_rows(opened):
    store = opened()
    frame = some(8, 500)
    at = frame.index[frame.call_received_ms.notna()][0]
    frame.loc[at, "on_scene_ms"] = frame.loc[at, "call_received_ms"] + 40 * 86_400_000
    frame.loc[at, "version"] = 9
    store.put_table(table(frame), "test")
    sum_up(store)
    assert sum(known(store).took.values()) == sum(known(store).sums.values()) - 1
    compare(store, ASKED)
