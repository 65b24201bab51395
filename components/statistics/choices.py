"""What the page's controls offer, and the services behind the page, as it sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.figures.request import KeyDate, PeriodKind, Request
from analytics.figures.result import Report
from components.statistics.frame import Outline
from data_feeds.history.query import Filters, Query

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A branch, station or zone. ``parent``: the code of what holds it, "" the city."""

    code: str
    level: str
    parent: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Choices:
    """``today``: the business day of now; ``latest``: the newest that a figure may be about; ``first``, ``last``: of
    the records, None without any; ``data_time_ms``: when the newest incident became known."""

    today: date
    latest: date
    first: date | None
    last: date | None
    zone: ZoneInfo
    data_time_ms: float | None = None
    version: int = 0
    categories: tuple[str, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()
    key_dates: tuple[KeyDate, ...] = ()

    def place(self, code: str) -> Jurisdiction | None:
        """The jurisdiction of a code."""
        return next((one for one in self.jurisdictions if one.code == code), None)

    def names(self) -> dict[str, tuple[str, str]]:
        """Code → its names in Chinese and in English."""
        return {one.code: (one.name_zh, one.name_en) for one in self.jurisdictions}


class Unanswered(Exception):
    """There is nothing to show for a state. ``code``: of the words that say why, filled with ``values``; ``stale``:
    what was shown before is still about the same thing."""

    def __init__(self, code: str, stale: bool = False, **values: object) -> None:
        super().__init__(code)
        self.code, self.stale, self.values = code, stale, values


class Service(Protocol):
    """What the page needs of the history. Everything but ``off_loop`` blocks, and may raise Unanswered."""

    async def off_loop(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, worked out away from the event loop."""
        ...

    def choices(self) -> Choices:
        """What the controls offer."""
        ...

    def scope(self, word: str) -> str | None:
        """The code that a code or a name of a jurisdiction means, "" the city; None where none is called so."""
        ...

    def request(self, period: PeriodKind, day: date, key: str, where: Filters) -> Request:
        """What to ask for a report."""
        ...

    def report(self, request: Request) -> Report:
        """The report of one period."""
        ...

    def table(self, query: Query) -> pa.Table:
        """The answer to one query."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """What the page is told once: titles and language of the wall, the city's outlines, where it is served.

    ``csv``: the address that gives the rows of a state as CSV, "" where there is none; ``wall``: the address of the
    wall.
    """

    title_zh: str
    title_en: str
    lang: str = "zh"
    wall: str = "/"
    csv: str = ""
    outlines: Sequence[Outline] = ()
    refresh_s: float = 60.0
