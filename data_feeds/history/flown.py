"""Minutes in the air → sorties, and both by whatever they are asked by. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_feeds.history.query import SORTIE_PAUSE_MIN, Flown
from data_feeds.history.spreads import grouped

Ints = NDArray[np.int64]


def flown_of(query: Flown, minutes: Sequence[pa.Table]) -> pa.Table:
    """The answer to ``query``: span, dims, minutes, sorties, drones. ``minutes``: of each span d (drone), m (Unix
    minute), here (of the scope) and the dims, each drone's minute once, in any order."""
    return pa.concat_tables([_of_span(query, index, table) for index, table in enumerate(minutes)])


def sorties_of(drone: Ints, minute: Ints) -> Ints:
    """The number of the sortie of each minute, from 0. ``drone``: numbers; both in order of drone and minute."""
    if not len(drone):
        return np.zeros(0, np.int64)
    fresh = (np.diff(drone) != 0) | (np.diff(minute) > SORTIE_PAUSE_MIN)
    return np.r_[0, np.cumsum(fresh)]


def _of_span(query: Flown, index: int, table: pa.Table) -> pa.Table:
    drone, minute = _codes(table["d"]), table["m"].to_numpy()
    order = np.lexsort((minute, drone))
    sortie = sorties_of(drone[order], minute[order])
    here = table["here"].to_numpy()[order]
    rows = order[here]
    dims = [table[dim].combine_chunks().take(pa.array(rows)) for dim in query.by]
    ranks, groups = grouped(dims, rows=len(rows))
    codes: Ints = ranks.astype(np.int64)
    columns: dict[str, Any] = {"span": pa.array(np.full(len(groups), index), pa.int32())}
    values = zip(*groups, strict=True) if groups else ((),) * len(dims)
    columns |= {
        name: pa.array(told, dim.type) for name, dim, told in zip(query.by, dims, values, strict=bool(dims))
    }
    columns["minutes"] = pa.array(np.bincount(codes, minlength=len(groups)), pa.int64())
    columns["sorties"] = pa.array(_different(codes, sortie[here], len(groups)), pa.int64())
    columns["drones"] = pa.array(_different(codes, drone[rows], len(groups)), pa.int64())
    return pa.table(columns)


def _codes(column: pa.ChunkedArray) -> Ints:
    coded = column.combine_chunks().dictionary_encode()
    return np.asarray(coded.indices.to_numpy(zero_copy_only=False).astype(np.int64))


def _different(codes: Ints, values: Ints, groups: int) -> Ints:
    """How many different ``values`` (0 or more) each group has."""
    if not len(codes):
        return np.zeros(groups, np.int64)
    most = int(values.max()) + 1
    return np.bincount(np.unique(codes * most + values) // most, minlength=groups)
