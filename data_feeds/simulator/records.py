"""The incident records of planned calls, as they are first told and as history keeps them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from msgspec.structs import replace

from data_feeds.model import Incident, Severity, Topic
from data_feeds.simulator.calls import CATEGORIES, SOURCES, Day
from data_feeds.simulator.city import City
from data_feeds.simulator.crew import Crew
from data_feeds.simulator.network import Streets
from data_feeds.simulator.outbox import Said, said

PLACE_WORDS = ("key_spot", "centre", "other")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECENT_S = 4 * 3600.0
SECOND_REPORT = "merged"
DISPOSITIONS = ("settled", "settled", "recorded", "handed_over", "no_trace")


class Records:
    """Writes incidents of ``city``. ``crew``: whom history names as having been there."""

    def __init__(self, city: City, streets: Streets, crew: Crew) -> None:
        self._city, self._streets = city, streets
        self._spots = {spot.node: spot for spot in reversed(city.key_spots)}
        self._names: dict[int, str] = {}
        answers = np.flatnonzero(crew.answers)
        order = answers[np.argsort(crew.station[answers], kind="stable")]
        stations = np.searchsorted(crew.station[order], np.arange(len(city.stations) + 1))
        self.by_station: list[int] = order.tolist()  # those who answer, station by station
        self.first_of, self._ids = stations, crew.ids  # the place there of each station's first
        self.place_class = np.full(len(city.heat_day), 2)
        self.place_class[city.centre_nodes] = 1
        self.place_class[city.key_nodes] = 0

    def name_at(self, node: int) -> str:
        """What one calls the place: a key spot's name, or the street and the one that it crosses."""
        name = self._names.get(node)
        if name is None:
            name = self._names[node] = self._name_at(node)
        return name

    def placed(self, incident: Incident, node: int, off_east_m: float = 0.0, off_north_m: float = 0.0) -> Incident:
        """``incident`` with everything that follows from where it is."""
        s, city = self._streets, self._city
        lat, lon = s.degrees(s.x[node] + off_east_m, s.y[node] + off_north_m)
        station = city.stations[city.node_station[node]]
        zone = city.zones[city.node_zone[node]].id if len(city.zones) else ""
        lat, lon = np.round((lat, lon), 6).tolist()  # as the past in columns is rounded
        return replace(
            incident, lat=lat, lon=lon, branch=station.parent, station=station.id,
            place=self.name_at(node), place_class=PLACE_WORDS[self.place_class[node]], zone=zone,
        )  # fmt: skip

    def opened(self, day: Day, call: int) -> Incident:
        """The call as it was taken, with its place."""
        at_s = float(day.at_s[call])
        incident = Incident(
            day.incident_id(call), int(at_s * 1000), CATEGORIES[day.category[call]].word,
            Severity(int(day.severity[call])).name.lower(), source=SOURCES[day.source[call]][0],
            exercise=bool(day.exercise[call]), valid=bool(day.valid[call]), diverted=bool(day.diverted[call]),
            call_received=moment(at_s),
        )  # fmt: skip
        return self.placed(incident, int(day.node[call]), float(day.off[call, 0]), float(day.off[call, 1]))

    def closed(self, day: Day, call: int) -> Incident:
        """The call as the day's plan ended it."""
        incident, crew = self.opened(day, call), float(day.crew[call])
        end_s = float(day.ends_s[call])
        if day.is_short[call]:
            return replace(incident, version=int(end_s * 1000), closed=moment(end_s), disposition=short_end(day, call))
        dispatched_s = float(day.at_s[call] + day.located_s[call] + day.dispatch_s[call])
        enroute_s = dispatched_s + float(day.turnout_s[call])
        return replace(
            incident, version=int(end_s * 1000), dispatched=moment(dispatched_s),
            accepted=moment(dispatched_s + 0.4 * (enroute_s - dispatched_s)), enroute=moment(enroute_s),
            on_scene=None if day.forgotten[call] else moment(enroute_s + float(day.travel_s[call])),
            closed=moment(end_s),
            disposition=DISPOSITIONS[int(crew * len(DISPOSITIONS))], units=self._units(day, call, crew),
        )  # fmt: skip

    def past(self, day: Day, since_s: float, until_s: float) -> Iterator[Said]:
        """What was called after ``since_s`` and closed before ``until_s`` (Unix), of the calls of one day.

        What is recent is of the newest version: a run that ended meanwhile may have told another course of it.
        """
        for call in np.flatnonzero((day.at_s >= since_s) & (day.ends_s <= until_s)).tolist():
            incident = self.closed(day, call)
            if day.at_s[call] > until_s - RECENT_S:
                incident = replace(incident, version=int(until_s * 1000))
            yield said(Topic.INCIDENT, incident.incident_id, incident)

    def _units(self, day: Day, call: int, crew: float) -> list[str]:
        station = int(self._city.node_station[day.node[call]])
        there = self.by_station[int(self.first_of[station]) : int(self.first_of[station + 1])]
        wanted = 2 if day.severity[call] >= Severity.HIGH else 1
        first = int(crew * len(there))
        return [self._ids[unit] for unit in (there * 2)[first : first + min(wanted, len(there))]]

    def _name_at(self, node: int) -> str:
        if spot := self._spots.get(node):
            return spot.name_zh
        g = self._streets.graph
        edges = [e for e in self._streets.out[node].tolist() if e >= 0 and g.name[e]]
        edges.sort(key=lambda e: int(g.road_class[e]))
        names = list(dict.fromkeys(g.names[g.name[e]] for e in edges))
        return " / ".join(names[:2])


def moment(unix_s: float) -> datetime:
    """A time as records tell it: to the millisecond."""
    return EPOCH + timedelta(milliseconds=round(unix_s * 1000.0))


def short_end(day: Day, call: int) -> str:
    """The disposition of a call to which nobody is sent."""
    if day.repeats[call] >= 0:
        return SECOND_REPORT
    return "diverted" if day.diverted[call] else "invalid"
