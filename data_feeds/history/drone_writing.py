"""Minutes in the air and detections into their tables, with the offsets behind them; and what changes or ends them."""

# ruff: noqa: S608 - only names of tables and columns are put together
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.clock import Clock
from data_feeds.history import drone_rows as rows
from data_feeds.history.database import Database, Read
from data_feeds.history.derive import Deriver
from data_feeds.history.drone_rows import FIRST, FLIGHT, FLOWN, SIGHT, TOLD
from data_feeds.history.incoming import flights_of, sights_of
from data_feeds.history.store import Offsets, Options, Put
from data_feeds.history.writing import LOOKED_UP, Seen, put_offsets
from data_feeds.model import Detection, DroneTelemetry

AT_ONCE = 250_000  # rows of a bulk put in one transaction
MOST_DRONES = 10_000  # whose newest minute is remembered
Changed = tuple[Put, set[date]]
Connection = duckdb.DuckDBPyConnection
_MOMENT = ", ".join(("{0}." + name) for name in FIRST)
_MINUTES = f"SELECT drone_id, at_min, {', '.join(FIRST)} FROM flown"
_JUDGE = (
    f"SELECT a.row, ROW({_MOMENT.format('a')}) < ROW({_MOMENT.format('k')}) AS earlier FROM arriving a "
    "JOIN kept k ON a.drone_id = k.drone_id AND a.at_min = k.at_min"
)
_SETS = ", ".join(f"{name} = a.{name}" for name in FLOWN.names if name not in ("drone_id", "at_min"))
_DIFFERS = " OR ".join(f"a.{name} IS DISTINCT FROM k.{name}" for name in TOLD)
_KEPT = f"SELECT k.detection_id, k.local_date, {', '.join(f'k.{name}' for name in TOLD)} FROM seen k"


class Write(Protocol):
    """Runs a job in a transaction; the days that it tells have changed."""

    def __call__(self, job: Callable[[Connection], Changed]) -> Put: ...


