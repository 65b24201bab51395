"""What a place on the map is: which spots, zones and jurisdictions it lies in, and the class of its target. Pure.

What a message leaves out is filled in from where the incident is, and said to be derived. Class of a place:
- key spot: inside one's outline or within SPOT_M of its point; a school counts during its hours;
- centre: inside an area of kind ``centre``;
- other: elsewhere in the city's jurisdictions, where the places name any key spot or centre. Else it is not known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from data_feeds.areas import Area
from data_feeds.geo import distance_m
from data_feeds.model import Incident, PlaceClass, enum_of
from data_feeds.places import LEVELS, ZONES, Place
from data_feeds.scopes import Scopes

SPOT_M = 100.0
AT_ONCE = 10_000  # places compared with all spots
# Finest first: of several zones that hold a place the first is told. A centre is a class, not a zone.
ZONE_ORDER = ("patrol_zone", "responsibility_area", "rapid_response_zone", "defence_zone")
DAY_MINUTES = 1440
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
assert set(ZONE_ORDER) < set(ZONES)


@dataclass(frozen=True, slots=True)
class Told:
    """``incident`` with what its place tells, and the names of the fields that no message told."""

    incident: Incident
    place_class: PlaceClass
    derived: tuple[str, ...]


class Asked(NamedTuple):
    """An incident, its place in WGS-84 degrees (None: none) and its time in Unix ms."""

    incident: Incident
    lat: float | None
    lon: float | None
    at_ms: float | None


class Layer:
    """Areas of some kinds, finest kind first. ``ids`` by index."""

    def __init__(self, scopes: Scopes, kinds: Sequence[str]) -> None:
        found = [
            place for kind in kinds for place in scopes.places.by_id.values()
            if place.kind == kind and place.id in scopes.places.areas
        ]  # fmt: skip
        self.ids = [place.id for place in found]
        self._areas: list[Area] = [scopes.places.areas[place.id] for place in found]
        self._boxes = np.array([area.box for area in self._areas]).reshape(-1, 4)

    def at(self, lat: Floats, lon: Floats) -> NDArray[np.intp]:
        """(K,) index of the first area that holds each place (WGS-84 degrees, NaN: none), −1 where none does."""
        found = np.full(len(lat), -1, dtype=np.intp)
        placed = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
        if not len(placed) or not self._areas:
            return found
        y, x, boxes = lat[placed], lon[placed], self._boxes
        near = (boxes[:, 0] <= y.max()) & (boxes[:, 2] >= y.min()) & (boxes[:, 1] <= x.max()) & (boxes[:, 3] >= x.min())
        for index in np.flatnonzero(near).tolist():
            rest = np.flatnonzero(found[placed] < 0)
            if not len(rest):
                break
            inside = rest[self._areas[index].holds(y[rest], x[rest])]
            found[placed[inside]] = index
        return found

    def names_at(self, lat: Floats, lon: Floats) -> list[str]:
        """The id of the first area that holds each place; "" where none does."""
        return [self.ids[index] if index >= 0 else "" for index in self.at(lat, lon).tolist()]


class Ground:
    """The ground of ``scopes``'s places. ``zone``: of the schools' hours."""

    def __init__(self, scopes: Scopes, zone: tzinfo = UTC) -> None:
        self._scopes, self._zone = scopes, zone
        self.zones = Layer(scopes, ZONE_ORDER)
        self._centres = Layer(scopes, ("centre",))
        self._levels = Layer(scopes, LEVELS[::-1])
        self._stations, self._branches = Layer(scopes, ("station",)), Layer(scopes, ("branch",))
        self.spots = self.of_kind("key_spot") + self.of_kind("school")
        self._spot_areas = [(k, scopes.places.areas[s.id]) for k, s in enumerate(self.spots) if self._has_area(s)]
        self._points = np.flatnonzero([not self._has_area(spot) for spot in self.spots])
        self._at = np.array([self.middle(self.spots[k]) for k in self._points.tolist()]).reshape(-1, 2)
        self._open: dict[int, Mask] = {}  # by minute of the day
        self.tells_classes = bool(self.of_kind("key_spot") or self._centres.ids)

    def of_kind(self, *kinds: str) -> list[Place]:
        """The places of ``kinds``, in the file's order."""
        return [place for place in self._scopes.places.by_id.values() if place.kind in kinds]

    def middle(self, place: Place) -> tuple[float, float]:
        """Latitude and longitude of the point, or of the middle of the outline."""
        return self._scopes.places.middles[place.id]

    def classes_at(self, lat: Floats, lon: Floats, open_spots: Mask | None = None) -> NDArray[np.uint8]:
        """(K,) PlaceClass of each place (WGS-84 degrees, NaN: none). ``open_spots``: which of ``spots`` count (all)."""
        found = np.full(len(lat), PlaceClass.UNKNOWN, dtype=np.uint8)
        if not self.tells_classes:
            return found
        found[self._levels.at(lat, lon) >= 0] = PlaceClass.OTHER
        found[self._centres.at(lat, lon) >= 0] = PlaceClass.CENTRE
        counts = np.ones(len(self.spots), dtype=bool) if open_spots is None else open_spots
        placed = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
        for spot, area in self._spot_areas:
            if counts[spot]:
                found[placed[area.holds(lat[placed], lon[placed])]] = PlaceClass.KEY_SPOT
        y, x = self._at[counts[self._points]].T
        for begin in range(0, len(placed), AT_ONCE):
            part = placed[begin : begin + AT_ONCE]
            near = distance_m(lat[part, None], lon[part, None], y, x) <= SPOT_M
            found[part[near.any(axis=1)]] = PlaceClass.KEY_SPOT
        return found

    def open_spots(self, at_ms: float | None) -> Mask:
        """(spots,) whether each counts at that moment (Unix ms; None: any): schools during their hours only."""
        if at_ms is None:
            return np.ones(len(self.spots), dtype=bool)
        local = datetime.fromtimestamp(at_ms / 1000.0, self._zone)
        minute = local.hour * 60 + local.minute
        if minute not in self._open:
            hours = [spot.hours is None or _is_open(spot.hours, minute) for spot in self.spots]
            self._open[minute] = np.array(hours, dtype=bool)
        return self._open[minute]

    def told(self, asked: Sequence[Asked]) -> list[Told]:
        """Each incident with its jurisdiction, zone and class of place filled in where its message leaves them out."""
        found = [Told(one.incident, enum_of(PlaceClass, one.incident.place_class), ()) for one in asked]
        lacking = [k for k, one in enumerate(asked) if one.lat is not None and not is_whole(one.incident)]
        if not lacking:
            return found
        lat = np.array([asked[k].lat for k in lacking], dtype=np.float64)
        lon = np.array([asked[k].lon for k in lacking], dtype=np.float64)
        at = zip(*(layer.names_at(lat, lon) for layer in (self._stations, self._branches, self.zones)), strict=True)
        classes = self._classes(lat, lon, [self.open_spots(asked[k].at_ms) for k in lacking])
        for k, here, place_class in zip(lacking, at, classes.tolist(), strict=True):
            incident = asked[k].incident
            filled = self._jurisdiction(incident, here[0], here[1])
            if not incident.zone and here[2]:
                filled["zone"] = here[2]
            derived = tuple(filled)
            if not incident.place_class and place_class:
                derived = ("place_class", *derived)
                found[k] = dataclasses.replace(found[k], place_class=PlaceClass(place_class))
            found[k] = dataclasses.replace(
                found[k], incident=replace(incident, **filled) if filled else incident, derived=derived
            )  # fmt: skip
        return found

    def _classes(self, lat: Floats, lon: Floats, open_spots: Sequence[Mask]) -> NDArray[np.uint8]:
        """(K,) PlaceClass of each place with the spots that count for it: together for those that share them."""
        groups: dict[bytes, list[int]] = {}
        for k, mask in enumerate(open_spots):
            groups.setdefault(mask.tobytes(), []).append(k)
        found = np.zeros(len(lat), dtype=np.uint8)
        for members in groups.values():
            found[members] = self.classes_at(lat[members], lon[members], open_spots[members[0]])
        return found

    def _jurisdiction(self, incident: Incident, station: str, branch: str) -> dict[str, str]:
        """The branch and the station that are missing: the words that are there go before ``station`` and ``branch``,
        in which the place lies."""
        if incident.station and incident.branch:
            return {}
        by_id = self._scopes.places.by_id
        named = self._scopes.codes(incident.branch, incident.station, incident.zone) if self._scopes.known else ()
        stations = [code for code in named if code in by_id and by_id[code].kind == "station"]
        branches = [code for code in named if code in by_id and by_id[code].kind == "branch"]
        if incident.station:
            return {"branch": branches[0]} if len(branches) == 1 else {}
        filled = {}
        here = stations[0] if len(stations) == 1 else station
        fits = bool(here) and (not branches or by_id[here].parent in branches)
        if fits:
            filled["station"] = here
        if not incident.branch:
            parent = (by_id[here].parent or "") if fits else branch
            if told := branches[0] if len(branches) == 1 else parent:
                filled["branch"] = told
        return filled

    def _has_area(self, place: Place) -> bool:
        return place.id in self._scopes.places.areas


def is_whole(incident: Incident) -> bool:
    """Whether its message leaves nothing out that a place could tell."""
    return bool(incident.place_class and incident.station and incident.branch and incident.zone)


def _is_open(hours: Sequence[str], minute: int) -> bool:
    """Whether ``minute`` of the day lies in one of ``hours`` ("07:00-08:30"; "22:00-02:00" goes over midnight)."""
    for span in hours:
        begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in span.split("-"))
        if (minute - begin) % DAY_MINUTES < (end - begin) % DAY_MINUTES:
            return True
    return False
