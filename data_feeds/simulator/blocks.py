"""Divides the faces between main roads into blocks, street by street, as towns grow: the larger streets first. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data_feeds.simulator.plan import Plan, Street, ring_area
from data_feeds.simulator.skeleton import RESIDENTIAL, SECONDARY, TERTIARY
from data_feeds.simulator.terrain import (
    BLOCK_M2,
    CAMPUS,
    COUNTRY,
    HILLS,
    INDUSTRY,
    OLD,
    PLANNED,
    SUBURB,
    WATER,
    Terrain,
)

SECONDARY_M2, TERTIARY_M2 = 1_150_000.0, 270_000.0  # what a street of that class divides is larger
PARK_M2 = (45_000.0, 230_000.0)
# Chance that a face of such a size stays whole and green, by kind of ground (terrain's order).
PARKS = (0.0, 0.03, 0.04, 0.06, 0.02, 0.015, 0.07, 0.0, 0.0)
STRAIGHT = math.radians(1.5)


@dataclass(frozen=True)
class Block:
    ring: list[int]  # nodes, counter-clockwise
    area_m2: float
    kind: int
    park: bool


class Divider:
    """Divides face after face; the order is fixed, so the same numbers give the same streets."""

    def __init__(self, plan: Plan, ground: Terrain, rng: np.random.Generator) -> None:
        self._plan = plan
        self._raster = ground.raster
        self._kind = ground.kind.tolist()
        self._random = rng.random(1 << 16).tolist()
        self._next = 0
        # quarters with a plan share one direction; they are told apart by where they lie
        self._turns = rng.uniform(0, math.pi / 2, 64).tolist()
        self._villages = ground.villages.tolist()
        self._open: dict[int, int] = {}  # node where a street ended → that street
        self.blocks: list[Block] = []

    def divide(self, ring: list[int]) -> None:
        waiting = [(ring, 0)]
        while waiting:
            ring, depth = waiting.pop()
            ring = self._plan.grown(ring)
            area = ring_area(self._plan, ring)
            kind, cx, cy = self._kind_of(ring)
            target = BLOCK_M2[kind] * (0.65 + 0.9 * self._chance())
            if kind == COUNTRY and self._holds_village(ring):
                kind, target = SUBURB, BLOCK_M2[SUBURB] * 0.6
            park = PARK_M2[0] < area < PARK_M2[1] and self._chance() < PARKS[kind]
            if area < target * 1.35 or park or depth > 24 or len(ring) < 4:
                self.blocks.append(Block(ring, area, kind, park))
                continue
            parts = self._split(ring, area, kind, cx, cy)
            if parts is None:
                self.blocks.append(Block(ring, area, kind, False))
                continue
            waiting += [(part, depth + 1) for part in parts]

    def _chance(self) -> float:
        self._next = (self._next + 1) & 0xFFFF
        return self._random[self._next]

    def _kind_of(self, ring: list[int]) -> tuple[int, float, float]:
        px, py = self._plan.x, self._plan.y
        cx, cy = sum([px[n] for n in ring]) / len(ring), sum([py[n] for n in ring]) / len(ring)
        r = self._raster
        row = min(max(int((cy - r.y0) / r.cell_m), 0), r.rows - 1)
        column = min(max(int((cx - r.x0) / r.cell_m), 0), r.columns - 1)
        kind = self._kind[row][column]
        if kind in (WATER, HILLS):  # the middle of a long face may lie in a pond: its corners decide
            tally: dict[int, int] = {}
            for n in ring[:: max(1, len(ring) // 8)]:
                row = min(max(int((py[n] - r.y0) / r.cell_m), 0), r.rows - 1)
                column = min(max(int((px[n] - r.x0) / r.cell_m), 0), r.columns - 1)
                corner = self._kind[row][column]
                tally[corner] = tally.get(corner, 0) + 1
            kind = max(tally, key=lambda k: (tally[k], k))
        return kind, cx, cy

    def _holds_village(self, ring: list[int]) -> bool:
        px, py = [self._plan.x[n] for n in ring], [self._plan.y[n] for n in ring]
        x0, x1, y0, y1 = min(px), max(px), min(py), max(py)
        return any(x0 < x < x1 and y0 < y < y1 and _holds(px, py, x, y) for x, y in self._villages)

    def _direction(self, ring: list[int], kind: int, cx: float, cy: float) -> float:
        """The way streets run here, radians: by plan, or along the longest side."""
        if kind in (PLANNED, CAMPUS, INDUSTRY):
            return self._turns[(int(cx // 4_500) * 7 + int(cy // 4_500) * 13) & 63] + STRAIGHT * (self._chance() - 0.5)
        px, py, best, turn = self._plan.x, self._plan.y, 0.0, 0.0
        a = ring[-1]
        for b in ring:
            dx, dy = px[b] - px[a], py[b] - py[a]
            long = dx * dx + dy * dy
            if long > best:
                best, turn = long, math.atan2(dy, dx)
            a = b
        loose = 0.34 if kind == OLD else 0.26 if kind in (COUNTRY, SUBURB) else 0.09
        return turn + loose * (self._chance() - 0.5)

    def _split(self, ring: list[int], area: float, kind: int, cx: float, cy: float) -> list[list[int]] | None:
        px, py = [self._plan.x[n] for n in ring], [self._plan.y[n] for n in ring]
        turn = self._direction(ring, kind, cx, cy)
        best = None
        for way in (turn, turn + math.pi / 2):
            c, s = math.cos(way), math.sin(way)
            along = [x * c + y * s for x, y in zip(px, py, strict=True)]
            low, high = min(along), max(along)
            if best is None or high - low > best[0]:
                best = (high - low, low, c, s, along)
        assert best is not None
        span, low, c, s, along = best
        loose = 0.34 if kind in (OLD, SUBURB, COUNTRY) else 0.2
        at = low + span * (0.5 + loose * (self._chance() - 0.5))
        if area > 9 * BLOCK_M2[kind] or self._chance() < 0.75:
            at = self._continued(ring, along, low, span, at)
        ends = cut(px, py, along, at, c, s)
        if ends is None:
            return None
        (i, ix, iy), (j, jx, jy) = ends
        if math.hypot(ix - jx, iy - jy) < 24:
            return None
        near = min(40.0, 0.22 * math.sqrt(BLOCK_M2[kind]))
        street = self._street(area, kind)
        a, b = self._on(ring, i, ix, iy, near), self._on(ring, j, jx, jy, near)
        if a == b:
            return None
        plan = self._plan
        key = (a, b) if a < b else (b, a)
        if key in plan.edges or key in plan.middle:
            return None
        number = self._open.get(a, self._open.get(b, -1))
        if number < 0 or plan.streets[number].road_class != street.road_class:
            number = len(plan.streets)
            plan.streets.append(street)
        between = self._bend(px, py, a, b, area, kind)
        plan.chain([a, *between, b], number)
        for end in (a, b):  # at the other side of its end a street may go on
            if self._open.pop(end, None) is None:
                self._open[end] = number
        if i > j:
            i, j, a, b, between = j, i, b, a, between[::-1]
        # the ring from a to b and from b to a; an end may be the node at either end of its side
        one, two = ring[i + 1 : j + 1], ring[j + 1 :] + ring[: i + 1]
        for part in (one, two):
            while part and part[0] in (a, b):
                part.pop(0)
            while part and part[-1] in (a, b):
                part.pop()
        one, two = [a, *one, b, *between[::-1]], [b, *two, a, *between]
        return [one, two] if len(one) > 2 and len(two) > 2 else None

    def _continued(self, ring: list[int], along: list[float], low: float, span: float, at: float) -> float:
        """The place of a street that ended at this face from the other side, if it is near the middle."""
        found, best = at, 0.24 * span
        for n, place in zip(ring, along, strict=True):
            if n in self._open and abs(place - low - span / 2) < best:
                found, best = place, abs(place - low - span / 2)
        return found

    def _on(self, ring: list[int], k: int, x: float, y: float, near: float) -> int:
        """A node at ``x``, ``y`` on the side that begins at the ring's k-th node; one that is near serves."""
        plan, a, b = self._plan, ring[k], ring[(k + 1) % len(ring)]
        for n in (a, b):
            if abs(plan.x[n] - x) + abs(plan.y[n] - y) < near:
                return n
        return plan.divide(a, b, x, y)

    def _street(self, area: float, kind: int) -> Street:
        if kind == COUNTRY or area < TERTIARY_M2:
            sort = TERTIARY if kind == COUNTRY else RESIDENTIAL
        else:
            sort = SECONDARY if area > SECONDARY_M2 and kind != OLD else TERTIARY
        one_way = 1 if self._chance() < 0.5 else -1
        return Street(sort, "", one_way if kind == OLD and self._chance() < 0.28 else 0)

    def _bend(self, px: list[float], py: list[float], a: int, b: int, area: float, kind: int) -> list[int]:
        """Bends of a long street between two nodes; none where they would leave the face."""
        plan = self._plan
        x0, y0, x1, y1 = plan.x[a], plan.y[a], plan.x[b], plan.y[b]
        long = math.hypot(x1 - x0, y1 - y0)
        if area < 0.7 * TERTIARY_M2 or long < 320:
            return []
        loose = 2.2 if kind == COUNTRY else 0.4 if kind == PLANNED else 1.0
        sag, wave = 0.13 * loose * (self._chance() - 0.5), 0.06 * loose * (self._chance() - 0.5)
        count = int(min(9, long // 130))
        points = []
        for k in range(1, count + 1):
            t = k / (count + 1)
            off = long * (sag * 4 * t * (1 - t) + wave * math.sin(2 * math.pi * t))
            x = x0 + t * (x1 - x0) - off * (y1 - y0) / long
            y = y0 + t * (y1 - y0) + off * (x1 - x0) / long
            if not _holds(px, py, x, y):
                return []
            points.append((x, y))
        return [plan.node(x, y) for x, y in points]


def cut(
    px: list[float], py: list[float], along: list[float], at: float, c: float, s: float
) -> tuple[tuple[int, float, float], tuple[int, float, float]] | None:
    """Where the line across ``along`` at ``at`` meets a ring: (side, x, y) of the ends of the longest part inside."""
    hits = []
    n = len(along)
    for k in range(n):
        a, b = along[k] - at, along[k + 1 - n] - at
        if (a > 0) != (b > 0):
            t = a / (a - b)
            x, y = px[k] + t * (px[k + 1 - n] - px[k]), py[k] + t * (py[k + 1 - n] - py[k])
            hits.append((y * c - x * s, k, x, y))
    if len(hits) < 2:
        return None
    hits.sort()
    best = max(range(0, len(hits) - 1, 2), key=lambda k: hits[k + 1][0] - hits[k][0])
    return hits[best][1:], hits[best + 1][1:]


def _holds(px: list[float], py: list[float], x: float, y: float) -> bool:
    """Whether the ring holds the point."""
    odd, ax, ay = False, px[-1], py[-1]
    for bx, by in zip(px, py, strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            odd = not odd
        ax, ay = bx, by
    return odd
