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

    ``starts``: the first edge of every polygon.
    """

    edges: Floats
    box: Box
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, polygons: Sequence[Sequence[Floats]]) -> Area:
        """From polygons of closed rings, each (n, 2) of longitude, latitude; a hole is a ring within another."""
        edges = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for polygon in polygons for ring in polygon])
        sizes = [sum(len(ring) - 1 for ring in polygon) for polygon in polygons]
        west, south = edges[:, :2].min(axis=0).tolist()
        east, north = edges[:, :2].max(axis=0).tolist()
        return cls(edges, (south, west, north, east), np.cumsum([0, *sizes[:-1]]))

    def holds(self, lat: Floats, lon: Floats) -> NDArray[np.bool_]:
        """Whether each point lies inside, by counting the edges east of it.

        A point on an edge that two neighbours share belongs to exactly one of them: edges are half open.
        """
        south, west, north, east = self.box
        inside = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
        near = np.flatnonzero(inside)
        x1, y1, x2, y2 = self.edges.T
        step = max(1, CROSSINGS_AT_ONCE // len(self.edges))
        with np.errstate(divide="ignore", invalid="ignore"):  # level edges cross nothing
            slope = (x2 - x1) / (y2 - y1)
        for begin in range(0, len(near), step):
            part = near[begin : begin + step]
            y, x = lat[part, None], lon[part, None]
            spans = (y1 > y) != (y2 > y)
            east_of = np.where(spans, x1 + (y - y1) * np.where(np.isfinite(slope), slope, 0.0), -np.inf) > x
            # counted for each polygon: where two overlap is inside too
            inside[part] = (np.add.reduceat(east_of, self.starts, axis=1, dtype=np.int32) % 2 == 1).any(axis=1)
        return np.asarray(inside)


def united(boxes: Sequence[Box]) -> Box | None:
    """The smallest box round ``boxes``; None round nothing."""
    if not boxes:
        return None
    south, west, north, east = zip(*boxes, strict=True)
    return min(south), min(west), max(north), max(east)
