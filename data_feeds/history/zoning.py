"""In which of many areas each of very many points lies. Pure, exact, and fast by a grid.

Most squares of a fine grid are met by no outline: all of such a square lies where its middle lies. Only points in
the others are tried against the outlines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_feeds.areas import Area, united

Floats = NDArray[np.float64]
Indexes = NDArray[np.int32]
SQUARES = 512  # along each side of the grid
NOWHERE = -1
_UNSURE = -2
_LITTLE = 2_000  # points for which no grid is made


class Zoning:
    """Areas that do not overlap; where they do, the first that holds a point counts."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self._areas = list(areas)
        self._box = united([area.box for area in self._areas])
        self._grid: Indexes | None = None

    def at(self, lat: Floats, lon: Floats) -> Indexes:
        """The index of the area that holds each point (WGS-84 degrees), NOWHERE where none does or it is NaN."""
        if self._box is None:
            return np.full(len(lat), NOWHERE, np.int32)
        if self._grid is None and len(lat) <= _LITTLE:
            return self._exact(lat, lon)
        if self._grid is None:
            self._grid = self._squares()
        row, column = self._square(lat, lon)
        inside = (row >= 0) & (row < SQUARES) & (column >= 0) & (column < SQUARES)  # false of NaN
        found = np.full(len(lat), NOWHERE, np.int32)
        found[inside] = self._grid[row[inside].astype(np.int32), column[inside].astype(np.int32)]
        unsure = np.flatnonzero(found == _UNSURE)
        found[unsure] = self._exact(lat[unsure], lon[unsure])
        return found

    def _exact(self, lat: Floats, lon: Floats) -> Indexes:
        found = np.full(len(lat), NOWHERE, np.int32)
        for index in range(len(self._areas) - 1, -1, -1):
            south, west, north, east = self._areas[index].box
            near = np.flatnonzero((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))
            if len(near):
                found[near[self._areas[index].holds(lat[near], lon[near])]] = index
        return found

    def _square(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        assert self._box is not None
        south, west, north, east = self._box
        height, width = max(north - south, 1e-9), max(east - west, 1e-9)
        # a hair larger, so that what lies on the far border is inside
        scale = SQUARES * (1 - 1e-9)
        return np.floor((lat - south) / height * scale), np.floor((lon - west) / width * scale)

    def _squares(self) -> Indexes:
        """The area of each square; _UNSURE where an outline comes near."""
        assert self._box is not None
        south, west, north, east = self._box
        steps = (np.arange(SQUARES) + 0.5) / SQUARES
        lat, lon = np.meshgrid(south + steps * (north - south), west + steps * (east - west), indexing="ij")
        grid = self._exact(lat.ravel(), lon.ravel()).reshape(SQUARES, SQUARES)
        met = np.zeros((SQUARES + 2, SQUARES + 2), bool)
        for area in self._areas:
            row, column = self._along(area.edges)
            # points along an edge are half a square apart: what it meets between two is next to one of them
            for down in (0, 1, 2):
                for right in (0, 1, 2):
                    met[row + down, column + right] = True
        grid[met[1:-1, 1:-1]] = _UNSURE
        return grid

    def _along(self, edges: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        assert self._box is not None
        south, west, north, east = self._box
        size = np.array([max(east - west, 1e-9), max(north - south, 1e-9)]) / SQUARES
        begin, way = edges[:, :2], edges[:, 2:] - edges[:, :2]
        count = np.ceil(2 * np.abs(way / size).max(axis=1)).astype(np.intp) + 1
        edge = np.repeat(np.arange(len(edges)), count)
        share = (np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)) / np.maximum(count - 1, 1)[edge]
        points = begin[edge] + way[edge] * share[:, None]
        row, column = self._square(points[:, 1], points[:, 0])
        return (np.clip(row, 0, SQUARES - 1).astype(np.intp), np.clip(column, 0, SQUARES - 1).astype(np.intp))
