"""Questions → SQL: names from fixed maps, every value a parameter. Pure."""

# ruff: noqa: S608 - names come from the fixed maps below, numbers are made here, and every value is a parameter
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args

import h3.api.basic_int as h3

from data_feeds.history.derive import RESOLUTION, word
from data_feeds.history.query import (
    INTERVALS,
    KINDS,
    MAX_ROWS,
    OPTIONAL,
    Breaches,
    Counts,
    Detected,
    Dim,
    DroneDim,
    DronesKnown,
    Filters,
    Flown,
    Interval,
    LastSeen,
    Patrol,
    Present,
    Rows,
    Span,
    Spreads,
    Tallies,
    Word,
)
from data_feeds.history.schema import SHOWN

Statement = tuple[str, list[Any]]
ScopeClause = Callable[[str], Statement]
D = TypeVar("D", bound=str)
MAX_SPANS, MAX_VALUES = 1_000, 20_000

DIMS: dict[str, str] = {
    "date": "local_date", "month": "CAST(date_trunc('month', local_date) AS DATE)", "hour": "hour",
    "minute": "minute", "weekday": "weekday", "category": "category", "severity": "severity", "source": "source",
    "branch": "branch", "station": "station", "zone": "zone", "place_class": "place_class", "kind": "kind",
    "unit": "unit_id",
}  # fmt: skip
WORDS: tuple[Word, ...] = get_args(Word)
DRONE_DIMS: dict[DroneDim, str] = {
    "date": "local_date", "month": DIMS["month"], "hour": "hour", "drone_id": "drone_id", "mission": "mission",
    "kind": "kind", "branch": "branch", "station": "station", "zone": "zone",
}  # fmt: skip
_PATROL_DIMS = ("date", "month", "hour", "weekday", "branch", "station", "zone")
SECONDS: dict[str, str] = {
    **{name: f"{name}_s" for name in INTERVALS},
    # asked for by documents alone, so it has no column
    "accepting": "CASE WHEN accepted_ms >= dispatched_ms THEN (accepted_ms - dispatched_ms) / 1000.0::DOUBLE END",
}
PARTS: tuple[Interval, ...] = ("answering", "dispatch", "turnout", "travel")
HAS: dict[str, str] = {"position": "lat IS NOT NULL"} | {
    name: f"{name} <> ''" if name in DIMS else f"{name}_ms IS NOT NULL" for name in OPTIONAL if name != "position"
}
_SEVERITY = "CASE severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END"
_ORDER: dict[str, str] = {
    "received": "received_ms", "response": "response_s", "category": "category", "severity": _SEVERITY
}  # fmt: skip


def counts(query: Counts, scope: ScopeClause) -> Statement:
    """span, dims, n."""
    cells = query.resolution
    if "cell" in query.by and not 0 <= cells <= RESOLUTION:
        raise ValueError(f"resolution {cells}: cells are kept at resolution {RESOLUTION}, ask for 0 to {RESOLUTION}")
    # counted span by span: groups that hold the span too cost three times as much
    parts, values = _parts(query.spans, query.by, ("count(*) AS n",), query.where, scope, cells)
    places = ", ".join(str(at + 2) for at in range(len(query.by)))
    ending = f" GROUP BY {places}" if places else " HAVING count(*) > 0"
    return f"SELECT * FROM ({' UNION ALL '.join(part + ending for part in parts)}) ORDER BY {_names(query.by)}", values


def tallies(query: Tallies, scope: ScopeClause) -> Statement:
    """span, word, key, n."""
    if not query.words:
        raise ValueError("ask for one word at least")
    names = ", ".join(alias(word) for word in _once(query.words))
    sets = ", ".join(f"({alias(word)})" for word in query.words)
    parts, values = _parts(query.spans, query.words, ("count(*) AS n",), query.where, scope)
    told = " UNION ALL ".join(f"{part} GROUP BY GROUPING SETS ({sets})" for part in parts)
    which = " ".join(f"WHEN {alias(word)} IS NOT NULL THEN '{word}'" for word in query.words)
    return f"SELECT span, CASE {which} END AS word, coalesce({names}) AS key, n FROM ({told}) ORDER BY 1, 2, 3", values


