"""How fast help comes: each interval by place class, its share within limits and targets, and the stations. Pure.

An interval is known where both of its times are and their order is right; else it is missing, never zero. Percentiles
are exact, with linear interpolation (Hyndman & Fan 1996, type 7). In target is a response of at most the target's
seconds. A comparator's difference is that of the medians; whether the share in target differs by more than chance
says the test of two proportions (see shares).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from analytics.changes import FEW
from analytics.figures.beside import Beside, by_span
from analytics.figures.parts import Spread, SpreadAgainst, StationResponse
from analytics.figures.request import Context
from analytics.figures.shares import beside_all, share, two_shares
from data_feeds.history.query import Dim, Filters, Interval, Query, Span, Spreads
from data_feeds.incident_log import word_of

INTERVALS: tuple[Interval, ...] = ("answering", "dispatch", "turnout", "travel", "response")
WITHIN_S = (60, 180, 300)
# the fields that an interval is made of; "answered" is told by an interval that nobody has
FIELDS: dict[str, tuple[str, ...]] = {
    "answering": ("call_received", "answered"), "dispatch": ("call_received", "dispatched"),
    "turnout": ("dispatched", "enroute"), "travel": ("enroute", "on_scene"), "response": ("call_received", "on_scene"),
}  # fmt: skip
Answers = Mapping[str, pa.Table]
_NOTHING: dict[str, Any] = {"n": 0, "missing": 0, "p50": None, "p90": None, "p95": None, "mean": None}


def queries(span: Span, besides: Sequence[Beside], where: Filters, context: Context) -> dict[str, Query]:
    """What ``intervals`` and ``stations`` need."""
    spans = (span, *(one.span for one in besides))
    limits = tuple(sorted({*WITHIN_S, *context.targets.values()}))
    found: dict[str, Query] = {
        "response": Spreads(spans, INTERVALS, ("place_class",), where, limits, prefixes=(0,)),
    }
    if not _lacks("response", context):
        by: tuple[Dim, ...] = ("station", "place_class")
        found["response.station"] = Spreads((span,), ("response",), by, where, limits, prefixes=(1,))
    return found


def intervals(besides: Sequence[Beside], context: Context, answers: Answers) -> list[Spread]:
    """Every interval of all incidents, then of each place class: those with a target first, in their order."""
    targets = targets_of(context)
    told = _Told(answers, targets)
    classes: list[str] = []
    if "place_class" not in context.lacks:
        classes = [*targets, *sorted(told.classes - set(targets))]
    found = []
    for name in INTERVALS:
        lacks = _lacks(name, context)
        if name == "answering" and not any(told.row(at, name, "")["n"] for at in range(len(besides) + 1)):
            lacks = (*lacks, "answered")
        for place in ("", *classes):
            now, *then = (told.row(at, name, place) for at in range(len(besides) + 1))
            x, n = now["in_target"], now["with_target"]
            found.append(Spread(
                name, place, now["n"], now["missing"], now["p50"], now["p90"], now["p95"], now["mean"],
                within={limit: now.get(f"within_{limit}", 0) for limit in told.limits},
                target_s=targets.get(place) if name == "response" else None,
                allowance_s=context.allowances.get(name, {}).get(place), with_target=n, in_target=x if n else None,
                share_in_target=share(x, n), few=now["n"] < FEW, lacks=lacks,
                against={one.id: _against(now, row, one) for one, row in zip(besides, then, strict=True)},
            ))  # fmt: skip
    return found


def targets_of(context: Context) -> dict[str, int]:
    """The targets by place class as the history writes it: ``KEY_SPOT`` and ``key spot`` are ``key_spot``."""
    return {word_of(place): seconds for place, seconds in context.targets.items()}


def unclassified(answers: Answers) -> int:
    """Incidents of the period without place class."""
    rows = answers["response"].to_pylist()
    return next((r["n"] + r["missing"] for r in rows if r["span"] == 0 and r["place_class"] == ""), 0)


def stations(context: Context, answers: Answers) -> list[StationResponse]:
    """The stations, least share in target first; those with too few responses to judge come last."""
    if "response.station" not in answers:
        return []
    found = compared(answers["response.station"].to_pylist(), "station", targets_of(context))
    return sorted(found, key=lambda s: (s.verdict == "few", _or(s.share_in_target, 2.0), -_or(s.p50, 0.0), s.key))


def compared(rows: Sequence[Mapping[str, Any]], dim: str, targets: Mapping[str, int]) -> list[StationResponse]:
    """Each of ``dim`` beside all others: ``rows`` are of responses by (dim, place class), and by dim alone where the
    class is None. In the order of the rows; incidents of which ``dim`` is unknown are compared with, but not told."""
    cells: dict[str, dict[str, tuple[int, int]]] = {}  # key → class → in target, n
    for row in rows:
        target = targets.get(row["place_class"])
        if target is not None and row["n"]:
            cells.setdefault(row[dim], {})[row["place_class"]] = (row[f"within_{target}"], row["n"])
    total = {
        place: tuple(sum(one.get(place, (0, 0))[k] for one in cells.values()) for k in (0, 1))
        for place in targets
    }
    found = []
    for row in rows:
        if not row[dim] or row["place_class"] is not None:
            continue
        mine = cells.get(row[dim], {})
        expected, z, verdict = beside_all([(*mine[place], *total[place]) for place in mine])  # type: ignore[misc]
        x, n = (sum(part[k] for part in mine.values()) for k in (0, 1))
        found.append(StationResponse(
            row[dim], row["n"], row["missing"], row["p50"], n, x, share(x, n), expected if n else None, z, verdict
        ))  # fmt: skip
    return found


class _Told:
    """The rows of the answers, with what is in target: of all classes together each by its own target."""

    def __init__(self, answers: Answers, targets: Mapping[str, int]) -> None:
        self._rows = by_span(answers["response"].to_pylist(), "interval", "place_class")
        self._targets = targets
        self.classes = {place for _, _, place in self._rows if place}
        self.limits = sorted({*WITHIN_S, *targets.values()})

    def row(self, at: int, name: str, place: str) -> dict[str, Any]:
        row = dict(self._rows.get((at, name, place or None), _NOTHING))
        row["with_target"] = row["in_target"] = 0
        if name == "response":
            for one in (place,) if place else self._targets:
                if one in self._targets:
                    part = self._rows.get((at, name, one), _NOTHING)
                    row["with_target"] += part["n"]
                    row["in_target"] += part.get(f"within_{self._targets[one]}", 0)
        return row


def _against(now: dict[str, Any], then: dict[str, Any], beside: Beside) -> SpreadAgainst:
    x, n = then["in_target"], then["with_target"]
    both = now["with_target"] and n
    return SpreadAgainst(
        then["n"], then["missing"], then["p50"], then["p90"], then["p95"], x if n else None, share(x, n),
        difference_s=now["p50"] - then["p50"] if min(now["n"], then["n"]) >= FEW else None,
        change=two_shares(now["in_target"], now["with_target"], x, n) if both else None,
        gaps=beside.gaps, why=beside.why,
    )  # fmt: skip


def _lacks(name: str, context: Context) -> tuple[str, ...]:
    return tuple(field for field in FIELDS[name] if field in context.lacks)


def _or(value: float | None, other: float) -> float:
    return other if value is None else value

