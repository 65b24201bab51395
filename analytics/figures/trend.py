"""Day after day, with control limits from the days before. Pure.

A u-chart (counts over unequal lengths: a day of 23 hours is 23/24) with the week's rhythm removed: each weekday has its
own mean m. With z = (n/e − m) / √(m/e), e the recorded days of 24 hours, chance alone would spread z by 1; counts of
calls spread wider, by σ, told from the moving ranges of z (mean range / 1.128) as Laney (2002) does, at least 1. Then

    limits = e·m ± 3·σ·√(e·m · (1 + 1/k)),  k the days that m rests on.

The limits rest on the eight weeks before the first day shown (of a quarter or a year: a year before), never on the days
that they judge. Whole days only; days of which more than a tenth was not recorded are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Literal

import numpy as np
import pyarrow as pa

from analytics.changes import FEW
from analytics.figures.frame import HOLLOW, Frame, Marks, table_counts
from analytics.figures.result import Limits, Point
from analytics.periods import DAY_MS, each_day
from data_feeds.history.query import Counts, Query, Span

Verdict = Literal["above", "below", "inside", "few"]
SIGMAS = 3.0
RANGE_TO_SIGMA = 1.128  # of two normal values, the mean of their distance over their deviation
LEAST_DAYS, LEAST_OF_WEEKDAY = 14, 2


@dataclass(frozen=True, slots=True)
class Day:
    """``days``: its length in days of 24 hours, as far as it has come; ``recorded``: what of it was recorded."""

    date: date
    n: int
    days: float
    recorded: float
    gap: bool
    partial: bool

    @property
    def usable(self) -> bool:
        return not self.partial and self.recorded > 0 and self.days - self.recorded <= HOLLOW * self.days


def queries(frame: Frame) -> dict[str, Query]:
    if frame.shown is None or frame.base is None:
        return {}
    return {"trend": Counts((frame.base, frame.shown), ("date",), frame.where)}


def points(marks: Marks, answer: pa.Table) -> tuple[list[Point], Limits]:
    """The shown days with their limits. Days before the records are left out."""
    frame = marks.frame
    if frame.shown is None or frame.base is None:
        return [], Limits()
    groups = table_counts(answer, 2, ("date",))
    counts = {day: sum(n) for (day,), n in groups.items()}
    base = [day for day in _days(marks, frame.base, counts) if day.usable]
    means, sigma = usual(base)
    shown = []
    for day in _days(marks, frame.shown, counts):
        lead = day.date < frame.period.first
        known = means.get(day.date.weekday())
        if known is None or not day.usable:
            shown.append(Point(day.date, day.n, gap=day.gap, partial=day.partial, lead=lead))
            continue
        mean, low, high = limits(known, day.recorded, sigma)
        verdict = _verdict(day.n, mean, low, high)
        shown.append(
            Point(day.date, day.n, round(mean, 2), round(low, 2), round(high, 2), verdict, gap=day.gap, lead=lead)
        )
    return shown, Limits(Span(base[0].date, base[-1].date) if base else None, len(base), round(sigma, 3))


def usual(base: list[Day]) -> tuple[dict[int, tuple[float, int]], float]:
    """weekday (Monday = 0) → mean per day and of how many days; and the dispersion of the days around them."""
    if len(base) < LEAST_DAYS:
        return {}, 1.0
    means: dict[int, tuple[float, int]] = {}
    for weekday in range(7):
        own = [day for day in base if day.date.weekday() == weekday]
        if len(own) >= LEAST_OF_WEEKDAY:
            means[weekday] = (sum(day.n for day in own) / sum(day.recorded for day in own), len(own))
    z = []
    for day in base:
        mean, k = means.get(day.date.weekday(), (0.0, 0))
        if mean > 0:
            # a day is part of its own mean: that takes 1/k of its variance
            z.append((day.n / day.recorded - mean) / sqrt(mean / day.recorded * (1 - 1 / k)))
    ranges = np.abs(np.diff(z))
    return means, max(1.0, float(ranges.mean()) / RANGE_TO_SIGMA) if len(ranges) else 1.0


def limits(usual_day: tuple[float, int], days: float, sigma: float) -> tuple[float, float, float]:
    """Mean, low and high of a day of so many recorded days of 24 hours."""
    per_day, k = usual_day
    mean = per_day * days
    wide = SIGMAS * sigma * sqrt(mean * (1 + 1 / k))
    return mean, max(0.0, mean - wide), mean + wide


def _verdict(n: int, mean: float, low: float, high: float) -> Verdict:
    if max(mean, n) < FEW:
        return "few"
    return "above" if n > high else "below" if n < low else "inside"


def _days(marks: Marks, span: Span, counts: Mapping[date, int]) -> list[Day]:
    frame = marks.frame
    gaps = marks.of(span).gaps
    found = []
    for day in each_day(span):
        if frame.context.first is None or day < frame.context.first:
            continue
        until = span.until_minute if day == span.last else None
        begin, end = frame.bounds(Span(day, day, until))
        missing = sum(max(0.0, min(end, gap.end_ms) - max(begin, gap.begin_ms)) for gap in gaps)
        recorded = (end - begin - missing) / DAY_MS
        found.append(Day(day, counts.get(day, 0), (end - begin) / DAY_MS, recorded, missing > 0, until is not None))
    return found
