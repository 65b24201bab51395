"""Hours: the 24-hour line with the band of comparable periods, and hour by weekday. Pure.

The band is the middle 80 % of what the same hour had in the last eight like periods (of a day: the last eight same
weekdays). Of eight values it is told by percentiles, with rank p·(k+1) between the sorted values: the smallest and the
largest of eight hold 78 % of what comes next, while the other usual definition, 1 + p·(k−1), would hold 62 %.
Fewer values are too few for that, and a negative binomial of their mean takes their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import nbinom

from analytics.days import local
from analytics.figures.frame import Frame, Marks, table_counts
from analytics.figures.result import Band, Gap, Hour, Rhythm
from analytics.periods import ONE, begin_ms, business_day, odd_hours
from data_feeds.history.query import Counts, Query, Span

LOW, HIGH = 0.1, 0.9
ENOUGH = 8  # values of which percentiles are taken
STEP_MS = 900_000.0  # local hours begin on a quarter of an hour, whatever the zone
LEAST_DAYS = 1 / 60  # of an hour of the week: less than a minute of it says nothing
LEAST_MEAN = 0.5  # incidents: of hours that never had any the model still allows one
Floats = NDArray[np.float64]
Method = Literal["percentiles", "model", "none"]


def queries(frame: Frame) -> dict[str, Query]:
    asked: dict[str, Query] = {}
    if frame.request.wants("hours"):
        asked["hours"] = Counts((frame.period.span, *frame.bands), ("hour",), frame.where)
    if frame.request.wants("rhythm"):
        asked["rhythm"] = Counts((frame.period.span,), ("weekday", "hour"), frame.where)
    return asked


def line(marks: Marks, answer: pa.Table) -> tuple[list[Hour], Band]:
    """The hours of the clock in the order of the business day."""
    frame = marks.frame
    bands = marks.usable(frame.bands)
    groups = table_counts(answer, len(frame.bands) + 1, ("hour",))
    counts = np.array([groups.get((hour,), [0] * (len(frame.bands) + 1)) for hour in range(24)])
    low, high, mean, method = band(counts[:, [n + 1 for n in bands]].astype(float))
    come = passed(frame, frame.period.span)
    first = frame.request.day_start_minute // 60
    found = []
    for hour in ((first + n) % 24 for n in range(24)):
        share = float(come[:, hour].sum())
        begun = frame.period.complete or share > 0
        partial = frame.period.kind == "day" and not frame.period.complete and 0 < share < 1
        n = int(counts[hour, 0]) if begun else None
        if method == "none":
            found.append(Hour(hour, n, partial=partial))
        else:
            found.append(Hour(hour, n, float(low[hour]), float(high[hour]), float(mean[hour]), partial))
    return found, Band(method, len(bands))


def band(counts: Floats) -> tuple[Floats, Floats, Floats, Method]:
    """Low, high and mean of each row of ``counts`` (things × comparable periods), and the method."""
    k = counts.shape[1]
    if k == 0:
        nothing = np.full(len(counts), np.nan)
        return nothing, nothing, nothing, "none"
    mean = counts.mean(axis=1).round(2)
    if k >= ENOUGH:
        low, high = np.quantile(counts, [LOW, HIGH], axis=1, method="weibull")
        return low.round(2), high.round(2), mean, "percentiles"
    low, high = expected_band(counts)
    return low, high, mean, "model"


def expected_band(counts: Floats) -> tuple[Floats, Floats]:
    """The 10th and 90th percentile of what comes next, by a negative binomial.

    Its mean is that of the row; its variance that mean times the dispersion of all rows together (at least 1: Poisson;
    from two values on) times 1 + 1/k, because the mean itself rests on k values only.
    """
    k = counts.shape[1]
    mean = np.maximum(counts.mean(axis=1), LEAST_MEAN / k)
    spread = counts.var(axis=1, ddof=1).sum() / counts.mean(axis=1).sum() if k > 1 and counts.any() else 1.0
    variance = mean * max(1.0, spread) * (1 + 1 / k)
    size, chance = mean**2 / (variance - mean), mean / variance
    return nbinom.ppf(LOW, size, chance), nbinom.ppf(HIGH, size, chance)


def rhythm(marks: Marks, answer: pa.Table) -> Rhythm:
    """Hour by weekday of the business day, per such day of the period so far."""
    frame = marks.frame
    counts = np.zeros((7, 24), int)
    for (weekday, hour), (n,) in table_counts(answer, 1, ("weekday", "hour")).items():
        counts[weekday - 1, hour] = n
    exposure = np.maximum(passed(frame, frame.period.span) - unrecorded(frame, marks.spans[0].gaps), 0.0)
    shown = [
        [round(float(n / share), 3) if share > LEAST_DAYS else None for n, share in zip(row, shares, strict=True)]
        for row, shares in zip(counts, exposure, strict=True)
    ]
    return Rhythm(counts.tolist(), shown, weekdays(frame.period.span), exposure.round(4).tolist())


def weekdays(span: Span) -> list[int]:
    """How many Mondays, Tuesdays … have begun in a span."""
    begun = span.last if span.until_minute != 0 else span.last - ONE
    whole, rest = divmod((begun - span.first).days + 1, 7)
    first = span.first.weekday()
    return [whole + ((weekday - first) % 7 < rest) for weekday in range(7)]


def passed(frame: Frame, span: Span) -> Floats:
    """7 × 24: on how many days of each weekday each hour of the clock has passed; a day under way counts in part.

    An hour that clocks skip or repeat counts as on any day: figures are per day, and the day is told as odd.
    """
    on: Sequence[int] = weekdays(span)
    found = np.repeat(np.array(on, float)[:, None], 24, axis=1)
    if span.until_minute:
        found[span.last.weekday()] -= 1 - _shares_of_day(frame, span)
    return found


def unrecorded(frame: Frame, gaps: Sequence[Gap]) -> Floats:
    """7 × 24: how many days of each hour of the week lie in gaps; an hour that clocks repeat is one, as in ``passed``,
    and one that they skip is gone with the moment at which they do."""
    found = np.zeros((7, 24))
    start = frame.request.day_start_minute
    odd = odd_hours(frame.period.span, frame.zone, start) if gaps else []
    times = {(one.date, one.hour): one.times for one in odd}
    for gap in gaps:
        for (day, hour), shown in times.items():
            if not shown and gap.begin_ms <= begin_ms(day, frame.zone, start, (hour * 60 - start) % 1440) < gap.end_ms:
                found[day.weekday(), hour] += 1
        at = gap.begin_ms
        while at < gap.end_ms:
            after = min(gap.end_ms, (at // STEP_MS + 1) * STEP_MS)
            day, _ = business_day(at, frame.zone, start)
            hour = local(at, frame.zone).hour
            found[day.weekday(), hour] += (after - at) / (4 * STEP_MS) / times.get((day, hour), 1)
            at = after
    return found


def _shares_of_day(frame: Frame, span: Span) -> Floats:
    """Of each hour of the clock the share that has passed on the last day of ``span``, by the clock's minutes."""
    start, until = frame.request.day_start_minute, span.until_minute or 0
    minutes = (start + np.arange(until)) % 1440
    return np.bincount(minutes // 60, minlength=24) / 60.0
