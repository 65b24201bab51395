"""Answers from what is kept of whole months (see rollups.py) and from the rows of the days that are left, together."""

# ruff: noqa: S608 - only names of columns and numbers from here are put together
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace
from numpy.typing import NDArray

from data_feeds.history import sql
from data_feeds.history.derive import word
from data_feeds.history.query import (
    CAUSES,
    Breaches,
    Counts,
    Dim,
    Filters,
    Interval,
    LastSeen,
    Spreads,
    Tallies,
    spans_of,
)
from data_feeds.history.rollups import CELLS, FACETS, GROUP, TOOK, Division, Known, divided, long
from data_feeds.history.spreads import MISSING, Part, grouped, part_of_groups
from data_feeds.history.sql import PARTS, ScopeClause, alias

Read = Callable[..., pa.Table]
Ints = NDArray[np.integer]
Seconds = dict[Interval, NDArray[np.float64]]
Summed = Counts | Tallies | LastSeen
_MONTHS = "JOIN (SELECT unnest(?::INTEGER[]) AS span, unnest(?::DATE[]) AS month) USING (month)"


def answer(query: Summed, known: Known, read: Read, scope: ScopeClause) -> pa.Table | None:
    """The answer to ``query`` as the rows would give it; None where nothing that is kept can tell."""
    division = divided(spans_of(query), known.sums)
    if not division.months:
        return None
    if isinstance(query, Counts):
        return _counts(query, division, read, scope)
    return (_tallies if isinstance(query, Tallies) else _last_seen)(query, division, read, scope)  # type: ignore[arg-type]


def may_take(query: Spreads | Breaches) -> bool:
    """Whether ``took`` can tell what is asked."""
    known = isinstance(query, Breaches) or set(query.intervals) <= set(TOOK)
    return known and long(query.spans) and _used(query.by, query.where) <= {*GROUP, "month"}


def parts(query: Spreads, months: Sequence[tuple[int, date]], read: Read, scope: ScopeClause) -> list[tuple[int, Part]]:
    """What ``took`` tells of these months of spans, under the numbers of the spans."""
    found = []
    for span in sorted({span for span, _ in months}):
        division = Division([one for one in months if one[0] == span], [])
        rows = _took(query.by, query.intervals, query.where, division, read, scope)
        n = rows["n"].to_numpy()
        took = [values_of(rows[name].combine_chunks(), n) for name in query.intervals]
        found.append((span, part_of_groups(query, rows, n, took)))
    return found


