"""From a drawn plan to a road graph: what lies in water is left out, bends become shapes, streets get names. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_feeds.roads import USUAL_SPEED_MPS, RoadGraph, lengths_m
from data_feeds.simulator import graphs
from data_feeds.simulator.frame import Frame, Points
from data_feeds.simulator.plan import NO_ROAD, Plan
from data_feeds.simulator.skeleton import MOTORWAY, RESIDENTIAL, SECONDARY, TERTIARY, TRUNK
from data_feeds.simulator.terrain import CITY, COUNTRY, HILLS, OLD, PLANNED, SUBURB, WATER, Terrain
from data_feeds.simulator.territory import fill

# Chance that a short piece of a residential street was never built, by kind of ground (terrain's order).
MISSING = (0.45, 0.22, 0.10, 0.05, 0.06, 0.15, 0.18, 1.0, 1.0)
EMBANKMENT = (CITY, OLD, PLANNED, SUBURB)


@dataclass(frozen=True)
class Chains:
    """Stretches of street from junction to junction, undirected; C chains."""

    nodes: list[list[int]]  # of the plan, ends included
    street: NDArray[np.intp]  # (C,)
    road_class: NDArray[np.intp]  # (C,)


def built(plan: Plan, ground: Terrain, rng: np.random.Generator) -> tuple[Points, NDArray[np.intp], NDArray[np.intp]]:
    """Which edges of the plan are streets: (all nodes' metres, (E, 2) nodes, (E,) street)."""
    points = np.column_stack([plan.x, plan.y])
    edges = np.array(list(plan.edges), dtype=np.intp)
    street = np.fromiter(plan.edges.values(), dtype=np.intp, count=len(edges))
    banks = [k for k, s in enumerate(plan.streets) if s.name.endswith("bank")]
    for k in banks:  # a bank is a street where the city has reached it
        plan.streets[k].road_class = SECONDARY
    sort = np.array([s.road_class for s in plan.streets])
    planned = np.array([s.name != "" for s in plan.streets])
    middle = (points[edges[:, 0]] + points[edges[:, 1]]) / 2
    within = fill(ground.raster, [ground.outline])[ground.raster.cells(points)]
    here = ground.kinds(middle)
    wet = (here == WATER) | (ground.kinds(points[edges[:, 0]]) == WATER) | (ground.kinds(points[edges[:, 1]]) == WATER)
    kind = sort[street]
    keep = (kind != NO_ROAD) & within[edges].any(axis=1)
    keep &= planned[street] | ~wet | ((kind == SECONDARY) & (here != WATER))
    keep &= ~(np.isin(street, banks) & ~np.isin(_landward(ground, middle), EMBANKMENT))
    keep &= planned[street] | (here != HILLS)
    keep &= ~((kind == RESIDENTIAL) & (rng.random(len(edges)) < np.array(MISSING)[here]))
    keep &= ~((kind == TERTIARY) & (here == COUNTRY) & (rng.random(len(plan.streets))[street] < 0.3))
    fast = np.zeros(len(points), dtype=bool)
    fast[edges[np.isin(kind, (MOTORWAY, TRUNK))]] = True
    # nothing small opens onto a motorway or the inner ring
    keep &= ~(fast[edges].any(axis=1) & (kind == RESIDENTIAL))
    motorway = np.zeros(len(points), dtype=bool)
    motorway[edges[kind == MOTORWAY]] = True
    keep &= ~(motorway[edges].any(axis=1) & (kind == TERTIARY))
    return points, edges[keep], street[keep]


def _landward(ground: Terrain, at: Points) -> NDArray[np.uint8]:
    """What stands 150 m away from the river."""
    side = np.sign(at[:, 1] - ground.river_y(at[:, 0]))
    return ground.kinds(at + np.column_stack([np.zeros(len(at)), side * 150.0]))


def chains(edges: NDArray[np.intp], street: NDArray[np.intp], plan: Plan) -> Chains:
    """Join edges at nodes where only two of the same street meet."""
    sort = [s.road_class for s in plan.streets]
    at: dict[int, list[int]] = {}
    pairs, owner = edges.tolist(), street.tolist()
    for e, (a, b) in enumerate(pairs):
        at.setdefault(a, []).append(e)
        at.setdefault(b, []).append(e)

    def passes(n: int) -> bool:
        here = at[n]
        return len(here) == 2 and owner[here[0]] == owner[here[1]]

    seen = [False] * len(pairs)
    found: list[list[int]] = []
    streets: list[int] = []

    def walk(n: int, e: int) -> None:
        line = [n]
        while not seen[e]:
            seen[e] = True
            a, b = pairs[e]
            n = b if n == a else a
            line.append(n)
            if not passes(n):
                break
            e = at[n][0] if at[n][1] == e else at[n][1]
        found.append(line)
        streets.append(owner[e])

    for n, here in at.items():
        if not passes(n):
            for e in here:
                if not seen[e]:
                    walk(n, e)
    for e, (a, _) in enumerate(pairs):  # rings without a junction
        if not seen[e]:
            walk(a, e)
    return Chains(found, np.array(streets), np.array([sort[k] for k in streets]))


def graph(points: Points, made: Chains, plan: Plan, frame: Frame, names: list[tuple[str, str]]) -> RoadGraph:
    """The directed graph; ``names`` (streets) are in Chinese and English. The largest strong piece is kept."""
    lines = [line for line in made.nodes if line[0] != line[-1]]
    chosen = [k for k, line in enumerate(made.nodes) if line[0] != line[-1]]
    ends = np.array([(line[0], line[-1]) for line in lines])
    one_way = np.array([plan.streets[k].one_way for k in made.street[chosen]])
    # a one-way street runs east (1) or west (-1)
    eastward = points[ends[:, 1], 0] >= points[ends[:, 0], 0]
    forward = (one_way == 0) | ((one_way > 0) == eastward)
    backward = (one_way == 0) | ((one_way > 0) != eastward)
    directed = [lines[k] for k in np.flatnonzero(forward)] + [lines[k][::-1] for k in np.flatnonzero(backward)]
    of = np.concatenate([np.flatnonzero(forward), np.flatnonzero(backward)])
    sizes = np.array([len(line) for line in directed])
    flat = np.concatenate([np.array(line) for line in directed])
    lat, lon = frame.to_degrees(points)
    line_start = np.concatenate([[0], np.cumsum(sizes)])
    is_end = np.zeros(len(flat), dtype=bool)
    is_end[line_start[:-1]] = is_end[line_start[1:] - 1] = True
    nodes = np.unique(ends)
    number = np.full(len(points), -1, dtype=np.int32)
    number[nodes] = np.arange(len(nodes))
    sort = made.road_class[chosen][of].astype(np.uint8)
    texts = [("", ""), *dict.fromkeys(pair for pair in names if pair[0])]
    text_of = {pair: k for k, pair in enumerate(texts)}
    name = np.array([text_of.get(names[k], 0) for k in made.street[chosen][of]], dtype=np.int32)
    whole = RoadGraph(
        lat[nodes], lon[nodes], number[flat[line_start[:-1]]], number[flat[line_start[1:] - 1]],
        lengths_m(lat[flat], lon[flat], line_start.astype(np.int32)), np.array(USUAL_SPEED_MPS)[sort], sort, name,
        np.concatenate([[0], np.cumsum(sizes - 2)]).astype(np.int32), lat[flat[~is_end]], lon[flat[~is_end]],
        tuple(zh for zh, _ in texts), tuple(en for _, en in texts),
    )  # fmt: skip
    return graphs.only(whole, graphs.strongest(whole.start, whole.end, len(nodes)))
