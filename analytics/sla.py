"""Breaches of the response targets before they happen, and what the units' own fixes say of reported arrivals. Pure.

No message tells when a call was answered, so answering is part of dispatch here and never a cause of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct, field

from analytics.force import BUSY, Force, Mask, OnRoads
from analytics.response import Targets
from analytics.streets import Ints
from data_feeds.geo import distance_m
from data_feeds.incidents import PlacedIncident
from data_feeds.messages import unix_ms

SHARES = {"dispatch": 0.25, "turnout": 0.15, "travel": 0.6}  # of the target, where nothing was measured
MOST_S = 3_600.0  # a unit of the incident farther away than that is not on its way
NEAR_M, SLOW_MPS = 50.0, 2.0
KEPT_S = 3_600.0  # arrivals are told for an hour
SHOWN = 200


class Forecast(Struct, frozen=True):
    """One open incident without an arrival. ``margin_s``: deadline less forecast (negative: it will be missed);
    ``forecast_ms``: None where no travel time is known; ``cause``: the interval that takes most more than its
    allowance: dispatch, turnout or travel; "" where none does. ``unit``: who is expected to arrive."""

    id: str
    category: str
    place: str
    deadline_ms: float
    forecast_ms: float | None
    margin_s: float | None
    cause: str
    unit: str | None = None


class Arrival(Struct, frozen=True):
    """An arrival by GPS (inside 50 m, slower than 2 m/s) beside the reported one; either may be missing.
    ``difference_s``: reported less GPS."""

    id: str
    unit: str
    gps_ms: float | None
    reported_ms: float | None
    difference_s: float | None


class Watch(Struct, frozen=True):
    """The watch: forecasts by least margin, arrivals by largest difference."""

    items: list[Forecast]
    arrivals: list[Arrival] = field(default_factory=list)


@dataclass(frozen=True)
class Expected:
    """How long until somebody is there: ``unit`` is the callsign of who; None: not known."""

    travel_s: float | None = None
    unit: str | None = None


def waiting(incidents: Sequence[PlacedIncident], targets: Targets) -> list[PlacedIncident]:
    """The open incidents whose target counts and where nobody has arrived."""
    return [
        one for one in incidents
        if one.incident.on_scene is None and one.is_counted and one.call_ms is not None and targets.of(one.place_class)
    ]  # fmt: skip


def expected(incidents: Sequence[PlacedIncident], roads: OnRoads, ready: Mask) -> dict[str, Expected]:
    """By incident: the travel of the first of its own units, or of the first of ``ready`` where it has none."""
    force = roads.force
    crews = _crews(incidents, force)
    placed = [one for one in incidents if one.lat is not None and one.lon is not None]
    if not placed:
        return {}
    places = roads.network.streets.snap(
        np.array([one.lat for one in placed], dtype=np.float64), np.array([one.lon for one in placed], dtype=np.float64)
    )
    first_s, who = roads.first_at(places, ready)
    found = {}
    for k, one in enumerate(placed):
        crew, time_s, unit = crews[one.incident.incident_id], float(first_s[k]), int(who[k])
        if len(crew):
            mask = np.isin(np.arange(len(force)), crew)
            times_s = roads.times_s(places.take([k]), MOST_S, mask)[0]
            unit = int(times_s.argmin())
            time_s = float(times_s[unit])
        found[one.incident.incident_id] = (
            Expected(time_s, force.callsigns[unit]) if np.isfinite(time_s) and unit >= 0 else Expected()
        )
    return found


def forecasts(
    incidents: Sequence[PlacedIncident], targets: Targets, travel: Mapping[str, Expected], now_ms: float,
    allowances: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Forecast]:  # fmt: skip
    """What each of ``waiting`` incidents will take, by least margin.

    What is still to come of dispatch and turnout takes its allowance, travel what the roads say. ``allowances``:
    interval → place class (upper case) → s, as the reports measure them; otherwise SHARES of the target.
    """
    found = []
    for one in waiting(incidents, targets):
        target_s, call_ms = targets.of(one.place_class), one.call_ms
        if target_s is None or call_ms is None:
            continue
        allowed = {
            name: (allowances or {}).get(name, {}).get(one.place_class.name, share * target_s)
            for name, share in SHARES.items()
        }
        then = travel.get(one.incident.incident_id, Expected())
        took_s = _took_s(one, call_ms, then.travel_s, now_ms, allowed)
        deadline_ms = call_ms + target_s * 1000.0
        forecast_ms = None if took_s is None else call_ms + sum(took_s.values()) * 1000.0
        margin_s = None if forecast_ms is None else round((deadline_ms - forecast_ms) / 1000.0, 1)
        found.append(Forecast(
            one.incident.incident_id, one.incident.category, one.incident.place, deadline_ms, forecast_ms, margin_s,
            _cause(took_s, allowed), then.unit,
        ))  # fmt: skip
    return sorted(found, key=lambda row: (np.inf if row.margin_s is None else row.margin_s, row.id))


def _took_s(
    one: PlacedIncident, call_ms: float, travel_s: float | None, now_ms: float, allowed: Mapping[str, float]
) -> dict[str, float] | None:
    """Seconds of each interval, past or still to come; None where the travel is not known."""
    if travel_s is None:
        return None
    dispatched_ms, enroute_ms = unix_ms(one.incident.dispatched), unix_ms(one.incident.enroute)
    sent_ms = enroute_ms if dispatched_ms is None else dispatched_ms
    if sent_ms is None:
        sent_ms = max(now_ms, call_ms + allowed["dispatch"] * 1000.0)
    if enroute_ms is None:
        enroute_ms = max(now_ms, sent_ms + allowed["turnout"] * 1000.0)
    there_ms = max(now_ms, enroute_ms) + travel_s * 1000.0
    stages = {"dispatch": sent_ms - call_ms, "turnout": enroute_ms - sent_ms, "travel": there_ms - enroute_ms}
    return {name: value / 1000.0 for name, value in stages.items()}


def _cause(took_s: Mapping[str, float] | None, allowed: Mapping[str, float]) -> str:
    if took_s is None:
        return ""
    over = {name: took_s[name] - allowed[name] for name in took_s}
    worst = max(over, key=lambda name: over[name])
    return worst if over[worst] > 0 else ""


def _crews(incidents: Sequence[PlacedIncident], force: Force) -> dict[str, Ints]:
    """By incident its units (indices): by its record, and by the status of units that are busy with it."""
    index = {unit: k for k, unit in enumerate(force.ids)}
    found: dict[str, set[int]] = {
        one.incident.incident_id: {index[unit] for unit in one.incident.units if unit in index} for one in incidents
    }
    for k in np.flatnonzero(np.isin(force.status, BUSY)).tolist():
        if force.incidents[k] in found:
            found[force.incidents[k]].add(k)
    return {name: np.array(sorted(units), dtype=np.intp) for name, units in found.items()}


class Arrivals:
    """Arrivals by GPS, followed from look to look: the first fix of one of an incident's units inside NEAR_M of it and
    slower than SLOW_MPS. A unit that tells no speed is as fast as its last two fixes say. Who was there before anybody
    looked arrived at a time that no fix tells."""

    def __init__(self) -> None:
        self._arrived: dict[str, tuple[float, str]] = {}  # incident → Unix ms, callsign
        self._reported: dict[str, float] = {}
        self._seen: set[str] | None = None  # incidents of the last look; None: there was none
        self._missed: set[str] = set()
        self._last: dict[str, tuple[float, float, float]] = {}  # unit → latitude, longitude, Unix ms

    def look(self, incidents: Sequence[PlacedIncident], force: Force, now_ms: float) -> list[Arrival]:
        """Take in what is known now; returns what is known of arrivals, the largest differences first."""
        crews = _crews(incidents, force)
        slow = self._slow(force, np.unique(np.concatenate([np.zeros(0, np.intp), *crews.values()])))
        seen = self._seen
        self._seen = {one.incident.incident_id for one in incidents}
        self._missed &= self._seen
        for one in incidents:
            name = one.incident.incident_id
            if (reported_ms := unix_ms(one.incident.on_scene)) is not None:
                self._reported[name] = reported_ms
            if name in self._arrived or name in self._missed or one.lat is None or one.lon is None:
                continue
            crew = crews[name]
            away_m = distance_m(force.lat[crew], force.lon[crew], np.array(one.lat), np.array(one.lon))
            here = crew[slow[crew] & (away_m <= NEAR_M)]
            if one.call_ms is not None:  # a unit that stood there before the call did not arrive before it
                here = here[force.fix_ms[here] >= one.call_ms]
            if len(here) and (seen is None or (name not in seen and reported_ms is not None)):
                self._missed.add(name)
            elif len(here):
                unit = int(here[np.argmin(force.fix_ms[here])])
                self._arrived[name] = float(force.fix_ms[unit]), force.callsigns[unit]
        self._forget(now_ms)
        return self._told()

    def _slow(self, force: Force, units: Ints) -> Mask:
        """(U,) which of ``units`` are."""
        slow = force.speed_mps < SLOW_MPS
        for unit in units[np.isnan(force.speed_mps[units]) & force.placed[units]].tolist():
            lat, lon, fix_ms = float(force.lat[unit]), float(force.lon[unit]), float(force.fix_ms[unit])
            before = self._last.get(force.ids[unit])
            if before is not None and before[2] < fix_ms:
                moved_m = float(distance_m(*map(np.array, (before[0], before[1], lat, lon))))
                slow[unit] = moved_m < SLOW_MPS * (fix_ms - before[2]) / 1000.0
            if before is None or before[2] < fix_ms:
                self._last[force.ids[unit]] = lat, lon, fix_ms
        return slow

    def _forget(self, now_ms: float) -> None:
        before_ms = now_ms - KEPT_S * 1000.0
        self._arrived = {name: row for name, row in self._arrived.items() if row[0] >= before_ms}
        self._reported = {name: at_ms for name, at_ms in self._reported.items() if at_ms >= before_ms}
        self._last = {unit: row for unit, row in self._last.items() if row[2] >= before_ms}

    def _told(self) -> list[Arrival]:
        rows = []
        for name in sorted({*self._arrived, *self._reported}):
            gps_ms, unit = self._arrived.get(name, (None, ""))
            reported_ms = self._reported.get(name)
            difference_s = None
            if gps_ms is not None and reported_ms is not None:
                difference_s = round((reported_ms - gps_ms) / 1000.0, 1)
            rows.append(Arrival(name, unit, gps_ms, reported_ms, difference_s))
        return sorted(rows, key=lambda row: (-abs(row.difference_s or 0.0), row.id))[:SHOWN]
