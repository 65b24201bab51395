"""1·3·5 now: which key spots can be reached in their target by whom, what of the city, and which moves mend the gaps.

Pure. A spot is covered while the travel time of some unit that can be sent is at most its target. ``basis`` "straight":
without a road graph nothing is said to be covered or not; the nearest unit is told with its distance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field

from analytics.dispatch import Uncovered
from analytics.force import Force, Mask, OnRoads
from analytics.moves import Step, plan
from analytics.reach import Reach, Spot
from analytics.streets import Floats, Ints
from data_feeds.geo import distance_m

ROAD, STRAIGHT = "road", "straight"
NO_POSITION = "no_position"  # of what is asked about: no way, no distance


class CoveredSpot(Struct, frozen=True):
    """A spot and who is there first. ``margin_s``: target less travel time (negative: not covered); None: nobody can
    come, or no road time is known. ``distance_m``: as the crow flies, where the basis is straight."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    lat: float
    lon: float
    target_s: float
    unit_id: str | None = None
    callsign: str | None = None
    travel_s: float | None = None
    margin_s: float | None = None
    distance_m: float | None = None


class MoveTo(Struct, frozen=True):
    """Where a unit is to stand: at one of the spots, posts or stations."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    lat: float
    lon: float


class Move(Struct, frozen=True):
    """One unit to one place: the gaps it mends when it stands there, the spots that it opens by leaving."""

    unit_id: str
    callsign: str
    lat: float
    lon: float
    to: MoveTo
    travel_s: float
    mends: list[str]
    opens: list[str]


class Bound(Struct, frozen=True):
    """How good the moves are. No set of fewer than ``at_least`` moves mends what these mend; greedy choice needs at
    most ``factor`` times the fewest (the harmonic number of the most gaps that one place mends; Chvátal 1979).
    ``holds``: whether the factor holds: not when a move opened another spot or a place found no free unit."""

    moves: int
    at_least: int
    factor: float
    holds: bool


class Cover(Struct, frozen=True):
    """All spots, those with the least margin first. ``covered``: None where the basis is straight; ``unmendable``: gaps
    that no move mends. Times in Unix ms."""

    basis: str
    data_ms: float | None
    spots: list[CoveredSpot]
    covered: int | None
    total: int
    moves: list[Move]
    bound: Bound
    unmendable: list[str] = field(default_factory=list)


class CityCover(Struct, frozen=True):
    """The city by H3 cells: parallel lists. ``cells``: H3 indices as hexadecimal text; ``travel_s``: until somebody is
    there (median over the cell's junctions), None: nobody can come; ``target_s`` of each; ``share``: of the cells that
    are reached within it, None without cells."""

    basis: str
    data_ms: float | None
    resolution: int
    cells: list[str]
    travel_s: list[float | None]
    target_s: list[float]
    reached: int
    share: float | None


class Ring(Struct, frozen=True):
    """What is reached within ``seconds``: closed lines of [latitude, longitude] round H3 cells whose streets are."""

    seconds: float
    lines: list[list[tuple[float, float]]]


class Rings(Struct, frozen=True):
    """Rings round an incident (from where it is reached) or a unit (how far it gets); none where the basis is
    straight or no_position; without a position there is no ``center``."""

    basis: str
    data_ms: float | None
    center: tuple[float, float] | None
    rings: list[Ring]


def cover(
    spots: Sequence[Spot], sites: Sequence[Spot], roads: OnRoads, ready: Mask, reach: Reach, data_ms: float | None
) -> Cover:
    """The cover of ``spots`` by the units ``ready``, from their ``reach``, and the moves to ``sites`` that mend its
    gaps (the spots themselves should be among them)."""
    force = roads.force
    time_s, who = _first(reach, roads, ready)
    rows = [_row(spot, force, float(time_s[k]), int(who[k])) for k, spot in enumerate(spots)]
    planned = plan(reach, sites, roads, ready)
    bound = Bound(len(planned.steps), planned.at_least, round(planned.factor, 3), planned.holds)
    rows.sort(key=lambda row: (-np.inf if row.margin_s is None else row.margin_s, row.id))
    return Cover(
        ROAD, data_ms, rows, int((reach.coverers > 0).sum()), len(spots),
        [_move(step, spots, sites, force) for step in planned.steps], bound, [spots[k].id for k in planned.left],
    )  # fmt: skip


def uncovered(reach: Reach, force: Force) -> dict[str, list[Uncovered]]:
    """By unit what sending it would leave without cover, of the units and spots of ``reach``."""
    found = {}
    for unit in np.unique(reach.alone[reach.alone >= 0]).tolist():
        found[force.ids[unit]] = [
            Uncovered(
                *reach.spots[spot][:4], reach.spots[spot].target_s, round(was_s, 1),
                None if now_s is None else round(now_s, 1), force.callsigns[by] if by >= 0 else None,
            )
            for spot, was_s, now_s, by in reach.opened_by(unit)
        ]  # fmt: skip
    return found


def straight_cover(spots: Sequence[Spot], force: Force, ready: Mask, data_ms: float | None) -> Cover:
    """Where no road graph is known: who is nearest to each spot as the crow flies; nothing is said of cover."""
    near = np.flatnonzero(ready)
    rows = []
    for spot in spots:
        away_m = distance_m(force.lat[near], force.lon[near], np.array(spot.lat), np.array(spot.lon))
        if not len(near):
            rows.append(CoveredSpot(*spot))
            continue
        unit, distance = int(near[np.argmin(away_m)]), round(float(away_m.min()), 1)
        rows.append(CoveredSpot(*spot, force.ids[unit], force.callsigns[unit], None, None, distance))
    rows.sort(key=lambda row: (-(row.distance_m or np.inf), row.id))
    return Cover(STRAIGHT, data_ms, rows, None, len(spots), [], Bound(0, 0, 1.0, True))


def _first(reach: Reach, roads: OnRoads, ready: Mask) -> tuple[Floats, Ints]:
    """(S,) seconds until the first is at each spot and who; those that the table does not reach are searched for."""
    has = np.diff(reach.first) > 0
    time_s, who = np.full(len(has), np.inf), np.full(len(has), -1, dtype=np.intp)
    time_s[has], who[has] = reach.time_s[reach.first[:-1][has]], reach.unit[reach.first[:-1][has]]
    if not has.all():
        far = roads.first_at(reach.places.take(~has), ready)
        time_s[~has], who[~has] = far
    return time_s, who


def _row(spot: Spot, force: Force, time_s: float, who: int) -> CoveredSpot:
    if who < 0:
        return CoveredSpot(*spot)
    margin_s = spot.target_s - time_s
    return CoveredSpot(*spot, force.ids[who], force.callsigns[who], round(time_s, 1), round(margin_s, 1))


def _move(step: Step, spots: Sequence[Spot], sites: Sequence[Spot], force: Force) -> Move:
    unit = step.unit
    return Move(
        force.ids[unit], force.callsigns[unit], float(force.lat[unit]), float(force.lon[unit]),
        MoveTo(*sites[step.site][:6]), round(step.time_s, 1),
        [spots[k].id for k in step.mends], [spots[k].id for k in step.opens],
    )  # fmt: skip
