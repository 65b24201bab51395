"""A whole report of one period: first the questions to ask of history, then the figures from their answers. Pure.

    asked = plan(request, context)                      # may raise PeriodError
    report = build(request, context, {name: store.run(query) for name, query in asked.items()})
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from analytics.figures import counts, hours, quiet, trend
from analytics.figures.frame import Frame, Marks, frame
from analytics.figures.request import Context, Request
from analytics.figures.result import About, Band, Hour, Limits, Period, Point, Quiet, Report, Rhythm
from data_feeds.history.query import Counts, Filters, Gaps, Query, Rows, Span

ANYTHING = Filters(kinds=())
Answers = Mapping[str, pa.Table]


def plan(request: Request, context: Context) -> dict[str, Query]:
    """The questions whose answers ``build`` needs, by name. Raises PeriodError."""
    own = frame(request, context)
    asked: dict[str, Query] = {"gaps": Gaps(own.all_spans)}
    first = context.first
    if first and any(span.first <= first <= span.last for span in own.all_spans):
        # records seldom begin with their first day: from when on they are there is asked
        asked["first_day"] = Counts((Span(first, first),), ("minute",), ANYTHING)
    for family in (counts, hours, trend):
        asked |= family.queries(own)
    if request.wants("quiet"):
        asked |= quiet.queries(own)
    return asked


def build(request: Request, context: Context, answers: Answers) -> Report:
    """The report from the answers to ``plan`` of the same request and context."""
    own = frame(request, context)
    marks = Marks(own, answers["gaps"], _first_minute(answers))
    about = {"total": _about(own, "count"), "apart": _about(own, "apart")}
    by, about_by = counts.by_everything(marks, answers) if request.wants("by") else ({}, {})
    line: list[Hour] = []
    band = Band()
    rhythm: Rhythm | None = None
    points: list[Point] = []
    limits = Limits()
    still: Quiet | None = None
    if request.wants("hours"):
        line, band = hours.line(marks, answers["hours"])
        about["hours"] = _about(own, "hours", "hours")
    if request.wants("rhythm"):
        rhythm = hours.rhythm(marks, answers["rhythm"])
        about["rhythm"] = _about(own, "rhythm", "hours")
    if request.wants("trend"):
        points, limits = trend.points(marks, answers["trend"])
        about["trend"] = _about(own, "trend", "date")
    if request.wants("quiet"):
        still = quiet.quiet(marks, answers)
        about["quiet"] = _about(own, "quiet", note="" if still else "places")
    return Report(
        request, own.period, list(marks.comparisons), marks.data(), counts.total(marks, answers["kinds"]),
        counts.apart(marks, answers["kinds"]), by, line, band, rhythm, points, limits, still, about=about | about_by,
    )  # fmt: skip


def rows_of(period: Period, where: Filters) -> Rows:
    """The query of the incidents that a figure of ``period`` under ``where`` counts."""
    return Rows(period.span, where)


def _about(own: Frame, formula: str, narrow: str = "", note: str = "") -> About:
    return About(formula, own.where, rows_of(own.period, own.where), narrow, note=note)


def _first_minute(answers: Answers) -> int:
    told = answers.get("first_day")
    return min(told.column("minute").to_pylist(), default=0) if told is not None else 0
