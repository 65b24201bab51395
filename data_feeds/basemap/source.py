"""What lies under the live map, from the settings: a GeoJSON file, a .pmtiles file, or a provider's tiles."""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from data_feeds import basemap
from data_feeds.basemap import Basemap, BasemapError
from data_feeds.basemap.providers import PROVIDERS, Provider
from data_feeds.geo import to_wgs84
from data_feeds.model import Datum

HEADER = struct.Struct("<7sB11Q6B4iB2i")
E7 = 1e-7
TILE_MVT = 1
GZIP = 2
NO_COMPRESSION = 1
MAX_ABOUT_BYTES = 1 << 20
# what the page can fill in; {key} is filled in here
PLACEHOLDERS = ("{z}", "{x}", "{y}", "{-y}", "{s}", "{r}", "{lang}", "{key}")
WMTS = {"{TileMatrix}": "{z}", "{TileCol}": "{x}", "{TileRow}": "{y}"}


@dataclass(frozen=True, slots=True)
class Ground:
    """``kind``: geojson, pmtiles or tiles. ``base`` is drawn by the wall itself and is empty for the other two.

    ``urls`` (tiles) lie on each other, the first one below; ``{s}`` in them is one of ``subdomains``.
    """

    kind: str
    base: Basemap
    datum: Datum = Datum.WGS84
    attribution: str = ""
    file: Path | None = None
    urls: tuple[str, ...] = ()
    subdomains: str = ""
    min_zoom: int = 0
    max_zoom: int = 0
    look: str = "plain"

    def origins(self) -> tuple[str, ...]:
        """Where the viewers' browsers fetch images from: scheme and host of every tile server, nothing else."""
        found = []
        for url in self.urls:
            scheme, host = urlsplit(url)[:2]
            found += [f"{scheme}://{host.replace('{s}', s)}" for s in (self.subdomains if "{s}" in host else "-")]
        return tuple(dict.fromkeys(found))

    def facts(self) -> dict[str, Any]:
        """What the page has to know."""
        facts: dict[str, Any] = {"kind": self.kind, "datum": self.datum.name, "attribution": self.attribution}
        if self.kind == "pmtiles" and self.file:
            stat = self.file.stat()
            facts |= {"url": f"basemap.pmtiles?v={stat.st_mtime_ns:x}-{stat.st_size:x}", "maxZoom": self.max_zoom}
        if self.kind == "tiles":
            facts |= {
                "urls": self.urls, "subdomains": self.subdomains, "minZoom": self.min_zoom, "maxZoom": self.max_zoom,
                "look": self.look,
            }  # fmt: skip
        return facts

    @property
    def roads(self) -> Path | None:
        """The road graph that was made with the map, if it stands beside it."""
        name = re.sub(r"\.(pmtiles|geojson|json)(\.gz)?$", "", self.file.name) if self.file else ""
        beside = self.file.with_name(f"{name}.roads.npz") if self.file else None
        return beside if beside and beside.is_file() else None


def find(
    name: str, datum: str = "", key: str = "", attribution: str = "", max_zoom: int = 0, look: str = ""
) -> Ground:
    """The ground that the setting ``basemap`` names; the rest overrides what provider or file say of themselves.

    Raises BasemapError.
    """
    if name.endswith(".pmtiles"):
        return _pmtiles(Path(name), Datum[datum or "WGS84"], attribution)
    if name in PROVIDERS:
        provider = PROVIDERS[name]
    elif "{z}" in _plain(name) or "://" in name:
        provider = Provider((_plain(name),), "abc", Datum.WGS84, "", 19, "dark")
    else:
        base = basemap.load(name, Datum[datum or "WGS84"])
        return Ground("geojson", base, attribution=attribution, file=Path(name))
    return _tiles(name, provider, datum, key, attribution, max_zoom, look)


