"""What history adds to today's figures: which questions to ask of it, and what days like today looked like. Pure.

Days are business days. Where a day is weaker than it looks, or cannot be compared, the figure says why: ``reach`` (no
records of that day), ``absent`` (the year before has no such day), ``gap`` (records are missing within the part that is
looked at; beyond a tenth of it nothing is compared), ``uneven`` (clocks were changed: parts of unlike length are not
compared), ``partial`` (today's own records are not whole).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics import days, lunar, periods
from analytics.changes import change
from data_feeds.history.query import Counts, Filters, Gaps, Query, Span
from data_feeds.incident_log import word_of

Body = dict[str, Any]
Ints = NDArray[np.int64]
USUAL_DAYS, BAND_DAYS = 4, 8  # same weekdays before: whose mean is usual, whose spread makes the band
LEAST_DAYS, LEAST_BAND = 2, 4
GAP_SHARE = 0.1  # of a part that may be missing
HOURS = 24
EPOCH = date(1970, 1, 1).toordinal()
NO_ROWS = (np.zeros(0, np.int64),) * 3
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Calendar:
    """How the city counts its days: time zone, minutes after midnight at which a day begins, and whether around the
    Spring Festival last year's day is that of the lunar calendar."""

    zone: ZoneInfo
    starts_min: int = 0
    lunar: bool = False

    def day_of(self, ms: float) -> date:
        return periods.business_day(ms, self.zone, self.starts_min)[0]

    def begin(self, day: date) -> float:
        return periods.begin_ms(day, self.zone, self.starts_min)

    def minute_of(self, ms: float) -> int:
        return periods.business_day(ms, self.zone, self.starts_min)[1]

    def same_time(self, day: date, ms: float) -> float:
        return days.same_time(day, ms, self.zone, self.starts_min)

    def hours(self, day: date) -> list[tuple[int, float]]:
        return days.hours(day, self.zone, self.starts_min)


def weekdays_before(day: date, count: int) -> list[date]:
    """The last ``count`` days with the same weekday, latest first."""
    return [day - n * _WEEK for n in range(1, count + 1)]


def comparators(day: date, by_moon: bool = False) -> dict[str, date | None]:
    """What today is compared with, by name: the last is ``lunar`` where it is not the same date."""
    shift = lunar.shift_days(day, day) if by_moon else None
    year = {"lunar": day - timedelta(days=shift)} if shift else {"year": periods.same_date(day, -1)}
    return {"yesterday": day - timedelta(days=1), "weekday": day - _WEEK, **year}


def asked_days(day: date, by_moon: bool = False) -> tuple[date, ...]:
    """Every past day that today's figures look at, in the order of the spans of ``questions``."""
    named = {one for one in comparators(day, by_moon).values() if one is not None}
    return tuple(sorted(named | set(weekdays_before(day, BAND_DAYS))))


