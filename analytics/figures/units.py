"""How fast each unit was, of the incidents to which it alone was sent, the slowest first. Pure.

Where several went, an incident's times are those of whoever was first, and nobody tells who that was: such incidents
count for no unit. Whether a unit differs from all others by more than chance says the test of the stations
(``shares.beside_all``: place classes as strata, so that far places are held against nobody).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, sqrt

import pyarrow as pa
from msgspec import Struct

from analytics.changes import SIGNIFICANT_Z
from analytics.figures.parts import StationResponse
from analytics.figures.response import compared
from data_feeds.history.query import Filters, Interval, Query, Span, Spreads

INTERVALS: tuple[Interval, ...] = ("turnout", "travel", "response")
BY_CHANCE = erfc(SIGNIFICANT_Z / sqrt(2.0)) / 2.0  # the share of units that look slow though none is


class UnitResponse(Struct, frozen=True):
    """One unit. ``response``: as of a station, ``key`` the unit's id; medians in seconds, None where unknown."""

    response: StationResponse
    turnout_p50: float | None
    travel_p50: float | None


class Units(Struct, frozen=True):
    """``n`` responses with a known time, of which ``alone`` are told of one unit; ``judged`` units have enough of them
    for a verdict, ``slow`` differ by more than chance, ``chance`` of which would if no unit were slower."""

    n: int
    alone: int
    units: tuple[UnitResponse, ...]
    judged: int
    slow: int
    chance: float


def query(span: Span, where: Filters, targets: Mapping[str, int]) -> Query:
    """What ``slowest`` needs. ``targets``: place class → s."""
    limits = tuple(sorted(set(targets.values())))
    return Spreads((span,), INTERVALS, ("unit", "place_class"), where, limits, prefixes=(1,))


def slowest(targets: Mapping[str, int], answer: pa.Table) -> Units:
    """Units by z, the least first; then those of too few responses by how many fewer than expected are in target."""
    rows = answer.to_pylist()
    of_unit = [row for row in rows if row["place_class"] is None]
    medians = {(row["unit"], row["interval"]): row["p50"] for row in of_unit}
    arrivals = [row for row in rows if row["interval"] == "response"]
    # what nobody is named for tells no more of a usual unit than of a slow one
    found = [one for one in compared([row for row in arrivals if row["unit"]], "unit", targets) if one.n]
    units = tuple(
        UnitResponse(one, medians[one.key, "turnout"], medians[one.key, "travel"])
        for one in sorted(found, key=_rank)
    )  # fmt: skip
    judged = sum(one.verdict != "few" for one in found)
    n = sum(row["n"] for row in of_unit if row["interval"] == "response")
    slow = sum(one.verdict == "down" for one in found)
    return Units(n, sum(one.n for one in found), units, judged, slow, judged * BY_CHANCE)


def _rank(one: StationResponse) -> tuple[bool, float, float, str]:
    few = one.verdict == "few" or one.z is None
    behind = one.in_target - (one.expected or 0.0) if few else one.z or 0.0
    return few, behind, -(one.p50 or 0.0), one.key
