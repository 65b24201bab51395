"""What a report says of responses, of presence and of places on the map. Plain values that go out as JSON.

Seconds, minutes, km and km²; shares are 0–1. A number that nobody can tell is None, never 0.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from analytics.changes import Change
from analytics.figures.request import ComparatorId

Verdict = Literal["few", "noise", "up", "down"]


class ShareChange(Struct, frozen=True):
    """A share against another. ``points``: percentage points; ``z``: of two proportions, None of few."""

    points: float | None
    z: float | None
    verdict: Verdict


class SpreadAgainst(Struct, frozen=True):
    """The same interval in a comparator's span. ``difference_s``: median less its median, None where either rests on
    fewer than ten; ``change`` of the share in target. ``why``: see result.Why."""

    n: int
    missing: int
    p50: float | None
    p90: float | None
    p95: float | None
    in_target: int | None
    share_in_target: float | None
    difference_s: float | None = None
    change: ShareChange | None = None
    gaps: bool = False
    why: tuple[str, ...] = ()


class Spread(Struct, frozen=True):
    """How long ``interval`` (query.INTERVALS) took. ``n`` incidents have it, ``missing`` have not.

    ``place_class`` "": all, also those without a class. ``within``: s → how many of ``n``. ``in_target``: of
    ``with_target`` incidents whose class has a target; only responses have one. ``allowance_s``: see breaches.
    ``few``: n is below ten.
    """

    interval: str
    place_class: str
    n: int
    missing: int
    p50: float | None
    p90: float | None
    p95: float | None
    mean: float | None = None
    within: dict[int, int] = {}
    target_s: int | None = None
    allowance_s: int | None = None
    with_target: int = 0
    in_target: int | None = None
    share_in_target: float | None = None
    few: bool = False
    against: dict[ComparatorId, SpreadAgainst] = {}
    formula: str = "spread"
    lacks: tuple[str, ...] = ()


class StationResponse(Struct, frozen=True):
    """Responses of one station, or unit. ``expected``: how many would be in target if each place class did as in all
    of them together; ``z``, ``verdict``: whether it differs by more than chance (up: more in target)."""

    key: str
    n: int
    missing: int
    p50: float | None
    with_target: int
    in_target: int
    share_in_target: float | None
    expected: float | None
    z: float | None
    verdict: Verdict


class BreachAgainst(Struct, frozen=True):
    """``change``: per recorded day where the two periods are not equally long; None where too little is recorded."""

    n: int
    change: Change | None = None
    gaps: bool = False
    why: tuple[str, ...] = ()


class Breach(Struct, frozen=True):
    """``n`` responses beyond the target of ``place_class``, caused by ``cause`` (query.CAUSES). ``share``: of all
    breaches of that class."""

    place_class: str
    cause: str
    n: int
    share: float | None
    against: dict[ComparatorId, BreachAgainst] = {}


class Response(Struct, frozen=True):
    """``allowances``: interval → place class → s, by which causes are told. ``stations``: slowest first.
    ``unclassified``: incidents without place class. ``lacks``: fields without which part of this says nothing."""

    intervals: list[Spread] = []
    breaches: list[Breach] = []
    stations: list[StationResponse] = []
    allowances: dict[str, dict[str, int]] = {}
    unclassified: int = 0
    lacks: tuple[str, ...] = ()


class SightingZone(Struct, frozen=True):
    """Presence in one zone: unit-minutes of all days, and per day and km of road or km².

    ``incidents`` against ``expected``, their number if they fell as presence is spread; ``verdict``: short (more
    incidents than that, by more than chance), ample (fewer), noise, few. ``wanted``: minutes that would fit its share.
    """

    key: str
    minutes: float
    units: int | None
    incidents: int
    per_road_km: float | None = None
    per_km2: float | None = None
    share_minutes: float | None = None
    share_incidents: float | None = None
    expected: float | None = None
    wanted: float | None = None
    z: float | None = None
    verdict: Literal["few", "noise", "short", "ample"] = "few"
    before_minutes: float | None = None
    name_zh: str = ""
    name_en: str = ""


class FollowedAgainst(Struct, frozen=True):
    overlap: float
    ceiling: float
    n: int
    z: float
    verdict: Verdict
    gaps: bool = False
    why: tuple[str, ...] = ()


class Followed(Struct, frozen=True):
    """How well presence follows ``n`` incidents over ``cells`` pairs of zone and hour: ``overlap`` of their shares.

    ``ceiling``: what it would be on average if incidents fell exactly as presence is spread: chance alone keeps so few
    from fitting. ``noise``: the standard deviation of overlap is at most this.
    """

    overlap: float
    ceiling: float
    noise: float
    n: int
    cells: int
    few: bool = False
    against: dict[ComparatorId, FollowedAgainst] = {}


class Sighting(Struct, frozen=True):
    """Presence from tracks, from business day ``first`` to ``last`` (``days``, the last perhaps in part): no longer
    than they reach back. ``why`` there is nothing: tracks (none kept of this period), zones (nobody names any), cells
    (presence is not known by cell). ``outside_*``: in no zone, left out of all shares. ``partial``: the day on which
    tracks begin, of which only the hours with tracks count."""

    zones: list[SightingZone] = []
    followed: Followed | None = None
    since: date | None = None
    first: date | None = None
    last: date | None = None
    days: float = 0.0
    partial: bool = False
    minutes: float = 0.0
    outside_minutes: float = 0.0
    outside_incidents: int = 0
    why: Literal["", "tracks", "zones", "cells"] = ""
    formula: str = "sighting"


class HeatCell(Struct, frozen=True):
    """``cell``: H3 index in hex digits (JavaScript's numbers are too short for it); ``before``: the previous period,
    ``change`` as that of a breach."""

    cell: str
    n: int
    per_km2: float
    before: float | None = None
    change: Change | None = None


class HotCell(Struct, frozen=True):
    """Getis–Ord Gi* of a hot cell: ``near`` incidents in and around it (None in exports), ``z``, one-sided ``p``,
    ``q`` after correction for many tests."""

    cell: str
    n: int
    near: int | None
    z: float
    p: float
    q: float


class Heat(Struct, frozen=True):
    """Cells with an incident in this or the previous period, most first. ``unplaced``: incidents without a position.

    ``tested`` cells were searched for hot ones, ``km2`` together; ``area``: those within the outline of the
    jurisdiction, or (incidents) those that had one and their neighbours. ``few`` cells would be hot if few counted.
    ``suppressed``: cells left out of an export because they have too few.
    """

    resolution: int
    cells: list[HeatCell] = []
    hot: list[HotCell] = []
    placed: int = 0
    unplaced: int = 0
    tested: int = 0
    km2: float = 0.0
    area: Literal["outline", "incidents"] = "incidents"
    few: int = 0
    suppressed: int = 0
    lacks: tuple[str, ...] = ()
