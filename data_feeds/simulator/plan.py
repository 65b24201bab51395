"""Streets as a flat drawing: nodes, edges with a street each, curves that meet in nodes, faces between them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data_feeds.simulator.frame import Points

NEAR_M = 30.0  # bends so close to a crossing are left out; crossings so close are one
Edge = tuple[int, int]


@dataclass
class Street:
    """One street along its course. ``road_class`` indexes roads.CLASSES; NO_ROAD is a line that nobody drives."""

    road_class: int
    name: str = ""  # a role such as "inner ring"; names are given later
    one_way: int = 0


NO_ROAD = 255


@dataclass
class Plan:
    """A drawing that grows. An edge that was divided is gone from ``edges`` and has its middle in ``middle``."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    edges: dict[Edge, int] = field(default_factory=dict)  # (lower, higher node) → street
    middle: dict[Edge, int] = field(default_factory=dict)
    streets: list[Street] = field(default_factory=list)

    def node(self, x: float, y: float) -> int:
        self.x.append(x)
        self.y.append(y)
        return len(self.x) - 1

    def divide(self, a: int, b: int, x: float, y: float) -> int:
        """A new node on the edge between ``a`` and ``b``."""
        key = (a, b) if a < b else (b, a)
        street = self.edges.pop(key)
        m = self.node(x, y)
        self.middle[key] = m
        self.edges[(a, m)] = self.edges[(b, m)] = street
        return m

    def chain(self, nodes: list[int], street: int) -> None:
        for a, b in pairwise(nodes):
            if a != b:
                self.edges.setdefault((a, b) if a < b else (b, a), street)

    def grown(self, ring: list[int]) -> list[int]:
        """``ring`` with the nodes that were put on its edges since."""
        middle = self.middle
        out: list[int] = []
        a = ring[-1]
        for b in ring:
            if ((a, b) if a < b else (b, a)) in middle:
                self._between(a, b, out)
            out.append(b)
            a = b
        return out

    def _between(self, a: int, b: int, out: list[int]) -> None:
        m = self.middle.get((a, b) if a < b else (b, a))
        if m is not None:
            self._between(a, m, out)
            out.append(m)
            self._between(m, b, out)


def draw(curves: list[tuple[Points, Street]]) -> Plan:
    """A plan of ``curves`` with a node wherever two of them cross; ends that lead nowhere are cut off."""
    plan = Plan(streets=[street for _, street in curves])
    crossings: list[list[tuple[float, int]]] = [[] for _ in curves]  # (place along the curve, node)
    for i, (a, _) in enumerate(curves):
        for j in range(i + 1, len(curves)):
            for u, v, point in _crossings(a, curves[j][0]):
                near = [n for n in range(len(plan.x)) if abs(plan.x[n] - point[0]) + abs(plan.y[n] - point[1]) < NEAR_M]
                n = near[0] if near else plan.node(*point)
                for which, place in ((i, u), (j, v)):
                    if all(n != m for _, m in crossings[which]):
                        crossings[which].append((place, n))
    for k, (line, _) in enumerate(curves):
        plan.chain(_knotted(plan, line, sorted(crossings[k])), k)
    _prune(plan)
    return plan


def _crossings(a: Points, b: Points) -> list[tuple[float, float, tuple[float, float]]]:
    """Where two curves cross: place along each (segment + share), and the point."""
    low, high = np.maximum(a.min(axis=0), b.min(axis=0)) - 1.0, np.minimum(a.max(axis=0), b.max(axis=0)) + 1.0
    if (low > high).any():
        return []
    at, bt = _within(a, low, high), _within(b, low, high)
    p, r = a[at][:, None], (a[at + 1] - a[at])[:, None]
    q, s = b[bt][None], (b[bt + 1] - b[bt])[None]
    cross = r[..., 0] * s[..., 1] - r[..., 1] * s[..., 0]
    way = q - p
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (way[..., 0] * s[..., 1] - way[..., 1] * s[..., 0]) / cross
        u = (way[..., 0] * r[..., 1] - way[..., 1] * r[..., 0]) / cross
        hit = (t >= 0) & (t < 1) & (u >= 0) & (u < 1)
    found = []
    for i, j in np.argwhere(hit).tolist():
        point = a[at[i]] + t[i, j] * (a[at[i] + 1] - a[at[i]])
        found.append((float(at[i] + t[i, j]), float(bt[j] + u[i, j]), (float(point[0]), float(point[1]))))
    return found


def _within(line: Points, low: NDArray, high: NDArray) -> NDArray[np.intp]:
    """Segments that touch a box."""
    first, last = np.minimum(line[:-1], line[1:]), np.maximum(line[:-1], line[1:])
    return np.flatnonzero(((last >= low) & (first <= high)).all(axis=1))


def _knotted(plan: Plan, line: Points, crossings: list[tuple[float, int]]) -> list[int]:
    """The nodes of a curve in order: its crossings, and bends that are not too close to them."""
    closed = bool((line[0] == line[-1]).all())
    todo = [(float(k), -1) for k in range(len(line) - closed)] + crossings
    found: list[int] = []
    knots = np.array([[plan.x[n], plan.y[n]] for _, n in crossings]).reshape(-1, 2)
    for place, n in sorted(todo):
        if n < 0:
            x, y = line[int(place)].tolist()
            if len(knots) and np.abs(knots - (x, y)).sum(axis=1).min() < NEAR_M:
                continue
            n = plan.node(x, y)
        found.append(n)
    return [*found, found[0]] if closed else found


def _prune(plan: Plan) -> None:
    """Cut off ends that lead nowhere."""
    at: dict[int, set[int]] = {}
    for a, b in plan.edges:
        at.setdefault(a, set()).add(b)
        at.setdefault(b, set()).add(a)
    loose = [n for n, others in at.items() if len(others) == 1]
    while loose:
        n = loose.pop()
        if len(at[n]) != 1:
            continue
        (other,) = at.pop(n)
        at[other].discard(n)
        del plan.edges[(n, other) if n < other else (other, n)]
        if len(at[other]) == 1:
            loose.append(other)
        at[n] = set()


def faces(plan: Plan) -> list[list[int]]:
    """The rings of all faces, counter-clockwise; the unbounded one is left out."""
    at: dict[int, list[int]] = {}
    for a, b in plan.edges:
        at.setdefault(a, []).append(b)
        at.setdefault(b, []).append(a)
    after: dict[Edge, int] = {}
    for n, others in at.items():
        x, y = plan.x[n], plan.y[n]
        turns = np.arctan2([plan.y[o] - y for o in others], [plan.x[o] - x for o in others])
        around = [others[k] for k in np.argsort(-turns, kind="stable")]
        for k, o in enumerate(around):
            after[(o, n)] = around[(k + 1) % len(around)]  # the next one clockwise keeps the face on the left
    rings, seen = [], set()
    for start in after:
        if start in seen:
            continue
        ring, edge = [], start
        while edge not in seen:
            seen.add(edge)
            ring.append(edge[0])
            edge = (edge[1], after[edge])
        if ring_area(plan, ring) > 0:
            rings.append(ring)
    return rings


def ring_area(plan: Plan, ring: list[int]) -> float:
    """Signed area, m²."""
    x, y = plan.x, plan.y
    ox, oy = x[ring[0]], y[ring[0]]
    total, px, py = 0.0, x[ring[-1]] - ox, y[ring[-1]] - oy
    for n in ring:
        qx, qy = x[n] - ox, y[n] - oy
        total += px * qy - qx * py
        px, py = qx, qy
    return total / 2
