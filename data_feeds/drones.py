"""Drones by their newest telemetry, and what they detected lately."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from data_feeds.geo import to_wgs84
from data_feeds.limits import BoardFull
from data_feeds.messages import unix_ms
from data_feeds.model import Datum, Detection, DroneTelemetry, enum_of

DETECTIONS_KEPT = 2_000
MAX_DRONES = 1_000
AIRBORNE_M, GROUND_M = 2.0, 0.5  # heights are above take-off, from a barometer that drifts
AIRBORNE_MPS = 2.0  # faster than walking pace
HOVERS_S = 60.0
STREAM_SCHEMES = frozenset({"http", "https", "rtsp", "rtsps", "webrtc"})


@dataclass(frozen=True, slots=True)
class PlacedDrone:
    """A drone's newest telemetry with its place in WGS-84 degrees and a stream address that is safe to show.

    ``flew_ms``: when it last told that it was in the air (Unix), if it has since it was last on the ground.
    """

    telemetry: DroneTelemetry
    lat: float
    lon: float
    time_ms: float
    stream_url: str
    flew_ms: float = -math.inf

    @property
    def airborne(self) -> bool:
        """Whether it was in the air when last heard: by what it told then, or hovering low since it told so."""
        return in_the_air(self.telemetry) or self.time_ms - self.flew_ms <= HOVERS_S * 1000.0


class DroneBook:
    """Drones and detections by id. Not locked: the Board does that."""

    def __init__(self) -> None:
        self._drones: dict[str, PlacedDrone] = {}
        self._detections: dict[str, Detection] = {}
        self.bad_urls = 0
        self.revision = 0

    def apply_telemetry(self, telemetry: DroneTelemetry) -> bool:
        """Last write wins by time; returns whether it was taken. Raises BoardFull."""
        known, time_ms = self._drones.get(telemetry.drone_id), telemetry.time.timestamp() * 1000.0
        if known is not None and time_ms <= known.time_ms:
            return False
        if known is None and len(self._drones) >= MAX_DRONES:
            raise BoardFull
        lat, lon = telemetry.lat, telemetry.lon
        datum = enum_of(Datum, telemetry.datum)
        if datum not in (Datum.WGS84, Datum.CGCS2000):
            lats, lons = to_wgs84(np.array([lat]), np.array([lon]), datum)
            lat, lon = float(lats[0]), float(lons[0])
        url = self._safe(telemetry.stream_url)
        flew_ms = known.flew_ms if known else -math.inf
        if in_the_air(telemetry):
            flew_ms = time_ms
        elif abs(telemetry.height_m or 0.0) <= GROUND_M:
            flew_ms = -math.inf
        self._drones[telemetry.drone_id] = PlacedDrone(telemetry, lat, lon, time_ms, url, flew_ms)
        self.revision += 1
        return True

    def apply_detection(self, detection: Detection) -> bool:
        """Keep the detection; the oldest go when there are too many."""
        if self._detections.get(detection.detection_id) == detection:
            return False
        self._detections.pop(detection.detection_id, None)
        self._detections[detection.detection_id] = detection
        if len(self._detections) > DETECTIONS_KEPT:
            del self._detections[next(iter(self._detections))]
        self.revision += 1
        return True

    def remove_drone(self, drone_id: str) -> None:
        self.revision += self._drones.pop(drone_id, None) is not None

    def remove_detection(self, detection_id: str) -> None:
        self.revision += self._detections.pop(detection_id, None) is not None

    def expire(self, landed_ms: float, airborne_ms: float, detections_ms: float) -> None:
        """Forget drones last heard before ``landed_ms`` on the ground, before ``airborne_ms`` in the air, and
        detections made before ``detections_ms``."""
        for drone_id in [k for k, d in self._drones.items() if d.time_ms < (airborne_ms if d.airborne else landed_ms)]:
            self.remove_drone(drone_id)
        for detection_id in [k for k, d in self._detections.items() if (unix_ms(d.time) or 0.0) < detections_ms]:
            self.remove_detection(detection_id)

    def forget_ahead(self, after_ms: float) -> None:
        """Forget what is later than ``after_ms``: of another run of a replay."""
        for drone_id in [k for k, d in self._drones.items() if d.time_ms > after_ms]:
            self.remove_drone(drone_id)
        for detection_id in [k for k, d in self._detections.items() if (unix_ms(d.time) or 0.0) > after_ms]:
            self.remove_detection(detection_id)

    def clear(self) -> None:
        """Forget drones and detections. For a replay that starts again."""
        self._drones.clear()
        self._detections.clear()
        self.revision += 1

    def drones(self) -> list[PlacedDrone]:
        return sorted(self._drones.values(), key=lambda drone: drone.telemetry.drone_id)

    def detections(self) -> list[Detection]:
        """Newest first."""
        return sorted(self._detections.values(), key=lambda d: (d.time, d.detection_id), reverse=True)

    def _safe(self, url: str) -> str:
        if is_safe_stream(url):
            return url
        self.bad_urls += 1
        return ""


def in_the_air(telemetry: DroneTelemetry) -> bool:
    """Whether a drone tells that it flies: more than 2 m above or below where it took off, or faster than 2 m/s.

    One that does not tell its height may.
    """
    height_m, speed_mps = telemetry.height_m, telemetry.speed_mps or 0.0
    return height_m is None or abs(height_m) > AIRBORNE_M or speed_mps > AIRBORNE_MPS


def is_safe_stream(url: str) -> bool:
    """Whether ``url`` is empty or an address that a viewer's browser or player may open."""
    if not url:
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in STREAM_SCHEMES and bool(parts.hostname) and not any(ord(c) <= 32 for c in url)
    except ValueError:
        return False
