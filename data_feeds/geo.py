"""Coordinates as arrays: datums at the edge, Web-Mercator fixed point on the wire. Pure.

Inside the wall every pair is WGS-84 degrees. GCJ-02 is the Chinese "Mars" offset (the published polynomial with
semi-major axis 6 378 245 m and squared eccentricity 0.006 693 421 622 965 943), BD-09 a second offset on top of it;
both inverses are fixed-point iterations, exact within a millimetre after three steps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_feeds.model import Datum

Floats = NDArray[np.float64]
Fixed = NDArray[np.uint32]

WORLD = 2.0**32
MAX_MERCATOR_LAT = 85.05112877980659
EARTH_RADIUS_M = 6_371_008.8
_A = 6378245.0
_EE = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0


def to_mercator(lat: Floats, lon: Floats) -> tuple[Fixed, Fixed]:
    """WGS-84 degrees → Web-Mercator fixed point over 2³²: x east from 180° W, y south from 85.05° N."""
    phi = np.radians(np.clip(lat, -MAX_MERCATOR_LAT, MAX_MERCATOR_LAT))
    x = (np.asarray(lon, dtype=np.float64) + 180.0) / 360.0 * WORLD
    y = (0.5 - np.log(np.tan(np.pi / 4 + phi / 2)) / (2 * np.pi)) * WORLD
    top = WORLD - 1
    return np.clip(np.rint(x), 0, top).astype(np.uint32), np.clip(np.rint(y), 0, top).astype(np.uint32)


def from_mercator(x: Fixed, y: Fixed) -> tuple[Floats, Floats]:
    """The inverse of ``to_mercator``: latitudes and longitudes in degrees."""
    lon = np.asarray(x, dtype=np.float64) / WORLD * 360.0 - 180.0
    lat = np.degrees(2 * np.arctan(np.exp((0.5 - np.asarray(y, dtype=np.float64) / WORLD) * 2 * np.pi)) - np.pi / 2)
    return lat, lon


def to_wgs84(lat: Floats, lon: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Degrees in ``datum`` → WGS-84 degrees. Raises ValueError for an unknown datum."""
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return lat, lon
    if datum is Datum.GCJ02:
        return _inverse(_gcj_from_wgs, lat, lon)
    if datum is Datum.BD09:
        return _inverse(_gcj_from_wgs, *_inverse(_bd_from_gcj, lat, lon))
    raise ValueError("coordinates in an unknown datum cannot be placed")


def from_wgs84(lat: Floats, lon: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """WGS-84 degrees → degrees in ``datum``. Raises ValueError for an unknown datum."""
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return lat, lon
    if datum is Datum.GCJ02:
        return _gcj_from_wgs(lat, lon)
    if datum is Datum.BD09:
        return _bd_from_gcj(*_gcj_from_wgs(lat, lon))
    raise ValueError("coordinates in an unknown datum cannot be placed")


def distance_m(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Great-circle distance in metres (haversine)."""
    p1, p2 = np.radians(lat1), np.radians(lat2)
    half = np.sin((p2 - p1) / 2) ** 2 + np.cos(p1) * np.cos(p2) * np.sin(np.radians(np.subtract(lon2, lon1)) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def _inverse(forward, lat: Floats, lon: Floats, steps: int = 3) -> tuple[Floats, Floats]:  # type: ignore[no-untyped-def]
    guess_lat, guess_lon = lat, lon
    for _ in range(steps + 1):
        got_lat, got_lon = forward(guess_lat, guess_lon)
        guess_lat, guess_lon = guess_lat + (lat - got_lat), guess_lon + (lon - got_lon)
    return guess_lat, guess_lon


def _gcj_from_wgs(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    dlat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dlat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    dlon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dlon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1 - _EE * np.sin(phi) ** 2
    root_magic = np.sqrt(magic)
    dlat = dlat * 180.0 / ((_A * (1 - _EE)) / (magic * root_magic) * np.pi)
    dlon = dlon * 180.0 / (_A / root_magic * np.cos(phi) * np.pi)
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)  # the offset ends at the border
    return lat + np.where(inside, dlat, 0.0), lon + np.where(inside, dlon, 0.0)


def _bd_from_gcj(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PI)
    return z * np.sin(theta) + 0.006, z * np.cos(theta) + 0.0065
