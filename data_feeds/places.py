"""Jurisdictions, zones and spots of a city from one GeoJSON file, checked as a whole, in WGS-84.

``python -m data_feeds.places check FILE`` says what is wrong with a file; ``convert`` makes one from any GeoJSON of
outlines (see ``places_convert``).
"""

from __future__ import annotations

import codecs
import json
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct

from data_feeds import whole_file
from data_feeds.areas import Area, Box, united
from data_feeds.geo import to_wgs84
from data_feeds.messages import CONTROLS, without_controls
from data_feeds.model import Datum

MAX_FILE_BYTES = 64 << 20
MAX_FEATURES = 20_000
DIGITS = 6
LEVELS = ("city", "branch", "station")
ZONES = ("responsibility_area", "patrol_zone", "defence_zone", "rapid_response_zone", "centre")
SPOTS = ("key_spot", "school", "post", "gate", "station_house")
KINDS = (*LEVELS, *ZONES, *SPOTS)
LONLAT = ("CRS84", "4326", "4979", "4490")  # WGS-84, also with heights, and CGCS2000, which equals it within a metre
HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"

Position = Annotated[list[float], Meta(min_length=2)]
Ring = list[Position]
Name = Annotated[str, Meta(max_length=80)]
Hours = Annotated[str, Meta(pattern=HOURS)]


class _Point(Struct, tag_field="type", tag="Point"):
    coordinates: Position

    def polygons(self) -> list[list[Ring]]:
        return []

    def positions(self) -> list[Position]:
        return [self.coordinates]


class _Polygon(Struct, tag_field="type", tag="Polygon"):
    coordinates: Annotated[list[Ring], Meta(min_length=1)]

    def polygons(self) -> list[list[Ring]]:
        return [self.coordinates]

    def positions(self) -> list[Position]:
        return [position for ring in self.coordinates for position in ring]


