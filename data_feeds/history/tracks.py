"""Fixes of units: a tail in memory, parts of minutes on disk, and whole days in the order of units."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_feeds.clock import Clock
from data_feeds.history import files
from data_feeds.history.database import Database
from data_feeds.history.files import TrackFile, begin_of
from data_feeds.history.homes import Homes
from data_feeds.history.local_time import EPOCH, LocalTime
from data_feeds.history.patrol import DAY_MS, LONGEST_MS, following, in_order, minutes_of, summed
from data_feeds.history.schema import PATROL
from data_feeds.history.steps import Steps
from data_feeds.history.store import NO_OFFSETS, TRACK, Offsets, Options, StoreError
from data_feeds.history.writing import put_offsets

log = logging.getLogger(__name__)
FOLDER = "tracks"
PART_ROWS = 200_000  # fixes that wait in memory at most
SETTLED_MS = 30 * 60_000  # after its end a day is compacted: by then its late fixes are there
BATCH = 200_000
Change = tuple[None, set[date]]
Write = Callable[..., None]  # a job that returns a Change, and what to do once it is on disk
_TRACK = ", ".join(TRACK.names)


class Tracks:
    """Thread-safe. ``write`` runs a job of the store: on the writer's thread, in a transaction, with its days noted."""

    def __init__(
        self, database: Database, write: Write, local: LocalTime, homes: Homes, clock: Clock, options: Options
    ) -> None:
        self._database, self._write, self._local, self._homes = database, write, local, homes
        self._clock, self._part_s, self._step_ms = clock, options.part_s, round(options.track_step_s * 1000)
        self._folder = database.folder / FOLDER
        self._lock = threading.Lock()  # of the tail
        self._tidying = threading.Lock()
        self._tail: list[tuple[pa.Table, str, Offsets]] = []
        self._tail_rows, self._begun_s, self._failed = 0, 0.0, False
        self._last = TRACK.empty_table()  # each unit's last fix that is counted in the minutes of patrols
        self._next = 1
        self._open()

    def put(self, fixes: pa.Table, origin: str, offsets: Offsets = NO_OFFSETS) -> int:
        """Take fixes into the tail. Where that is full it goes to disk first; if it cannot, nothing is taken."""
        if self._tail_rows >= PART_ROWS:
            self.flush()
        with self._lock:
            if not self._tail:
                self._begun_s = self._clock.monotonic_s()
            kept = fixes.filter(pa.array(self._steps.first(fixes))) if self._step_ms else fixes
            self._tail.append((kept, origin, dict(offsets)))
            self._tail_rows += len(kept)
        return len(fixes)

    def flush(self) -> None:
        """Bring the tail to disk."""
        with self._lock:
            empty = not self._tail
        if not empty:
            self._part()

    def is_due(self) -> bool:
        """Whether the tail has waited for long enough."""
        with self._lock:
            return bool(self._tail) and self._clock.monotonic_s() - self._begun_s >= self._part_s

    def tick(self) -> None:
        """Called by the writer now and then. What fails is tried again; it is logged once, and so is its end."""
        if not self.is_due():
            return
        try:
            self._part()
            if self._failed:
                log.warning("history: fixes are written again")
            self._failed = False
        except (StoreError, OSError) as error:
            if not self._failed:
                log.error("history: fixes wait in memory, unacknowledged: %s", error)
            self._failed = True
            with self._lock:
                self._begun_s = self._clock.monotonic_s()

    def put_table(self, fixes: pa.Table) -> int:
        """Many fixes at once, straight to disk."""
        for begin in range(0, len(fixes), 10 * PART_ROWS):
            rows = fixes.slice(begin, 10 * PART_ROWS)
            self._put_now(lambda rows=rows: [rows])  # type: ignore[misc]
        return len(fixes)

    def trail(self, unit_id: str, begin_ms: int, end_ms: int) -> pa.Table:
        """Fixes of one unit, oldest first."""
        with self._lock:
            tail = [fixes for fixes, _, _ in self._tail]
        wanted = "SELECT name FROM files WHERE last_ms >= ? AND first_ms < ? ORDER BY name"
        parts = [fixes.filter(_of(fixes, unit_id, begin_ms, end_ms)) for fixes in tail]
        for turn in range(3):  # a day that is compacted meanwhile is another file
            names = self._database.read(wanted, [begin_ms, end_ms])["name"].to_pylist()
            if not names:
                break
            try:
                text = f"SELECT {_TRACK} FROM read_parquet(?) WHERE unit_id = ? AND t_ms >= ? AND t_ms < ?"  # noqa: S608
                paths = [str(self._folder / name) for name in names]
                parts.append(self._database.read(text, [paths, unit_id, begin_ms, end_ms]))
                break
            except StoreError:
                if turn == 2:
                    raise
        return in_order(pa.concat_tables([TRACK.empty_table(), *(part.cast(TRACK) for part in parts)]))

    def since(self) -> date | None:
        """The first business day with fixes on disk."""
        first = self._database.read("SELECT min(first_ms) AS ms FROM files")["ms"][0].as_py()
        return None if first is None else self._local.day_of(first)

    def compact(self, now_ms: float) -> int:
        """Make one file of each day that is over; returns how many days."""
        with self._tidying:
            over = files.day_of(int(now_ms) - SETTLED_MS)
            found = self._database.read(
                "SELECT DISTINCT day FROM files WHERE day < ? AND NOT compact ORDER BY day", [over]
            )
            for day in found["day"].to_pylist():
                self._compact(day)
            return len(found)

    def expire(self, before: date) -> int:
        """Let go of the days (UTC) that end before business day ``before``; returns how many."""
        with self._tidying:
            bound = files.day_of(self._local.begin_ms(before))
            gone = self._database.read("SELECT name, day FROM files WHERE day < ?", [bound])
            if not len(gone):
                return 0

            def job(con: duckdb.DuckDBPyConnection) -> Change:
                days = con.execute("SELECT DISTINCT local_date FROM patrol WHERE day < ?", [bound]).fetchall()
                con.execute("DELETE FROM files WHERE day < ?", [bound])
                con.execute("DELETE FROM patrol WHERE day < ?", [bound])
                return None, {row[0] for row in days}

            self._write(job)
            files.removed(self._folder, gone["name"].to_pylist())
            return len(set(gone["day"].to_pylist()))

    def _part(self) -> None:
        """The tail becomes parts. Jobs run one after the other, so two never do it at once."""
        pending: list[tuple[pa.Table, str, Offsets]] = []

        def take() -> list[pa.Table]:
            with self._lock:
                pending.extend(self._tail)
            return [fixes for fixes, _, _ in pending]

        def acknowledge(con: duckdb.DuckDBPyConnection) -> None:
            for _, origin, offsets in pending:
                put_offsets(con, origin, offsets)

        def after() -> None:
            with self._lock:
                del self._tail[: len(pending)]
                self._tail_rows = sum(len(fixes) for fixes, _, _ in self._tail)
                self._begun_s = self._clock.monotonic_s()

        self._put_now(take, acknowledge, after)

    def _put_now(
        self,
        take: Callable[[], list[pa.Table]],
        acknowledge: Callable[[duckdb.DuckDBPyConnection], None] = lambda con: None,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        """What ``take`` gives becomes parts, and is acknowledged in the transaction that notes them."""
        last = self._last

        def job(con: duckdb.DuckDBPyConnection) -> Change:
            nonlocal last
            fixes = pa.concat_tables([TRACK.empty_table(), *(table.cast(TRACK) for table in take())])
            acknowledge(con)
            if not len(fixes):
                return None, set()
            written: list[str] = []
            try:
                self._write_parts(con, fixes.sort_by("t_ms"), written)
                counted, last = following(in_order(fixes), self._last)
                _keep_minutes(con, minutes_of(counted, self._local, self._homes))
            except BaseException:
                files.removed(self._folder, written)
                raise
            return None, self._days(fixes)

        def done() -> None:
            self._last = last
            after()

        self._write(job, done)

    def _write_parts(self, con: duckdb.DuckDBPyConnection, fixes: pa.Table, written: list[str]) -> None:
        """One file a day; their names go into ``written``."""
        day_of = fixes["t_ms"].to_numpy() // DAY_MS
        firsts = np.flatnonzero(np.r_[True, day_of[1:] != day_of[:-1]])
        for first, end in zip(firsts.tolist(), [*firsts[1:].tolist(), len(fixes)], strict=True):
            part = fixes.slice(first, end - first)
            day = files.day_of(int(part["t_ms"][0].as_py()))
            writer = files.Writer(self._folder, self._name(day))
            writer.add(part)
            told = writer.done(day, compact=False)
            written.append(told.name)
            _keep(con, told)
            if told.first_ms < begin_of(day) + LONGEST_MS:
                # a fix of the day before may go on into this one
                con.execute("UPDATE files SET compact = false WHERE day = ?", [day - timedelta(days=1)])

    def _compact(self, day: date) -> None:
        """Read a day's files in the order of units, write them as one, count its minutes exactly; then change over."""
        begin, end = begin_of(day), begin_of(day) + DAY_MS
        mine = self._database.read("SELECT name FROM files WHERE day = ? ORDER BY name", [day])["name"].to_pylist()
        more = self._database.read("SELECT name FROM files WHERE day = ? AND first_ms < ?",
                                   [day + timedelta(days=1), end + LONGEST_MS])["name"].to_pylist()  # fmt: skip
        writer = files.Writer(self._folder, self._name(day))
        minutes, before = [], TRACK.empty_table()
        text = (
            f"SELECT DISTINCT ON (unit_id, t_ms) {_TRACK} FROM read_parquet(?) WHERE t_ms >= ? AND t_ms < ? "  # noqa: S608
            "ORDER BY unit_id, t_ms, lat, lon"
        )
        try:
            paths = [str(self._folder / name) for name in (*mine, *more)]
            with self._database.reading(text, [paths, begin, end + LONGEST_MS], BATCH) as batches:
                for batch in batches:
                    fixes = pa.Table.from_batches([batch]).cast(TRACK)
                    minutes.append(minutes_of(pa.concat_tables([before, fixes]), self._local, self._homes))
                    before = fixes.slice(len(fixes) - 1) if len(fixes) else before
                    writer.add(fixes.filter(pc.less(fixes["t_ms"], end)))
            told = writer.done(day, compact=True)
        except BaseException:
            writer.give_up()
            raise
        counted = summed(pa.concat_tables([PATROL.empty_table(), *minutes]))
        counted = counted.filter(pc.equal(counted["day"], pa.scalar(day)))

        def job(con: duckdb.DuckDBPyConnection) -> Change:
            before = con.execute("SELECT DISTINCT local_date FROM patrol WHERE day = ?", [day]).fetchall()
            con.execute("DELETE FROM files WHERE name IN (SELECT unnest(?::VARCHAR[]))", [mine])
            _keep(con, told)
            con.execute("DELETE FROM patrol WHERE day = ?", [day])
            _keep_minutes(con, counted)
            return None, {row[0] for row in before} | set(counted["local_date"].unique().to_pylist())

        self._write(job)
        files.removed(self._folder, mine)

    def _open(self) -> None:
        """Let go of what does not count: what was begun, what was written but not noted, what was noted but is gone."""
        whole, begun = files.found(self._folder)
        noted = set(self._database.read("SELECT name FROM files")["name"].to_pylist())
        self._next = 1 + max((files.number(name) for name in (*whole, *noted)), default=0)
        strange, gone = [name for name in whole if name not in noted], sorted(noted - set(whole))
        files.removed(self._folder, begun)
        if strange and not noted:  # the database is new, the tracks are not: they are as good as before
            told = [one for one in (files.read_facts(self._folder, name) for name in strange) if one]
            log.warning("history: %d files of tracks are taken over into %s", len(told), self._database.path)
            self._write(lambda con: (None, {day for one in told for day in _noted(con, one, self._local)}))
        else:
            files.removed(self._folder, strange)
        if gone:
            log.error("history: %d files of tracks are missing from %s, the first %s", len(gone), self._folder, gone[0])

            def forget(con: duckdb.DuckDBPyConnection) -> Change:
                con.execute("DELETE FROM files WHERE name IN (SELECT unnest(?::VARCHAR[]))", [gone])
                return None, set()

            self._write(forget)
        self._last = self._last_counted()
        self._steps = Steps(self._step_ms, self._last)

    def _last_counted(self) -> pa.Table:
        """Each unit's last fix on disk, of the units that were heard at the end."""
        newest = self._database.read("SELECT max(last_ms) AS ms FROM files")["ms"][0].as_py()
        if newest is None:
            return TRACK.empty_table()
        since = newest - 10 * LONGEST_MS
        names = self._database.read("SELECT name FROM files WHERE last_ms >= ?", [since])["name"].to_pylist()
        text = (
            f"SELECT {_TRACK} FROM read_parquet(?) WHERE t_ms >= ? "  # noqa: S608
            "QUALIFY row_number() OVER (PARTITION BY unit_id ORDER BY t_ms DESC) = 1 ORDER BY unit_id"
        )
        return self._database.read(text, [[str(self._folder / name) for name in names], since]).cast(TRACK)

    def _days(self, fixes: pa.Table) -> set[date]:
        hours = np.unique(fixes["t_ms"].to_numpy() // 900_000) * 900_000
        return {EPOCH + timedelta(days=day) for day in np.unique(self._local.columns(hours).day).tolist()}

    def _name(self, day: date) -> str:
        with self._lock:
            number, self._next = self._next, self._next + 1
        return f"{day.isoformat()}/{number:08d}.parquet"


def _of(fixes: pa.Table, unit_id: str, begin_ms: int, end_ms: int) -> pa.ChunkedArray:
    t = fixes["t_ms"]
    within = pc.and_(pc.greater_equal(t, begin_ms), pc.less(t, end_ms))
    return pc.and_(pc.equal(fixes["unit_id"], unit_id), within)


def _keep(con: duckdb.DuckDBPyConnection, file: TrackFile) -> None:
    con.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", list(file))


def _keep_minutes(con: duckdb.DuckDBPyConnection, minutes: pa.Table) -> None:
    if len(minutes):
        con.register("minutes", minutes)
        con.execute("INSERT INTO patrol SELECT * FROM minutes")
        con.unregister("minutes")


def _noted(con: duckdb.DuckDBPyConnection, file: TrackFile, local: LocalTime) -> set[date]:
    _keep(con, file)
    return local.days(file.first_ms, file.last_ms + 1)
