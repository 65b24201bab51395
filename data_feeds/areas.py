"""Which areas hold which points: rings of longitudes and latitudes, many points at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]  # south, west, north, east in degrees
CROSSINGS_AT_ONCE = 4_000_000  # points × edges of one step, so that a batch stays within some ten megabytes


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon or several, holes included. ``edges``: one row an edge: lon, lat, lon, lat in WGS-84 degrees.

    ``owner``: the number of each edge's polygon.
    """

    edges: Floats
    box: Box
    owner: NDArray[np.intp]

    @classmethod
    def of(cls, polygons: Sequence[Sequence[Floats]]) -> Area:
        """From polygons of closed rings, each (n, 2) of longitude, latitude; a hole is a ring within another."""
        edges = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for polygon in polygons for ring in polygon])
        sizes = [sum(len(ring) - 1 for ring in polygon) for polygon in polygons]
        west, south = edges[:, :2].min(axis=0).tolist()
        east, north = edges[:, :2].max(axis=0).tolist()
        return cls(edges, (south, west, north, east), np.repeat(np.arange(len(sizes)), sizes))

    def holds(self, lat: Floats, lon: Floats) -> NDArray[np.bool_]:
        """Whether each point lies inside, by counting the edges east of it.

        A point on an edge that two neighbours share belongs to exactly one of them: edges are half open.
        """
        south, west, north, east = self.box
        inside = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
        near = np.flatnonzero(inside)
        near = near[np.argsort(lat[near])]
        step = max(1, CROSSINGS_AT_ONCE // len(self.edges))
        for begin in range(0, len(near), step):
            part = near[begin : begin + step]
            inside[part] = self._odd(lat[part], lon[part])
        return np.asarray(inside)

    def _odd(self, y: Floats, x: Floats) -> NDArray[np.bool_]:
        """Whether some polygon has an odd number of edges east of each point; points from south to north.

        An edge meets only the points between its ends, a few of all: they lie in a row.
        """
        x1, y1, x2, y2 = self.edges.T
        first = np.searchsorted(y, np.minimum(y1, y2))
        met = np.searchsorted(y, np.maximum(y1, y2)) - first
        edge = np.repeat(np.arange(len(met)), met)
        at = np.arange(len(edge)) - np.repeat(np.cumsum(met) - met - first, met)
        slope = (x2 - x1)[edge] / (y2 - y1)[edge]  # level edges meet nothing
        east = x1[edge] + (y[at] - y1[edge]) * slope > x[at]
        # counted for each polygon: where two overlap is inside too
        size = int(self.owner[-1]) + 1
        times = np.bincount(at[east] * size + self.owner[edge[east]], minlength=len(y) * size)
        return np.asarray((times.reshape(-1, size) % 2 == 1).any(axis=1))


def united(boxes: Sequence[Box]) -> Box | None:
    """The smallest box round ``boxes``; None round nothing."""
    if not boxes:
        return None
    south, west, north, east = zip(*boxes, strict=True)
    return min(south), min(west), max(north), max(east)
