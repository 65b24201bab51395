"""What a report says: plain values that go out as JSON. Every count stands beside its comparators' counts.

A comparator is told once (``Comparison``); figures refer to it by its id. Keys "" never stand in a list: incidents
that carry no key of a kind are counted in ``About.missing``. Times are seconds unless a name ends in _ms.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from analytics.changes import Change
from analytics.figures.parts import Heat, Response, Sighting
from analytics.figures.request import ComparatorId, Grouping, PeriodKind, Request
from data_feeds.history.query import Filters, LastSeen, Patrol, Rows, Span

# Why a comparison is weaker than it looks, or is not there:
#   gap      a part of either period was not recorded        length  the two differ in days
#   reach    the records begin later than the comparator     clock   one of them has a day of 23 or 25 hours
#   absent   the year before has no such day                 week53  no such ISO week a year before: 52 weeks before
Why = Literal["gap", "reach", "length", "clock", "absent", "week53"]
Aligned = Literal["lunar", "named"] | None  # a year before by the lunar calendar, or the key date of the same name


class Period(Struct, frozen=True):
    """``first`` … ``last``: its business days, both included. Not ``complete``: figures go to ``reached``, on which
    only minutes of the business day before ``until_minute`` are counted."""

    kind: PeriodKind
    first: date
    last: date
    reached: date
    complete: bool = True
    until_minute: int | None = None
    name: str = ""

    @property
    def span(self) -> Span:
        """The days that its figures cover."""
        return Span(self.first, self.reached, self.until_minute)


class Comparison(Struct, frozen=True):
    """One comparator: its ``spans``, of which only ``used`` (indexes) are averaged; the others begin before the
    records or miss more than a tenth of their time. ``days``: recorded days of an average span."""

    id: ComparatorId
    spans: tuple[Span, ...]
    used: tuple[int, ...]
    aligned: Aligned = None
    why: tuple[Why, ...] = ()
    days: float = 0.0


class Against(Struct, frozen=True):
    """A count beside that of a comparator. ``value``: the mean count of ``k`` spans, None where there is none.

    ``change``: the counts as they are, None where more than a tenth of either is a gap. ``per_day``: the same test on
    counts per recorded day, given where the two are not equally long: it, not ``change``, tells whether more happens.
    """

    value: float | None
    k: int
    change: Change | None = None
    per_day: Change | None = None
    gaps: bool = False
    why: tuple[Why, ...] = ()


class Figure(Struct, frozen=True):
    """A count. ``missing``: incidents that have no such value; ``formula``: id of its text; ``lacks``: fields of the
    source without which it says nothing."""

    value: float | None
    n: int
    missing: int = 0
    against: dict[ComparatorId, Against] = {}
    formula: str = "count"
    lacks: tuple[str, ...] = ()


class Row(Struct, frozen=True):
    """A figure of one category, branch, … ``rank``: 1 is the most; equal counts share it and stand in order of key.
    ``share``: of all that have a key, 0–1, None of zero."""

    key: str
    value: int
    n: int
    rank: int
    share: float | None
    against: dict[ComparatorId, Against] = {}
    name_zh: str = ""
    name_en: str = ""


class About(Struct, frozen=True):
    """How a block of figures came about. ``formula``: id of its text; ``rows``: the query of its incidents;
    ``narrow``: the field of its filters (or "scope") that a row's key goes into; ``missing``: incidents without key;
    ``more``: rows left out; ``note``: places (no list of them is known, so none without incidents can stand here)."""

    formula: str
    where: Filters
    rows: Rows | Patrol | LastSeen | None = None
    narrow: str = ""
    missing: int = 0
    lacks: tuple[str, ...] = ()
    more: int = 0
    note: str = ""


class Gap(Struct, frozen=True):
    """Nothing was recorded in between. ``how``: recorder, given, silence, or reach (before the records begin)."""

    begin_ms: float
    end_ms: float
    how: str


class OddHour(Struct, frozen=True):
    """On business day ``date`` the clock showed ``hour`` ``times`` times: 0 or 2."""

    date: date
    hour: int
    times: int


class Data(Struct, frozen=True):
    """What the figures rest on. ``gaps`` of the period, ``gaps_before`` of all comparators; ``recorded``: the share of
    the period so far that was recorded, 0–1; ``odd_hours``: where clocks were changed."""

    version: int
    data_time_ms: float | None
    origins: tuple[str, ...]
    lacks: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()
    gaps_before: tuple[Gap, ...] = ()
    recorded: float = 1.0
    odd_hours: tuple[OddHour, ...] = ()


class Hour(Struct, frozen=True):
    """``n``: incidents in this hour of the clock, None where it has not come yet; ``low`` … ``high``: the middle 80 %
    of comparable periods, ``mean`` theirs. ``partial``: the hour is under way."""

    hour: int
    n: int | None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    partial: bool = False


class Band(Struct, frozen=True):
    """Where the band of the hours comes from: ``method`` percentiles (of at least 8) or model (negative binomial), or
    none; ``k``: of how many comparable periods."""

    method: Literal["percentiles", "model", "none"] = "none"
    k: int = 0


class Rhythm(Struct, frozen=True):
    """7 rows (Monday first) of 24 hours of the clock. ``mean``: incidents per recorded day of that weekday, None where
    there is none; ``days``: how many such days the period has had; ``exposure``: the recorded ones of each cell."""

    counts: list[list[int]]
    mean: list[list[float | None]]
    days: list[int]
    exposure: list[list[float]]


class Point(Struct, frozen=True):
    """A day of the trend. ``mean``, ``low``, ``high``: what the days before let expect of such a weekday (3 sigma);
    ``lead``: a day before the period. ``verdict``: above, below, inside, few (fewer than ten are
    usual), or None: partial, gap, or too few days before."""

    date: date
    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Literal["above", "below", "inside", "few"] | None = None
    gap: bool = False
    partial: bool = False
    lead: bool = False


class Limits(Struct, frozen=True):
    """Where the trend's limits come from: ``days`` whole recorded days of ``span``; ``dispersion``: how much wider
    than chance alone (Laney 2002), at least 1."""

    span: Span | None = None
    days: int = 0
    dispersion: float = 1.0


class QuietZone(Struct, frozen=True):
    """A zone without an incident in the period. ``last``: day of its last one before, ``days`` since; None: never."""

    key: str
    last: date | None
    days: int | None
    name_zh: str = ""
    name_en: str = ""


class Quiet(Struct, frozen=True):
    """Places without incidents. ``by``: zone or station; ``share`` = ``quiet`` / ``known``, None of zero."""

    by: Literal["zone", "station"]
    known: int
    quiet: int
    share: float | None
    zones: list[QuietZone] = []
    against: dict[ComparatorId, float | None] = {}


class Report(Struct, frozen=True):
    """Everything about one period. A part that was not asked for is None, or empty. ``about``: by block (total,
    by.category, hours, rhythm, trend, quiet, response, breaches, sighting, heat) how it came about."""

    request: Request
    period: Period
    comparators: list[Comparison]
    data: Data
    total: Figure
    apart: dict[str, Figure]
    by: dict[Grouping, list[Row]] = {}
    hours: list[Hour] = []
    band: Band = Band()
    rhythm: Rhythm | None = None
    trend: list[Point] = []
    limits: Limits = Limits()
    quiet: Quiet | None = None
    response: Response | None = None
    sighting: Sighting | None = None
    heat: Heat | None = None
    about: dict[str, About] = {}
