"""``python -m data_feeds.roads_import FILE``: a road graph, and the map of its streets, from a file of streets.

Read are GeoJSON files of lines and GraphML files as OSMnx writes them, both also as .gz; coordinates in WGS-84. A line
of a GeoJSON file is one direction where it names its nodes (``u`` and ``v``); else both, unless ``oneway`` says
otherwise, and lines meet where they end at the same place. Further properties, all optional: ``m`` or ``length``
(metres), and as in OpenStreetMap ``highway``, ``maxspeed``, ``name``, ``name:en``. What cannot be reached from the
rest, or not be left, is cut off.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import numpy as np

from data_feeds import whole_file
from data_feeds.basemap import tags as osm
from data_feeds.basemap import to_set
from data_feeds.basemap.streets import largest_part
from data_feeds.geo import distance_m
from data_feeds.roads import CLASSES, RoadGraph, RoadsError

MAX_FILE_BYTES = 512 << 20
MAX_EDGES = 2_000_000
OTHER = CLASSES.index("other")
SUFFIXES = (".gz", ".graphml", ".xml", ".geojson", ".json")
WAY_OUT = "it must be a GeoJSON file of lines or a GraphML file as OSMnx writes it (also .gz)"
NODE_DIGITS = 6
DRAWN = ("motorway", "trunk", "primary", "secondary", "tertiary")
Line = list[tuple[float, float]]  # (longitude, latitude)


@dataclass
class _Edges:
    """Edges one by one, and their nodes by the file's names."""

    place: dict[str, tuple[float, float]] = field(default_factory=dict)  # (longitude, latitude)
    rows: list[tuple[str, str, Line, float, osm.Tags]] = field(default_factory=list)

    def add(self, where: str, a: str, b: str, line: Line, length: Any, tags: osm.Tags) -> None:
        if len(line) < 2:
            raise RoadsError(f"{where}: a line of {len(line)} positions; it needs two or more")
        if not all(abs(x) <= 180 and abs(y) <= 90 for x, y in line):
            raise RoadsError(f"{where}: a position is not longitude, latitude in degrees")
        if len(self.rows) >= MAX_EDGES:
            raise RoadsError(f"more than {MAX_EDGES} edges; cut the area smaller")
        self.place.setdefault(a, line[0])
        self.place.setdefault(b, line[-1])
        self.rows.append((a, b, line, _number(where, length), tags))


def load(path: str | Path) -> RoadGraph:
    """The streets of ``path``. Raises RoadsError naming the file and what is wrong with it."""
    path = Path(path)
    try:
        data = _bytes(path)
        edges = _from_graphml(data) if data.lstrip()[:1] == b"<" else _from_geojson(data)
        return _graph(edges)
    except RoadsError as error:
        raise RoadsError(f"{path}: {error}") from None


def geojson_of(graph: RoadGraph) -> bytes:
    """The streets as a GeoJSON file that serves as a basemap: one line a street."""
    seen: set[tuple[int, int, float]] = set()
    features = []
    for edge in range(len(graph.start)):
        a, b = int(graph.start[edge]), int(graph.end[edge])
        one = (min(a, b), max(a, b), round(float(graph.length_m[edge]), 1))
        if one in seen:
            continue
        seen.add(one)
        lat, lon = graph.line(edge)
        kind, number = CLASSES[graph.road_class[edge]], int(graph.name[edge])
        properties = {"kind": "road", "class": kind if kind in DRAWN else "minor"}
        properties |= {"name_zh": graph.names[number]} if graph.names[number] else {}
        properties |= {"name_en": graph.names_en[number]} if graph.names_en[number] else {}
        line = np.column_stack([lon, lat]).round(6).tolist()
        geometry = {"type": "LineString", "coordinates": line}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _bytes(path: Path) -> bytes:
    try:
        return whole_file.read(path, MAX_FILE_BYTES)
    except OSError as error:
        raise RoadsError(f"{error}; {WAY_OUT}") from None


