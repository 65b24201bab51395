"""Reads an OpenStreetMap extract with osmium: what is drawn goes to a file of GeoJSON lines, streets into arrays.

Memory is bounded by the places of the nodes, and those go to a file when the extract is large.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import osmium

from data_feeds.basemap import BasemapError, coast
from data_feeds.basemap import tags as osm
from data_feeds.basemap.streets import Streets

AREA_KEYS = ("building", "natural", "landuse", "leisure", "waterway")
KEYS = (*AREA_KEYS, "highway", "railway", "place")
LARGE_FILE_BYTES = 1 << 30  # beyond it the places of nodes are kept on disk
SAY_EVERY = 500_000
LABEL_LEAST_DEG2 = 4e-9  # an area whose name is worth a label, some 30 m across
SEA_MINZOOM = 4


@dataclass
class Contents:
    """What was read: the rectangle (west, south, east, north), streets, features by layer, notes for the person."""

    box: coast.Box
    streets: Streets
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def read(path: Path, out: IO[str], say: Callable[[str], None]) -> Contents:
    """Everything of ``path`` that the wall draws, written to ``out``. Raises BasemapError."""
    try:
        return _Reader(path, out, say).read()
    except RuntimeError as error:  # all that osmium says
        raise BasemapError(f"{path}: {_explained(str(error))}") from None


class _Reader:
    def __init__(self, path: Path, out: IO[str], say: Callable[[str], None]) -> None:
        self._path, self._out, self._say = path, out, say
        self._geojson = osmium.geom.GeoJSONFactory()
        self._streets = Streets()
        self._counts: Counter[str] = Counter()
        self._shore: list[list[coast.Point]] = []
        self._seen = [180.0, 90.0, -180.0, -90.0]

    def read(self) -> Contents:
        header = osmium.io.Reader(str(self._path), osmium.osm.osm_entity_bits.NOTHING).header().box()
        with tempfile.TemporaryDirectory(prefix="basemap-") as scratch:
            for done, thing in enumerate(self._things(Path(scratch) / "nodes"), start=1):
                if done % SAY_EVERY == 0:
                    self._say(f"read {done:,} objects")
                if thing.is_area():
                    self._take_area(thing)
                elif thing.is_way():
                    self._take_way(thing)
                elif thing.is_node():
                    self._take_node(thing)
        box = self._box(header)
        contents = Contents(box, self._streets, self._counts)
        self._write_sea(contents)
        if not contents.counts:
            raise BasemapError(f"{self._path}: holds nothing that the map shows; is it an extract of a city?")
        return contents

    def _things(self, nodes: Path) -> Iterable[Any]:
        large = self._path.stat().st_size > LARGE_FILE_BYTES
        storage = f"sparse_file_array,{nodes}" if large else "flex_mem"
        wanted = osmium.filter.KeyFilter(*KEYS)
        places = osmium.filter.KeyFilter("place")
        places.enable_for(osmium.osm.NODE)  # crossings and signals are nodes too
        areas = osmium.filter.KeyFilter(*AREA_KEYS)
        files = osmium.FileProcessor(str(self._path)).with_locations(storage).with_areas(areas)
        return files.with_filter(wanted).with_filter(places)

    def _take_area(self, area: Any) -> None:
        tags = dict(area.tags)
        drawn = osm.area(tags)
        if drawn is None:
            return
        try:
            text = self._geojson.create_multipolygon(area)
        except RuntimeError:
            return  # a broken multipolygon: others of the city are not
        named = osm.names(tags) if drawn.layer != "building" else {}
        self._write(drawn, text, {})
        if named:
            self._label(drawn, text, named)

    def _label(self, drawn: osm.Drawn, text: str, named: dict[str, str]) -> None:
        polygons = json.loads(text)["coordinates"]
        ring = max((p[0] for p in polygons), key=lambda r: abs(coast.signed_area(r)))
        size = abs(coast.signed_area(ring))
        if size > LABEL_LEAST_DEG2:
            x, y = middle(ring)
            minzoom = next((z for z, least in ((10, 4e-4), (12, 2e-5), (14, 4e-7), (15, 5e-8)) if size > least), 16)
            kind = "water" if drawn.layer == "water" else "park"
            self._write(osm.Drawn("place", kind, minzoom), f'{{"type":"Point","coordinates":[{x:.7f},{y:.7f}]}}', named)

    def _take_way(self, way: Any) -> None:
        tags = dict(way.tags)
        drawn, is_shore = osm.line(tags), tags.get("natural") == "coastline"
        if drawn is None and not is_shore:
            return
        refs, line = [], []
        for node in way.nodes:
            location = node.location
            if location.valid():  # an extract may cut a way anywhere
                refs.append(node.ref)
                line.append((location.lon, location.lat))
        if len(line) < 2:
            return
        if is_shore:
            self._shore.append(line)
        if drawn is None:
            return
        self._see(line)
        coordinates = ",".join([f"[{lon:.7f},{lat:.7f}]" for lon, lat in line])
        facts: dict[str, Any] = {**osm.names(tags)}
        if osm.is_underground(tags):
            facts["under"] = 1
        if tags.get("bridge", "no") != "no":
            facts["bridge"] = 1
        self._write(drawn, f'{{"type":"LineString","coordinates":[{coordinates}]}}', facts)
        if drawn.layer == "road" and len(line) == len(way.nodes):
            self._streets.add(tags, refs, [lat for _, lat in line], [lon for lon, _ in line])

    def _take_node(self, node: Any) -> None:
        tags = dict(node.tags)
        if drawn := osm.place(tags):
            point = f'{{"type":"Point","coordinates":[{node.lon:.7f},{node.lat:.7f}]}}'
            self._write(drawn, point, osm.names(tags))

    def _see(self, line: list[coast.Point]) -> None:
        west, south, east, north = self._seen
        lons, lats = zip(*line, strict=True)
        self._seen = [min(west, *lons), min(south, *lats), max(east, *lons), max(north, *lats)]

    def _box(self, header: Any) -> coast.Box:
        """The rectangle that the file names, else that of its lines."""
        if header.valid():
            a, b = header.bottom_left, header.top_right
            return a.lon, a.lat, b.lon, b.lat
        west, south, east, north = self._seen
        if not (west < east and south < north):
            raise BasemapError(f"{self._path}: holds nothing that the map shows; is it an extract of a city?")
        return west, south, east, north

    def _write_sea(self, contents: Contents) -> None:
        if not self._shore:
            return
        sea = coast.sea(self._shore, contents.box)
        for polygon in sea.polygons:
            text = json.dumps({"type": "Polygon", "coordinates": polygon})
            self._write(osm.Drawn("water", "sea", SEA_MINZOOM), text, {})
        if sea.left_out:
            contents.notes.append(
                f"{sea.left_out} pieces of coastline end inside the extract and were left out: the sea there looks like"
                " land (extracts cut along a rectangle, with complete ways, have none)"
            )

    def _write(self, drawn: osm.Drawn, geometry: str, facts: dict[str, Any]) -> None:
        self._counts[drawn.layer] += 1
        properties = json.dumps({"class": drawn.kind, **facts}, ensure_ascii=False)
        self._out.write(
            f'{{"type":"Feature","tippecanoe":{{"layer":"{drawn.layer}","minzoom":{drawn.minzoom}}},'
            f'"properties":{properties},"geometry":{geometry}}}\n'
        )


def middle(ring: coast.Ring) -> coast.Point:
    """A place well inside ``ring``: the middle of the longest chord among a few that run from west to east."""
    low, high = min(p[1] for p in ring), max(p[1] for p in ring)
    best, found = -1.0, (ring[0][0], ring[0][1])
    for share in (0.5, 0.4, 0.6, 0.3, 0.7):
        y = low + (high - low) * share
        cuts = sorted(
            a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
            for a, b in itertools.pairwise(ring)
            if (a[1] > y) != (b[1] > y)
        )
        for west, east in zip(cuts[::2], cuts[1::2], strict=False):
            if east - west > best * 1.15:  # the middle one unless another is clearly better
                best, found = east - west, ((west + east) / 2, y)
    return found


def _explained(said: str) -> str:
    if "Open failed" in said:
        return said.split("': ")[-1].lower() + "; name the file of an OpenStreetMap extract (.osm.pbf)"
    if "file format" in said or "BlobHeader" in said or "no data or unknown compression" in said:
        return f"is not an OpenStreetMap extract (.osm.pbf): {said}"
    if "EOF" in said or "truncated" in said:
        return f"ends too early: {said}; fetch it again"
    return said
