"""The heat map of a page as SVG: hexagons under the boundaries, with names, legend, north and scale.

Projected as Web Mercator is, by the middle of what is shown: at the size of a city shapes and distances are true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import asinh, cos, radians, tan

import h3.api.basic_str as h3

from briefings.document import HeatMap, Outline
from briefings.palette import HEAT, INK, INK_2, INK_3, LINE, LINE_STRONG, RED, WELL
from briefings.svg import Picture, Spot, trail
from briefings.typeface import width

WIDE, MOST_HIGH, LEAST_HIGH = 504.0, 375.0, 240.0  # half a page, so that text and tables find room beside it
EDGE = 10.0
EARTH_M = 6_378_137.0
SCALE_SPACE = 110.0  # the scale bar is at most so long
LINES = {  # colour, thickness, dashes
    "zone": (LINE_STRONG, 0.4, "2 1.5"), "station": (INK_3, 0.45, ""), "branch": (INK_2, 0.9, ""),
    "city": (INK, 1.3, ""),
}  # fmt: skip
NAME_SIZES = {"branch": 8.5, "station": 6.5}
LEGEND_HIGH = 28.0
FINEST = 0.5  # points: shorter pieces of a boundary cannot be seen

Corner = tuple[float, float]  # (lat, lon)


class Frame:
    """Places on earth → points on the picture."""

    def __init__(self, corners: Sequence[Corner], wide: float) -> None:
        south, north = min(lat for lat, _ in corners), max(lat for lat, _ in corners)
        self.west, self.north = radians(min(lon for _, lon in corners)), _northing(north)
        spread_x = max(radians(max(lon for _, lon in corners)) - self.west, 1e-7)
        spread_y = max(self.north - _northing(south), 1e-7)
        self.per_point = max(spread_x / (wide - 2 * EDGE), spread_y / (MOST_HIGH - 2 * EDGE))
        self.high = max(LEAST_HIGH, spread_y / self.per_point + 2 * EDGE)
        self.left = (wide - spread_x / self.per_point) / 2
        self.top = (self.high - spread_y / self.per_point) / 2
        self.metres = self.per_point * EARTH_M * cos(radians((south + north) / 2))  # a point's length on the ground

    def spot(self, corner: Corner) -> Spot:
        return (
            self.left + (radians(corner[1]) - self.west) / self.per_point,
            self.top + (self.north - _northing(corner[0])) / self.per_point,
        )


def picture(heat: HeatMap, north: str, wide: float = WIDE) -> str:
    """The SVG of ``heat``; "" where there is neither a cell nor an outline. ``north``: the word at the arrow."""
    outlines = [(cell, h3.cell_to_boundary(cell.cell)) for cell in heat.cells if h3.is_valid_cell(cell.cell)]
    corners = _extent(heat.outlines, [corner for _, outline in outlines for corner in outline])
    if not corners:
        return ""
    frame = Frame(corners, wide)
    drawn = Picture(wide, frame.high + LEGEND_HIGH)
    drawn.rect(0, 0, wide, frame.high, WELL)
    drawn.clip(0, 0, wide, frame.high)
    boundaries = [(one, _outline(frame, one)) for one in heat.outlines]
    for d in (d for one, d in boundaries if one.level == "city"):
        drawn.path(d, fill="#ffffff")
    shades: dict[int, list[str]] = {}
    for cell, outline in outlines:
        shades.setdefault(min(max(cell.shade, 0), len(HEAT) - 1), []).append(
            trail([frame.spot(corner) for corner in outline], closed=True)
        )
    for shade, paths in sorted(shades.items()):
        drawn.path("".join(paths), HEAT[shade], "#ffffff", 0.25)
    for level, (stroke, thick, dashes) in LINES.items():
        d = "".join(d for one, d in boundaries if one.level == level)
        drawn.path(d, stroke=stroke, thick=thick, dashes=dashes)
    hot = [outline for cell, outline in outlines if cell.hot]
    drawn.path(_around(frame, hot), stroke=RED, thick=1.6)
    _names(drawn, frame, heat.outlines)
    drawn.unclip()
    drawn.rect(0, 0, wide, frame.high, "none", LINE_STRONG)
    _north(drawn, wide - 22, 16, north)
    _scale(drawn, 12, frame.high - 12, frame.metres)
    _legend(drawn, heat, frame.high + 14)
    return drawn.svg()


def _northing(lat: float) -> float:
    return asinh(tan(radians(min(max(lat, -85.0), 85.0))))


def _extent(outlines: Iterable[Outline], cells: Sequence[Corner]) -> list[Corner]:
    """What must be seen: the boundaries; without any, the cells. A cell astray far outside shrinks no city."""
    rings = [corner for one in outlines for ring in one.rings for corner in ring]
    return rings or list(cells)


def _outline(frame: Frame, outline: Outline) -> str:
    return "".join(trail(_seen(map(frame.spot, ring)), closed=True) for ring in outline.rings)


def _seen(spots: Iterable[Spot]) -> list[Spot]:
    """``spots`` without those that lie on the one before, as print shows it."""
    kept: list[Spot] = []
    for x, y in spots:
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= FINEST:
            kept.append((x, y))
    return kept


def _around(frame: Frame, cells: Sequence[Sequence[Corner]]) -> str:
    """The edges of ``cells`` that no two of them share."""
    seen: dict[tuple[Corner, Corner], tuple[Spot, Spot] | None] = {}
    for cell in cells:
        for a, b in zip(cell, [*cell[1:], cell[0]], strict=True):
            ends = sorted(((round(a[0], 7), round(a[1], 7)), (round(b[0], 7), round(b[1], 7))))
            key = (ends[0], ends[1])
            seen[key] = None if key in seen else (frame.spot(a), frame.spot(b))
    return "".join(trail(edge) for edge in seen.values() if edge)


def _names(drawn: Picture, frame: Frame, outlines: Iterable[Outline]) -> None:
    """Names of branches, then of stations, where no other stands."""
    taken: list[tuple[float, float, float, float]] = []
    for level, size in NAME_SIZES.items():
        for one in (one for one in outlines if one.level == level and one.middle and one.name):
            assert one.middle is not None
            x, y = frame.spot(one.middle)
            half = width(one.name, size, level == "branch") / 2 + 1
            box = (x - half, y - size * 0.62, x + half, y + size * 0.62)
            inside = box[0] > 2 and box[2] < drawn.width - 2 and box[1] > 2 and box[3] < frame.high - 2
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                drawn.halo(x, y + size * 0.36, one.name, size, INK if level == "branch" else INK_2, level == "branch")


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _north(drawn: Picture, x: float, y: float, word: str) -> None:
    drawn.path(trail([(x, y), (x + 5, y + 16), (x, y + 12.5)], closed=True), fill=INK)
    drawn.path(trail([(x, y), (x - 5, y + 16), (x, y + 12.5)], closed=True), fill="#ffffff", stroke=INK, thick=0.6)
    drawn.halo(x, y + 25, word, 8, INK, True)


def _scale(drawn: Picture, x: float, y: float, metres: float) -> None:
    most = metres * SCALE_SPACE
    power = 10.0 ** int(f"{most:e}".split("e")[1])
    length = next(one * power for one in (5.0, 2.0, 1.0) if one * power <= most)
    long = length / metres
    drawn.rect(x - 4, y - 13, long + 8, 18, "#ffffff")
    for k in range(2):
        drawn.rect(x + long / 2 * k, y - 3, long / 2, 3, INK if k else "#ffffff", INK, 0.5)
    said = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    drawn.text(x, y - 5.5, "0", 6.5, INK_2)
    drawn.text(x + long, y - 5.5, said, 6.5, INK_2, "end")


def _legend(drawn: Picture, heat: HeatMap, y: float) -> None:
    x = 0.0
    if heat.legend:
        drawn.text(x, y + 7, heat.unit, 7.5, INK_2)
        x += width(heat.unit, 7.5) + 10
    for shade, words in enumerate(heat.legend):
        drawn.rect(x, y, 14, 9, HEAT[min(shade, len(HEAT) - 1)], LINE, 0.3)
        drawn.text(x + 18, y + 7, words, 7.5, INK_2)
        x += 18 + width(words, 7.5) + 12
    if heat.hot and x + 22 + width(heat.hot, 7.5) > drawn.width:
        x, y = 0.0, y + 13
    if heat.hot:
        drawn.rect(x + 1, y + 0.5, 12, 8, "none", RED, 1.6)
        drawn.text(x + 18, y + 7, heat.hot, 7.5, INK_2)