def _tiles(name: str, provider: Provider, datum: str, key: str, attribution: str, max_zoom: int, look: str) -> Ground:
    for url in provider.urls:
        try:
            scheme, host = urlsplit(url)[:2]
        except ValueError:
            scheme = host = ""
        # it becomes part of a header: ASCII only, another alphabet's host is written as xn--…
        plain = re.fullmatch(r"[\w.-]*(\{s\})?[\w.-]+(:\d+)?", host, re.ASCII)
        if scheme not in ("https", "http") or not plain:
            raise BasemapError(f"basemap {name}: must be the address of images, such as https://host/{{z}}/{{x}}/{{y}}.png")
        if unknown := _unknown(url):
            raise BasemapError(
                f"basemap {name}: nothing is known to put in for {' '.join(unknown)}; write out its value. "
                f"Known are {' '.join(PLACEHOLDERS)}, and of WMTS {' '.join(WMTS)}"
            )
        if "{z}" not in url or "{x}" not in url or not ("{y}" in url or "{-y}" in url):
            raise BasemapError(f"basemap {name}: lacks one of {{z}}, {{x}} and {{y}} (or {{-y}})")
        if "{key}" in url and not key:
            raise BasemapError(f"basemap {name} needs the provider's key: set basemap_key")
    key = key.replace("{", "%7B").replace("}", "%7D")  # a key with braces is no template
    if not attribution and not provider.attribution:
        raise BasemapError(f"basemap {name}: say whose map it is in basemap_attribution; its makers ask for that")
    return Ground(
        "tiles", basemap.EMPTY, Datum[datum] if datum else provider.datum, attribution or provider.attribution,
        urls=tuple(url.replace("{key}", key) for url in provider.urls), subdomains=provider.subdomains,
        max_zoom=max_zoom or provider.max_zoom, look=look or provider.look,
    )  # fmt: skip


def _plain(template: str) -> str:
    """The words of WMTS addresses as those of XYZ ones."""
    for wmts, xyz in WMTS.items():
        template = re.sub(re.escape(wmts), xyz, template, flags=re.IGNORECASE)
    return template


def _unknown(template: str) -> list[str]:
    """Placeholders that nothing is put in for, and stray braces, each once."""
    left = re.sub("|".join(map(re.escape, PLACEHOLDERS)), "", template)
    return list(dict.fromkeys(re.findall(r"\{[^{}]*\}?|\}", left)))


def _pmtiles(path: Path, datum: Datum, attribution: str) -> Ground:
    """Header and attribution of a .pmtiles file (version 3, vector tiles). Raises BasemapError."""
    way_out = "`python -m data_feeds.basemap build` makes one"
    try:
        with path.open("rb") as file:
            head = file.read(HEADER.size)
            if len(head) < HEADER.size or head[:8] != b"PMTiles\x03":
                raise BasemapError(f"basemap {path}: not a .pmtiles file of version 3; {way_out}")
            fields = HEADER.unpack(head)
            about_at, about_bytes, (compression, _, kind) = fields[4], fields[5], fields[14:17]
            if kind != TILE_MVT:
                raise BasemapError(f"basemap {path}: holds images, not vector tiles; {way_out}")
            if fields[8] + fields[9] > path.stat().st_size:
                raise BasemapError(f"basemap {path}: ends too early; build or copy it again")
            file.seek(about_at)
            about = _about(file.read(min(about_bytes, MAX_ABOUT_BYTES)), compression)
    except OSError as error:
        raise BasemapError(f"basemap {path}: {error.strerror}; {way_out}") from None
    west, south, east, north = (degrees * E7 for degrees in fields[19:23])
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90 and math.isfinite(west)):
        raise BasemapError(f"basemap {path}: its bounds are not degrees; {way_out}")
    (south, north), (west, east) = to_wgs84(np.array([south, north]), np.array([west, east]), datum)
    extent = Basemap(basemap.EMPTY.geojson, (float(south), float(west), float(north), float(east)))
    said = attribution or re.sub(r"<[^>]*>", "", str(about.get("attribution", "")))
    return Ground("pmtiles", extent, datum, said, path, min_zoom=fields[17], max_zoom=fields[18])


def _about(data: bytes, compression: int) -> dict[str, Any]:
    """The metadata: only its attribution matters here, so what cannot be read is nothing."""
    if compression not in (NO_COMPRESSION, GZIP):
        return {}
    try:
        if compression == GZIP:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                data = file.read(MAX_ABOUT_BYTES)
        found = json.loads(data)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
