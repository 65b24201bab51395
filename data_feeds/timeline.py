"""Mapped files as one timeline: every message of every row, in the order of event times, encoded only when due.

``load`` reads, checks the times and sorts; ``Timeline.play`` walks it and yields encoded records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_feeds import srt
from data_feeds.cells import NO_TIME, Bad, Times, reader_of, times
from data_feeds.encoding import Encoder
from data_feeds.joining import Joined
from data_feeds.mapping import LINE, Emit, Mapping
from data_feeds.model import Topic
from data_feeds.reading import Batch, ReadError, Report, Shape, read

CHUNK = 2000
FOREVER_US = 2**62


class Event(NamedTuple):
    """One record, due when the replay's clock reaches ``at_us`` (Unix microseconds). ``value`` None: a tombstone."""

    at_us: int
    topic: Topic
    key: bytes
    value: bytes | None


class Window(NamedTuple):
    """Event times from ``from_us`` up to, not including, ``until_us`` (Unix microseconds)."""

    from_us: int | None = None
    until_us: int | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """The rows of one file that give something in the window. ``due``: one array of event times an emit block."""

    mapping: Mapping
    path: Path
    lines: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    due: tuple[Times, ...]


class Timeline:
    """All events of ``sources``, sorted by time; equal times keep the order of blocks, files and rows."""

    def __init__(self, sources: Sequence[Source], window: Window, report: Report) -> None:
        self.sources = sources
        self._report = report
        firsts = [int(due[due != NO_TIME].min()) for s in sources for due in s.due if (due != NO_TIME).any()]
        lasts = [int(due.max()) for s in sources for due in s.due if (due != NO_TIME).any()]
        self.start_us = window.from_us if window.from_us is not None and firsts else min(firsts, default=0)
        self.end_us = max(lasts, default=self.start_us)
        at, source, block, row = [], [], [], []
        for started in (True, False):  # what is said at the start goes first
            for s, one in enumerate(sources):
                for b, emit in enumerate(one.mapping.emits):
                    if (emit.at is None) is not started:
                        continue
                    rows = _first_rows(one, emit) if started else np.flatnonzero(one.due[b] != NO_TIME)
                    at.append(np.full(len(rows), self.start_us, np.int64) if started else one.due[b][rows])
                    source.append(np.full(len(rows), s, np.int16))
                    block.append(np.full(len(rows), b, np.int16))
                    row.append(rows.astype(np.int32))
        times_us = np.concatenate(at) if at else np.empty(0, np.int64)
        order = np.argsort(times_us, kind="stable")
        self._at = times_us[order]
        self._source, self._block, self._row = (
            (np.concatenate(part)[order] if part else np.empty(0, np.int64)) for part in (source, block, row)
        )

    def __len__(self) -> int:
        """How many events there are, of which some may turn out to say nothing new."""
        return len(self._at)

    def play(self, quiet: bool = False, chunk: int = CHUNK) -> Iterator[tuple[int, list[Event]]]:
        """(events walked, records) by and by; every call begins again. ``quiet``: no row is reported again."""
        report = Report(limit=0) if quiet else self._report
        encoders = {id(e): Encoder(s.mapping, e, report.notes) for s in self.sources for e in s.mapping.emits}
        readers = {id(f): reader_of(f) for s in self.sources for f in s.mapping.fields if f.kind != "time"}
        refused = [np.zeros(len(s.lines), bool) for s in self.sources]
        for begin in range(0, len(self._at), chunk):
            span = slice(begin, begin + chunk)
            at, sources, blocks, rows = self._at[span], self._source[span], self._block[span], self._row[span]
            read: list[tuple[Any, ...]] = [()] * len(at)
            for s, b in sorted(set(zip(sources.tolist(), blocks.tolist(), strict=True))):
                where = np.flatnonzero((sources == s) & (blocks == b))
                source, emit = self.sources[s], self.sources[s].mapping.emits[b]
                found = encoders[id(emit)].values(source.columns, rows[where], readers)
                for index, values in zip(where.tolist(), found, strict=True):
                    read[index] = values
            events = []
            # one by one in the order of times: what a unit said before may lie in another file
            places = (part.tolist() for part in (at, sources, blocks, rows))
            for us, s, b, row, values in zip(*places, read, strict=True):
                if refused[s][row]:
                    continue
                source, emit = self.sources[s], self.sources[s].mapping.emits[b]
                one = encoders[id(emit)].encode(values, us)
                if isinstance(one, Bad):
                    refused[s][row] = True
                    report.refuse(source.path, int(source.lines[row]), one)
                elif one is not None:
                    events.append(Event(us, emit.topic, *one))
            yield len(at), events

    def keys(self, topics: Sequence[Topic]) -> dict[Topic, list[bytes]]:
        """Every entity of ``topics`` that the timeline speaks of."""
        found: dict[Topic, dict[bytes, None]] = {topic: {} for topic in topics}
        for source in self.sources:
            for emit in source.mapping.emits:
                if emit.topic not in found:
                    continue
                rows = _first_rows(source, emit)
                cells = [source.columns[rule.name][rows].tolist() for rule in emit.key.columns]
                keys = reader_of(emit.key)(cells) if cells else [emit.key.constant]
                found[emit.topic].update((key.encode("utf-8", "replace"), None) for key in keys if isinstance(key, str))
        return {topic: list(keys) for topic, keys in found.items()}


