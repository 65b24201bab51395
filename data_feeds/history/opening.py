"""What happens when a history is opened: its tables are there, its program is not newer, its derived columns hold."""

# ruff: noqa: S608 - only names of columns are put together
from __future__ import annotations

import hashlib
import logging
from datetime import date
from functools import partial

import duckdb
import pyarrow as pa

from data_feeds.history import drone_rows, drone_writing, rollups
from data_feeds.history.database import Database, broken_text
from data_feeds.history.derive import Deriver
from data_feeds.history.schema import ADDED, DERIVED_VERSION, SCHEMA_VERSION, TABLES
from data_feeds.history.store import Options, StoreBroken
from data_feeds.history.versions import Versions

log = logging.getLogger(__name__)
REBUILT_AT_ONCE = 250_000


def prepare(database: Database, options: Options, deriver: Deriver) -> Versions:
    """Make the tables where there are none, and work out anew what other settings had derived. Raises StoreBroken."""
    database.write(_create)
    found = database.read("SELECT key, value FROM meta").to_pylist()
    meta = {row["key"]: row["value"] for row in found}
    if int(meta["schema"]) > SCHEMA_VERSION:
        why = f"it was written by a newer program (schema {meta['schema']}, this one knows {SCHEMA_VERSION})"
        raise StoreBroken(broken_text(database.path, why), database.path)
    if int(meta["schema"]) < SCHEMA_VERSION:
        database.write(partial(_bring_up, found=int(meta["schema"])))
    versions = database.write(Versions)
    wanted = fingerprint(options)
    if {name: meta.get(name) for name in wanted} != wanted:
        _rebuild(database, deriver, versions, meta, wanted)
    return versions


def fingerprint(options: Options) -> dict[str, str]:
    """What the derived columns depend on."""
    places = options.scopes.places
    told = hashlib.sha256(places.geojson).hexdigest() if places.by_id else "none"
    return {
        "clock": f"{options.time_zone} {options.day_starts_min} {DERIVED_VERSION}",
        "places": f"{told} {DERIVED_VERSION}",
    }


def _create(con: duckdb.DuckDBPyConnection) -> None:
    for table in (*TABLES, *rollups.TABLES, *drone_rows.TABLES):
        con.execute(table)
    con.execute("INSERT INTO meta VALUES ('schema', ?) ON CONFLICT (key) DO NOTHING", [str(SCHEMA_VERSION)])


def _bring_up(con: duckdb.DuckDBPyConnection, found: int) -> None:
    """Add to a file of schema ``found`` what later ones have; an older program will not open it again."""
    for version, statements in sorted(ADDED.items()):
        for statement in statements if version > found else ():
            con.execute(statement)
    _note(con, "schema", str(SCHEMA_VERSION))


def _rebuild(
    database: Database, deriver: Deriver, versions: Versions, meta: dict[str, str], wanted: dict[str, str]
) -> None:
    """In slices, each in a transaction. Until the last is done the settings are noted as none: what breaks off begins
    again, whatever the settings then are."""
    clock, places = (meta.get(name) != wanted[name] for name in ("clock", "places"))
    found = database.read("SELECT count(*) AS n, min(rowid) AS first, max(rowid) AS last FROM incidents")
    bounds = found.to_pylist()[0]
    told = database.read("SELECT (SELECT count(*) FROM flown) + (SELECT count(*) FROM seen) AS n")
    drones = told.to_pylist()[0]["n"]
    if bounds["n"] or drones:
        what = " and ".join(text for text, new in (("its clock", clock), ("its places", places)) if new)
        log.warning("history %s: %s changed; %d incidents are sorted anew", database.path, what, bounds["n"])
        for name, new in (("clock", clock), ("places", places)):
            if new:
                database.write(partial(_note, name=name, value="being sorted"))
    if bounds["n"]:
        for first in range(bounds["first"], bounds["last"] + 1, REBUILT_AT_ONCE):
            _slice(database, deriver, first, clock, places)
    if drones:
        drone_writing.rebuild(database, deriver, clock, places, REBUILT_AT_ONCE)

    def settle(con: duckdb.DuckDBPyConnection) -> tuple[int, list[date]]:
        for name, value in wanted.items():
            _note(con, name, value)
        for table in ("incidents", "flown", "seen"):
            con.execute(
                f"INSERT INTO days SELECT DISTINCT local_date, 0 FROM {table} ON CONFLICT (local_date) DO NOTHING"
            )
        con.execute("UPDATE files SET compact = false")  # so that patrols are worked out anew, too
        con.execute("DELETE FROM patrol")
        return versions.note_all(con)

    database.write(settle, versions.apply_all)
    if bounds["n"] or drones:
        log.warning("history %s: sorted anew", database.path)


def _note(con: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    con.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", [name, value])


def _slice(database: Database, deriver: Deriver, first: int, clock: bool, places: bool) -> None:
    last = first + REBUILT_AT_ONCE - 1
    kept = database.read(
        "SELECT rowid AS row, received_ms, told_branch, told_station, told_zone, lat, lon FROM incidents "
        "WHERE rowid BETWEEN ? AND ?",
        [first, last],
    )
    if not len(kept):
        return
    columns = {"row": kept["row"]}
    if clock:
        columns |= deriver.days(kept["received_ms"])
    if places:
        columns |= deriver.home(kept)
    fresh = pa.table(columns)
    sets = ", ".join(f"{name} = fresh.{name}" for name in columns if name != "row")

    def update(con: duckdb.DuckDBPyConnection) -> None:
        con.register("fresh", fresh)
        con.execute(
            f"UPDATE incidents SET {sets} FROM fresh WHERE incidents.rowid = fresh.row AND incidents.rowid "
            "BETWEEN ? AND ?",
            [first, last],
        )
        con.unregister("fresh")

    database.write(update)
