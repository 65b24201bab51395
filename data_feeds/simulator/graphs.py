"""What the makers of a city ask of a road graph: degrees, pieces, distances along streets. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data_feeds.roads import CLASSES, RoadGraph

Ints = NDArray[np.intp]
# How much a road counts at a junction, by class.
RANK = np.array([0, 3, 5, 4, 3, 2, 1, 1])
MAIN = [CLASSES.index(name) for name in ("trunk", "primary", "secondary")]


def importance(graph: RoadGraph) -> NDArray[np.float64]:
    """(N,) how big a junction each node is: ranks of the roads that leave it, 0 where there is none to speak of."""
    total = np.bincount(graph.start, RANK[graph.road_class], len(graph.lat))
    return np.where(np.bincount(graph.start, minlength=len(graph.lat)) >= 3, total, 0.0)


def strongest(start: NDArray[np.integer], end: NDArray[np.integer], nodes: int) -> Ints:
    """The nodes of the largest strongly connected piece (Tarjan, without recursion), in rising order."""
    order = np.argsort(start, kind="stable")
    to = end[order].tolist()
    first = np.searchsorted(start[order], np.arange(nodes + 1)).tolist()
    number, low, stack, on_stack = [0] * nodes, [0] * nodes, [], [False] * nodes
    best: list[int] = []
    count = 0
    for root in range(nodes):
        if number[root]:
            continue
        count += 1
        number[root] = low[root] = count
        stack.append(root)
        on_stack[root] = True
        work, next_edge = [root], [first[root]]
        while work:
            node, edge = work[-1], next_edge[-1]
            if edge < first[node + 1]:
                next_edge[-1] = edge + 1
                other = to[edge]
                if not number[other]:
                    count += 1
                    number[other] = low[other] = count
                    stack.append(other)
                    on_stack[other] = True
                    work.append(other)
                    next_edge.append(first[other])
                elif on_stack[other] and number[other] < low[node]:
                    low[node] = number[other]
                continue
            work.pop()
            next_edge.pop()
            if work and low[node] < low[work[-1]]:
                low[work[-1]] = low[node]
            if low[node] == number[node]:
                at = stack.index(node) if len(stack) < 64 else len(stack) - 1 - stack[::-1].index(node)
                piece = stack[at:]
                del stack[at:]
                for member in piece:
                    on_stack[member] = False
                if len(piece) > len(best):
                    best = piece
    return np.array(sorted(best), dtype=np.intp)


def only(graph: RoadGraph, nodes: Ints) -> RoadGraph:
    """The part of ``graph`` between ``nodes`` (rising); nodes are numbered anew in that order."""
    index = np.full(len(graph.lat), -1, dtype=np.int32)
    index[nodes] = np.arange(len(nodes), dtype=np.int32)
    kept = np.flatnonzero((index[graph.start] >= 0) & (index[graph.end] >= 0))
    counts = np.diff(graph.shape_start)
    bends = np.repeat(np.isin(np.arange(len(counts)), kept), counts)
    return replace(
        graph, lat=graph.lat[nodes], lon=graph.lon[nodes], start=index[graph.start[kept]], end=index[graph.end[kept]],
        length_m=graph.length_m[kept], speed_mps=graph.speed_mps[kept], road_class=graph.road_class[kept],
        name=graph.name[kept], shape_start=np.concatenate([[0], np.cumsum(counts[kept])]).astype(np.int32),
        shape_lat=graph.shape_lat[bends], shape_lon=graph.shape_lon[bends],
    )  # fmt: skip


def street_names(graph: RoadGraph) -> list[tuple[int, int]]:
    """(N) the two biggest streets through each node as indices into ``names``; 0 where there is none."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(len(graph.lat))]
    rank = RANK[graph.road_class].tolist()
    for e, (node, name) in enumerate(zip(graph.start.tolist(), graph.name.tolist(), strict=True)):
        if name and all(name != known for _, known in found[node]):
            found[node].append((-rank[e], name))
    return [tuple([name for _, name in sorted(f)[:2]] + [0, 0])[:2] for f in found]  # type: ignore[misc]
