"""Today so far against the same time of yesterday, by category and by hour. Pure: columns in, plain values out.

Counted are incidents by the time at which they became known, without exercises, invalid and diverted ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.changes import change
from analytics.past import Calendar, Past, Usual, against, usual_of
from data_feeds.incident_log import DIVERTED, EXERCISE, INVALID, LogView

Body = dict[str, Any]
Times = NDArray[np.float64]
MAX_CATEGORIES = 60
HOLE_LEAST_MS = 2 * 3_600_000.0
HOLE_GAPS = 40.0  # so many times the usual pause between two records is no pause but a hole


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back the records go without a hole. ``since_ms``: the first of them, None without any; ``gap``: the
    hole before it (begin, end), None where nothing is known of anything before."""

    since_ms: float | None
    gap: tuple[float, float] | None = None

    def covers(self, begin_ms: float) -> bool:
        """Whether everything from ``begin_ms`` on is there."""
        return self.since_ms is not None and self.since_ms <= begin_ms

    def since(self, begin_ms: float) -> Body:
        """What a document says of it; nothing where the records reach back to ``begin_ms``."""
        if self.since_ms is None or self.covers(begin_ms):
            return {"reach_ms": None, "gap": None}
        return {"reach_ms": round(self.since_ms), "gap": self.gap and [round(ms) for ms in self.gap]}


def reach_of(received: Times, now_ms: float, begin_ms: float | None = None) -> Reach:
    """The reach of records received at these times (in no order). ``begin_ms``: the source tells nothing before it.

    A pause of more than 40 usual (median) ones, and of two hours at least, is a hole: of 1,000 incidents a day with a
    third of the usual rate at night one such pause in a hundred eight-day logs is chance.
    """
    times = np.sort(received[received <= now_ms])
    if not len(times):
        return Reach(None)
    pauses = np.diff(times)
    holes = pauses > max(HOLE_LEAST_MS, HOLE_GAPS * float(np.median(pauses))) if len(pauses) else np.zeros(0, bool)
    first = int(np.flatnonzero(holes)[-1]) + 1 if holes.any() else 0
    since = float(times[first])
    if begin_ms is not None and begin_ms > since:
        return Reach(begin_ms)
    return Reach(since, (float(times[first - 1]), since) if first else None)


def today_body(
    view: LogView, reach: Reach, now_ms: float, calendar: Calendar, past: Past | None = None, state: str = "off"
) -> Body:
    """The document: figures of ``view`` (one scope's records), judged by the ``reach`` of all records.

    ``past``: what history knows of the days that today is compared with; None while its ``state`` is not ``ready``.
    Then only yesterday is there to compare with, as far as the records in memory reach.
    """
    today = calendar.day_of(now_ms)
    yesterday = today - timedelta(days=1)
    begin, before, same_time = calendar.begin(today), calendar.begin(yesterday), calendar.same_time(yesterday, now_ms)
    rows = view.rows
    received, counted = rows["received"], rows["flags"] == 0
    now_rows = (received >= begin) & (received <= now_ms)
    then_rows = (received >= before) & (received <= same_time)
    covered, complete = reach.covers(before), reach.covers(begin)
    count, then = int((now_rows & counted).sum()), int((then_rows & counted).sum())
    words = len(view.categories)
    by_now = np.bincount(rows["category"][now_rows & counted], minlength=words)
    by_then = np.bincount(rows["category"][then_rows & counted], minlength=words)
    # on a day with an hour more or less the two parts of a day are not alike
    uneven = abs((now_ms - begin) - (same_time - before)) > 1.0
    usual = usual_of(past, now_ms) if past and complete else None
    now_of = dict(zip(view.categories, by_now.tolist(), strict=True))
    then_of = dict(zip(view.categories, by_then.tolist(), strict=True))
    kinds = [
        {"category": name, **_beside(now_of.get(name, 0), then_of.get(name, 0), covered, uneven),
         "usual": None if past is None or usual is None else _usual(name, now_of.get(name, 0), past, usual)}
        for name in _in_order(now_of, then_of, past, usual)
    ]  # fmt: skip
    return {
        "day_ms": round(begin), "starts_min": calendar.starts_min, "complete": complete, **reach.since(before),
        **_beside(count, then, covered, uneven), "why": _why(reach, before), "uneven": uneven,
        "past": state, "against": against(past, now_ms, count, complete) if past else None,
        "not_counted": _not_counted(rows["flags"][now_rows]), "dropped": view.dropped,
        "categories": kinds[:MAX_CATEGORIES], "more": max(0, len(kinds) - MAX_CATEGORIES),
        "usual_days": usual.periods if usual else None,
        "hours": {
            "today": _hourly(received[now_rows & counted], calendar.hours(today), reach),
            "yesterday": _hourly(received[(received >= before) & (received < begin) & counted],
                                 calendar.hours(yesterday), reach),
            "usual": past.band if past else None,
        },
    }  # fmt: skip


def _in_order(now_of: dict[str, int], then_of: dict[str, int], past: Past | None, usual: Usual | None) -> list[str]:
    """Categories with incidents today or in what they are compared with: most today first, then most before."""
    beside: dict[str, float] = dict(then_of)
    if past is not None and usual is not None:
        beside = dict(zip(past.categories, usual.mean.tolist(), strict=True))
    names = [name for name in {**now_of, **beside} if now_of.get(name) or beside.get(name)]
    return sorted(names, key=lambda name: (-now_of.get(name, 0), -beside.get(name, 0.0)))


def _usual(name: str, count: int, past: Past, usual: Usual) -> Body:
    mean = float(usual.mean[past.categories.index(name)]) if name in past.categories else 0.0
    return {"count": round(mean, 1), "change": asdict(change(count, mean, usual.periods))}


def _beside(count: int, then: int, covered: bool, uneven: bool) -> Body:
    if not covered:
        return {"count": count, "yesterday": None, "change": None}
    return {"count": count, "yesterday": then, "change": None if uneven else asdict(change(count, then))}


def _why(reach: Reach, begin_ms: float) -> str | None:
    """Why there is nothing to compare with: no records at all, records that begin later, or a hole in them."""
    if reach.covers(begin_ms):
        return None
    return "empty" if reach.since_ms is None else "gap" if reach.gap else "reach"


def _not_counted(flags: NDArray[np.uint8]) -> dict[str, int]:
    """Every incident under the first that holds: exercise, invalid, diverted."""
    exercise = (flags & EXERCISE) > 0
    invalid = ~exercise & ((flags & INVALID) > 0)
    diverted = ~exercise & ~invalid & ((flags & DIVERTED) > 0)
    return {"exercise": int(exercise.sum()), "invalid": int(invalid.sum()), "diverted": int(diverted.sum())}


def _hourly(received: Times, hours: Sequence[tuple[int, float]], reach: Reach) -> list[tuple[int, int | None]]:
    """(hour of the business day, incidents in it); None where the records do not reach back to its begin."""
    starts = np.array([start for _, start in hours])
    slots = np.clip(np.searchsorted(starts, received, side="right") - 1, 0, len(starts) - 1)
    counts = np.bincount(slots, minlength=len(starts)).tolist()
    return [
        (hour, count if reach.covers(start) else None) for (hour, start), count in zip(hours, counts, strict=True)
    ]
