"""Periods of business days: which days a day, week, month … is, how far it has come, and how long it was. Pure.

A business day is the local calendar date of (clock time − day start): with a start of 480 (08:00) Monday lasts from
Monday 08:00 to Tuesday 08:00. Its minutes count the clock's, so on a day with changed clocks some come twice or never.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from analytics import days
from analytics.figures.request import Context, KeyDate, PeriodKind, Request
from analytics.figures.result import OddHour, Period
from data_feeds.history.query import Span

DAY_MINUTES = 1440
DAY_MS = 86_400_000.0
FIRST_YEAR, LAST_YEAR = 1900, 2199
ONE = timedelta(days=1)


class PeriodError(ValueError):
    """There is no such period to report on. ``code``: range, future, before, empty or key; the text says more."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def business_day(ms: float, zone: ZoneInfo, day_start_minute: int = 0) -> tuple[date, int]:
    """The business day in which an instant (Unix ms) lies, and the minute of it (0–1439)."""
    wall = days.local(ms, zone)
    minute = wall.hour * 60 + wall.minute - day_start_minute
    return wall.date() - (ONE if minute < 0 else timedelta()), minute % DAY_MINUTES


@lru_cache(maxsize=16_384)  # the same days begin in every report
def begin_ms(day: date, zone: ZoneInfo, day_start_minute: int = 0, minute: int = 0) -> float:
    """When minute ``minute`` of a business day begins, Unix ms; 1440 is the begin of the next day."""
    later, at = divmod(day_start_minute + minute, DAY_MINUTES)
    return days.instant(day + timedelta(days=later), time(at // 60, at % 60), zone)


def bounds_ms(span: Span, zone: ZoneInfo, day_start_minute: int = 0) -> tuple[float, float]:
    """Begin and end of a span, Unix ms, half-open."""
    until = DAY_MINUTES if span.until_minute is None else span.until_minute
    return begin_ms(span.first, zone, day_start_minute), begin_ms(span.last, zone, day_start_minute, until)


def length(span: Span) -> int:
    """Business days that a span touches."""
    return (span.last - span.first).days + 1


def each_day(span: Span) -> list[date]:
    return [span.first + timedelta(days=n) for n in range(length(span))]


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The first of the month so many months from that of ``day``."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def same_date(day: date, years: int) -> date | None:
    """The same date so many years away; None where there is none (29 February)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return None


def whole(kind: PeriodKind, day: date) -> tuple[date, date]:
    """First and last day of the day, ISO week, month, quarter or year in which ``day`` lies."""
    if kind == "day":
        return day, day
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if kind == "month":
        return day.replace(day=1), month_end(day)
    if kind == "quarter":
        first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        return first, month_end(add_months(first, 2))
    if kind == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    raise ValueError(f"a period of kind {kind!r} is told by the calendar of key dates")


def key_date(dates: Sequence[KeyDate], name: str, day: date) -> KeyDate:
    """The key date called ``name`` ("": any; the shortest) that holds ``day``. Raises PeriodError."""
    named = [one for one in dates if name in ("", one.name)]
    if name and not named:
        known = ", ".join(one.name for one in dates) or "none"
        raise PeriodError("key", f"no key date is called {name!r}; the calendar has: {known}")
    held = [one for one in named if one.first <= day <= one.last]
    if not held:
        when = "; ".join(f"{one.name}: {one.first} to {one.last}" for one in named) or "the calendar is empty"
        raise PeriodError("key", f"{day} lies in no such key date ({when})")
    return min(held, key=lambda one: (one.last - one.first, one.first, one.name))


def stem(name: str) -> str:
    """The name of a key date without its year, so that those of other years are known."""
    return re.sub(r"\s*(?:19|20|21)\d\d年?\s*", " ", name).strip().casefold()


def period_of(request: Request, context: Context) -> Period:
    """The period that is asked for, as far as it has come.

    Raises PeriodError where it lies in the future, before the records, or nowhere.
    """
    if not FIRST_YEAR < request.date.year < LAST_YEAR:
        raise PeriodError("range", f"date {request.date}: years {FIRST_YEAR + 1} to {LAST_YEAR - 1} can be reported on")
    name = ""
    if request.period == "key":
        found = key_date(context.key_dates, request.key, request.date)
        first, last, name = found.first, found.last, found.name
    else:
        first, last = whole(request.period, request.date)
    zone = ZoneInfo(request.zone)
    today, minute = business_day(request.now_ms, zone, request.day_start_minute)
    if first > today:
        raise PeriodError("future", f"the period begins on {first}, in the future: it is {today}")
    if context.first is None:
        raise PeriodError("empty", "the history holds no incidents yet")
    if last < context.first:
        raise PeriodError("before", f"the period ends on {last}, before the records begin on {context.first}")
    if last < today:
        return Period(request.period, first, last, last, name=name)
    return Period(request.period, first, last, today, complete=False, until_minute=minute, name=name)


def odd_hours(span: Span, zone: ZoneInfo, day_start_minute: int = 0) -> list[OddHour]:
    """The hours of the clock that come twice or never within a span, by its business days.

    A change of half an hour (Lord Howe) makes no hour odd, only longer or shorter.
    """
    end = bounds_ms(span, zone, day_start_minute)[1]
    found = []
    for day in each_day(span):
        begin, after = (begin_ms(one, zone, day_start_minute) for one in (day, day + ONE))
        if after - begin == DAY_MS:
            continue
        shown = [days.local(begin + n * days.HOUR_MS, zone).hour for n in range(round((after - begin) / days.HOUR_MS))]
        times = {hour: shown.count(hour) for hour in range(24)}
        found += [OddHour(day, hour, n) for hour, n in times.items() if n != 1 and begin < end]
    return found