def _from_geojson(data: bytes) -> _Edges:
    try:
        document = msgspec.json.decode(data)
        features = document["features"]
        rows = list(enumerate(features))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, KeyError) as error:
        raise RoadsError(f"no FeatureCollection ({error}); {WAY_OUT}") from None
    edges = _Edges()
    for index, row in rows:
        where = f"features[{index}]"
        try:
            properties, geometry = row.get("properties") or {}, row["geometry"]
            if geometry["type"] != "LineString":
                continue
            line = [(float(x), float(y)) for x, y, *_ in geometry["coordinates"]]
            tags = {key: value for key, value in properties.items() if isinstance(value, str)}
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise RoadsError(f"{where}: not a line ({error}); {WAY_OUT}") from None
        length = properties.get("m", properties.get("length"))
        if "u" in properties and "v" in properties:
            edges.add(where, str(properties["u"]), str(properties["v"]), line, length, tags)
            continue
        if properties.get("oneway") is True:
            tags["oneway"] = "yes"
        ahead, back = osm.directions(tags)
        a, b = (f"{x:.{NODE_DIGITS}f},{y:.{NODE_DIGITS}f}" for x, y in (line[:1] or [(0, 0)]) + (line[-1:] or [(0, 0)]))
        if ahead:
            edges.add(where, a, b, line, length, tags)
        if back:
            edges.add(where, b, a, line[::-1], length, tags)
    return edges


def _from_graphml(data: bytes) -> _Edges:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:  # entities may unfold to more than the memory holds
        raise RoadsError(f"holds a document type; {WAY_OUT}")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314  no entities can be in it
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the last two: an encoding that nobody knows
        raise RoadsError(f"{error}; {WAY_OUT}") from None
    space = root.tag.removesuffix("graphml")
    names = {key.get("id", ""): key.get("attr.name", "") for key in root.iter(f"{space}key")}
    edges = _Edges()
    for node in root.iter(f"{space}node"):
        told = _told(node, names)
        where = f"node {node.get('id')}"
        edges.place[node.get("id", "")] = _number(where, told.get("x")), _number(where, told.get("y"))
    for index, edge in enumerate(root.iter(f"{space}edge")):
        where, told = f"edge {index}", _told(edge, names)
        a, b = edge.get("source", ""), edge.get("target", "")
        if a not in edges.place or b not in edges.place:
            raise RoadsError(f"{where}: ends at no node of the file")
        line = _wkt(where, told["geometry"]) if "geometry" in told else [edges.place[a], edges.place[b]]
        edges.add(where, a, b, line, told.get("length"), {key: _one(value) for key, value in told.items()})
    return edges


def _told(element: ElementTree.Element, names: dict[str, str]) -> dict[str, str]:
    return {names.get(data.get("key", ""), ""): data.text for data in element if data.text}


def _one(text: str) -> str:
    """Of several values, which OSMnx writes as a Python list, the first."""
    if not text.startswith("["):
        return text
    try:
        values = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return str(values[0]) if isinstance(values, list) and values else text


def _wkt(where: str, text: str) -> Line:
    if not text.startswith("LINESTRING"):
        raise RoadsError(f"{where}: the geometry is no LINESTRING")
    try:
        points = [tuple(map(float, pair.split()[:2])) for pair in text.partition("(")[2].rstrip(") ").split(",")]
        return [(x, y) for x, y in points]
    except ValueError:
        raise RoadsError(f"{where}: the geometry has a position that is no pair of numbers") from None


def _number(where: str, value: Any) -> float:
    """Metres or degrees; NaN where nothing is told."""
    if value is None:
        return math.nan
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise RoadsError(f"{where}: {str(value)[:40]!r} is not a number")
    return number


