"""Travel times by road: from many units to few places, from all units to everywhere, and the way of one. Pure.

A time is the way along the streets at the speed that their class lets a unit drive at that hour, 3 s at each junction,
and the metres from a place to its street; two places nearer to each other than to their streets are gone straight
between. One-way streets hold for driving, not for walking; nobody walks on a
motorway. Times are forecasts from this table, not measurements:

share of the usual speed that is driven, by local hour
| streets | 0–5, 22–23 | 6, 20–21 | 7–8 | 9–16 | 17–18 | 19 |
| --- | --- | --- | --- | --- | --- | --- |
| motorway, trunk | 1.0 | 0.95 | 0.70 | 0.90 | 0.65 | 0.85 |
| primary, secondary | 1.0 | 0.90 | 0.60 | 0.80 | 0.55 | 0.75 |
| others | 1.0 | 0.95 | 0.80 | 0.90 | 0.75 | 0.85 |

The usual speed is an edge's own limit or that of its class (``roads.USUAL_SPEED_MPS``). Where no hour is given, all are
1.0. A city may set both: ``roads.with_speeds``, ``flow_of``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.streets import Floats, Ints, Snap, Streets
from data_feeds.roads import CLASSES
from data_feeds.settings_checks import hours_of

JUNCTION_S = 3.0  # as the demo city's units need; at nodes where more than two ways lead on
OFF_ROAD_MPS = 4.2  # from a yard to its street, as on service roads
WALK_MPS = 2.0  # in a hurry, with kit
LEAST_S = 1e-3  # the search needs edges that take time
AT_ONCE = 4  # targets searched together: a search lets no other thread run
NO_WALKING = CLASSES.index("motorway")

_FAST, _MAIN, _MINOR = 0, 1, 2
_GROUP = np.array([{"motorway": _FAST, "trunk": _FAST, "primary": _MAIN, "secondary": _MAIN}.get(name, _MINOR)
                   for name in CLASSES])  # fmt: skip
_FLOW = {  # hours → share of the usual speed by group of classes
    range(6): (1.0, 1.0, 1.0), range(6, 7): (0.95, 0.9, 0.95), range(7, 9): (0.7, 0.6, 0.8),
    range(9, 17): (0.9, 0.8, 0.9), range(17, 19): (0.65, 0.55, 0.75), range(19, 20): (0.85, 0.75, 0.85),
    range(20, 22): (0.95, 0.9, 0.95), range(22, 24): (1.0, 1.0, 1.0),
}  # fmt: skip
FLOW = np.array([next(shares for hours, shares in _FLOW.items() if hour in hours) for hour in range(24)])  # (24, 3)


def flow_of(shares: Mapping[str, Sequence[float]]) -> Floats:
    """(24, 3) FLOW with other ``shares``: hours such as "7-8" → of motorways and trunk roads, of primary and secondary
    ones, of others. Raises ValueError for no hours."""
    flow = FLOW.copy()
    for key, values in shares.items():
        flow[list(hours_of(key))] = values
    return flow


_Part = tuple[Floats, Floats, float]  # latitudes, longitudes, metres


class Mode(Enum):
    """How a unit moves."""

    DRIVE = "drive"
    WALK = "walk"


@dataclass(frozen=True, eq=False)
class Leaving:
    """Where ``units`` get onto the roads, by node: those at node n are ``first[n]:first[n + 1]`` of the rest (2U)."""

    units: Snap
    first: Ints
    unit: Ints
    time_s: Floats


@dataclass(frozen=True, eq=False)
class First:
    """Who is first at every node: ``time_s`` (N,), inf where nobody comes; ``who`` (N,) index of the unit or −1."""

    time_s: Floats
    who: Ints
    units: Snap
    limit_s: float


@dataclass(frozen=True, eq=False)
class Way:
    """One unit's fastest way: seconds, metres along the streets, and its line in degrees."""

    time_s: float
    length_m: float
    lat: Floats
    lon: Floats