def measured(query: Spreads, words: Mapping[str, Sequence[str]], scope: ScopeClause) -> list[Statement]:
    """A statement a span: its rows' dims and the columns of query.intervals, for spreads.py. Of a dim in ``words`` the
    place of its word there comes instead, null for another: numbers travel at half the cost of texts."""
    _no_cells(query.by)
    if len(set(query.within_s)) != len(query.within_s) or len(set(query.intervals)) != len(query.intervals):
        raise ValueError("an interval or a limit is asked for twice")
    if not query.intervals or min(query.within_s, default=0) < 0:
        raise ValueError("ask for one interval at least, and for limits of 0 s or more")
    if not set(query.prefixes) <= set(range(len(query.by))):
        raise ValueError(f"prefixes are shorter than the {len(query.by)} dims asked for")
    selected = [
        f"CAST(array_position(?::VARCHAR[], {dim}) - 1 AS USMALLINT) AS {alias(dim)}" if dim in words else
        f"{DIMS[dim]} AS {alias(dim)}"
        for dim in _once(query.by)
    ]  # fmt: skip
    known = [list(words[dim]) for dim in query.by if dim in words]
    told = ", ".join([*selected, *(SECONDS[name] for name in query.intervals)])
    filtered = filtering(query.where, scope)
    spans = [_all([_span(span), filtered]) for span in _checked(query.spans)]
    return [(f"SELECT {told} FROM incidents WHERE {text}", [*known, *values]) for text, values in spans]


def late(query: Breaches, scope: ScopeClause) -> Statement:
    """The late responses: span, dims, class, and an interval (s) each of PARTS; in no order."""
    _no_cells(query.by)
    strange = {interval for interval, _, _ in query.allowances} - set(PARTS)
    if strange:
        raise ValueError(f"{', '.join(sorted(strange))} is no part of a response: {', '.join(PARTS)} are")
    columns = ["place_class AS class", *(SECONDS[name] for name in PARTS)]
    parts, values = _parts(query.spans, query.by, columns, query.where, scope, also=_beyond(query.targets))
    return " UNION ALL ".join(parts), values


def rows(query: Rows, scope: ScopeClause) -> Statement:
    """The columns of schema.SHOWN."""
    if not 0 <= query.limit <= MAX_ROWS or query.offset < 0:
        raise ValueError(f"limit must be 0 to {MAX_ROWS}, offset 0 or more")
    clauses = [_span(query.span), filtering(query.where, scope)]
    if query.breaching:
        clauses.append(_beyond(query.breaching))
    text, values = _all(clauses)
    way = "DESC" if query.descending else "ASC"
    order = f"{_ORDER[query.order]} {way} NULLS LAST, received_ms {way}, incident_id"
    return (
        f"SELECT {', '.join(SHOWN)} FROM incidents WHERE {text} ORDER BY {order} LIMIT ? OFFSET ?",
        [*values, query.limit, query.offset],
    )


def last_seen(query: LastSeen, scope: ScopeClause, days: Sequence[Span] = ()) -> Statement:
    """key, last, n; of some ``days`` alone if they are given."""
    column = {"zone": "zone", "station": "station", "place": "place"}[query.by]
    within = [_span(span) for span in days] or [("local_date <= ?", [query.until])]
    either = " OR ".join(text for text, _ in within), [value for _, values in within for value in values]
    text, values = _all([either, (f"{column} <> ''", []), filtering(query.where, scope)])
    return (
        f"SELECT {column} AS key, max(local_date) AS last, count(*) AS n FROM incidents WHERE {text} "
        f"GROUP BY {column} ORDER BY key",
        values,
    )


def present(query: Present, scope: ScopeClause) -> Statement:
    """span, n, and a count for each of OPTIONAL; a row for each span, zeros where nothing was."""
    parts, values = [], []
    sums = ", ".join(f"count(*) FILTER ({test}) AS {name}" for name, test in HAS.items())
    for index, span in enumerate(_checked(query.spans)):
        text, more = _all([_span(span), filtering(query.where, scope)])
        parts.append(f"SELECT {index} AS span, count(*) AS n, {sums} FROM incidents WHERE {text}")
        values += more
    return f"{' UNION ALL '.join(parts)} ORDER BY span", values


