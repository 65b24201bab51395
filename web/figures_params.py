"""The parameters of the figures' addresses: read strictly, and refused by name with what is allowed. Pure.

One table tells the reader, the refusals and the OpenAPI document what there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import h3.api.basic_int as h3
import msgspec

from analytics.figures.request import COMPARATORS, PARTS, PERIODS
from data_feeds.history.query import KINDS, Filters
from data_feeds.incident_log import word_of

MAX_WORD = 80
MAX_VALUES = 50
MAX_PAIRS = 400
MAX_OFFSET = 1_000_000
MAX_LIMIT = 500
SHOWN = 24  # of the words that are allowed, in a refusal
RESOLUTIONS = range(5, 10)
WHERE = "/api/figures/choices lists them"
TRUTHS = {"1": True, "true": True, "0": False, "false": False}
HOSTILE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffd\ud800-\udfff]")


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: where (``["query", name]``), what is allowed, and which kind of mistake it is."""

    loc: tuple[str, str]
    msg: str
    type: str


class BadRequest(ValueError):
    """Parameters that cannot be used; ``problems`` names every one of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.loc[1]}: {problem.msg}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Known:
    """The words that may be asked for. ``scope``: the code that a code or name means ("" the city), None without."""

    scope: Callable[[str], str | None]
    categories: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    place_classes: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    key_dates: frozenset[str] = frozenset()


Read = Callable[[str, Known], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``read`` turns its text into a value or raises ValueError that says what is allowed; ``many``: it
    may be given several times."""

    name: str
    help: str
    schema: dict[str, Any]
    example: Any
    read: Read
    many: bool = False
    may_be_empty: bool = False


def _one_of(words: Sequence[str]) -> Read:
    def read(text: str, _: Known) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return read


def _whole(low: int, high: int) -> Read:
    def read(text: str, _: Known) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _day(text: str, _: Known) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("must be a date such as 2025-03-15")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day of the calendar; it must be a date such as 2025-03-15") from None


def _truth(text: str, _: Known) -> bool:
    if text not in TRUTHS:
        raise ValueError(f"must be one of {', '.join(TRUTHS)}")
    return TRUTHS[text]


def _known(of: Callable[[Known], frozenset[str]]) -> Read:
    def read(text: str, known: Known) -> str:
        allowed = of(known)
        for word in (text, word_of(text)):  # as the history keeps words: KEY SPOT is key_spot
            if word in allowed:
                return word
        named = ", ".join(sorted(allowed)[:SHOWN]) or "none: no incident has one"
        raise ValueError(f"is not in the history; there are {named}{' …' if len(allowed) > SHOWN else ''} ({WHERE})")

    return read


def _scope(text: str, known: Known) -> str:
    code = known.scope(text)
    if code is None:
        raise ValueError(f"no jurisdiction and no zone is called so; {WHERE}")
    return code


def _cell(text: str, _: Known) -> int:
    if re.fullmatch(r"[0-9a-f]{15,16}", text) and h3.is_valid_cell(int(text, 16)):
        cell = int(text, 16)
        if h3.get_resolution(cell) <= max(RESOLUTIONS):
            return cell
    raise ValueError(f"must be an H3 cell in hex digits, of resolution {max(RESOLUTIONS)} or coarser")


