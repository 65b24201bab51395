"""A made-up history for figures: incidents as a DataFrame, a store that holds them, and its answers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.figures.beside import Beside
from data_feeds.history.duckdb_store import DuckStore, open_store
from data_feeds.history.query import Query, Span
from data_feeds.history.store import Options

ZONE = "Asia/Shanghai"
TARGETS = {"key_spot": 60, "centre": 180, "other": 300}
FIRST = date(2025, 1, 1)
NOW, BEFORE = Span(date(2025, 3, 1), date(2025, 3, 31)), Span(date(2025, 2, 1), date(2025, 2, 28))
BESIDES = (
    Beside("previous", BEFORE), Beside("last_year", Span(date(2024, 3, 1), date(2024, 3, 31)), False, ("reach",)),
)  # fmt: skip
WAYS = {
    "dispatch": ("call_received", "dispatched"), "turnout": ("dispatched", "enroute"),
    "travel": ("enroute", "on_scene"), "response": ("call_received", "on_scene"),
}  # fmt: skip


def incidents(seed: int, n: int, days: int = 90) -> pd.DataFrame:
    """``n`` incidents of ``days`` days from FIRST on, some without class, place or times, some drills."""
    rng = np.random.default_rng(seed)
    begin = pd.Timestamp(FIRST, tz=ZONE).timestamp() * 1000
    call = (begin + rng.integers(0, days * 86_400_000, n)).astype(float)
    steps = {"dispatched": 30.0, "enroute": 40.0, "on_scene": 120.0, "closed": 900.0}
    frame = pd.DataFrame({
        "incident_id": [f"I{k}" for k in range(n)], "version": 1, "call_received": call,
        "category": rng.choice(["theft", "dispute", "noise"], n),
        "place_class": rng.choice(["key_spot", "centre", "other", ""], n, p=[0.1, 0.4, 0.4, 0.1]),
        "station": rng.choice(["A1", "A2", "B1", ""], n), "zone": rng.choice(["Z1", "Z2", "Z3", ""], n),
        "lat": 26.6 + rng.normal(0, 0.02, n), "lon": 106.7 + rng.normal(0, 0.02, n),
        "exercise": rng.random(n) < 0.05,
        "unit_id": rng.choice(["", *(f"U{k}" for k in range(1, 9))], n, p=[0.3, 0.3, *[0.055] * 6, 0.07]),
    })  # fmt: skip
    frame.loc[rng.random(n) < 0.05, ["lat", "lon"]] = np.nan
    at = call
    for name, usual in steps.items():
        at = at + np.round(rng.exponential(usual * 1000, n) / 500) * 500
        wrong = rng.random(n) < 0.02  # a device whose clock is behind
        frame[name] = np.where(rng.random(n) < 0.1, np.nan, at - np.where(wrong, 600_000.0, 0.0))
    return frame


def table(frame: pd.DataFrame) -> pa.Table:
    """The incidents as a store takes them."""
    times = {f"{name}_ms": pa.array(frame[name], pa.float64(), from_pandas=True).cast(pa.int64())
             for name in ("call_received", "dispatched", "enroute", "on_scene", "closed")}  # fmt: skip
    rest = {name: pa.array(frame[name], from_pandas=True) for name in frame if f"{name}_ms" not in times}
    return pa.table({**rest, **times})


def store(folder, frame: pd.DataFrame) -> DuckStore:
    made = open_store(folder, Options(time_zone=ZONE))
    made.put_table(table(frame), "test")
    return made


def answers(of: DuckStore, queries: dict[str, Query]) -> dict[str, pa.Table]:
    return {name: of.run(query) for name, query in queries.items()}


def within(frame: pd.DataFrame, span: Span) -> pd.DataFrame:
    """The counted incidents of ``span``, by a way of their own."""
    local = pd.to_datetime(frame.call_received, unit="ms", utc=True).dt.tz_convert(ZONE)
    day, minute = local.dt.date, local.dt.hour * 60 + local.dt.minute
    inside = (day >= span.first) & (day <= span.last) & ~frame.exercise
    if span.until_minute is not None:
        inside &= (day < span.last) | (minute < span.until_minute)
    return frame[inside].assign(hour=local.dt.hour, weekday=local.dt.isocalendar().day)


def seconds(frame: pd.DataFrame, begin: str, end: str) -> pd.Series:
    """The interval of every incident, missing where a time is missing or before its predecessor."""
    took = (frame[end] - frame[begin]) / 1000
    return took.where(took >= 0)
