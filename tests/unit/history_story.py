"""Incidents of a year for tests of history: seeded, with everything missing, doubled, wrong and late that comes."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import RAW

# every Store must pass what is tested with these: name → function(folder, options)
STORES = {"duckdb": open_store}
CATEGORIES = ("theft", "traffic_accident", "警情", "a'b;_drop", "")
SEVERITIES = ("critical", "high", "medium", "low", "odd", "")
PLACE_CLASSES = ("key_spot", "centre", "other", "")
TIMES = ("call_received_ms", "answered_ms", "dispatched_ms", "accepted_ms", "enroute_ms", "on_scene_ms", "closed_ms")
CHICAGO = ("America/Chicago", (date(2024, 3, 10), date(2024, 11, 3)))
SHANGHAI = ("Asia/Shanghai", (date(1991, 4, 14), date(1991, 9, 15)))  # the last year in which its clocks were changed


def incidents(seed: int, n: int, zone: str, days: tuple[date, ...], first: str = "i") -> pd.DataFrame:
    """``n`` rows of RAW within 30 hours round the midnights of ``days``: ids come again with other versions."""
    rng = np.random.default_rng(seed)
    midnights = [datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp() for day in days]
    begin = rng.choice(midnights, n) + rng.integers(-3 * 3600, 27 * 3600, n)
    received = (begin * 1000).astype("int64") + rng.integers(0, 1000, n)
    rows = {"incident_id": [f"{first}{k}" for k in rng.integers(0, max(1, n - n // 10), n)],
            "version": rng.integers(0, 4, n)}  # fmt: skip
    steps = np.cumsum(np.column_stack([np.zeros(n), rng.exponential(60_000, (n, 6))]), axis=1).astype("int64")
    steps[:, 5] += np.where(rng.random(n) < 0.1, -400_000, 0)  # one in ten arrives before anybody set out
    for k, name in enumerate(TIMES):
        rows[name] = np.where(rng.random(n) < (0.05 if k == 0 else 0.3), np.nan, received + steps[:, k])
    choose = lambda words: rng.choice(np.array(words, dtype=object), n)  # noqa: E731
    rows |= {"category": choose(CATEGORIES), "severity": choose(SEVERITIES), "place_class": choose(PLACE_CLASSES)}
    rows |= {"source": choose(("call", "patrol", "")), "branch": choose(("A", "B", "")), "place": choose(("p", ""))}
    rows |= {"station": choose(("A1", "B1", "")), "zone": choose(("Z1", "Z2", ""))}
    rows |= {flag: rng.random(n) < share for flag, share in (("valid", 0.9), ("exercise", 0.1), ("diverted", 0.1))}
    placed = rng.random(n) < 0.8
    rows |= {"lat": np.where(placed, 41.8 + rng.random(n) / 5, np.nan),
             "lon": np.where(placed, -87.7 + rng.random(n) / 5, np.nan), "units": rng.integers(0, 5, n)}  # fmt: skip
    rows["unit_id"] = np.where(rows["units"] == 1, choose(("U1", "U2", "U-3")), "")
    return pd.DataFrame(rows)


def table(frame: pd.DataFrame) -> pa.Table:
    """Rows of RAW as Arrow."""
    columns = [field for field in RAW if field.name in frame.columns]
    return pa.table(
        [pa.array(frame[f.name], f.type, from_pandas=True) for f in columns], names=[f.name for f in columns]
    )


def same(got: pa.Table, wanted: pa.Table | pd.DataFrame) -> None:
    """Both have the same columns and the same rows in the same order; floats to the last digits."""
    wanted = wanted.to_pandas() if isinstance(wanted, pa.Table) else wanted
    got = got.to_pandas()
    assert list(got.columns) == list(wanted.columns)
    assert len(got) == len(wanted), (got, wanted)
    for name in got.columns:
        ours, theirs = (plain_list(frame[name]) for frame in (got, wanted))
        if any(isinstance(one, float) for one in (*ours, *theirs)):
            np.testing.assert_allclose(
                [np.nan if one is None else float(one) for one in ours],
                [np.nan if one is None else float(one) for one in theirs], rtol=1e-12, err_msg=name,
            )  # fmt: skip
        else:
            assert ours == theirs, name


def plain_list(column: pd.Series) -> list:
    """A column as a list with None for what is missing."""
    values = [None if pd.isna(one) else one for one in column.tolist()]
    return [one.date() if isinstance(one, datetime) else one for one in values]
