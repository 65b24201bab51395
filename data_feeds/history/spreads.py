"""How long intervals took, from the intervals themselves: groups, exact percentiles, shares. Pure.

Sorting a column is a fraction of what keeping percentiles in a group of a statement costs, and what lies within a
limit is then a look-up. Each group is sorted once: what several hold together is looked up in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.query import Interval, Spreads

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
FEW = 16_384  # so many numbers are sooner partitioned than narrowed down
Codes = NDArray[np.integer]
Floats = NDArray[np.float64]


def spreads_of(
    query: Spreads, measured: Sequence[Interval], words: Mapping[str, Sequence[str]], rows: Iterable[pa.Table]
) -> pa.Table:
    """The answer to ``query`` from the rows of each of its spans: columns the dims (of those in ``words`` the place of
    the word there, these in order), then one for each of ``measured`` (s, null where it is missing). Intervals of the
    query that were not measured are missing everywhere."""
    told = [_of_span(query, measured, words, index, table) for index, table in enumerate(rows)]
    return pa.concat_tables(told)


def _of_span(
    query: Spreads, measured: Sequence[Interval], words: Mapping[str, Sequence[str]], index: int, rows: pa.Table
) -> pa.Table:
    dims = len(query.by)
    keys = [rows.column(at).combine_chunks() for at in range(dims)]
    codes, groups = _groups([_coded(key, words.get(dim)) for dim, key in zip(query.by, keys, strict=True)], len(rows))
    order, bounds = None, np.array([0, len(rows)][: len(groups) + 1])
    if len(groups) > 1:
        order = np.argsort(codes, kind="stable")  # of 16 bits or less it takes no comparisons
        bounds = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(groups)))])
    cuts = bounds.tolist()
    took = {name: _sorted(_seconds(rows.column(dims + at), order), cuts) for at, name in enumerate(measured)}
    names = ("interval", "n", "missing", *SHARES, "mean", *(f"within_{limit}" for limit in query.within_s))
    told: dict[str, list] = {name: [] for name in names}
    lines: list[tuple] = []
    for depth in (dims, *sorted(set(query.prefixes), reverse=True)):
        firsts = [n for n in range(len(groups)) if n == 0 or groups[n][:depth] != groups[n - 1][:depth]]
        for first, last in pairwise([*firsts, len(groups)]):
            lines += [groups[first][:depth] + (None,) * (dims - depth)] * len(query.intervals)
            for name in query.intervals:
                _tell(told, name, took[name][first:last] if name in took else [], cuts[last] - cuts[first], query)
    kinds = {"interval": pa.string(), **dict.fromkeys((*SHARES, "mean"), pa.float64())}
    answer = {"span": pa.array(np.full(len(lines), index, np.int32))}
    for at, dim in enumerate(query.by):
        answer[dim] = pa.array([line[at] for line in lines], pa.string() if dim in words else keys[at].type)
    answer |= {name: pa.array(values, kinds.get(name, pa.int64())) for name, values in told.items()}
    return pa.table(answer)


def _sorted(column: Floats, cuts: list[int]) -> list[Floats]:
    """The known values of each group in order, from a column of which each group is a stretch; it is sorted there."""
    found = []
    for first, last in pairwise(cuts):
        part = column[first:last]
        part.sort()  # NaN comes last
        found.append(part[: np.searchsorted(part, np.inf, side="right")])
    return found


def _tell(told: dict[str, list], name: str, parts: list[Floats], rows: int, query: Spreads) -> None:
    """One line: of ``rows``, whose known values stand in ``parts``, each sorted."""
    n = sum(map(len, parts))
    told["interval"].append(name)
    told["n"].append(n)
    told["missing"].append(rows - n)
    for column, share in SHARES.items():
        told[column].append(_quantile(parts, n, share) if n else None)
    told["mean"].append(sum(float(part.sum()) for part in parts) / n if n else None)
    for limit in query.within_s:
        told[f"within_{limit}"].append(sum(int(np.searchsorted(part, limit, side="right")) for part in parts))


def _quantile(parts: list[Floats], n: int, share: float) -> float:
    """Linear between the two nearest."""
    at = (n - 1) * share
    low = int(at)
    before = nth(parts, low)
    return before + (nth(parts, low + 1) - before) * (at - low) if at > low else before


def nth(parts: Sequence[Floats], n: int) -> float:
    """The value at place ``n`` (from 0) of all ``parts`` together, each of which is sorted, without sorting them."""
    if len(parts) == 1:
        return float(parts[0][n])
    first, last = [0] * len(parts), list(map(len, parts))
    while sum(last) - sum(first) > FEW:
        widest = max(range(len(parts)), key=lambda k: last[k] - first[k])
        pivot = parts[widest][(first[widest] + last[widest]) // 2]
        below = [int(np.searchsorted(part, pivot, side="left")) for part in parts]
        upto = [int(np.searchsorted(part, pivot, side="right")) for part in parts]
        if n < sum(below):
            last = [min(a, b) for a, b in zip(last, below, strict=True)]
        elif n >= sum(upto):
            first = [max(a, b) for a, b in zip(first, upto, strict=True)]
        else:
            return float(pivot)
    left = np.concatenate([part[a:b] for part, a, b in zip(parts, first, last, strict=True)])
    place = n - sum(first)
    return float(np.partition(left, place)[place])


def _seconds(column: pa.ChunkedArray, order: Codes | None) -> Floats:
    """A copy in the order of the groups, NaN where it is missing."""
    values = np.asarray(column.to_numpy(), dtype=np.float64)
    return values.copy() if order is None else values[order]


def _groups(keys: Sequence[tuple[Codes, list]], rows: int) -> tuple[Codes, list[tuple]]:
    """Which group each row is of, and the groups in their order; without keys all are of one, if there are any."""
    if not keys:
        return np.zeros(rows, np.uint16), [()] if rows else []
    codes, values = keys[0]
    groups = [(value,) for value in values]
    for more, values in keys[1:]:
        most = len(groups) * len(values)
        wide: Codes = codes.astype(np.uint32) if most < 2**32 else codes.astype(np.int64)
        found, codes = _ranked(wide * len(values) + more, most)  # only groups that exist
        groups = [(*groups[at // len(values)], values[at % len(values)]) for at in found.tolist()]
    return codes, groups


def _coded(key: pa.Array, words: Sequence[str] | None) -> tuple[Codes, list]:
    """A number for each value, in the order of the values, and these: those that exist."""
    if words is not None:
        found, codes = _ranked(key.to_numpy(), len(words))
        return codes, [words[at] for at in found.tolist()]
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
    if len(there) == most:
        return there, codes.astype(_small(most), copy=False)
    place = np.zeros(most, _small(len(there)))
    place[there] = np.arange(len(there))
    return there, place[codes]


def _small(most: int) -> type[np.unsignedinteger]:
    return np.uint16 if most <= 65_536 else np.uint32
