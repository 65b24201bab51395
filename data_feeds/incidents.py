"""The open incidents, newest version each, and the versions of those that ended."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from data_feeds.geo import to_wgs84
from data_feeds.messages import unix_ms
from data_feeds.model import Datum, Incident, enum_of

ENDED_KEPT = 500_000


@dataclass(frozen=True, slots=True)
class PlacedIncident:
    """An open incident with its place in WGS-84 degrees (None: no place, or one in an unknown datum)."""

    incident: Incident
    lat: float | None
    lon: float | None


class IncidentBook:
    """Open incidents by id. Not locked: the Board does that."""

    def __init__(self) -> None:
        self._open: dict[str, PlacedIncident] = {}
        # Ended incidents are remembered by version only, so that a late older record does not open them again.
        self._ended: OrderedDict[str, int] = OrderedDict()
        self.revision = 0

    def __len__(self) -> int:
        return len(self._open)

    def apply(self, incident: Incident) -> bool:
        """Take ``incident`` if its version is new; returns whether it was taken."""
        known = self._open.get(incident.incident_id)
        version = known.incident.version if known else self._ended.get(incident.incident_id, -1)
        if incident.version <= version:
            return False
        self.revision += 1
        if incident.closed is not None:
            self._open.pop(incident.incident_id, None)
            self._end(incident.incident_id, incident.version)
            return True
        self._ended.pop(incident.incident_id, None)
        self._open[incident.incident_id] = PlacedIncident(incident, *place_of(incident))
        return True

    def remove(self, incident_id: str) -> None:
        """Forget the incident altogether."""
        gone = self._open.pop(incident_id, None)
        if self._ended.pop(incident_id, None) is not None or gone is not None:
            self.revision += 1

    def clear(self) -> None:
        """Forget everything. For a replay that starts again."""
        self._open.clear()
        self._ended.clear()
        self.revision += 1

    def open(self) -> list[PlacedIncident]:
        """The open incidents, in no order."""
        return list(self._open.values())

    def get(self, incident_id: str) -> PlacedIncident | None:
        return self._open.get(incident_id)

    def _end(self, incident_id: str, version: int) -> None:
        self._ended[incident_id] = version
        if len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)


def place_of(entity: Incident) -> tuple[float | None, float | None]:
    """Latitude and longitude in WGS-84 degrees, or (None, None)."""
    if entity.lat is None or entity.lon is None:
        return None, None
    datum = enum_of(Datum, entity.datum)
    if datum is Datum.UNKNOWN:
        return None, None
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return entity.lat, entity.lon
    lat, lon = to_wgs84(np.array([entity.lat]), np.array([entity.lon]), datum)
    return float(lat[0]), float(lon[0])


def received_ms(incident: Incident) -> float | None:
    """When the incident became known: the call, else the earliest time that the record has. Unix ms."""
    if incident.call_received is not None:
        return unix_ms(incident.call_received)
    others = (incident.dispatched, incident.accepted, incident.enroute, incident.on_scene)
    return min((t for t in map(unix_ms, others) if t is not None), default=None)
