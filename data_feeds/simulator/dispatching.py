"""Incidents under way: from the call to its closing, with the units that really drive there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from msgspec.structs import replace

from data_feeds.model import Incident, Topic, UnitStatus, UnitType
from data_feeds.simulator.calls import Day
from data_feeds.simulator.duty import Duty
from data_feeds.simulator.force import Force
from data_feeds.simulator.network import Found, Streets
from data_feeds.simulator.outbox import Outbox
from data_feeds.simulator.records import DISPOSITIONS, Records, moment, short_end

WALK_M, WALK_MPS = 320.0, 2.4  # units on foot and at posts go to what is near
MOST_WALK_S = 60.0  # of a crew that stands at the spot
AROUND_M = 1000.0  # nobody within WALK_M has the next corner farther away
STREETS_LONGER = 1.3  # a way on foot, against the straight line
SEARCH_WANTED = 4  # nearest units looked at
OWN_WANTED = 24  # nearest ones of the place's own station: of them goes the one whose beat it is
OWN_WITHIN_S = {"centre": 90.0, "other": 170.0}  # farther away than that, the nearest goes, whosever it is
RESERVE_AFTER_S = 20.0  # when nobody is free for so long, standby is called out
RETRY_S = 5.0
GIVE_UP_S = 1800.0  # a unit that does not get there in half an hour counts as arrived: the street was closed
STOP_SHORT_M = (4.0, 22.0)
MOST_NODES = 30_000  # looked at for a way that somebody ordered, from wherever
WALKERS_NODES = 500
GRAVE = ("high", "critical")


class Stage(Enum):
    """What an incident waits for."""

    LOCATING = "locating"
    WAITING = "waiting"
    DISPATCHED = "dispatched"
    ENROUTE = "enroute"
    ON_SCENE = "on_scene"
    BRIEF = "brief"  # nobody is sent


@dataclass(slots=True)
class Steps:
    """How long the steps of one incident take, in seconds."""

    located: float
    dispatch: float
    turnout: float
    handling: float
    walk: float  # where the unit stands at the spot already


@dataclass(slots=True)
class Case:
    """One open incident. ``due_s``: the Unix second of its next step, unless somebody arrives."""

    incident: Incident
    node: int
    steps: Steps
    stage: Stage
    due_s: float
    units: list[int] = field(default_factory=list)
    ways: dict[int, list[int]] = field(default_factory=dict)  # of units that have not left yet
    walkers: set[int] = field(default_factory=set)  # whose arrival is a matter of time only
    disposition: str = "settled"
    off: tuple[float, float] = (0.0, 0.0)
    ordered: set[int] = field(default_factory=set)  # sent by a person, getting ready
    planned: bool = True  # by the day's plan, which another run would find again


class Dispatch:
    """All open incidents. ``arrived`` must be told of every unit that reached the end of its way."""

    def __init__(
        self, streets: Streets, records: Records, force: Force, duty: Duty, outbox: Outbox, rng: np.random.Generator
    ) -> None:
        self._streets, self._records, self._force, self._duty = streets, records, force, duty
        self._out, self._rng = outbox, rng
        self.cases: list[Case] = []
        self._case_of: dict[int, Case] = {}
        crew = force.crew
        self._drives = ~crew.is_type(UnitType.FOOT, UnitType.POST, UnitType.MOBILE_PLATFORM)
        self._stands = crew.is_type(UnitType.POST, UnitType.MOBILE_PLATFORM)
        self._traffic = crew.is_type(UnitType.TRAFFIC)
        self._heavy = crew.is_type(UnitType.ASSAULT_VEHICLE)

    def call(self, day: Day, call: int) -> None:
        """A planned call comes in now."""
        at_s = float(day.at_s[call])
        incident = self._records.opened(day, call)
        case = Case(
            incident, int(day.node[call]), _steps(day, call), Stage.WAITING, at_s + float(day.dispatch_s[call]),
            disposition=DISPOSITIONS[int(day.crew[call] * len(DISPOSITIONS))],
            off=(float(day.off[call, 0]), float(day.off[call, 1])),
        )  # fmt: skip
        if day.is_short[call]:
            case.stage, case.due_s, case.disposition = Stage.BRIEF, float(day.ends_s[call]), short_end(day, call)
        elif day.located_s[call] > 0:
            case.stage, case.due_s = Stage.LOCATING, at_s + float(day.located_s[call])
            case.incident = replace(incident, lat=None, lon=None, place_class="", place="", zone="", station="")
        self._add(case)

    def report(self, incident_id: str, category: str, severity: str, source: str, node: int, now_s: float) -> Incident:
        """Something that no call told: a drone's find, an officer's alarm."""
        bare = Incident(incident_id, int(now_s * 1000), category, severity, source=source, call_received=moment(now_s))
        steps = Steps(0.0, *self._rng.uniform((3, 3, 300, 10), (9, 8, 1100, 30)).tolist())
        incident = self._records.placed(bare, node)
        self._add(Case(incident, node, steps, Stage.WAITING, now_s + steps.dispatch, planned=False))
        return incident

    def adopt(self, day: Day, call: int, now_s: float) -> None:
        """A planned call that came before now and is open still: as far along as the plan has it."""
        at_s, steps = float(day.at_s[call]), _steps(day, call)
        dispatched_s = at_s + steps.located + steps.dispatch
        enroute_s = dispatched_s + steps.turnout
        on_scene_s = enroute_s + float(day.travel_s[call])
        self.call(day, call)
        case = self.cases[-1]
        if day.is_short[call] or now_s < dispatched_s:
            return
        case.incident = self._records.opened(day, call)
        case.stage = Stage.WAITING
        self._dispatch(case, dispatched_s)
        if not case.units:
            return
        if now_s < enroute_s:
            case.due_s = enroute_s
            return
        if now_s < on_scene_s:
            for unit, way in case.ways.items():
                if way:
                    self._force.motion.put_on(unit, way, on_scene_s - now_s)
        self._set_out(case, enroute_s)
        if now_s >= on_scene_s:
            for unit in case.units:
                if unit not in case.walkers:
                    self._force.motion.put(unit, case.node)
            self._on_scene(case, on_scene_s)
            case.due_s = max(now_s + 5.0, float(day.ends_s[call]))

    def step(self, now_s: float) -> None:
        """Every incident whose next step is due takes it."""
        for case in self.cases:
            if now_s >= case.due_s:
                self._advance(case, now_s)
        if any(case.incident.closed for case in self.cases):
            self.cases = [case for case in self.cases if case.incident.closed is None]

    def arrived(self, unit: int, now_s: float) -> bool:
        """The unit reached the end of its way; False when it was not on its way to an incident."""
        case = self._case_of.get(unit)
        if case is None:
            return False
        if case.stage is Stage.ENROUTE:
            self._on_scene(case, now_s)
        elif case.stage is Stage.ON_SCENE and self._force.status[unit] == UnitStatus.ENROUTE:
            self._force.set([unit], UnitStatus.ON_SCENE, now_s, case.incident.incident_id)
        return True

    def case(self, incident_id: str) -> Case | None:
        """The open incident of that id."""
        return next((c for c in self.cases if c.incident.incident_id == incident_id and not c.incident.closed), None)

    def case_of(self, unit: int) -> Case | None:
        """Where the unit was sent."""
        return self._case_of.get(unit)

    def send(self, case: Case, unit: int, now_s: float) -> bool:
        """A free unit gets ready because a person orders it there; False when it is too far away for it.

        Who is ordered first takes the place of whom the dispatcher would have sent.
        """
        if self._stands[unit]:
            if self._away_m(case, unit) > WALK_M:
                return False
        else:
            most = MOST_NODES if self._drives[unit] else WALKERS_NODES
            way = self._streets.way(int(self._force.motion.next_node()[unit]), case.node, most)
            if way is None:
                return False
            case.ways[unit] = way
            self._force.motion.stop(unit)  # the way begins where it stands now
        self._case_of[unit] = case
        self._duty.called_off(unit)
        case.ordered.add(unit)
        if case.stage in (Stage.WAITING, Stage.BRIEF):
            case.stage, case.due_s = Stage.DISPATCHED, math.inf  # until ``leave``
        incident = case.incident
        self._force.set([unit], UnitStatus.DISPATCHED, now_s, incident.incident_id)
        self._tell(case, now_s, dispatched=incident.dispatched or moment(now_s),
                   units=[*incident.units, self._force.crew.ids[unit]])  # fmt: skip
        return True

    def leave(self, unit: int, now_s: float) -> float:
        """An ordered unit sets out; returns the seconds that it walks, 0 of one whose way shows its arrival."""
        case = self._case_of.get(unit)
        if case is None or unit not in case.ordered:  # closed meanwhile
            return 0.0
        case.ordered.discard(unit)
        case.units.append(unit)
        if self._stands[unit]:
            case.walkers.add(unit)
        if case.stage is Stage.DISPATCHED:
            self._set_out(case, now_s)
        else:
            self._force.set([unit], UnitStatus.ENROUTE, now_s, case.incident.incident_id)
            if unit not in case.walkers:
                self._go(unit, case.ways[unit])
        return self._away_m(case, unit) * STREETS_LONGER / WALK_MPS if unit in case.walkers else 0.0

    def walked(self, unit: int, now_s: float) -> None:
        """A unit that walks is there."""
        case = self._case_of.get(unit)
        if case is not None and unit in case.walkers and self._force.status[unit] == UnitStatus.ENROUTE:
            self.arrived(unit, now_s)

    def end(self, now_s: float) -> None:
        """Close what was not planned."""
        for case in self.cases:
            if not case.planned and case.incident.closed is None:
                self._close(case, now_s)

    def _advance(self, case: Case, now_s: float) -> None:
        if case.stage is Stage.LOCATING:
            case.incident = self._records.placed(case.incident, case.node, *case.off)
            case.stage, case.due_s = Stage.WAITING, now_s + case.steps.dispatch
            self._tell(case, now_s)
        elif case.stage is Stage.WAITING:
            self._dispatch(case, now_s)
        elif case.stage is Stage.DISPATCHED:
            self._set_out(case, now_s)
        elif case.stage is Stage.ENROUTE:
            self._on_scene(case, now_s)
        else:
            self._close(case, now_s)

    def _dispatch(self, case: Case, now_s: float) -> None:
        grave = case.incident.severity in GRAVE
        wanted = 3 if case.incident.severity == "critical" else 2 if grave else 1
        case.units = self._nearest(case, wanted, grave, now_s)
        if not case.units:
            case.due_s = now_s + RETRY_S
            return
        for unit in case.units:
            self._case_of[unit] = case
            self._duty.called_off(unit)
            if not self._force.motion.held[unit] and unit not in case.walkers:
                self._go(unit, case.ways[unit])
        ids = [self._force.crew.ids[unit] for unit in case.units]
        case.stage, case.due_s = Stage.DISPATCHED, now_s + case.steps.turnout
        self._force.set(case.units, UnitStatus.DISPATCHED, now_s, case.incident.incident_id)
        self._tell(case, now_s, dispatched=moment(now_s), units=ids)

    def _set_out(self, case: Case, now_s: float) -> None:
        incident_id = case.incident.incident_id
        self._force.set(case.units, UnitStatus.ENROUTE, now_s, incident_id)
        for unit in case.units:
            if unit not in case.walkers and not self._force.motion.on_way(unit):
                self._go(unit, case.ways[unit])
        at_spot = bool(case.walkers)
        case.stage, case.due_s = Stage.ENROUTE, now_s + (case.steps.walk if at_spot else GIVE_UP_S)
        dispatched = case.incident.dispatched
        accepted_s = now_s - 0.6 * (now_s - dispatched.timestamp()) if dispatched else now_s
        self._tell(case, now_s, accepted=moment(accepted_s), enroute=moment(now_s))

    def _on_scene(self, case: Case, now_s: float) -> None:
        """The first is there; others may still be driving."""
        here = [u for u in case.units if u in case.walkers or not self._force.motion.on_way(u)] or case.units[:1]
        for unit in here:
            self._force.motion.stop(unit)
        self._force.set(here, UnitStatus.ON_SCENE, now_s, case.incident.incident_id)
        case.stage, case.due_s = Stage.ON_SCENE, now_s + case.steps.handling
        self._tell(case, now_s, on_scene=moment(now_s))

    def _close(self, case: Case, now_s: float) -> None:
        for unit in (*case.units, *sorted(case.ordered)):
            self._case_of.pop(unit, None)
            self._duty.after_call(unit)
        self._tell(case, now_s, closed=moment(now_s), disposition=case.disposition)

    def _nearest(self, case: Case, wanted: int, grave: bool, now_s: float) -> list[int]:
        force, streets = self._force, self._streets
        free = force.free()
        free[list(self._case_of)] = False
        if case.incident.category not in ("traffic_accident", "congestion"):
            free &= ~self._traffic | grave
        if not grave:
            free &= ~self._heavy
        waited_s = now_s - case.incident.call_received.timestamp() if case.incident.call_received else 0.0
        if waited_s > RESERVE_AFTER_S + case.steps.dispatch:
            reserve = (force.status == UnitStatus.STANDBY) & force.on_roster & force.crew.answers & ~force.silent
            reserve[list(self._case_of)] = False
            free |= reserve
        near = self._walking(case, free & ~self._drives)
        x, y = streets.x[case.node], streets.y[case.node]
        at = force.motion.next_node()
        driving = free & self._drives
        own = driving & (force.crew.station == force.crew.city.node_station[case.node])
        able: list[tuple[float, int, Found]] = []
        if not grave and (within_s := OWN_WITHIN_S.get(case.incident.place_class)):
            able = self._able(case.node, own, at, OWN_WANTED, within_s)
            home = force.crew.home
            able.sort(key=lambda one: math.hypot(streets.x[home[one[1]]] - x, streets.y[home[one[1]]] - y))
        able = able or self._able(case.node, driving, at, max(wanted, SEARCH_WANTED))
        case.walkers, case.ways = set(), {}
        chosen: list[int] = []
        if near and (not able or near[0] <= able[0][0] + 20.0):
            self._take_walker(case, near[1], chosen)
        for _, unit, found in able[: wanted - len(chosen)]:
            chosen.append(unit)
            case.ways[unit] = found.way(int(at[unit]))
        return chosen

    def _able(
        self, node: int, which: np.ndarray, at: np.ndarray, wanted: int, within_s: float = math.inf
    ) -> list[tuple[float, int, Found]]:
        """(seconds, unit, who knows the way) of about the ``wanted`` nearest by road of ``which``, nearest first."""
        units = np.flatnonzero(which)
        counts = np.bincount(at[units], minlength=len(self._streets.x)).clip(0, 255).astype(np.uint8)
        found = self._streets.search(node, counts.tobytes(), wanted, most_s=within_s)
        waiting: dict[int, list[int]] = {}
        for unit, start in zip(units.tolist(), at[units].tolist(), strict=True):
            waiting.setdefault(start, []).append(unit)
        return [
            (time_s, unit, found)
            for start, time_s in zip(found.nodes, found.times_s, strict=True)
            for unit in waiting[start]
        ]

    def _walking(self, case: Case, on_foot: np.ndarray) -> tuple[float, int] | None:
        """(seconds, unit) of the nearest that walks there."""
        s, motion = self._streets, self._force.motion
        at = motion.next_node()
        around = (np.abs(s.x - s.x[case.node]) < AROUND_M) & (np.abs(s.y - s.y[case.node]) < AROUND_M)
        which = np.flatnonzero(on_foot & around[at])
        if not len(which):
            return None
        x, y, _ = motion.places(which)
        away = np.hypot(x - s.x[case.node], y - s.y[case.node])
        best = int(away.argmin())
        if away[best] > WALK_M:
            return None
        return float(away[best]) * STREETS_LONGER / WALK_MPS, int(which[best])

    def _take_walker(self, case: Case, unit: int, chosen: list[int]) -> None:
        if self._stands[unit]:  # its crew walks, the post stays
            case.walkers.add(unit)
        else:
            way = self._streets.way(int(self._force.motion.next_node()[unit]), case.node, WALKERS_NODES)
            if way is None:
                return
            case.ways[unit] = way
        chosen.append(unit)

    def _away_m(self, case: Case, unit: int) -> float:
        x, y, _ = self._force.motion.places(np.array([unit]))
        return math.hypot(x[0] - self._streets.x[case.node], y[0] - self._streets.y[case.node])

    def _go(self, unit: int, way: list[int]) -> None:
        self._force.motion.go(unit, way, float(self._rng.uniform(*STOP_SHORT_M)))

    def _add(self, case: Case) -> None:
        self.cases.append(case)
        self._say(case.incident)

    def _tell(self, case: Case, now_s: float, **changes: object) -> None:
        version = max(case.incident.version + 1, int(now_s * 1000))
        case.incident = replace(case.incident, version=version, **changes)
        self._say(case.incident)

    def _say(self, incident: Incident) -> None:
        self._out.say(Topic.INCIDENT, incident.incident_id, incident)


def _steps(day: Day, call: int) -> Steps:
    return Steps(float(day.located_s[call]), float(day.dispatch_s[call]), float(day.turnout_s[call]),
                 float(day.handling_s[call]), min(float(day.travel_s[call]), MOST_WALK_S))  # fmt: skip

