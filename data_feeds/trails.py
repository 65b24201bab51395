"""Where each unit was: one ring of sparse points a slot, so that a trail costs no query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_feeds.frames import ROW
from data_feeds.geo import Fixed, from_mercator

Slots = NDArray[np.intp]


class Trails:
    """Points of the last ``length_s`` seconds, at most one every ``step_s`` seconds of fix time, for each slot."""

    def __init__(self, length_s: float, step_s: float) -> None:
        self._step_ms = step_s * 1000.0
        self._length_ms = length_s * 1000.0
        self._points = max(2, int(np.ceil(length_s / step_s)))
        self._x = np.zeros((0, self._points), dtype=ROW["x"])
        self._y = np.zeros((0, self._points), dtype=ROW["y"])
        self._t = np.zeros((0, self._points))  # Unix ms; 0: no point
        self._next = np.zeros(0, dtype=np.intp)
        self._last = np.zeros(0)

    def grow(self, capacity: int) -> None:
        """Make room for slots below ``capacity``."""
        more = capacity - len(self._last)
        self._x = np.concatenate([self._x, np.zeros((more, self._points), dtype=self._x.dtype)])
        self._y = np.concatenate([self._y, np.zeros((more, self._points), dtype=self._y.dtype)])
        self._t = np.concatenate([self._t, np.zeros((more, self._points))])
        self._next = np.concatenate([self._next, np.zeros(more, dtype=np.intp)])
        self._last = np.concatenate([self._last, np.zeros(more)])

    def add(self, slots: Slots, x: Fixed, y: Fixed, fix_ms: NDArray[np.float64]) -> None:
        """Append one fix a slot (each slot at most once), where the step has passed since its last point."""
        due = fix_ms - self._last[slots] >= self._step_ms
        slots, column = slots[due], self._next[slots[due]]
        self._x[slots, column], self._y[slots, column], self._t[slots, column] = x[due], y[due], fix_ms[due]
        self._next[slots] = (column + 1) % self._points
        self._last[slots] = fix_ms[due]

    def add_passed(self, slots: Slots, x: Fixed, y: Fixed, fix_ms: NDArray[np.float64]) -> None:
        """Append fixes of which a slot may have several, each slot's in the order of their times."""
        order = np.lexsort((fix_ms, slots))
        slots, x, y, fix_ms = slots[order], x[order], y[order], fix_ms[order]
        firsts = np.flatnonzero(np.r_[True, slots[1:] != slots[:-1]])
        rank = np.arange(len(slots)) - np.repeat(firsts, np.diff(np.r_[firsts, len(slots)]))
        for turn in range(int(rank.max()) + 1):
            now = rank == turn
            self.add(slots[now], x[now], y[now], fix_ms[now])

    def clear(self, slot: int | None = None) -> None:
        """Forget one slot's points, or all."""
        where = slice(None) if slot is None else slot
        self._t[where] = 0.0
        self._last[where] = 0.0
        self._next[where] = 0

    def of(self, slot: int, now_ms: float) -> list[tuple[float, float, float]]:
        """(latitude, longitude, Unix ms) of ``slot``, oldest first, not older than the length."""
        t = self._t[slot]
        order = np.argsort(t, kind="stable")
        order = order[t[order] > max(0.0, now_ms - self._length_ms)]
        lat, lon = from_mercator(self._x[slot][order], self._y[slot][order])
        return list(zip(lat.round(6).tolist(), lon.round(6).tolist(), t[order].tolist(), strict=True))
