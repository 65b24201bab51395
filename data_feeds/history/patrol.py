"""Presence of units: from their fixes to minutes by hour and zone. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data_feeds.history.homes import Homes
from data_feeds.history.local_time import DAY_MIN, LocalTime
from data_feeds.history.schema import PATROL

LONGEST_MS = 180_000  # between two fixes: after a longer silence nobody knows where the unit was
DAY_MS = 86_400_000
_KEYS = [name for name in PATROL.names if name != "minutes"]


def minutes_of(fixes: pa.Table, local: LocalTime, homes: Homes) -> pa.Table:
    """Rows of schema.PATROL from fixes (columns of TRACK) by unit and time, a unit's in a row.

    A unit is present from a fix to its next one, where at most LONGEST_MS lie between; all of that counts for the
    hour and the zone of the earlier fix. ``day`` is the earlier fix's in UTC.
    """
    t = fixes["t_ms"].to_numpy()
    unit = _one(fixes["unit_id"])
    codes = unit.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    gap = np.diff(t)
    at = np.flatnonzero((codes[1:] == codes[:-1]) & (gap > 0) & (gap <= LONGEST_MS))
    if not len(at):
        return PATROL.empty_table()
    when, rows = local.columns(t[at]), pa.array(at)
    branch, station, zone = homes.at(fixes["lat"].to_numpy()[at], fixes["lon"].to_numpy()[at])
    in_hour = local.wall_ms(t[at]) // 60_000 % 60
    columns = {
        "day": pa.array((t[at] // DAY_MS).astype(np.int32)).cast(pa.date32()),
        "local_date": pa.array(when.day.astype(np.int32)).cast(pa.date32()),
        "hour": pa.array(when.hour.astype(np.int8)),
        "ends": pa.array(np.minimum(when.minute - in_hour + 60, DAY_MIN).astype(np.int16)),
        "weekday": pa.array(when.weekday.astype(np.int8)),
        "branch": branch,
        "station": station,
        "zone": zone,
        "unit_id": unit.take(rows),
        "minutes": pa.array(gap[at] / 60_000.0),
    }
    return summed(pa.table(columns))


def summed(rows: pa.Table) -> pa.Table:
    """Rows of PATROL with each hour, place and unit once."""
    if not len(rows):
        return PATROL.empty_table()
    found = rows.group_by(_KEYS, use_threads=False).aggregate([("minutes", "sum")])
    return found.rename_columns({"minutes_sum": "minutes"}).select(PATROL.names).cast(PATROL)


def in_order(fixes: pa.Table) -> pa.Table:
    """By unit and time, each (unit, time) once."""
    fixes = fixes.sort_by([("unit_id", "ascending"), ("t_ms", "ascending")])
    codes = _one(fixes["unit_id"]).dictionary_encode().indices.to_numpy(zero_copy_only=False)
    t = fixes["t_ms"].to_numpy()
    fresh = np.r_[True, (codes[1:] != codes[:-1]) | (t[1:] != t[:-1])] if len(t) else np.zeros(0, bool)
    return fixes if fresh.all() else fixes.filter(pa.array(fresh))


def following(fixes: pa.Table, last: pa.Table) -> tuple[pa.Table, pa.Table]:
    """What ``fixes`` (in order) add to what is counted up to each unit's ``last`` fix: those after it with that one
    before them, in order; and the last fixes from now on. Fixes before the last are left to the day's compaction."""
    if not len(fixes):
        return fixes, last
    known = dict(zip(last["unit_id"].to_pylist(), last["t_ms"].to_pylist(), strict=True))
    coded = _one(fixes["unit_id"]).dictionary_encode()
    bound = np.array([known.get(unit, -1) for unit in coded.dictionary.to_pylist()], np.int64)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    fresh = fixes.filter(pa.array(fixes["t_ms"].to_numpy() > bound[codes]))
    both = in_order(pa.concat_tables([last, fresh]))
    codes = _one(both["unit_id"]).dictionary_encode().indices.to_numpy(zero_copy_only=False)
    ends = np.flatnonzero(np.r_[codes[1:] != codes[:-1], True])
    newest = both.take(pa.array(ends))
    # who has been silent for long adds nothing any more
    old = newest["t_ms"].to_numpy() >= int(newest["t_ms"].to_numpy().max()) - 10 * LONGEST_MS
    return both, newest.filter(pa.array(old))


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
