"""Pure arithmetic on measurements."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Interval = tuple[float, float]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0..1) of ``values`` lie, interpolated; NaN for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return min(ordered[low] + (ordered[high] - ordered[low]) * (at - low), ordered[high])


def median(values: Sequence[float]) -> float:
    """The middle one; NaN for none."""
    return percentile(values, 0.5)


def covered(intervals: Iterable[Interval], start: float, end: float) -> float:
    """How much of ``start``..``end`` lies inside at least one of ``intervals``, as a share 0..1."""
    if end <= start:
        return math.nan
    total, reached = 0.0, start
    for begin, stop in sorted(intervals):
        begin, stop = max(begin, reached), min(stop, end)
        if stop > begin:
            total += stop - begin
            reached = stop
    return total / (end - start)


def matched(
    sent: Iterable[tuple[str, int, float]], seen: Iterable[tuple[str, int, float]], longest_ms: float
) -> tuple[list[float], int]:
    """Delays from ``sent`` to ``seen``, both (unit, mark, Unix ms), and how many of ``sent`` were never seen.

    Marks of one unit repeat after a while: a sighting belongs to its unit's last sending of that mark, if that is not
    longer ago than ``longest_ms``.
    """
    sightings: dict[tuple[str, int], list[float]] = {}
    for unit, mark, at in seen:
        sightings.setdefault((unit, mark), []).append(at)
    delays, lost = [], 0
    for unit, mark, at in sent:
        found = [then - at for then in sightings.get((unit, mark), ()) if -50.0 <= then - at <= longest_ms]
        if found:
            delays.append(min(found))
        else:
            lost += 1
    return delays, lost


def lateness(stamps: Sequence[float], every: float) -> list[float]:
    """How far each of ``stamps`` lies behind a grid of ``every`` through the most punctual; gaps are no lateness."""
    if not stamps:
        return []
    offsets, turns, before = [], 0, stamps[0]
    for stamp in stamps:
        turns += round((stamp - before) / every)
        before = stamp
        offsets.append(stamp - stamps[0] - turns * every)
    return [offset - min(offsets) for offset in offsets]
