"""Real recordings in the history: every question on Houston's 250,000 incidents, a weekend of San Francisco's taxis."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Counts, Filters, Gaps, LastSeen, Patrol, Present, Rows, Span, Spreads
from data_feeds.history.store import Options
from tests.pandas_store import PandasStore
from tests.real_data import real_file
from tests.unit.history_story import same, table

HOUSTON, TAXIS = "houston/incidents_2023-11_2025-03.parquet", "cabspotting/points_2008-05-30_2008-06-01.parquet"
ALL = Filters(kinds=())
SPANS = (
    Span(date(2025, 3, 1), date(2025, 3, 31)), Span(date(2024, 3, 1), date(2024, 3, 31), 600),
    Span(date(2024, 3, 10), date(2024, 3, 10)), Span(date(2023, 11, 1), date(2025, 3, 31)),
)  # fmt: skip
SEEN_TWICE_S = 3_600  # the list was looked at every quarter of an hour; after more than this something was amiss


def milliseconds(times):
    return times.dt.as_unit("ms").astype("int64")


@pytest.fixture(scope="module", params=[0, 360])
def houston(request, tmp_path_factory):
    file = pd.read_parquet(real_file(HOUSTON))
    rows = pd.DataFrame(
        {"incident_id": "H" + file.incident_id.astype(str), "version": 1,
         "category": file.type_last.astype(str).str.lower().str.replace(" ", "_").str.replace("-", "_"),
         "diverted": file.agency == "F", "call_received_ms": milliseconds(file.call_time),
         "on_scene_ms": milliseconds(file.first_seen), "closed_ms": milliseconds(file.last_seen),
         "place": file.street.astype(str), "lat": file.lat, "lon": file.lon}
    )  # fmt: skip
    rows["category"] = rows.category.str.strip("_").str.replace("__+", "_", regex=True)
    store = open_store(
        tmp_path_factory.mktemp("houston"), Options(time_zone="America/Chicago", day_starts_min=request.param)
    )
    assert store.put_table(table(rows), "houston").new == len(rows)
    yield store, PandasStore(rows, "America/Chicago", request.param)
    store.close()


@pytest.mark.parametrize("query", [
    Counts(SPANS, ("date",), ALL), Counts(SPANS, ("category", "kind"), ALL), Counts(SPANS, ("hour", "weekday")),
    Counts(SPANS, ("month",), Filters(categories=("HIT & RUN", "crash/freeway"))), Counts(SPANS[:3], ("cell",), ALL, 8),
    Spreads(SPANS, ("response", "handling", "travel"), ("kind",), ALL, (300, 1_800)), Present(SPANS, ALL),
    LastSeen("place", date(2024, 3, 31), Filters(weekdays=(6, 7))), Rows(SPANS[2], ALL, limit=400, offset=100),
], ids=lambda query: f"{type(query).__name__} {getattr(query, 'by', '')}")  # fmt: skip
def test_houston_is_what_pandas_says(houston, query):
    store, plain = houston
    if isinstance(query, Rows):
        wanted = plain.within(query.span, query.where).sort_values(
            ["received_ms", "incident_id"], ascending=[False, True]
        )
        got = store.run(query)
        assert got["incident_id"].to_pylist() == wanted.incident_id.tolist()[100:500]
        return
    wanted = query
    if isinstance(query, Counts) and query.where.categories:
        wanted = Counts(query.spans, query.by, Filters(categories=("hit_&_run", "crash/freeway")))
    same(store.run(query), plain.run(wanted))


def test_silences_of_houston_are_empty_unlikely_and_where_they_are_known_to_be(houston):
    store, plain = houston
    looks = milliseconds(pd.to_datetime(pd.read_csv(real_file("houston/snapshot_times.csv.gz")).snapshot)).tolist()
    away = [(begin, end) for begin, end in itertools.pairwise(looks) if end - begin > SEEN_TWICE_S * 1_000]
    found = store.run(Gaps(SPANS[3:])).to_pylist()
    assert {one["how"] for one in found} == {"silence"}
    received = np.sort(plain.rows.received_ms.to_numpy())
    hourly = len(received) / ((received[-1] - received[0]) / 3_600_000)
    for one in found:
        begin, end = np.searchsorted(received, [one["begin_ms"] + 1, one["end_ms"]])
        assert begin == end, "nothing lies within"
        assert (one["end_ms"] - one["begin_ms"]) / 3_600_000 * hourly > 10
    # half a day without a look at the list is always seen
    for begin, end in away:
        if end - begin > 12 * 3_600_000:
            assert any(one["begin_ms"] < end and one["end_ms"] > begin for one in found), (begin, end)
    # and what nobody could know: the list itself stood still
    still = [one for one in found if not any(b < one["end_ms"] and e > one["begin_ms"] for b, e in away)]
    days = {
        str(pd.Timestamp(one["begin_ms"], unit="ms", tz="UTC").tz_convert("America/Chicago").date()) for one in still
    }
    assert {"2023-12-25", "2024-07-05"} <= days
    assert len(days) < 10


def test_minutes_and_trails_of_taxis(tmp_path):
    file = pd.read_parquet(real_file(TAXIS)).sort_values(["cab", "time"], kind="stable")
    file = file.drop_duplicates(["cab", "time"]).reset_index(drop=True)
    file["t"] = milliseconds(file.time)
    fixes = pa.table({"unit_id": "c" + file.cab.astype(str), "t_ms": file.t, "lat": file.lat, "lon": file.lon})
    store = open_store(tmp_path, Options(time_zone="America/Los_Angeles"))
    store.put_tracks(fixes.take(np.argsort(file.t.to_numpy(), kind="stable")), "taxis")
    gap = file.t.shift(-1) - file.t
    file["minutes"] = gap.where((file.cab == file.cab.shift(-1)) & (gap <= 180_000)) / 60_000
    local = file.time.dt.tz_convert("America/Los_Angeles")
    wanted = file.assign(date=local.dt.date, hour=local.dt.hour)[file.minutes > 0].groupby(["date", "hour"])
    wanted = wanted.agg(minutes=("minutes", "sum"), units=("cab", "nunique")).reset_index()
    spans = (Span(date(2008, 1, 1), date(2008, 12, 31)),)
    for _ in range(2):
        got = store.run(Patrol(spans, ("date", "hour"))).to_pandas().drop(columns="span")
        assert got.date.astype(str).str[:10].tolist() == wanted.date.astype(str).tolist()
        np.testing.assert_array_equal(got[["hour", "units"]], wanted[["hour", "units"]])
        np.testing.assert_allclose(got.minutes, wanted.minutes)
        store.tidy(float(file.t.max()) + 86_400_000 * 3)
    mine = file[file.cab == file.cab[0]]
    begin = int(mine.t.iloc[len(mine) // 3])
    trail = store.trail(f"c{file.cab[0]}", begin, begin + 3_600_000)
    part = mine[(mine.t >= begin) & (mine.t < begin + 3_600_000)]
    assert trail["t_ms"].to_pylist() == part.t.tolist()
    assert trail["lat"].to_pylist() == part.lat.tolist()
    store.close()
