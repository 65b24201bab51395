"""The ground of the embedded city: a small street graph with a river, made from a seed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CENTRE = (26.052, 105.348)
EXTENT_M = 7_000.0
SPACING_M = 360.0
METRES_PER_DEGREE = 111_195.0
STREETS_EW = ("人民路", "云岭大道", "朝阳路", "大学路", "建造路", "亭江路", "民族大道", "金象大道", "江北路", "滨江路")
STREETS_NS = ("解放路", "中山路", "火车站路", "东风路", "友谊路", "长湖路", "园湖路", "科园大道", "明秀路", "北湖路")
BRANCHES = ("江南", "兴宁", "南湖", "西乡塘", "青秀", "良庆")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class City:
    """Nodes in metres east and north of CENTRE, neighbours (−1: none) and the streets for drawing."""

    x: Floats
    y: Floats
    neighbours: NDArray[np.intp]  # (nodes, 4)
    names: list[str]  # of the street through each node
    geojson: dict[str, Any]

    def branch_of(self, node: int) -> int:
        """The branch in whose sector the node lies."""
        angle = np.arctan2(self.y[node], self.x[node])
        return int((angle + np.pi) / (2 * np.pi) * len(BRANCHES)) % len(BRANCHES)


def to_degrees(x: Any, y: Any) -> tuple[Any, Any]:
    """Metres east and north of CENTRE → latitude, longitude in degrees."""
    lat = CENTRE[0] + y / METRES_PER_DEGREE
    return lat, CENTRE[1] + x / (METRES_PER_DEGREE * np.cos(np.radians(CENTRE[0])))


def build(seed: int) -> City:
    """The city of ``seed``; the same seed gives the same city."""
    rng = np.random.default_rng(seed)
    half = int(EXTENT_M / SPACING_M)
    side = 2 * half + 1
    j, i = np.meshgrid(np.arange(-half, half + 1), np.arange(-half, half + 1))
    # Streets lie closer together in the centre, and none is straight.
    x, y = (np.sign(a) * np.abs(a / half) ** 1.25 * EXTENT_M for a in (j.astype(float), i.astype(float)))
    phase = rng.uniform(0, 2 * np.pi, 8)
    wx = 190 * np.sin(y / 1500 + phase[0]) + 70 * np.sin(x / 520 + y / 900 + phase[1]) + 35 * np.sin(y / 330 + phase[2])
    wy = 190 * np.sin(x / 1700 + phase[3]) + 70 * np.sin(y / 560 - x / 800 + phase[4]) + 35 * np.sin(x / 310 + phase[5])
    x, y = x + wx, y + wy
    radius = np.hypot(x, y) / (EXTENT_M * (0.86 + 0.1 * np.sin(3 * np.arctan2(y, x) + phase[6])))
    major = (j % 4 == 0, i % 4 == 0)  # (north–south, east–west)
    inside = radius < 1
    outskirts = (radius > 0.62) & ~(major[0] | major[1])
    kept = inside & ~(outskirts & (rng.random(x.shape) < 0.75))
    edges = _edges(kept, major, x, y, phase, rng)
    return _city(x, y, kept, edges, side, phase)


def river_y(x: Any, phase: Floats) -> Any:
    """North coordinate of the river's middle at ``x``, metres."""
    return -1_700 + 620 * np.sin(x / 2600 + phase[7]) + 180 * np.sin(x / 900 + phase[0])


def _edges(
    kept: Any, major: tuple[Any, Any], x: Floats, y: Floats, phase: Floats, rng: np.random.Generator
) -> list[tuple[int, int, int, int, bool]]:
    """(row, column, row, column, is major) of every street piece; the river is crossed by main streets only."""
    out = []
    rows, columns = kept.shape
    for r in range(rows):
        for c in range(columns):
            for dr, dc, is_major in ((0, 1, major[1][r, c]), (1, 0, major[0][r, c])):
                r2, c2 = r + dr, c + dc
                if r2 >= rows or c2 >= columns or not (kept[r, c] and kept[r2, c2]):
                    continue
                crosses = (y[r, c] > river_y(x[r, c], phase)) != (y[r2, c2] > river_y(x[r2, c2], phase))
                if (crosses and not is_major) or (not is_major and rng.random() < 0.12):
                    continue
                out.append((r, c, r2, c2, bool(is_major)))
    return out


