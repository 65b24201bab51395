"""What a period is compared with: the period before, the same a year before, the last four or eight like it. Pure.

A period that is under way is set beside the same part: the same number of days, and on the last the same minute by
the clock. Where the other is shorter (the 31st against a month of 30 days) the whole of it stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from analytics import lunar
from analytics.figures.request import ComparatorId, Context, KeyDate, Request
from analytics.figures.result import Aligned, Period, Why
from analytics.periods import ONE, add_months, length, month_end, same_date, stem, whole
from data_feeds.history.query import Span

LIKE_PERIODS = {"weekdays4": 4, "weekdays8": 8}
WEEK = timedelta(days=7)
NAMESAKE_DAYS = 45  # a key date moves by a month at most from year to year (lunar holidays), and a little more


class Candidate(Struct, frozen=True):
    """A comparator before anybody looked whether its days were recorded. ``spans``: () where there is no such."""

    id: ComparatorId
    spans: tuple[Span, ...]
    aligned: Aligned = None
    why: tuple[Why, ...] = ()


def comparators(period: Period, request: Request, context: Context) -> tuple[Candidate, ...]:
    """The wanted comparators of ``period``, in the order in which they are wanted, each once."""
    found = []
    for name in dict.fromkeys(request.comparators):
        if name == "previous":
            found.append(Candidate(name, (like(period, 1),)))
        elif name == "last_year":
            found.append(_last_year(period, request, context.key_dates))
        else:
            found.append(Candidate(name, last_like(period, LIKE_PERIODS[name])))
    return tuple(found)


def last_like(period: Period, count: int) -> tuple[Span, ...]:
    """The last so many like it, nearest first: of a day the same weekdays, of a key date the same days of the week."""
    before = same_weekdays if period.kind in ("day", "key") else like
    return tuple(before(period, back) for back in range(1, count + 1))


def like(period: Period, back: int) -> Span:
    """The same part of the ``back``-th period of its kind before it; of a key date as many days right before it."""
    if period.kind in ("day", "week", "key"):
        days = timedelta(days=(period.last - period.first).days + 1) * back
        return same_part(period, period.first - days, period.last - days)
    months = {"month": 1, "quarter": 3, "year": 12}[period.kind]
    return same_part(period, *whole(period.kind, add_months(period.first, -months * back)))


def same_weekdays(period: Period, back: int) -> Span:
    """The same part so many times as few whole weeks before as keep the periods apart: of a day the same weekday."""
    weeks = -((period.first - period.last - ONE) // WEEK)
    days = WEEK * weeks * back
    return same_part(period, period.first - days, period.last - days)


def same_part(period: Period, first: date, last: date) -> Span:
    """As much of ``first`` … ``last`` as has passed of ``period``."""
    if period.complete:
        return Span(first, last)
    end = first + (period.reached - period.first)
    return Span(first, last) if end > last else Span(first, end, period.until_minute)


def _last_year(period: Period, request: Request, key_dates: Sequence[KeyDate]) -> Candidate:
    namesake = _namesake(period, key_dates) if period.kind == "key" else None
    if namesake:
        return Candidate("last_year", (same_part(period, namesake.first, namesake.last),), "named")
    if request.lunar and period.kind in ("day", "week", "month", "key"):
        days = lunar.shift_days(period.first, period.last)
        if days:
            back = timedelta(days=days)
            return Candidate("last_year", (same_part(period, period.first - back, period.last - back),), "lunar")
    if period.kind == "week":
        return _same_week(period)
    if period.kind == "day":
        before = same_date(period.first, -1)
        span = (Span(before, before, period.until_minute),) if before else ()
        return Candidate("last_year", span, why=() if before else ("absent",))
    return Candidate("last_year", (_same_dates(period),))


def _same_week(period: Period) -> Candidate:
    """The ISO week of the same number; beside a week 53 that the year before has not, the week 52 weeks before."""
    year, week, _ = period.first.isocalendar()
    try:
        first = date.fromisocalendar(year - 1, week, 1)
    except ValueError:
        first = period.first - 52 * WEEK
        return Candidate("last_year", (same_part(period, first, first + 6 * ONE),), why=("week53",))
    return Candidate("last_year", (same_part(period, first, first + 6 * ONE),))


def _same_dates(period: Period) -> Span:
    """The same dates a year before; a whole month, quarter or year beside a whole one. For 29 February the 28th."""
    first, last = (_date_before(day) for day in (period.first, period.last))
    if period.kind != "key":
        last = month_end(last)
    if period.complete:
        return Span(first, last)
    same = same_date(period.reached, -1)
    return Span(first, same, period.until_minute) if same else Span(first, _date_before(period.reached))


def _date_before(day: date) -> date:
    return same_date(day, -1) or day.replace(year=day.year - 1, day=28)


def _namesake(period: Period, key_dates: Sequence[KeyDate]) -> KeyDate | None:
    """The key date of the same name, but for the year in it, that lies nearest to a year before."""
    a_year_before = _date_before(period.first)
    near = [
        (abs((one.first - a_year_before).days), one.first, one)
        for one in key_dates
        if stem(one.name) == stem(period.name) and one.last < period.first
    ]
    best = min(near, key=lambda found: found[:2], default=None)
    return best[2] if best and best[0] <= NAMESAKE_DAYS else None


def lengths_differ(period: Period, spans: Sequence[Span]) -> bool:
    """Whether any of ``spans`` has another number of days, or goes to another minute, than the period so far."""
    own = (length(period.span), period.until_minute)
    return any((length(span), span.until_minute) != own for span in spans)
