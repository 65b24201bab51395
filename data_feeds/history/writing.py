"""Rows into the tables: which are new, which replace, which say nothing new. Called within a transaction."""

# ruff: noqa: S608 - only names of columns are put together
from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_feeds.history.schema import CONTENT, INCIDENTS
from data_feeds.history.store import Offsets, Put

LOOKED_UP = 1_000  # so many ids are looked up in the index, more are joined
NEW, REPLACED, OLDER, SAME, RENUMBERED = range(5)
_SETS = ", ".join(f"{name} = excluded.{name}" for name in INCIDENTS.names if name != "incident_id")
_DIFFERS = " OR ".join(f"a.{name} IS DISTINCT FROM k.{name}" for name in CONTENT)
_KEPT = ", ".join(f"i.{name}" for name in ("incident_id", "version", "local_date", *CONTENT))
_INSERT = "INSERT INTO incidents SELECT * FROM taken"
_UPSERT = (
    f"INSERT INTO incidents SELECT * FROM taken ON CONFLICT (incident_id) DO UPDATE SET {_SETS} "
    "WHERE excluded.version >= incidents.version"
)
_JUDGE = (
    f"SELECT a.row, CASE WHEN k.incident_id IS NULL THEN {NEW} WHEN a.version < k.version THEN {OLDER} "
    f"WHEN {_DIFFERS} THEN {REPLACED} WHEN a.version > k.version THEN {RENUMBERED} ELSE {SAME} END AS verdict, "
    "k.local_date AS before FROM arriving a LEFT JOIN kept k ON a.incident_id = k.incident_id"
)


def put_incidents(
    con: duckdb.DuckDBPyConnection, table: pa.Table, heard: Container[str] = ()
) -> tuple[Put, set[date]]:
    """Upsert rows of schema.INCIDENTS, each id once; what became of them, and the days whose figures change.

    The first statement of its transaction. ``heard``: ids that are probably kept, so that nobody tries to insert them.
    """
    if not len(table):
        return Put(), set()
    if len(table) > LOOKED_UP:
        kept = _joined(con, table)
        if len(kept):
            return _put_known(con, table, kept)
        with Seen(con, taken=table):
            con.execute(_INSERT)
        return Put(new=len(table)), _days(table)
    unheard = table.filter(pa.array([one not in heard for one in table["incident_id"].to_pylist()]))
    fresh = _inserted(con, unheard)
    known = table.filter(pc.invert(pc.is_in(table["incident_id"], fresh["incident_id"])))
    put, days = _put_known(con, known, _looked_up(con, known)) if len(known) else (Put(), set())
    if len(known) == len(table):
        return put, days
    return put + Put(new=len(table) - len(known)), days | _days(
        table.filter(pc.is_in(table["incident_id"], fresh["incident_id"]))
    )


def _inserted(con: duckdb.DuckDBPyConnection, table: pa.Table) -> pa.Table:
    """Insert those that are new; their ids."""
    if not len(table):
        return table
    try:  # looking for conflicts costs three times as much as all the rest
        with Seen(con, taken=table):
            con.execute(_INSERT)
        return table
    except duckdb.ConstraintException:
        con.rollback()
        con.begin()
    # the index says in passing which are new; it is slow to ask it for many ids by name
    with Seen(con, taken=table):
        return con.sql(f"{_INSERT} ON CONFLICT (incident_id) DO NOTHING RETURNING incident_id").to_arrow_table()


def _put_known(con: duckdb.DuckDBPyConnection, table: pa.Table, kept: pa.Table) -> tuple[Put, set[date]]:
    """The same for rows of which some are kept already, as ``kept`` tells."""
    arriving = table.append_column("row", pa.array(np.arange(len(table))))
    with Seen(con, arriving=arriving, kept=kept):
        judged = con.sql(_JUDGE).to_arrow_table()
    verdict = np.zeros(len(table), np.int8)
    verdict[judged["row"].to_numpy()] = judged["verdict"].to_numpy()
    new = table.filter(pa.array(verdict == NEW))
    taken = table.filter(pa.array((verdict == REPLACED) | (verdict == RENUMBERED)))
    # looking for conflicts costs as much as all the rest: only what is known already may conflict
    for rows, statement in ((new, _INSERT), (taken, _UPSERT)):
        if len(rows):
            with Seen(con, taken=rows):
                con.execute(statement)
    changed = table.filter(pa.array((verdict == NEW) | (verdict == REPLACED)))
    before = judged.filter(pc.equal(judged["verdict"], REPLACED))
    days = {*changed["local_date"].unique().to_pylist(), *before["before"].unique().to_pylist()}
    count = np.bincount(verdict, minlength=5).tolist()
    put = Put(new=count[NEW], replaced=count[REPLACED], older=count[OLDER], same=count[SAME] + count[RENUMBERED])
    return put, days


def put_offsets(con: duckdb.DuckDBPyConnection, origin: str, offsets: Offsets) -> None:
    """Keep where to go on; an offset never goes back."""
    for (topic, partition), following in sorted(offsets.items()):
        con.execute(
            "INSERT INTO offsets VALUES (?, ?, ?, ?) ON CONFLICT (origin, topic, part) "
            "DO UPDATE SET next = excluded.next WHERE excluded.next > offsets.next",
            [origin, topic, partition, following],
        )


def put_gap(con: duckdb.DuckDBPyConnection, begin_ms: int, end_ms: int, how: str, origin: str) -> bool:
    """Keep a gap; whether anything changed."""
    known = con.execute(
        "SELECT end_ms FROM gaps WHERE begin_ms = ? AND how = ? AND origin = ?", [begin_ms, how, origin]
    ).fetchone()
    if known and known[0] >= end_ms:
        return False
    con.execute(
        "INSERT INTO gaps VALUES (?, ?, ?, ?) ON CONFLICT (begin_ms, how, origin) "
        "DO UPDATE SET end_ms = excluded.end_ms",
        [begin_ms, end_ms, how, origin],
    )
    return True


def _looked_up(con: duckdb.DuckDBPyConnection, arriving: pa.Table) -> pa.Table:
    """What is kept of the incidents that arrive, by the index."""
    ids = arriving["incident_id"].to_pylist()
    text = f"SELECT {_KEPT} FROM incidents i WHERE i.incident_id IN ({', '.join('?' * len(ids))})"
    return con.sql(text, params=ids).to_arrow_table()


def _joined(con: duckdb.DuckDBPyConnection, arriving: pa.Table) -> pa.Table:
    """The same of many, by reading all ids."""
    with Seen(con, arriving=arriving):
        text = f"SELECT {_KEPT} FROM incidents i SEMI JOIN arriving a ON i.incident_id = a.incident_id"
        return con.sql(text).to_arrow_table()


def _days(table: pa.Table) -> set[date]:
    return set(table["local_date"].unique().to_pylist())


class Seen:
    """Arrow tables under names that a statement can use."""

    def __init__(self, con: duckdb.DuckDBPyConnection, **tables: pa.Table) -> None:
        self._con, self._tables = con, tables

    def __enter__(self) -> None:
        for name, table in self._tables.items():
            self._con.register(name, table)

    def __exit__(self, *exc: Any) -> None:
        if exc[0]:  # the transaction is lost, and the names with it
            return
        for name in self._tables:
            self._con.unregister(name)
