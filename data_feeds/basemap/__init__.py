"""The ground under the map: outlines and streets from a GeoJSON file, checked, in WGS-84."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from data_feeds import whole_file
from data_feeds.geo import to_wgs84
from data_feeds.model import Datum

MAX_FILE_BYTES = 256 << 20
DIGITS = 6
GROUND = ("water", "green")  # a river runs on past the city: it does not decide what the map shows

Position = Annotated[list[float], Meta(min_length=2)]


class _Point(Struct, tag_field="type", tag="Point"):
    coordinates: Position

    def lines(self) -> list[list[Position]]:
        return [[self.coordinates]]


class _Line(Struct, tag_field="type", tag="LineString"):
    coordinates: list[Position]

    def lines(self) -> list[list[Position]]:
        return [self.coordinates]


class _MultiPoint(_Line, tag_field="type", tag="MultiPoint"):
    pass


class _Polygon(Struct, tag_field="type", tag="Polygon"):
    coordinates: list[list[Position]]

    def lines(self) -> list[list[Position]]:
        return self.coordinates


class _MultiLine(_Polygon, tag_field="type", tag="MultiLineString"):
    pass


class _MultiPolygon(Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: list[list[list[Position]]]

    def lines(self) -> list[list[Position]]:
        return [line for polygon in self.coordinates for line in polygon]


class _Feature(Struct, tag_field="type", tag="Feature"):
    geometry: _Point | _Line | _MultiPoint | _Polygon | _MultiLine | _MultiPolygon
    properties: dict[str, Any] | None = None


class _Collection(Struct, tag_field="type", tag="FeatureCollection"):
    features: Annotated[list[_Feature], Meta(min_length=1)]


class BasemapError(ValueError):
    """The file cannot serve as a basemap; the text names file, feature and what is wrong."""


@dataclass(frozen=True, slots=True)
class Basemap:
    """GeoJSON bytes and the extent of outlines and streets (south, west, north, east) in degrees."""

    geojson: bytes
    extent: tuple[float, float, float, float]

    def center(self) -> tuple[float, float]:
        """Latitude and longitude of the middle."""
        south, west, north, east = self.extent
        return (south + north) / 2, (west + east) / 2

    def zoom(self, width_px: float = 1100.0, height_px: float = 900.0) -> float:
        """The zoom at which the extent fills ``width_px`` × ``height_px``, in quarters."""
        south, west, north, east = self.extent
        tall = math.asinh(math.tan(math.radians(north))) - math.asinh(math.tan(math.radians(south)))
        fits = min(
            width_px / 256 * 360 / max(east - west, 1e-6), height_px / 256 * 2 * math.pi / max(tall, 1e-9)
        )  # fmt: skip
        return max(3.0, min(16.0, math.floor(math.log2(fits) * 4) / 4))


EMPTY = Basemap(b'{"type":"FeatureCollection","features":[]}', (18.0, 74.0, 53.0, 135.0))  # China


def to_set(file: Path) -> str:
    """What a maker of basemaps prints: how to try ``file``, and the settings that a city needs beside its map."""
    return f"""WALLBOARD_BASEMAP={file} make run

# to stay, in wallboard.toml, with your own title and time zone; the map does not tell them:
basemap = {json.dumps(str(file), ensure_ascii=False)}
title_zh = "某市公安局 · 一张图"
title_en = "Our Police · One Map"
time_zone = "Area/City"  # IANA name, such as Europe/Helsinki"""


def load(path: str | Path, datum: Datum = Datum.WGS84) -> Basemap:
    """Read ``path`` (.geojson or .geojson.gz). Raises BasemapError."""
    path = Path(path)
    try:
        data = whole_file.read(path, MAX_FILE_BYTES)
        return _checked(msgspec.json.decode(data, type=_Collection), datum)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, BasemapError) as error:
        raise BasemapError(f"basemap {path}: {error}") from None


def from_geojson(document: Any, datum: Datum = Datum.WGS84) -> Basemap:
    """Check ``document`` and convert it. Raises BasemapError naming the feature (counted from 0) at fault."""
    try:
        return _checked(msgspec.convert(document, _Collection), datum)
    except msgspec.ValidationError as error:
        raise BasemapError(str(error)) from None


def _checked(document: _Collection, datum: Datum) -> Basemap:
    """All positions at once: a city's streets are a hundred thousand of them."""
    positions: list[Position] = []
    starts = []
    for index, feature in enumerate(document.features):
        starts.append(len(positions))
        for line in feature.geometry.lines():
            positions += line
        if len(positions) == starts[-1]:
            raise BasemapError(f"features[{index}] has no coordinates")
        feature.properties = _plain(feature.properties or {})
    points = np.array([position[:2] for position in positions])
    wrong = np.flatnonzero(~(np.abs(points) <= (180.0, 90.0)).all(axis=1))
    if len(wrong):
        index = int(np.searchsorted(starts, wrong[0], side="right")) - 1
        raise BasemapError(f"features[{index}]: a coordinate is not longitude, latitude in degrees")
    lat, lon = to_wgs84(points[:, 1], points[:, 0], datum)
    points = np.column_stack([lon, lat])
    for position, converted in zip(positions, points.round(DIGITS).tolist(), strict=True):
        position[:] = converted
    return Basemap(msgspec.json.encode(document), _extent(document, starts, points))


def _extent(document: _Collection, starts: list[int], points: NDArray[np.float64]) -> tuple[float, float, float, float]:
    is_city = np.array([(f.properties or {}).get("kind") not in GROUND for f in document.features])
    if is_city.any():
        counts = np.diff([*starts, len(points)])
        points = points[np.repeat(is_city, counts)]
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return south, west, north, east


def _plain(properties: Any) -> dict[str, Any]:
    """Only what the map draws; everything else stays in the file."""
    wanted = ("kind", "class", "name", "name_zh", "name_en")
    return {key: str(properties[key])[:80] for key in wanted if properties.get(key) is not None}
