"""What happens in a city, second by second, and what was before: everything said as records of the wall's topics.

``Life`` is deterministic: the same city, seed and times give the same records. No clock is read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from data_feeds.model import DispatchOrder, Incident, Topic
from data_feeds.simulator.answers import Answers
from data_feeds.simulator.calls import CALLS_PER_UNIT_DAY, CallPlan, Day, day_before, local_day
from data_feeds.simulator.cameras import Cameras
from data_feeds.simulator.city import City
from data_feeds.simulator.crew import KINDS, recruit
from data_feeds.simulator.dispatching import GRAVE, Dispatch
from data_feeds.simulator.duty import Duty
from data_feeds.simulator.fixes import Fixes, Intervals
from data_feeds.simulator.flights import Flights
from data_feeds.simulator.force import Force
from data_feeds.simulator.mishaps import Mishaps
from data_feeds.simulator.missions import of_city
from data_feeds.simulator.motion import Motion
from data_feeds.simulator.network import Streets
from data_feeds.simulator.outbox import Outbox, Said, said
from data_feeds.simulator.records import Records
from data_feeds.simulator.sightings import Find, Sightings

PAST_DAYS = 7
MOST_PAST = 60_000  # records of the past: a huge city remembers fewer days, never less than since yesterday
LONGEST_S = 10.0  # a longer step looks like this one: the machine slept
SLEPT_S = 120.0
ADOPT_S = 4 * 3600.0  # no incident of the plan lasts longer
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Habits:
    """How a city lives. ``calls``: times the usual number for its units; ``past_days``: how far back ``past`` tells."""

    intervals: Intervals = field(default_factory=Intervals)
    calls: float = 1.0
    past_days: int = PAST_DAYS
    zone: ZoneInfo = ZONE


class Life:
    """``units`` units in ``city`` from Unix second ``now_s`` on."""

    def __init__(self, city: City, units: int, seed: int, now_s: float, habits: Habits | None = None) -> None:
        self._habits = habits = habits or Habits()
        self._now_s = now_s
        rng = [np.random.default_rng([seed, 40 + k]) for k in range(9)]
        self.streets = streets = Streets(city.roads)
        self.crew = crew = recruit(city, units, seed)
        beats = np.array([kind.beat_m for kind in KINDS])[crew.kind]
        limits = np.array([kind.speed for kind in KINDS])[crew.kind]
        self.motion = Motion(streets, crew.home, beats, limits, city.node_station, rng[0])
        self._out = Outbox()
        self.force = Force(crew, self.motion, self._out)
        self._duty = Duty(city, streets, self.force, rng[1])
        self._records = Records(city, streets, crew)
        self._dispatch = Dispatch(streets, self._records, self.force, self._duty, self._out, rng[2])
        self._answers = Answers(self.force, self._dispatch, self._out, rng[8])
        self._flights = Flights(streets, self.force, of_city(city, streets, seed), self._out, rng[3])
        self._sightings = Sightings(self._flights, streets, self._records, self._out, rng[4], self._found)
        self._mishaps = Mishaps(self.force, rng[5], now_s)
        self._cameras = Cameras(city, self.force, self.motion, self._out, rng[6])
        self._fixes = Fixes(self.force, self.motion, habits.intervals, rng[7])
        self._per_day = units * CALLS_PER_UNIT_DAY * habits.calls
        self._plan = CallPlan(city, streets, seed, self._per_day, habits.zone)
        self._days: dict[date, Day] = {}
        self._called_s = self._begun_s = now_s

    def begin(self) -> list[Said]:
        """Everything that holds at the start: roster, statuses, every unit's fix, the incidents under way."""
        now_s, local = self._now_s, self._local(self._now_s)
        self._duty.begin(now_s, _second_of_day(local))
        for day in (self._day(day_before(local.date())), self._day(local.date())):
            is_open = (day.at_s > now_s - ADOPT_S) & (day.at_s <= now_s) & (day.ends_s > now_s)
            for call in np.flatnonzero(is_open).tolist():
                self._dispatch.adopt(day, call, now_s)
        self._out.add(self._fixes.said(self._fixes.begin(now_s), now_s))
        self._flights.begin(now_s, _hour(local), local.weekday() < 5)
        self._flights.step(now_s, 0.0, _hour(local), local.weekday() < 5)
        self._cameras.begin(now_s)
        return self._out.take()

    def past(self) -> Iterator[Said]:
        """The incidents that were closed before the start, newest day first; all of each day."""
        now_s, today = self._begun_s, local_day(self._begun_s, self._habits.zone)
        days = int(np.clip(MOST_PAST // max(self._per_day, 1), 1, self._habits.past_days))
        for back in range(days + 1):
            yield from self._records.past(self._plan.day(day_before(today, back)), 0.0, now_s)

    def absent(self) -> list[Said]:
        """Tombstones of who is off duty: an earlier run may have left them on a broker's topics."""
        off = np.flatnonzero(~self.force.on_roster).tolist()
        return [said(topic, self.crew.ids[u], None) for u in off for topic in (Topic.ROSTER, Topic.STATUS)]

    def summary(self) -> str:
        """The city now, in a line."""
        on_duty, cases = int(self.force.on_roster.sum()), len(self._dispatch.cases)
        flying = sum(drone.in_air for drone in self._flights.fleet)
        return f"{self._local(self._now_s):%H:%M:%S} · {on_duty:,} units · {cases} open incidents · {flying} drones up"

    def end(self) -> list[Said]:
        """What to say before the life ends for good: incidents that no other run would know of are closed."""
        self._dispatch.end(self._now_s)
        return self._out.take()

    def order(self, order: DispatchOrder) -> None:
        """A wall orders units; the next steps tell what they do."""
        self._answers.take(order, self._now_s)

    def step(self, now_s: float) -> list[Said]:
        """Move on to Unix second ``now_s``; after a long pause life goes on from there."""
        passed = now_s - self._now_s
        dt = min(max(passed, 0.0), LONGEST_S)
        self._now_s = now_s
        local = self._local(now_s)
        second, is_workday = _second_of_day(local), local.weekday() < 5
        if passed > SLEPT_S:
            self._slept(now_s)
        self._mishaps.silence(now_s, dt)
        self._duty.step(now_s, second, is_workday)
        self._calls(now_s, local.date())
        self._dispatch.step(now_s)
        self._answers.step(now_s)
        for unit in self.motion.step(now_s, dt, local.hour, self.force.hurrying()):
            if not self._dispatch.arrived(unit, now_s):
                self._duty.arrived(unit)
        if (unit_in_need := self._mishaps.sos(now_s)) is not None:
            self._help(unit_in_need, now_s, local)
        self._out.add(self._mishaps.transmit(self._fixes.said(self._fixes.due(now_s), now_s), now_s))
        self._flights.step(now_s, dt, _hour(local), is_workday)
        self._sightings.step(now_s)
        self._cameras.step(now_s, dt)
        return self._out.take()

    def _calls(self, now_s: float, today: date) -> None:
        """The planned calls since the last step."""
        for day in [self._day(day_before(today)), self._day(today)]:
            first, last = np.searchsorted(day.at_s, (self._called_s, now_s), side="right").tolist()
            for call in range(first, last):
                self._dispatch.call(day, call)
                self._support(self._dispatch.cases[-1].incident, int(day.node[call]), now_s)
        self._called_s = now_s
        self._days = {of: day for of, day in self._days.items() if of >= day_before(today)}

    def _slept(self, now_s: float) -> None:
        """What happened meanwhile is told as closed, as the plan has it."""
        for day in [self._day(day_before(self._local(now_s).date())), self._day(self._local(now_s).date())]:
            self._out.add(list(self._records.past(day, self._called_s, now_s)))
            for call in np.flatnonzero((day.at_s > self._called_s) & (day.at_s <= now_s) & (day.ends_s > now_s)):
                self._dispatch.adopt(day, int(call), now_s)
        self._called_s = now_s

    def _support(self, incident: Incident, node: int, now_s: float) -> None:
        """A drone goes to what is grave."""
        if incident.severity in GRAVE and incident.valid and incident.lat is not None:
            self._flights.support(node, f"{incident.incident_id} {incident.place}".strip(), now_s)

    def _found(self, find: Find, now_s: float) -> Incident:
        local = self._local(now_s)
        name = f"{local:%y%m%d}-D{local:%H%M%S}"
        return self._dispatch.report(name, find.category, find.severity, "drone", find.node, now_s)

    def _help(self, unit: int, now_s: float, local: datetime) -> None:
        node = int(self.motion.next_node()[unit])
        self._dispatch.report(f"{local:%y%m%d}-S{local:%H%M%S}", "sos", "high", "sos", node, now_s)

    def _day(self, of: date) -> Day:
        day = self._days.get(of)
        if day is None:
            day = self._days[of] = self._plan.day(of)
        return day

    def _local(self, now_s: float) -> datetime:
        return datetime.fromtimestamp(now_s, self._habits.zone)


def _second_of_day(local: datetime) -> float:
    return local.hour * 3600.0 + local.minute * 60.0 + local.second + local.microsecond / 1e6


def _hour(local: datetime) -> float:
    return _second_of_day(local) / 3600.0
