"""Cells of a table → values of a message's fields: numbers, words, lists, times. Pure; nothing here raises for a cell.

A cell that cannot be understood becomes a ``Bad``, an empty one becomes None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_feeds.mapping import ColumnRule, Field, cell_text, format_cell

Times = NDArray[np.int64]  # Unix microseconds
NO_TIME = int(np.iinfo(np.int64).min)
# Outside of these years a time is a mistake in the file or in its format.
EARLIEST_US, LATEST_US = 86_400 * 1_000_000, int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_SECOND = {"unix_s": 1.0, "unix_ms": 1e-3, "unix_us": 1e-6}
_FLAGS = {"1": True, "true": True, "t": True, "yes": True, "y": True, "on": True,
          "0": False, "false": False, "f": False, "no": False, "n": False, "off": False}  # fmt: skip
_SHOWN = 60
_KNOWN = 100_000


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be used: ``cause`` is the same for every such cell, ``detail`` shows this one."""

    cause: str
    detail: str


def shown(cell: Any) -> str:
    """A cell for a log line: quoted, control characters escaped, cut."""
    text = repr(cell if isinstance(cell, str) else str(cell)).encode("ascii", "backslashreplace").decode()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def reader_of(field: Field) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    """A function from the cells of ``field.columns`` (one sequence a column) to one value a row: value, None or Bad.

    Not for times, which are read a whole column at once by ``times``.
    """
    convert = _CONVERT[field.kind]
    if field.parts:
        # ids come again and again
        known: dict[tuple[Any, ...], Any] = {}

        def fill(row: tuple[Any, ...]) -> Any:
            if any(isinstance(cell, list) for cell in row):
                return Bad(f"{field.name}: a list in a template", shown(row))
            if row not in known:
                if len(known) > _KNOWN:
                    known.clear()
                known[row] = _finish(field, convert, _filled(field, row))
            return known[row]

        return lambda cells: [fill(row) for row in zip(*cells, strict=True)]
    if field.separator is not None:
        return lambda cells: [_finish(field, convert, _joined(field, row)) for row in zip(*cells, strict=True)]
    if field.values is not None:
        return lambda cells: [_finish(field, convert, _text(field, cell)) for cell in cells[0]]
    default = field.columns[0].default if field.columns else None
    if default is not None:
        return lambda cells: [default if (value := convert(field, cell)) is None else value for cell in cells[0]]
    return lambda cells: [convert(field, cell) for cell in cells[0]]


def _finish(field: Field, convert: Callable[[Field, Any], Any], text: Any) -> Any:
    if text is None or isinstance(text, Bad):
        return text
    if field.values is None:
        return convert(field, text)
    value = field.values.value_of(text)
    if value is None:
        return Bad(f"{field.name}: no rule of maps.{field.values.name} fits", f"{shown(text)}; add a rule or otherwise")
    return convert(field, value)


def _filled(field: Field, row: tuple[Any, ...]) -> Any:
    cells = {rule.name: cell for rule, cell in zip(field.columns, row, strict=True) if not _is_missing(rule, cell)}
    try:
        return "".join(lit + (format_cell(cells[name], spec) if name else "") for lit, name, spec in field.parts)
    except KeyError:
        return None
    except (ValueError, OverflowError):
        return Bad(f"{field.name}: does not fit the template", ", ".join(map(shown, row)))


def _joined(field: Field, row: tuple[Any, ...]) -> str | None:
    texts = [cell_text(c) for rule, c in zip(field.columns, row, strict=True) if not _is_missing(rule, c)]
    return (field.separator or "").join(texts) or None


def _is_missing(rule: ColumnRule, cell: Any) -> bool:
    if cell is None:
        return True
    if isinstance(cell, str):
        stripped = cell.strip()
        return not stripped or stripped in rule.missing
    if isinstance(cell, float) and math.isnan(cell):
        return True
    return bool(rule.missing) and cell_text(cell) in rule.missing


def _rule(field: Field) -> ColumnRule:
    return field.columns[0]


