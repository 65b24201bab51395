"""Who answers for which ground: regions that grow on a raster until they meet, and outlines that fit without a gap.

Regions grow from seeds over cells with a cost each, so that they meet in rivers and hills. Every outline is made of
arcs between the points where regions meet; an arc is smoothed once and used by both sides. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_feeds.simulator.frame import Floats, Points

Labels = NDArray[np.int32]
OUTSIDE = -1
SMOOTH_PASSES = 6


@dataclass(frozen=True)
class Raster:
    """Square cells of ``cell_m``; cell (row 0, column 0) begins at ``x0``, ``y0`` (south-west)."""

    x0: float
    y0: float
    cell_m: float
    rows: int
    columns: int

    def cells(self, points: Points) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of each point; what lies outside is taken to the edge."""
        column = np.clip(((points[:, 0] - self.x0) / self.cell_m).astype(np.intp), 0, self.columns - 1)
        row = np.clip(((points[:, 1] - self.y0) / self.cell_m).astype(np.intp), 0, self.rows - 1)
        return row, column

    def centres(self) -> tuple[Floats, Floats]:
        """Metres east and north of every cell's middle, (rows, columns) each."""
        y, x = np.mgrid[: self.rows, : self.columns] + 0.5
        return self.x0 + x * self.cell_m, self.y0 + y * self.cell_m


def fill(raster: Raster, rings: list[Points]) -> NDArray[np.bool_]:
    """(rows, columns) whether each cell's middle lies in the area of ``rings`` (even–odd)."""
    flips = np.zeros((raster.rows, raster.columns + 1), dtype=np.intp)
    for ring in rings:
        x, y = (ring[:, 0] - raster.x0) / raster.cell_m - 0.5, (ring[:, 1] - raster.y0) / raster.cell_m - 0.5
        x2, y2 = np.roll(x, -1), np.roll(y, -1)
        first = np.ceil(np.minimum(y, y2)).astype(np.intp)
        count = np.ceil(np.maximum(y, y2)).astype(np.intp) - first  # rows that each side crosses
        side = np.repeat(np.arange(len(x)), count)
        row = first[side] + np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count)
        at = x[side] + (row - y[side]) * (x2[side] - x[side]) / (y2[side] - y[side])
        here = (row >= 0) & (row < raster.rows)
        column = np.clip(np.ceil(at[here]), 0, raster.columns).astype(np.intp)
        np.add.at(flips, (row[here], column), 1)
    return np.asarray(np.cumsum(flips, axis=1)[:, :-1] % 2 == 1)


def grow(cost: Floats, seeds: list[tuple[int, int]], within: Labels, parents: list[int]) -> Labels:
    """Label each cell with the seed that reaches it at the least cost inside the seed's parent in ``within``."""
    spent = np.full(cost.shape, np.inf)
    label = np.full(cost.shape, OUTSIDE, dtype=np.int32)
    cost = cost.copy()
    for k, (row, column) in enumerate(seeds):
        around = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
        cost[around] = np.minimum(cost[around], 1.0)  # a seed on a main road is not shut in by it
        if within[row, column] != parents[k]:
            raise ValueError(f"seed {k} lies outside its parent {parents[k]}")
        spent[row, column], label[row, column] = 0.0, k
    pairs = [
        # what may not be entered costs too much to be
        (target, source, np.where((within[target] == within[source]) & (within[target] >= 0), step + 1e-9, np.inf))
        for target, source, step in _steps(cost)
    ]
    while True:
        changed = False
        for target, source, step in pairs:
            there = spent[source] + step
            better = there < spent[target]
            if better.any():
                np.copyto(spent[target], there, where=better)
                np.copyto(label[target], label[source], where=better)
                changed = True
        if not changed:
            return label


Cut = tuple[slice, slice]


def _steps(cost: Floats) -> Iterator[tuple[Cut, Cut, Floats]]:
    """Every way to a neighbour: the cells entered, the cells left, the cost; aslant one pays for all four cells."""
    most, rest, all_ = slice(None, -1), slice(1, None), slice(None)
    straight: list[tuple[Cut, Cut]] = [((most, all_), (rest, all_)), ((all_, most), (all_, rest))]
    for a, b in straight:
        half = (cost[a] + cost[b]) / 2
        yield a, b, half
        yield b, a, half
    corner = np.sqrt(2) * (cost[most, most] + cost[rest, rest] + cost[most, rest] + cost[rest, most]) / 4
    aslant: list[tuple[Cut, Cut]] = [((most, most), (rest, rest)), ((most, rest), (rest, most))]
    for a, b in aslant:
        yield a, b, corner
        yield b, a, corner


