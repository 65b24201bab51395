"""The ground of the page's map: a flat plane of kilometres about a city's middle, its outlines, its hexagons. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import h3.api.basic_str as h3

from components.statistics.frame import Outline

KM_A_DEGREE = 111.195
DIGITS = 3  # metres
Line = tuple[list[float | None], list[float | None]]  # x and y; None between two strokes


@dataclass(frozen=True, slots=True)
class Plane:
    """An equirectangular plane: within a city its shapes are true to a part in a thousand."""

    lat: float
    lon: float

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Kilometres east and north of the middle."""
        east = (lon - self.lon) * KM_A_DEGREE * math.cos(math.radians(self.lat))
        return round(east, DIGITS), round((lat - self.lat) * KM_A_DEGREE, DIGITS)

    def strokes(self, rings: Iterable[Iterable[tuple[float, float]]]) -> Line:
        """Rings of (lat, lon) as one line that is lifted between them."""
        x: list[float | None] = []
        y: list[float | None] = []
        for ring in rings:
            for lat, lon in ring:
                east, north = self.xy(lat, lon)
                x.append(east)
                y.append(north)
            x.append(None)
            y.append(None)
        return x, y


def plane_of(points: Sequence[tuple[float, float]]) -> Plane:
    """The plane about the middle of these places (lat, lon)."""
    if not points:
        return Plane(0.0, 0.0)
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    return Plane((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)


def hexagon(cell: str) -> list[tuple[float, float]]:
    """The closed outline of an H3 cell, (lat, lon) in degrees."""
    ring = [(float(lat), float(lon)) for lat, lon in h3.cell_to_boundary(cell)]
    return [*ring, ring[0]]


def centre(cell: str) -> tuple[float, float]:
    """(lat, lon) of the middle of an H3 cell."""
    lat, lon = h3.cell_to_latlng(cell)
    return float(lat), float(lon)


def middle(outline: Outline) -> tuple[float, float]:
    """Where the name of an area stands: the middle of its largest ring's corners."""
    ring = max(outline.rings, key=len)
    return sum(lat for lat, _ in ring) / len(ring), sum(lon for _, lon in ring) / len(ring)


def frame_of(xs: Iterable[float | None], ys: Iterable[float | None], margin: float = 0.04) -> tuple[list[float], ...]:
    """The ranges of x and y that hold everything, with a margin; a square kilometre where there is nothing."""
    east = [x for x in xs if x is not None] or [-0.5, 0.5]
    north = [y for y in ys if y is not None] or [-0.5, 0.5]
    ranges = []
    for values in (east, north):
        low, high = min(values), max(values)
        room = max(high - low, 1.0) * margin
        ranges.append([low - room, high + room])
    return tuple(ranges)
