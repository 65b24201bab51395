"""What a drone's camera sees of the ground, over flat ground."""

from __future__ import annotations

import math

from data_feeds.geo import EARTH_RADIUS_M

ASPECT = 16.0 / 9.0
MAX_RANGE_M = 1_500.0  # beyond it a picture shows nothing a person could use
LOWEST_DIP_DEG = 2.0


def footprint(
    lat: float, lon: float, height_m: float, pitch_deg: float, yaw_deg: float, fov_deg: float
) -> list[list[float]] | None:
    """The four ground corners [[lat, lon] …] of a camera ``height_m`` metres up, near left first, clockwise.

    ``pitch_deg``: −90 straight down, 0 at the horizon; ``yaw_deg`` from north; ``fov_deg`` horizontal. Pinhole camera,
    picture 16:9, rays above ``LOWEST_DIP_DEG`` below the horizon end at ``MAX_RANGE_M``. None where it sees no ground.
    """
    half_h = math.tan(math.radians(fov_deg) / 2)
    half_v = half_h / ASPECT
    pitch = math.radians(pitch_deg)
    if height_m <= 0 or math.degrees(pitch - math.atan(half_v)) > -LOWEST_DIP_DEG:
        return None
    corners = []
    for right, up in ((-half_h, -half_v), (-half_h, half_v), (half_h, half_v), (half_h, -half_v)):
        ahead = math.cos(pitch) - up * math.sin(pitch)
        down = -(math.sin(pitch) + up * math.cos(pitch))
        corners.append(_ground(lat, lon, height_m, yaw_deg, right, ahead, down))
    return corners


def _ground(
    lat: float, lon: float, height_m: float, yaw_deg: float, right: float, ahead: float, down: float
) -> list[float]:
    flat = math.hypot(right, ahead)
    reach = MAX_RANGE_M
    if down > math.tan(math.radians(LOWEST_DIP_DEG)) * flat:
        reach = min(reach, height_m * flat / down) if flat else 0.0
    bearing = math.radians(yaw_deg) + math.atan2(right, ahead)
    north, east = reach * math.cos(bearing), reach * math.sin(bearing)
    metres_per_degree = math.pi * EARTH_RADIUS_M / 180.0
    return [
        round(lat + north / metres_per_degree, 7),
        round(lon + east / (metres_per_degree * max(math.cos(math.radians(lat)), 1e-6)), 7),
    ]
