"""Metres around a point, the frame in which a city is made; degrees come at the end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Points = NDArray[np.float64]  # (n, 2): metres east, metres north

CENTRE = (26.052, 105.348)  # latitude, longitude of Yunling
METRES_PER_DEGREE = 111_195.0
DIGITS = 6


@dataclass(frozen=True)
class Frame:
    """A local plane that touches the earth at ``lat``, ``lon``; within a city it is flat enough."""

    lat: float
    lon: float

    def to_degrees(self, points: Points) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of ``points``, as they are written: rounded to 0.1 m."""
        east = METRES_PER_DEGREE * np.cos(np.radians(self.lat))
        return (
            np.round(self.lat + points[..., 1] / METRES_PER_DEGREE, DIGITS),
            np.round(self.lon + points[..., 0] / east, DIGITS),
        )

    def to_metres(self, lat: Floats, lon: Floats) -> Points:
        """The inverse of ``to_degrees``."""
        east = METRES_PER_DEGREE * np.cos(np.radians(self.lat))
        return np.stack([(np.asarray(lon) - self.lon) * east, (np.asarray(lat) - self.lat) * METRES_PER_DEGREE], -1)

    def line(self, points: Points) -> list[list[float]]:
        """GeoJSON positions of ``points``."""
        lat, lon = self.to_degrees(np.asarray(points))
        return np.column_stack([lon, lat]).tolist()

    def polygon(self, rings: list[Points]) -> dict[str, Any]:
        """A GeoJSON Polygon of ``rings``, the outer one first; open rings are closed."""
        closed = [ring if np.array_equal(ring[0], ring[-1]) else np.concatenate([ring, ring[:1]]) for ring in rings]
        return {"type": "Polygon", "coordinates": [self.line(ring) for ring in closed]}


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def inside(points: Points, rings: list[Points]) -> NDArray[np.bool_]:
    """Which of ``points`` (n, 2) lie in the area of ``rings`` (even–odd; open or closed)."""
    found = np.zeros(len(points), dtype=bool)
    for ring in rings:
        a, b = ring, np.roll(ring, -1, axis=0)
        low, high = ring.min(axis=0), ring.max(axis=0)
        near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
        for part in np.array_split(near, max(1, len(near) * len(ring) // 2_000_000)):
            x, y = points[part, 0][:, None], points[part, 1][:, None]
            straddles = (a[:, 1] > y) != (b[:, 1] > y)
            rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
            left = x < a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / rise
            found[part] ^= (straddles & left).sum(axis=1) % 2 == 1
    return found
