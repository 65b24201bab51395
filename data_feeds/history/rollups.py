"""What is kept of whole months, so that questions for a year need not read its incidents: sums by what incidents are
counted by together, and how long intervals took, place by place.

What is kept of a month carries the version that the month's days had when they were read, and holds as long as none of
them has a newer one (see versions.py). So whatever changes an incident lets go of its month in its own transaction,
at no cost, and a crash cannot leave a wrong figure: what is not noted, or is older than its days, is not looked at.
"""

# ruff: noqa: S608 - only names of columns and numbers from here are put together
from __future__ import annotations

import calendar
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from data_feeds.history.database import Database
from data_feeds.history.query import Span
from data_feeds.history.spreads import MISSING
from data_feeds.history.sql import PARTS, parent

FORM = 1  # raised when something else is kept of a month: what was kept before does not count then
CELLS = 8  # resolution of cells here; coarser ones follow from them
# columns that incidents are counted by together, besides month and kind; the first that will do answers a question
FACETS: tuple[tuple[str, ...], ...] = (
    ("local_date", "category"),
    ("category", "severity", "source", "place_class"),
    ("hour", "weekday", "category"),
    ("branch", "station", "zone", "category"),
    ("h3_9",),
)
GROUP = ("kind", "place_class", "branch", "station", "zone")  # incidents alike in these stand together in ``took``
TOOK = (*PARTS, "response")  # intervals: of each group int32 ms in one order of incidents, MISSING where unknown
_TEXTS = ("kind", "category", "severity", "source", "place_class", "branch", "station", "zone")
_NUMBERS = "local_date DATE, hour TINYINT, weekday TINYINT, h3_9 UBIGINT"
TABLES = (
    # took: whether intervals are kept too; where one is longer than int32 can tell they are not
    "CREATE TABLE IF NOT EXISTS months (month DATE PRIMARY KEY, version BIGINT NOT NULL, form INTEGER NOT NULL, "
    "took BOOLEAN NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sums (month DATE NOT NULL, facet TINYINT NOT NULL, "
    f"{', '.join(f'{name} VARCHAR' for name in _TEXTS)}, {_NUMBERS}, n BIGINT NOT NULL, last DATE NOT NULL)",
    f"CREATE TABLE IF NOT EXISTS took (month DATE NOT NULL, {', '.join(f'{name} VARCHAR NOT NULL' for name in GROUP)}, "
    f"n BIGINT NOT NULL, {', '.join(f'{name} BLOB NOT NULL' for name in TOOK)})",
)
_VERSION = "SELECT max(version) AS version FROM days WHERE local_date BETWEEN ? AND ?"
_TOOK = (
    f"SELECT {', '.join((*GROUP, *(f'{name}_s' for name in TOOK)))} FROM incidents WHERE local_date BETWEEN ? AND ? "
    f"ORDER BY {', '.join(GROUP)}"
)
_DAY = timedelta(days=1)


class Known(NamedTuple):
    """The months of which there may be incidents, in order: whether their sums hold, and their intervals."""

    sums: dict[date, bool]
    took: dict[date, bool]


class Division(NamedTuple):
    """Spans by their numbers: the months within them that hold, and the days that are left."""

    months: list[tuple[int, date]]
    rest: list[tuple[int, Span]]


def known(read: Callable[..., pa.Table]) -> Known:
    """What holds in the snapshot of ``read``."""
    days = read("SELECT local_date, version FROM days")
    kept = read(f"SELECT month, version, took FROM months WHERE form = {FORM}").to_pylist()
    month_of = days["local_date"].to_numpy().astype("datetime64[M]")
    months, at = np.unique(month_of, return_inverse=True)
    newest = np.zeros(len(months), np.int64)
    np.maximum.at(newest, at, days["version"].to_numpy())
    told = {row["month"]: (row["version"], row["took"]) for row in kept}
    found = Known({}, {})
    for month, version in zip(months.astype("datetime64[D]").tolist(), newest.tolist(), strict=True):
        of_version, took = told.get(month, (None, False))
        found.sums[month] = of_version == version
        found.took[month] = of_version == version and took
    return found


