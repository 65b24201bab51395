"""What a report is asked for, and what is known beside the incidents. Plain values."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

from msgspec import Struct

from data_feeds.history.query import Filters

PeriodKind = Literal["day", "week", "month", "quarter", "year", "key"]
ComparatorId = Literal["previous", "last_year", "weekdays4", "weekdays8"]
Grouping = Literal["category", "severity", "source", "place_class", "branch", "station", "zone"]
Part = Literal["by", "hours", "rhythm", "trend", "quiet", "response", "sighting", "heat"]

PERIODS: tuple[PeriodKind, ...] = get_args(PeriodKind)
COMPARATORS: tuple[ComparatorId, ...] = get_args(ComparatorId)
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
PARTS: tuple[Part, ...] = get_args(Part)


class KeyDate(Struct, frozen=True):
    """A named period of the calendar of key dates, both ends included."""

    name: str
    first: date
    last: date


class PlaceFact(Struct, frozen=True):
    """What is known of a branch, station or zone. ``parents``: codes of every jurisdiction that holds it. Areas in
    km², roads in km; None where nobody tells."""

    code: str
    name_zh: str = ""
    name_en: str = ""
    parents: tuple[str, ...] = ()
    km2: float | None = None
    road_km: float | None = None


class Request(Struct, frozen=True):
    """What is asked for. ``date``: any day inside the period; ``key``: the name of a key date ("" the one that holds
    ``date``). ``now_ms``: Unix ms; ``zone``: an IANA name; ``parts``: () everything."""

    period: PeriodKind
    date: date
    now_ms: float
    zone: str
    key: str = ""
    where: Filters = Filters()
    day_start_minute: int = 0
    comparators: tuple[ComparatorId, ...] = COMPARATORS
    lunar: bool = False
    parts: tuple[Part, ...] = ()
    heat_resolution: int = 8

    def wants(self, part: Part) -> bool:
        return not self.parts or part in self.parts


class Context(Struct, frozen=True):
    """What is known beside the incidents: how far the history reaches, the calendar, targets, places.

    ``first``, ``last``: business days of the first and last incident, None without any. ``lacks``: fields that no
    origin has. ``targets``: place class → s from call to arrival; ``allowances``: interval → place class → s.
    ``branches``, ``stations``, ``zones``: those that must appear even without an incident. ``study_cells``: see heat,
    of the request's scope and resolution, () where no outline tells.
    """

    first: date | None = None
    last: date | None = None
    n: int = 0
    version: int = 0
    data_time_ms: float | None = None
    origins: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    tracks_since: date | None = None
    key_dates: tuple[KeyDate, ...] = ()
    targets: dict[str, int] = {}
    allowances: dict[str, dict[str, int]] = {}
    branches: tuple[PlaceFact, ...] = ()
    stations: tuple[PlaceFact, ...] = ()
    zones: tuple[PlaceFact, ...] = ()
    suppress_below: int = 3
    study_cells: tuple[int, ...] = ()