class _MultiPolygon(Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: Annotated[list[Annotated[list[Ring], Meta(min_length=1)]], Meta(min_length=1)]

    def polygons(self) -> list[list[Ring]]:
        return self.coordinates

    def positions(self) -> list[Position]:
        return [position for polygon in self.coordinates for ring in polygon for position in ring]


class Place(Struct, omit_defaults=True):
    """What the file says of one place: its id, what it is, the jurisdiction that holds it, its names."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    kind: str
    parent: str | None = None
    name_zh: Name | None = None
    name_en: Name | None = None
    hours: Annotated[list[Hours], Meta(max_length=16)] | None = None

    def words(self) -> set[str]:
        """What a message may call it: its id or one of its names."""
        return {word for word in (self.id, self.name_zh, self.name_en) if word}


class _Feature(Struct, tag_field="type", tag="Feature"):
    geometry: _Point | _Polygon | _MultiPolygon
    properties: Place


class PlacesError(ValueError):
    """The file cannot serve; the text names file, feature, what is wrong and the way out."""


@dataclass(frozen=True, slots=True)
class Places:
    """Checked places: the GeoJSON that browsers get, every place by its id, the areas of those that have one.

    ``middles``: latitude and longitude of each point, of areas that of their boxes' middle.
    """

    geojson: bytes
    by_id: dict[str, Place]
    areas: dict[str, Area]
    middles: dict[str, tuple[float, float]]

    def jurisdictions(self) -> list[Place]:
        """City, branches and stations, in the file's order."""
        return [place for place in self.by_id.values() if place.kind in LEVELS]

    def extent(self) -> Box | None:
        """South, west, north, east in degrees of all jurisdictions; None where there are none."""
        return united([self.areas[place.id].box for place in self.jurisdictions()])


def key(word: str) -> str:
    """How ids and names are compared: without regard to case, to full or half width, and to spaces round or doubled."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


NO_PLACES = Places(b'{"type":"FeatureCollection","features":[]}', {}, {}, {})


def load(path: str | Path, datum: Datum = Datum.WGS84) -> Places:
    """Read ``path`` (.geojson or .geojson.gz) whose coordinates are in ``datum``. Raises PlacesError."""
    path = Path(path)
    try:
        return from_geojson(read(path), datum)
    except PlacesError as error:
        raise PlacesError(f"places {path}: {error}") from None


def read(path: Path) -> Any:
    """The JSON in ``path``. Raises PlacesError."""
    data = b""
    try:
        data = whole_file.read(path, MAX_FILE_BYTES).removeprefix(codecs.BOM_UTF8)
        return msgspec.json.decode(data)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, OSError) and error.strerror:  # what is in the file is not to blame
            raise PlacesError(error.strerror) from None
        if isinstance(error, msgspec.DecodeError):
            _check_numbers(data)
        raise PlacesError(f"{error}; it must be a GeoJSON file (.geojson or .geojson.gz)") from None


def _check_numbers(data: bytes) -> None:
    """Of a document that is no JSON: name the feature whose NaN or boundless number is to blame. Raises PlacesError."""
    try:
        document = json.loads(data)  # which reads NaN, Infinity and 1e400
    except (ValueError, RecursionError):
        return
    rows = document.get("features") if isinstance(document, dict) else None
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        try:
            json.dumps(row, allow_nan=False)
        except ValueError:
            way_out = "write the right number, or leave out the property that holds it"
            raise PlacesError(f"{named(index, row)}: holds NaN, Infinity or a number too large; {way_out}") from None


def check_crs(document: dict[str, Any]) -> None:
    """That a ``crs`` member, as files of before 2016 have, says longitude and latitude. Raises PlacesError."""
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if crs is None or re.split("[:/]", str(name))[-1].upper() in LONLAT:
        return
    raise PlacesError(
        f"its crs {str(name or crs)[:64]!r} is not read, only longitude and latitude (CRS84; EPSG 4326, 4979, 4490): "
        "`ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES new.geojson old.geojson` converts it; where the coordinates are "
        "GCJ-02 or BD-09, remove the member and say so in places_datum (convert and check: --datum)"
    )


def from_geojson(document: Any, datum: Datum = Datum.WGS84) -> Places:
    """Check ``document`` (plain values as read from JSON) and convert it. Raises PlacesError naming the feature."""
    rows = document.get("features") if isinstance(document, dict) else None
    if not isinstance(rows, list) or document.get("type") != "FeatureCollection":
        raise PlacesError('no FeatureCollection; it must begin {"type": "FeatureCollection", "features": [')
    check_crs(document)
    if not 0 < len(rows) <= MAX_FEATURES:
        raise PlacesError(f"{len(rows)} features; there must be 1 to {MAX_FEATURES}")
    features = [_feature(index, row) for index, row in enumerate(rows)]
    names = [named(index, row) for index, row in enumerate(rows)]
    _check_family(features, names)
    _to_wgs84(features, names, datum)
    areas, middles = {}, {}
    for feature, name in zip(features, names, strict=True):
        if polygons := feature.geometry.polygons():
            area = areas[feature.properties.id] = _area(polygons, name)
            south, west, north, east = area.box
            middles[feature.properties.id] = (south + north) / 2, (west + east) / 2
        else:
            lon, lat = feature.geometry.positions()[0]
            middles[feature.properties.id] = lat, lon
    collection = {"type": "FeatureCollection", "features": features}
    return Places(msgspec.json.encode(collection), {f.properties.id: f.properties for f in features}, areas, middles)


def named(index: int, row: Any) -> str:
    """How errors call a feature: its number, counted from 0, and its id as far as it has one."""
    properties = row.get("properties") if isinstance(row, dict) else None
    found = properties.get("id") if isinstance(properties, dict) else None
    return f"features[{index}] (id {str(found)[:64]!r})" if found is not None else f"features[{index}] (no id)"


def _feature(index: int, row: Any) -> _Feature:
    name = named(index, row)
    try:
        feature = msgspec.convert(row, _Feature)
    except (msgspec.ValidationError, RecursionError) as error:
        raise PlacesError(f"{name}: {error}; {_way_out(row)}") from None
    place, has_area = feature.properties, bool(feature.geometry.polygons())
    if place.kind not in KINDS:
        raise PlacesError(f"{name}: kind {place.kind!r} is unknown; kinds: {', '.join(KINDS)}")
    if place.kind not in SPOTS and not has_area:
        raise PlacesError(f"{name}: a {place.kind} is an area; draw it as Polygon or MultiPolygon")
    if place.id != place.id.strip():
        raise PlacesError(f"{name}: the id begins or ends with a space; remove it")
    if found := CONTROLS.search(place.id):
        character = f"U+{ord(found[0]):04X}"
        raise PlacesError(f"{name}: the id holds {character}, which breaks or turns a line of text; remove it")
    place.name_zh, place.name_en = _clean(place.name_zh), _clean(place.name_en)
    for ring in (ring for polygon in feature.geometry.polygons() for ring in polygon):
        if len(ring) < 4:
            raise PlacesError(f"{name}: a ring of {len(ring)} positions; it needs 4 or more, the first again as last")
        if ring[0][:2] != ring[-1][:2]:
            raise PlacesError(f"{name}: a ring is not closed; repeat its first position {ring[0][:2]} as its last")
    return feature


def _clean(name: str | None) -> str | None:
    return without_controls(name).strip() or None if name else name


def _way_out(row: Any) -> str:
    geometry = row.get("geometry") if isinstance(row, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else ""
    if kind not in ("Point", "Polygon", "MultiPolygon"):
        return "the geometry must be a Polygon, a MultiPolygon or, for spots, a Point"
    way = "every feature needs the properties id and kind (text); other files"
    return f"{way}: python -m data_feeds.places convert --help"


def _check_family(features: Sequence[_Feature], names: Sequence[str]) -> None:
    """Ids are unique; every parent exists and is of the right level."""
    seen: dict[str, int] = {}
    for index, (feature, name) in enumerate(zip(features, names, strict=True)):
        place = feature.properties
        word = key(place.id)
        if word in seen:
            way_out = "give each its own (neither case nor width of letters counts)"
            raise PlacesError(f"{name}: features[{seen[word]}] has this id too; {way_out}")
        if word == "city" and place.kind != "city":
            raise PlacesError(f"{name}: the id {place.id!r} means the whole city; choose another")
        seen[word] = index
    kinds = {feature.properties.id: feature.properties.kind for feature in features}
    cities = [place_id for place_id, kind in kinds.items() if kind == "city"]
    if len(cities) > 1:
        raise PlacesError(f"{len(cities)} features of kind city ({', '.join(cities[:4])}); a wall shows one")
    for feature, name in zip(features, names, strict=True):
        place = feature.properties
        place.parent = place.parent or None
        may = LEVELS if place.kind not in LEVELS else LEVELS[: LEVELS.index(place.kind)][-1:]
        if place.parent is None:
            if place.kind == "station":
                raise PlacesError(f"{name}: a station needs the branch that it belongs to as parent")
            continue
        if place.parent not in kinds:
            raise PlacesError(f"{name}: no feature has its parent's id {place.parent!r}; add it or correct the parent")
        if kinds[place.parent] not in may:
            right = " or ".join(may) or "nothing"
            raise PlacesError(
                f"{name}: its parent {place.parent!r} is a {kinds[place.parent]}; a {place.kind} belongs to {right}"
            )


def _to_wgs84(features: Sequence[_Feature], names: Sequence[str], datum: Datum) -> None:
    """All positions at once, in place; only longitude and latitude stay."""
    positions = [position for feature in features for position in feature.geometry.positions()]
    counts = [len(feature.geometry.positions()) for feature in features]
    points = np.array([position[:2] for position in positions])
    wrong = np.flatnonzero(~(np.abs(points) <= (180.0, 90.0)).all(axis=1))
    if len(wrong):
        name = names[int(np.searchsorted(np.cumsum(counts), wrong[0], side="right"))]
        raise PlacesError(
            f"{name}: {points[wrong[0]].tolist()} is not longitude, latitude in degrees; "
            "are they swapped, or in metres of a projection?"
        )
    lat, lon = to_wgs84(points[:, 1], points[:, 0], datum)
    for position, converted in zip(positions, np.column_stack([lon, lat]).round(DIGITS).tolist(), strict=True):
        position[:] = converted


def _area(polygons: list[list[Ring]], name: str) -> Area:
    closed = [[np.array(ring) for ring in polygon] for polygon in polygons]
    for ring in (ring for polygon in closed for ring in polygon):
        x, y = (ring - ring[0]).T
        if not abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) > 0.0:
            raise PlacesError(f"{name}: a ring encloses no area; draw its outline")
    return Area.of(closed)


if __name__ == "__main__":
    from data_feeds.places_convert import main  # the command line needs the checks above, not they the command line

    sys.exit(main())