def _words(words: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_WORD}
PERIOD = (
    Parameter("period", "which kind of period; default day", _words(PERIODS), "month", _one_of(PERIODS)),
    Parameter("date", "any day of the period; default the newest day of the records",
              {"type": "string", "format": "date"}, "2025-03-15", _day),
    Parameter("key", "with period=key: the name of a key date; default the one that holds the date",
              TEXT, "National Day 2025", _known(lambda known: known.key_dates)),
)  # fmt: skip
FILTERS = (
    Parameter("scope", "a branch, station or zone by code or name; default the whole city", TEXT, "B1", _scope,
              may_be_empty=True),
    Parameter("category", "categories", TEXT, "theft", _known(lambda known: known.categories), True),
    Parameter("severity", "severities", TEXT, "high", _known(lambda known: known.severities), True),
    Parameter("source", "how incidents were reported", TEXT, "call", _known(lambda known: known.sources), True),
    Parameter("place_class", "classes of places (the 1·3·5 targets)", TEXT, "centre",
              _known(lambda known: known.place_classes), True),
    Parameter("zone", "zones", TEXT, "Z1", _known(lambda known: known.zones), True),
    Parameter("hour", "hours of the clock", {"type": "integer", "minimum": 0, "maximum": 23}, 22, _whole(0, 23), True),
    Parameter("weekday", "days of the week, Monday is 1", {"type": "integer", "minimum": 1, "maximum": 7}, 5,
              _whole(1, 7), True),
    Parameter("cell", "hexagons of the map (H3, hex digits, resolution 9 or coarser)",
              {"type": "string", "pattern": "^[0-9a-f]{15,16}$"}, "88283082b9fffff", _cell, True),
)  # fmt: skip
LANG = Parameter("lang", "language of texts; default the wall's", _words(("zh", "en")), "en", _one_of(("zh", "en")))
EXTENT = (
    Parameter("compare", "which comparators; default all", _words(COMPARATORS), "previous", _one_of(COMPARATORS), True),
    Parameter("part", "which parts; default all", _words(PARTS), "hours", _one_of(PARTS), True),
    Parameter("resolution", "H3 resolution of the heat; default what suits the scope",
              {"type": "integer", "enum": list(RESOLUTIONS)}, 8, _whole(RESOLUTIONS[0], RESOLUTIONS[-1])),
    Parameter("lunar", "whether last year is aligned by the lunar calendar around Spring Festival; default as set",
              {"type": "boolean"}, False, _truth),
)  # fmt: skip
ORDERS = ("received", "response", "category", "severity")
ORDERING = (
    Parameter("figure", "the block of figures whose incidents are wanted, a name in the report's about; default total",
              {"type": "string", "pattern": "^[a-z_.]{1,40}$"}, "total", lambda text, _: text),
    Parameter("kind", "instead of the counted ones", _words(KINDS), "exercise", _one_of(KINDS), True),
    Parameter("order", "what rows are ordered by; default received", _words(ORDERS), "response", _one_of(ORDERS)),
    Parameter("direction", "default desc", _words(("asc", "desc")), "desc", _one_of(("asc", "desc"))),
)  # fmt: skip
PAGE = (
    Parameter("limit", "rows at most; default 100", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}, 100,
              _whole(1, MAX_LIMIT)),
    Parameter("offset", "rows left out at the beginning; default 0",
              {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET}, 0, _whole(0, MAX_OFFSET)),
)  # fmt: skip

FIGURES = (*PERIOD, *FILTERS, *EXTENT, LANG)
ROWS_CSV = (*PERIOD, *FILTERS, *ORDERING, LANG)
ROWS = (*ROWS_CSV, *PAGE)
CHOICES = (LANG,)
FIELDS = {"category": "categories", "severity": "severities", "source": "sources", "place_class": "place_classes",
          "zone": "zones", "hour": "hours", "weekday": "weekdays", "cell": "cells"}  # fmt: skip


def read(pairs: Sequence[tuple[str, str]], parameters: Sequence[Parameter], known: Known) -> dict[str, Any]:
    """The values by name; of what may be given several times a sorted tuple without doubles. What is not given is not
    in it. Raises BadRequest that names everything that is wrong."""
    if len(pairs) > MAX_PAIRS:
        raise BadRequest([_problem("*", f"{len(pairs)} parameters; at most {MAX_PAIRS}", "too_many")])
    by_name = {parameter.name: parameter for parameter in parameters}
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        given.setdefault(name, []).append(text)
    values: dict[str, Any] = {}
    problems = []
    for name, texts in given.items():
        parameter = by_name.get(name)
        if parameter is None:
            problems.append(_problem(shown(name), f"is no parameter here; there are {', '.join(by_name)}", "unknown"))
            continue
        try:
            values[name] = _value(parameter, texts, known)
        except ValueError as error:
            problems.append(_problem(name, str(error), _kind(error)))
    if values.get("key") is not None and values.get("period") != "key":
        problems.append(_problem("key", "goes with period=key only", "value_error"))
    if problems:
        raise BadRequest(problems)
    return values


def filters_of(values: Mapping[str, Any]) -> Filters:
    """The filters among ``values``."""
    many = {field: values[name] for name, field in FIELDS.items() if name in values}
    return Filters(scope=values.get("scope", ""), kinds=values.get("kind", ("counted",)), **many)


def shown(text: str) -> str:
    """A stranger's text, short enough and harmless in a message."""
    return ascii(text[:40])[1:-1]


class _TooMany(ValueError):
    pass


def _value(parameter: Parameter, texts: Sequence[str], known: Known) -> Any:
    if not parameter.many and len(texts) > 1:
        raise _TooMany("is given more than once")
    if len(texts) > MAX_VALUES:
        raise _TooMany(f"has {len(texts)} values; at most {MAX_VALUES}")
    for text in texts:
        if not text and parameter.may_be_empty:
            continue
        if not text or len(text) > MAX_WORD or HOSTILE.search(text):
            raise ValueError(f"must be text of 1 to {MAX_WORD} characters without control characters")
    found = [parameter.read(text, known) for text in texts]
    if not parameter.many:
        return found[0]
    order = parameter.schema.get("enum")
    return tuple(sorted(set(found), key=order.index if order else None))


def _kind(error: ValueError) -> str:
    return "too_many" if isinstance(error, _TooMany) else "value_error"


def _problem(name: str, message: str, kind: str) -> Problem:
    return Problem(("query", name), message, kind)
