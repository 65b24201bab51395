"""The ground on which Yunling grew: river, island, tributary, lakes, hills, and how densely people settled. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_feeds.simulator.frame import Floats, Points
from data_feeds.simulator.territory import Raster, fill

HALF_WIDTH_M, HALF_HEIGHT_M = 12_000.0, 9_000.0  # of a city of size 1
BEYOND = 2.2  # rivers and roads go on outside the city, by this factor
CELL_M = 75.0
OLD_TOWN_M = 1_700.0

# What stands on a cell; the order decides nothing.
COUNTRY, SUBURB, CITY, PLANNED, OLD, INDUSTRY, CAMPUS, HILLS, WATER = range(9)
# The area to which blocks are divided there, m².
BLOCK_M2 = (2_300_000.0, 46_000.0, 20_000.0, 36_000.0, 8_500.0, 85_000.0, 64_000.0, 9e9, 9e9)


# Quarters with a character of their own: kind, how far out (share of the city), radius in metres, density.
QUARTERS = (
    (PLANNED, 0.46, 1_900.0, 0.45), (CAMPUS, 0.55, 1_500.0, 0.3), (PLANNED, 0.55, 1_700.0, 0.35),
    (INDUSTRY, 0.56, 2_000.0, 0.1), (INDUSTRY, 0.62, 1_700.0, 0.1), (PLANNED, 0.62, 1_300.0, 0.25),
)  # fmt: skip


@dataclass(frozen=True)
class Terrain:
    """Everything that was there before the streets; metres around the old town."""

    scale: float  # of lengths: the square root of the city's size
    outline: Points  # the city's limit, closed
    river: Points  # its middle, west to east, x rising
    river_width: Floats
    island: Points
    tributary: Points  # its middle, from the north into the river
    tributary_width: Floats
    lakes: list[Points]
    hills: list[Points]
    villages: Points
    raster: Raster
    kind: NDArray[np.uint8]  # (rows, columns) what stands there
    density: Floats  # (rows, columns) 0..1

    def river_y(self, x: Floats) -> Floats:
        return np.interp(x, self.river[:, 0], self.river[:, 1])

    def banks(self, more_m: float = 0.0) -> tuple[Points, Points]:
        """The northern and the southern bank, ``more_m`` inland, west to east."""
        return offset(self.river, self.river_width / 2 + more_m), offset(self.river, -self.river_width / 2 - more_m)

    def kinds(self, points: Points) -> NDArray[np.uint8]:
        return self.kind[self.raster.cells(points)]


def make(rng: np.random.Generator, size: float) -> Terrain:
    """A terrain for a city of ``size``."""
    k = float(np.sqrt(size))
    outline = blob(rng, (0.0, 0.0), (HALF_WIDTH_M * k * 0.965, HALF_HEIGHT_M * k * 0.955), 0.032, 400, square=3.2)
    river, width = _river(rng, k)
    island = _island(rng, river, width)
    tributary, small = _tributary(rng, k, river)
    angle = rng.uniform(0, 2 * np.pi)
    lakes = [
        blob(rng, _beside(river, rng.uniform(3_400, 4_600), rng.uniform(1_500, 2_100) * rng.choice([-1, 1])),
             (820.0, 540.0), 0.16, 90),
        blob(rng, _beside(river, rng.uniform(-900, -500), rng.uniform(1_500, 1_800)), (290.0, 200.0), 0.14, 50),
        blob(rng, _beside(river, -5_600 * k, rng.uniform(-2_600, -1_900)), (480.0, 360.0), 0.2, 60),
    ]  # fmt: skip
    hills = []
    for turn, reach in ((0.6, 1.02), (2.55, 1.0), (-0.75, 1.06), (-2.35, 1.03), (1.55, 1.08)):
        way = angle * 0.08 + turn + rng.uniform(-0.18, 0.18)
        at = np.array([HALF_WIDTH_M * np.cos(way), HALF_HEIGHT_M * np.sin(way)]) * k * reach
        big = rng.uniform(2_200, 3_600) * k
        hills.append(blob(rng, (float(at[0]), float(at[1])), (big * 1.2, big * 0.75), 0.2, 120))
    ways = rng.uniform(0, 2 * np.pi, 26)
    far = np.sqrt(rng.uniform(0.40, 0.80, 26))
    villages = np.column_stack([np.cos(ways) * HALF_WIDTH_M, np.sin(ways) * HALF_HEIGHT_M]) * far[:, None] * k
    low = -np.array([HALF_WIDTH_M, HALF_HEIGHT_M]) * k
    columns, rows = np.ceil(-2 * low / CELL_M).astype(int).tolist()
    raster = Raster(float(low[0]), float(low[1]), CELL_M, rows, columns)
    water = [band(river, width), band(tributary, small + 60), *lakes]
    kind, density = _settled(rng, k, raster, water, hills, villages)
    return Terrain(k, outline, river, width, island, tributary, small, lakes, hills, villages, raster, kind, density)


def blob(
    rng: np.random.Generator,
    at: tuple[float, float],
    radii: tuple[float, float],
    rough: float,
    n: int,
    square: float = 2.0,
) -> Points:
    """A closed natural shape around ``at``: an ellipse (``square`` > 2: with corners) bent by a few waves."""
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    wave = 1 + sum(rough / w**0.8 * np.sin(w * turn + p) for w, p in enumerate(rng.uniform(0, 2 * np.pi, 9), start=2))
    c, s = np.cos(turn), np.sin(turn)
    reach = (np.abs(c) ** square + np.abs(s) ** square) ** (-1 / square)
    ring = np.column_stack([at[0] + radii[0] * reach * wave * c, at[1] + radii[1] * reach * wave * s])
    return np.concatenate([ring, ring[:1]])


def offset(line: Points, by: Floats | float) -> Points:
    """``line`` moved to its left by ``by`` metres."""
    way = np.gradient(line, axis=0)
    way /= np.hypot(*way.T)[:, None]
    return np.asarray(line + np.column_stack([-way[:, 1], way[:, 0]]) * np.asarray(by).reshape(-1, 1))


def band(line: Points, width: Floats) -> Points:
    """The closed ring around ``line``, ``width`` metres wide."""
    ring = np.concatenate([offset(line, width / 2), offset(line, -width / 2)[::-1]])
    return np.concatenate([ring, ring[:1]])


def _river(rng: np.random.Generator, k: float) -> tuple[Points, Floats]:
    phase = rng.uniform(0, 2 * np.pi, 6)
    x = np.linspace(-HALF_WIDTH_M * BEYOND * k, HALF_WIDTH_M * BEYOND * k, int(380 * k))
    bend = rng.uniform(750, 1_150)
    y = bend * np.sin(x / rng.uniform(1_750, 2_200) + phase[0]) + 430 * np.sin(x / 1_010 + phase[1])
    y = y * (0.75 + 0.25 * np.sin(x / 5_300 + phase[2])) + rng.uniform(-0.05, 0.05) * x
    y += -950 - np.interp(0.0, x, y)  # the old town stands on its northern bank
    width = 255 + 55 * np.sin(x / 1_900 + phase[3]) + 30 * np.sin(x / 700 + phase[4])
    # it opens around an island downstream
    at = rng.uniform(2_600, 4_000) * rng.choice([-1, 1])
    width = width + 330 * np.exp(-(((x - at) / 850) ** 2))
    return np.column_stack([x, y]), width


def _island(rng: np.random.Generator, river: Points, width: Floats) -> Points:
    at = int(width.argmax())
    way = river[at + 3] - river[at - 3]
    way = way / np.hypot(*way)
    turn = np.linspace(0, 2 * np.pi, 41)
    long, wide = rng.uniform(560, 700), rng.uniform(105, 135)
    along, across = long * np.cos(turn), wide * np.sin(turn) * (1 - 0.35 * np.cos(turn))
    return np.asarray(river[at] + along[:, None] * way + across[:, None] * np.array([-way[1], way[0]]))


def _tributary(rng: np.random.Generator, k: float, river: Points) -> tuple[Points, Floats]:
    x0 = rng.uniform(2_000, 3_400) * rng.choice([-1, 1])
    mouth = np.array([x0, np.interp(x0, *river.T)])
    y = np.linspace(HALF_HEIGHT_M * BEYOND * k, mouth[1], int(190 * k))
    rise = np.clip((y - mouth[1]) / 1_500, 0, 1)
    phase = rng.uniform(0, 2 * np.pi, 3)
    x = x0 + rise * (330 * np.sin(y / 1_150 + phase[0]) + 140 * np.sin(y / 430 + phase[1]))
    x += (y - mouth[1]) * rng.uniform(0.05, 0.3) * np.sign(x0)
    return np.column_stack([x, y]), 52 + 14 * np.sin(y / 800 + phase[2])


def _beside(river: Points, x: float, away: float) -> tuple[float, float]:
    return x, float(np.interp(x, *river.T)) + away


def _settled(
    rng: np.random.Generator, k: float, raster: Raster, water: list[Points], hills: list[Points], villages: Points
) -> tuple[NDArray[np.uint8], Floats]:
    """Kind and density of every cell."""
    x, y = raster.centres()
    shape = x.shape
    turn = np.arctan2(y / HALF_HEIGHT_M, x / HALF_WIDTH_M)
    far = np.hypot(x / HALF_WIDTH_M, y / HALF_HEIGHT_M) / k
    phase = rng.uniform(0, 2 * np.pi, 8)
    fingers = 1 + 0.13 * np.sin(3 * turn + phase[0]) + 0.10 * np.sin(5 * turn + phase[1])
    fingers += 0.05 * np.sin(11 * turn + phase[2]) + 0.05 * np.sin(x / 900 + phase[3]) * np.sin(y / 800 + phase[4])
    reach = far / fingers
    density = np.exp(-((reach / 0.36) ** 1.6))
    kind = np.full(shape, COUNTRY, dtype=np.uint8)
    kind[reach < 0.66] = SUBURB
    kind[reach < 0.44] = CITY
    start = rng.uniform(0, 2 * np.pi)
    for n, (what, how_far, radius, dense) in enumerate(QUARTERS):
        way = start + n * 2 * np.pi / 6 + rng.uniform(-0.2, 0.2)
        cx, cy = HALF_WIDTH_M * k * how_far * np.cos(way), HALF_HEIGHT_M * k * how_far * np.sin(way)
        edge = radius * k * (1 + 0.12 * np.sin(x / 600 + phase[5]) + 0.12 * np.sin(y / 650 + phase[6]))
        mine = np.hypot(x - cx, y - cy) < edge
        kind[mine & (reach > 0.3)] = what
        density = np.maximum(density, np.where(mine, dense, 0) * np.exp(-((np.hypot(x - cx, y - cy) / edge) ** 2)))
    old = np.hypot(x / 1.15, y - 150) / (1 + 0.12 * np.sin(4 * turn + phase[7])) < OLD_TOWN_M * (0.75 + 0.25 * k)
    kind[old] = OLD
    for vx, vy in villages:
        mine = np.hypot(x - vx, y - vy) < 330
        kind[mine & (kind == COUNTRY)] = SUBURB
        density = np.maximum(density, 0.12 * mine)
    for ring in hills:
        kind[fill(raster, [ring]) & (reach > 0.55)] = HILLS
    for ring in water:
        kind[fill(raster, [ring])] = WATER
    density = np.where((kind == HILLS) | (kind == WATER), 0.0, density)
    return kind, np.maximum(density, np.where(kind == COUNTRY, 0.004, 0.0))