def patrol(query: Patrol, scope: ScopeClause) -> Statement:
    """span, dims, minutes, units. A span that ends within a day is cut to whole hours, so that all are cut alike."""
    strange = [dim for dim in query.by if dim not in _PATROL_DIMS]
    if strange:
        raise ValueError(f"patrols have no {', '.join(strange)}; ask by {', '.join(_PATROL_DIMS)}")
    parts, values = [], []
    dims = "".join(f", {DIMS[dim]} AS {alias(dim)}" for dim in _once(query.by))
    for index, span in enumerate(_checked(query.spans)):
        text, more = _all([_span(span, "ends", "<="), scope(query.scope)])
        parts.append(f"SELECT {index} AS span{dims}, minutes, unit_id FROM patrol WHERE {text}")
        values += more
    names = _names(query.by)
    return (
        f"SELECT {names}, sum(minutes) AS minutes, count(DISTINCT unit_id) AS units "
        f"FROM ({' UNION ALL '.join(parts)}) GROUP BY {names} ORDER BY {names}",
        values,
    )


def flown(query: Flown, scope: ScopeClause) -> list[Statement]:
    """A statement a span: drone_id, at_min, here (whether it is of the scope) and the dims, for flown.py."""
    if "kind" in query.by:
        raise ValueError("minutes in the air have no kind")
    dims = _drone_dims(query.by)
    text, asked = scope(query.scope)
    spans = [_span(span) for span in _checked(query.spans)]
    return [
        (f"SELECT drone_id AS d, at_min AS m, ({text or 'true'}) AS here{dims} FROM flown WHERE {within}",
         [*asked, *values])
        for within, values in spans
    ]  # fmt: skip


def detected(query: Detected, scope: ScopeClause) -> Statement:
    """span, dims, n."""
    dims, parts, values = _drone_dims(query.by), [], []
    table = "seen"
    if "mission" in query.by:
        table = (
            "(SELECT seen.*, coalesce(flown.mission, '') AS mission FROM seen LEFT JOIN flown "
            "ON seen.drone_id = flown.drone_id AND seen.at_ms // 60000 = flown.at_min)"
        )
    for index, span in enumerate(_checked(query.spans)):
        text, more = _all([_span(span), scope(query.scope)])
        parts.append(f"SELECT {index} AS span{dims} FROM {table} WHERE {text}")
        values += more
    names = _names(query.by)
    return (
        f"SELECT {names}, count(*) AS n FROM ({' UNION ALL '.join(parts)}) GROUP BY {names} ORDER BY {names}", values
    )


def drones_known(query: DronesKnown, scope: ScopeClause) -> Statement:
    """flown, detected, last_ms."""
    first = "(SELECT min(local_date) FROM {} WHERE local_date <= ?)"
    return (
        f"SELECT {first.format('flown')} AS flown, {first.format('seen')} AS detected, "
        "(SELECT max(at_ms) FROM flown WHERE local_date <= ? AND at_ms < ?) AS last_ms",
        [query.until, query.until, query.until, query.before_ms],
    )


def _drone_dims(by: Sequence[DroneDim]) -> str:
    return "".join(f", {DRONE_DIMS[dim]} AS {alias(dim)}" for dim in _once(by))


def _parts(
    spans: Sequence[Span], by: Sequence[Dim], columns: Sequence[str], where: Filters, scope: ScopeClause,
    resolution: int = RESOLUTION, also: Statement = ("", []),
) -> tuple[list[str], list[Any]]:  # fmt: skip
    """A select a span, so that only its days are read, and a day that two spans hold counts in both."""
    parts: list[str] = []
    values: list[Any] = []
    dims = (f"{parent(resolution) if dim == 'cell' else DIMS[dim]} AS {alias(dim)}" for dim in _once(by))
    told = "".join(f", {one}" for one in (*dims, *columns))
    placed = "h3_9 IS NOT NULL" if "cell" in by else "", list[Any]()
    filtered = filtering(where, scope)
    for index, span in enumerate(_checked(spans)):
        text, more = _all([_span(span), filtered, placed, also])
        parts.append(f"SELECT {index} AS span{told} FROM incidents WHERE {text}")
        values += more
    return parts, values


