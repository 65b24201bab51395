"""What the page shows, as its address says it: ``?period=month&date=2025-03-15&category=theft&figure=total``.

The address is the whole state, so that it can be sent and the browser's Back works. It comes from outside: what cannot
be read is left out, never an error. Words that repeat come as repeated parameters, because a category's name may hold
a comma.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, TypeVar
from urllib.parse import parse_qs, urlencode

from analytics.figures.request import COMPARATORS, PERIODS, ComparatorId, PeriodKind
from data_feeds.history.query import Filters

LANGUAGES = ("zh", "en")
MAX_FIELDS, MAX_VALUES, MAX_WORD = 400, 100, 64
LAST_CELL = 1 << 63
FILTERS = ("category", "severity", "source", "place_class", "zone", "hour", "weekday", "cell")
Words = tuple[str, ...]
W = TypeVar("W", bound=str)


@dataclass(frozen=True, slots=True)
class View:
    """``date``: any day inside the period, None for the latest; ``key``: the name of a named period; ``vs``: what bars
    and rankings are compared with, "" the usual; ``figure``: whose formula and rows are open; ``cell``: H3 indexes as
    hexadecimal text."""

    period: PeriodKind = "day"
    date: date | None = None
    key: str = ""
    scope: str = ""
    category: Words = ()
    severity: Words = ()
    source: Words = ()
    place_class: Words = ()
    zone: Words = ()
    hour: tuple[int, ...] = ()
    weekday: tuple[int, ...] = ()
    cell: Words = ()
    vs: ComparatorId | Literal[""] = ""
    figure: str = ""
    lang: str = ""

    def filters(self) -> Filters:
        """Which incidents the address asks for."""
        return Filters(
            scope=self.scope, categories=self.category, severities=self.severity, sources=self.source,
            place_classes=self.place_class, zones=self.zone, hours=self.hour, weekdays=self.weekday,
            cells=tuple(int(cell, 16) for cell in self.cell),
        )  # fmt: skip

    def chosen(self, parameter: str) -> Words:
        """The values of a filter as the address writes them."""
        return tuple(str(value) for value in getattr(self, parameter))

    @property
    def main(self) -> ComparatorId:
        """What bars and rankings are compared with: a day with the same weekdays, anything else with the one before."""
        return self.vs or ("weekdays4" if self.period == "day" else "previous")


def parse(search: str | None) -> View:
    """The state of an address's query; whatever is unknown, malformed or too long in it is left out."""
    try:
        raw = parse_qs((search or "").removeprefix("?"), max_num_fields=MAX_FIELDS)
    except ValueError:
        return View()
    last = {name: values[-1].strip() for name, values in raw.items()}
    return View(
        period=_one_of(last.get("period"), PERIODS) or "day",
        date=_date(last.get("date", "")),
        key=_word(last.get("key", "")),
        scope=_word(last.get("scope", "")),
        category=_words(raw, "category"),
        severity=_words(raw, "severity"),
        source=_words(raw, "source"),
        place_class=_words(raw, "place_class"),
        zone=_words(raw, "zone"),
        hour=_numbers(raw, "hour", range(24)),
        weekday=_numbers(raw, "weekday", range(1, 8)),
        cell=tuple(cell for cell in _words(raw, "cell") if _is_cell(cell)),
        vs=_one_of(last.get("vs"), COMPARATORS) or "",
        figure=_word(last.get("figure", "")),
        lang=_one_of(last.get("lang"), LANGUAGES) or "",
    )


def search_of(view: View) -> str:
    """The address's query of a state; ``parse`` gives the same state again."""
    pairs: list[tuple[str, str]] = []
    for field in fields(view):
        value = getattr(view, field.name)
        if value == field.default:
            continue
        values = value if isinstance(value, tuple) else (value,)
        pairs += [(field.name, str(one)) for one in values]
    return f"?{urlencode(pairs)}" if pairs else ""


def _one_of(word: str | None, known: Iterable[W]) -> W | None:
    return next((one for one in known if one == word), None)


def _word(word: str) -> str:
    return word if len(word) <= MAX_WORD and word.isprintable() else ""


def _words(raw: dict[str, list[str]], name: str) -> Words:
    words = (_word(word.strip()) for word in raw.get(name, ())[:MAX_VALUES])
    return tuple(dict.fromkeys(word for word in words if word))


def _numbers(raw: dict[str, list[str]], name: str, known: range) -> tuple[int, ...]:
    words = (word for word in raw.get(name, ())[:MAX_VALUES] if word.isascii() and word.isdigit() and len(word) < 3)
    return tuple(sorted({int(word) for word in words} & set(known)))


def _is_cell(word: str) -> bool:
    try:
        return 0 < int(word, 16) < LAST_CELL
    except ValueError:
        return False


def _date(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if len(word) == 10 else None
    except ValueError:
        return None