def questions(day: date, scope: str = "", by_moon: bool = False) -> dict[str, Query]:
    """What to ask for ``day`` and a scope ("": the city): incidents by minute and category, and what is missing.

    ``by_moon``: as ``Calendar.lunar``.
    """
    spans = tuple(Span(one, one) for one in asked_days(day, by_moon))
    where = Filters(scope=scope)
    return {"counts": Counts(spans, ("date", "minute", "category"), where), "gaps": Gaps(spans)}


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Counted incidents of the days that ``day`` is compared with: by day, minutes, categories (index of
    ``categories``) and counts of as many rows.

    ``first`` and ``last``: the business days between which there is a history at all; ``gaps``: (begin, end) in Unix ms
    when nothing was recorded; ``band``: see ``band_of``.
    """

    day: date
    calendar: Calendar
    rows: Mapping[date, tuple[Ints, Ints, Ints]]
    categories: tuple[str, ...]
    first: date | None
    last: date | None
    gaps: tuple[tuple[float, float], ...] = ()
    band: Body | None = None

    def holds(self, day: date) -> bool:
        """Whether the history reaches over ``day``."""
        return self.first is not None and self.last is not None and self.first <= day <= self.last

    def missing_ms(self, begin_ms: float, end_ms: float) -> float:
        """How much of a time has no records."""
        return sum(max(0.0, min(end, end_ms) - max(begin, begin_ms)) for begin, end in self.gaps)

    def by_category(self, day: date, until_min: int) -> Ints:
        """Incidents of ``day`` before that minute, by ``categories``."""
        minute, category, n = self.rows.get(day, NO_ROWS)
        early = minute < until_min
        return _sums(category[early], n[early], len(self.categories))

    def by_hour(self, day: date) -> Ints:
        """Incidents of ``day`` by hour of the business day."""
        minute, _, n = self.rows.get(day, NO_ROWS)
        return _sums(minute // 60, n, HOURS)


def past_of(
    day: date, calendar: Calendar, answers: Mapping[str, pa.Table], first: date | None, last: date | None
) -> Past:
    """The answers to ``questions(day)``, and the business days that the history reaches over."""
    table, holes = answers["counts"], answers["gaps"]
    words = [word_of(text or "") for text in table["category"].to_pylist()]
    names = tuple(sorted(set(words)))
    number = {name: index for index, name in enumerate(names)}
    category = np.array([number[word] for word in words], np.int64)
    minute, n = (table[name].to_numpy().astype(np.int64) for name in ("minute", "n"))
    dates = table["date"].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64) + EPOCH
    rows = {}
    for one in np.unique(dates).tolist():
        of_it = dates == one
        rows[date.fromordinal(one)] = minute[of_it], category[of_it], n[of_it]
    gaps = list(zip(holes["begin_ms"].to_pylist(), holes["end_ms"].to_pylist(), strict=True))
    if first in rows:  # nobody knows when on its first day a history begins: with the first that it tells
        begin = calendar.begin(first)
        gaps.append((begin, begin + int(rows[first][0].min()) * 60_000.0))
    past = Past(day, calendar, rows, names, first, last, joined(gaps))
    return replace(past, band=band_of(past))


def against(past: Past, now_ms: float, count: int, whole: bool = True) -> list[Body]:
    """Today's ``count`` against the same time of the days of ``comparators``: what the tile tells.

    ``whole``: nothing is missing of today, so that it can be judged. Last year's day gives way to the mean of the last
    same weekdays where the history does not reach back to it.
    """
    named = comparators(past.day, past.calendar.lunar)
    rows = [_against(past, now_ms, name, day, count) for name, day in named.items()]
    usual = usual_of(past, now_ms) if rows[-1]["count"] is None else None
    if usual is not None:
        mean = round(float(usual.mean.sum()), 1)
        changed = asdict(change(count, mean, usual.periods))
        rows[-1] = _row("usual", None, count=mean, periods=usual.periods, change=changed, why=None)
    if whole:
        return rows
    return [row | {"change": None, "why": row["why"] if row["count"] is None else "partial"} for row in rows]


def _row(name: str, day: date | None, **told: Any) -> Body:
    row = {"id": name, "day": day and day.isoformat(), "count": None, "periods": 1, "change": None, "why": "absent"}
    return row | {"missing_min": 0} | told


def _against(past: Past, now_ms: float, name: str, day: date | None, count: int) -> Body:
    if day is None or not past.holds(day):
        return _row(name, day, why="absent" if day is None else "reach")
    then = int(past.by_category(day, past.calendar.minute_of(now_ms)).sum())
    why, missing_ms = _why(past, day, now_ms)
    changed = asdict(change(count, then)) if _fit(why, missing_ms, now_ms - past.calendar.begin(past.day)) else None
    return _row(name, day, count=then, change=changed, why=why, missing_min=round(missing_ms / 60_000.0))


def _why(past: Past, day: date, now_ms: float) -> tuple[str | None, float]:
    """Why ``day`` is weaker to compare with than it looks (None: it is not), and how much of it is missing (ms)."""
    begin, end = past.calendar.begin(day), past.calendar.same_time(day, now_ms)
    if not past.holds(day):
        return "reach", 0.0
    missing_ms = past.missing_ms(begin, end)
    if abs((now_ms - past.calendar.begin(past.day)) - (end - begin)) > 1.0:
        return "uneven", missing_ms
    return ("gap" if missing_ms > 0 else None), missing_ms


def _fit(why: str | None, missing_ms: float, part_ms: float) -> bool:
    return why is None or (why == "gap" and missing_ms <= GAP_SHARE * part_ms)


@dataclass(frozen=True, slots=True)
class Usual:
    """The mean of ``periods`` same weekdays up to this time of day, by ``Past.categories``."""

    mean: NDArray[np.float64]
    periods: int


def usual_of(past: Past, now_ms: float) -> Usual | None:
    """What is usual at this time of such a day; None where fewer than two of the last four days can be compared."""
    until, part_ms = past.calendar.minute_of(now_ms), now_ms - past.calendar.begin(past.day)
    before = weekdays_before(past.day, USUAL_DAYS)
    fit = [day for day in before if _fit(*_why(past, day, now_ms), part_ms)]
    if len(fit) < LEAST_DAYS:
        return None
    return Usual(np.mean([past.by_category(day, until) for day in fit], axis=0), len(fit))


def band_of(past: Past) -> Body | None:
    """By hour of the business day, the band of the last eight same weekdays and their mean: see figures.hours.

    Days of which more than a tenth is missing do not count, nor of the others the hours that the clocks skip or show
    twice or in which records are missing.
    """
    from analytics.figures.hours import band  # its statistics are slow to load, and a start need not wait for them

    fit = [day for day in weekdays_before(past.day, BAND_DAYS) if past.holds(day) and _whole(past, day)]
    if len(fit) < LEAST_BAND:
        return None
    counts = np.array([_clean_hours(past, day) for day in fit]).T
    known = ~np.isnan(counts)
    low, high, mean = np.full((3, HOURS), np.nan)
    for held in {tuple(row) for row in known.tolist() if sum(row) >= LEAST_BAND}:
        at = (known == held).all(axis=1)
        low[at], high[at], mean[at], _ = band(counts[at][:, list(held)])
    return {"days": len(fit), "low": _told(low), "mean": _told(mean), "high": _told(high)}


def _whole(past: Past, day: date) -> bool:
    begin, end = past.calendar.begin(day), past.calendar.begin(day + timedelta(days=1))
    return past.missing_ms(begin, end) <= GAP_SHARE * (end - begin)


def _clean_hours(past: Past, day: date) -> NDArray[np.float64]:
    counts = past.by_hour(day).astype(np.float64)
    begins = past.calendar.hours(day)
    shown = _sums(np.array([hour for hour, _ in begins]), np.ones(len(begins), np.int64), HOURS)
    counts[shown != 1] = np.nan
    for hour, begin in begins:
        if past.missing_ms(begin, begin + days.HOUR_MS) > 0:
            counts[hour] = np.nan
    return counts


def _told(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 1) for value in values]


def _sums(index: Ints, n: Ints, length: int) -> Ints:
    return np.bincount(index, weights=n, minlength=length).astype(np.int64)[:length]


def joined(gaps: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Overlapping gaps as one, so that nothing is counted as missing twice."""
    out: list[tuple[float, float]] = []
    for begin, end in sorted(gaps):
        if out and begin <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], end)
        else:
            out.append((begin, end))
    return tuple(out)
