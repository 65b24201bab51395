"""What all figures of one report share: its period, the spans to ask for, and how a count is set beside others. Pure.

``Frame`` is known before any query; ``Marks`` are the frame and the gaps in its spans.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.changes import Change, change, change_per_day
from analytics.comparators import Candidate, comparators, last_like, lengths_differ
from analytics.figures.request import ComparatorId, Context, PlaceFact, Request
from analytics.figures.result import Against, Comparison, Data, Gap, Period, Why
from analytics.periods import DAY_MS, ONE, begin_ms, bounds_ms, odd_hours, period_of
from data_feeds.history.query import Filters, Span

HOLLOW = 0.1  # where more than this share of a span was not recorded its count is not compared
SILENT_MS, SILENT_PAUSES = 2 * 3_600_000.0, 40.0  # no incident for longer than both: the records have ended
SAME_LENGTH = 0.002  # spans whose recorded time differs by a smaller share are equally long
BASE_DAYS = {"quarter": 364, "year": 364}  # of how many days before it the trend's limits are made; else:
USUAL_BASE_DAYS, LEAST_SHOWN_DAYS = 56, 28


@dataclass(frozen=True)
class Frame:
    """``spans``: the period's own first, then those of all comparators, each once: the spans of the queries.

    ``bands``: the eight periods from which the band of the hours is made, of a day whole days. ``shown``: the days of
    the trend, at least 28; ``base``: the days before them from which its limits come.
    """

    request: Request
    context: Context
    period: Period
    candidates: tuple[Candidate, ...]
    spans: tuple[Span, ...]
    bands: tuple[Span, ...] = ()
    shown: Span | None = None
    base: Span | None = None

    @property
    def all_spans(self) -> tuple[Span, ...]:
        """Every span in which gaps matter, each once."""
        return tuple(dict.fromkeys([*self.spans, *self.bands, *(one for one in (self.shown, self.base) if one)]))

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
    spans = tuple(dict.fromkeys([period.span, *(span for one in candidates for span in one.spans)]))
    bands: tuple[Span, ...] = ()
    if request.wants("hours"):
        bands = last_like(period, 8)
        if period.kind == "day":
            bands = tuple(Span(span.first, span.last) for span in bands)
    if not request.wants("trend"):
        return Frame(request, context, period, candidates, spans, bands)
    first = min(period.first, period.reached - timedelta(days=LEAST_SHOWN_DAYS - 1))
    shown = Span(first, period.reached, period.until_minute)
    base = Span(first - timedelta(days=BASE_DAYS.get(period.kind, USUAL_BASE_DAYS)), first - ONE)
    return Frame(request, context, period, candidates, spans, bands, shown, base)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of one span: its length and how much of it was recorded, in days of 24 hours, and what was not."""

    days: float
    recorded: float
    gaps: tuple[Gap, ...]
    reaches: bool

    @property
    def hollow(self) -> bool:
        """Whether too little of it was recorded to set its count beside others."""
        return self.days - self.recorded > HOLLOW * self.days


class Marks:
    """Which spans were recorded, and counts beside those of the comparators."""

    def __init__(self, frame: Frame, gaps: pa.Table, first_minute: int = 0) -> None:
        """``gaps``: the answer to Gaps(frame.all_spans); ``first_minute``: of the first day of the records."""
        self.frame = frame
        self._recorded = dict(zip(frame.all_spans, _recorded(frame, gaps, first_minute), strict=True))
        self.spans = [self._recorded[span] for span in frame.spans]
        self.comparisons = tuple(self._comparison(one) for one in frame.candidates)
        self.nothing = [0] * len(frame.spans)  # the counts of what never happened
        self._besides = {one.id: self._beside_of(one) for one in self.comparisons}

    def of(self, span: Span) -> Recorded:
        """What was recorded of one of the frame's ``all_spans``."""
        return self._recorded[span]

    def usable(self, spans: Sequence[Span]) -> list[int]:
        """Which of the frame's ``all_spans`` lie within the records and are not hollow: indexes of ``spans``."""
        return [n for n, span in enumerate(spans) if self.of(span).reaches and not self.of(span).hollow]

    def index(self, span: Span) -> int:
        """Where ``span`` stands in the frame's spans, and so in the answers."""
        return self.frame.spans.index(span)

    def used(self, comparator: ComparatorId) -> list[int]:
        """Which of the frame's spans are averaged for a comparator; [] without the comparator."""
        return self._besides[comparator].used if comparator in self._besides else []

    def against(self, counts: Sequence[float]) -> dict[ComparatorId, Against]:
        """``counts``: of the same thing in each of the frame's spans."""
        return {name: one.against(counts) for name, one in self._besides.items()}

    def judge(self, comparator: ComparatorId) -> Callable[[float, float], Change | None]:
        """How a count of the period is judged against the sum of a comparator's used spans; see ``_Beside.judge``."""
        return self._besides[comparator].judge

    def data(self) -> Data:
        context, own = self.frame.context, self.spans[0]
        start = self.frame.request.day_start_minute
        before = sorted({gap for one in self.spans[1:] for gap in one.gaps}, key=lambda gap: (gap.begin_ms, gap.end_ms))
        odd = {hour for span in self.frame.all_spans for hour in odd_hours(span, self.frame.zone, start)}
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
        if lengths_differ(period, kept):
            why.append("length")
        elif not all(_alike(told[n].days, own.days) for n in used):
            why.append("clock")
        days = sum(told[n].recorded for n in used) / len(used) if used else 0.0
        return Comparison(one.id, one.spans, used, one.aligned, tuple(why), round(days, 4))

    def _beside_of(self, one: Comparison) -> _Beside:
        own = self.spans[0]
        used = [self.index(one.spans[n]) for n in one.used]
        others = [self.spans[n] for n in used]
        hollow = own.hollow or not own.reaches or any(span.hollow for span in others)
        other_days = sum(span.recorded for span in others)
        unlike = bool(used) and not _alike(own.recorded, other_days / len(used))
        # a gap of part of a day is at some hour, and hours are not alike: nothing is reckoned from the rest
        per_day = unlike and not (hollow and self.frame.period.kind == "day")
        return _Beside(used, own.recorded, other_days, not hollow, per_day, "gap" in one.why, one.why)


