"""What is reached in how much time: rings round a place and the city's cover, as H3 cells. Pure.

A cell is reached when the middle of some piece of street in it is (rings), or by the median of its junctions (city).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import h3.api.basic_int as h3
import numpy as np

from analytics.cover import ROAD, STRAIGHT, CityCover, Ring, Rings
from analytics.force import Mask, OnRoads
from analytics.streets import Floats, Streets
from analytics.travel import TravelGraph

RING_RESOLUTION = 10  # cells 130 m wide
CITY_RESOLUTION = 9  # 350 m
DIGITS = 5


def rings(graph: TravelGraph, lat: float, lon: float, seconds: Sequence[float], towards: bool, data_ms: float) -> Rings:
    """From where a place (WGS-84 degrees) is reached within each of ``seconds``, or, not ``towards``, what is reached
    from it."""
    streets = graph.streets
    place = streets.snap(np.array([lat]), np.array([lon]))
    center = round(lat, 6), round(lon, 6)
    if place.street[0] < 0:
        return Rings(ROAD, data_ms, center, [Ring(limit_s, []) for limit_s in seconds])
    piece_s = graph.pieces_s(place, towards, max(seconds))
    y, x = streets.piece_places
    found: dict[int, float] = {}
    reached = np.flatnonzero(np.isfinite(piece_s))
    for index in reached[np.argsort(piece_s[reached])[::-1]].tolist():  # the fastest piece is written last
        found[h3.latlng_to_cell(float(y[index]), float(x[index]), RING_RESOLUTION)] = float(piece_s[index])
    return Rings(ROAD, data_ms, center, [
        Ring(limit_s, _outlines([cell for cell, time_s in found.items() if time_s <= limit_s])) for limit_s in seconds
    ])  # fmt: skip


def no_rings(lat: float, lon: float, data_ms: float) -> Rings:
    """Where no road graph is known."""
    return Rings(STRAIGHT, data_ms, (round(lat, 6), round(lon, 6)), [])


class CityCells:
    """The cells in which junctions of ``streets`` lie; made once. ``lat``, ``lon``: their middles."""

    def __init__(self, streets: Streets, resolution: int = CITY_RESOLUTION) -> None:
        roads = streets.roads
        found = map(h3.latlng_to_cell, roads.lat.tolist(), roads.lon.tolist(), [resolution] * len(roads.lat))
        self.resolution = resolution
        self.cells, self._of = np.unique(np.fromiter(found, np.uint64, len(roads.lat)), return_inverse=True)
        middles = np.array([h3.cell_to_latlng(cell) for cell in self.cells.tolist()])
        self.lat, self.lon = middles[:, 0], middles[:, 1]

    def medians(self, node_s: Floats) -> Floats:
        """(C,) the lower median of each cell's junctions; inf where most are not reached."""
        order = np.lexsort((node_s, self._of))
        first = np.searchsorted(self._of[order], np.arange(len(self.cells)))
        size = np.bincount(self._of, minlength=len(self.cells))
        return np.asarray(node_s[order[first + (size - 1) // 2]])


def city_cover(
    cells: CityCells, roads: OnRoads, ready: Mask, targets_s: Callable[[Floats, Floats], Floats], data_ms: float
) -> CityCover:
    """When the first of ``ready`` is in each cell. ``targets_s``: the target at places in s, NaN where there is none:
    such cells are left out."""
    target_s = targets_s(cells.lat, cells.lon)
    kept = np.isfinite(target_s)
    time_s, target_s = cells.medians(roads.first_at_nodes(ready))[kept], target_s[kept]
    reached = int((time_s <= target_s).sum())
    return CityCover(
        ROAD, data_ms, cells.resolution, [f"{cell:x}" for cell in cells.cells[kept].tolist()],
        [round(value, 1) if np.isfinite(value) else None for value in time_s.tolist()], target_s.tolist(), reached,
        round(reached / len(time_s), 4) if len(time_s) else None,
    )  # fmt: skip


def _outlines(cells: Sequence[int]) -> list[list[tuple[float, float]]]:
    """Closed lines round ``cells``: outer ones and holes."""
    if not cells:
        return []
    shape = h3.cells_to_h3shape(list(cells), tight=False)
    lines = [line for polygon in shape for line in (polygon.outer, *polygon.holes)]
    return [[(round(y, DIGITS), round(x, DIGITS)) for y, x in (*line, line[0])] for line in lines]
