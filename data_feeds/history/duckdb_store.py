"""The embedded history: one DuckDB file and folders of Parquet, owned by one process (see database.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import structs

from data_feeds.clock import Clock, SystemClock
from data_feeds.history import drone_writing, retention, rollups, sql, summed
from data_feeds.history.database import Database, Read
from data_feeds.history.derive import Deriver, checked, newest, timed
from data_feeds.history.drone_writing import DroneWriter
from data_feeds.history.facts import Facts
from data_feeds.history.flown import flown_of
from data_feeds.history.gaps import gaps_of
from data_feeds.history.homes import Homes
from data_feeds.history.incoming import raw_of, tracks_of, usable
from data_feeds.history.local_time import LocalTime
from data_feeds.history.opening import prepare
from data_feeds.history.query import (
    Breaches,
    Counts,
    Detected,
    DronesKnown,
    Flown,
    Gaps,
    LastSeen,
    Patrol,
    Present,
    Query,
    Rows,
    Span,
    Spreads,
    Tallies,
    spans_of,
)
from data_feeds.history.rollups import Rollups
from data_feeds.history.spreads import Part, part_of, spreads_of
from data_feeds.history.store import NO_OFFSETS, Extent, GapHow, Offsets, Options, Put, StoreClosed, Tidied
from data_feeds.history.tracks import Tracks
from data_feeds.history.words import Words
from data_feeds.history.writing import put_gap, put_incidents, put_offsets
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition

AT_ONCE = 250_000  # rows of a bulk put in one transaction
HEARD = 50_000
SUMS_S = 1.0  # that a call of tidy spends on sums, give or take a month's
T = TypeVar("T")


class DuckStore:
    """The Store protocol over ``folder``. Raises StoreError of the kind that fits when it cannot be opened."""

    def __init__(self, folder: Path, options: Options, clock: Clock | None = None) -> None:
        self._options = options
        self._local = LocalTime(ZoneInfo(options.time_zone), options.day_starts_min)
        self._homes = Homes(options.scopes)
        self._deriver = Deriver(self._local, self._homes)
        self._database = Database(folder, options)
        try:
            self._versions = prepare(self._database, options, self._deriver)
            self._facts = Facts(self._database.read, self._versions)
            self._heard = set[str]()  # ids of incidents that came lately, and so will come again
            self._words = Words(self._database.read)
            self._clock = clock or SystemClock()
            self._tracks = Tracks(self._database, self._write, self._local, self._homes, self._clock, options)
            self._rollups = Rollups(self._database)
            self._drones = DroneWriter(self._write, self._deriver, options, self._clock)
            self._database.on_tick = self._tracks.tick
        except BaseException:
            self._database.close()
            raise

    def run(self, query: Query) -> pa.Table:
        spans = () if isinstance(query, Rows | LastSeen | DronesKnown) else query.spans
        if spans and len(once := tuple(dict.fromkeys(spans))) < len(spans):
            # the year before and last year are one: each span is read once
            return repeated(self.run(structs.replace(query, spans=once)), [once.index(span) for span in spans])
        if isinstance(query, Gaps):
            return gaps_of(query.spans, self._local, self._database.read, self._facts.silences())
        if isinstance(query, Spreads | Breaches):
            return self._by_interval(query)
        if isinstance(query, Flown):
            with self._database.snapshot() as read:
                return flown_of(query, [read(*one) for one in sql.flown(query, self._homes.clause)])
        plain = statement(query, self._homes.clause)
        if not (isinstance(query, Counts | Tallies | LastSeen) and rollups.long(spans_of(query))):
            return self._database.read(*plain)
        with self._database.snapshot() as read:
            told = summed.answer(query, rollups.known(read), read, self._homes.clause)
            return read(*plain) if told is None else told

    def _by_interval(self, query: Spreads | Breaches) -> pa.Table:
        scope = self._homes.clause
        # refuses what cannot be asked
        _ = sql.late(query, scope) if isinstance(query, Breaches) else sql.measured(query, {}, scope)
        with self._database.snapshot() as read:
            division = rollups.Division([], list(enumerate(query.spans)))
            if summed.may_take(query):
                division = rollups.divided(query.spans, rollups.known(read).took)
            if isinstance(query, Breaches):
                return summed.breaches(query, division, read, scope)
            parts: list[list[Part]] = [[] for _ in query.spans]
            for index, part in summed.parts(query, division.months, read, scope):
                parts[index].append(part)
            for index, part in self._parts_of_rows(query, division.rest, read):
                parts[index].append(part)
        return spreads_of(query, parts)

    def _parts_of_rows(self, query: Spreads, days: Sequence[tuple[int, Span]], read: Read) -> list[tuple[int, Part]]:
        asked = structs.replace(query, spans=tuple(span for _, span in days))
        while days:
            words = self._words.of(query.by)
            rows = [read(*one) for one in sql.measured(asked, words, self._homes.clause)]
            if not any(table[name].null_count for table in rows for name in words):
                return [(index, part_of(query, words, table)) for (index, _), table in zip(days, rows, strict=True)]
            self._words.forget(words)  # a word has come since they were learned
        return []

    def version(self, spans: Sequence[Span] = ()) -> int:
        return self._versions.of(spans)

    def extent(self) -> Extent:
        return structs.replace(self._facts.extent(), tracks_since=self._tracks.since())

    def put_incidents(self, incidents: Sequence[Incident], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        raw, timeless = timed(raw_of(incidents))
        once = newest(raw)
        table = self._deriver.incidents(once, origin)

        def job(con: duckdb.DuckDBPyConnection) -> tuple[Put, set[date]]:
            result = put_incidents(con, table, self._heard)
            put_offsets(con, origin, offsets)
            return result

        put = self._write(job)
        if len(self._heard) > HEARD:
            self._heard.clear()
        self._heard.update(table["incident_id"].to_pylist())
        return put + Put(older=len(raw) - len(once), timeless=timeless)

    def put_table(self, table: pa.Table, origin: str) -> Put:
        raw, timeless = timed(checked(table))
        once = newest(raw)
        total = Put(older=len(raw) - len(once), timeless=timeless)
        # in the order of time, so that a question for some days reads some blocks
        order = pc.sort_indices(pc.coalesce(*(once[name] for name in _BY_TIME)))
        for begin in range(0, len(once), AT_ONCE):
            rows = self._deriver.incidents(once.take(order[begin : begin + AT_ONCE]), origin)
            total += self._write(partial(put_incidents, table=rows))
        return total

    def offsets(self, origin: str) -> dict[tuple[str, int], int]:
        found = self._database.read("SELECT topic, part, next FROM offsets WHERE origin = ?", [origin]).to_pylist()
        return {(row["topic"], row["part"]): row["next"] for row in found}

    def note_gap(self, begin_ms: int, end_ms: int, how: GapHow, origin: str) -> None:
        if not begin_ms < end_ms or how not in ("recorder", "given"):
            raise ValueError(f"a gap begins before it ends and is told by recorder or given, not {how!r}")
        days = self._local.days(begin_ms, end_ms)
        self._write(lambda con: (None, days if put_gap(con, begin_ms, end_ms, how, origin) else set()))

    def put_positions(self, fixes: Sequence[VehiclePosition], origin: str, offsets: Offsets = NO_OFFSETS) -> int:
        return self._tracks.put(tracks_of(fixes), origin, offsets)

    def put_tracks(self, table: pa.Table, origin: str) -> int:
        return self._tracks.put_table(usable(table))

    def put_telemetry(self, telemetry: Sequence[DroneTelemetry], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        return self._drones.telemetry(telemetry, origin, offsets)

    def put_detections(self, detections: Sequence[Detection], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        return self._drones.detections(detections, origin, offsets)

    def put_flown(self, table: pa.Table) -> Put:
        return self._drones.flights_table(table)

    def put_seen(self, table: pa.Table) -> Put:
        return self._drones.sights_table(table)

    def flush(self) -> None:
        self._tracks.flush()
        self._drones.flush()

    def trail(self, unit_id: str, begin_ms: int, end_ms: int) -> pa.Table:
        return self._tracks.trail(unit_id, begin_ms, end_ms)

    def tidy(self, now_ms: float) -> Tidied:
        compacted = self._tracks.compact(now_ms)
        keep = retention.bounds(self._options, self._local, now_ms)
        tracks = self._tracks.expire(keep.tracks) if keep.tracks else 0
        incidents = self._write(retention.forget_incidents(keep.incidents)) if keep.incidents else 0
        of_drones = 0
        if drone_writing.overdue(self._database.read, keep.tracks, keep.incidents):
            of_drones = self._write(drone_writing.forget(keep.tracks, keep.incidents))
        until_s = self._clock.monotonic_s() + SUMS_S
        made, left = self._rollups.renew(self._local.day_of(now_ms), lambda: self._clock.monotonic_s() < until_s)
        return Tidied(incidents, tracks, compacted, made, left, of_drones)

    def close(self) -> None:
        try:
            self.flush()
        except StoreClosed:
            pass  # a second call
        finally:
            self._database.close()

    def _write(
        self, job: Callable[[duckdb.DuckDBPyConnection], tuple[T, set[date]]], after: Callable[[], None] | None = None
    ) -> T:
        """Run ``job``, then ``after``; the days that it tells changed, and the version grows in its transaction."""

        def done(result: tuple[T, tuple[int, list[date]]]) -> None:
            self._versions.apply(result[1])
            if after:
                after()

        def whole(con: duckdb.DuckDBPyConnection) -> tuple[T, tuple[int, list[date]]]:
            result, days = job(con)
            return result, self._versions.note(con, days)

        return self._database.write(whole, done)[0]


def open_store(folder: str | Path, options: Options | None = None, clock: Clock | None = None) -> DuckStore:
    """The history in ``folder``, which is made where there is none. Raises StoreBusy, StoreBroken, StoreFull,
    StoreError."""
    return DuckStore(Path(folder), options or Options(), clock)


def repeated(answer: pa.Table, places: Sequence[int]) -> pa.Table:
    """``answer`` with span n of it wherever n stands in ``places``: their numbers are the new spans."""
    parts = []
    for index, place in enumerate(places):
        part = answer.filter(pc.equal(answer["span"], place))
        field = part.schema.field("span")
        parts.append(part.set_column(0, field, pa.array(np.full(len(part), index)).cast(field.type)))
    return pa.concat_tables(parts)


_ASKED: dict[type, Callable[..., sql.Statement]] = {
    Counts: sql.counts, Tallies: sql.tallies, Rows: sql.rows, LastSeen: sql.last_seen,
    Patrol: sql.patrol, Present: sql.present, Detected: sql.detected, DronesKnown: sql.drones_known,
}  # fmt: skip


def statement(query: Query, scope: sql.ScopeClause) -> sql.Statement:
    """The statement for every question that one answers. Raises ValueError for one that cannot be answered."""
    if type(query) not in _ASKED:
        raise ValueError(f"{type(query).__name__} is no question to the tables")
    return _ASKED[type(query)](query, scope)


_BY_TIME = ("call_received_ms", "dispatched_ms", "accepted_ms", "enroute_ms", "on_scene_ms", "closed_ms")
