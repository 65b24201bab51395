"""What is worked out once, when an incident comes, so that no question has to: days, intervals, cells, homes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.homes import Homes
from data_feeds.history.local_time import EARLIEST_MS, LATEST_MS, LocalTime
from data_feeds.history.schema import INCIDENTS, TIMES
from data_feeds.history.store import RAW
from data_feeds.incident_log import word_of

RESOLUTION = 9
MAX_ID, MAX_TEXT, MAX_UNITS = 64, 128, 32_767
# interval: from, to; null where one is missing or the order is wrong
INTERVALS = {
    "answering_s": ("call_received_ms", "answered_ms"),
    "dispatch_s": ("call_received_ms", "dispatched_ms"),
    "turnout_s": ("dispatched_ms", "enroute_ms"),
    "travel_s": ("enroute_ms", "on_scene_ms"),
    "response_s": ("call_received_ms", "on_scene_ms"),
    "handling_s": ("on_scene_ms", "closed_ms"),
}
# known at the earliest of these, where the time of the call is not known
_KNOWN_BY = ("dispatched_ms", "accepted_ms", "enroute_ms", "on_scene_ms")
_WORDS = ("category", "severity", "source", "place_class")
_TEXTS = ("place", "disposition", "unit_id")
_FLAGS = {"valid": True, "exercise": False, "diverted": False}
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deriver:
    """How this city's columns are worked out."""

    local: LocalTime
    homes: Homes

    def incidents(self, raw: pa.Table, origin: str) -> pa.Table:
        """Rows of RAW (as ``timed``) → rows of schema.INCIDENTS in the same order."""
        times = {name: _time(raw[name]) for name in TIMES}
        received = _received(times)
        columns: Columns = {"incident_id": raw["incident_id"], "version": raw["version"], "received_ms": received}
        columns |= times | {name: by_word(raw[name], word) for name in _WORDS}
        columns |= {name: by_word(raw[name], str.strip) for name in _TEXTS}
        columns["kind"] = _kind(raw)
        columns["units"] = pc.fill_null(raw["units"], 0)
        columns["origin"] = pa.array([origin], pa.string()).take(pa.array(np.zeros(len(raw), np.int8)))
        columns |= {f"told_{level}": by_word(raw[level], str.strip) for level in ("branch", "station", "zone")}
        columns["lat"], columns["lon"] = _place(raw)
        columns |= self.days(received)
        columns["h3_9"] = _cells(columns["lat"], columns["lon"])
        columns |= intervals(times)
        columns |= self.home(columns)
        return pa.table({name: columns[name] for name in INCIDENTS.names}).cast(INCIDENTS)

    def days(self, received: pa.Array | pa.ChunkedArray) -> Columns:
        """local_date, minute, hour and weekday of Unix times."""
        day, minute, hour, weekday = self.local.columns(received.to_numpy().astype(np.int64))
        return {
            "local_date": pa.array(day.astype(np.int32)).cast(pa.date32()), "minute": pa.array(minute.astype(np.int16)),
            "hour": pa.array(hour.astype(np.int8)), "weekday": pa.array(weekday.astype(np.int8)),
        }  # fmt: skip

    def home(self, columns: Columns | pa.Table) -> Columns:
        """branch, station and zone from the columns told_*, lat and lon."""
        told = [_one(columns[f"told_{level}"]) for level in ("branch", "station", "zone")]
        homes = self.homes.of(told[0], told[1], told[2], _floats(columns["lat"]), _floats(columns["lon"]))
        return dict(zip(("branch", "station", "zone"), homes, strict=True))


