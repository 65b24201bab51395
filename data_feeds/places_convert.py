"""The command line of places: ``convert`` any GeoJSON of outlines into a places file, ``check`` one.

    python -m data_feeds.places convert districts.geojson --kind branch --id-field adcode --name-field name \\
        --city "NN:南宁市公安局:Nanning Police" -o places.geojson

``--onto places.geojson`` adds to what is already there: stations to branches, zones to stations.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from data_feeds.geo import to_wgs84
from data_feeds.model import Datum
from data_feeds.places import KINDS, LEVELS, MAX_FEATURES, PlacesError, check_crs, from_geojson, load, read

AREAS = ("Polygon", "MultiPolygon")


def convert(
    document: Any, kind: str, id_field: str, name_field: str = "", name_en_field: str = "", parent_field: str = "",
    parent: str = "", datum: Datum = Datum.WGS84, city: tuple[str, str, str] | None = None,
    onto: Sequence[Any] = (),
) -> Any:  # fmt: skip
    """A places document of the outlines in ``document``; open rings are closed, numbers in ids become text.

    ``city``: (id, Chinese name, English name) of a city that holds all branches, its outline made of theirs.
    ``onto``: features that are kept. Raises PlacesError naming the feature that lacks a field.
    """
    rows = document.get("features") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_FEATURES:
        raise PlacesError("no FeatureCollection with features")
    check_crs(document)
    made = []
    for index, row in enumerate(rows):
        properties = (row.get("properties") if isinstance(row, dict) else None) or {}
        geometry = row.get("geometry") if isinstance(row, dict) else None
        fields: dict[str, Any] = {"id": _cell(properties, id_field, index, True), "kind": kind}
        fields["name_zh"] = _cell(properties, name_field, index) if name_field else ""
        fields["name_en"] = _cell(properties, name_en_field, index) if name_en_field else ""
        fields["parent"] = _cell(properties, parent_field, index) if parent_field else parent
        if not fields["parent"] and city and kind == "branch":
            fields["parent"] = city[0]
        kept = {key: value for key, value in fields.items() if value}
        made.append({"type": "Feature", "properties": kept, "geometry": _converted(geometry, datum, index)})
    head = [_city(city, [*onto, *made])] if city else []
    return {"type": "FeatureCollection", "features": [*head, *onto, *made]}


def _cell(properties: dict[str, Any], field: str, index: int, must: bool = False) -> str:
    value = properties.get(field)
    if field not in properties or (must and value in (None, "")):
        have = ", ".join(sorted(map(str, properties))) or "none"
        raise PlacesError(f"features[{index}] has no {field!r}; its properties: {have}")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _converted(geometry: Any, datum: Datum, index: int) -> Any:
    """``geometry`` in WGS-84, rings closed."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    try:
        if kind == "Point":
            return {"type": kind, "coordinates": _wgs84([geometry["coordinates"]], datum)[0]}
        if kind == "Polygon":
            return {"type": kind, "coordinates": [_closed(ring, datum) for ring in geometry["coordinates"]]}
        if kind == "MultiPolygon":
            polygons = [[_closed(ring, datum) for ring in polygon] for polygon in geometry["coordinates"]]
            return {"type": kind, "coordinates": polygons}
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise PlacesError(f"features[{index}]: its coordinates are no lists of longitude, latitude") from None
    raise PlacesError(f"features[{index}]: its geometry is {kind}; it must be Polygon, MultiPolygon or Point")


def _closed(ring: Any, datum: Datum) -> list[list[float]]:
    points = _wgs84(ring, datum)
    return points if points[0] == points[-1] else [*points, points[0]]


def _wgs84(points: Any, datum: Datum) -> list[list[float]]:
    lonlat = np.array([[float(point[0]), float(point[1])] for point in points])
    lat, lon = to_wgs84(lonlat[:, 1], lonlat[:, 0], datum)
    return [[float(x), float(y)] for x, y in np.column_stack([lon, lat]).round(7).tolist()]


