"""How often each business day has changed: kept in the transaction of the change, told without a question."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date

import duckdb

from data_feeds.history.query import Span


class Versions:
    """Numbers that grow: each change takes the next one and gives it to the days that it touches."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._lock = threading.Lock()
        found = con.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        floor = con.execute("SELECT value FROM meta WHERE key = 'floor'").fetchone()
        self._floor = int(floor[0]) if floor else 0
        self._days: dict[date, int] = dict(con.execute("SELECT local_date, version FROM days").fetchall())
        self._latest = max(int(found[0]) if found else 0, *self._days.values(), 0)
        self._order, self._numbers = list[date](), list[int]()  # the same in the order of days
        self._sort()

    def of(self, spans: Sequence[Span] = ()) -> int:
        """The newest change of these days; of any without spans."""
        with self._lock:
            if not spans:
                return self._latest
            cuts = ((bisect_left(self._order, s.first), bisect_right(self._order, s.last)) for s in spans)
            return max((max(self._numbers[first:last]) for first, last in cuts if first < last), default=self._floor)

    def days(self) -> dict[date, int]:
        """Every day that ever changed, and when."""
        with self._lock:
            return dict(self._days)

    def note(self, con: duckdb.DuckDBPyConnection, days: Iterable[date]) -> tuple[int, list[date]]:
        """Write that ``days`` change, in the transaction of ``con``; ``apply`` what this returns once it is done."""
        touched = sorted(set(days))
        number = self._latest + 1
        if touched:  # the newest change of all is the newest of the days
            con.execute(
                "INSERT INTO days SELECT unnest(?::DATE[]), ?::BIGINT "
                "ON CONFLICT (local_date) DO UPDATE SET version = excluded.version",
                [touched, number],
            )
        return number, touched

    def note_all(self, con: duckdb.DuckDBPyConnection) -> tuple[int, list[date]]:
        """Write that everything changes: no answer of before holds any more."""
        number = self._latest + 1
        _keep(con, "version", number)
        _keep(con, "floor", number)
        con.execute("UPDATE days SET version = ?", [number])
        return number, [row[0] for row in con.execute("SELECT local_date FROM days").fetchall()]

    def apply(self, change: tuple[int, list[date]]) -> None:
        """Tell the change from now on."""
        number, touched = change
        with self._lock:
            if touched:
                self._latest = number
                self._days |= dict.fromkeys(touched, number)
                self._sort()

    def apply_all(self, change: tuple[int, list[date]]) -> None:
        """Tell what ``note_all`` wrote."""
        number, days = change
        with self._lock:
            self._latest = self._floor = number
            self._days = dict.fromkeys(days, number)
            self._sort()

    def _sort(self) -> None:
        self._order = sorted(self._days)
        self._numbers = [self._days[day] for day in self._order]


def _keep(con: duckdb.DuckDBPyConnection, name: str, value: int) -> None:
    con.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", [name, str(value)]
    )