def _graph(edges: _Edges) -> RoadGraph:
    if not edges.rows:
        raise RoadsError(f"holds no street; {WAY_OUT}")
    index = {name: k for k, name in enumerate(edges.place)}
    start = np.array([index[row[0]] for row in edges.rows], dtype=np.int64)
    end = np.array([index[row[1]] for row in edges.rows], dtype=np.int64)
    keep = np.flatnonzero(largest_part(start, end, len(index)) & (start != end))
    if not len(keep):
        raise RoadsError("no two streets that can be driven both there and back")
    nodes, ends = np.unique(np.concatenate([start[keep], end[keep]]), return_inverse=True)
    places = np.array(list(edges.place.values()))[nodes]
    rows = [edges.rows[k] for k in keep.tolist()]
    classes = [_class(tags) for *_, tags in rows]
    spelled = [(tags.get("name", "")[: osm.MAX_NAME], tags.get("name:en", "")[: osm.MAX_NAME]) for *_, tags in rows]
    names = {("", ""): 0}
    numbers = [names.setdefault(pair, len(names)) for pair in spelled]
    bends = np.array([point for _, _, line, _, _ in rows for point in line[1:-1]], dtype=np.float64).reshape(-1, 2)
    return RoadGraph(
        lat=places[:, 1], lon=places[:, 0], start=ends[: len(keep)].astype(np.int32),
        end=ends[len(keep) :].astype(np.int32), length_m=np.array([_metres(row[2], row[3]) for row in rows]),
        speed_mps=np.array([osm.speed_mps(row[4], kind) for row, kind in zip(rows, classes, strict=True)]),
        road_class=np.array(classes, dtype=np.uint8), name=np.array(numbers, dtype=np.int32),
        shape_start=np.cumsum([0, *(len(row[2]) - 2 for row in rows)]).astype(np.int32),
        shape_lat=bends[:, 1], shape_lon=bends[:, 0],
        names=tuple(name for name, _ in names), names_en=tuple(name for _, name in names),
    )  # fmt: skip


def _class(tags: osm.Tags) -> int:
    found = osm.drivable({"highway": tags.get("highway", "")})
    return OTHER if found is None else found


def _metres(line: Line, told_m: float) -> float:
    """The length that the file tells, else the drawn one; not below a decimetre."""
    if told_m > 0:
        return max(told_m, 0.1)
    lon, lat = np.array(line).T
    return max(float(distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum()), 0.1)


def _plain_name(path: Path) -> str:
    while path.suffix in SUFFIXES:
        path = path.with_suffix("")
    return path.name


def main(argv: list[str] | None = None) -> int:
    about = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m data_feeds.roads_import", description=about)
    parser.add_argument("file", type=Path, help="streets: .geojson or .graphml, also .gz")
    parser.add_argument("-o", "--out", type=Path, default=Path(), metavar="DIR", help="where to (default: here)")
    parser.add_argument("--name", help="name of both files (default: the input's)")
    args = parser.parse_args(argv)
    name = args.name or _plain_name(args.file)
    if Path(name).name != name or name.startswith("."):
        parser.error(f"--name {name}: must be a plain name; the folder is named by -o")
    try:
        if (args.out / f"{name}.geojson.gz").resolve() == args.file.resolve():
            raise RoadsError(f"the map would be written over {args.file}; choose a --name or another folder (-o)")
        graph = load(args.file)
        args.out.mkdir(parents=True, exist_ok=True)
        drawn, part = args.out / f"{name}.geojson.gz", args.out / f"{name}.geojson.gz.part"
        part.write_bytes(gzip.compress(geojson_of(graph), mtime=0))
        graph.save(args.out / f"{name}.roads.npz")
        part.replace(drawn)
    except (RoadsError, OSError) as error:
        print(f"roads_import: {error}", file=sys.stderr)
        return 1
    told = sum(bool(name) for name in graph.names)
    print(f"{len(graph.lat):,} crossings, {len(graph.start):,} directed edges, {told:,} names", file=sys.stderr)
    if (graph.road_class == OTHER).all():
        print("note: no class of street is told; all count as ordinary streets of 30 km/h", file=sys.stderr)
    print(to_set(drawn))
    return 0


if __name__ == "__main__":
    sys.exit(main())
