"""How long things are kept, in business days up to today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from data_feeds.history.local_time import LocalTime
from data_feeds.history.store import Options


class Bounds(NamedTuple):
    """The first business days that stay; None: all stay."""

    incidents: date | None
    tracks: date | None


def bounds(options: Options, local: LocalTime, now_ms: float) -> Bounds:
    """What stays at ``now_ms``: today and the days before it, as many as the settings say."""
    today = local.day_of(now_ms)
    kept = (options.incidents_days, options.tracks_days)
    return Bounds(*(today - timedelta(days=days) if days else None for days in kept))


def forget_incidents(before: date) -> Callable[[duckdb.DuckDBPyConnection], tuple[int, set[date]]]:
    """A job that lets go of the incidents of the days before ``before``."""

    def job(con: duckdb.DuckDBPyConnection) -> tuple[int, set[date]]:
        found = con.execute(
            "SELECT local_date, count(*) FROM incidents WHERE local_date < ? GROUP BY local_date", [before]
        ).fetchall()
        if found:
            con.execute("DELETE FROM incidents WHERE local_date < ?", [before])
        return sum(row[1] for row in found), {row[0] for row in found}

    return job
