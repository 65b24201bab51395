"""How often police is seen (见警率), and how well presence follows incidents (警力跟着警情走). Pure.

Presence is unit-minutes from tracks (see data_feeds/history/tracks). Rates are per day and km of road, or per km².

Following. Over all pairs of zone and hour of the clock, p is the share of presence and q = k/n that of the n incidents:

    overlap = 1 − ½·Σ|p − q|                                (1: alike, 0: nowhere together)

Few incidents never fit exactly. Were they dealt out as presence is spread, each k would be binomial (n, p), whose mean
deviation is known in closed form (de Moivre 1730), and overlap would on average be

    ceiling = 1 − 1/(2n)·Σ E|k − np|,   E|k − np| = 2·m·C(n, m)·p^m·(1−p)^(n−m+1),   m = ⌊np⌋ + 1

One incident elsewhere changes overlap by 1/n at most, so that its standard deviation is at most 1/(2√n) (Efron & Stein
1981; ``noise``). Two periods differ by more than chance where overlap − ceiling does by three such deviations.

A zone is short of presence where its k incidents are more than the e = n·p that its share of presence would fit:
z = 2·(√k − √e) > 3, ample where z < −3; few where both are below FEW. What lies in no zone is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import sqrt
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.special import gammaln

from analytics.changes import FEW, SIGNIFICANT_Z
from analytics.figures.beside import Beside
from analytics.figures.parts import Followed, FollowedAgainst, Sighting, SightingZone
from analytics.figures.request import Context, PlaceFact
from analytics.figures.response import Answers
from analytics.figures.shares import verdict
from analytics.periods import ONE, each_day
from data_feeds.history.query import Counts, Dim, Filters, Patrol, Query, Span

Floats = NDArray[np.float64]
CITY = ("", "city")


def reach(span: Span, since: date | None) -> Span | None:
    """The part of ``span`` for which there are whole days of tracks; its last day in whole hours, as presence is kept.

    The day on which tracks begin counts only where it is all there is; then its hours with tracks do.
    """
    if since is None or span.last < since:
        return None
    first = max(span.first, min(since + ONE, span.last)) if span.first <= since else span.first
    until = None if span.until_minute is None else span.until_minute // 60 * 60
    return Span(first, span.last, until)


def queries(span: Span, besides: Sequence[Beside], where: Filters, context: Context) -> dict[str, Query]:
    """What ``build`` needs; nothing where presence cannot be told."""
    own = reach(span, context.tracks_since)
    if own is None or where.cells:
        return {}
    spans = (own, *(_cut(one.span) for one in _held(besides, context)))
    by: tuple[Dim, ...] = ("zone", "hour", "weekday") if where.weekdays else ("zone", "hour")
    found: dict[str, Query] = {
        "sighting.patrol": Patrol(spans, by, where.scope),
        "sighting.incidents": Counts(spans, by, where),
    }
    if not where.hours and not where.weekdays:
        found["sighting.units"] = Patrol(spans[:1], ("zone",), where.scope)
    return found


def build(span: Span, besides: Sequence[Beside], where: Filters, context: Context, answers: Answers) -> Sighting:
    """The figures; ``why`` says what is missing where there are none."""
    own = reach(span, context.tracks_since)
    if where.cells:
        return Sighting(since=context.tracks_since, why="cells")
    if own is None or "sighting.patrol" not in answers:
        return Sighting(since=context.tracks_since, why="tracks")
    held = _held(besides, context)
    facts = {one.code: one for one in context.zones if _within(one, where)}
    presence = _Table(answers["sighting.patrol"].to_pylist(), "minutes", where)
    incidents = _Table(answers["sighting.incidents"].to_pylist(), "n", where)
    codes = sorted((set(facts) | presence.zones | incidents.zones) - {""})
    hours = where.hours or tuple(range(24))
    partial, days = own.first == context.tracks_since, days_of(own, where.weekdays)
    if partial:  # the day on which tracks begin: only the hours for which there are any
        hours = tuple(hour for hour in hours if presence.total(0, (hour,)))
        days = 1.0 if where.hours else len(hours) / 24
        if not hours:
            return Sighting(since=context.tracks_since, why="tracks")
    about = Sighting(
        since=context.tracks_since, first=own.first, last=own.last, days=days, partial=partial,
        minutes=presence.total(0, hours), outside_minutes=presence.total(0, hours, ""),
        outside_incidents=round(incidents.total(0, hours, "")),
    )  # fmt: skip
    if not codes:
        return replace(about, why="zones")
    grids = [(presence.grid(at, codes, hours), incidents.grid(at, codes, hours)) for at in range(len(held) + 1)]
    minutes, counts = (grid.sum(axis=1) for grid in grids[0])
    units: dict[str, int] | None = None
    if "sighting.units" in answers:
        units = {row["zone"]: row["units"] for row in answers["sighting.units"].to_pylist()}
    before = grids[1][0].sum(axis=1) if held and held[0].id == "previous" else None
    zones = [
        SightingZone(
            code, float(minutes[at]), None if units is None else units.get(code, 0), round(counts[at]),
            before_minutes=None if before is None else float(before[at]),
            **_rates(facts.get(code), minutes[at], about.days),
            **_fit(minutes[at], counts[at], minutes.sum(), counts.sum()),
        )
        for at, code in enumerate(codes)
    ]  # fmt: skip
    zones.sort(key=lambda zone: (-(zone.z or 0.0), zone.key))
    return replace(about, zones=zones, followed=_followed(grids, held))


def days_of(span: Span, weekdays: Sequence[int] = ()) -> float:
    """How many days a span covers, the last perhaps in part; of these ``weekdays`` (Monday = 1) only, () all."""
    last = 1.0 if span.until_minute is None else span.until_minute / 1440
    if not weekdays:
        return (span.last - span.first).days + last
    whole = sum(day.isoweekday() in weekdays for day in each_day(Span(span.first, span.last - ONE)))
    return whole + last * (span.last.isoweekday() in weekdays)


def overlap(presence: Floats, incidents: Floats) -> float:
    """1 − ½·Σ|p − q| of the shares of two arrays of the same shape; neither may be all zeros."""
    return 1.0 - 0.5 * float(np.abs(presence / presence.sum() - incidents / incidents.sum()).sum())


def ceiling(presence: Floats, n: int) -> float:
    """The mean of ``overlap`` if ``n`` incidents were dealt out as ``presence`` is spread."""
    p = presence[presence > 0] / presence.sum()
    m = np.minimum(np.floor(n * p) + 1, n)
    sure = p >= 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        log = (
            np.log(2 * m) + gammaln(n + 1) - gammaln(m + 1) - gammaln(n - m + 1) + m * np.log(p)
            + (n - m + 1) * np.log1p(-p)
        )  # fmt: skip
    return 1.0 - float(np.where(sure, 0.0, np.exp(log)).sum()) / (2 * n)


def _rates(fact: PlaceFact | None, minutes: float, days: float) -> dict[str, Any]:
    if fact is None or days <= 0:
        return {} if fact is None else {"name_zh": fact.name_zh, "name_en": fact.name_en}
    return {
        "per_road_km": float(minutes) / days / fact.road_km if fact.road_km else None,
        "per_km2": float(minutes) / days / fact.km2 if fact.km2 else None,
        "name_zh": fact.name_zh, "name_en": fact.name_en,
    }  # fmt: skip


def _fit(minutes: float, k: float, all_minutes: float, n: float) -> dict[str, Any]:
    """Whether a zone's ``k`` of ``n`` incidents fit its share of all minutes."""
    found: dict[str, Any] = {}
    if n:
        found |= {"share_incidents": float(k / n), "wanted": float(all_minutes * k / n)}
    if all_minutes:
        expected = float(n * minutes / all_minutes)
        z = 2 * (sqrt(k) - sqrt(expected))
        found |= {"share_minutes": float(minutes / all_minutes), "expected": expected, "z": round(z, 2)}
        if max(k, expected) >= FEW:
            found["verdict"] = "noise" if abs(z) <= SIGNIFICANT_Z else "short" if z > 0 else "ample"
    return found


