"""Where a city keeps what matters: key spots, schools, posts, gates, cameras; and where calls come from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_feeds.roads import RoadGraph
from data_feeds.simulator import graphs
from data_feeds.simulator.frame import Floats, Points
from data_feeds.simulator.jurisdictions import Jurisdictions

Ints = NDArray[np.intp]
LEAST_NODES = 200
SCHOOLS, POSTS, CAMERAS, GATES = 40, 30, 300, 10
CENTRE_SHARE = 0.22  # of all that happens, what lies in the city centre
NEAR_M = 350.0  # how far a hot spot is felt
# Sorts of key spots as they choose their place, how many of 42, how many calls they draw by day and by night.
SORTS = (
    ("government", 3, 0.6, 0.1), ("railway", 2, 2.0, 1.2), ("hospital", 6, 1.2, 0.8), ("mall", 9, 2.2, 1.4),
    ("market", 6, 1.8, 0.9), ("nightlife", 5, 0.5, 3.2), ("square", 4, 1.0, 0.8), ("park", 4, 0.7, 0.4),
    ("bus_station", 2, 1.2, 0.6), ("stadium", 1, 0.7, 0.4),
)  # fmt: skip


@dataclass(frozen=True)
class Sites:
    """Nodes of everything; ``key_sorts`` says what kind of spot each of ``key`` is. Heat sums to 1."""

    key: Ints
    key_sorts: tuple[str, ...]
    schools: Ints
    posts: Ints
    gates: Ints
    cameras: Ints
    centre_zones: Ints
    heat_day: Floats
    heat_night: Floats


def find(
    graph: RoadGraph, points: Points, weight: Floats, parts: Jurisdictions, rng: np.random.Generator,
    fixed: dict[str, list[int]] | None = None,
) -> Sites:
    """Choose nodes. ``weight`` (N,): people around each; ``fixed``: nodes by sort of spot that the ground decides."""
    n = len(points)
    score = graphs.importance(graph) * np.sqrt(weight / weight.max() + 0.02) * rng.uniform(0.6, 1.4, n)
    # crowded cities have their spots closer together
    pace = np.sqrt(np.prod(np.ptp(points, axis=0)) / n)
    key: list[int] = []
    sorts: list[str] = []
    for sort, count, _, _ in SORTS:
        decided = (fixed or {}).get(sort, [])[:count]
        chosen = decided + spread(score, points, count - len(decided), 4 * pace, key + decided)
        key += chosen
        sorts += [sort] * len(chosen)
    schools = spread(weight * rng.uniform(0, 1, n), points, SCHOOLS, 3 * pace, key)
    posts = spread(score, points, POSTS, 7 * pace, [])
    cameras = key[: CAMERAS // 4] + spread(score, points, CAMERAS - min(len(key), CAMERAS // 4), 1.2 * pace, key)
    gates = _gates(graph, points)
    centre = _centre(points, weight, parts)
    day, night = _heat(points, weight, key, sorts)
    return Sites(
        np.array(key), tuple(sorts), np.array(schools), np.array(posts), np.array(gates), np.array(cameras), centre,
        day, night,
    )  # fmt: skip


def spread(score: Floats, points: Points, count: int, apart_m: float, taken: list[int]) -> list[int]:
    """Up to ``count`` nodes with the best scores, ``apart_m`` from each other and from ``taken`` if that can be."""
    chosen: list[int] = []
    while len(chosen) < count:
        left = score.copy()
        left[taken + chosen] = -1.0
        for node in taken + chosen:
            left[np.hypot(*(points - points[node]).T) < apart_m] = -1.0
        while len(chosen) < count:
            node = int(left.argmax())
            if left[node] < 0:
                break
            chosen.append(node)
            left[np.hypot(*(points - points[node]).T) < max(apart_m, 0.1)] = -1.0
        if apart_m < 1.0:
            break
        apart_m /= 2
    return chosen


def _gates(graph: RoadGraph, points: Points) -> list[int]:
    """Where the biggest roads end furthest out, around the compass."""
    rank = np.zeros(len(points))
    np.maximum.at(rank, graph.start, graphs.RANK[graph.road_class])
    east, north = (points - np.median(points, axis=0)).T
    side = ((np.arctan2(north, east) / (2 * np.pi) + 0.5) * GATES).astype(int) % GATES
    far = np.hypot(east, north) * (1 + 0.15 * rank)
    found = []
    for k in range(GATES):
        mine = np.flatnonzero(side == k)
        if len(mine):
            found.append(int(mine[far[mine].argmax()]))
    return found


def _centre(points: Points, weight: Floats, parts: Jurisdictions) -> Ints:
    """Zones around the most crowded one that together hold CENTRE_SHARE of the weight, in one piece."""
    zones = len(parts.zone_seeds)
    mass = np.bincount(parts.node_zone, weight, zones)
    size = np.maximum(np.bincount(parts.node_zone, minlength=zones), 1)
    middle = np.column_stack([np.bincount(parts.node_zone, points[:, k], zones) / size for k in (0, 1)])
    heart = np.average(points, axis=0, weights=weight**3)
    away = np.hypot(*(middle - heart).T)
    taken = {int(away.argmin())}
    while mass[list(taken)].sum() < CENTRE_SHARE * mass.sum():
        edge = [(away[b], b) for a, b in parts.neighbours if a in taken and b not in taken]
        if not edge:
            break
        taken.add(min(edge)[1])
    return np.array(sorted(taken))


def _heat(points: Points, weight: Floats, key: list[int], sorts: list[str]) -> tuple[Floats, Floats]:
    pulls = {sort: (day, night) for sort, _, day, night in SORTS}
    even = weight / weight.sum()
    result = []
    for night in (0, 1):
        heat = even ** (1.0 if night else 1.15)
        heat = heat / heat.sum()
        for node, sort in zip(key, sorts, strict=True):
            near = np.exp(-((np.hypot(*(points - points[node]).T) / NEAR_M) ** 2))
            heat += 0.012 * pulls[sort][night] * near / near.sum()
        result.append(heat / heat.sum())
    return result[0], result[1]
