"""A whole report of one period: first the questions to ask of history, then the figures from their answers. Pure.

    context = informed(request, context, ask(prior(request, context)))
    report = build(request, context, ask(plan(request, context)))

where ``ask`` answers {name: query} by {name: table}. ``plan`` and ``build`` get the same request and context.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
from msgspec.structs import replace

from analytics.figures import breaches, counts, heat, hours, quiet, response, sighting, trend
from analytics.figures.beside import besides
from analytics.figures.frame import Frame, Marks, frame
from analytics.figures.parts import Response
from analytics.figures.request import Context, Request
from analytics.figures.result import About, Period, Report
from data_feeds.history.query import Counts, Filters, Gaps, Patrol, Query, Rows, Span

ANYTHING = Filters(kinds=())
Answers = Mapping[str, pa.Table]


def prior(request: Request, context: Context) -> dict[str, Query]:
    """What must be asked before ``plan``: how long things usually take, where nobody told what may be allowed."""
    if not request.wants("response") or not context.targets or context.allowances:
        return {}
    return breaches.usual_queries(frame(request, context).period.first)


def informed(request: Request, context: Context, answers: Answers) -> Context:
    """The context with what the answers to ``prior`` tell."""
    if not prior(request, context):
        return context
    return replace(context, allowances=breaches.allowances(context.targets, answers))


def plan(request: Request, context: Context) -> dict[str, Query]:
    """The questions whose answers ``build`` needs, by name. Raises PeriodError."""
    own = frame(request, context)
    span, where = own.period.span, own.where
    asked: dict[str, Query] = {"gaps": Gaps(own.all_spans)}
    first = context.first
    if first and any(one.first <= first <= one.last for one in own.all_spans):
        # records seldom begin with their first day: from when on they are there is asked
        asked["first_day"] = Counts((Span(first, first),), ("minute",), ANYTHING)
    for family in (counts, hours, trend):
        asked |= family.queries(own)
    compared = besides(own.candidates)
    if request.wants("quiet"):
        asked |= quiet.queries(own)
    if request.wants("response"):
        asked |= response.queries(span, compared, where, context)
        asked |= breaches.queries(span, compared, where, context)
    if request.wants("sighting"):
        asked |= sighting.queries(span, compared, where, context)
    if request.wants("heat"):
        asked |= heat.queries(span, compared, where, context, request.heat_resolution)
    return asked


def build(request: Request, context: Context, answers: Answers) -> Report:
    """The report from the answers to ``plan`` of the same request and context."""
    own = frame(request, context)
    marks = Marks(own, answers["gaps"], _first_minute(answers))
    compared = besides(marks.comparisons, marks.judge)
    span, where = own.period.span, own.where
    report = Report(
        request, own.period, list(marks.comparisons), marks.data(), counts.total(marks, answers["kinds"]),
        counts.apart(marks, answers["kinds"]), about={"total": _about(own, "count"), "apart": _about(own, "apart")},
    )  # fmt: skip
    about = report.about
    if request.wants("by"):
        by, about_by = counts.by_everything(marks, answers)
        report, about = replace(report, by=by), about | about_by
    if request.wants("hours"):
        line, band = hours.line(marks, answers["hours"])
        report = replace(report, hours=line, band=band)
        about["hours"] = _about(own, "hours", "hours", note=band.method)
    if request.wants("rhythm"):
        report = replace(report, rhythm=hours.rhythm(marks, answers["rhythm"]))
        about["rhythm"] = _about(own, "rhythm", "hours")
    if request.wants("trend"):
        points, limits = trend.points(marks, answers["trend"])
        report = replace(report, trend=points, limits=limits)
        about["trend"] = _about(own, "trend", "date")
    if request.wants("quiet"):
        still = quiet.quiet(marks, answers)
        report = replace(report, quiet=still)
        about["quiet"] = _about(own, "quiet", note="" if still else "places")
    if request.wants("response"):
        found = _response(own, marks, answers)
        report = replace(report, response=found)
        about["response"] = _about(own, "spread", lacks=found.lacks)
        targets = tuple(response.targets_of(context).items())
        late = replace(rows_of(own.period, where), order="response", breaching=targets)
        about["breaches"] = replace(_about(own, "breaches", lacks=found.lacks), rows=late)
        about["stations"] = _about(own, "stations", "scope", found.lacks)
    if request.wants("sighting"):
        seen = sighting.build(span, compared, where, context, answers)
        report = replace(report, sighting=seen)
        about["sighting"] = About("sighting", where, Patrol((span,), ("zone", "hour"), where.scope), note=seen.why)
        about["followed"] = replace(about["sighting"], formula="followed")
    if request.wants("heat"):
        warm = heat.build(compared, where, context, request.heat_resolution, answers)
        report = replace(report, heat=warm)
        about["heat"] = _about(own, "heat", "cells", lacks=warm.lacks)
        about["hot"] = _about(own, "hot", "cells", lacks=warm.lacks)
    return replace(report, about=about)


def rows_of(period: Period, where: Filters) -> Rows:
    """The query of the incidents that a figure of ``period`` under ``where`` counts."""
    return Rows(period.span, where)


def _response(own: Frame, marks: Marks, answers: Answers) -> Response:
    compared, context = besides(marks.comparisons, marks.judge), own.context
    lacks = tuple(name for name in ("call_received", "on_scene", "place_class") if name in context.lacks)
    return Response(
        response.intervals(compared, context, answers), breaches.build(compared, context, answers),
        response.stations(context, answers), context.allowances, response.unclassified(answers), lacks,
    )  # fmt: skip


def _about(own: Frame, formula: str, narrow: str = "", lacks: tuple[str, ...] = (), note: str = "") -> About:
    return About(formula, own.where, rows_of(own.period, own.where), narrow, lacks=lacks, note=note)


def _first_minute(answers: Answers) -> int:
    told = answers.get("first_day")
    return min(told.column("minute").to_pylist(), default=0) if told is not None else 0
