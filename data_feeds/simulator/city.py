"""A city to live in: streets as a graph, who answers for which ground, the places that matter, and the ground to draw.

``build`` makes the fictional city of Yunling (云岭市) from a seed; ``from_roads`` makes any road graph a city. Both are
pure: the same arguments give the same city, byte for byte.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_feeds.model import Device
from data_feeds.roads import RoadGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

USUAL_UNITS = 1_200
SIZE_POWER = 0.4  # 50,000 units: 4.4 times the area, a metropolis


@dataclass(frozen=True, slots=True)
class Place:
    """Something with a name at or around a node of the graph; ``parent`` is the id of the jurisdiction above it."""

    id: str
    kind: str  # as in the GeoJSON of places: branch, station, patrol_zone, key_spot, school, post, gate …
    parent: str
    name_zh: str
    name_en: str
    node: int
    sort: str = ""  # of a key spot: mall, railway, hospital, square, government, market, nightlife, park …
    hours: tuple[str, ...] = ()  # of a school: when children come and go


@dataclass(frozen=True, eq=False)
class City:
    """N nodes of ``roads``; whatever has one value a node has N of them, in the same order."""

    seed: int
    name_zh: str
    name_en: str
    extent: tuple[float, float, float, float]  # south, west, north, east in degrees; everything lies inside
    centre: tuple[float, float]  # latitude, longitude of the old town
    roads: RoadGraph
    branches: tuple[Place, ...]
    stations: tuple[Place, ...]  # parent: a branch
    zones: tuple[Place, ...]  # patrol zones; parent: a station
    node_zone: Ints  # (N,) index into zones
    node_station: Ints  # (N,) index into stations: the one in whose polygon the node lies
    centre_nodes: NDArray[np.bool_]  # (N,) in the city centre (place class CENTRE)
    heat_day: Floats  # (N,) how likely a call comes from there by day; sums to 1
    heat_night: Floats  # (N,) the same by night
    key_spots: tuple[Place, ...]
    schools: tuple[Place, ...]
    posts: tuple[Place, ...]
    gates: tuple[Place, ...]  # where main roads leave the city
    cameras: tuple[Device, ...]
    places: dict[str, Any]  # GeoJSON: jurisdictions, zones and places as data_feeds/places.py reads them
    basemap: bytes | None  # GeoJSON of the ground, checked; None: the wall has another ground

    @cached_property
    def key_nodes(self) -> Ints:
        return nodes_of(self.key_spots)

    @cached_property
    def post_nodes(self) -> Ints:
        return nodes_of(self.posts)

    @cached_property
    def station_nodes(self) -> Ints:
        """The street corner at each station's house."""
        return nodes_of(self.stations)

    @cached_property
    def hot_nodes(self) -> Ints:
        """Markets and places of entertainment: where calls crowd."""
        return nodes_of(tuple(spot for spot in self.key_spots if spot.sort in ("market", "nightlife", "mall")))


def size_for(units: int) -> float:
    """The size of a city that ``units`` fill: 1 for up to 1,200, slower than their number above."""
    return max(1.0, (units / USUAL_UNITS) ** SIZE_POWER)


def nodes_of(places: tuple[Place, ...]) -> Ints:
    return np.array([place.node for place in places], dtype=np.int32)


def build(seed: int, size: float = 1.0) -> City:
    """The city of Yunling from ``seed``. ``size`` 1 has about 24 × 18 km; its area grows with ``size``."""
    from data_feeds.simulator import yunling  # it needs this module's classes

    with _undisturbed():
        return yunling.build(seed, size)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the collector, which would look at a million small lists again and again: a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def from_roads(graph: RoadGraph, seed: int) -> City:
    """A city on the streets of ``graph``: sectors, stations, spots with plain names; no ground of its own."""
    from data_feeds.simulator import settle

    return settle.on_roads(graph, seed)
