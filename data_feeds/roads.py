"""A directed road graph in arrays, and its file. Made from an OpenStreetMap extract or by the city generator."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_feeds.geo import distance_m

CLASSES = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "residential", "service", "other",
)  # fmt: skip
# Usual speed of a car in a city where the source gives no limit, by class, m/s (110, 80, 60, 50, 40, 30, 15, 30 km/h).
USUAL_SPEED_MPS = (30.6, 22.2, 16.7, 13.9, 11.1, 8.3, 4.2, 8.3)
_INDEX = {name: index for index, name in enumerate(CLASSES)}
FORMAT = 1
MAX_NODES = 5_000_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


# What a damaged .npz raises; RuntimeError: its flags say that it is encrypted, NotImplementedError is one of these.
UNREADABLE = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, RuntimeError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip


class RoadsError(ValueError):
    """A file is no road graph; the text names it and the way out."""


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """N nodes, E directed edges, S points of shape. A street for both directions is two edges.

    ``shape_start`` (E + 1) says which of ``shape_lat``, ``shape_lon`` bend edge e between its ends (both excluded):
    ``shape_start[e]:shape_start[e + 1]``. ``name`` indexes ``names``, of which 0 is "".
    """

    lat: Floats  # (N,) WGS-84 degrees
    lon: Floats  # (N,)
    start: Ints  # (E,) node
    end: Ints  # (E,) node
    length_m: Floats  # (E,) along the shape
    speed_mps: Floats  # (E,) usual speed
    road_class: NDArray[np.uint8]  # (E,) index into CLASSES
    name: Ints  # (E,)
    shape_start: Ints  # (E + 1,)
    shape_lat: Floats  # (S,)
    shape_lon: Floats  # (S,)
    names: tuple[str, ...] = ("",)  # as written on the street
    names_en: tuple[str, ...] = ("",)  # the same streets in English or Latin letters; "" where there is none

    def __post_init__(self) -> None:
        if problem := _problem(self):
            raise RoadsError(f"not a road graph: {problem}")

    def line(self, edge: int) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of ``edge`` from its first to its last node, bends between."""
        bends = slice(self.shape_start[edge], self.shape_start[edge + 1])
        a, b = self.start[edge], self.end[edge]
        return (
            np.concatenate([self.lat[a : a + 1], self.shape_lat[bends], self.lat[b : b + 1]]),
            np.concatenate([self.lon[a : a + 1], self.shape_lon[bends], self.lon[b : b + 1]]),
        )

    def save(self, path: str | Path) -> None:
        """Write the graph to ``path`` (.npz), whole or not at all."""
        arrays: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("names")}
        text = json.dumps({"format": FORMAT, "names": self.names, "names_en": self.names_en}, ensure_ascii=False)
        arrays["about"] = np.frombuffer(text.encode(), dtype=np.uint8)
        path = Path(path)
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)
        part.replace(path)


def load(path: str | Path) -> RoadGraph:
    """The graph that ``save`` wrote to ``path``. Raises RoadsError."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            if about.get("format") != FORMAT:
                raise RoadsError(f"road graph {path}: format {about.get('format')!r}, not {FORMAT}; build it again")
            names, names_en = tuple(map(str, about["names"])), tuple(map(str, about["names_en"]))
            columns = {f.name: arrays[f.name] for f in fields(RoadGraph) if not f.name.startswith("names")}
        return RoadGraph(**columns, names=names, names_en=names_en)
    except RoadsError as error:
        raise RoadsError(f"{path}: {error}") from None
    except UNREADABLE as error:
        way_out = "`python -m data_feeds.basemap build` makes one"
        # NumPy takes what it does not know for a pickle, and proposes to load it all the same
        problem = "no .npz file" if "allow_pickle" in str(error) else error
        raise RoadsError(f"{path}: not a road graph ({problem}); {way_out}") from None


def with_speeds(graph: RoadGraph, speeds_kmh: Mapping[str, float]) -> RoadGraph:
    """``graph`` with other usual speeds of the classes that ``speeds_kmh`` names. Raises KeyError for no class."""
    if not speeds_kmh:
        return graph
    speed_mps = graph.speed_mps.astype(np.float64)
    for kind, kmh in speeds_kmh.items():
        speed_mps[graph.road_class == _INDEX[kind]] = kmh / 3.6
    return replace(graph, speed_mps=speed_mps)


def lengths_m(lat: Floats, lon: Floats, line_start: Ints) -> Floats:
    """Length of each line in metres; line k is points ``line_start[k]:line_start[k + 1]``, at least one each."""
    steps = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) if len(lat) > 1 else np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(total[line_start[1:] - 1] - total[line_start[:-1]])


_WHOLE = ("start", "end", "road_class", "name", "shape_start")
_ARRAYS = (*_WHOLE, "lat", "lon", "length_m", "speed_mps", "shape_lat", "shape_lon")


def _problem(g: RoadGraph) -> str:
    """What is wrong with ``g``; "" if nothing."""
    n, e = len(g.lat), len(g.start)
    if not 0 < n <= MAX_NODES or len(g.lon) != n:
        return f"{n} nodes, {len(g.lon)} longitudes; between 1 and {MAX_NODES} are possible"
    for name in ("end", "length_m", "speed_mps", "road_class", "name"):
        if len(getattr(g, name)) != e:
            return f"{len(getattr(g, name))} of {name} for {e} edges"
    if len(g.shape_start) != e + 1 or len(g.shape_lat) != len(g.shape_lon):
        return "the shapes do not fit the edges"
    if len(g.names) != len(g.names_en):
        return "names in one language only"
    if any(getattr(g, name).ndim != 1 for name in _ARRAYS):
        return "an array has rows and columns"
    if any(getattr(g, name).dtype.kind not in "iu" for name in _WHOLE):
        return "an edge has a broken number"
    ends = np.concatenate([g.start, g.end])
    if ((ends < 0) | (ends >= n)).any():
        return "an edge ends at no node"
    if ((g.name < 0) | (g.name >= len(g.names)) | (g.road_class >= len(CLASSES))).any():
        return "an edge has an unknown name or class"
    if g.shape_start[0] != 0 or g.shape_start[-1] != len(g.shape_lat) or (np.diff(g.shape_start) < 0).any():
        return "the shapes do not fit the edges"
    places = ((g.lat, 90.0), (g.shape_lat, 90.0), (g.lon, 180.0), (g.shape_lon, 180.0))
    if not all((np.abs(values) <= limit).all() for values, limit in places):
        return "a coordinate is not in degrees"
    if not (np.isfinite(g.length_m).all() and (g.length_m >= 0).all() and (g.speed_mps > 0).all()):
        return "an edge without length or speed"
    return ""