def _city(x, y, kept, edges, side, phase) -> City:  # type: ignore[no-untyped-def]
    adjacent: dict[int, list[int]] = {}
    for r, c, r2, c2, _ in edges:
        a, b = r * side + c, r2 * side + c2
        adjacent.setdefault(a, []).append(b)
        adjacent.setdefault(b, []).append(a)
    largest = _component(adjacent, min(adjacent, key=lambda n: np.hypot(x.flat[n], y.flat[n])))
    index = {node: k for k, node in enumerate(sorted(largest))}
    neighbours = np.full((len(index), 4), -1, dtype=np.intp)
    for node, k in index.items():
        near = [index[n] for n in adjacent[node]]
        neighbours[k, : len(near)] = near
    nodes = np.array(sorted(index), dtype=np.intp)
    names = [
        STREETS_EW[(n // side) // 4 % len(STREETS_EW)]
        if (n // side) % 4 == 0
        else STREETS_NS[n % side // 4 % len(STREETS_NS)]
        for n in nodes.tolist()
    ]
    pieces = [e for e in edges if e[0] * side + e[1] in index]
    return City(x.flat[nodes], y.flat[nodes], neighbours, names, _geojson(x, y, pieces, phase))


def _component(adjacent: dict[int, list[int]], start: int) -> set[int]:
    seen, todo = {start}, [start]
    while todo:
        for node in adjacent[todo.pop()]:
            if node not in seen:
                seen.add(node)
                todo.append(node)
    return seen


def _geojson(x, y, pieces, phase) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    features = [_feature("Polygon", [_river(phase)], kind="water", name_zh="云江", name_en="Yun River")]
    ring = np.linspace(0, 2 * np.pi, 145)
    reach = EXTENT_M * (0.9 + 0.1 * np.sin(3 * ring + phase[6]))
    features.append(
        _feature(
            "Polygon",
            [_points(reach * np.cos(ring), reach * np.sin(ring))],
            kind="boundary",
            name_zh="云岭市",
            name_en="Yunling",
        )
    )
    for k, name in enumerate(BRANCHES):
        angle = -np.pi + 2 * np.pi * k / len(BRANCHES)
        along = np.linspace(0.05, 0.9, 40) * EXTENT_M
        bend = angle + 0.1 * np.sin(along / 900 + k)
        line = _points(along * np.cos(bend), along * np.sin(bend))
        features.append(_feature("LineString", line, kind="boundary", name_zh=name, name_en=""))
    for is_major in (False, True):
        for chain in _chains([p[:4] for p in pieces if p[4] is is_major]):
            rows, columns = np.array(chain).T
            shape = _points(x[rows, columns], y[rows, columns])
            features.append(_feature("LineString", shape, kind="road", **{"class": "major" if is_major else "minor"}))
    return {"type": "FeatureCollection", "features": features}


def _chains(pieces: list[tuple[int, int, int, int]]) -> list[list[tuple[int, int]]]:
    """Pieces that follow each other in a row or column, joined to long lines."""
    chains: dict[tuple[int, int, bool], list[tuple[int, int]]] = {}
    for r, c, r2, c2 in pieces:
        level = r == r2
        chain = chains.pop((r, c, level), [(r, c)])
        chains[(r2, c2, level)] = [*chain, (r2, c2)]
    return list(chains.values())


def _river(phase: Floats) -> list[list[float]]:
    x = np.linspace(-1.35 * EXTENT_M, 1.35 * EXTENT_M, 120)
    middle, width = river_y(x, phase), 120 + 30 * np.sin(x / 1100)
    return _points(
        np.concatenate([x, x[::-1], x[:1]]),
        np.concatenate([middle + width, (middle - width)[::-1], (middle + width)[:1]]),
    )


def _points(x: Any, y: Any) -> list[list[float]]:
    lat, lon = to_degrees(np.asarray(x), np.asarray(y))
    return [[round(float(a), 6), round(float(b), 6)] for a, b in zip(lon, lat, strict=True)]


def _feature(kind_of_geometry: str, coordinates: list[Any], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind_of_geometry, "coordinates": coordinates},
    }
