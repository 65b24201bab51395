"""What all figures of one report share: its period, the spans to ask for, and how a count is set beside others. Pure.

``Frame`` is known before any query; ``Marks`` are the frame and the gaps in its spans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.changes import change, change_per_day
from analytics.comparators import Candidate, comparators, lengths_differ
from analytics.figures.request import ComparatorId, Context, PlaceFact, Request
from analytics.figures.result import Against, Comparison, Data, Gap, Period, Why
from analytics.periods import DAY_MS, ONE, begin_ms, bounds_ms, odd_hours, period_of
from data_feeds.history.query import Filters, Gaps, Span

HOLLOW = 0.1  # where more than this share of a span was not recorded its count is not compared
SILENT_MS, SILENT_PAUSES = 2 * 3_600_000.0, 40.0  # no incident for longer than both: the records have ended
SAME_LENGTH = 1 / 1440  # days; spans that differ by less are equally long
Columns = Mapping[str, list]


@dataclass(frozen=True)
class Frame:
    """``spans``: the period's own first, then those of all comparators, each once: the spans of the queries."""

    request: Request
    context: Context
    period: Period
    candidates: tuple[Candidate, ...]
    spans: tuple[Span, ...]

    @property
    def where(self) -> Filters:
        return self.request.where

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.request.zone)

    def bounds(self, span: Span) -> tuple[float, float]:
        """Begin and end of ``span``, Unix ms."""
        return bounds_ms(span, self.zone, self.request.day_start_minute)

    def places(self, level: str) -> tuple[PlaceFact, ...]:
        """The known places of a level ("branch", "station", "zone") that the filters let through."""
        known = {"branch": self.context.branches, "station": self.context.stations, "zone": self.context.zones}[level]
        scope, zones = self.where.scope, self.where.zones
        if scope not in ("", "city"):
            known = tuple(one for one in known if scope == one.code or scope in one.parents)
        if level == "zone" and zones:
            known = tuple(one for one in known if one.code in zones)
        return known


def frame(request: Request, context: Context) -> Frame:
    """Raises PeriodError."""
    period = period_of(request, context)
    candidates = comparators(period, request, context)
    spans = dict.fromkeys([period.span, *(span for one in candidates for span in one.spans)])
    return Frame(request, context, period, candidates, tuple(spans))


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of one span: its length and how much of it was recorded, in days of 24 hours, and what was not."""

    days: float
    recorded: float
    gaps: tuple[Gap, ...]
    reaches: bool

    @property
    def hollow(self) -> bool:
        return self.days - self.recorded > HOLLOW * self.days


class Marks:
    """Which spans were recorded, and counts beside those of the comparators."""

    def __init__(self, frame: Frame, gaps: pa.Table) -> None:
        """``gaps``: the answer to ``gaps_query(frame.spans)``."""
        self.frame = frame
        self.spans = recorded(frame, frame.spans, gaps)
        self.comparisons = tuple(self._comparison(one) for one in frame.candidates)
        self._by_id = {one.id: one for one in self.comparisons}

    def index(self, span: Span) -> int:
        """Where ``span`` stands in the frame's spans, and so in the answers."""
        return self.frame.spans.index(span)

    def used(self, comparator: ComparatorId) -> list[int]:
        """Which of the frame's spans are averaged for a comparator; [] without the comparator."""
        one = self._by_id.get(comparator)
        return [self.index(one.spans[n]) for n in one.used] if one else []

    def against(self, counts: Sequence[float]) -> dict[ComparatorId, Against]:
        """``counts``: of the same thing in each of the frame's spans."""
        return {one.id: self._beside(one, counts) for one in self.comparisons}

    def data(self) -> Data:
        context, own = self.frame.context, self.spans[0]
        start = self.frame.request.day_start_minute
        before = sorted({gap for one in self.spans[1:] for gap in one.gaps}, key=lambda gap: (gap.begin_ms, gap.end_ms))
        odd = {hour for span in self.frame.spans for hour in odd_hours(span, self.frame.zone, start)}
        share = round(own.recorded / own.days, 4) if own.days else 1.0
        hours = tuple(sorted(odd, key=lambda one: (one.date, one.hour)))
        return Data(
            context.version, context.data_time_ms, context.origins, context.lacks, own.gaps, tuple(before), share, hours
        )

    def _comparison(self, one: Candidate) -> Comparison:
        own, period = self.spans[0], self.frame.period
        told = [self.spans[self.index(span)] for span in one.spans]
        several = len(told) > 1
        used = tuple(n for n, span in enumerate(told) if span.reaches and not (several and span.hollow))
        why: list[Why] = list(one.why)
        if any(span.gaps and span.reaches for span in (own, *told)):
            why.append("gap")
        if not all(span.reaches for span in told):
            why.append("reach")
        kept = [one.spans[n] for n in used]
        differ = lengths_differ(period, kept)
        if differ:
            why.append("length")
        elif any(abs(told[n].days - own.days) > SAME_LENGTH for n in used):
            why.append("clock")
        days = sum(told[n].recorded for n in used) / len(used) if used else 0.0
        return Comparison(one.id, one.spans, used, one.aligned, tuple(why), round(days, 4))

    def _beside(self, one: Comparison, counts: Sequence[float]) -> Against:
        if not one.used:
            return Against(None, 0, gaps="gap" in one.why, why=one.why)
        own = self.spans[0]
        used = [self.index(one.spans[n]) for n in one.used]
        others = [self.spans[n] for n in used]
        k, total = len(used), sum(counts[n] for n in used)
        hollow = own.hollow or not own.reaches or any(span.hollow for span in others)
        days, other_days = own.recorded, sum(span.recorded for span in others)
        per_day = None
        # a gap of part of a day is at some hour, and hours are not alike: nothing is reckoned from the rest
        if abs(days - other_days / k) > SAME_LENGTH and not (hollow and self.frame.period.kind == "day"):
            per_day = change_per_day(counts[0], days, total, other_days)
        raw = None if hollow else change(counts[0], total / k, k)
        return Against(round(total / k, 2), k, raw, per_day, "gap" in one.why, one.why)