def load(
    jobs: Sequence[tuple[Mapping, Sequence[Path]]], window: Window, report: Report,
    told: Callable[[Path, int], object] = lambda path, rows: None,
) -> Timeline:  # fmt: skip
    """The timeline of the files of each mapping. ``told`` hears of the rows read so far. Raises ReadError."""
    sources = []
    for mapping, paths in jobs:
        for path in paths:
            kept = []
            before = report.rows
            for part in parts(mapping, path, window, report):
                told(path, report.rows - before)
                if len(part.lines):
                    kept.append(part)
            if kept:
                sources.append(_joined(kept))
    timeline = Timeline(sources, window, report)
    if not len(timeline):
        files = ", ".join(str(path) for _, paths in jobs for path in paths)
        raise ReadError(f"nothing to replay: {files} hold {report.rows:,} rows, {report.total_refused:,} of them "
                        "cannot be mapped and none lies between --from and --until")  # fmt: skip
    return timeline


def parts(mapping: Mapping, path: Path, window: Window, report: Report) -> Iterator[Source]:
    """The rows of ``path`` batch by batch, their times read, as far as they have an event in ``window``. Raises
    ReadError."""
    more = Joined(mapping.join, path, report) if mapping.join else None
    for batch in _batches(mapping, path, report):
        yield _in_window(mapping, path, more.extend(batch) if more else batch, window, report)


def _batches(mapping: Mapping, path: Path, report: Report) -> Iterator[Batch]:
    if mapping.form == "srt":
        return srt.read(path, mapping.columns, srt.Flight(mapping.start, mapping.order), report)
    shape = Shape(mapping.encoding, mapping.delimiter, mapping.names, mapping.skip_lines)
    return read(path, mapping.columns, shape, report)


def _in_window(mapping: Mapping, path: Path, batch: Batch, window: Window, report: Report) -> Source:
    """The rows of ``batch`` with an event in the window; those whose times cannot be read are reported."""
    bad: dict[int, Bad] = {}
    columns = {**batch.columns, LINE: batch.lines}
    for name, rule in mapping.time_columns.items():
        columns[name], wrong = times(batch.columns[name], rule, name in batch.aware)
        for index, why in wrong.items():
            bad.setdefault(index, why)
    begin, end = window.from_us, window.until_us if window.until_us is not None else FOREVER_US
    raw = [_event_times(emit, columns, batch) for emit in mapping.emits]
    due = []
    for emit, at in zip(mapping.emits, raw, strict=True):
        inside = (at != NO_TIME) & (at < end)
        if begin is not None:
            # what was open when the window begins is told at its beginning
            later = [o for e, o in zip(mapping.emits, raw, strict=True) if e.topic is emit.topic and e is not emit]
            open_then = (at < begin) & np.any([o >= begin for o in later], axis=0) if emit.carry and later else False
            at = np.where(open_then & inside, begin, at)
            inside &= at >= begin
        due.append(np.where(inside, at, NO_TIME))
    timed = [n for n, emit in enumerate(mapping.emits) if emit.at is not None]
    untimed = np.all([columns[mapping.emits[n].at.name] == NO_TIME for n in timed], axis=0)  # type: ignore[union-attr]
    keep = np.any([due[n] != NO_TIME for n in timed], axis=0)
    names = " and ".join(dict.fromkeys(mapping.emits[n].at.name for n in timed))  # type: ignore[union-attr]
    for index in np.flatnonzero(untimed).tolist():
        bad.setdefault(index, Bad("no time", f"column {names} is empty"))
    for index in sorted(bad):
        if untimed[index] or keep[index]:
            report.refuse(path, int(batch.lines[index]), bad[index])
        keep[index] = False
    kept = {name: cells[keep] for name, cells in columns.items()}
    return Source(mapping, path, batch.lines[keep], kept, tuple(one[keep] for one in due))


def _event_times(emit: Emit, columns: dict[str, NDArray[Any]], batch: Batch) -> Times:
    if emit.at is None:
        return np.full(len(batch.lines), NO_TIME, np.int64)
    at = columns[emit.at.name]
    wanted = at != NO_TIME
    for name, values in emit.where.items():
        wanted &= np.fromiter((str(cell).strip() in values for cell in columns[name].tolist()), bool, len(at))
    return np.where(wanted, at + round(emit.plus_s * 1e6) * wanted, NO_TIME)


def _joined(parts: list[Source]) -> Source:
    first = parts[0]
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in first.columns}
    due = tuple(np.concatenate([part.due[b] for part in parts]) for b in range(len(first.due)))
    return Source(first.mapping, first.path, np.concatenate([part.lines for part in parts]), columns, due)


def _first_rows(source: Source, emit: Emit) -> NDArray[np.int64]:
    """The first row of each entity of ``emit``."""
    columns = {rule.name: source.columns[rule.name] for rule in emit.key.columns}
    if not columns:
        return np.arange(min(1, len(source.lines)), dtype=np.int64)
    return np.flatnonzero(~pd.DataFrame(columns).duplicated().to_numpy())