def month_end(month: date) -> date:
    """The last day of the month that begins with ``month``."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def long(spans: Iterable[Span]) -> bool:
    """Whether any of them may hold a whole month."""
    return any((span.last - span.first).days >= 27 for span in spans)


def divided(spans: Sequence[Span], months: Mapping[date, bool]) -> Division:
    """``spans`` as whole months that hold, and the days of the others; what is in no month has no incidents."""
    found = Division([], [])
    for index, span in enumerate(spans):
        rest: list[Span] = []
        for month, holds in months.items():
            end = month_end(month)
            if end < span.first or month > span.last:
                continue
            whole = span.first <= month and (end < span.last or (end == span.last and span.until_minute is None))
            if whole and holds:
                found.months.append((index, month))
            elif rest and rest[-1].last == month - _DAY:
                rest[-1] = _cut(span, rest[-1].first, end)
            else:
                rest.append(_cut(span, month, end))
        found.rest.extend((index, one) for one in rest)
    return found


def _cut(span: Span, first: date, last: date) -> Span:
    """Of ``span`` the days from ``first`` to ``last``."""
    ends = last >= span.last
    return Span(max(first, span.first), min(last, span.last), span.until_minute if ends else None)


class Rollups:
    """Keeps them up to date. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()

    def renew(self, before: date, goes_on: Callable[[], bool]) -> tuple[int, int]:
        """Read months that ended before ``before`` and have changed, newest first, one at least and as long as
        ``goes_on``; how many were read, and how many are left. Appends wait while one is written, not while it is
        read."""
        with self._lock:
            with self._database.snapshot() as read:
                months = known(read).sums
            stale = [month for month in sorted(months, reverse=True) if month_end(month) < before and not months[month]]
            made = 0
            while made < len(stale) and (made == 0 or goes_on()):
                self._make(stale[made])
                made += 1
            return made, len(stale) - made

    def _make(self, month: date) -> None:
        days = [month, month_end(month)]
        with self._database.snapshot() as read:  # what comes later is of a newer version, and then this does not hold
            version = read(_VERSION, days)["version"][0].as_py()
            sums = read(_SUMS, days * len(FACETS))
            took = packed(read(_TOOK, days))

        def job(con: duckdb.DuckDBPyConnection) -> None:
            for table, fresh in (("sums", sums), ("took", took)):
                con.execute(f"DELETE FROM {table} WHERE month = ?", [month])
                if fresh is not None and len(fresh):
                    con.register("fresh", fresh)
                    con.execute(f"INSERT INTO {table} BY NAME SELECT ?::DATE AS month, * FROM fresh", [month])
                    con.unregister("fresh")
            con.execute("INSERT OR REPLACE INTO months VALUES (?, ?, ?, ?)", [month, version, FORM, took is not None])

        self._database.write(job)


def packed(rows: pa.Table) -> pa.Table | None:
    """Rows in the order of GROUP, with GROUP and the intervals in s → a row a group; None where one is too large."""
    keys = [rows[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in GROUP]
    changes = np.zeros(max(len(rows) - 1, 0), bool)
    for key in keys:
        changes |= key[1:] != key[:-1]
    cuts = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(rows)]])[0 if len(rows) else 1 :]
    columns = {name: rows[name].take(pa.array(cuts[:-1])) for name in GROUP}
    columns["n"] = pa.array(np.diff(cuts))
    for name in TOOK:
        ms = np.rint(np.nan_to_num(rows[f"{name}_s"].to_numpy(), nan=MISSING / 1000) * 1000)
        if len(ms) and ms.max() > np.iinfo(np.int32).max:
            return None
        offsets = cuts * 4 if len(ms) and ms.max() > MISSING else np.zeros(len(cuts))  # nothing of what nobody tells
        buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(ms.astype(np.int32))]
        columns[name] = pa.Array.from_buffers(pa.binary(), len(cuts) - 1, buffers)
    return pa.table(columns)


def _sums(number: int, facet: Sequence[str]) -> str:
    columns = ", ".join(f"{parent(CELLS)} AS h3_9" if name == "h3_9" else name for name in ("kind", *facet))
    places = ", ".join(str(at + 2) for at in range(1 + len(facet)))
    return (
        f"SELECT {number} AS facet, {columns}, count(*) AS n, max(local_date) AS last FROM incidents "
        f"WHERE local_date BETWEEN ? AND ? GROUP BY {places}"
    )


_SUMS = " UNION ALL BY NAME ".join(_sums(number, facet) for number, facet in enumerate(FACETS))
