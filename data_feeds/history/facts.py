"""What is known of every day: how many incidents, from where, with which fields, when. Worked out when somebody asks,
and then only of the days that have changed."""

# ruff: noqa: S608 - the names come from fixed maps
from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_feeds.history.query import OPTIONAL
from data_feeds.history.silence import SLOT_MS, Silence, silences
from data_feeds.history.sql import HAS
from data_feeds.history.store import Extent, Origin
from data_feeds.history.versions import Versions

Read = Callable[..., pa.Table]
_SUMS = ", ".join(f"count(*) FILTER ({test}) AS {name}" for name, test in HAS.items())
Ints = NDArray[np.int64]


class Facts:
    """Thread-safe; ``read`` answers a statement with parameters."""

    def __init__(self, read: Read, versions: Versions) -> None:
        self._read, self._versions = read, versions
        self._lock = threading.Lock()
        self._known: dict[date, int] = {}  # day → the version that was looked at
        self._days: dict[date, dict[str, list[int]]] = {}  # day → origin → n, newest, a count for each of OPTIONAL
        self._slots: dict[date, tuple[Ints, Ints]] = {}  # day → slots of time with incidents, and how many
        self._silences: tuple[int, list[Silence]] = (-1, [])

    def extent(self) -> Extent:
        """How far the incidents reach; tracks_since is left to others."""
        with self._lock:
            version = self._refresh()
            origins: dict[str, tuple[int, date, date]] = {}
            sums = np.zeros(len(OPTIONAL), np.int64)
            newest = None
            for day in sorted(self._days):
                for name, (n, last_ms, *has) in self._days[day].items():
                    before, first, _ = origins.get(name, (0, day, day))
                    origins[name] = before + n, first, day
                    sums += has
                    newest = last_ms if newest is None else max(newest, last_ms)
        told = tuple(Origin(name, *found) for name, found in sorted(origins.items()))
        lacks = tuple(name for name, n in zip(OPTIONAL, sums.tolist(), strict=True) if not n) if told else ()
        first_day = min((one.first for one in told), default=None)
        last_day = max((one.last for one in told), default=None)
        return Extent(first_day, last_day, sum(one.n for one in told), newest, told, lacks, None, version)

    def silences(self) -> list[Silence]:
        """Stretches in which nothing came though much was to be expected."""
        with self._lock:
            version = self._refresh()
            if self._silences[0] != version:
                found = list(self._slots.values())
                slots = np.concatenate([one for one, _ in found]) if found else np.zeros(0, np.int64)
                counts = np.concatenate([one for _, one in found]) if found else np.zeros(0, np.int64)
                self._silences = version, [self._exact(one) for one in silences(slots, counts)]
            return self._silences[1]

    def _exact(self, one: Silence) -> Silence:
        """From the last incident before to the first after."""
        near = self._read(
            "SELECT max(received_ms) FILTER (received_ms < ?) AS begin, "
            "min(received_ms) FILTER (received_ms >= ?) AS e "
            "FROM incidents WHERE received_ms BETWEEN ? AND ?",
            [one.begin_ms, one.end_ms, one.begin_ms - SLOT_MS, one.end_ms + SLOT_MS],
        ).to_pylist()[0]
        return Silence(near["begin"] or one.begin_ms, near["e"] or one.end_ms, one.expected)

    def _refresh(self) -> int:
        version, days = self._versions.of(), self._versions.days()
        old = [day for day, number in days.items() if self._known.get(day) != number]
        if not old:
            return version
        some = len(old) < len(days)
        where = "WHERE local_date BETWEEN ? AND ? AND local_date IN (SELECT unnest(?::DATE[]))" if some else ""
        values = [min(old), max(old), old] if some else []
        by_origin = self._read(
            f"SELECT local_date, origin, count(*) AS n, max(received_ms) AS newest, {_SUMS} FROM incidents {where} "
            "GROUP BY local_date, origin",
            values,
        )
        by_slot = self._read(
            f"SELECT local_date, received_ms // {SLOT_MS} AS slot, count(*) AS n FROM incidents {where} "
            "GROUP BY local_date, slot ORDER BY local_date",
            values,
        )
        for day in old:
            self._days.pop(day, None)
            self._slots.pop(day, None)
        for row in by_origin.to_pylist():
            told = [row["n"], row["newest"], *(row[name] for name in OPTIONAL)]
            self._days.setdefault(row["local_date"], {})[row["origin"]] = told
        if len(by_slot):
            day_column = by_slot["local_date"].cast(pa.int32()).to_numpy()
            firsts = np.flatnonzero(np.r_[True, day_column[1:] != day_column[:-1]])
            slot, n = by_slot["slot"].to_numpy().astype(np.int64), by_slot["n"].to_numpy().astype(np.int64)
            for first, last in zip(firsts.tolist(), [*firsts[1:].tolist(), len(slot)], strict=True):
                day = by_slot["local_date"][first].as_py()
                self._slots[day] = slot[first:last], n[first:last]
        self._known |= {day: days[day] for day in old}
        return version