def checked(table: pa.Table) -> pa.Table:
    """``table`` with exactly the columns of RAW. Raises ValueError naming the column that cannot serve."""
    strange = sorted(set(table.column_names) - set(RAW.names))
    if strange:
        raise ValueError(f"columns {', '.join(strange)} are unknown; there may be {', '.join(RAW.names)}")
    if len(set(table.column_names)) != len(table.column_names):
        raise ValueError("a column stands twice in the table")
    columns = []
    for field in RAW:
        if field.name not in table.column_names:
            if not field.nullable:
                raise ValueError(f"column {field.name} is missing")
            columns.append(pa.nulls(len(table), field.type))
            continue
        column = table[field.name]
        if not field.nullable and column.null_count:
            raise ValueError(f"column {field.name}: {column.null_count} cells are empty")
        try:
            columns.append(column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ValueError(f"column {field.name}: must be {field.type} ({error})") from None
    found = pa.Table.from_arrays(columns, schema=pa.schema([field.with_nullable(True) for field in RAW]))
    if len(found):
        lengths = pc.min_max(pc.utf8_length(found["incident_id"])).as_py()
        if lengths["min"] < 1 or lengths["max"] > MAX_ID:
            raise ValueError(f"column incident_id: an id has 1 to {MAX_ID} characters")
    return found


def timed(raw: pa.Table) -> tuple[pa.Table, int]:
    """The rows that have any known time, and how many have none: these say nothing and replace nothing."""
    known = pc.is_valid(_received({name: _time(raw[name]) for name in TIMES}))
    timeless = len(raw) - int(pc.sum(known).as_py() or 0)
    return (raw.filter(known) if timeless else raw), timeless


def newest(raw: pa.Table) -> pa.Table:
    """Each incident once: its highest version, of equal ones the last; in the order of the table."""
    ids = raw["incident_id"].combine_chunks().dictionary_encode()
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.combine_chunks()
    if len(ids.dictionary) == len(raw):
        return raw
    codes = ids.indices.to_numpy(zero_copy_only=False)
    order = np.lexsort((np.arange(len(raw)), raw["version"].to_numpy(), codes))
    last = np.flatnonzero(np.r_[codes[order][1:] != codes[order][:-1], True])
    return raw.take(pa.array(np.sort(order[last])))


def intervals(times: Columns) -> Columns:
    """The intervals in seconds from columns of Unix ms."""
    found = {}
    for name, (begin, end) in INTERVALS.items():
        took = pc.subtract(times[end], times[begin])
        took = pc.if_else(pc.greater_equal(took, 0), took, pa.scalar(None, pa.int64()))
        found[name] = pc.divide(took.cast(pa.float64()), 1000.0)
    return found


def word(text: str) -> str:
    """A word of a closed list as it is kept and asked for: ``KEY SPOT`` and ``key_spot`` are the same; what is said to
    be unknown is "" like what is not said."""
    found = word_of(text)
    return "" if found == "unknown" else found


def by_word(column: pa.ChunkedArray, change: Any) -> pa.Array:
    """``change`` applied to each different text of a column once; null is ""."""
    coded = _one(column).dictionary_encode(null_encoding="encode")
    words = pa.array([change(text or "")[:MAX_TEXT] for text in coded.dictionary.to_pylist()], pa.string())
    return words.take(coded.indices) if len(words) else pa.array([], pa.string())


def _time(column: pa.ChunkedArray) -> pa.Array:
    column = _one(column)
    usual = pc.and_(pc.greater_equal(column, EARLIEST_MS), pc.less(column, LATEST_MS))
    return pc.if_else(usual, column, pa.scalar(None, pa.int64()))


def _received(times: Columns) -> pa.Array:
    """The time of the call, else the earliest time of what followed; an incident of which only the end is known is
    known by that."""
    return pc.coalesce(
        times["call_received_ms"], pc.min_element_wise(*(times[name] for name in _KNOWN_BY)), times["closed_ms"]
    )


def _kind(raw: pa.Table) -> pa.Array:
    flags = {name: pc.fill_null(_one(raw[name]), usual) for name, usual in _FLAGS.items()}
    return pc.case_when(
        pc.make_struct(flags["exercise"], pc.invert(flags["valid"]), flags["diverted"]),
        "exercise", "invalid", "diverted", "counted",
    )  # fmt: skip


def _place(raw: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Degrees where both are known and on the globe, else nulls."""
    lat, lon = _floats(raw["lat"]), _floats(raw["lon"])
    usual = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)
    return pa.array(lat, mask=~usual), pa.array(lon, mask=~usual)


def _cells(lat: pa.Array, lon: pa.Array) -> pa.Array:
    placed = pc.is_valid(lat).to_numpy(zero_copy_only=False)
    cells = np.zeros(len(lat), np.uint64)
    count = int(placed.sum())
    found = map(h3.latlng_to_cell, _floats(lat)[placed].tolist(), _floats(lon)[placed].tolist(), [RESOLUTION] * count)
    cells[placed] = np.fromiter(found, np.uint64, count)
    return pa.array(cells, mask=~placed)


def _floats(column: Any) -> NDArray[np.float64]:
    """A column as floats, null as NaN."""
    return np.asarray(_one(column).to_numpy(zero_copy_only=False), dtype=np.float64)


def _one(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
