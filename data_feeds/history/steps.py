"""One fix of a unit in each step of time: a car that tells its place every second is no better known for it. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

MAX_UNITS = 200_000  # whose last step is remembered
LATE_MS = 180_000  # a step so long before the newest one may not have been seen: its fixes come from a backlog


class Steps:
    """Remembers each unit's newest step. ``last``: a table of TRACK with the newest fix of each unit so far. Not
    locked."""

    def __init__(self, step_ms: int, last: pa.Table) -> None:
        self._step_ms = max(1, step_ms)
        units, times = last["unit_id"].to_pylist(), last["t_ms"].to_pylist()
        self._newest = {unit: t // self._step_ms for unit, t in zip(units, times, strict=True)}

    def first(self, fixes: pa.Table) -> NDArray[np.bool_]:
        """Which fixes are the first of their unit in a step of which none was seen."""
        coded = fixes["unit_id"].combine_chunks().dictionary_encode()
        units, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False)
        t = fixes["t_ms"].to_numpy()
        step = t // self._step_ms
        order = np.lexsort((t, codes))
        again = np.flatnonzero((codes[order][1:] == codes[order][:-1]) & (step[order][1:] == step[order][:-1])) + 1
        newest = np.array([self._newest.get(unit, -1) for unit in units], np.int64)[codes]
        keep = (step > newest) | (step < newest - LATE_MS // self._step_ms)
        keep[order[again]] = False
        tops = np.full(len(units), -1, np.int64)
        np.maximum.at(tops, codes, step)
        if len(self._newest) + len(units) > MAX_UNITS:
            self._newest.clear()
        for unit, top in zip(units, tops.tolist(), strict=True):
            self._newest[unit] = max(top, self._newest.get(unit, -1))
        return np.asarray(keep)
