"""From the streets of an extract to a road graph: crossings become nodes, bends the shape of what lies between.

Turn restrictions are ignored. What cannot be reached from the rest, or not be left, is cut off: the graph is the
largest strongly connected part.
"""

from __future__ import annotations

import itertools
from array import array
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_feeds.basemap import tags as osm
from data_feeds.basemap.coast import Box
from data_feeds.geo import distance_m
from data_feeds.roads import RoadGraph

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Neighbours = tuple[NDArray[np.int64], NDArray[np.int64]]
MPS_STEP = 0.1


class Look(NamedTuple):
    """What two pieces of a street must share to be one edge."""

    road_class: int
    speed: int  # tenths of m/s
    name: int
    ahead: bool
    back: bool

    def turned(self) -> Look:
        return self._replace(ahead=self.back, back=self.ahead)


class NoRoads(ValueError):
    """The extract holds no street that a car may use."""


class Streets:
    """Collects drivable ways one by one, in arrays; ``graph`` makes the graph of them."""

    def __init__(self) -> None:
        self.refs, self.lat, self.lon = array("q"), array("d"), array("d")
        self.starts = array("q", [0])
        self.looks: list[Look] = []
        self._names: dict[tuple[str, str], int] = {("", ""): 0}

    def add(self, tags: osm.Tags, refs: list[int], lats: list[float], lons: list[float]) -> None:
        """One way with its tags and the ids and places of its nodes; ways that no car may use are passed over."""
        road_class = osm.drivable(tags)
        if road_class is None or len(refs) < 2:
            return
        ahead, back = osm.directions(tags)
        own = osm.names(tags)
        name = self._names.setdefault((own.get("name", ""), own.get("name_en", "")), len(self._names))
        self.looks.append(Look(road_class, round(osm.speed_mps(tags, road_class) / MPS_STEP), name, ahead, back))
        self.refs.extend(refs)
        self.lat.extend(lats)
        self.lon.extend(lons)
        self.starts.append(len(self.refs))

    def graph(self, box: Box | None = None) -> RoadGraph:
        """Raises NoRoads. What leaves ``box`` is left out, for there the map has no ground."""
        if not self.looks:
            raise NoRoads("no street that a car may use")
        ids, index = np.unique(np.array(self.refs, dtype=np.int64), return_inverse=True)
        lat, lon = np.empty(len(ids)), np.empty(len(ids))
        lat[index], lon[index] = np.array(self.lat), np.array(self.lon)
        pieces = _merged(_split(index.astype(np.int64), np.array(self.starts), self.looks))
        if box:
            inside = (lon >= box[0]) & (lat >= box[1]) & (lon <= box[2]) & (lat <= box[3])
            pieces = [piece for piece in pieces if inside[piece[0]].all()]
        if not pieces:
            raise NoRoads("no street that a car may use")
        start, end, length, looks, shapes = [], [], [], [], []
        for nodes, look in pieces:
            metres = float(distance_m(lat[nodes[:-1]], lon[nodes[:-1]], lat[nodes[1:]], lon[nodes[1:]]).sum())
            for there, line in ((look.ahead, nodes), (look.back, nodes[::-1])):
                if there:
                    start.append(line[0])
                    end.append(line[-1])
                    length.append(metres)
                    looks.append(look)
                    shapes.append(line[1:-1])
        starts, ends = np.array(start), np.array(end)
        keep = np.flatnonzero(largest_part(starts, ends, len(ids)))
        if not len(keep):
            raise NoRoads("no two streets that can be driven both there and back")
        kept_nodes, renumbered = np.unique(np.concatenate([starts[keep], ends[keep]]), return_inverse=True)
        bends = [shapes[k] for k in keep]
        flat = np.concatenate([np.array(b, dtype=np.int64) for b in bends])
        used = sorted({looks[k].name for k in keep} | {0})
        names = list(self._names)
        return RoadGraph(
            lat=lat[kept_nodes], lon=lon[kept_nodes],
            start=renumbered[: len(keep)].astype(np.int32), end=renumbered[len(keep) :].astype(np.int32),
            length_m=np.maximum(np.array(length)[keep], 0.1),
            speed_mps=np.array([looks[k].speed * MPS_STEP for k in keep]),
            road_class=np.array([looks[k].road_class for k in keep], dtype=np.uint8),
            name=np.searchsorted(used, [looks[k].name for k in keep]).astype(np.int32),
            shape_start=np.cumsum([0, *map(len, bends)]).astype(np.int32),
            shape_lat=lat[flat], shape_lon=lon[flat],
            names=tuple(names[n][0] for n in used), names_en=tuple(names[n][1] for n in used),
        )  # fmt: skip