def gaps_query(spans: Sequence[Span]) -> Gaps:
    return Gaps(tuple(spans))


def recorded(frame: Frame, spans: Sequence[Span], gaps: pa.Table) -> list[Recorded]:
    """What of each span was recorded, from the answer to ``gaps_query(spans)``."""
    told: list[list[Gap]] = [[] for _ in spans]
    for row in gaps.to_pylist():
        told[row["span"]].append(Gap(float(row["begin_ms"]), float(row["end_ms"]), row["how"]))
    return [_recorded(frame, span, found) for span, found in zip(spans, told, strict=True)]


def _recorded(frame: Frame, span: Span, told: list[Gap]) -> Recorded:
    begin, end = frame.bounds(span)
    gaps = [gap for gap in (*told, *_ends(frame)) if gap.begin_ms < end and gap.end_ms > begin]
    missing, after = 0.0, begin
    cut = []
    for gap in sorted(gaps, key=lambda gap: (gap.begin_ms, -gap.end_ms)):
        first, last = max(gap.begin_ms, after), min(gap.end_ms, end)
        if last > first:  # what lies within an earlier gap is told with that
            missing, after = missing + last - first, last
            cut.append(Gap(first, last, gap.how))
    first_day = frame.context.first
    reaches = first_day is not None and span.first >= first_day
    return Recorded((end - begin) / DAY_MS, (end - begin - missing) / DAY_MS, tuple(cut), reaches)


def _ends(frame: Frame) -> list[Gap]:
    """What lies before the records and after their end."""
    context, request = frame.context, frame.request
    ends = []
    if context.first is not None:
        ends.append(Gap(float("-inf"), begin_ms(context.first, frame.zone, request.day_start_minute), "reach"))
    if context.data_time_ms is not None and context.first and context.last and context.n:
        pause = ((context.last - context.first) / ONE + 1) * DAY_MS / context.n
        if request.now_ms - context.data_time_ms > max(SILENT_MS, SILENT_PAUSES * pause):
            ends.append(Gap(context.data_time_ms, float("inf"), "silence"))
    return ends


def table_counts(answer: pa.Table, spans: int, keys: Sequence[str]) -> dict[tuple, list[int]]:
    """The answer to Counts: group (values of ``keys``, null as "") → count in each of so many spans."""
    found: dict[tuple, list[int]] = {}
    columns = answer.to_pydict()
    groups = zip(*(columns[key] for key in keys), strict=True) if keys else ((),) * len(answer)
    for span, group, n in zip(columns["span"], groups, columns["n"], strict=True):
        known = tuple("" if value is None else value for value in group)
        found.setdefault(known, [0] * spans)[span] += n
    return found


def days_before(span: Span, days: int) -> Span:
    """So many whole days that end the day before ``span`` begins."""
    return Span(span.first - timedelta(days=days), span.first - ONE)
