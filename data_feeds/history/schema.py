"""The tables of a history, their columns and their version. Pure.

``told_*`` are a source's own words, kept so that homes can be worked out anew when the places change. No free text
is kept at all: what a call was about in somebody's words is no figure.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 2
DERIVED_VERSION = 1  # raised when derive.py computes something else from the same words: it is worked out anew

ADDED_TEXT = "VARCHAR DEFAULT ''"  # of a column that older files get: DuckDB adds none with a constraint
# name, type in SQL, type in Arrow; texts are never null: "" is unknown
_COLUMNS: tuple[tuple[str, str, pa.DataType], ...] = (
    ("incident_id", "VARCHAR PRIMARY KEY", pa.string()),
    ("version", "BIGINT NOT NULL", pa.int64()),
    ("received_ms", "BIGINT NOT NULL", pa.int64()),
    ("local_date", "DATE NOT NULL", pa.date32()),
    ("minute", "SMALLINT NOT NULL", pa.int16()),
    ("hour", "TINYINT NOT NULL", pa.int8()),
    ("weekday", "TINYINT NOT NULL", pa.int8()),
    ("category", "VARCHAR NOT NULL", pa.string()),
    ("severity", "VARCHAR NOT NULL", pa.string()),
    ("source", "VARCHAR NOT NULL", pa.string()),
    ("kind", "VARCHAR NOT NULL", pa.string()),
    ("place_class", "VARCHAR NOT NULL", pa.string()),
    ("place", "VARCHAR NOT NULL", pa.string()),
    ("branch", "VARCHAR NOT NULL", pa.string()),
    ("station", "VARCHAR NOT NULL", pa.string()),
    ("zone", "VARCHAR NOT NULL", pa.string()),
    ("lat", "DOUBLE", pa.float64()),
    ("lon", "DOUBLE", pa.float64()),
    ("h3_9", "UBIGINT", pa.uint64()),
    ("call_received_ms", "BIGINT", pa.int64()),
    ("answered_ms", "BIGINT", pa.int64()),
    ("dispatched_ms", "BIGINT", pa.int64()),
    ("accepted_ms", "BIGINT", pa.int64()),
    ("enroute_ms", "BIGINT", pa.int64()),
    ("on_scene_ms", "BIGINT", pa.int64()),
    ("closed_ms", "BIGINT", pa.int64()),
    ("answering_s", "DOUBLE", pa.float64()),
    ("dispatch_s", "DOUBLE", pa.float64()),
    ("turnout_s", "DOUBLE", pa.float64()),
    ("travel_s", "DOUBLE", pa.float64()),
    ("response_s", "DOUBLE", pa.float64()),
    ("handling_s", "DOUBLE", pa.float64()),
    ("units", "SMALLINT NOT NULL", pa.int16()),
    ("disposition", "VARCHAR NOT NULL", pa.string()),
    ("origin", "VARCHAR NOT NULL", pa.string()),
    ("told_branch", "VARCHAR NOT NULL", pa.string()),
    ("told_station", "VARCHAR NOT NULL", pa.string()),
    ("told_zone", "VARCHAR NOT NULL", pa.string()),
    ("unit_id", ADDED_TEXT, pa.string()),
)

INCIDENTS = pa.schema([pa.field(name, kind) for name, _, kind in _COLUMNS])
TIMES = tuple(name for name in INCIDENTS.names if name.endswith("_ms") and name != "received_ms")
# what makes two tellings of an incident differ: what was told, not what follows from it, nor who told it
CONTENT = (
    "category", "severity", "source", "kind", "disposition", "place_class", "place", "told_branch", "told_station",
    "told_zone", "lat", "lon", "units", "unit_id", *TIMES,
)  # fmt: skip
SHOWN = tuple(name for name in INCIDENTS.names if not name.startswith("told_"))  # what Rows answers

# by the version that brought it, what an older file lacks
ADDED = {2: (f"ALTER TABLE incidents ADD COLUMN IF NOT EXISTS unit_id {ADDED_TEXT}",)}

TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)",
    f"CREATE TABLE IF NOT EXISTS incidents ({', '.join(f'{name} {kind}' for name, kind, _ in _COLUMNS)})",
    "CREATE TABLE IF NOT EXISTS days (local_date DATE PRIMARY KEY, version BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS offsets (origin VARCHAR, topic VARCHAR, part INTEGER, next BIGINT NOT NULL, "
    "PRIMARY KEY (origin, topic, part))",
    "CREATE TABLE IF NOT EXISTS gaps (begin_ms BIGINT, end_ms BIGINT NOT NULL, how VARCHAR, origin VARCHAR, "
    "PRIMARY KEY (begin_ms, how, origin))",
    # files of tracks: a file that is not in here does not count; day is a day of UTC, so no setting moves it
    "CREATE TABLE IF NOT EXISTS files (name VARCHAR PRIMARY KEY, day DATE NOT NULL, n BIGINT NOT NULL, "
    "first_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL, compact BOOLEAN NOT NULL)",
    # ends: the minute of the business day at which the row's hour is over
    "CREATE TABLE IF NOT EXISTS patrol (day DATE NOT NULL, local_date DATE NOT NULL, hour TINYINT NOT NULL, "
    "ends SMALLINT NOT NULL, weekday TINYINT NOT NULL, branch VARCHAR NOT NULL, station VARCHAR NOT NULL, "
    "zone VARCHAR NOT NULL, unit_id VARCHAR NOT NULL, minutes DOUBLE NOT NULL)",
)

PATROL = pa.schema(
    [
        pa.field("day", pa.date32()), pa.field("local_date", pa.date32()), pa.field("hour", pa.int8()),
        pa.field("ends", pa.int16()), pa.field("weekday", pa.int8()), pa.field("branch", pa.string()),
        pa.field("station", pa.string()), pa.field("zone", pa.string()), pa.field("unit_id", pa.string()),
        pa.field("minutes", pa.float64()),
    ]
)  # fmt: skip