class DroneWriter:
    """What drones tell, taken into the tables. Thread-safe; ``write`` may raise StoreError."""

    def __init__(self, write: Write, deriver: Deriver, options: Options, clock: Clock) -> None:
        self._write, self._deriver, self._clock = write, deriver, clock
        self._kinds, self._patience_s = options.detection_kinds, options.part_s
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, int]] = {}  # drone → the newest minute that is kept, and its moment
        self._pending: dict[str, dict[tuple[str, int], int]] = {}  # origin → offsets behind what said nothing new
        self._since_s: float | None = None

    def telemetry(self, telemetry: Sequence[DroneTelemetry], origin: str, offsets: Offsets) -> Put:
        """A drone tells every second what the minute's first second told: then nothing is written, and the offsets
        wait until something is, for part_s at most."""
        raw = flights_of(telemetry)
        good = rows.usable_flights(raw)
        once = rows.earliest(good)
        fresh = once.filter(pa.array(self._unheard(once)))
        waiting = self._behind(origin, offsets)
        told = Put(same=len(good) - len(fresh), timeless=len(raw) - len(good))
        if not len(fresh) and not self._due(origin, waiting):
            return told
        table = rows.flown(fresh, self._deriver)

        def job(con: Connection) -> Changed:
            changed = put_minutes(con, table)
            put_offsets(con, origin, waiting)
            return changed

        put = self._write(job)
        self._remember(fresh, origin)
        return put + told

    def detections(self, detections: Sequence[Detection], origin: str, offsets: Offsets) -> Put:
        """Of several tellings of a detection the last counts."""
        raw = sights_of(detections)
        good = rows.usable_sights(raw)
        once = rows.newest(good)
        table = rows.seen(once, self._deriver, self._kinds)

        def job(con: Connection) -> Changed:
            changed = put_sights(con, table)
            put_offsets(con, origin, offsets)
            return changed

        return self._write(job) + Put(older=len(good) - len(once), timeless=len(raw) - len(good))

    def flights_table(self, table: pa.Table) -> Put:
        """Many moments at once: columns of FLIGHT."""
        raw = rows.checked(table, FLIGHT)
        good = rows.usable_flights(raw)
        once = rows.earliest(good)
        total = Put(same=len(good) - len(once), timeless=len(raw) - len(good))
        for begin in range(0, len(once), AT_ONCE):
            part = rows.flown(once.slice(begin, AT_ONCE), self._deriver)
            total += self._write(lambda con, part=part: put_minutes(con, part))  # type: ignore[misc]
        return total

    def sights_table(self, table: pa.Table) -> Put:
        """Many detections at once: columns of SIGHT."""
        raw = rows.checked(table, SIGHT)
        good = rows.usable_sights(raw)
        once = rows.newest(good)
        total = Put(older=len(good) - len(once), timeless=len(raw) - len(good))
        for begin in range(0, len(once), AT_ONCE):
            part = rows.seen(once.slice(begin, AT_ONCE), self._deriver, self._kinds)
            total += self._write(lambda con, part=part: put_sights(con, part))  # type: ignore[misc]
        return total

    def flush(self) -> None:
        """Bring the offsets that wait to disk."""
        with self._lock:
            waiting = {origin: dict(offsets) for origin, offsets in self._pending.items() if offsets}
        if not waiting:
            return

        def job(con: Connection) -> Changed:
            for origin, offsets in waiting.items():
                put_offsets(con, origin, offsets)
            return Put(), set()

        self._write(job)
        with self._lock:
            for origin, offsets in waiting.items():
                if self._pending.get(origin) == offsets:
                    del self._pending[origin]

    def _unheard(self, once: pa.Table) -> NDArray[np.bool_]:
        """Which minutes are not known to be kept by an earlier moment."""
        found = []
        with self._lock:
            for drone, minute, at_ms in _told(once):
                last, kept = self._known.get(drone, (-1, 0))
                found.append(minute != last or at_ms <= kept)
        return np.array(found, bool)

    def _behind(self, origin: str, offsets: Offsets) -> dict[tuple[str, int], int]:
        with self._lock:
            waiting = dict(self._pending.get(origin, {}))
        for place, following in offsets.items():
            waiting[place] = max(following, waiting.get(place, 0))
        return waiting

    def _due(self, origin: str, waiting: dict[tuple[str, int], int]) -> bool:
        """Let ``waiting`` wait; whether that has been for long enough."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            if not waiting:
                return False
            self._pending[origin] = waiting
            self._since_s = now_s if self._since_s is None else self._since_s
            return now_s - self._since_s >= self._patience_s

    def _remember(self, fresh: pa.Table, origin: str) -> None:
        with self._lock:
            self._pending.pop(origin, None)
            if not self._pending:
                self._since_s = None
            if len(self._known) > MOST_DRONES:
                self._known.clear()
            self._known |= {drone: (minute, at_ms) for drone, minute, at_ms in _told(fresh)}


def put_minutes(con: Connection, table: pa.Table) -> Changed:
    """Take rows of FLOWN, each minute once: those that are new, and earlier moments of those that are not."""
    if not len(table):
        return Put(), set()
    between = pc.min_max(table["at_min"]).as_py()
    kept = con.sql(f"{_MINUTES} WHERE at_min BETWEEN ? AND ?", params=list(between.values())).to_arrow_table()
    new, earlier = table, table.slice(0, 0)
    if len(kept):
        with Seen(con, arriving=table.append_column("row", pa.array(np.arange(len(table)))), kept=kept):
            judged = con.sql(_JUDGE).to_arrow_table()
        known = np.zeros(len(table), bool)
        known[judged["row"].to_numpy()] = True
        new, earlier = table.filter(pa.array(~known)), table.take(judged.filter(judged["earlier"])["row"])
    if len(new):
        with Seen(con, taken=new):
            con.execute("INSERT INTO flown SELECT * FROM taken")
    if len(earlier):
        with Seen(con, taken=earlier):
            con.execute(
                f"UPDATE flown SET {_SETS} FROM taken a WHERE flown.drone_id = a.drone_id AND flown.at_min = a.at_min"
            )
    put = Put(new=len(new), replaced=len(earlier), same=len(table) - len(new) - len(earlier))
    return put, _days(new) | _days(earlier)


def put_sights(con: Connection, table: pa.Table) -> Changed:
    """Take rows of SEEN, each detection once; one that is told again counts only where it differs."""
    if not len(table):
        return Put(), set()
    arriving = table.append_column("row", pa.array(np.arange(len(table))))
    kept = _kept(con, arriving)
    if not len(kept):
        with Seen(con, taken=table):
            con.execute("INSERT INTO seen SELECT * FROM taken")
        return Put(new=len(table)), _days(table)
    with Seen(con, arriving=arriving, kept=kept):
        judged = con.sql(
            f"SELECT a.row, ({_DIFFERS}) AS differs, k.local_date AS before FROM arriving a "
            "JOIN kept k ON a.detection_id = k.detection_id"
        ).to_arrow_table()
    known = np.zeros(len(table), bool)
    known[judged["row"].to_numpy()] = True
    changed = judged.filter(judged["differs"])
    differs = np.zeros(len(table), bool)
    differs[changed["row"].to_numpy()] = True
    taken = table.filter(pa.array(differs | ~known))
    if len(taken):
        with Seen(con, taken=taken):
            con.execute("INSERT OR REPLACE INTO seen SELECT * FROM taken")
    new, replaced = int((~known).sum()), int(differs.sum())
    days = _days(taken) | set(changed["before"].unique().to_pylist())
    return Put(new=new, replaced=replaced, same=len(table) - new - replaced), days


def forget(flown: date | None, seen: date | None) -> Callable[[Connection], tuple[int, set[date]]]:
    """A job that lets go of what lies before these business days (None: nothing)."""

    def job(con: Connection) -> tuple[int, set[date]]:
        gone, days = 0, set[date]()
        for table, before in (("flown", flown), ("seen", seen)):
            if before is not None:
                found = con.execute(
                    f"SELECT local_date, count(*) FROM {table} WHERE local_date < ? GROUP BY local_date", [before]
                ).fetchall()
                if found:
                    con.execute(f"DELETE FROM {table} WHERE local_date < ?", [before])
                gone += sum(n for _, n in found)
                days |= {day for day, _ in found}
        return gone, days

    return job


def overdue(read: Read, flown: date | None, seen: date | None) -> bool:
    """Whether ``forget`` would let go of anything."""
    first = read("SELECT (SELECT min(local_date) FROM flown) AS a, (SELECT min(local_date) FROM seen) AS b").to_pylist()
    return any(kept and before and kept < before for kept, before in zip(first[0].values(), (flown, seen), strict=True))


def rebuild(database: Database, deriver: Deriver, clock: bool, places: bool, at_once: int) -> None:
    """Work out anew what other settings had derived, ``at_once`` rows in a transaction."""
    for table in ("flown", "seen"):
        bounds = database.read(f"SELECT min(rowid) AS first, max(rowid) AS last FROM {table}").to_pylist()[0]
        if bounds["first"] is None:
            continue
        for first in range(bounds["first"], bounds["last"] + 1, at_once):
            _slice(database, deriver, table, (first, first + at_once - 1), clock, places)


def _slice(
    database: Database, deriver: Deriver, table: str, between: tuple[int, int], clock: bool, places: bool
) -> None:
    kept = database.read(f"SELECT rowid AS row, at_ms, lat, lon FROM {table} WHERE rowid BETWEEN ? AND ?", between)
    if not len(kept):
        return
    columns = rows.derived(kept, deriver, clock, places)
    fresh = pa.table({"row": kept["row"], **columns})
    sets = ", ".join(f"{name} = fresh.{name}" for name in columns)

    def update(con: Connection) -> None:
        con.register("fresh", fresh)
        con.execute(
            f"UPDATE {table} SET {sets} FROM fresh WHERE {table}.rowid = fresh.row AND {table}.rowid BETWEEN ? AND ?",
            list(between),
        )
        con.unregister("fresh")

    database.write(update)


def _kept(con: Connection, arriving: pa.Table) -> pa.Table:
    """What is kept of the detections that arrive: few by the index, many by reading all."""
    ids = arriving["detection_id"].to_pylist()
    if len(ids) <= LOOKED_UP:
        return con.sql(f"{_KEPT} WHERE k.detection_id IN ({', '.join('?' * len(ids))})", params=ids).to_arrow_table()
    with Seen(con, arriving=arriving):
        return con.sql(f"{_KEPT} SEMI JOIN arriving a ON k.detection_id = a.detection_id").to_arrow_table()


def _told(once: pa.Table) -> Iterator[tuple[str, int, int]]:
    """Drone, minute and moment of rows in the order of time."""
    return zip(*(once[name].to_pylist() for name in ("drone_id", "at_min", "at_ms")), strict=True)


def _days(table: pa.Table) -> set[date]:
    return set(pc.unique(table["local_date"]).to_pylist())
