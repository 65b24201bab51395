"""What a history keeps of drones: the minutes in which each was in the air, and what their cameras found. Pure.

A minute is told by the earliest moment of it that was heard, so that hearing it again, and in whatever order, changes
nothing. Kinds of detections are words of a list; neither pictures nor any text but a mission's name are kept.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.derive import MAX_ID, Deriver, by_word
from data_feeds.history.local_time import EARLIEST_MS, LATEST_MS
from data_feeds.incident_log import word_of

MINUTE_MS = 60_000
TIME_BITS = 43  # of a Unix time in ms up to LATEST_MS
UNKNOWN = "unknown"  # a kind that is in no list

# One row a moment in which a drone was in the air: what ``put_flown`` takes. Degrees are WGS-84, times Unix ms.
FLIGHT = pa.schema(
    [
        pa.field("drone_id", pa.string(), nullable=False),
        pa.field("at_ms", pa.int64(), nullable=False),
        pa.field("lat", pa.float64(), nullable=False),
        pa.field("lon", pa.float64(), nullable=False),
        pa.field("mission", pa.string()),
    ]
)

# One row a detection: what ``put_seen`` takes. ``confidence`` 0 to 1.
SIGHT = pa.schema(
    [
        pa.field("detection_id", pa.string(), nullable=False),
        pa.field("drone_id", pa.string(), nullable=False),
        pa.field("at_ms", pa.int64(), nullable=False),
        pa.field("kind", pa.string()),
        pa.field("lat", pa.float64()),
        pa.field("lon", pa.float64()),
        pa.field("incident_id", pa.string()),
        pa.field("confidence", pa.float64()),
    ]
)

_DERIVED = (
    ("local_date", "DATE NOT NULL", pa.date32()), ("minute", "SMALLINT NOT NULL", pa.int16()),
    ("hour", "TINYINT NOT NULL", pa.int8()), ("branch", "VARCHAR NOT NULL", pa.string()),
    ("station", "VARCHAR NOT NULL", pa.string()), ("zone", "VARCHAR NOT NULL", pa.string()),
)  # fmt: skip
# at_min: the minute since 1970 in UTC; at_ms, lat, lon, mission: those of its earliest moment
_FLOWN = (
    ("drone_id", "VARCHAR NOT NULL", pa.string()), ("at_min", "BIGINT NOT NULL", pa.int64()),
    ("at_ms", "BIGINT NOT NULL", pa.int64()), ("lat", "DOUBLE NOT NULL", pa.float64()),
    ("lon", "DOUBLE NOT NULL", pa.float64()), ("mission", "VARCHAR NOT NULL", pa.string()), *_DERIVED,
)  # fmt: skip
_SEEN = (
    ("detection_id", "VARCHAR PRIMARY KEY", pa.string()), ("drone_id", "VARCHAR NOT NULL", pa.string()),
    ("at_ms", "BIGINT NOT NULL", pa.int64()), ("kind", "VARCHAR NOT NULL", pa.string()),
    ("lat", "DOUBLE", pa.float64()), ("lon", "DOUBLE", pa.float64()),
    ("incident_id", "VARCHAR NOT NULL", pa.string()), ("confidence", "DOUBLE", pa.float64()), *_DERIVED,
)  # fmt: skip
FLOWN = pa.schema([pa.field(name, kind) for name, _, kind in _FLOWN])
SEEN = pa.schema([pa.field(name, kind) for name, _, kind in _SEEN])
FIRST = ("at_ms", "mission", "lat", "lon")  # which of two moments of a minute is kept: the less in this order
TOLD = tuple(name for name in SIGHT.names if name != "detection_id")  # what makes two tellings of a detection differ
TABLES = (
    # drone_id and at_min are told once: who writes looks, for an index would cost more than all the rest
    f"CREATE TABLE IF NOT EXISTS flown ({', '.join(f'{name} {kind}' for name, kind, _ in _FLOWN)})",
    f"CREATE TABLE IF NOT EXISTS seen ({', '.join(f'{name} {kind}' for name, kind, _ in _SEEN)})",
)


def checked(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """``table`` with exactly the columns of FLIGHT or SIGHT. Raises ValueError naming what cannot serve."""
    if set(table.column_names) != set(schema.names) or len(table.column_names) != len(schema.names):
        raise ValueError(f"columns must be {', '.join(schema.names)}, not {', '.join(table.column_names)}")
    plain = pa.schema([field.with_nullable(True) for field in schema])
    try:
        found = table.select(schema.names).cast(plain)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"what drones told: {error}") from None
    for field in schema:
        if not field.nullable and found[field.name].null_count:
            raise ValueError(f"column {field.name}: {found[field.name].null_count} cells are empty")
        if field.name.endswith("_id") and not field.nullable and len(found):
            lengths = pc.min_max(pc.utf8_length(found[field.name])).as_py()
            if lengths["min"] < 1 or lengths["max"] > MAX_ID:
                raise ValueError(f"column {field.name}: an id has 1 to {MAX_ID} characters")
    return found


def usable_flights(raw: pa.Table) -> pa.Table:
    """The rows of FLIGHT with a time and a place that can be."""
    raw = _kept(raw, _timely(raw) & _on_globe(raw))
    return raw.set_column(raw.column_names.index("mission"), "mission", by_word(raw["mission"], str.strip))


def usable_sights(raw: pa.Table) -> pa.Table:
    """The rows of SIGHT with a time that can be; a place or a confidence that cannot is none."""
    raw = _kept(raw, _timely(raw))
    lost = pa.array(~_on_globe(raw))
    none = pa.scalar(None, pa.float64())
    for name in ("lat", "lon"):
        raw = raw.set_column(raw.column_names.index(name), name, pc.if_else(lost, none, _one(raw[name])))
    share = _floats(raw["confidence"])
    sure = pa.array(share, mask=~((share >= 0.0) & (share <= 1.0)))
    return raw.set_column(raw.column_names.index("confidence"), "confidence", sure)


def earliest(raw: pa.Table) -> pa.Table:
    """Of each minute of each drone the moment that is kept, with its ``at_min``, by drone and time."""
    at_ms, drone = raw["at_ms"].to_numpy(), _ranks(raw["drone_id"])
    key = (drone << TIME_BITS) | at_ms
    order = np.argsort(key, kind="stable")
    if (np.diff(key[order]) == 0).any():  # several tellings of one moment
        mission = _ranks(raw["mission"])
        order = np.lexsort((raw["lon"].to_numpy(), raw["lat"].to_numpy(), mission, key))
    minute = at_ms // MINUTE_MS
    fresh = np.ones(len(raw), bool)
    fresh[1:] = (np.diff(drone[order]) != 0) | (np.diff(minute[order]) != 0)
    rows = order[fresh]
    return raw.take(pa.array(rows)).append_column("at_min", pa.array(minute[rows], pa.int64()))


def newest(raw: pa.Table) -> pa.Table:
    """Each detection once, as it was told last."""
    if pc.count_distinct(raw["detection_id"]).as_py() == len(raw):
        return raw
    last = {one: row for row, one in enumerate(raw["detection_id"].to_pylist())}
    return raw.take(pa.array(sorted(last.values()), pa.int64()))


def flown(once: pa.Table, deriver: Deriver) -> pa.Table:
    """Rows of FLOWN from what ``earliest`` gave, in the same order."""
    columns = {name: once[name] for name in ("drone_id", "at_min", "at_ms", "lat", "lon", "mission")}
    return _finished(columns, deriver, FLOWN)


def seen(once: pa.Table, deriver: Deriver, kinds: Collection[str]) -> pa.Table:
    """Rows of SEEN from rows of SIGHT, in the same order. ``kinds``: the list of words; without one all are."""
    known = {word_of(kind) for kind in kinds}

    def kind(text: str) -> str:
        word = word_of(text)
        return word if word and (not known or word in known) else UNKNOWN

    columns = {name: once[name] for name in ("detection_id", "drone_id", "at_ms", "lat", "lon", "confidence")}
    columns |= {"kind": by_word(once["kind"], kind), "incident_id": by_word(once["incident_id"], str.strip)}
    return _finished(columns, deriver, SEEN)


def derived(rows: Any, deriver: Deriver, clock: bool = True, places: bool = True) -> dict[str, Any]:
    """The columns that follow from ``at_ms`` (``clock``) and from ``lat`` and ``lon`` (``places``)."""
    columns: dict[str, Any] = {}
    if clock:
        days = deriver.days(rows["at_ms"])
        columns |= {name: days[name] for name in ("local_date", "minute", "hour")}
    if places:
        homes = deriver.homes.at(_floats(rows["lat"]), _floats(rows["lon"]))
        columns |= dict(zip(("branch", "station", "zone"), homes, strict=True))
    return columns


def _finished(columns: dict[str, Any], deriver: Deriver, schema: pa.Schema) -> pa.Table:
    columns |= derived(columns, deriver)
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


def _kept(raw: pa.Table, good: NDArray[np.bool_]) -> pa.Table:
    return raw if good.all() else raw.filter(pa.array(good))


def _timely(raw: pa.Table) -> NDArray[np.bool_]:
    at_ms = raw["at_ms"].to_numpy()
    return np.asarray((at_ms >= EARLIEST_MS) & (at_ms < LATEST_MS))


def _on_globe(raw: pa.Table) -> NDArray[np.bool_]:
    return np.asarray((np.abs(_floats(raw["lat"])) <= 90.0) & (np.abs(_floats(raw["lon"])) <= 180.0))


def _ranks(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """The place of each text among the different ones in their order; null as ""."""
    texts = pc.fill_null(_one(column), "")
    coded = texts.dictionary_encode()
    words = coded.dictionary.to_pylist()
    place = np.empty(len(words), np.int64)
    place[sorted(range(len(words)), key=words.__getitem__)] = np.arange(len(words))
    return place[coded.indices.to_numpy(zero_copy_only=False)] if words else np.zeros(0, np.int64)


def _floats(column: Any) -> NDArray[np.float64]:
    return np.asarray(_one(column).to_numpy(zero_copy_only=False), dtype=np.float64)


def _one(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