def _span(span: Span, minute: str = "minute", before: str = "<") -> Statement:
    text, values = "local_date BETWEEN ? AND ?", [span.first, span.last]
    if span.until_minute is None:
        return text, values
    return f"{text} AND (local_date < ? OR {minute} {before} ?)", [*values, span.last, int(span.until_minute)]


def filtering(where: Filters, scope: ScopeClause) -> Statement:
    """What holds for the rows that ``where`` lets through; an empty text where all do."""
    clauses: list[Statement] = [scope(where.scope)]
    if set(where.kinds) != set(KINDS) and where.kinds:
        clauses.append(_in("kind", where.kinds))
    closed = (("category", where.categories), ("severity", where.severities), ("source", where.sources),
              ("place_class", where.place_classes))  # fmt: skip
    clauses += [_in(column, [word(one) for one in asked]) for column, asked in closed if asked]
    numbers = (("zone", where.zones), ("hour", where.hours), ("weekday", where.weekdays))
    clauses += [_in(column, asked) for column, asked in numbers if asked]
    if where.cells:
        clauses.append(_within(where.cells))
    return _all(clauses)


def _within(cells: Sequence[int]) -> Statement:
    """Incidents in any of these cells, whatever their resolutions."""
    at: dict[int, list[int]] = {}
    for cell in cells:
        if not 0 <= cell < 2**64 or not h3.is_valid_cell(cell) or h3.get_resolution(cell) > RESOLUTION:
            raise ValueError(f"cell {cell}: must be an H3 index of resolution {RESOLUTION} or coarser")
        at.setdefault(h3.get_resolution(cell), []).append(cell)
    tests, values = [], []
    for resolution, asked in sorted(at.items()):
        test, wanted = _in(parent(resolution), asked)
        tests.append(test)
        values += wanted
    return f"({' OR '.join(tests)})", values


def parent(resolution: int) -> str:
    """The cell of ``resolution`` that holds h3_9, by arithmetic on the index (see analytics/hexagons.py)."""
    if resolution == RESOLUTION:
        return "h3_9"
    kept, unused = ~(15 << 52) & (2**64 - 1), (1 << (3 * (15 - resolution))) - 1
    return f"((h3_9 & {kept}::UBIGINT) | {resolution << 52 | unused}::UBIGINT)"


def _beyond(targets: Sequence[tuple[str, int]]) -> Statement:
    """Responses longer than the target of their place class; a class without a target has none."""
    if not targets:
        return "false", []
    whens = "".join(" WHEN ? THEN CAST(? AS DOUBLE)" for _ in targets)
    values = [value for place, seconds in targets for value in (word(place), float(seconds))]
    return f"response_s > CASE place_class{whens} END", values


def _in(column: str, values: Sequence[Any]) -> Statement:
    if len(values) > MAX_VALUES:
        raise ValueError(f"{len(values)} values to filter by; at most {MAX_VALUES}")
    if len(values) == 1:  # a third faster than a list of one
        return f"{column} = ?", list(values)
    return f"{column} IN ({', '.join('?' * len(values))})", list(values)


def _all(clauses: Sequence[Statement]) -> Statement:
    held = [(text, values) for text, values in clauses if text]
    return " AND ".join(f"({text})" for text, _ in held) or "true", [one for _, values in held for one in values]


def _once(by: Sequence[D]) -> Sequence[D]:
    if len(set(by)) != len(by):
        raise ValueError(f"a dim is asked for twice: {', '.join(by)}")
    return by


def _checked(spans: Sequence[Span]) -> Sequence[Span]:
    if not 0 < len(spans) <= MAX_SPANS:
        raise ValueError(f"{len(spans)} spans; ask for 1 to {MAX_SPANS}")
    return spans


def _no_cells(by: Sequence[Dim]) -> None:
    if "cell" in by:
        raise ValueError("only counts are told by cell")


def _names(by: Sequence[str]) -> str:
    return ", ".join(["span", *(alias(dim) for dim in by)])


def alias(dim: str) -> str:
    """The column of a dim in an answer."""
    return f'"{dim}"'
