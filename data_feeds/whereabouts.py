"""Where a recording plays, so that its wall opens on it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_feeds.cells import NO_TIME
from data_feeds.encoding import EARTH_RADIUS_M
from data_feeds.geo import to_wgs84
from data_feeds.mapping import Field
from data_feeds.messages import NULL_ISLAND_DEG
from data_feeds.model import Datum
from data_feeds.timeline import Source

STRAYS = 0.01  # of the places on each side decide nothing
VIEW_PX = (1300, 850)  # a map on 1920×1080 with both columns
TILE_PX = 256
ZOOMS = (2.0, 17.0)
LEAST_M = 300.0


def extent_of(sources: Sequence[Source]) -> tuple[float, float, float, float] | None:
    """South, west, north and east of nearly all that has a place, in WGS-84 degrees; None where nothing has."""
    lats, lons = [np.empty(0)], [np.empty(0)]
    for source in sources:
        for emit, due in zip(source.mapping.emits, source.due, strict=True):
            fields = {f.name: f for f in emit.fields}
            pair = [fields[name] for name in ("lat", "lon") if name in fields and len(fields[name].columns) == 1]
            if len(pair) < 2:
                continue
            lat, lon = (_degrees(source, f, due != NO_TIME) for f in pair)
            south, west, north, east = source.mapping.extent or (-90.0, -180.0, 90.0, 180.0)
            good = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
            good &= (abs(lat) >= NULL_ISLAND_DEG) | (abs(lon) >= NULL_ISLAND_DEG)
            lat, lon = to_wgs84(lat[good], lon[good], Datum[source.mapping.datum])
            lats.append(lat)
            lons.append(lon)
    lat, lon = np.concatenate(lats), np.concatenate(lons)
    if not len(lat):
        return None
    (south, north), (west, east) = np.quantile(lat, [STRAYS, 1 - STRAYS]), np.quantile(lon, [STRAYS, 1 - STRAYS])
    return float(south), float(west), float(north), float(east)


def _degrees(source: Source, field: Field, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    cells = pd.Series(source.columns[field.columns[0].name][rows])
    return pd.to_numeric(cells, errors="coerce").to_numpy(float) * field.factor


def view_of(extent: tuple[float, float, float, float]) -> tuple[list[float], float]:
    """([latitude, longitude] of the middle, the zoom at which ``extent`` fills most of a map, in quarters)."""
    south, west, north, east = extent
    lat, lon = (south + north) / 2, (west + east) / 2
    metres = math.pi * EARTH_RADIUS_M / 180.0
    high = max((north - south) * metres, LEAST_M)
    wide = max((east - west) * metres * math.cos(math.radians(lat)), LEAST_M)
    around = 2 * math.pi * EARTH_RADIUS_M * max(math.cos(math.radians(lat)), 0.01)
    # metres a pixel at zoom 0 against what is needed, with a fifth of the map left around
    zoom = math.log2(around / TILE_PX / max(high / (0.8 * VIEW_PX[1]), wide / (0.8 * VIEW_PX[0])))
    return [round(lat, 5), round(lon, 5)], min(ZOOMS[1], max(ZOOMS[0], math.floor(zoom * 4) / 4))
