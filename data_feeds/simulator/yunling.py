"""Yunling (云岭市): from a seed to terrain, main roads, blocks, streets, jurisdictions and places. Pure."""

from __future__ import annotations

import numpy as np

from data_feeds.simulator import (
    blocks,
    buildings,
    ground,
    jurisdictions,
    naming,
    plan,
    settle,
    sites,
    skeleton,
    streets,
    terrain,
    written,
)
from data_feeds.simulator.city import City
from data_feeds.simulator.frame import CENTRE, Frame, Points
from data_feeds.simulator.terrain import HILLS, WATER, Terrain
from data_feeds.simulator.territory import OUTSIDE, Raster, fill

FRAME = Frame(*CENTRE)
BRANCHES = (6, 9)
WATER_COST, HILLS_COST, MAIN_COST, STREET_COST = 60.0, 3.0, 8.0, 4.0


def build(seed: int, size: float) -> City:
    """See ``city.build``."""
    rng = np.random.default_rng(seed)
    land = terrain.make(rng, size)
    curves = skeleton.curves(rng, land)
    rail = skeleton.railway(rng, land)
    drawing = plan.draw(curves)
    divider = blocks.Divider(drawing, land, rng)
    for ring in plan.faces(drawing):
        divider.divide(ring)
    metres, edges, street = streets.built(drawing, land, rng)
    chains = streets.chains(edges, street, drawing)
    names = naming.streets(drawing.streets, rng)
    graph = streets.graph(metres, chains, drawing, FRAME, names)
    points = FRAME.to_metres(graph.lat, graph.lon)
    raster = settle.raster_of(points)
    weight = _people(land, points)
    cost = _cost(land, raster, metres, chains, rng)
    bank = (points[:, 1] > land.river_y(points[:, 0])).astype(np.intp)
    inside_limit = _limit(land, raster)
    inside_limit[raster.cells(points)] = 0
    count = int(rng.integers(*BRANCHES))
    parts = jurisdictions.lay_out(points, weight, inside_limit, cost, raster, count, rng, bank)
    found = sites.find(graph, points, weight, parts, rng, _decided(land, points, rail))
    houses = buildings.houses(divider.blocks, metres, land, rng)
    base = ground.draw(FRAME, land, divider.blocks, metres, chains, names, curves, rail, houses)
    return written.city(seed, FRAME, graph, points, parts, found, naming.names(), base)


def _people(land: Terrain, points: Points) -> np.ndarray:
    """How many live and work around each node; blocks are smaller in the old town, so nodes count less there."""
    return np.asarray(land.density[land.raster.cells(points)] + 0.02)


def _cost(
    land: Terrain, raster: Raster, metres: Points, chains: streets.Chains, rng: np.random.Generator
) -> np.ndarray:
    """Of growing over a cell: borders settle in the river, in hills, and along main roads."""
    x, y = raster.centres()
    kind = land.kinds(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape)
    cost = np.where(kind == WATER, WATER_COST, np.where(kind == HILLS, HILLS_COST, 1.0))
    for sort, more in ((skeleton.SECONDARY, STREET_COST), (skeleton.PRIMARY, MAIN_COST)):
        lines = [chains.nodes[k] for k in np.flatnonzero(chains.road_class <= sort)]
        a = np.concatenate([line[:-1] for line in lines])
        b = np.concatenate([line[1:] for line in lines])
        for share in np.linspace(0, 1, 4):  # bends lie further apart than cells
            row, column = raster.cells(metres[a] * (1 - share) + metres[b] * share)
            cost[row, column] = np.maximum(cost[row, column], more)
    # the river parts more than anything else
    return np.where(kind == WATER, WATER_COST, cost * settle.uneven(rng, raster))


def _limit(land: Terrain, raster: Raster) -> np.ndarray:
    return np.where(fill(raster, [land.outline]), 0, OUTSIDE).astype(np.int32)


def _decided(land: Terrain, points: Points, rail: Points) -> dict[str, list[int]]:
    """Nodes of spots whose place the ground decides: stations by the railway, parks by the lakes."""

    def nearest(at: Points) -> int:
        return int(np.hypot(*(points - at).T).argmin())

    def on_rail(x: float) -> int:
        return nearest(np.array([x, np.interp(x, *rail.T)]))

    lake = [nearest(land.lakes[k].mean(axis=0)) for k in (1, 0)]
    return {"railway": [on_rail(-700.0), on_rail(5_400.0 * land.scale)], "park": [lake[0]], "government": []}
