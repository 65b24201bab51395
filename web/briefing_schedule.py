"""Which briefings are due: of the last complete day, week and month, from a time of day on. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from analytics.days import instant, local
from analytics.figures.request import PeriodKind
from analytics.periods import begin_ms, business_day, whole

KINDS: tuple[PeriodKind, ...] = ("day", "week", "month")
ONE = timedelta(days=1)
Done = Callable[[PeriodKind, date, float], bool]


def due(
    now_ms: float, zone: ZoneInfo, day_start_minute: int, at: time, since_ms: float, done: Done
) -> list[tuple[PeriodKind, date]]:
    """Kind and first day of what is to be written now. ``at``: the city's time from which on a period that has ended is
    due; ``since_ms``: nothing that was due before is missed; ``done(kind, first, run_ms)``: whether it was made since
    ``run_ms``. Of periods that were missed only the last of each kind."""
    today, _ = business_day(now_ms, zone, day_start_minute)
    found = []
    for kind in KINDS:
        first, last = whole(kind, whole(kind, today)[0] - ONE)
        run_ms = run_at(last, zone, day_start_minute, at)
        if since_ms <= run_ms <= now_ms and not done(kind, first, run_ms):
            found.append((kind, first))
    return found


def run_at(last: date, zone: ZoneInfo, day_start_minute: int, at: time) -> float:
    """The first ``at`` of the city's clocks at or after the end of business day ``last``: Unix ms."""
    end = begin_ms(last + ONE, zone, day_start_minute)
    day = local(end, zone).date()
    return next(ms for ms in (instant(day + ONE * n, at, zone) for n in range(3)) if ms >= end)
