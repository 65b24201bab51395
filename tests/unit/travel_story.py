"""Small road graphs for tests, and travel times by networkx, computed another way than the wall does."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import numpy as np

from analytics.streets import Snap, Streets
from analytics.travel import JUNCTION_S, OFF_ROAD_MPS, WALK_MPS, Mode
from data_feeds.roads import CLASSES, RoadGraph, lengths_m


def town(seed: int = 1, side: int = 5, one_way: float = 0.3, torn: float = 0.1) -> RoadGraph:
    """A grid of ``side`` × ``side`` junctions 200 m apart: bent streets, some one-way, some missing."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    lat = 26.0 + 0.0018 * (number // side).ravel() + rng.normal(0, 1e-4, number.size)
    lon = 105.0 + 0.002 * (number % side).ravel() + rng.normal(0, 1e-4, number.size)
    pairs = [*zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True)]
    pairs += zip(number[:-1].ravel(), number[1:].ravel(), strict=True)
    edges = []
    for a, b in ((int(a), int(b)) for a, b in pairs if rng.random() >= torn):
        bends = [((lat[a] + lat[b]) / 2 + rng.normal(0, 2e-4), (lon[a] + lon[b]) / 2)] * int(rng.random() < 0.5)
        kind, speed = int(rng.integers(len(CLASSES))), float(rng.uniform(4, 25))
        a, b = (a, b) if rng.random() < 0.5 else (b, a)
        edges.append((a, b, bends, kind, speed))
        if rng.random() >= one_way:
            edges.append((b, a, bends[::-1], kind, speed))
    edges = edges or [(0, side * side - 1, [], 4, 10.0)]
    return graph_of(lat, lon, edges)


def graph_of(lat: Sequence[float], lon: Sequence[float], edges: Sequence[tuple]) -> RoadGraph:
    """A graph of ``edges``: start, end, bends (latitude, longitude), class, m/s."""
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    start, end = (np.array([edge[k] for edge in edges], np.int32) for k in (0, 1))
    counts = [len(edge[2]) for edge in edges]
    shape = np.array([bend for edge in edges for bend in edge[2]], float).reshape(-1, 2)
    lines = [np.array([(lat[e[0]], lon[e[0]]), *e[2], (lat[e[1]], lon[e[1]])]) for e in edges]
    points, first = np.concatenate(lines), np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    return RoadGraph(
        lat, lon, start, end, lengths_m(points[:, 0], points[:, 1], first.astype(np.int32)),
        np.array([edge[4] for edge in edges], float), np.array([edge[3] for edge in edges], np.uint8),
        np.zeros(len(edges), np.int32), np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        shape[:, 0], shape[:, 1],
    )  # fmt: skip


def times_by_networkx(streets: Streets, mode: Mode, units: Snap, targets: Snap, share: Sequence[float]) -> np.ndarray:
    """(T, U) seconds: every unit and target is a node of its own, in the middle of its street.

    ``share``: of the usual speed, by class.
    """
    roads, walks = streets.roads, mode is Mode.WALK
    speeds = [
        (1e-30 if CLASSES[kind] == "motorway" else WALK_MPS) if walks else max(mps, 1.0) * share[kind]
        for kind, mps in zip(roads.road_class.tolist(), roads.speed_mps.tolist(), strict=True)
    ]
    move = [m / v for m, v in zip(roads.length_m.tolist(), speeds, strict=True)]
    ways_on = np.bincount(roads.start, minlength=len(roads.lat))
    wait = [0.0 if walks else JUNCTION_S * (n > 2) for n in ways_on.tolist()]
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(roads.lat)))

    def add(a: object, b: object, seconds: float) -> None:
        if not graph.has_edge(a, b) or graph[a][b]["s"] > seconds:
            graph.add_edge(a, b, s=seconds)

    for a, b, seconds in zip(roads.start.tolist(), roads.end.tolist(), move, strict=True):
        add(a, b, seconds + wait[b])
        if walks:
            add(b, a, seconds + wait[a])
    off = WALK_MPS if walks else OFF_ROAD_MPS
    places = [("unit", units, k) for k in range(len(units))] + [("target", targets, k) for k in range(len(targets))]
    for kind, snap, k in places:
        graph.add_node((kind, k))
        street, at, off_s = int(snap.street[k]), float(snap.share[k]), float(snap.off_m[k]) / off
        if street < 0:
            continue
        a, b = int(streets.first[street]), int(streets.last[street])
        there, back = move[streets.edge[street]], streets.back[street]
        against = move[back] if back >= 0 else there if walks else np.inf
        if kind == "unit":
            add((kind, k), b, off_s + (1 - at) * there + wait[b])
            add((kind, k), a, off_s + (at * against if at else 0.0) + wait[a])
        else:
            add(a, (kind, k), off_s + at * there)
            add(b, (kind, k), off_s + ((1 - at) * against if at < 1 else 0.0))
        if kind == "target":
            for u in np.flatnonzero(units.street == street).tolist():
                step = at - float(units.share[u])
                seconds = step * there if step >= 0 else -step * against
                add(("unit", u), (kind, k), seconds + off_s + float(units.off_m[u]) / off)
            away = np.hypot(units.x - snap.x[k], units.y - snap.y[k])
            for u in np.flatnonzero((units.street >= 0) & (away <= units.off_m + snap.off_m[k])).tolist():
                add(("unit", u), (kind, k), float(away[u]) / off)
    found = np.full((len(targets), len(units)), np.inf)
    for u in range(len(units)):
        reached = nx.single_source_dijkstra_path_length(graph, ("unit", u), weight="s")
        found[:, u] = [reached.get(("target", t), np.inf) for t in range(len(targets))]
    return np.where(found < 1e9, found, np.inf)
