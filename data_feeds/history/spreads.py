"""How long intervals took, from the intervals themselves: groups, exact percentiles, shares. Pure.

Sorting a column is a fraction of what keeping percentiles in a group of a statement costs, and what lies within a
limit is then a look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.query import Spreads

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
NOTHING = np.zeros(0)
Codes = NDArray[np.integer]
Floats = NDArray[np.float64]


def spreads_of(query: Spreads, rows: Iterable[pa.Table]) -> pa.Table:
    """The answer to ``query`` from the rows of each of its spans: columns the dims, then an interval each (s, null
    where it is missing)."""
    told = [_of_span(query, index, table) for index, table in enumerate(rows)]
    return pa.concat_tables(told)


def _of_span(query: Spreads, index: int, rows: pa.Table) -> pa.Table:
    dims = len(query.by)
    codes, groups = _groups([rows.column(at).combine_chunks() for at in range(dims)], len(rows))
    order, bounds = None, np.array([0, len(rows)][: len(groups) + 1])
    if len(groups) > 1:
        order = np.argsort(codes, kind="stable")  # of 16 bits or less it takes no comparisons
        bounds = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(groups)))])
    names = ("interval", "n", "missing", *SHARES, "mean", *(f"within_{limit}" for limit in query.within_s))
    told: dict[str, list] = {name: [] for name in names}
    columns = [_seconds(rows.column(dims + at), order) for at in range(len(query.intervals))]
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        for name, column in zip(query.intervals, columns, strict=True):
            took = NOTHING if column is None else column[first:last]
            _tell(told, name, took, last - first, query.within_s)
    size = len(groups) * len(query.intervals)
    repeated = pa.array(np.repeat(np.arange(len(groups)), len(query.intervals)))
    answer = {"span": pa.array(np.full(size, index, np.int32))}
    for at, dim in enumerate(query.by):
        answer[dim] = pa.array([group[at] for group in groups], rows.schema.field(at).type).take(repeated)
    kinds = {"interval": pa.string(), **dict.fromkeys((*SHARES, "mean"), pa.float64())}
    answer |= {name: pa.array(values, kinds.get(name, pa.int64())) for name, values in told.items()}
    return pa.table(answer)


def _tell(told: dict[str, list], name: str, took: Floats, rows: int, limits: Sequence[int]) -> None:
    """One line: ``took`` of one group of ``rows``, NaN or not there at all where it is missing."""
    took = np.sort(took)  # NaN comes last
    n = int(np.searchsorted(took, np.inf, side="right"))
    known = took[:n]
    told["interval"].append(name)
    told["n"].append(n)
    told["missing"].append(rows - n)
    for column, share in SHARES.items():
        told[column].append(_quantile(known, share) if n else None)
    told["mean"].append(float(known.mean()) if n else None)
    for limit in limits:
        told[f"within_{limit}"].append(int(np.searchsorted(known, limit, side="right")))


def _quantile(ordered: Floats, share: float) -> float:
    """Linear between the two nearest."""
    at = (len(ordered) - 1) * share
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (at - low))


def _seconds(column: pa.ChunkedArray, order: Codes | None) -> Floats | None:
    """In the order of the groups; None where the source does not tell this interval at all."""
    if column.null_count == len(column):
        return None
    values = np.asarray(column.to_numpy(), dtype=np.float64)
    return values if order is None else values[order]


def _groups(keys: Sequence[pa.Array], rows: int) -> tuple[Codes, list[tuple]]:
    """Which group each row is of, and the groups in their order; without keys all are of one, if there are any."""
    if not keys:
        return np.zeros(rows, np.uint16), [()] if rows else []
    codes, values = _coded(keys[0])
    groups = [(value,) for value in values]
    for key in keys[1:]:
        more, values = _coded(key)
        # only groups that exist
        found, codes = _ranked(codes.astype(np.int64) * len(values) + more, len(groups) * len(values))
        groups = [(*groups[at // len(values)], values[at % len(values)]) for at in found.tolist()]
    return codes, groups


def _coded(key: pa.Array) -> tuple[Codes, list]:
    """A number for each value, in the order of the values, and these."""
    coded = key.dictionary_encode()
    ordered = pc.sort_indices(coded.dictionary).to_numpy()
    rank = np.empty(len(ordered), _small(len(ordered)))
    rank[ordered] = np.arange(len(ordered))
    return rank[coded.indices.to_numpy()], coded.dictionary.take(pa.array(ordered)).to_pylist()


def _ranked(codes: Codes, most: int) -> tuple[Codes, Codes]:
    """The different codes in order, and the place of each row's among them."""
    if most > 4 * len(codes) + 1_000:
        there, at = np.unique(codes, return_inverse=True)
        return there, at.astype(_small(len(there)))
    there = np.flatnonzero(np.bincount(codes, minlength=most))
    place = np.zeros(most, _small(len(there)))
    place[there] = np.arange(len(there))
    return there, place[codes]


def _small(most: int) -> type[np.unsignedinteger]:
    return np.uint16 if most <= 65_536 else np.uint32
