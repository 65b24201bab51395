"""Sea from coastlines. OpenStreetMap draws the shore as lines, land on their left, and knows no polygon of the sea.

The lines are joined, cut at the extract's rectangle and closed along it with water on the right; closed lines with land
inside become islands. A line that ends inside the rectangle (an extract cut along another shape) is led straight to the
nearest edge when that is near, else it is left out and reported. Plane geometry in degrees: an extract is small. Pure.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]  # longitude, latitude
Ring = list[Point]
Box = tuple[float, float, float, float]  # west, south, east, north

NEAR_EDGE_SHARE = 0.12  # of the rectangle's size
ENTRY_FIRST = 1e-12


@dataclass(frozen=True, slots=True)
class Sea:
    """Polygons as rings, the outer one first; how many pieces of shore could not be used."""

    polygons: list[list[Ring]]
    left_out: int


def sea(lines: Iterable[Sequence[Point]], box: Box) -> Sea:
    """The sea inside ``box``; nothing without any coastline, for then it cannot be told from land."""
    islands: list[Ring] = []
    basins: list[Ring] = []
    pieces: list[Ring] = []
    left_out = 0
    for chain in join(lines):
        if chain[0] == chain[-1] and all(_inside(p, box) for p in chain):
            (islands if signed_area(chain) > 0 else basins).append(chain)
            continue
        for piece in clip(chain, box):
            if lead_out(piece, box):
                pieces.append(piece)
            else:
                left_out += 1
    outers = close(pieces, box) + basins
    if not outers and islands and not left_out:
        outers = [_corners(box)]
    polygons = [[outer] for outer in outers]
    for island in islands:
        for polygon in polygons:
            if contains(polygon[0], island[0]):
                polygon.append(island)
                break
    return Sea(polygons, left_out)


def join(lines: Iterable[Sequence[Point]]) -> list[Ring]:
    """Chains as long as possible: a line is followed by the one that begins where it ends."""
    starts: dict[Point, Ring] = {}
    chains = [list(line) for line in lines if len(line) > 1]
    for chain in chains:
        starts.setdefault(chain[0], chain)
    ends = {chain[-1] for chain in chains}
    used: set[int] = set()
    joined = []
    # first those that nothing leads into, then what is left: closed rings
    for chain in sorted(chains, key=lambda c: c[0] in ends):
        if id(chain) in used:
            continue
        used.add(id(chain))
        whole = list(chain)
        while (after := starts.get(whole[-1])) is not None and id(after) not in used:
            used.add(id(after))
            whole += after[1:]
        joined.append(whole)
    return joined


def clip(chain: Ring, box: Box) -> list[Ring]:
    """The parts of ``chain`` inside ``box``, cut at its edge."""
    pieces: list[Ring] = []
    current: Ring = []
    for a, b in itertools.pairwise(chain):
        part = _segment(a, b, box)
        if part is None:
            if len(current) > 1:
                pieces.append(current)
            current = []
            continue
        p, q = part
        if not current:
            current = [p]
        elif current[-1] != p:
            if len(current) > 1:
                pieces.append(current)
            current = [p]
        if q != p:
            current.append(q)
    if len(current) > 1:
        pieces.append(current)
    if len(pieces) > 1 and chain[0] == chain[-1] and pieces[0][0] == pieces[-1][-1]:
        pieces[0] = pieces.pop()[:-1] + pieces[0]  # a closed chain that began inside
    return pieces


def lead_out(piece: Ring, box: Box) -> bool:
    """Lead both ends to the edge of ``box``; False if one is too far from it."""
    for index in (0, -1):
        end = piece[index]
        edge = _nearest_edge(end, box)
        far = max(abs(edge[0] - end[0]) / (box[2] - box[0]), abs(edge[1] - end[1]) / (box[3] - box[1]))
        if far > NEAR_EDGE_SHARE:
            return False
        if edge != end:
            piece.insert(0, edge) if index == 0 else piece.append(edge)
    return True


def close(pieces: list[Ring], box: Box) -> list[Ring]:
    """Rings of water: from where a shore leaves ``box`` clockwise along its edge to where the next one enters."""
    entries = sorted((_along(piece[0], box), i) for i, piece in enumerate(pieces))
    rings = []
    unused = set(range(len(pieces)))
    while unused:
        first = here = min(unused)
        ring: Ring = []
        while True:
            unused.discard(here)
            ring += pieces[here]
            leave = _along(pieces[here][-1], box)
            at, after = min(entries, key=lambda e: (e[0] - leave + ENTRY_FIRST) % 4.0)
            ring += _corners_between(leave, at, box)
            if after == first or after not in unused:
                break
            here = after
        ring.append(ring[0])
        rings.append(ring)
    return rings


def signed_area(ring: Sequence[Point]) -> float:
    """Twice the area; positive when the ring runs counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def contains(ring: Sequence[Point], point: Point) -> bool:
    """Whether ``point`` lies inside ``ring`` (even-odd)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


def _inside(p: Point, box: Box) -> bool:
    return box[0] <= p[0] <= box[2] and box[1] <= p[1] <= box[3]


def _segment(a: Point, b: Point, box: Box) -> tuple[Point, Point] | None:
    """Liang and Barsky: the part of a segment inside a rectangle."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t0, t1 = 0.0, 1.0
    for p, q in ((-dx, a[0] - box[0]), (dx, box[2] - a[0]), (-dy, a[1] - box[1]), (dy, box[3] - a[1])):
        if p == 0.0:
            if q < 0.0:
                return None
            continue
        t = q / p
        if p < 0.0:
            t0 = max(t0, t)
        else:
            t1 = min(t1, t)
    if t0 > t1:
        return None
    first = a if t0 == 0.0 else _kept((a[0] + t0 * dx, a[1] + t0 * dy), box)
    last = b if t1 == 1.0 else _kept((a[0] + t1 * dx, a[1] + t1 * dy), box)
    return first, last


def _kept(p: Point, box: Box) -> Point:
    return min(max(p[0], box[0]), box[2]), min(max(p[1], box[1]), box[3])


def _nearest_edge(p: Point, box: Box) -> Point:
    west, south, east, north = box
    choices = [(west, p[1]), (east, p[1]), (p[0], south), (p[0], north)]
    return min(choices, key=lambda c: abs(c[0] - p[0]) / (east - west) + abs(c[1] - p[1]) / (north - south))


def _along(p: Point, box: Box) -> float:
    """Where on the edge ``p`` lies, clockwise from the north-west corner: one unit a side."""
    west, south, east, north = box
    u, v = (p[0] - west) / (east - west), (p[1] - south) / (north - south)
    side = min((1.0 - v, 0), (1.0 - u, 1), (v, 2), (u, 3))[1]
    return side + (u, 1.0 - v, 1.0 - u, v)[side]


def _corners(box: Box) -> Ring:
    west, south, east, north = box
    return [(west, north), (east, north), (east, south), (west, south), (west, north)]


def _corners_between(leave: float, enter: float, box: Box) -> Ring:
    span = (enter - leave) % 4.0
    corners = _corners(box)
    return [corners[int(k) % 4] for k in range(int(leave) + 1, int(leave) + 6) if leave < k < leave + span]
