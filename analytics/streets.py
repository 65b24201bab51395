"""A road graph made ready for questions about places: streets as single lines, and which of them a place lies on. Pure.

Built once for a graph, whatever the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.figures.zones import by_street, line_points
from data_feeds.geo import EARTH_RADIUS_M
from data_feeds.roads import RoadGraph, RoadsError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
PIECE_M = 25.0  # streets are cut into pieces of at most this length, by which a place finds those near it
NEAR = 6  # pieces looked at first; nine places of ten need no more
BAND_M = 300.0  # places are asked for band by band: neighbours find the same part of the tree in the cache
THREADS, MANY = 2, 2_000  # a search for many places takes two threads
MAX_OFF_M = 1_000.0  # farther from every street a place is on no road
METRES_PER_DEGREE = np.pi * EARTH_RADIUS_M / 180.0


@dataclass(frozen=True, eq=False)
class Snap:
    """Where K places meet the streets. ``street`` (K,): −1 where none is within MAX_OFF_M; ``share`` (K,) 0…1 along it;
    ``off_m`` (K,) metres from the place to the street (inf where there is none); ``x``, ``y`` (K,) the place itself in
    metres, see Streets.metres."""

    street: Ints
    share: Floats
    off_m: Floats
    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.street)

    def take(self, which: Any) -> Snap:
        """The places ``which`` (indices or a mask)."""
        return Snap(self.street[which], self.share[which], self.off_m[which], self.x[which], self.y[which])


class Streets:
    """S streets of ``roads``: ``edge`` (S,) each as it was drawn, ``back`` (S,) the edge of its other direction or −1
    (one-way), ``first``, ``last`` (S,) the nodes at its ends. Raises RoadsError for a graph without edges."""

    def __init__(self, roads: RoadGraph) -> None:
        if not len(roads.start):
            raise RoadsError("a road graph without streets")
        self.roads = roads
        self.edge, self.back = _single(roads)
        self.first = roads.start[self.edge].astype(np.intp)
        self.last = roads.end[self.edge].astype(np.intp)
        self._lat0 = float(np.median(roads.lat))
        self._lon0 = float(np.median(roads.lon))
        self._per_lon = METRES_PER_DEGREE * np.cos(np.radians(self._lat0))
        self._lines()

    def metres(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Degrees → metres east and north of the middle; a city is flat enough for that."""
        return (lon - self._lon0) * self._per_lon, (lat - self._lat0) * METRES_PER_DEGREE

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Metres east and north of the middle → latitude, longitude."""
        return self._lat0 + y / METRES_PER_DEGREE, self._lon0 + x / self._per_lon

    def snap(self, lat: Floats, lon: Floats, max_off_m: float = MAX_OFF_M) -> Snap:
        """The nearest point of any street to each place (WGS-84 degrees, NaN: none). Exact, not only nearly so."""
        street = np.full(len(lat), -1, dtype=np.intp)
        share, off_m = np.zeros(len(lat)), np.full(len(lat), np.inf)
        x, y = self.metres(lat, lon)
        rest = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
        rest = rest[np.lexsort((y[rest], x[rest] // BAND_M))]
        near = min(NEAR, len(self._half_m))
        while len(rest) and near:
            # a piece lies within its half length of its middle: what is farther than that cannot be nearer
            threads = THREADS if len(rest) > MANY else 1
            here = np.column_stack([x[rest], y[rest]])
            far, found = self._tree.query(here, k=[*range(1, near + 1)], workers=threads)
            best_m, piece, at = self._project(x[rest], y[rest], found)
            done = (best_m <= far[:, -1] - self._longest_half_m) | (far[:, -1] - self._longest_half_m > max_off_m)
            done |= near == len(self._half_m)
            good = done & (best_m <= max_off_m)
            hit = rest[good]
            street[hit] = self.piece_street[piece[good]]
            share[hit], off_m[hit] = at[good], best_m[good]
            rest, near = rest[~done], min(4 * near, len(self._half_m))
        return Snap(street, share, off_m, x, y)

    def line(self, street: int, begin: float = 0.0, end: float = 1.0) -> tuple[Floats, Floats]:
        """Latitudes and longitudes along ``street`` from one share of its length to another (backwards too)."""
        a, b = int(self._point[street]), int(self._point[street + 1])
        x, y, run = self._px[a:b], self._py[a:b], self._run[a:b] - self._run[a]
        low, high = sorted((begin, end))
        length = run[-1]
        inside = (run > low * length) & (run < high * length)
        at = np.concatenate([[low * length], run[inside], [high * length]])
        lat, lon = self.degrees(np.interp(at, run, x), np.interp(at, run, y))
        return (lat, lon) if begin <= end else (lat[::-1], lon[::-1])

    @cached_property
    def piece_places(self) -> tuple[Floats, Floats]:
        """Latitude and longitude of every piece's middle (see ``piece_street``, ``piece_share``)."""
        return self.degrees(*self._middle.T)

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree  # half a second that only those wait for who ask

        return cKDTree(self._middle)

    def _project(self, x: Floats, y: Floats, found: Ints) -> tuple[Floats, Ints, Floats]:
        """Of the pieces ``found`` (K, n) the nearest to each place: metres, piece, share of its street's length."""
        ax, ay, dx, dy = (column[found] for column in self._piece.T)
        squared = np.maximum(dx * dx + dy * dy, 1e-12)
        t = np.clip(((x[:, None] - ax) * dx + (y[:, None] - ay) * dy) / squared, 0.0, 1.0)
        away = np.hypot(ax + t * dx - x[:, None], ay + t * dy - y[:, None])
        best = away.argmin(axis=1)
        row = np.arange(len(x))
        piece = found[row, best]
        share = self._piece_from[piece] + t[row, best] * (self._piece_to[piece] - self._piece_from[piece])
        return away[row, best], piece, np.clip(share, 0.0, 1.0)

    def _lines(self) -> None:
        """All points of the streets in a row, with running metres, and the pieces between them."""
        lat, lon, point = line_points(self.roads, self.edge)
        self._point = point
        self._px, self._py = self.metres(lat, lon)
        step = np.hypot(np.diff(self._px, append=self._px[-1:]), np.diff(self._py, append=self._py[-1:]))
        step[point[1:] - 1] = 0.0  # no step from the end of one street to the beginning of the next
        self._run = np.concatenate([[0.0], np.cumsum(step)[:-1]])
        self._pieces(step)

    def _pieces(self, step: Floats) -> None:
        ends = np.zeros(len(step), dtype=bool)
        ends[self._point[1:] - 1] = True
        a = np.flatnonzero(~ends)
        parts = np.maximum(1, np.ceil(step[a] / PIECE_M)).astype(np.intp)
        which = np.repeat(np.arange(len(a)), parts)
        turn = np.arange(len(which)) - np.repeat(np.cumsum(parts) - parts, parts)
        low, high = turn / parts[which], (turn + 1) / parts[which]
        a = a[which]
        dx, dy = self._px[a + 1] - self._px[a], self._py[a + 1] - self._py[a]
        x, y = self._px[a] + low * dx, self._py[a] + low * dy
        dx, dy = dx / parts[which], dy / parts[which]
        self.piece_street = np.repeat(np.arange(len(self.edge)), np.diff(self._point))[a]
        base = self._run[self._point[:-1]]
        length = np.maximum(self._run[self._point[1:] - 1] - base, 1e-9)
        of = self.piece_street
        self._piece_from = (self._run[a] + low * step[a] - base[of]) / length[of]
        self._piece_to = (self._run[a] + high * step[a] - base[of]) / length[of]
        self.piece_share = (self._piece_from + self._piece_to) / 2
        self._piece = np.column_stack([x, y, dx, dy])
        self._middle = np.column_stack([x + dx / 2, y + dy / 2])
        self._half_m = np.hypot(dx, dy) / 2
        self._longest_half_m = float(self._half_m.max(initial=0.0))


def _single(roads: RoadGraph) -> tuple[Ints, NDArray[np.int64]]:
    """One edge of each street, and the edge that goes along it the other way (−1: none)."""
    order, same = by_street(roads)
    leader = order[~same]
    number = np.cumsum(~same) - 1  # of the street of each of ``order``
    follower, of = order[same], number[same]
    against = (roads.start[follower] == roads.end[leader[of]]) & (roads.end[follower] == roads.start[leader[of]])
    back = np.full(len(leader), -1, dtype=np.int64)
    back[of[against]] = follower[against]
    return leader, back
