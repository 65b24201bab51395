"""Where incidents are: H3 cells of a period with their density, against the period before, and hot spots. Pure.

Densities are per km² of the cell itself (H3 cells differ in size, by a third over the globe), from h3.cell_area on the
sphere of 6,371.0 km. A change is judged as every count is (see changes): |z| > 3, few below ten.

Hot spots are looked for over a study area: every cell whose centre lies within the outline of the jurisdiction, empty
ones too, and those beyond it that hold incidents of the jurisdiction. Where nobody tells an outline, the study area is
every cell with an incident in the period, the one before or the year before, and their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
from msgspec.structs import replace

from analytics.figures.beside import Beside
from analytics.figures.hotspots import MAX_Q, GiStar, Grid, counts_on, gi_star, grid
from analytics.figures.parts import Heat, HeatCell, HotCell
from analytics.figures.request import Context
from analytics.figures.response import Answers
from analytics.figures.zones import polygons
from data_feeds.areas import Area
from data_feeds.history.query import Counts, Filters, Query, Span

USUAL, FINEST, COARSEST = 8, 9, 5  # resolutions
LEAST_CELLS, MOST_CELLS = 50, 5_000


def resolution_for(km2: float | None) -> int:
    """8, or what divides an area into 50 to 5,000 cells: finer for a station, coarser for a province."""
    if km2 is None or km2 <= 0:
        return USUAL
    if km2 / h3.average_hexagon_area(USUAL, "km^2") < LEAST_CELLS:
        return FINEST
    for resolution in range(USUAL, COARSEST, -1):
        if km2 / h3.average_hexagon_area(resolution, "km^2") <= MOST_CELLS:
            return resolution
    return COARSEST


def study_cells(areas: Iterable[Area], resolution: int) -> tuple[int, ...]:
    """The cells whose centres lie within any of ``areas``, in order. Worked out once a jurisdiction: 5 ms."""
    found: set[int] = set()
    for area in areas:
        for outer, *holes in polygons(area):
            rings = [[(lat, lon) for lon, lat in ring.tolist()] for ring in (outer, *holes)]
            found.update(h3.h3shape_to_cells(h3.LatLngPoly(*rings), resolution))
    return tuple(sorted(found))


def queries(
    span: Span, besides: Sequence[Beside], where: Filters, context: Context, resolution: int
) -> dict[str, Query]:
    """What ``build`` needs; nothing where the source tells no positions."""
    if "position" in context.lacks:
        return {}
    spans = (span, *(one.span for one in besides))
    return {
        "heat.cells": Counts(spans, ("cell",), where, resolution),
        "heat.all": Counts((span,), (), where),
    }


def build(besides: Sequence[Beside], where: Filters, context: Context, resolution: int, answers: Answers) -> Heat:
    """The cells, most incidents first, and the hot ones, hottest first."""
    if "heat.cells" not in answers:
        return Heat(resolution, lacks=("position",))
    counts: dict[int, list[int]] = {}
    for row in answers["heat.cells"].to_pylist():
        counts.setdefault(row["cell"], [0] * (len(besides) + 1))[row["span"]] = row["n"]
    at, previous = next(((at, one) for at, one in enumerate(besides, 1) if one.id == "previous"), (0, None))
    cells = []
    for cell, n in counts.items():
        before = n[at] if previous and previous.usable else None
        if n[0] or before:
            judged = previous.change(n[0], before) if previous and before is not None else None
            cells.append(HeatCell(_hex(cell), n[0], n[0] / cell_km2(cell), before, judged))
    cells.sort(key=lambda one: (-one.n, -(one.before or 0), one.cell))
    total = sum(row["n"] for row in answers["heat.all"].to_pylist())
    placed = sum(n[0] for n in counts.values())
    outline = _outline(where, context, resolution)
    area = grid({*outline, *counts} if outline else {near for cell in counts for near in h3.grid_disk(cell, 1)})
    own = {cell: n[0] for cell, n in counts.items()}
    on = counts_on(area, np.array(list(own), np.uint64), np.array(list(own.values()), np.int64))
    found = gi_star(area, on)
    return Heat(
        resolution, cells, _hot(area, on, found), placed=placed, unplaced=total - placed, tested=len(area.cells),
        km2=sum(map(cell_km2, area.cells.tolist())), area="outline" if outline else "incidents",
        few=int(((found.q <= MAX_Q) & ~found.hot).sum()),
    )  # fmt: skip


def suppressed(heat: Heat, below: int) -> Heat:
    """``heat`` as it may be exported: without cells of fewer than ``below`` incidents, in either period.

    As many more go as are needed so that what is left out could be any of several cells, and ``below`` incidents at
    least: a total and the other cells would tell it otherwise. A count before of fewer than ``below`` is not told.
    """
    kept = [one for one in heat.cells if one.n >= below]
    gone = [one for one in heat.cells if 0 < one.n < below]
    while gone and kept and (len(gone) == 1 or sum(one.n for one in gone) < below):
        gone.append(kept.pop())  # in the order of the cells the last has fewest
    told = [
        replace(one, before=None, change=None) if one.before is not None and 0 < one.before < below else one
        for one in kept
    ]
    shown = {one.cell for one in told}
    hot = [replace(one, near=None) for one in heat.hot if one.cell in shown]  # the sum would tell a neighbour's count
    return replace(heat, cells=told, hot=hot, suppressed=len(gone))


@lru_cache(maxsize=65_536)
def cell_km2(cell: int) -> float:
    """km² of one cell."""
    return float(h3.cell_area(cell, "km^2"))


def _hot(area: Grid, counts: np.ndarray, found: GiStar) -> list[HotCell]:
    rows = [
        HotCell(_hex(int(area.cells[at])), int(counts[at]), int(found.near[at]), round(float(found.z[at]), 2),
                float(found.p[at]), float(found.q[at]))
        for at in np.flatnonzero(found.hot)
    ]  # fmt: skip
    return sorted(rows, key=lambda one: (one.q, -one.z, one.cell))


def _outline(where: Filters, context: Context, resolution: int) -> Sequence[int]:
    """The cells that are told to be the study area; of asked-for cells these themselves."""
    if not where.cells:
        return context.study_cells
    found: set[int] = set()
    for cell in where.cells:
        if h3.get_resolution(cell) <= resolution:
            found.update(h3.cell_to_children(cell, resolution))
        else:
            found.add(h3.cell_to_parent(cell, resolution))
    return tuple(found)


def _hex(cell: int) -> str:
    return format(cell, "x")