def values_of(column: pa.Array, n: Ints) -> Ints:
    """(sum of n,) ms of an interval of such rows, MISSING where unknown."""
    _, ends, data = column.buffers()
    offsets = np.frombuffer(ends, np.int32)[column.offset :][: len(column) + 1]
    values = np.frombuffer(data or b"", np.int32)[offsets[0] // 4 : offsets[-1] // 4]
    if len(values) == n.sum():
        return values
    told = np.full(int(n.sum()), MISSING, np.int32)
    told[np.repeat(np.diff(offsets) > 0, n)] = values
    return told


def _counts(query: Counts, division: Division, read: Read, scope: ScopeClause) -> pa.Table | None:
    cells = query.resolution if "cell" in query.by else CELLS
    facet = _facet(query.by, query.where, cells)
    if facet is None:
        return None
    columns = {**sql.DIMS, "cell": sql.parent(cells), "month": "month"}
    dims = "".join(f", {columns[dim]} AS {alias(dim)}" for dim in query.by)
    test, values = sql.filtering(query.where, scope)
    placed = " AND h3_9 IS NOT NULL" if "cell" in query.by else ""
    text = (
        f"SELECT span{dims}, CAST(sum(n) AS BIGINT) AS n FROM sums {_MONTHS} "
        f"WHERE facet = {facet}{placed} AND ({test or 'true'}) GROUP BY ALL"
    )
    rest = _rest(sql.counts, query, division, read, scope)
    return _together([read(text, [*_columns(division), *values]), *rest], ("span", *query.by))


def _tallies(query: Tallies, division: Division, read: Read, scope: ScopeClause) -> pa.Table | None:
    facets = [_facet((one,), query.where) for one in query.words]
    test, values = sql.filtering(query.where, scope)
    told, given = [], []
    for facet in dict.fromkeys(facets):
        words = [alias(one) for one, its in zip(query.words, facets, strict=True) if its == facet]
        which = " ".join(f"WHEN {name} IS NOT NULL THEN '{name[1:-1]}'" for name in words)
        told.append(
            f"SELECT span, CASE {which} END AS word, coalesce({', '.join(words)}) AS key, CAST(sum(n) AS BIGINT) AS n "
            f"FROM sums {_MONTHS} WHERE facet = {facet} AND ({test or 'true'}) "
            f"GROUP BY GROUPING SETS ({', '.join(f'(span, {name})' for name in words)})"
        )
        given += [*_columns(division), *values]
    if None in facets:
        return None
    rest = _rest(sql.tallies, query, division, read, scope)
    return _together([read(" UNION ALL ".join(told), given), *rest], ("span", "word", "key"))


def _last_seen(query: LastSeen, division: Division, read: Read, scope: ScopeClause) -> pa.Table | None:
    facet = None if query.by == "place" else _facet((query.by,), query.where)
    if facet is None:
        return None
    test, values = sql.filtering(query.where, scope)
    text = (
        f"SELECT {query.by} AS key, max(last) AS last, CAST(sum(n) AS BIGINT) AS n FROM sums {_MONTHS} "
        f"WHERE facet = {facet} AND {query.by} <> '' AND ({test or 'true'}) GROUP BY ALL"
    )
    tables = [read(text, [*_columns(division), *values])]
    if division.rest:
        tables.append(read(*sql.last_seen(query, scope, [span for _, span in division.rest])))
    return _together(tables, ("key",))


def breaches(query: Breaches, division: Division, read: Read, scope: ScopeClause) -> pa.Table:
    """span, dims, cause, n: of the months of ``division`` by ``took``, of its other days by their rows."""
    found = read(*sql.late(replace(query, spans=tuple(span for _, span in division.rest) or query.spans[:1]), scope))
    rows = _renumbered(found, division) if division.rest else found.slice(0, 0)
    seconds: Seconds = {name: pc.fill_null(rows[f"{name}_s"], np.nan).to_numpy() for name in PARTS}
    told = [_by_cause(query, rows, np.arange(len(rows)), seconds)]
    if division.months:
        rows = _took(query.by, TOOK, query.where, division, read, scope)
        n = rows["n"].to_numpy()
        longest = np.iinfo(np.int32).max  # so that what has no target is never late, and what is missing neither
        limits = np.nan_to_num(_limits(rows["class"], query.targets), nan=longest) * 1000
        limits = np.clip(limits, MISSING, longest).astype(np.int32)
        late = np.flatnonzero(values_of(rows["response"].combine_chunks(), n) > np.repeat(limits, n))
        for name in PARTS:
            ms = values_of(rows[name].combine_chunks(), n)[late]
            seconds[name] = np.where(ms == MISSING, np.nan, ms / 1000.0)
        told.append(_by_cause(query, rows, np.searchsorted(np.cumsum(n), late, side="right"), seconds))
    return _together(told, ("span", *query.by, "cause"))


def _by_cause(query: Breaches, rows: pa.Table, at: Ints, seconds: Seconds) -> pa.Table:
    """Late responses counted by cause: ``at``: which of ``rows`` each is of, ``seconds``: its intervals."""
    cause = np.full(len(at), len(PARTS))  # unknown, unless any exceeds its allowance
    most = np.zeros(len(at))
    for which, name in enumerate(PARTS):
        mine = [(place, allowed) for interval, place, allowed in query.allowances if interval == name]
        if mine:
            over = seconds[name] - _limits(rows["class"], mine)[at]
            worse = over > most  # of equal ones the first; NaN, of what is missing or has no allowance, is none
            cause[worse], most[worse] = which, over[worse]
    names = ("span", *query.by)
    codes, groups = grouped([rows[name].combine_chunks() for name in names])
    counted = np.bincount(codes[at].astype(np.int64) * len(CAUSES) + cause, minlength=len(groups) * len(CAUSES))
    there = np.flatnonzero(counted)
    keys = [(*groups[one // len(CAUSES)], CAUSES[one % len(CAUSES)]) for one in there.tolist()]
    types = [*(rows[name].type for name in names), pa.string()]
    columns = [pa.array([key[at] for key in keys], kind) for at, kind in enumerate(types)]
    return pa.table([*columns, pa.array(counted[there])], [*names, "cause", "n"])


def _took(
    by: Sequence[Dim], intervals: Iterable[str], where: Filters, division: Division, read: Read, scope: ScopeClause
) -> pa.Table:
    test, values = sql.filtering(where, scope)
    dims = "".join(f", {dim} AS {alias(dim)}" for dim in by)
    told = f"span{dims}, place_class AS class, n, {', '.join(intervals)}"
    return read(f"SELECT {told} FROM took {_MONTHS} WHERE {test or 'true'}", [*_columns(division), *values])


def _rest(
    statement: Callable[..., sql.Statement], query: Any, division: Division, read: Read, scope: ScopeClause
) -> list[pa.Table]:
    """What the rows of the days that are left tell, if there are any."""
    if not division.rest:
        return []
    asked = replace(query, spans=tuple(span for _, span in division.rest))
    return [_renumbered(read(*statement(asked, scope)), division)]


def _renumbered(found: pa.Table, division: Division) -> pa.Table:
    """What the days that are left tell, under the numbers of the spans that they are of."""
    numbers = pa.array([index for index, _ in division.rest], pa.int32())
    return found.set_column(0, "span", numbers.take(found["span"].combine_chunks()))


def _together(tables: Sequence[pa.Table], names: Sequence[str]) -> pa.Table:
    """The tables with n of equal ``names`` added up, and the latest ``last`` where there is one; in order of names."""
    whole = pa.concat_tables([table.cast(tables[0].schema) for table in tables]).combine_chunks()
    codes, groups = grouped([whole[name].combine_chunks() for name in names], rows=len(whole))
    first = np.zeros(len(groups), np.int64)
    first[codes[::-1]] = np.arange(len(whole) - 1, -1, -1)
    found = whole.take(pa.array(first))
    n = np.zeros(len(groups), np.int64)
    np.add.at(n, codes, whole["n"].to_numpy())
    found = found.set_column(found.column_names.index("n"), "n", pa.array(n))
    if "last" not in found.column_names:
        return found
    last = np.zeros(len(groups), np.int32)
    np.maximum.at(last, codes, whole["last"].cast(pa.int32()).to_numpy())
    return found.set_column(found.column_names.index("last"), "last", pa.array(last).cast(pa.date32()))


def _columns(division: Division) -> list[list[Any]]:
    return [list(column) for column in zip(*division.months, strict=True)]


def _limits(classes: pa.ChunkedArray, limits: Iterable[tuple[str, int]]) -> NDArray[np.float64]:
    """The limit of each of ``classes`` (s), NaN without one; of several the first counts."""
    known: dict[str, float] = {}
    for place, seconds in limits:
        known.setdefault(word(place), float(seconds))
    coded = classes.combine_chunks().dictionary_encode()
    of_words = np.array([known.get(one, np.nan) for one in coded.dictionary.to_pylist()], np.float64)
    return of_words[coded.indices.to_numpy()]


def _facet(by: Iterable[Dim], where: Filters, resolution: int = CELLS) -> int | None:
    """The facet that has all columns that a count needs; None where only the rows have."""
    columns = _used(by, where)
    if resolution > CELLS:
        return None
    return next((n for n, facet in enumerate(FACETS) if columns <= {*facet, "month", "kind"}), None)


def _used(by: Iterable[Dim], where: Filters) -> set[str]:
    """The columns of incidents that a question needs."""
    asked = {
        "kind": where.kinds, "category": where.categories, "severity": where.severities, "source": where.sources,
        "place_class": where.place_classes, "zone": where.zones, "hour": where.hours, "weekday": where.weekdays,
        "h3_9": where.cells, "finer cells": any((cell >> 52) & 15 > CELLS for cell in where.cells),
        "branch": where.scope, "station": where.scope,
    }  # fmt: skip
    zone = {"zone"} if where.scope else set()
    dims = {{"date": "local_date", "cell": "h3_9"}.get(dim, dim) for dim in by}
    return dims | zone | {column for column, values in asked.items() if values}
