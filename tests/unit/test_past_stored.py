"""The questions of the wall put to the embedded history, against the same put to plain pandas."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analytics.past import Calendar, asked_days, past_of, questions
from analytics.response import Targets
from analytics.strip import Strip, seconds_of
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import RAW, Options
from tests.pandas_store import PandasStore

ZONE, STARTS = "America/Chicago", 480
DAY = date(2024, 3, 24)  # two Sundays after the clocks were changed
STRIP = Strip(seconds_of(Targets(60.0, 180.0, 300.0)))


def rows(count=6_000):
    rng = np.random.default_rng(4)
    now = datetime(2024, 3, 24, 20, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000
    call = (now - rng.uniform(0, 400 * 86_400_000, count)).astype(np.int64)
    dispatched = call + rng.integers(5_000, 120_000, count)
    there = dispatched + rng.integers(10_000, 400_000, count)
    return pd.DataFrame({
        "incident_id": [f"I-{n}" for n in range(count)], "version": 1, "call_received_ms": call,
        "category": rng.choice(["theft", "road_accident", "fraud"], count), "exercise": rng.random(count) < 0.05,
        "place_class": rng.choice(["key_spot", "centre", "other", ""], count), "dispatched_ms": dispatched,
        "enroute_ms": dispatched + 4_000, "on_scene_ms": pd.Series(there).where(rng.random(count) < 0.9),
    })  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    raw = rows()
    store = open_store(tmp_path_factory.mktemp("history"), Options(ZONE, STARTS))
    fields = [RAW.field(name) for name in raw.columns]
    store.put_table(pa.Table.from_pandas(raw, pa.schema(fields), preserve_index=False), "test")
    yield store, PandasStore(raw, ZONE, STARTS)
    store.close()


def answered(store, asked):
    return {name: store.run(query) for name, query in asked.items()}


def test_days_hours_and_categories_are_the_same(both):
    calendar, first = Calendar(ZoneInfo(ZONE), STARTS), date(2023, 1, 1)
    stored, plain = (past_of(DAY, calendar, answered(one, questions(DAY)), first, DAY) for one in both)
    assert stored.categories == plain.categories == ("fraud", "road_accident", "theft")
    assert sum(stored.by_hour(day).sum() for day in asked_days(DAY)) > 100
    for day in asked_days(DAY):
        assert stored.by_hour(day).tolist() == plain.by_hour(day).tolist()
        for minute in (0, 444, 1440):
            assert stored.by_category(day, minute).tolist() == plain.by_category(day, minute).tolist()
    assert stored.band == plain.band
    assert stored.band["mean"][18] is not None


def test_responses_are_the_same(both):
    allowed, again = (STRIP.allowances(answered(one, STRIP.usual(DAY))) for one in both)
    assert allowed == again
    assert set(allowed["travel"]) == {"key_spot", "centre", "other"}
    before, yesterday = DAY - timedelta(days=90), DAY - timedelta(days=1)
    for asked in (STRIP.week(DAY, "", allowed), STRIP.week(before, "", allowed), STRIP.today(yesterday, "", allowed)):
        stored, plain = (STRIP.figures(answered(one, asked)) for one in both)
        assert stored == plain
    assert sum(one["n"] for one in plain.values()) > 3
    assert {cause for one in plain.values() for cause, _ in one["causes"]} <= {"dispatch", "turnout", "travel"}