def _city(city: tuple[str, str, str], features: Sequence[Any]) -> Any:
    """The city as all branches together: of their outlines, the parts that no two of them share."""
    rings: list[list[list[float]]] = []
    for feature in features:
        geometry = feature["geometry"]
        if feature["properties"]["kind"] == "branch" and geometry["type"] in AREAS:
            polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
            rings += [ring for polygon in polygons for ring in polygon]
    if not rings:
        raise PlacesError("--city needs branches, whose outlines together are the city's; use it with --kind branch")
    properties = {"id": city[0], "kind": "city", "name_zh": city[1], "name_en": city[2]}
    properties = {key: value for key, value in properties.items() if value}
    return {"type": "Feature", "properties": properties,
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in _outer(rings)]}}  # fmt: skip


def _outer(rings: Sequence[list[list[float]]]) -> list[list[list[float]]]:
    """Closed rings of the edges that occur once: an edge between two neighbours occurs twice, in either direction."""
    times: Counter[frozenset[tuple[float, float]]] = Counter()
    for ring in rings:
        points = [(lon, lat) for lon, lat in ring]
        times.update(frozenset(edge) for edge in pairwise(points) if edge[0] != edge[1])
    beside: defaultdict[tuple[float, float], set[tuple[float, float]]] = defaultdict(set)
    for edge, n in times.items():
        if n % 2:
            a, b = edge
            beside[a].add(b)
            beside[b].add(a)
    outer = []
    # every corner has an even number of edges left, so that a walk along them ends where it began
    while beside:
        start = at = next(iter(beside))
        walk = [list(start)]
        while True:
            step = beside[at].pop()
            beside[step].discard(at)
            for point in (at, step):
                if not beside[point]:
                    del beside[point]
            walk.append(list(step))
            at = step
            if at == start:
                break
        outer.append(walk)
    return outer


def main(argv: list[str] | None = None) -> int:
    """The command line; 0 when all is well, 1 with the error on stderr."""
    args = _parser().parse_args(argv)
    try:
        if args.command == "check":
            places = load(args.file, Datum[args.datum])
        else:
            one, zh, en = f"{args.city}::".split(":")[:3]
            city = (one.strip(), zh.strip(), en.strip()) if one.strip() else None
            onto = msgspec.json.decode(load(args.onto).geojson)["features"] if args.onto else ()
            document = convert(
                read(Path(args.file)), args.kind, args.id_field, args.name_field, args.name_en_field,
                args.parent_field, args.parent, Datum[args.datum], city, onto,
            )  # fmt: skip
            places = from_geojson(document)
            Path(args.output).write_bytes(places.geojson + b"\n")
    except (PlacesError, OSError) as error:
        text = str(error)
        print(text if args.file in text else f"places {args.file}: {text}", file=sys.stderr)
        return 1
    counts = {kind: sum(place.kind == kind for place in places.by_id.values()) for kind in KINDS}
    print(", ".join(f"{n} {kind}" for kind, n in counts.items() if n))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_feeds.places", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what a places file holds, or what is wrong with it")
    make = commands.add_parser("convert", help="make a places file from any GeoJSON of outlines")
    for command in (check, make):
        command.add_argument("file")
        command.add_argument("--datum", default="WGS84", choices=[d.name for d in Datum if d.name != "UNKNOWN"])
    make.add_argument("-o", "--output", required=True, help="where the places file is written")
    make.add_argument("--kind", required=True, choices=[kind for kind in KINDS if kind != LEVELS[0]])
    make.add_argument("--id-field", required=True, help="the property that is the code of each outline")
    make.add_argument("--name-field", default="", help="the property with its Chinese name")
    make.add_argument("--name-en-field", default="", help="the property with its English name")
    make.add_argument("--parent-field", default="", help="the property with the id of what it belongs to")
    make.add_argument("--parent", default="", help="the id of what all of them belong to")
    make.add_argument("--city", default="", metavar="ID:中文名:English", help="add the city that holds the branches")
    make.add_argument("--onto", default="", metavar="PLACES", help="a places file whose features are kept")
    return parser
