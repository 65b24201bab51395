"""A road graph made ready for movement: points along edges, turns at nodes, and the fastest ways to a place. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data_feeds.geo import EARTH_RADIUS_M
from data_feeds.roads import RoadGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
METRES_PER_DEGREE = math.pi * EARTH_RADIUS_M / 180.0
MAX_TURNS = 8  # edges out of a node that a patrol considers
JUNCTION_S = 3.0  # what a junction costs a unit in a hurry
MAIN_CLASS = 4  # CLASSES up to tertiary


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates of a search, nearest first: ``times_s[i]`` from ``nodes[i]`` to the target, and the way there."""

    nodes: list[int]
    times_s: list[float]
    via: dict[int, int]  # node → the edge to take toward the target (−1: it is the target)
    ends: list[int] = field(repr=False)

    def way(self, node: int) -> list[int]:
        """The edges from ``node`` to the target."""
        edges = []
        while (edge := self.via[node]) >= 0:
            edges.append(edge)
            node = self.ends[edge]
        return edges


class Streets:
    """``graph`` with metres: ``x``, ``y`` (N,) east and north of the middle; ``out`` (N, ≤ 8) edges out of each node,
    −1 where there are fewer; ``length_m`` (E,) along the shape; ``leaves``, ``arrives`` (E,) courses at both ends."""

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        nodes = len(graph.lat)
        self.middle = (float(np.median(graph.lat)), float(np.median(graph.lon)))
        self.metres_per_lon = METRES_PER_DEGREE * math.cos(math.radians(self.middle[0]))
        self.x, self.y = self.metres(graph.lat, graph.lon)
        self._lines()
        self.out = _table(graph.start, nodes)
        self.degree = np.bincount(graph.start, minlength=nodes)
        self.cost_s = self.length_m / np.maximum(graph.speed_mps, 1.0) + JUNCTION_S * (self.degree[graph.end] > 2)
        self.is_main = graph.road_class <= MAIN_CLASS
        # lists, because a search looks at single entries
        order = np.argsort(graph.end, kind="stable")
        counts = np.bincount(graph.end, minlength=nodes)
        self._into = order.tolist()
        self._into_start = np.concatenate([[0], np.cumsum(counts)]).tolist()
        self._starts, self._ends, self._costs = graph.start.tolist(), graph.end.tolist(), self.cost_s.tolist()

    def metres(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Degrees → metres east and north of the middle; a city is flat enough for that."""
        return (lon - self.middle[1]) * self.metres_per_lon, (lat - self.middle[0]) * METRES_PER_DEGREE

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Metres east and north of the middle → latitude, longitude."""
        return self.middle[0] + y / METRES_PER_DEGREE, self.middle[1] + x / self.metres_per_lon

    def places(self, edges: NDArray[np.integer], along_m: Floats) -> tuple[Floats, Floats, Floats]:
        """Where one is ``along_m`` metres along ``edges``: metres east and north, course in degrees."""
        along = np.clip(along_m, 0.0, self.length_m[edges])
        at = self._base[edges] + along
        i = np.searchsorted(self._running, at, side="right") - 1
        i = np.clip(i, self._first[edges], self._first[edges + 1] - 2)
        share = np.clip((at - self._running[i]) / self._steps[i], 0.0, 1.0)
        return (
            self._px[i] + share * (self._px[i + 1] - self._px[i]),
            self._py[i] + share * (self._py[i + 1] - self._py[i]),
            self._course[i],
        )

    def nearest_node(self, x: float, y: float) -> int:
        """The node nearest to a point."""
        return int(np.argmin((self.x - x) ** 2 + (self.y - y) ** 2))

    def edge_into(self, node: int) -> int:
        """An edge that ends at ``node``; one that leaves it where none ends there."""
        into = self._into[self._into_start[node] : self._into_start[node + 1]]
        return into[0] if into else int(max(self.out[node, 0], 0))

    def search(
        self, target: int, candidates: bytes, wanted: int, most_nodes: int = 6_000, most_s: float = math.inf
    ) -> Found:
        """The nodes from which ``target`` is reached fastest, of those where ``candidates[node]`` is not 0.

        Ends when these counts add up to ``wanted``, after ``most_nodes`` nodes or ``most_s`` seconds of driving
        (Dijkstra on the reversed graph).
        """
        best, via, heap = {target: 0.0}, {target: -1}, [(0.0, target)]
        done: set[int] = set()
        found = Found([], [], via, self._ends)
        into, first, starts, costs = self._into, self._into_start, self._starts, self._costs
        while heap and len(done) < most_nodes:
            time_s, node = heappop(heap)
            if time_s > most_s:
                break
            if node in done:
                continue
            done.add(node)
            if candidates[node]:
                found.nodes.append(node)
                found.times_s.append(time_s)
                wanted -= candidates[node]
                if wanted <= 0:
                    break
            for edge in into[first[node] : first[node + 1]]:
                other, other_s = starts[edge], time_s + costs[edge]
                if other_s < best.get(other, math.inf):
                    best[other], via[other] = other_s, edge
                    heappush(heap, (other_s, other))
        return found

    def way(self, start: int, target: int, most_nodes: int = 6_000) -> list[int] | None:
        """The fastest way between two nodes as edges; None when it was not found among ``most_nodes`` nodes."""
        mask = bytearray(len(self.x))
        mask[start] = 1
        found = self.search(target, bytes(mask), 1, most_nodes)
        return found.way(start) if found.nodes else None

    def _lines(self) -> None:
        """Every edge's points in one row, with running metres: a unit's place is one search in it."""
        g = self.graph
        self._first = np.concatenate([[0], np.cumsum(np.diff(g.shape_start) + 2)]).astype(np.intp)
        first, last = self._first[:-1], self._first[1:] - 1
        inner = np.ones(self._first[-1], dtype=bool)
        inner[first] = inner[last] = False
        self._px, self._py = np.empty(len(inner)), np.empty(len(inner))
        self._px[inner], self._py[inner] = self.metres(g.shape_lat, g.shape_lon)
        self._px[first], self._py[first] = self.x[g.start], self.y[g.start]
        self._px[last], self._py[last] = self.x[g.end], self.y[g.end]
        east, north = np.diff(self._px, append=self._px[-1:]), np.diff(self._py, append=self._py[-1:])
        steps = np.hypot(east, north)
        steps[last] = 1.0  # between two edges: only keeps the row rising
        self._steps = np.maximum(steps, 1e-6)
        self._running = np.concatenate([[0.0], np.cumsum(self._steps)[:-1]])
        self._base = self._running[first]
        self.length_m = self._running[last] - self._base
        self._course = np.degrees(np.arctan2(east, north)) % 360.0
        self.leaves, self.arrives = self._course[first], self._course[last - 1]


def _table(start: Ints, nodes: int) -> Ints:
    order = np.argsort(start, kind="stable")
    counts = np.bincount(start, minlength=nodes)
    rank = np.arange(len(start)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = rank < MAX_TURNS
    table = np.full((nodes, max(1, min(int(counts.max(initial=1)), MAX_TURNS))), -1, dtype=np.int32)
    table[start[order][kept], rank[kept]] = order[kept]
    return table


def joined(edges: list[int], graph: RoadGraph) -> bool:
    """Whether each of ``edges`` begins where the one before ends."""
    return all(graph.end[a] == graph.start[b] for a, b in pairwise(edges))
