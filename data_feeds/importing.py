"""Mapped files → past incidents in columns: of each incident its last state, once. No clock, no store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from data_feeds.cells import NO_TIME, Bad, Times, moments, reader_of, times
from data_feeds.encoding import Encoder
from data_feeds.history.incoming import raw_of
from data_feeds.history.store import RAW
from data_feeds.mapping import Coverage, Emit, Mapping
from data_feeds.model import Incident, Topic
from data_feeds.reading import ReadError, Report, Shape, read
from data_feeds.timeline import Source, Window, parts

CHUNK = 20_000  # rows that become messages at a stretch
Job = tuple[Mapping, Sequence[Path]]


class Gap(NamedTuple):
    """A time in which the source saw nothing. Unix ms."""

    begin_ms: int
    end_ms: int


@dataclass
class Gathered:
    """What was read. ``table``: columns of RAW, every incident once, oldest first; ``merged``: rows that told of an
    incident another row tells of too."""

    table: pa.Table
    merged: int
    gaps: list[Gap] = field(default_factory=list)


class _State(NamedTuple):
    """One state of an incident, as good as ``(version, at_us)`` is high."""

    version: int
    at_us: int
    incident: Incident


def gather(
    jobs: Sequence[Job], now_ms: float, report: Report,
    moved: Callable[[Path, float], object] = lambda path, share: None,
) -> Gathered:  # fmt: skip
    """The incidents of all files. A row of which a part cannot be mapped, or with a time after ``now_ms`` (Unix), is
    refused as a whole and told to ``report``; ``moved`` hears which share of each file has been read.

    Raises ReadError for a file that cannot be read, and when nothing is left.
    """
    tables: list[pa.Table] = []
    at: list[Times] = []
    told = 0
    for mapping, paths in jobs:
        for path in paths:
            for part in parts(mapping, path, Window(), report):
                states, rows = _states(part, now_ms, report)
                told += rows
                if states:
                    tables.append(raw_of([state.incident for state in states]))
                    at.append(np.array([state.at_us for state in states], np.int64))
                moved(path, report.share)
            moved(path, 1.0)
    if not tables:
        files = ", ".join(str(path) for _, paths in jobs for path in paths)
        raise ReadError(f"nothing to import: {files} hold {report.rows:,} rows and {report.total_refused:,} of them "
                        "cannot be mapped; mend the mapping (--dry-run shows what is wrong)")  # fmt: skip
    table = _once(pa.concat_tables(tables), np.concatenate(at))
    found = [gap for mapping, paths in jobs if mapping.coverage for gap in gaps_of(mapping.coverage, paths, report)]
    return Gathered(table, told - len(table), sorted(set(found)))


def _states(part: Source, now_ms: float, report: Report) -> tuple[list[_State], int]:
    """The last state of each incident in ``part``, and how many rows told of any."""
    emits = [(n, emit) for n, emit in enumerate(part.mapping.emits) if emit.topic is Topic.INCIDENT]
    encoders = {n: Encoder(part.mapping, emit, report.notes) for n, emit in emits}
    readers = {id(f): reader_of(f) for f in part.mapping.fields if f.kind != "time"}
    late, wanted = _late(part, now_ms), _wanted(part, emits)
    best: dict[str, _State] = {}
    told = 0
    for begin in range(0, len(part.lines), CHUNK):
        of_row: dict[int, list[_State]] = {}
        bad: dict[int, Bad] = {row: why for row, why in late.items() if begin <= row < begin + CHUNK}
        for n, emit in emits:
            rows = begin + np.flatnonzero(wanted[n][begin : begin + CHUNK])
            values = encoders[n].values(part.columns, rows, readers)
            for row, at_us, cells in zip(rows.tolist(), _at(part, n, emit, rows), values, strict=True):
                if row in bad:
                    continue
                message = encoders[n].message(cells)
                if isinstance(message, Bad):
                    bad[row] = message
                else:
                    of_row.setdefault(row, []).append(_State(message.version, at_us, message))
        for row in sorted(bad):
            of_row.pop(row, None)
            report.refuse(part.path, int(part.lines[row]), bad[row])
        told += len(of_row)
        for states in of_row.values():
            for state in states:
                known = best.get(state.incident.incident_id)
                if known is None or state[:2] >= known[:2]:
                    best[state.incident.incident_id] = state
    return list(best.values()), told


def _wanted(part: Source, emits: Sequence[tuple[int, Emit]]) -> dict[int, Any]:
    """By number of the block, for which rows its message is made: where blocks speak of the same incident and their
    versions are constants, only the one that will count."""
    says = {n: np.ones(len(part.lines), bool) if e.at is None else part.due[n] != NO_TIME for n, e in emits}
    versions = {n: next(f for f in emit.fields if f.name == "version") for n, emit in emits}
    keys = [(emit.key.columns, emit.key.parts, emit.key.separator, emit.key.values) for _, emit in emits]
    if any(field.columns for field in versions.values()) or any(key != keys[0] for key in keys):
        return says
    order = np.argsort([versions[n].constant for n, _ in emits], kind="stable")
    best, best_at = np.full(len(part.lines), -1), np.full(len(part.lines), NO_TIME)
    version = None
    for n in [emits[index][0] for index in order]:
        same = versions[n].constant == version
        version = versions[n].constant
        better = says[n] & ((part.due[n] >= best_at) if same else True)
        best[better], best_at[better] = n, part.due[n][better]
    return {n: best == n for n, _ in emits}


def _at(part: Source, n: int, emit: Emit, rows: Any) -> list[int]:
    return [NO_TIME] * len(rows) if emit.at is None else part.due[n][rows].tolist()


def _late(part: Source, now_ms: float) -> dict[int, Bad]:
    """Rows with a time that has not come yet."""
    found: dict[int, Bad] = {}
    for name in part.mapping.time_columns:
        if name not in part.columns:
            continue
        column = part.columns[name]
        ahead = np.flatnonzero(column > now_ms * 1000.0)
        for row, moment in zip(ahead.tolist(), moments(column[ahead]), strict=True):
            found.setdefault(row, Bad(f"column {name}: a time that has not come yet", str(moment)))
    return found


def _once(table: pa.Table, at_us: Times) -> pa.Table:
    """Every incident once: of its highest version, of equal ones the latest; oldest first."""
    ids = table["incident_id"].combine_chunks().dictionary_encode()
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    codes = ids.indices.to_numpy(zero_copy_only=False)
    order = np.lexsort((np.arange(len(table)), at_us, table["version"].to_numpy(), codes))
    last = order[np.flatnonzero(np.r_[codes[order][1:] != codes[order][:-1], True])]
    received = table["call_received_ms"].to_numpy().astype(np.float64)
    known = np.where(np.isnan(received), at_us / 1000.0, received)
    return table.take(pa.array(last[np.argsort(known[last], kind="stable")])).select(RAW.names)


def gaps_of(coverage: Coverage, files: Sequence[Path], report: Report) -> Iterator[Gap]:
    """Where the source looked away. Raises ReadError."""
    paths = {coverage.file if coverage.file.is_absolute() else file.parent / coverage.file for file in files}
    for path in sorted(paths):
        own = Report(limit=0)
        looked = []
        for batch in read(path, (coverage.at.name,), Shape(), own):
            found, bad = times(batch.columns[coverage.at.name], coverage.at, coverage.at.name in batch.aware)
            looked.append(found[found != NO_TIME])
            if bad:
                report.notes[f"time in {path} that cannot be read"] += len(bad)
        at_ms = np.unique(np.concatenate(looked)) // 1000 if looked else np.empty(0, np.int64)
        for n in np.flatnonzero(np.diff(at_ms) > coverage.max_gap_s * 1000.0).tolist():
            yield Gap(int(at_ms[n]), int(at_ms[n + 1]))
