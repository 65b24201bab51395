"""H3 cells as a map needs them: parents by arithmetic, places and outlines as integers. Pure.

Web-Mercator fractions of the square, as on the live map: places in units of 2⁻²⁴ (2.4 m at the equator), shapes in
units of 2⁻³⁰. Cells near each other have nearly the same shape, so it is told once for all of a resolution 5 cell
(250 km²): within it shapes differ by about a metre.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

PLACE_UNITS = 2**24
SHAPE_UNITS = 2**30
FINE, COARSE, PATCH = 9, 8, 5  # resolutions: stored cells, cells of the zoomed-out map, cells of one shape
TOLERANCE = 3 * SHAPE_UNITS // PLACE_UNITS  # a cell that differs by more is told its own shape
_MAX_LAT = 85.05
Cells = NDArray[np.uint64]
Ints = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Outlines about the centre (x, y, …) of a coarse and a fine cell, and the way from a coarse cell's centre to the
    centre of each of its children 0…6."""

    coarse: Ints
    fine: Ints
    steps: Ints


def parents(cells: Cells, resolution: int) -> Cells:
    """The cells of ``resolution`` that hold ``cells``: digits below it become 7, the unused ones of an index."""
    r = np.uint64(resolution)
    unused = np.uint64((1 << (3 * (15 - resolution))) - 1)
    return np.asarray((cells & ~np.uint64(15 << 52)) | (r << np.uint64(52)) | unused, dtype=np.uint64)


def digits(cells: Cells, resolution: int) -> NDArray[np.int64]:
    """Which child of its parent each cell of ``resolution`` is: 0…6."""
    return ((cells >> np.uint64(3 * (15 - resolution))) & np.uint64(7)).astype(np.int64)


@lru_cache(maxsize=65_536)
def place(coarse: int) -> tuple[int, int, int]:
    """(x, y, whose shapes it shares) of a coarse cell: its resolution 5 parent's, or its own where that differs."""
    x, y = _centre(coarse)
    patch = h3.cell_to_parent(coarse, PATCH)
    want, own = shapes(patch).coarse, _outline(coarse)
    near = len(want) == len(own) and max(abs(a - b) for a, b in zip(want, own, strict=True)) <= TOLERANCE
    return round(x * PLACE_UNITS), round(y * PLACE_UNITS), patch if near and not h3.is_pentagon(patch) else coarse


@lru_cache(maxsize=4_096)
def shapes(cell: int) -> Shapes:
    """The shapes in the middle of ``cell``, of resolution 8 or less."""
    middle = h3.cell_to_center_child(cell, COARSE)
    x, y = _centre(middle)
    steps = [0] * 14
    for child in h3.cell_to_children(middle, FINE):
        to_x, to_y = _centre(child)
        digit = child >> 3 * (15 - FINE) & 7
        steps[2 * digit : 2 * digit + 2] = _shape_units(to_x - x), _shape_units(to_y - y)
    return Shapes(_outline(middle), _outline(h3.cell_to_center_child(middle, FINE)), tuple(steps))


def _outline(cell: int) -> Ints:
    x, y = _centre(cell)
    corners = [_project(*corner) for corner in h3.cell_to_boundary(cell)]
    return tuple(_shape_units(d) for cx, cy in corners for d in (cx - x, cy - y))


def _centre(cell: int) -> tuple[float, float]:
    return _project(*h3.cell_to_latlng(cell))


def _shape_units(fraction: float) -> int:
    return round(((fraction + 0.5) % 1.0 - 0.5) * SHAPE_UNITS)  # the short way across the date line


def _project(lat: float, lon: float) -> tuple[float, float]:
    phi = math.radians(max(-_MAX_LAT, min(_MAX_LAT, lat)))
    return (lon + 180.0) / 360.0, 0.5 - math.asinh(math.tan(phi)) / (2 * math.pi)