def _number(field: Field, cell: Any) -> Any:
    rule = _rule(field)
    if type(cell) is not float or rule.missing:
        if _is_missing(rule, cell):
            return None
        if isinstance(cell, str):
            cell = cell.strip()
            cell = cell.replace(",", ".") if rule.decimal == "," else cell
        try:
            number = float("_" if isinstance(cell, str) and "_" in cell else cell)
        except (TypeError, ValueError, OverflowError):
            return Bad(f"{field.name}: column {rule.name} is not a number", shown(cell))
    else:
        number = cell
    if number != number:
        return None
    if math.isinf(number):
        return Bad(f"{field.name}: column {rule.name} is not a number", shown(cell))
    return number * field.factor + rule.offset


def _integer(field: Field, cell: Any) -> Any:
    rule = _rule(field) if field.columns else None
    if type(cell) is int and not (rule and rule.missing):
        return cell
    if rule and _is_missing(rule, cell):
        return None
    try:
        number = int(cell) if not isinstance(cell, float) else _whole(cell)
    except (TypeError, ValueError, OverflowError):
        try:
            number = _whole(float(cell))
        except (TypeError, ValueError, OverflowError):
            return Bad(f"{field.name}: not a whole number", shown(cell))
    return number


def _whole(number: float) -> int:
    if not number.is_integer():
        raise ValueError("not whole")
    return int(number)


def _text(field: Field, cell: Any) -> Any:
    if type(cell) is str and not (field.columns and field.columns[0].missing):
        return cell.strip() or None
    if field.columns and _is_missing(field.columns[0], cell):
        return None
    return cell_text(cell)


def _flag(field: Field, cell: Any) -> Any:
    if isinstance(cell, bool):
        return cell
    if field.columns and _is_missing(field.columns[0], cell):
        return None
    flag = _FLAGS.get(cell_text(cell).lower())
    return Bad(f"{field.name}: neither true nor false", shown(cell)) if flag is None else flag


def _list(field: Field, cell: Any) -> Any:
    if isinstance(cell, list | tuple | np.ndarray):
        return [cell_text(item) for item in cell if item is not None and cell_text(item)]
    if _is_missing(_rule(field), cell):
        return None
    return [item for item in map(str.strip, str(cell).split(_rule(field).separator)) if item]


_CONVERT: dict[str, Callable[[Field, Any], Any]] = {
    "number": _number, "integer": _integer, "text": _text, "flag": _flag, "list": _list,
}  # fmt: skip


def times(cells: NDArray[Any], rule: ColumnRule, aware: bool) -> tuple[Times, dict[int, Bad]]:
    """A column of times as Unix microseconds (NO_TIME where empty or bad), and the bad ones by index.

    ``cells``: text, numbers, or datetime64[us], which is UTC when ``aware`` and else local in the rule's zone.
    """
    bad: dict[int, Bad] = {}
    if cells.dtype.kind == "M":
        found = cells.astype("M8[us]").astype(np.int64)
        found = found if aware else _from_local(found, rule, bad)
    elif rule.formats[0] in _PER_SECOND:
        found = _from_numbers(cells, rule, bad)
    else:
        found = _from_texts(cells, rule, bad)
    off = np.flatnonzero((found != NO_TIME) & ((found < EARLIEST_US) | (found >= LATEST_US)))
    for index in off.tolist():
        bad[index] = Bad(f"column {rule.name}: time outside 1970–2200", f"{shown(cells[index])}; is its format right?")
    if off.size:
        found = found.copy()
        found[off] = NO_TIME
    return found, bad


def moments(found: Times) -> list[datetime | None]:
    """Unix microseconds as aware UTC datetimes, None for NO_TIME."""
    return [None if m is None else m.replace(tzinfo=UTC) for m in found.astype("M8[us]").tolist()]


