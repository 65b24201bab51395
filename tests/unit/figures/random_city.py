"""Random cities for the tests of figures: incidents as columns of store.RAW, answered by plain pandas."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics.figures import report
from analytics.figures.request import Context, PlaceFact, Request
from tests.pandas_store import PandasStore

CHICAGO = "America/Chicago"
STATIONS, ZONES = [f"S{n}" for n in range(4)], [f"Z{n:02}" for n in range(12)]


def city(seed: int = 1, first=date(2023, 12, 1), last=date(2025, 4, 1), per_day: float = 40.0, zone=CHICAGO):
    """Incidents at random times from ``first`` to before ``last``, more on Saturdays and in the evening."""
    rng = np.random.default_rng(seed)
    begin, end = (pd.Timestamp(day).tz_localize(zone).timestamp() * 1000 for day in (first, last))
    n = int((end - begin) / 86_400_000 * per_day)
    times = np.sort(rng.uniform(begin, end, n)).astype(np.int64)
    wall = pd.to_datetime(times, unit="ms", utc=True).tz_convert(zone)
    keep = rng.random(n) < np.where(wall.day_of_week == 5, 1.0, 0.7) * np.where(wall.hour >= 17, 1.0, 0.6)
    times = times[keep]
    n = len(times)
    station = rng.choice([*STATIONS, ""], n, p=[0.5, 0.3, 0.1, 0.05, 0.05])
    frame = pd.DataFrame({
        "incident_id": [f"I{k}" for k in range(n)], "version": 1, "call_received_ms": times,
        "category": rng.choice(["theft", "traffic", "fire", "noise", ""], n, p=[0.4, 0.4, 0.1, 0.05, 0.05]),
        "severity": rng.choice(["high", "low"], n), "source": rng.choice(["110", "app", ""], n, p=[0.8, 0.1, 0.1]),
        "place_class": rng.choice(["key_spot", "centre", "other", ""], n), "station": station,
        "branch": np.where(station == "", "", np.where(np.isin(station, ["S0", "S1"]), "B0", "B1")),
        "zone": rng.choice([*ZONES[:9], ""], n, p=[0.1] * 9 + [0.1]),
    })  # fmt: skip
    kind = rng.choice(4, n, p=[0.85, 0.05, 0.05, 0.05])
    return frame.assign(exercise=kind == 1, valid=kind != 2, diverted=kind == 3)


def known(raw: pd.DataFrame, zone=CHICAGO, start: int = 0, **more) -> Context:
    """The context of ``raw``: its extent, and places of which some never have an incident."""
    day = days_of(raw, zone, start)
    facts = {
        "branches": tuple(PlaceFact(code) for code in ("B0", "B1", "B2")),
        "stations": tuple(PlaceFact(code, parents=("B0" if code in ("S0", "S1") else "B1",)) for code in STATIONS),
        "zones": tuple(PlaceFact(code, f"{code} 区", code, ("S0", "B0")) for code in ZONES),
    }
    return Context(day.min(), day.max(), len(raw), 7, float(raw.call_received_ms.max()), **{**facts, **more})


def at(*wall, zone=CHICAGO) -> float:
    """Unix ms of a time on the clock."""
    return datetime(*wall, tzinfo=ZoneInfo(zone)).timestamp() * 1000.0


def told(store: PandasStore, request: Request, context: Context) -> report.Report:
    """The report, as whoever asks for it gets it."""
    def ask(queries):
        return {name: store.run(query) for name, query in queries.items()}

    context = report.informed(request, context, ask(report.prior(request, context)))
    return report.build(request, context, ask(report.plan(request, context)))


def days_of(raw: pd.DataFrame, zone=CHICAGO, start: int = 0) -> pd.Series:
    """The business day of each incident, by pandas."""
    return business(raw, zone, start).dt.date


def business(raw: pd.DataFrame, zone=CHICAGO, start: int = 0) -> pd.Series:
    """What the clock showed at each incident, less the start of the day."""
    wall = pd.to_datetime(raw.call_received_ms, unit="ms", utc=True).dt.tz_convert(zone).dt.tz_localize(None)
    return wall - pd.Timedelta(minutes=start)


def inside(clock: pd.Series, span) -> pd.Series:
    """Which incidents lie in ``span``; ``clock``: of ``business``."""
    minutes = 1440 if span.until_minute is None else span.until_minute
    return (clock >= pd.Timestamp(span.first)) & (clock < pd.Timestamp(span.last) + pd.Timedelta(minutes=minutes))


def counted(raw: pd.DataFrame) -> pd.Series:
    return raw.valid & ~raw.exercise & ~raw.diverted
