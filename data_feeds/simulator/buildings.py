"""Footprints of houses in the inner city: blocks divided into lots, on each a house with room around it. Pure."""

from __future__ import annotations

import math

import numpy as np

from data_feeds.simulator.blocks import Block, cut
from data_feeds.simulator.frame import Points
from data_feeds.simulator.terrain import CITY, OLD, WATER, Terrain

REACH_M = 1_900.0  # from the middle of the city
LOT_M2 = {OLD: 1_700.0, CITY: 3_200.0}
LEAST_M2, LEAST_SIDE_M = 130.0, 7.0
PAVEMENT_M, GAP_M = 11.0, 2.5
EMPTY_SHARE = 0.14

Ring = tuple[list[float], list[float]]


def houses(blocks: list[Block], points: Points, ground: Terrain, rng: np.random.Generator) -> list[Points]:
    """The rings (n, 2) of all houses, open; none stands in water."""
    random = iter(np.resize(rng.random(1 << 14), 1 << 20).tolist())
    found = []
    for block in blocks:
        if block.park or block.kind not in LOT_M2 or block.area_m2 > 60_000:
            continue
        ring = points[block.ring]
        if np.hypot(*ring.mean(axis=0)) > REACH_M:
            continue
        x, y = _shrunk(_corners(ring), PAVEMENT_M, block.area_m2)
        waiting: list[Ring] = [(x, y)]
        while waiting:
            x, y = waiting.pop()
            size = _area(x, y)
            if size > LOT_M2[block.kind] * (0.7 + 0.9 * next(random)):
                parts = _halves(x, y, 0.4 + 0.2 * next(random))
                if parts:
                    waiting += parts
                    continue
            if next(random) < EMPTY_SHARE:
                continue
            x, y = _shrunk((x, y), GAP_M, size)
            if LEAST_M2 < _area(x, y) < 3 * LOT_M2[block.kind] and min(_sides(x, y)) > LEAST_SIDE_M:
                found.append(np.column_stack([x, y]))
    middles = np.array([ring.mean(axis=0) for ring in found]).reshape(-1, 2)
    return [ring for ring, kind in zip(found, ground.kinds(middles), strict=True) if kind != WATER]


def _corners(ring: Points) -> Ring:
    """Without points that lie on a straight line."""
    a, b = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    turn = np.abs(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)))
    kept = ring[turn > 0.12]
    kept = kept if len(kept) >= 3 else ring
    return kept[:, 0].tolist(), kept[:, 1].tolist()


def _shrunk(ring: Ring, by: float, area_m2: float) -> Ring:
    """Drawn in towards the middle so that sides come about ``by`` metres nearer."""
    x, y = ring
    cx, cy = sum(x) / len(x), sum(y) / len(y)
    reach = math.sqrt(max(area_m2, 1.0)) / 2
    k = max(0.25, 1 - by / reach)
    return [cx + k * (v - cx) for v in x], [cy + k * (v - cy) for v in y]


def _halves(x: list[float], y: list[float], share: float) -> list[Ring] | None:
    """The two parts on either side of a line across the longest side's direction."""
    n = len(x)
    side = max(range(n), key=lambda k: (x[k] - x[k - 1]) ** 2 + (y[k] - y[k - 1]) ** 2)
    turn = math.atan2(y[side] - y[side - 1], x[side] - x[side - 1])
    best = None
    for way in (turn, turn + math.pi / 2):
        c, s = math.cos(way), math.sin(way)
        along = [u * c + v * s for u, v in zip(x, y, strict=True)]
        if best is None or max(along) - min(along) > best[0]:
            best = (max(along) - min(along), min(along), c, s, along)
    assert best is not None
    span, low, c, s, along = best
    found = cut(x, y, along, low + share * span, c, s)
    if found is None:
        return None
    (i, ix, iy), (j, jx, jy) = sorted(found)
    return [
        ([ix, *x[i + 1 : j + 1], jx], [iy, *y[i + 1 : j + 1], jy]),
        ([jx, *x[j + 1 :], *x[: i + 1], ix], [jy, *y[j + 1 :], *y[: i + 1], iy]),
    ]


def _area(x: list[float], y: list[float]) -> float:
    ox, oy = x[0], y[0]
    total, px, py = 0.0, x[-1] - ox, y[-1] - oy
    for u, v in zip(x, y, strict=True):
        qx, qy = u - ox, v - oy
        total += px * qy - qx * py
        px, py = qx, qy
    return abs(total) / 2


def _sides(x: list[float], y: list[float]) -> list[float]:
    return [math.hypot(x[k] - x[k - 1], y[k] - y[k - 1]) for k in range(len(x))]
