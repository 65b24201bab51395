"""Cities that were built before, kept in a file each: a city takes seconds to grow and a tenth of one to read.

A file's name holds the seed, the size and a fingerprint of the code that grew it, so no city outlives its code. What
cannot be read or written is grown again: the shelf is never needed, and nothing in it is trusted to be more than data.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from data_feeds import roads
from data_feeds.model import Device
from data_feeds.simulator import city
from data_feeds.simulator.city import City, Place

log = logging.getLogger("wallboard.city")

FORMAT = 2
KEPT = 4  # cities; those unused for longest go first
ARRAYS = ("node_zone", "node_station", "centre_nodes", "heat_day", "heat_night")
PLACES = ("branches", "stations", "zones", "key_spots", "schools", "posts", "gates")
PLAIN = ("seed", "name_zh", "name_en", "extent", "centre", "places")
UNREADABLE = (*roads.UNREADABLE, msgspec.MsgspecError)


def take(folder: Path, seed: int, size: float) -> City:
    """The city of ``seed`` and ``size`` from ``folder``, or grown and put there."""
    path = folder / f"city-{seed}-{size:.3f}-{_fingerprint()}.npz"
    try:
        found = read(path)
        path.touch()
        return found
    except FileNotFoundError:
        pass
    except UNREADABLE as error:
        log.info("the city kept in %s cannot be used (%s); it is grown again", path, error)
    grown = city.build(seed, size)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(path, grown)
        _clear(folder, path)
    except OSError as error:
        log.info("the city is not kept in %s: %s", folder, error)
    return grown


def write(path: Path, made: City) -> None:
    """Write ``made`` to ``path``, whole or not at all. Raises OSError."""
    arrays: dict[str, Any] = {name: getattr(made, name) for name in ARRAYS}
    arrays |= {f"roads.{f.name}": getattr(made.roads, f.name) for f in fields(made.roads) if f.name not in _NAMES}
    about: dict[str, Any] = {"format": FORMAT, **{name: getattr(made, name) for name in PLAIN}}
    about |= {name: getattr(made.roads, name) for name in _NAMES}
    about |= {name: getattr(made, name) for name in PLACES}
    about["cameras"] = made.cameras
    arrays["basemap"] = np.frombuffer(made.basemap or b"", dtype=np.uint8)
    arrays["about"] = np.frombuffer(msgspec.json.encode(about), dtype=np.uint8)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def read(path: Path) -> City:
    """The city in ``path``. Raises one of UNREADABLE."""
    with np.load(path, allow_pickle=False) as arrays:
        about = msgspec.json.decode(arrays["about"].tobytes())
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']!r}")
        names: dict[str, Any] = {name: tuple(about[name]) for name in _NAMES}
        wanted = [f.name for f in fields(roads.RoadGraph) if f.name not in _NAMES]
        graph: dict[str, Any] = {name: arrays[f"roads.{name}"] for name in wanted}
        columns: dict[str, Any] = {name: arrays[name] for name in ARRAYS}
        ground = arrays["basemap"].tobytes()
    south, west, north, east = map(float, about["extent"])
    lat, lon = map(float, about["centre"])
    lists: dict[str, Any] = {name: msgspec.convert(about[name], tuple[Place, ...]) for name in PLACES}
    return City(
        seed=int(about["seed"]), name_zh=str(about["name_zh"]), name_en=str(about["name_en"]),
        extent=(south, west, north, east), centre=(lat, lon), roads=roads.RoadGraph(**graph, **names),
        cameras=msgspec.convert(about["cameras"], tuple[Device, ...]), places=about["places"],
        basemap=ground or None, **columns, **lists,
    )  # fmt: skip


_NAMES = ("names", "names_en")


def _fingerprint() -> str:
    """Of the code that grows cities: every module of this package, and the graph's."""
    digest = hashlib.sha256()
    for source in [*sorted(Path(__file__).parent.glob("*.py")), Path(roads.__file__)]:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _clear(folder: Path, newest: Path) -> None:
    """Keep the newest few."""
    others = [path for path in folder.glob("city-*.npz") if path != newest]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT - 1 :]:
        path.unlink(missing_ok=True)