@dataclass(frozen=True, slots=True)
class _Beside:
    """How counts are set beside one comparator's: ``used`` indexes of the frame's spans, recorded days of both."""

    used: list[int]
    days: float
    other_days: float
    raw: bool
    per_day: bool
    gaps: bool
    why: tuple[Why, ...]

    def judge(self, n: float, then: float) -> Change | None:
        """Per recorded day where they are not equally long; None where too little was recorded for any test."""
        k = len(self.used)
        if not k or not (self.raw or self.per_day):
            return None
        return change_per_day(n, self.days, then, self.other_days) if self.per_day else change(n, then / k, k)

    def against(self, counts: Sequence[float]) -> Against:
        k = len(self.used)
        if not k:
            return Against(None, 0, gaps=self.gaps, why=self.why)
        total = sum([counts[n] for n in self.used])
        raw = change(counts[0], total / k, k) if self.raw else None
        per_day = change_per_day(counts[0], self.days, total, self.other_days) if self.per_day else None
        return Against(round(total / k, 2), k, raw, per_day, self.gaps, self.why)


def _alike(days: float, others: float) -> bool:
    return abs(days - others) <= SAME_LENGTH * max(days, others)


def _recorded(frame: Frame, gaps: pa.Table, first_minute: int) -> list[Recorded]:
    ends = _ends(frame, first_minute)
    told = [list(ends) for _ in frame.all_spans]
    for row in gaps.to_pylist():
        told[row["span"]].append(Gap(float(row["begin_ms"]), float(row["end_ms"]), row["how"]))
    return [_cut(frame, span, found) for span, found in zip(frame.all_spans, told, strict=True)]


def _cut(frame: Frame, span: Span, told: list[Gap]) -> Recorded:
    begin, end = frame.bounds(span)
    missing, after = 0.0, begin
    cut = []
    for gap in sorted(told, key=lambda gap: (gap.begin_ms, -gap.end_ms)):
        first, last = max(gap.begin_ms, after), min(gap.end_ms, end)
        if last > first:  # what lies within an earlier gap is told with that
            missing, after = missing + last - first, last
            cut.append(Gap(first, last, gap.how))
    first_day = frame.context.first
    reaches = first_day is not None and span.first >= first_day
    return Recorded((end - begin) / DAY_MS, (end - begin - missing) / DAY_MS, tuple(cut), reaches)


def _ends(frame: Frame, first_minute: int) -> list[Gap]:
    """What lies before the records, on their first day too, and after their end."""
    context, request = frame.context, frame.request
    if context.first is None or context.last is None:
        return []
    pause = ((context.last - context.first) / ONE + 1) * DAY_MS / max(context.n, 1)
    silent = max(SILENT_MS, SILENT_PAUSES * pause)
    opened, first = (begin_ms(context.first, frame.zone, request.day_start_minute, at) for at in (0, first_minute))
    ends = [Gap(float("-inf"), first if first - opened > silent else opened, "reach")]
    if context.data_time_ms is not None and request.now_ms - context.data_time_ms > silent:
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