def _followed(grids: list[tuple[Floats, Floats]], held: Sequence[Beside]) -> Followed | None:
    told = [_follow(*grid) for grid in grids]
    now = told[0]
    if now is None:
        return None
    value, most, n = now
    against = {}
    for one, then in zip(held, told[1:], strict=True):
        if then is None:
            continue
        z = ((value - most) - (then[0] - then[1])) / sqrt(1 / (4 * n) + 1 / (4 * then[2]))
        few = min(n, then[2]) < FEW
        against[one.id] = FollowedAgainst(
            then[0], then[1], then[2], round(z, 2), "few" if few else verdict(z), one.gaps, one.why
        )
    return Followed(value, most, 1 / (2 * sqrt(n)), n, grids[0][0].size, n < FEW, against)


def _follow(presence: Floats, incidents: Floats) -> tuple[float, float, int] | None:
    n = round(float(incidents.sum()))
    if not n or presence.sum() <= 0:
        return None
    return overlap(presence, incidents), ceiling(presence, n), n


class _Table:
    """Minutes or incidents by span, zone and hour; of the hours and weekdays that are asked for."""

    def __init__(self, rows: list[dict[str, Any]], column: str, where: Filters) -> None:
        self._of: dict[tuple[int, str, int], float] = {}
        for row in rows:
            if where.hours and row["hour"] not in where.hours:
                continue
            if where.weekdays and row["weekday"] not in where.weekdays:
                continue
            if where.zones and row["zone"] not in where.zones:
                continue
            at = (row["span"], row["zone"] or "", row["hour"])
            self._of[at] = self._of.get(at, 0.0) + row[column]
        self.zones = {zone for _, zone, _ in self._of}

    def total(self, span: int, hours: Sequence[int], zone: str | None = None) -> float:
        return sum(
            value for (at, of, hour), value in self._of.items() if at == span and hour in hours and zone in (None, of)
        )

    def grid(self, span: int, codes: Sequence[str], hours: Sequence[int]) -> Floats:
        return np.array([[self._of.get((span, code, hour), 0.0) for hour in hours] for code in codes])


def _held(besides: Sequence[Beside], context: Context) -> list[Beside]:
    """Those for all of which there are tracks."""
    since = context.tracks_since
    return [one for one in besides if since is not None and one.span.first > since]


def _cut(span: Span) -> Span:
    return Span(span.first, span.last, None if span.until_minute is None else span.until_minute // 60 * 60)


def _within(place: PlaceFact, where: Filters) -> bool:
    held = where.scope in CITY or where.scope == place.code or where.scope in place.parents
    return held and (not where.zones or place.code in where.zones)