class TravelGraph:
    """``streets`` with the seconds that each edge takes in ``mode`` at local ``hour`` (0…23; None: as if free);
    ``flow`` (24, 3): the shares that are driven then."""

    def __init__(
        self, streets: Streets, mode: Mode = Mode.DRIVE, hour: int | None = None, flow: Floats = FLOW
    ) -> None:
        self.streets, self.mode = streets, mode
        roads = streets.roads
        self.nodes = len(roads.lat)
        walks = mode is Mode.WALK
        if walks:
            speed = np.where(roads.road_class == NO_WALKING, 0.0, WALK_MPS)
        else:
            shares = np.ones(3) if hour is None else flow[hour % 24]
            speed = np.maximum(roads.speed_mps, 1.0) * shares[_GROUP[roads.road_class]]
        move_s = np.divide(roads.length_m, speed, out=np.full(len(speed), np.inf), where=speed > 0)
        self.off_mps = WALK_MPS if walks else OFF_ROAD_MPS
        self.along_s = move_s[streets.edge]  # (S,) from first to last
        against = np.where(streets.back >= 0, move_s[streets.back], self.along_s if walks else np.inf)
        self.against_s = against  # (S,) the other way; inf: not allowed
        degree = np.bincount(roads.start, minlength=self.nodes)
        self._junction_s = np.zeros(self.nodes) if walks else JUNCTION_S * (degree > 2)
        self.edge_s = np.maximum(move_s + self._junction_s[roads.end], LEAST_S)  # (E,) with the junction at its end
        start, end, cost_s = roads.start, roads.end, self.edge_s
        number = np.arange(len(start))
        if walks:  # one-way streets too, the other way
            start, end = np.concatenate([start, roads.end]), np.concatenate([end, roads.start])
            cost_s, number = np.tile(cost_s, 2), np.concatenate([number, -1 - number])
        self._edges = start, end, cost_s, number

    @cached_property
    def _out(self) -> _Rows:
        start, end, cost_s, number = self._edges
        return _Rows.of(start, end, cost_s, number, self.nodes)

    @cached_property
    def _into(self) -> _Rows:
        start, end, cost_s, number = self._edges
        return _Rows.of(end, start, cost_s, number, self.nodes)

    def times_s(self, units: Snap, targets: Snap, limit_s: float = np.inf) -> Floats:
        """(T, U) seconds from each unit to each target; inf where there is no way within ``limit_s``."""
        found = np.full((len(targets), len(units)), np.inf)
        exits, exit_s = self._exits(units)
        for part, node_s in self._to_each(targets, limit_s):
            found[part] = np.minimum(*(node_s[:, exits[k]] + exit_s[k] for k in (0, 1)))
        unit, target, direct_s = self._direct(units, targets)
        np.minimum.at(found, (target, unit), direct_s)
        found[found > limit_s] = np.inf
        return found

    def leaving(self, units: Snap) -> Leaving:
        """``units`` made ready for ``pairs``."""
        exits, exit_s = self._exits(units)
        able = np.isfinite(exit_s)
        node, unit, time_s = exits[able], np.nonzero(able)[1], exit_s[able]
        order = np.argsort(node, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=self.nodes))])
        return Leaving(units, first, unit[order], time_s[order])

    def pairs(self, leaving: Leaving, targets: Snap, limit_s: float) -> tuple[Ints, Ints, Floats]:
        """(P,) target, unit and seconds of every unit that is there within ``limit_s``: cheap where few are."""
        unit, target, time_s = self._direct(leaving.units, targets)
        found = [(target, unit, time_s)]
        for part, node_s in self._to_each(targets, limit_s):
            target, node = np.nonzero(np.isfinite(node_s))
            low = leaving.first[node]
            count = leaving.first[node + 1] - low
            at = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - low, count)
            before_s = np.repeat(node_s[target, node], count)
            found.append((part[np.repeat(target, count)], leaving.unit[at], before_s + leaving.time_s[at]))
        target, unit, time_s = (np.concatenate([columns[k] for columns in found]) for k in range(3))
        order = np.lexsort((time_s, unit, target))
        order = order[time_s[order] <= limit_s]
        best = np.ones(len(order), dtype=bool)  # of both ways off its street the faster
        best[1:] = (target[order[1:]] != target[order[:-1]]) | (unit[order[1:]] != unit[order[:-1]])
        return target[order[best]], unit[order[best]], time_s[order[best]]

    def first(self, units: Snap, limit_s: float = np.inf) -> First:
        """Which of ``units`` is at each node first, and when."""
        from scipy.sparse.csgraph import dijkstra

        exits, exit_s = self._exits(units)
        rows = self._out.with_rows(exits, exit_s)
        if not len(units):
            return First(np.full(self.nodes, np.inf), np.full(self.nodes, -1), units, limit_s)
        sources = np.arange(self.nodes, self.nodes + len(units))
        time_s, _, source = dijkstra(rows, indices=sources, min_only=True, return_predecessors=True, limit=limit_s)
        who = source[: self.nodes].astype(np.intp) - self.nodes
        time_s = time_s[: self.nodes]
        return First(time_s, np.where(np.isfinite(time_s), who, -1), units, limit_s)

    def first_at(self, first: First, places: Snap) -> tuple[Floats, Ints]:
        """(K,) seconds until somebody is at each place, inf where nobody comes, and who (−1: nobody)."""
        entries, entry_s = self._entries(places)
        by_way = first.time_s[entries] + entry_s
        best = by_way.argmin(axis=0)
        row = np.arange(len(places))
        time_s, who = by_way[best, row], first.who[entries[best, row]]
        unit, place, direct_s = self._direct(first.units, places)
        order = np.argsort(-direct_s, kind="stable")  # of several the fastest is written last
        unit, place, direct_s = unit[order], place[order], direct_s[order]
        better = direct_s < time_s[place]
        time_s[place[better]], who[place[better]] = direct_s[better], unit[better]
        time_s[time_s > first.limit_s] = np.inf
        return time_s, np.where(np.isfinite(time_s), who, -1)

    def nodes_s(self, place: Snap, towards: bool, limit_s: float = np.inf) -> Floats:
        """(N,) seconds from one place to every node, or, ``towards``, from every node to it."""
        if towards:
            ((_, node_s),) = self._to_each(place, limit_s)
            return node_s[0]
        return self.first(place, limit_s).time_s

    def pieces_s(self, place: Snap, towards: bool, limit_s: float = np.inf) -> Floats:
        """(P,) the same for the middle of every piece of street."""
        node_s = self.nodes_s(place, towards, limit_s)
        of, share = self.streets.piece_street, self.streets.piece_share
        along, against = (self.along_s, self.against_s) if not towards else (self.against_s, self.along_s)
        crossing_s = self._junction_s if towards else np.zeros(self.nodes)
        first, last = self.streets.first[of], self.streets.last[of]
        with np.errstate(invalid="ignore"):  # nothing of a way that is not allowed
            by_first = node_s[first] + crossing_s[first] + share * along[of]
            by_last = node_s[last] + crossing_s[last] + (1 - share) * against[of]
        piece_s = np.fmin(by_first, by_last)
        own = np.flatnonzero(of == place.street[0])
        pieces = Snap(of[own], share[own], *np.zeros((3, len(own))))
        there, here, direct_s = self._along(pieces, place) if towards else self._along(place, pieces)
        which = own[there if towards else here]
        piece_s[which] = np.minimum(piece_s[which], direct_s)
        return np.where(piece_s <= limit_s, piece_s, np.inf)

    def ways(self, units: Snap, target: Snap) -> list[Way | None]:
        """The fastest way of each unit to one target; None where there is none."""
        from scipy.sparse.csgraph import dijkstra

        entries, entry_s = self._entries(target)
        rows = self._into.with_rows(entries, entry_s)
        node_s, via = dijkstra(rows, indices=self.nodes, return_predecessors=True)
        (unit, _, along_s), (near, _, beside_s) = self._along(units, target), self._beside(units, target)
        direct = dict(zip(unit.tolist(), along_s.tolist(), strict=True))
        beside = dict(zip(near.tolist(), beside_s.tolist(), strict=True))
        exits, exit_s = self._exits(units)
        at, share = int(target.street[0]), float(target.share[0])
        found: list[Way | None] = []
        for k, (street, begin) in enumerate(zip(units.street.tolist(), units.share.tolist(), strict=True)):
            by_way = node_s[exits[:, k]] + exit_s[:, k]
            best = int(by_way.argmin())
            if beside.get(k, np.inf) < min(by_way[best], direct.get(k, np.inf)):
                found.append(self._straight(units.take([k]), target, beside[k]))
            elif not np.isfinite(min(by_way[best], direct.get(k, np.inf))):
                found.append(None)
            elif direct.get(k, np.inf) <= by_way[best]:
                found.append(self._joined(direct[k], [self._part(street, begin, share)]))
            else:
                node = int(exits[best, k])
                parts = [self._part(street, begin, 1.0 - best)]
                while (onward := int(via[node])) < self.nodes:
                    parts.append(self._edge(self._into.number_of(onward, node)))
                    node = onward
                # at which end it enters the last street
                end = float(np.where(entries[:, 0] == node, entry_s[:, 0], np.inf).argmin())
                found.append(self._joined(float(by_way[best]), [*parts, self._part(at, end, share)]))
        return found

    def _exits(self, units: Snap) -> tuple[Ints, Floats]:
        """(2, U) the nodes at the ends of each unit's street and the seconds to them: the last node, the first."""
        nodes, rest = self._ends(units), np.stack([1.0 - units.share, units.share])
        return nodes[::-1], self._ends_s(units, rest, self.along_s, self.against_s) + self._junction_s[nodes[::-1]]

    def _entries(self, places: Snap) -> tuple[Ints, Floats]:
        """(2, K) the nodes from which each place's street is entered and the seconds from them: the first, the last."""
        rest = np.stack([places.share, 1.0 - places.share])
        return self._ends(places), self._ends_s(places, rest, self.along_s, self.against_s)

    def _ends(self, places: Snap) -> Ints:
        return np.stack([self.streets.first[places.street], self.streets.last[places.street]])

    def _ends_s(self, places: Snap, rest: Floats, along_s: Floats, against_s: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            move_s = rest * np.stack([along_s[places.street], against_s[places.street]])
        move_s[np.isnan(move_s)] = 0.0  # who stands at the junction is there, where no way is allowed too
        return np.where(places.street < 0, np.inf, move_s) + places.off_m / self.off_mps

    def _direct(self, units: Snap, places: Snap) -> tuple[Ints, Ints, Floats]:
        """Pairs (unit, place) between which no junction lies, with their seconds; a pair may come twice."""
        along, beside = self._along(units, places), self._beside(units, places)
        unit, place, time_s = (np.concatenate([along[k], beside[k]]) for k in range(3))
        return unit, place, time_s

    def _beside(self, units: Snap, places: Snap) -> tuple[Ints, Ints, Floats]:
        """Pairs that are nearer to each other than to their streets, with the seconds straight between them."""
        able = np.flatnonzero(units.street >= 0)
        reach_m = places.off_m + units.off_m[able].max(initial=0.0)
        order = able[np.argsort(units.x[able], kind="stable")]
        low = np.searchsorted(units.x[order], places.x - reach_m, side="left")
        high = np.searchsorted(units.x[order], places.x + reach_m, side="right")
        unit, place = _spread(order, low, np.where(places.street < 0, 0, high - low))
        away_m = np.hypot(units.x[unit] - places.x[place], units.y[unit] - places.y[place])
        near = away_m <= units.off_m[unit] + places.off_m[place]
        return unit[near], place[near], away_m[near] / self.off_mps

    def _along(self, units: Snap, places: Snap) -> tuple[Ints, Ints, Floats]:
        """Pairs on one street with the seconds along it, where its direction allows that."""
        order = np.argsort(units.street, kind="stable")
        low = np.searchsorted(units.street[order], places.street, side="left")
        high = np.searchsorted(units.street[order], places.street, side="right")
        unit, place = _spread(order, low, np.where(places.street < 0, 0, high - low))
        step, street = places.share[place] - units.share[unit], places.street[place]
        with np.errstate(invalid="ignore"):
            time_s = np.where(step >= 0, step * self.along_s[street], -step * self.against_s[street])
        time_s[np.isnan(time_s)] = 0.0  # no step takes no time, where no way is allowed too
        time_s += (units.off_m[unit] + places.off_m[place]) / self.off_mps
        return unit, place, time_s

    def _straight(self, unit: Snap, target: Snap, time_s: float) -> Way:
        x, y = np.concatenate([unit.x, target.x]), np.concatenate([unit.y, target.y])
        lat, lon = self.streets.degrees(x, y)
        return Way(time_s, float(np.hypot(x[1] - x[0], y[1] - y[0])), lat, lon)

    def _to_each(self, targets: Snap, limit_s: float) -> Iterator[tuple[Ints, Floats]]:
        """Some of ``targets`` (indices), and (…, N) the seconds from every node to each of them."""
        from scipy.sparse.csgraph import dijkstra

        rows = self._into.with_rows(*self._entries(targets))
        for begin in range(0, len(targets), AT_ONCE):
            part = np.arange(begin, min(begin + AT_ONCE, len(targets)))
            yield part, np.asarray(dijkstra(rows, indices=self.nodes + part, limit=limit_s)[:, : self.nodes])

    def _part(self, street: int, begin: float, end: float) -> _Part:
        length_m = float(self.streets.roads.length_m[self.streets.edge[street]]) * abs(end - begin)
        return *self.streets.line(street, begin, end), length_m

    def _edge(self, number: int) -> _Part:
        roads = self.streets.roads
        edge = number if number >= 0 else -1 - number
        lat, lon = roads.line(edge)
        length_m = float(roads.length_m[edge])
        return (lat, lon, length_m) if number >= 0 else (lat[::-1], lon[::-1], length_m)

    def _joined(self, time_s: float, parts: list[_Part]) -> Way:
        lat, lon = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
        new = np.ones(len(lat), dtype=bool)
        new[1:] = (np.diff(lat) != 0) | (np.diff(lon) != 0)
        return Way(time_s, sum(part[2] for part in parts), lat[new], lon[new])


def _spread(units: Ints, low: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Pairs (unit, place): to each place belong ``count`` of ``units`` from ``low`` on."""
    place = np.repeat(np.arange(len(count)), count)
    return units[np.arange(len(place)) - np.repeat(np.cumsum(count) - count - low, count)], place


@dataclass(frozen=True, eq=False)
class _Rows:
    """A sparse matrix by rows: of edges between the same two nodes the fastest, with its number."""

    data: Floats
    columns: NDArray[np.int32]
    begins: NDArray[np.int32]
    number: Ints

    @classmethod
    def of(cls, start: Any, end: Any, cost_s: Floats, number: Any, nodes: int) -> _Rows:
        order = np.lexsort((cost_s, end, start))
        order = order[np.isfinite(cost_s[order])]
        start, end = start[order], end[order]
        kept = np.ones(len(order), dtype=bool)
        kept[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
        begins = np.concatenate([[0], np.cumsum(np.bincount(start[kept], minlength=nodes))])
        fastest = order[kept]
        return cls(cost_s[fastest], end[kept].astype(np.int32), begins.astype(np.int32), number[fastest])

    def with_rows(self, nodes: Ints, seconds: Floats) -> Any:
        """The square matrix with K places more, each of which leads to ``nodes`` (2, K) in ``seconds`` (2, K)."""
        from scipy.sparse import csr_array

        leads = np.isfinite(seconds).T
        begins = self.begins[-1] + np.cumsum(leads.sum(axis=1))
        size = len(self.begins) - 1 + len(leads)
        data = np.concatenate([self.data, np.maximum(seconds.T[leads], LEAST_S)])
        columns = np.concatenate([self.columns, nodes.T[leads].astype(np.int32)])
        return csr_array((data, columns, np.concatenate([self.begins, begins.astype(np.int32)])), shape=(size, size))

    def number_of(self, row: int, column: int) -> int:
        """The number of the edge at ``row`` and ``column``."""
        begin, end = int(self.begins[row]), int(self.begins[row + 1])
        return int(self.number[begin + int(np.flatnonzero(self.columns[begin:end] == column)[0])])
