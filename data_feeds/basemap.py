"""The ground under the map: outlines and streets from a GeoJSON file, checked, in WGS-84."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data_feeds.geo import to_wgs84
from data_feeds.model import Datum

DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
MAX_FILE_BYTES = 256 << 20
DIGITS = 6
GROUND = ("water", "green")  # a river runs on past the city: it does not decide what the map shows


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


def load(path: str | Path, datum: Datum = Datum.WGS84) -> Basemap:
    """Read ``path`` (.geojson or .geojson.gz). Raises BasemapError."""
    path = Path(path)
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise BasemapError(f"basemap {path}: {error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise BasemapError(f"basemap {path}: {len(data)} bytes are more than {MAX_FILE_BYTES}")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BasemapError(f"basemap {path}: not JSON ({error})") from None
    try:
        return from_geojson(document, datum)
    except BasemapError as error:
        raise BasemapError(f"basemap {path}: {error}") from None


def from_geojson(document: Any, datum: Datum = Datum.WGS84) -> Basemap:
    """Check ``document`` and convert it. Raises BasemapError naming the feature (counted from 0) at fault."""
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise BasemapError('must be a GeoJSON object of "type": "FeatureCollection"')
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise BasemapError("has no features")
    out: list[dict[str, Any]] = []
    extents: list[tuple[float, ...]] = []
    ground: list[tuple[float, ...]] = []
    for index, feature in enumerate(features):
        try:
            geometry, extent = _geometry(feature, datum)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BasemapError(f"feature {index}: {error}") from None
        properties = feature.get("properties") or {}
        out.append({"type": "Feature", "properties": _plain(properties), "geometry": geometry})
        (ground if properties.get("kind") in GROUND else extents).append(extent)
    box = np.array(extents or ground)
    extent = (box[:, 0].min(), box[:, 1].min(), box[:, 2].max(), box[:, 3].max())
    encoded = json.dumps({"type": "FeatureCollection", "features": out}, ensure_ascii=False, separators=(",", ":"))
    return Basemap(encoded.encode(), tuple(float(v) for v in extent))  # type: ignore[arg-type]


def _geometry(feature: Any, datum: Datum) -> tuple[dict[str, Any], tuple[float, float, float, float]]:
    geometry = feature["geometry"]
    kind = geometry["type"]
    if kind not in DEPTH:
        raise ValueError(f"geometry {kind!r} is not one of {', '.join(DEPTH)}")
    points: list[tuple[float, float]] = []
    _collect(geometry["coordinates"], DEPTH[kind], points)
    if not points:
        raise ValueError("has no coordinates")
    lon, lat = np.array(points, dtype=np.float64).T
    if not (np.isfinite(lon).all() and (abs(lon) <= 180).all() and (abs(lat) <= 90).all()):
        raise ValueError("a coordinate is not longitude, latitude in degrees")
    lat, lon = to_wgs84(lat, lon, datum)
    converted = iter(zip(lon.round(DIGITS).tolist(), lat.round(DIGITS).tolist(), strict=True))
    shape = {"type": kind, "coordinates": _rebuild(geometry["coordinates"], DEPTH[kind], converted)}
    return shape, (float(lat.min()), float(lon.min()), float(lat.max()), float(lon.max()))


def _collect(coordinates: Any, depth: int, points: list[tuple[float, float]]) -> None:
    if depth == 0:
        if len(coordinates) < 2 or not all(isinstance(v, int | float) for v in coordinates[:2]):
            raise ValueError(f"{str(coordinates)[:40]!r} is not a position")
        points.append((float(coordinates[0]), float(coordinates[1])))
        return
    if not isinstance(coordinates, list):
        raise ValueError("coordinates are not nested as their geometry type says")
    for part in coordinates:
        _collect(part, depth - 1, points)


def _rebuild(coordinates: Any, depth: int, points: Any) -> Any:
    return list(next(points)) if depth == 0 else [_rebuild(part, depth - 1, points) for part in coordinates]


def _plain(properties: Any) -> dict[str, Any]:
    """Only what the map draws; everything else stays in the file."""
    wanted = ("kind", "class", "name", "name_zh", "name_en")
    return {key: str(properties[key])[:80] for key in wanted if properties.get(key) is not None}
