"""Which interval made a response miss its target. Pure.

The cause of a breach is the interval that exceeds its allowance by most. Allowances divide the target T of a place
class as the medians m of its usual intervals do:

    allowance of i = T · m_i / (m_dispatch + m_turnout + m_travel)

in whole seconds (largest remainders first, so that the three make T): if all three of a late response are known, one
of them has exceeded its allowance. Answering lies within dispatch and gets its share of it by the same factor. Where a
source tells only some of the three, the median of the response stands below the line, and what is left over can be
nobody's: the cause may be unknown. Usual are the three calendar months before the month of the period; where they
hold fewer than FEW of a class, that month itself; then the mean of the other classes' medians, weighted by their
numbers; then there are no allowances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from analytics.changes import FEW
from analytics.figures.beside import Beside, Rows
from analytics.figures.parts import Breach, BreachAgainst
from analytics.figures.request import Context
from analytics.figures.response import Answers, targets_of
from analytics.figures.shares import share
from analytics.periods import ONE, add_months, month_end
from data_feeds.history.query import CAUSES, Breaches, Filters, Interval, Query, Span, Spreads
from data_feeds.incident_log import word_of

PARTS: tuple[Interval, ...] = ("dispatch", "turnout", "travel")
ALLOWED: tuple[Interval, ...] = ("answering", *PARTS)
MEASURED: tuple[Interval, ...] = (*ALLOWED, "response")
USUAL_MONTHS = 3
Allowances = dict[str, dict[str, int]]  # interval → place class → s
Medians = Mapping[str, float]  # interval → s


def usual(day: date) -> tuple[Span, Span]:
    """The three months before that of ``day``, and that month: the same for every report about a day of it."""
    month = day.replace(day=1)
    return Span(add_months(month, -USUAL_MONTHS), month - ONE), Span(month, month_end(month))


def usual_queries(day: date) -> dict[str, Query]:
    """What ``allowances`` needs, for the whole city: asked before the report's other questions."""
    return {"allowances": Spreads(usual(day), MEASURED, ("place_class",))}


def allowances(targets: Mapping[str, int], answers: Answers) -> Allowances:
    """The allowances of each place class with a target, from the answers to ``usual_queries``."""
    found: Allowances = {}
    rows = answers["allowances"].to_pylist()
    for name_of_class, target in targets.items():
        place = word_of(name_of_class)
        medians = _medians(rows, place)
        for name, seconds in divided(target, medians).items():
            found.setdefault(name, {})[place] = seconds
    return found


def divided(target_s: int, medians: Medians) -> dict[str, int]:
    """``target_s`` divided as ``medians`` do; empty where they do not tell."""
    known = [name for name in PARTS if name in medians]
    total = sum(medians[name] for name in known)
    if len(known) < len(PARTS):
        if not known or "response" not in medians:
            return {}
        total = max(total, medians["response"])
    if total <= 0:
        return {}
    exact: dict[str, float] = {name: target_s * medians[name] / total for name in known}
    whole = {name: int(value) for name, value in exact.items()}
    if len(known) == len(PARTS):
        left = target_s - sum(whole.values())
        for name in sorted(exact, key=lambda name: whole[name] - exact[name])[:left]:
            whole[name] += 1
    if "answering" in medians:
        whole["answering"] = int(target_s * medians["answering"] / total)
    return whole


def queries(span: Span, besides: Sequence[Beside], where: Filters, context: Context) -> dict[str, Query]:
    """What ``build`` needs; nothing without targets or where the source does not tell responses or classes."""
    if not context.targets or {"call_received", "on_scene", "place_class"} & set(context.lacks):
        return {}
    allowed = tuple(
        (name, place, seconds)
        for name in ALLOWED
        for place, seconds in context.allowances.get(name, {}).items()
    )
    spans = (span, *(one.span for one in besides))
    return {"breaches": Breaches(spans, tuple(targets_of(context).items()), allowed, ("place_class",), where)}


def build(besides: Sequence[Beside], context: Context, answers: Answers) -> list[Breach]:
    """By place class in the order of the targets, then by cause in that of CAUSES; none that never occurred."""
    if "breaches" not in answers:
        return []
    counts: dict[tuple[int, str, str], int] = {}
    for row in answers["breaches"].to_pylist():
        counts[row["span"], row["place_class"], row["cause"]] = row["n"]
    found = []
    for place in targets_of(context):
        total = sum(counts.get((0, place, cause), 0) for cause in CAUSES)
        for cause in CAUSES:
            n, *before = (counts.get((at, place, cause), 0) for at in range(len(besides) + 1))
            if n or any(before):
                against = {one.id: _against(n, then, one) for one, then in zip(besides, before, strict=True)}
                found.append(Breach(place, cause, n, share(n, total), against))
    return found


def _against(n: int, then: int, beside: Beside) -> BreachAgainst:
    return BreachAgainst(then, beside.change(n, then), beside.gaps, beside.why)


def _medians(rows: Rows, place: str) -> Medians:
    """The medians of a class in the months before, else in the month, else those of all classes; empty of few."""
    for at in (0, 1):
        own = [row for row in rows if (row["span"], row["place_class"]) == (at, place) and row["n"] >= FEW]
        found = {row["interval"]: row["p50"] for row in own}
        if found:
            return found
    for at in (0, 1):
        sums: dict[str, tuple[float, int]] = {}
        for row in rows:
            if row["span"] == at and row["n"] >= FEW:
                total, n = sums.get(row["interval"], (0.0, 0))
                sums[row["interval"]] = (total + row["n"] * row["p50"], n + row["n"])
        if sums:
            return {name: total / n for name, (total, n) in sums.items()}
    return {}
