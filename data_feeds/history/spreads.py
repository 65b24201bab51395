"""How long intervals took, from the intervals themselves: groups, exact percentiles, shares. Pure.

Sorting a column is a fraction of what keeping percentiles in a group of a statement costs, and what lies within a
limit is then a look-up. Each group is sorted once: what several hold together is looked up in all of them. Intervals
are whole milliseconds here: their sums are exact, and sorting them takes half the time of numbers with a fraction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.query import Spreads

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
FEW = 16_384  # so many numbers are sooner partitioned than narrowed down
MISSING = -1
_TYPES = {"date": pa.date32(), "month": pa.date32(), "hour": pa.int8(), "minute": pa.int16(), "weekday": pa.int8()}
Codes = NDArray[np.integer]
Ints = NDArray[np.integer]


class Part(NamedTuple):
    """Some incidents of a span: their groups, how many are of each, and of each interval and group the ms, in pieces
    and any order, MISSING where it is not known."""

    groups: Sequence[tuple]
    n: Sequence[int]
    took: Sequence[Sequence[Sequence[Ints]]]


def part_of(query: Spreads, words: Mapping[str, Sequence[str]], rows: pa.Table) -> Part:
    """From incidents: columns the dims (of those in ``words`` the place of the word there, these in order), then one
    for each of query.intervals (s, null where it is missing)."""
    dims = len(query.by)
    keys = [rows.column(at).combine_chunks() for at in range(dims)]
    codes, groups = grouped(keys, [words.get(dim) for dim in query.by], len(rows))
    order, bounds = None, np.array([0, len(rows)][: len(groups) + 1])
    if len(groups) > 1:
        order = np.argsort(codes, kind="stable")  # of 16 bits or less it takes no comparisons
        bounds = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(groups)))])
    cuts = list(pairwise(bounds.tolist()))
    took: list[list[list[Ints]]] = []
    for at in range(dims, dims + len(query.intervals)):
        ms = _ms(rows.column(at))
        ms = ms if order is None else ms[order]
        took.append([[ms[first:last]] for first, last in cuts])
    return Part(groups, [last - first for first, last in cuts], took)


def part_of_groups(query: Spreads, rows: pa.Table, n: Ints, took: Sequence[Ints]) -> Part:
    """From groups of incidents: the dims in ``rows``, ``n`` incidents of each row, and each interval of all of them."""
    codes, groups = grouped([rows[dim].combine_chunks() for dim in query.by], rows=len(rows))
    at = np.concatenate([[0], np.cumsum(n)]).tolist()
    changes = np.flatnonzero(np.diff(codes)) + 1
    runs = list(pairwise([0, *changes.tolist(), len(rows)])) if len(rows) else []
    of = [int(codes[first]) for first, _ in runs]
    found: list[list[list[Ints]]] = [[[] for _ in groups] for _ in query.intervals]
    for parts, ms in zip(found, took, strict=True):
        for group, (first, last) in zip(of, runs, strict=True):
            parts[group].append(ms[at[first] : at[last]])
    counts = np.bincount(codes, n, len(groups)).astype(np.int64).tolist()
    return Part(groups, counts, found)


def spreads_of(query: Spreads, parts: Iterable[Sequence[Part]]) -> pa.Table:
    """The answer to ``query`` from the parts of each of its spans."""
    return pa.concat_tables([_of_span(query, index, some) for index, some in enumerate(parts)])


def _of_span(query: Spreads, index: int, parts: Sequence[Part]) -> pa.Table:
    dims = len(query.by)
    groups = sorted({group for part in parts for group in part.groups})
    where = [{group: at for at, group in enumerate(part.groups)} for part in parts]
    there = [[(part, at[group]) for part, at in zip(parts, where, strict=True) if group in at] for group in groups]
    rows = [sum(part.n[at] for part, at in some) for some in there]
    took = {
        name: [_sorted([piece for part, at in some for piece in part.took[k][at]]) for some in there]
        for k, name in enumerate(query.intervals)
    }
    names = ("interval", "n", "missing", *SHARES, "mean", *(f"within_{limit}" for limit in query.within_s))
    told: dict[str, list] = {name: [] for name in names}
    lines: list[tuple] = []
    for depth in (dims, *sorted(set(query.prefixes), reverse=True)):
        firsts = [n for n in range(len(groups)) if n == 0 or groups[n][:depth] != groups[n - 1][:depth]]
        for first, last in pairwise([*firsts, len(groups)]):
            lines += [groups[first][:depth] + (None,) * (dims - depth)] * len(query.intervals)
            for name in query.intervals:
                _tell(told, name, took[name][first:last], sum(rows[first:last]), query)
    kinds = {"interval": pa.string(), **dict.fromkeys((*SHARES, "mean"), pa.float64())}
    answer = {"span": pa.array(np.full(len(lines), index, np.int32))}
    for at, dim in enumerate(query.by):
        answer[dim] = pa.array([line[at] for line in lines], _TYPES.get(dim, pa.string()))
    answer |= {name: pa.array(values, kinds.get(name, pa.int64())) for name, values in told.items()}
    return pa.table(answer)


def _sorted(pieces: Sequence[Ints]) -> Ints:
    """What is known of them, in order."""
    whole = np.concatenate(pieces)
    whole.sort()
    return whole[upto(whole, MISSING) :]


def _tell(told: dict[str, list], name: str, parts: list[Ints], rows: int, query: Spreads) -> None:
    """One line: of ``rows``, whose known values stand in ``parts``, each sorted."""
    n = sum(map(len, parts))
    told["interval"].append(name)
    told["n"].append(n)
    told["missing"].append(rows - n)
    for column, share in SHARES.items():
        told[column].append(_quantile_s(parts, n, share) if n else None)
    told["mean"].append(sum(int(part.sum(dtype=np.int64)) for part in parts) / 1000 / n if n else None)
    for limit in query.within_s:
        told[f"within_{limit}"].append(sum(upto(part, limit * 1000) for part in parts))


def upto(part: Ints, ms: int) -> int:
    """How many of a sorted ``part`` are at most ``ms``."""
    kind = part.dtype.type  # a number of another size would make a copy of them all
    return int(np.searchsorted(part, kind(min(ms, np.iinfo(kind).max)), side="right"))


def _quantile_s(parts: list[Ints], n: int, share: float) -> float:
    """Linear between the two nearest, in s."""
    at = (n - 1) * share
    low = int(at)
    before = nth(parts, low) / 1000
    return before + (nth(parts, low + 1) / 1000 - before) * (at - low) if at > low else before


def nth(parts: Sequence[NDArray], n: int) -> float:
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


def _ms(column: pa.ChunkedArray) -> Ints:
    """Seconds as whole milliseconds, MISSING where there are none."""
    ms = np.rint(pc.fill_null(column, MISSING / 1000).to_numpy() * 1000)
    return ms.astype(np.int32 if not len(ms) or ms.max() <= np.iinfo(np.int32).max else np.int64)


def grouped(
    keys: Sequence[pa.Array], words: Sequence[Sequence[str] | None] = (), rows: int = 0
) -> tuple[Codes, list[tuple]]:
    """Which group each row is of, and the groups in their order; without keys all ``rows`` are of one, if there are
    any. Of a key that has ``words`` the place of the word there is told."""
    if not keys:
        return np.zeros(rows, np.uint16), [()] if rows else []
    coded = [_coded(key, its) for key, its in zip(keys, words or [None] * len(keys), strict=True)]
    codes, values = coded[0]
    groups = [(value,) for value in values]
    for more, values in coded[1:]:
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
