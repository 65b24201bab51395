"""Makes a road graph a city: jurisdictions, places, cameras, and where calls come from. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_feeds.roads import RoadGraph
from data_feeds.simulator import graphs, jurisdictions, sites, written
from data_feeds.simulator.city import City
from data_feeds.simulator.frame import Floats, Frame, Points
from data_feeds.simulator.territory import OUTSIDE, Labels, Raster

RASTER_CELLS = 34_000
MARGIN_M = 600.0
REACH_CELLS = 6  # how far from any street the city still is
BRANCHES = (6, 8)


def on_roads(graph: RoadGraph, seed: int) -> City:
    """A city on ``graph``, of which the largest strongly connected piece is kept. Raises ValueError if that is tiny."""
    kept = graphs.strongest(graph.start, graph.end, len(graph.lat))
    if len(kept) < sites.LEAST_NODES:
        raise ValueError(f"road graph: only {len(kept)} connected nodes; a city needs {sites.LEAST_NODES}")
    graph = graphs.only(graph, kept)
    rng = np.random.default_rng(seed)
    frame = Frame(float(np.median(graph.lat)), float(np.median(graph.lon)))
    points = frame.to_metres(graph.lat, graph.lon)
    raster = raster_of(points)
    crowd = crowding(points, raster)
    ground = ground_of(along(graph, frame, raster.cell_m), raster)
    cost = (1.0 + 4.0 * (crowd == 0)) * uneven(rng, raster)
    weight = np.sqrt(crowd[raster.cells(points)])
    parts = jurisdictions.lay_out(points, weight, ground, cost, raster, int(rng.integers(*BRANCHES)), rng)
    found = sites.find(graph, points, weight, parts, rng)
    return written.city(seed, frame, graph, points, parts, found, written.plain_names(), None)


def uneven(rng: np.random.Generator, raster: Raster) -> Floats:
    """Factors around 1 that vary in patches, so that no border is a ruler's line."""
    rough = np.zeros((raster.rows, raster.columns))
    for cells, by in ((8, 0.5), (3, 0.35)):
        patches = rng.normal(size=(raster.rows // cells + 2, raster.columns // cells + 2))
        rough += by * np.kron(patches, np.ones((cells, cells)))[: raster.rows, : raster.columns]
    return np.asarray(np.exp(rough - rough.mean()))


def raster_of(points: Points) -> Raster:
    """About RASTER_CELLS square cells over ``points``."""
    low, high = points.min(axis=0) - MARGIN_M, points.max(axis=0) + MARGIN_M
    cell = float(np.sqrt((high - low).prod() / RASTER_CELLS))
    columns, rows = np.ceil((high - low) / cell).astype(int).tolist()
    return Raster(float(low[0]), float(low[1]), cell, rows, columns)


def along(graph: RoadGraph, frame: Frame, step_m: float) -> Points:
    """Points on all streets, at most about ``step_m`` apart: a long bridge is one piece with what it joins."""
    lat, lon = [graph.lat, graph.shape_lat], [graph.lon, graph.shape_lon]
    points = frame.to_metres(np.concatenate(lat), np.concatenate(lon))
    bends = np.diff(graph.shape_start)
    # each edge's points in order: its first node, its bends, its last node
    first = np.concatenate([[0], np.cumsum(bends + 2)])
    line = np.empty(first[-1], dtype=np.intp)
    line[first[:-1]], line[first[1:] - 1] = graph.start, graph.end
    between = np.ones(first[-1], dtype=bool)
    between[first[:-1]] = between[first[1:] - 1] = False
    line[between] = len(graph.lat) + np.arange(len(graph.shape_lat))
    side = np.delete(np.arange(len(line) - 1), first[1:-1] - 1)
    a, b = points[line[side]], points[line[side + 1]]
    count = np.ceil(np.hypot(*(b - a).T) / step_m).astype(np.intp) + 1
    part = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    share = (part / np.repeat(count, count))[:, None]
    return np.asarray(np.repeat(a, count, axis=0) * (1 - share) + np.repeat(b, count, axis=0) * share)


def crowding(points: Points, raster: Raster) -> Floats:
    """Nodes in and around each cell."""
    row, column = raster.cells(points)
    count = np.zeros((raster.rows, raster.columns))
    np.add.at(count, (row, column), 1.0)
    for _ in range(2):
        padded = np.pad(count, 1)
        parts = [padded[1 + r : 1 + r + raster.rows, 1 + c : 1 + c + raster.columns] for r, c in _AROUND]
        count = np.sum(parts, axis=0) / len(parts)
    return count


def ground_of(points: Points, raster: Raster) -> Labels:
    """0 within reach of a street and in the gaps between, OUTSIDE elsewhere; one piece."""
    near = np.zeros((raster.rows, raster.columns), dtype=bool)
    near[raster.cells(points)] = True
    near = _spread(near, REACH_CELLS)
    outside = np.zeros_like(near)
    outside[[0, -1], :], outside[:, [0, -1]] = True, True
    outside &= ~near
    while True:  # what the edge cannot reach is inside
        wider = outside | (_spread(outside, 1) & ~near)
        if (wider == outside).all():
            break
        outside = wider
    return np.where(outside, OUTSIDE, 0).astype(np.int32)


_AROUND = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]


def _spread(mask: NDArray[np.bool_], cells: int) -> NDArray[np.bool_]:
    for k in range(cells):
        padded = np.pad(mask, 1)
        wider = mask.copy()
        for r, c in _AROUND if k % 2 else [(0, 1), (1, 0), (0, -1), (-1, 0)]:
            wider |= padded[1 + r : 1 + r + mask.shape[0], 1 + c : 1 + c + mask.shape[1]]
        mask = wider
    return mask
