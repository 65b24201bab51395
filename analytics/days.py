"""Local days as instants: midnights, the same time of day, hours; right on the days when clocks are changed. Pure.

Instants are Unix ms, days ``date``s, zones IANA zones.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000.0
DAY_MIN = 1_440
_SECOND = timedelta(seconds=1)


def local(ms: float, zone: ZoneInfo) -> datetime:
    """The local date and time of an instant."""
    return datetime.fromtimestamp(ms / 1000.0, zone)


def instant(day: date, at: time, zone: ZoneInfo) -> float:
    """When the clocks of ``zone`` show ``at`` on ``day``; the first time if they do so twice.

    If they never do, because they are set forward over it, the moment in which they are set forward.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return first.timestamp() * 1000.0
    # never shown: the two readings of the wall time enclose the change, which happens on a full second
    before, after = second.replace(microsecond=0), first.replace(microsecond=0) + _SECOND
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == second.astimezone(zone).utcoffset():
            before = middle
        else:
            after = middle
    return after.timestamp() * 1000.0


def midnight(day: date, zone: ZoneInfo) -> float:
    """The first moment of a local day."""
    return instant(day, time(0), zone)


def same_time(day: date, ms: float, zone: ZoneInfo, starts_min: int = 0) -> float:
    """When the clocks show on the business day ``day`` what they show at ``ms``."""
    at = local(ms, zone)
    passed = at.hour * 60 + at.minute < starts_min  # after midnight: the business day's second date
    return instant(day + timedelta(days=passed), at.time(), zone)


def hours(day: date, zone: ZoneInfo, starts_min: int = 0) -> list[tuple[int, float]]:
    """(which hour of the business day the clocks show, 0 its first; its begin): 23, 24 or 25 of them."""
    first = time(*divmod(starts_min, 60))
    begin, end = instant(day, first, zone), instant(day + timedelta(days=1), first, zone)
    count = max(1, round((end - begin) / HOUR_MS))
    out = []
    for start in (begin + n * HOUR_MS for n in range(count)):
        shown = local(start, zone)
        out.append(((shown.hour * 60 + shown.minute - starts_min) % DAY_MIN // 60, start))
    return out
