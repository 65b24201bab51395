"""Drones at work and what their cameras found, beside the period before and the one a year before. Pure.

    drones = build(report, {name: ask(query) for name, query in queries(report).items()})

Counts of sorties and of detections are judged as counts of incidents are (analytics.changes); hours in the air are told
beside each other and not tested, for a sortie's minutes do not come one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

import pyarrow as pa
from msgspec import Struct

from analytics.changes import change, change_per_day
from analytics.figures.beside import WANTED
from analytics.figures.frame import HOLLOW, SAME_LENGTH
from analytics.figures.request import ComparatorId
from analytics.figures.result import Against, Comparison, Report
from analytics.periods import DAY_MS, bounds_ms
from data_feeds.history.query import Detected, DronesKnown, Flown, Query, Span

Answers = Mapping[str, pa.Table]


class Work(Struct, frozen=True):
    """Flights of a period: ``minutes`` in the air of all ``drones`` together."""

    sorties: int = 0
    minutes: int = 0
    drones: int = 0


class DroneRow(Struct, frozen=True):
    """What one drone did, or what was done on one mission ("": nobody said which). A sortie that flew several missions
    counts in each."""

    key: str
    sorties: int
    minutes: int
    detections: int


class KindRow(Struct, frozen=True):
    """How often one kind of thing was found. ``share`` of all detections, 0–1, None of zero."""

    key: str
    n: int
    share: float | None
    against: dict[ComparatorId, Against] = {}


class Drones(Struct, frozen=True):
    """``flown_since``, ``found_since``: the first business days of which a flight and a detection are known, up to the
    end of the period; None: none. ``then``: the flights of the comparators that can stand beside the period.
    ``kinds``, ``by_drone``, ``by_mission``: most first."""

    flown_since: date | None
    found_since: date | None
    work: Work = Work()
    then: dict[ComparatorId, Work] = {}
    sorties: dict[ComparatorId, Against] = {}
    found: int = 0
    against: dict[ComparatorId, Against] = {}
    kinds: tuple[KindRow, ...] = ()
    by_drone: tuple[DroneRow, ...] = ()
    by_mission: tuple[DroneRow, ...] = ()


def queries(report: Report) -> dict[str, Query]:
    """The questions whose answers ``build`` needs, by name."""
    own, scope = report.period.span, report.request.where.scope
    spans = (own, *(one.spans[0] for one in _compared(report)))
    return {
        "known": DronesKnown(report.period.reached), "flown": Flown(spans, ("drone_id",), scope),
        "missions": Flown((own,), ("mission",), scope), "kinds": Detected(spans, ("kind",), scope),
        "found": Detected((own,), ("drone_id",), scope), "seen": Detected((own,), ("mission",), scope),
    }  # fmt: skip


def build(report: Report, answers: Answers) -> Drones:
    """The figures from the answers to ``queries`` of the same report."""
    known = answers["known"].to_pylist()[0]
    flown_since, found_since = known["flown"], known["detected"]
    compared = _compared(report)
    work = [Work() for _ in range(len(compared) + 1)]
    for row in answers["flown"].to_pylist():
        before = work[row["span"]]
        work[row["span"]] = Work(before.sorties + row["sorties"], before.minutes + row["minutes"], before.drones + 1)
    kinds: dict[str, list[int]] = {}
    for row in answers["kinds"].to_pylist():
        kinds.setdefault(row["kind"], [0] * len(work))[row["span"]] += row["n"]
    found = [sum(counts[at] for counts in kinds.values()) for at in range(len(work))]
    sides = dict(enumerate(compared, 1))
    sorties = {one.id: against(report, one, work[0].sorties, work[at].sorties, flown_since)
               for at, one in sides.items()}  # fmt: skip
    rows = [
        KindRow(key, counts[0], counts[0] / found[0] if found[0] else None,
                {one.id: against(report, one, counts[0], counts[at], found_since) for at, one in sides.items()})
        for key, counts in kinds.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (-row.n, row.key))
    return Drones(
        flown_since, found_since, work[0],
        {one.id: work[at] for at, one in sides.items() if sorties[one.id].value is not None}, sorties, found[0],
        {one.id: against(report, one, found[0], found[at], found_since) for at, one in sides.items()}, tuple(rows),
        _rows(answers["flown"], "drone_id", answers["found"]), _rows(answers["missions"], "mission", answers["seen"]),
    )  # fmt: skip


def against(report: Report, one: Comparison, n: int, then: int, since: date | None) -> Against:
    """``n`` of the period beside ``then`` of a comparator, as counts of incidents stand beside each other
    (figures.frame): ``since`` when such things are known."""
    span = one.spans[0]
    if not one.used or since is None or span.first <= since:  # the first day may have begun before its records
        why = one.why if "reach" in one.why or not one.used else (*one.why, "reach")
        return Against(None, 0, gaps="gap" in one.why, why=why)
    whole, other_whole = _days(report, report.period.span), _days(report, span)
    days = whole * report.data.recorded
    hollow = whole - days > HOLLOW * whole or other_whole - one.days > HOLLOW * other_whole
    unlike = abs(days - one.days) > SAME_LENGTH * max(days, one.days)
    raw = None if hollow else change(n, then)
    per_day = None
    if unlike and not (hollow and report.period.kind == "day"):
        per_day = change_per_day(n, days, then, one.days)
    return Against(float(then), 1, raw, per_day, "gap" in one.why, one.why)


def _compared(report: Report) -> list[Comparison]:
    """The comparators that are a single like period, in their order."""
    return [one for one in report.comparators if one.id in WANTED and one.spans]


def _days(report: Report, span: Span) -> float:
    begin, end = bounds_ms(span, ZoneInfo(report.request.zone), report.request.day_start_minute)
    return (end - begin) / DAY_MS


def _rows(flown: pa.Table, key: str, found: pa.Table) -> tuple[DroneRow, ...]:
    work = {row[key]: row for row in flown.to_pylist() if row["span"] == 0}
    seen = {row[key]: row["n"] for row in found.to_pylist()}
    nothing = {"sorties": 0, "minutes": 0}
    rows = [
        DroneRow(name, work.get(name, nothing)["sorties"], work.get(name, nothing)["minutes"], seen.get(name, 0))
        for name in sorted(work.keys() | seen.keys())
    ]
    return tuple(sorted(rows, key=lambda row: (-row.minutes, -row.detections, row.key)))
