"""The incidents behind a figure as JSON and as CSV that a spreadsheet opens without running anything. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from briefings.harmless import harmless
from web.figures_shapes import IncidentRow

BOM = b"\xef\xbb\xbf"  # without it Excel reads UTF-8 as the system's own letters
PLACES = 6
TIMES = ("received_ms", "call_received_ms", "answered_ms", "dispatched_ms", "accepted_ms", "enroute_ms",
         "on_scene_ms", "closed_ms")  # fmt: skip


COLUMNS = IncidentRow.__struct_fields__


def rows_of(table: pa.Table) -> list[IncidentRow]:
    """The rows of an answer to query.Rows."""
    return [IncidentRow(*row) for row in zip(*(_column(table, name) for name in COLUMNS), strict=True)]


def head(names: Sequence[str]) -> bytes:
    """The first line of the CSV, with the mark of UTF-8 before it."""
    return BOM + _lines([names])


def lines(table: pa.Table, zone: ZoneInfo, seen: Collection[str] = ()) -> bytes:
    """CSV of the rows whose id was not ``seen``. Times are local with their offset, so that the hour which comes twice
    can be told apart."""
    columns = []
    for name in COLUMNS:
        values = _column(table, name)
        if name in TIMES:
            values = ["" if ms is None else _local(ms, zone) for ms in values]
        columns.append(["" if v is None else harmless(v) if isinstance(v, str) else v for v in values])
    ids = _column(table, "incident_id")
    return _lines([row for row, one in zip(zip(*columns, strict=True), ids, strict=True) if one not in seen])


def note(text: str) -> bytes:
    """A line of its own that tells something about the file."""
    return _lines([[harmless(text)]])


def _lines(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _column(table: pa.Table, name: str) -> list[Any]:
    if name not in table.column_names:
        return [None] * table.num_rows
    values: list[Any] = table[name].to_pylist()
    if name in ("lat", "lon"):
        return [None if value is None else round(value, PLACES) for value in values]
    if name in TIMES:
        return [None if value is None else int(value) for value in values]
    return values


def _local(ms: int, zone: ZoneInfo) -> str:
    at = datetime.fromtimestamp(ms / 1000.0, UTC).astimezone(zone)
    return at.isoformat(" ", "milliseconds" if ms % 1000 else "seconds")
