"""What drones are sent to see: missions over the city's parks, water, schools, key spots and main streets. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from data_feeds.simulator.city import City
from data_feeds.simulator.network import Streets

Points = list[tuple[float, float]]
RING_POINTS = 16
LONGEST_M = 5_000.0
SCHOOL_M, SPOT_M = 160.0, 240.0
MOST_OF_A_SORT = 12
STREET_WAYS = 6


@dataclass(frozen=True, slots=True)
class Mission:
    """A round of waypoints in metres of the city. ``sort``: park, water, school, spot, street or incident."""

    name: str
    sort: str
    points: Points
    weight: float = 1.0

    def suits(self, hour: float, is_workday: bool) -> bool:
        """Whether one flies it at this hour of the local day."""
        if self.sort == "school":
            return is_workday and (7.0 <= hour < 8.6 or 16.0 <= hour < 18.0)
        if self.sort == "park":
            return 6.0 <= hour < 22.0
        return self.sort != "street" or 6.5 <= hour < 23.0


def of_city(city: City, streets: Streets, seed: int) -> list[Mission]:
    """The missions that ``city`` offers."""
    rng = np.random.default_rng([seed, 31])
    missions: list[Mission] = []
    features = msgspec.json.decode(city.basemap)["features"] if city.basemap else []
    for sort, kind, words in (("park", "green", "{}巡查"), ("water", "water", "{}沿岸巡查")):
        shapes = [f for f in features if f["properties"].get("kind") == kind and f["properties"].get("name_zh")]
        for feature in shapes[:MOST_OF_A_SORT]:
            points = _round(feature["geometry"], streets, 0.75 if sort == "park" else 1.0)
            if points:
                missions.append(Mission(words.format(feature["properties"]["name_zh"]), sort, points, 1.8))
    missions += [
        Mission(f"{school.name_zh}护学", "school", _around(streets, school.node, SCHOOL_M), 3.0)
        for school in city.schools[:MOST_OF_A_SORT]
    ]
    missions += [
        Mission(f"{spot.name_zh}周边巡飞", "spot", _around(streets, spot.node, SPOT_M), 0.5)
        for spot in city.key_spots[: 2 * MOST_OF_A_SORT]
    ]
    return missions + _along_streets(streets, rng)


def round_of(x: float, y: float, radius_m: float) -> Points:
    """Waypoints on a circle around a place in metres."""
    angle = np.linspace(0, 2 * np.pi, RING_POINTS, endpoint=False)
    return list(zip((x + radius_m * np.sin(angle)).tolist(), (y + radius_m * np.cos(angle)).tolist(), strict=True))


def _around(streets: Streets, node: int, radius_m: float) -> Points:
    return round_of(float(streets.x[node]), float(streets.y[node]), radius_m)


def _along_streets(streets: Streets, rng: np.random.Generator) -> list[Mission]:
    missions = []
    mains = np.flatnonzero(streets.is_main & (streets.graph.name > 0))
    for edge in rng.permutation(mains)[:STREET_WAYS].tolist():
        name = int(streets.graph.name[edge])
        ends = streets.graph.end[np.flatnonzero(streets.graph.name == name)]
        away = np.hypot(streets.x[ends] - streets.x[ends[0]], streets.y[ends] - streets.y[ends[0]])
        way = streets.way(int(ends[0]), int(ends[np.argmax(np.where(away < LONGEST_M, away, 0))]), 1_500)
        if way and len(way) > 3:
            nodes = streets.graph.end[way]
            there = list(zip(streets.x[nodes].tolist(), streets.y[nodes].tolist(), strict=True))
            missions.append(Mission(f"{streets.graph.names[name]}交通巡查", "street", [*there, *there[-2:0:-1]], 1.2))
    return missions


def _round(geometry: dict[str, Any], streets: Streets, inward: float) -> Points:
    """A round along the outline of a polygon (of its first LONGEST_M), drawn in toward the middle."""
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        return []
    rings = geometry["coordinates"] if geometry["type"] == "Polygon" else geometry["coordinates"][0]
    lon, lat = np.array(rings[0], dtype=np.float64).T[:2]
    x, y = streets.metres(lat, lon)
    run = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    if run[-1] < 200.0:
        return []
    near = _nearest_part(x, y, run)
    at = near + np.linspace(0.0, min(run[-1], LONGEST_M), RING_POINTS, endpoint=False)
    px, py = np.interp(at % run[-1], run, x), np.interp(at % run[-1], run, y)
    middle_x, middle_y = px.mean(), py.mean()
    px, py = middle_x + (px - middle_x) * inward, middle_y + (py - middle_y) * inward
    there = list(zip(px.tolist(), py.tolist(), strict=True))
    return there if run[-1] <= LONGEST_M else [*there, *there[-2:0:-1]]


def _nearest_part(x: np.ndarray, y: np.ndarray, run: np.ndarray) -> float:
    """Where on the outline to begin, so that the round lies nearest to the middle of the city."""
    return float(max(0.0, run[int(np.argmin(np.hypot(x, y)))] - LONGEST_M / 2))
