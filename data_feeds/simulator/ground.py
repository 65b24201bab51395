"""The ground of Yunling to draw, as GeoJSON: water, green, built-up land, railway, streets by class. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from data_feeds.roads import CLASSES
from data_feeds.simulator import terrain, territory
from data_feeds.simulator.blocks import Block
from data_feeds.simulator.frame import Frame, Points, collection, feature, inside
from data_feeds.simulator.skeleton import Curve
from data_feeds.simulator.streets import Chains
from data_feeds.simulator.terrain import COUNTRY, HILLS, WATER, Terrain
from data_feeds.simulator.written import Pair

LAKES = (("南湖", "Nanhu Lake"), ("民歌湖", "Minge Lake"), ("相思湖", "Xiangsi Lake"))
HILLS_NAMES = (
    ("青云山", "Mount Qingyun"), ("凤凰岭", "Phoenix Ridge"), ("老虎岭", "Tiger Ridge"), ("五象岭", "Wuxiang Ridge"),
    ("北岭", "North Ridge"),
)  # fmt: skip
DIGITS = 5  # a metre: finer is not seen


def draw(
    frame: Frame, land: Terrain, blocks: list[Block], points: Points, made: Chains, names: list[Pair],
    curves: list[Curve], rail: Points, houses: list[Points],
) -> dict[str, Any]:  # fmt: skip
    """Everything on the ground, what lies below first."""
    found = []

    def area(ring: Points, kind: str, name: Pair = ("", "")) -> None:
        closed = ring if (ring[0] == ring[-1]).all() else np.concatenate([ring, ring[:1]])
        shape = {"type": "Polygon", "coordinates": [_positions(frame, closed)]}
        found.append(feature(shape, kind=kind, **_named(name)))

    def line(points: Points, kind: str, name: Pair = ("", ""), **more: str) -> None:
        found.append(feature(_line(_positions(frame, points)), kind=kind, **more, **_named(name)))

    for ring in _built_up(land):
        area(ring, "urban")
    for k, ring in enumerate(land.hills):
        area(ring, "green", HILLS_NAMES[k])
    for block in blocks:
        if block.park:
            area(_inset(points[block.ring], 14.0), "green")
    area(terrain.band(land.river, land.river_width), "water")
    area(terrain.band(land.tributary, land.tributary_width), "water")
    line(land.river, "water", ("云江", "Yun River"))  # names stand along the middle
    line(land.tributary, "water", ("清溪", "Qing Creek"))
    for ring, name in zip(land.lakes, LAKES, strict=True):
        area(ring, "water", name)
    area(land.island, "land", ("江心岛", "Jiangxin Island"))
    first = np.concatenate([[0], np.cumsum([len(house) for house in houses])]).tolist()
    corners = _positions(frame, np.concatenate([np.zeros((0, 2)), *houses]))
    for a, b in pairwise(first):
        shape = {"type": "Polygon", "coordinates": [[*corners[a:b], corners[a]]]}
        found.append(feature(shape, kind="building"))
    line(rail, "rail")
    for k, (curve, street) in enumerate(curves):  # main roads go on where the graph ends
        if street.name.startswith(("north ", "east ", "diagonal", "airport")) and "bank" not in street.name:
            for piece in _outside(curve, land.outline):
                line(piece, "road", names[k], **{"class": CLASSES[street.road_class]})
    positions = _positions(frame, points)
    for chain, number, sort in _joined(made):
        name = names[number] if sort < CLASSES.index("residential") else ("", "")
        shape = _line([positions[n] for n in chain])
        found.append(feature(shape, kind="road", **{"class": CLASSES[sort]}, **_named(name)))
    return collection(found)


def _joined(made: Chains) -> list[tuple[list[int], int, int]]:
    """Chains of the same street that follow each other, as long lines."""
    by_street: dict[int, list[list[int]]] = {}
    for line, street in zip(made.nodes, made.street.tolist(), strict=True):
        by_street.setdefault(street, []).append(line)
    sort = dict(zip(made.street.tolist(), made.road_class.tolist(), strict=True))
    found = []
    for street, lines in by_street.items():
        at: dict[int, list[int]] = {}
        for k, line in enumerate(lines):
            at.setdefault(line[0], []).append(k)
            at.setdefault(line[-1], []).append(k)
        used = [False] * len(lines)
        starts = [k for n, ks in at.items() if len(ks) == 1 for k in ks] + list(range(len(lines)))
        for k in starts:
            if used[k]:
                continue
            used[k] = True
            long = list(lines[k])
            if len(at[long[-1]]) != 2 and len(at[long[0]]) == 2:
                long.reverse()
            while True:
                more = [j for j in at[long[-1]] if not used[j]]
                if len(at[long[-1]]) != 2 or not more:
                    break
                used[more[0]] = True
                piece = lines[more[0]]
                long += piece[1:] if piece[0] == long[-1] else piece[-2::-1]
            found.append((long, street, sort[street]))
    return sorted(found, key=lambda f: (-f[2], f[1]))


def _built_up(land: Terrain) -> list[Points]:
    town = np.where(np.isin(land.kind, (COUNTRY, HILLS)), territory.OUTSIDE, 0).astype(np.int32)
    water = land.kind == WATER
    x, y = land.raster.centres()
    far = np.hypot(x / terrain.HALF_WIDTH_M, y / terrain.HALF_HEIGHT_M) / land.scale > 0.6
    town[water & far] = territory.OUTSIDE
    rings = territory.Outlines(territory.untangle(town, []), land.raster).rings({0})
    return [ring for ring in rings if territory.area(ring) > 60_000]


def _outside(curve: Points, outline: Points) -> list[Points]:
    """The pieces of a curve outside the city, each from the last point inside."""
    out = ~inside(curve, [outline])
    pieces, begin = [], None
    for k, is_out in enumerate(out.tolist()):
        if is_out and begin is None:
            begin = max(0, k - 1)
        if not is_out and begin is not None:
            pieces.append(curve[begin : k + 1])
            begin = None
    if begin is not None:
        pieces.append(curve[begin:])
    return [piece for piece in pieces if len(piece) > 2]


def _inset(ring: Points, by: float) -> Points:
    """A ring drawn in towards its middle by about ``by`` metres."""
    middle = ring.mean(axis=0)
    away = np.hypot(*(ring - middle).T)[:, None]
    return np.asarray(middle + (ring - middle) * np.clip(1 - by / np.maximum(away, 1.0), 0.3, 1.0))


def _named(name: Pair) -> dict[str, str]:
    return {"name_zh": name[0], "name_en": name[1]} if name[0] else {}


def _positions(frame: Frame, points: Points) -> list[list[float]]:
    lat, lon = frame.to_degrees(points)
    return np.column_stack([lon, lat]).round(DIGITS).tolist()


def _line(positions: list[list[float]]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": positions}
