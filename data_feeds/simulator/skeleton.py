"""The main roads of Yunling: rings, avenues, diagonals, embankments, and the railway. Pure."""

from __future__ import annotations

import numpy as np

from data_feeds.roads import CLASSES
from data_feeds.simulator.frame import Floats, Points, inside
from data_feeds.simulator.plan import NO_ROAD, Street
from data_feeds.simulator.terrain import BEYOND, HALF_HEIGHT_M, HALF_WIDTH_M, Terrain, blob

MOTORWAY, TRUNK, PRIMARY, SECONDARY, TERTIARY, RESIDENTIAL = (
    CLASSES.index(name) for name in ("motorway", "trunk", "primary", "secondary", "tertiary", "residential")
)
STEP_M = 110.0
INNER_M, OUTER_M = (3_500.0, 2_750.0), (8_300.0, 6_300.0)
APART_M = 1_900.0  # between two avenues where they cross the inner ring

Curve = tuple[Points, Street]


def curves(rng: np.random.Generator, ground: Terrain) -> list[Curve]:
    """All main roads, the city's outline among them; avenues run on beyond it."""
    k = ground.scale
    found: list[Curve] = [(ground.outline, Street(NO_ROAD, "outline"))]
    grown = 0.6 + 0.4 * k
    inner = blob(rng, (0.0, -150.0), (INNER_M[0] * grown, INNER_M[1] * grown), 0.045, int(170 * grown), square=3.0)
    outer = blob(rng, (rng.uniform(-300, 300), 0.0), (OUTER_M[0] * k, OUTER_M[1] * k), 0.04, int(400 * k), square=2.7)
    found += [(inner, Street(TRUNK, "inner ring")), (outer, Street(MOTORWAY, "outer ring"))]
    if k > 1.6:
        middle = blob(rng, (0.0, 0.0), (5_600.0 * k, 4_300.0 * k), 0.04, int(300 * k), square=2.8)
        found.append((middle, Street(TRUNK, "middle ring")))
    for side, bank in enumerate(ground.banks(38.0)):
        found.append((bank, Street(NO_ROAD, ("north bank", "south bank")[side])))
    found += _avenues(rng, ground)
    found += _diagonals(rng, ground, outer)
    return found


def _avenues(rng: np.random.Generator, ground: Terrain) -> list[Curve]:
    k, found = ground.scale, []
    lines = round(HALF_WIDTH_M * k * 0.8 / APART_M / 1.9)
    for n in range(-lines, lines + 1):  # south to north, spreading outwards
        y = np.arange(-HALF_HEIGHT_M * BEYOND * k, HALF_HEIGHT_M * BEYOND * k, STEP_M)
        at = (n + rng.uniform(-0.16, 0.16) + 0.12) * APART_M * (1 + 0.09 * abs(n))
        x = at * (1 + 0.30 * (np.abs(y + 300) / HALF_HEIGHT_M / k) ** 1.7) + _wander(rng, y, 260.0)
        reach = rng.uniform(0.62, 0.85) if n % 2 and abs(n) > 1 else 9.0
        kept = np.abs(y) < reach * HALF_HEIGHT_M * k
        sort = PRIMARY if n % 2 == 0 else SECONDARY
        found.append((np.column_stack([x, y])[kept], Street(sort, f"north {n}")))
    x = np.arange(-HALF_WIDTH_M * BEYOND * k, HALF_WIDTH_M * BEYOND * k, STEP_M)
    valley = _calm(ground.river_y(x), 31)
    lines = round(HALF_HEIGHT_M * k * 0.8 / APART_M)
    for n in [m for m in range(-lines, lines + 1) if m]:
        near = (abs(n) - 0.42 + rng.uniform(-0.1, 0.1)) * APART_M * np.sign(n)
        follow = 0.85 ** abs(n)
        y = valley * follow + (1 - follow) * -900 + near * (1 + 0.05 * abs(n))
        y = y * (1 + 0.22 * (np.abs(x) / HALF_WIDTH_M / k) ** 1.8) + _wander(rng, x, 230.0)
        reach = rng.uniform(0.62, 0.85) if n % 2 == 0 and abs(n) > 1 else 9.0
        kept = np.abs(x) < reach * HALF_WIDTH_M * k
        found.append((np.column_stack([x, y])[kept], Street(PRIMARY if n % 2 else SECONDARY, f"east {n}")))
    return found


def _diagonals(rng: np.random.Generator, ground: Terrain, outer: Points) -> list[Curve]:
    k, found = ground.scale, []
    for n, turn in enumerate((0.66, 2.4, 3.8, 5.5)):
        way = turn + rng.uniform(-0.16, 0.16)
        along = np.arange(2_900.0, HALF_WIDTH_M * BEYOND * k * 1.1, STEP_M)
        side = _wander(rng, along, 330.0)
        x = along * np.cos(way) - side * np.sin(way)
        y = along * np.sin(way) * 0.82 + side * np.cos(way) - 150
        line = np.column_stack([x, y])
        if n == 0:  # the road to the airport begins at the outer ring
            line = line[max(0, int((~inside(line, [outer])).argmax()) - 2) :]
        found.append((line, Street(MOTORWAY if n == 0 else PRIMARY, "airport" if n == 0 else f"diagonal {n}")))
    return found


def railway(rng: np.random.Generator, ground: Terrain) -> Points:
    """From the east to the west, north of the old town; its station lies near the middle."""
    k = ground.scale
    x = np.arange(-HALF_WIDTH_M * BEYOND * k, HALF_WIDTH_M * BEYOND * k, 160.0)
    y = 3_050 + 0.5 * (_calm(ground.river_y(x), 61) + 950) + 0.16 * rng.choice([-1, 1]) * x * np.abs(np.tanh(x / 6_000))
    return np.column_stack([x, y + _wander(rng, x, 210.0)])


def _wander(rng: np.random.Generator, along: Floats, by: float) -> Floats:
    """A gentle bend to the left and right."""
    a, b, c = rng.uniform(0, 2 * np.pi, 3)
    long = rng.uniform(6_500, 9_000)
    return np.asarray(by * np.sin(along / long * 2 * np.pi + a) + 0.35 * by * np.sin(along / 2_600 * 2 * np.pi + b)
                      + 0.1 * by * np.sin(along / 900 * 2 * np.pi + c))  # fmt: skip


def _calm(values: Floats, n: int) -> Floats:
    padded = np.pad(values, n // 2, mode="edge")
    return np.convolve(padded, np.full(n, 1 / n), mode="valid")