Piece = tuple[list[int], Look]


def _split(index: NDArray[np.int64], starts: NDArray[np.int64], looks: list[Look]) -> list[Piece]:
    """Every way cut where another one, or itself, comes by."""
    is_end = np.zeros(len(index), dtype=bool)
    is_end[starts[:-1]] = is_end[starts[1:] - 1] = True
    crossing = np.bincount(index) > 1
    crossing[index[is_end]] = True
    cuts = crossing[index]
    pieces: list[Piece] = []
    for way, look in enumerate(looks):
        a, b = int(starts[way]), int(starts[way + 1])
        at = np.flatnonzero(cuts[a:b]).tolist()
        nodes = index[a:b].tolist()
        for first, last in itertools.pairwise(at):
            line = nodes[first : last + 1]
            line = [n for k, n in enumerate(line) if k == 0 or n != line[k - 1]]
            if len(line) > 1:
                pieces += [(half, look) for half in _halves(line)]
    return pieces


def _halves(line: list[int]) -> list[list[int]]:
    """A loop in two, so that no edge leads from a node to itself."""
    if line[0] != line[-1]:
        return [line]
    middle = len(line) // 2
    return [line[: middle + 1], line[middle:]] if len(line) > 2 else []


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Pieces that only meet each other, and are of the same look, made one: a mapper's cut is no crossing."""
    at: dict[int, list[int]] = defaultdict(list)
    lines: list[Piece | None] = list(pieces)
    for k, (nodes, _) in enumerate(pieces):
        at[nodes[0]].append(k)
        at[nodes[-1]].append(k)
    for node, touching in at.items():
        if len(touching) != 2 or touching[0] == touching[1]:
            continue
        first, second = lines[touching[0]], lines[touching[1]]
        assert first is not None
        assert second is not None
        a = first if first[0][-1] == node else (first[0][::-1], first[1].turned())
        b = second if second[0][0] == node else (second[0][::-1], second[1].turned())
        if a[1] != b[1] or a[0][0] == b[0][-1]:
            continue  # another kind of street, or a ring that needs a node
        kept, gone = touching
        lines[kept], lines[gone] = (a[0] + b[0][1:], a[1]), None
        far = at[b[0][-1]]
        far[far.index(gone)] = kept
    return [line for line in lines if line is not None]


def largest_part(start: NDArray[np.int64], end: NDArray[np.int64], n: int) -> Bools:
    """Which edges lie inside the largest strongly connected part."""
    left = _trimmed(start, end, n)
    best = np.zeros(n, dtype=bool)
    ahead, back = _neighbours(start, end, n), _neighbours(end, start, n)
    degree = np.bincount(np.concatenate([start, end]), minlength=n)
    while left.sum() > best.sum():
        seed = int(np.argmax(np.where(left, degree, -1)))
        part = _reached(seed, ahead, left) & _reached(seed, back, left)
        if part.sum() > best.sum():
            best = part
        left &= ~part
    return np.asarray(best[start] & best[end])


def _trimmed(start: NDArray[np.int64], end: NDArray[np.int64], n: int) -> Bools:
    """The nodes without those that cannot be left or reached, again and again: they would be parts of one node each."""
    left = np.ones(n, dtype=bool)
    while True:
        inside = left[start] & left[end]
        both = (np.bincount(start[inside], minlength=n) > 0) & (np.bincount(end[inside], minlength=n) > 0)
        if both.sum() == left.sum():
            return left
        left = both


def _neighbours(start: NDArray[np.int64], end: NDArray[np.int64], n: int) -> Neighbours:
    """Where each node leads: offsets (n + 1) into the second array."""
    return np.concatenate([[0], np.cumsum(np.bincount(start, minlength=n))]), end[np.argsort(start, kind="stable")]


def _reached(seed: int, graph: Neighbours, left: Bools) -> Bools:
    offsets, targets = graph
    seen = np.zeros(len(left), dtype=bool)
    seen[seed] = True
    frontier = np.array([seed])
    while len(frontier):
        counts = offsets[frontier + 1] - offsets[frontier]
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        reached = targets[np.repeat(offsets[frontier], counts) + steps]
        frontier = np.unique(reached[left[reached] & ~seen[reached]])
        seen[frontier] = True
    return seen
