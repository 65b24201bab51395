"""City ▸ branches ▸ stations ▸ patrol zones over a ground, and the larger zones: regions and their outlines. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_feeds.simulator import territory
from data_feeds.simulator.frame import Floats, Points, inside
from data_feeds.simulator.territory import OUTSIDE, Labels, Raster

Ints = NDArray[np.intp]
STATION_COUNTS = (5, 8)  # of a branch
ZONE_COUNTS = (2, 4)  # of a station
KM_ACROSS = 3_000.0  # how far apart two banks seem when branches are laid out


@dataclass(frozen=True)
class Jurisdictions:
    """Z zones, S stations, B branches, numbered from 0; a station's zones follow each other, a branch's stations too.

    Numbers are low in the middle of the city, high at its edge.
    """

    station_of_zone: Ints  # (Z,)
    branch_of_station: Ints  # (S,)
    zone_seeds: Ints  # (Z,) node
    station_seeds: Ints  # (S,)
    node_zone: NDArray[np.int32]  # (N,) the zone in whose outline each node lies
    outlines: territory.Outlines
    neighbours: set[tuple[int, int]]  # zones that touch, both ways

    def rings(self, zones: Ints) -> list[Points]:
        """Outline of a union of zones."""
        return self.outlines.rings(set(zones.tolist()))

    def joined(self, seeds: list[int], groups: Ints, reach: Floats) -> Ints:
        """Spread from ``seeds`` over zones that touch, nearest first; (Z,) index of the seed, every part in one piece.

        ``groups`` (Z,): what stays together, such as the station of each zone. ``reach`` (seeds, Z): cost of each.
        """
        count = int(groups.max()) + 1
        touching: dict[int, set[int]] = {k: set() for k in range(count)}
        for a, b in self.neighbours:
            touching[int(groups[a])].add(int(groups[b]))
        cost = np.array([reach[:, groups == k].mean(axis=1) for k in range(count)])  # (groups, seeds)
        taken = np.full(count, -1)
        for k, zone in enumerate(seeds):
            taken[groups[zone]] = k
        while (taken < 0).any():
            edge = [
                (cost[to, taken[at]], to, int(taken[at]))
                for at in np.flatnonzero(taken >= 0).tolist()
                for to in touching[at]
                if taken[to] < 0
            ]
            if not edge:  # an island that touches nothing
                free = int(np.flatnonzero(taken < 0)[0])
                edge = [(0.0, free, int(cost[free].argmin()))]
            _, to, k = min(edge)
            taken[to] = k
        return taken[groups]


def lay_out(
    points: Points,
    weight: Floats,
    ground: Labels,
    cost: Floats,
    raster: Raster,
    branches: int,
    rng: np.random.Generator,
    bank: NDArray[np.intp] | None = None,
) -> Jurisdictions:
    """Divide ``ground`` (rows, columns; 0 inside, OUTSIDE elsewhere) among ``branches`` and their parts.

    ``points``, ``weight`` (N): the nodes and how many people live around each; ``cost`` (rows, columns): of crossing a
    cell; ``bank`` (N,): the side of the river a node lies on.
    """
    row, column = raster.cells(points)
    # one node stands for all in its cell, so that no two seeds share one
    _, one, cell = np.unique(row * raster.columns + column, return_index=True, return_inverse=True)
    gathered = np.zeros(len(points))
    gathered[one] = np.bincount(cell, weight)
    apart = points if bank is None else np.column_stack([points, bank * KM_ACROSS])
    usable = one[ground[row[one], column[one]] == 0]
    seeds = usable[_centres(apart[usable], gathered[usable], branches, rng)]
    seeds = seeds[_reading_order(points[seeds])]
    region = _grow(seeds, np.zeros(len(seeds), dtype=np.intp), ground, cost, raster, points)

    def divide(parent: Labels, count_of: tuple[int, int], parents: int) -> tuple[Ints, Ints, Labels]:
        here = parent[row[one], column[one]]
        share = np.bincount(here[here >= 0], gathered[one[here >= 0]], parents)
        rank = share.argsort().argsort() / max(1, parents - 1)
        found, of = [], []
        for k in range(parents):
            mine = one[here == k]
            wanted = round(count_of[0] + rank[k] * (count_of[1] - count_of[0]))
            chosen = mine[_centres(points[mine], gathered[mine], wanted, rng)]
            chosen = chosen[_reading_order(points[chosen])]
            found.append(chosen)
            of.append(np.full(len(chosen), k))
        all_seeds, all_of = np.concatenate(found), np.concatenate(of)
        return all_seeds, all_of, _grow(all_seeds, all_of, parent, cost, raster, points)

    station_seeds, branch_of_station, station_region = divide(region, STATION_COUNTS, len(seeds))
    zone_seeds, station_of_zone, zone_region = divide(station_region, ZONE_COUNTS, len(station_seeds))
    label = territory.untangle(zone_region, [station_of_zone, branch_of_station[station_of_zone]])
    outlines = territory.Outlines(label, raster)
    node_zone = _nodes_in(points, outlines, zone_seeds, label[row, column])
    touching = {(a, b) for a, b, _ in outlines.arcs if a >= 0 and b >= 0}
    touching |= {(b, a) for a, b in touching}
    return Jurisdictions(
        station_of_zone, branch_of_station, zone_seeds, station_seeds, node_zone, outlines, touching
    )


def _grow(seeds: Ints, parents: Ints, within: Labels, cost: Floats, raster: Raster, points: Points) -> Labels:
    rows, columns = raster.cells(points[seeds])
    return territory.grow(cost, list(zip(rows.tolist(), columns.tolist(), strict=True)), within, parents.tolist())


def _centres(points: Points, weight: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Indices of up to ``count`` points, each in the middle of its share of the weight (k-means)."""
    count = min(count, int((weight > 0).sum()))
    chosen = [int(rng.choice(len(points), p=weight / weight.sum()))]
    away = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        pull = weight * away
        pull = pull if pull.sum() > 0 else np.where(np.isin(np.arange(len(points)), chosen), 0.0, weight)
        chosen.append(int(rng.choice(len(points), p=pull / pull.sum())))
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    middle = points[chosen].astype(float)
    for _ in range(12):
        share = ((points[:, None] - middle) ** 2).sum(axis=2).argmin(axis=1)
        total = np.bincount(share, weight, count)
        for axis in range(points.shape[1]):
            pulled = np.bincount(share, weight * points[:, axis], count) / np.maximum(total, 1e-12)
            middle[:, axis] = np.where(total > 0, pulled, middle[:, axis])
    away = ((points[:, None] - middle) ** 2).sum(axis=2)
    away[weight <= 0] = np.inf
    found: list[int] = []
    for k in range(count):
        away[found, k] = np.inf  # two middles never share a point
        found.append(int(away[:, k].argmin()))
    return np.array(found, dtype=np.intp)


def _reading_order(points: Points) -> Ints:
    """From the middle outwards, then by the compass: low numbers lie in the centre."""
    middle = points.mean(axis=0)
    return np.hypot(*(points - middle).T).argsort(kind="stable")


def _nodes_in(points: Points, outlines: territory.Outlines, seeds: Ints, guess: Labels) -> NDArray[np.int32]:
    """The zone in whose outline each point lies; a point outside all keeps its cell's, or the nearest.

    A zone too small to hold a node keeps its seed.
    """
    found = np.full(len(points), OUTSIDE, dtype=np.int32)
    for zone in range(len(seeds)):
        found[inside(points, outlines.rings({zone}))] = zone
    lost = np.flatnonzero(found < 0)
    found[lost] = guess[lost]
    for k in np.flatnonzero(found < 0):
        away = np.hypot(*(points - points[k]).T) + np.where(found < 0, np.inf, 0.0)
        found[k] = found[int(away.argmin())]
    empty = np.flatnonzero(np.bincount(found, minlength=len(seeds)) == 0)
    found[seeds[empty]] = empty
    return found