def untangle(label: Labels, groups: list[NDArray[np.intp]]) -> Labels:
    """Without corners where a region, or a group of regions, touches only itself diagonally: outlines stay simple.

    ``groups[k][label]`` is the group of a region; ``OUTSIDE`` is its own.
    """
    label = label.copy()
    for _ in range(20):
        moved = 0
        for group in [np.arange(label.max() + 1), *groups]:
            g = np.where(label >= 0, group[label], OUTSIDE)
            a, b, c, d = g[:-1, :-1], g[:-1, 1:], g[1:, :-1], g[1:, 1:]
            rows, columns = np.nonzero((a == d) & (b != a) & (c != a))
            label[rows, columns + 1] = label[rows, columns]
            moved += len(rows)
            rows, columns = np.nonzero((b == c) & (a != b) & (d != b))
            label[rows, columns] = label[rows, columns + 1]
            moved += len(rows)
        if not moved:
            break
    return label


class Outlines:
    """The arcs between the regions of a raster, and from them the rings of any union of regions."""

    def __init__(self, label: Labels, raster: Raster) -> None:
        padded = np.pad(label, 1, constant_values=OUTSIDE)
        self.arcs = [(left, right, _smooth(points, raster, loose)) for left, right, points, loose in _arcs(padded)]

    def rings(self, regions: set[int]) -> list[Points]:
        """Closed rings around the union of ``regions``, counter-clockwise outside, the largest first; then holes."""
        follow: dict[tuple[float, float], list[Points]] = {}
        for left, right, points in self.arcs:
            if (left in regions) != (right in regions):
                line = points if left in regions else points[::-1]
                follow.setdefault(_key(line[0]), []).append(line)
        rings = []
        while follow:
            start = min(follow)
            ring, at = [], start
            while True:
                line = follow[at].pop()
                if not follow[at]:
                    del follow[at]
                ring.append(line[:-1])
                at = _key(line[-1])
                if at == start:
                    break
            rings.append(np.concatenate([*ring, ring[0][:1]]))
        return sorted(rings, key=lambda r: -area(r))


def area(ring: Points) -> float:
    """Signed area in square metres, positive counter-clockwise."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def _key(point: Points) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _arcs(label: Labels) -> Iterator[tuple[int, int, NDArray[np.intp], bool]]:
    """(left region, right region, corners (n, 2) as column, row, whether it is a ring without a knot) of every arc."""
    rows, columns = np.nonzero(label[:-1] != label[1:])  # level sides: west to east the upper cell is left
    level = zip(columns, rows + 1, columns + 1, rows + 1, label[rows + 1, columns], label[rows, columns], strict=True)
    rows, columns = np.nonzero(label[:, :-1] != label[:, 1:])  # upright sides: going north the western cell is left
    upright = zip(
        columns + 1, rows, columns + 1, rows + 1, label[rows, columns], label[rows, columns + 1], strict=True
    )
    ends: dict[tuple[int, int], list[tuple[tuple[int, int], int, int]]] = {}
    for x1, y1, x2, y2, left, right in [*_plain(level), *_plain(upright)]:
        ends.setdefault((x1, y1), []).append(((x2, y2), left, right))
        ends.setdefault((x2, y2), []).append(((x1, y1), right, left))
    seen: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    knots = [corner for corner, sides in ends.items() if len(sides) != 2]
    for start in [*knots, *ends]:  # what is left after the knots are closed arcs
        for to, left, right in ends[start]:
            if (start, to) in seen:
                continue
            line, came, at = [start, to], start, to
            seen |= {(start, to), (to, start)}
            while at != start and len(ends[at]) == 2:
                came, at = at, next(other for other, _, _ in ends[at] if other != came)
                seen |= {(came, at), (at, came)}
                line.append(at)
            yield left, right, np.array(line), at == start and len(ends[at]) == 2


def _plain(rows: Iterator[tuple]) -> Iterator[tuple[int, ...]]:
    return (tuple(int(v) for v in row) for row in rows)


def _smooth(corners: NDArray[np.intp], raster: Raster, loose: bool) -> Points:
    """Corners of the padded raster → metres, the staircase taken out; ends stay where they are."""
    line: Points = np.asarray((corners - 1.0) * raster.cell_m + (raster.x0, raster.y0), dtype=np.float64)
    for _ in range(SMOOTH_PASSES):
        if loose:
            ring: Points = line[:-1]
            ring = (np.roll(ring, 1, axis=0) + 2 * ring + np.roll(ring, -1, axis=0)) / 4
            line = np.concatenate([ring, ring[:1]])
        elif len(line) > 2:
            line = np.concatenate([line[:1], (line[:-2] + 2 * line[1:-1] + line[2:]) / 4, line[-1:]])
    return line if len(line) < 8 else np.concatenate([line[:-1:2], line[-1:]])
