"""The open incidents, newest version each, and the versions of those that ended."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from data_feeds.geo import to_wgs84
from data_feeds.ground import Asked, Ground, is_whole
from data_feeds.limits import BoardFull
from data_feeds.messages import unix_ms
from data_feeds.model import Datum, Detection, Device, Incident, PlaceClass, enum_of

ENDED_KEPT = 500_000
MAX_OPEN = 20_000  # a source that never closes anything must not stop the wall


@dataclass(frozen=True, slots=True)
class PlacedIncident:
    """An open incident with what every look at it needs: place in WGS-84 degrees (None: no place, or one in an unknown
    datum), times in Unix ms. ``derived``: fields that no message told, filled in from the place."""

    incident: Incident
    lat: float | None
    lon: float | None
    received_ms: float | None
    call_ms: float | None
    place_class: PlaceClass
    derived: tuple[str, ...] = ()

    @classmethod
    def of(cls, incident: Incident) -> PlacedIncident:
        """``incident`` with all of that worked out, as its message tells it."""
        place_class = enum_of(PlaceClass, incident.place_class)
        return cls(incident, *place_of(incident), received_ms(incident), unix_ms(incident.call_received), place_class)

    def asked(self) -> Asked:
        return Asked(self.incident, self.lat, self.lon, self.call_ms)

    @property
    def is_counted(self) -> bool:
        """Whether its response counts: not for invalid ones, nor for those handed to another service."""
        return self.incident.valid and not self.incident.diverted


class IncidentBook:
    """Open incidents by id. Not locked: the Board does that. ``ground``: tells what messages leave out."""

    def __init__(self, ground: Ground | None = None) -> None:
        self._ground = ground
        self._bare: set[str] = set()  # whose places were not asked yet: seldom, and together
        self._open: dict[str, PlacedIncident] = {}
        # Ended incidents are remembered by version only, so that a late older record does not open them again.
        self._ended: OrderedDict[str, int] = OrderedDict()
        self.revision = 0

    def __len__(self) -> int:
        return len(self._open)

    def apply(self, incident: Incident) -> bool:
        """Take ``incident`` if its version is new; returns whether it was taken. Raises BoardFull."""
        known = self._open.get(incident.incident_id)
        version = known.incident.version if known else self._ended.get(incident.incident_id, -1)
        if incident.version <= version:
            return False
        if known is None and incident.closed is None and len(self._open) >= MAX_OPEN:
            raise BoardFull
        self.revision += 1
        if incident.closed is not None:
            self._open.pop(incident.incident_id, None)
            self._end(incident.incident_id, incident.version)
            return True
        self._ended.pop(incident.incident_id, None)
        self._open[incident.incident_id] = PlacedIncident.of(incident)
        if self._ground is not None and not is_whole(incident):
            self._bare.add(incident.incident_id)
        return True

    def remove(self, incident_id: str) -> None:
        """Forget the incident altogether."""
        gone = self._open.pop(incident_id, None)
        if self._ended.pop(incident_id, None) is not None or gone is not None:
            self.revision += 1

    def expire(self, before_ms: float) -> None:
        """Forget open incidents that became known before ``before_ms``: the topic does not keep them either."""
        for incident_id in [
            k for k, p in self._open.items() if p.received_ms is not None and p.received_ms < before_ms
        ]:
            self.remove(incident_id)

    def forget_ahead(self, after_ms: float) -> None:
        """Forget open incidents that became known after ``after_ms``: of another run of a replay."""
        for incident_id in [k for k, p in self._open.items() if p.received_ms is not None and p.received_ms > after_ms]:
            self.remove(incident_id)

    def clear(self) -> None:
        """Forget everything. For a replay that starts again."""
        self._open.clear()
        self._ended.clear()
        self.revision += 1

    def open(self) -> list[PlacedIncident]:
        """The open incidents, in no order."""
        self._fill_in()
        return list(self._open.values())

    def get(self, incident_id: str) -> PlacedIncident | None:
        self._fill_in()
        return self._open.get(incident_id)

    def _fill_in(self) -> None:
        """What messages leave out follows from the place: for all that are new at once."""
        new = [self._open[incident_id] for incident_id in self._bare if incident_id in self._open]
        self._bare.clear()
        if not new or self._ground is None:
            return
        for placed, told in zip(new, self._ground.told([placed.asked() for placed in new]), strict=True):
            if told.derived:
                self._open[placed.incident.incident_id] = replace(
                    placed, incident=told.incident, place_class=told.place_class, derived=told.derived
                )  # fmt: skip

    def _end(self, incident_id: str, version: int) -> None:
        self._ended[incident_id] = version
        if len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)


def place_of(entity: Incident | Detection | Device) -> tuple[float | None, float | None]:
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