def _from_numbers(cells: NDArray[Any], rule: ColumnRule, bad: dict[int, Bad]) -> Times:
    per_second = _PER_SECOND[rule.formats[0]]
    found = np.full(len(cells), NO_TIME, np.int64)
    for index, cell in enumerate(cells.tolist()):
        if _is_missing(rule, cell):
            continue
        try:
            # whole numbers stay exact, a float of microseconds would not be
            exact = int(cell) * round(per_second * 1e6) if not isinstance(cell, float) else None
        except (TypeError, ValueError):
            exact = None
        try:
            value = round(float(cell) * per_second * 1e6) if exact is None else exact
            found[index] = max(min(value, LATEST_US), 0)
        except (TypeError, ValueError, OverflowError):
            bad[index] = _bad_time(rule, cell)
    return found


def _from_texts(cells: NDArray[Any], rule: ColumnRule, bad: dict[int, Bad]) -> Times:
    local = np.full(len(cells), NO_TIME, np.int64)
    known = np.full(len(cells), NO_TIME, np.int64)
    texts = [None if _is_missing(rule, cell) else cell_text(cell) for cell in cells.tolist()]
    rest = [i for i, text in enumerate(texts) if text is not None]
    for form in rule.formats:
        if not rest:
            break
        rest = _by_iso(texts, rest, local, known) if form == "iso" else _by_format(texts, rest, form, local, known)
    for index in rest:
        bad[index] = _bad_time(rule, cells[index])
    converted = _from_local(local, rule, bad)
    return np.where(known != NO_TIME, known, converted)


def _by_iso(texts: list[Any], rest: list[int], local: Times, known: Times) -> list[int]:
    """Read ISO 8601 texts at ``rest``: with an offset into ``known``, without into ``local``; returns what is left."""
    left = []
    for index in rest:
        text = texts[index]
        try:
            # 3.11 reads a bare Unix time such as 1211121500 as the year 1211
            moment = datetime.fromisoformat(text if "-" in text or "T" in text or len(text) == 8 else "")
        except ValueError:
            left.append(index)
            continue
        if moment.tzinfo is None:
            local[index] = (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
        else:
            known[index] = (moment - _EPOCH) // timedelta(microseconds=1)
    return left


def _by_format(texts: list[Any], rest: list[int], form: str, local: Times, known: Times) -> list[int]:
    offset = "%z" in form
    series = pd.Series([texts[i] for i in rest], dtype="str")
    parsed = pd.to_datetime(series, format=form, errors="coerce", utc=True if offset else None)
    if offset:
        parsed = parsed.dt.tz_localize(None)
    values = parsed.to_numpy().astype("M8[us]").astype(np.int64)
    (known if offset else local)[rest] = values
    return [index for index, value in zip(rest, values.tolist(), strict=True) if value == NO_TIME]


def _from_local(local: Times, rule: ColumnRule, bad: dict[int, Bad]) -> Times:
    """Local wall times (as if they were UTC) → Unix microseconds, by the zone's daylight saving rules."""
    if rule.zone.key == "UTC":
        return local
    naive = pd.DatetimeIndex(local.astype("M8[us]"))
    ambiguous: Any = "NaT" if rule.dst == "reject" else np.full(len(local), rule.dst == "first")
    found = naive.tz_localize(rule.zone, ambiguous=ambiguous, nonexistent="NaT").tz_convert(None)
    result: Times = found.to_numpy().astype("M8[us]").astype(np.int64)
    for index in np.flatnonzero((result == NO_TIME) & (local != NO_TIME)).tolist():
        moment = naive[index].to_pydatetime()
        early, late = (moment.replace(tzinfo=rule.zone, fold=fold).utcoffset() for fold in (0, 1))
        if early is not None and late is not None and early > late:
            why = 'comes twice when the clocks go back; set dst = "first" or "second"'
        else:
            why = "does not exist: the clocks went forward; is time_zone right?"
        bad[index] = Bad(f"column {rule.name}: local time {why}", f"{moment.isoformat(sep=' ')} in {rule.zone.key}")
    return result


def _bad_time(rule: ColumnRule, cell: Any) -> Bad:
    way = "" if isinstance(cell, str) else f'; a number needs format = "unix_s" or such in [columns.{rule.name}]'
    return Bad(f"column {rule.name}: not a time of format {' or '.join(rule.formats)}", shown(cell) + way)
