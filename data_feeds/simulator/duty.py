"""The working day of units between calls: patrol, standby, breaks, hand-over of shifts, children at school gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_feeds.model import UnitStatus, UnitType
from data_feeds.simulator.city import City
from data_feeds.simulator.crew import DAY_FROM_S, DAY_UNTIL_S, ROUND
from data_feeds.simulator.force import Force
from data_feeds.simulator.network import Streets

Ints = NDArray[np.intp]

PATROL_S, STANDBY_S, BREAK_S, BACK_S = (2700.0, 6600.0), (900.0, 2700.0), (900.0, 1800.0), (40.0, 150.0)
STANDBY_SHARE, BREAK_SHARE = 0.18, 0.03  # of the moving units, at the start
BREAK_CHANCE = 0.25  # a rest is out of service, else on standby
LEAVE_WITHIN_S = 1200.0  # whoever has not reached the station by then leaves the roster where it is
WAYS_A_STEP = 12  # ways searched a step: the others wait a second
SHIFTS_EVERY_S = 5.0
GUARDS_A_SCHOOL = 2
GUARDS = (UnitType.TRAFFIC, UnitType.MOTORCYCLE, UnitType.FOOT, UnitType.VOLUNTEERS, UnitType.CAR)
SCHOOL_HOURS = ("07:00-08:30", "16:00-18:00")


@dataclass(slots=True)
class _Errand:
    """What a unit does when it gets to where it goes: ``then`` with its number."""

    then: Callable[[int], None]
    until_s: float


class Duty:
    """Steps with the life. ``arrived`` must be told of every unit that reached the end of its way without a call."""

    def __init__(self, city: City, streets: Streets, force: Force, rng: np.random.Generator) -> None:
        self._streets, self._force, self._rng = streets, force, rng
        self._crew, self._motion = force.crew, force.motion
        self._turn_s = np.full(len(force.crew), np.inf)
        self._errands: dict[int, _Errand] = {}
        self._rests = _rests(city)
        self._relieved_s = -np.inf
        self._looked_s = -np.inf
        self._moves = ~force.crew.is_type(UnitType.MOBILE_PLATFORM, UnitType.POST, UnitType.DRONE)
        self._schools = [(s.node, [_window(text) for text in (s.hours or SCHOOL_HOURS)]) for s in city.schools]
        self._guarded: set[tuple[int, int]] = set()  # (school, its window)
        self._now_s = 0.0
        self._searches = 0

    def begin(self, now_s: float, second_of_day: float) -> None:
        """Everybody as they are found: most on patrol, some on standby or at rest."""
        self._now_s = now_s
        which = np.flatnonzero(self._crew.on_duty(second_of_day))
        fate = self._rng.random(len(which))
        status = np.full(len(which), UnitStatus.AVAILABLE)
        moves = self._moves[which]
        status[moves & (fate < STANDBY_SHARE + BREAK_SHARE)] = UnitStatus.OUT_OF_SERVICE
        status[moves & (fate < STANDBY_SHARE)] = UnitStatus.STANDBY
        assault = self._crew.is_type(UnitType.ASSAULT_VEHICLE)[which]
        status[assault & (fate < 0.6)] = UnitStatus.STANDBY
        status[self._crew.is_type(UnitType.DRONE)[which]] = UnitStatus.STANDBY
        patrol = which[moves & (status == UnitStatus.AVAILABLE)]
        self._motion.scatter(patrol)
        for unit in which[moves & (status != UnitStatus.AVAILABLE)].tolist():
            self._motion.put(unit, self._place_of_rest(unit))
            self._motion.stop(unit)
        self._turn_s[patrol] = now_s + self._rng.uniform(60, PATROL_S[1], len(patrol))
        rest = which[moves & (status != UnitStatus.AVAILABLE)]
        self._turn_s[rest] = now_s + self._rng.uniform(60, STANDBY_S[1], len(rest))
        self._force.begin(which, status, now_s, self._by_day(second_of_day))
        self._relieved_s = now_s

    def step(self, now_s: float, second_of_day: float, is_workday: bool) -> None:
        """Move everybody's working day on to Unix second ``now_s``."""
        self._now_s, self._searches = now_s, WAYS_A_STEP
        for unit in [u for u, errand in self._errands.items() if now_s >= errand.until_s]:
            self.arrived(unit)
        status = self._force.status
        due = np.flatnonzero((self._turn_s <= now_s) & self._force.on_roster)
        for unit in due.tolist():
            if self._force.is_busy(unit) or unit in self._errands:
                self._turn_s[unit] = now_s + 120.0
            elif status[unit] == UnitStatus.AVAILABLE:
                self._to_rest(unit)
            else:
                self._to_work(unit)
        if now_s - self._looked_s >= SHIFTS_EVERY_S:
            self._looked_s = now_s
            self._shifts(second_of_day)
            if is_workday:
                self._school_gates(second_of_day)

    def arrived(self, unit: int) -> None:
        """The unit reached the end of its way, or took too long."""
        errand = self._errands.pop(unit, None)
        if errand is None:
            return
        self._force.errand[unit] = False
        errand.then(unit)

    def called_off(self, unit: int) -> None:
        """A call takes the unit from whatever it was about to do."""
        if self._errands.pop(unit, None) is not None:
            self._force.errand[unit] = False
        self._turn_s[unit] = self._now_s + self._rng.uniform(*PATROL_S)

    def after_call(self, unit: int) -> None:
        """The call is over: back to the beat."""
        if not self._force.on_roster[unit]:
            return
        if not self._moves[unit]:
            self._force.set([unit], UnitStatus.AVAILABLE, self._now_s)
            return
        self._force.set([unit], UnitStatus.RETURNING, self._now_s)
        self._motion.patrol(np.array([unit]))
        self._turn_s[unit] = self._now_s + self._rng.uniform(*BACK_S)

    def _to_work(self, unit: int) -> None:
        self._force.set([unit], UnitStatus.AVAILABLE, self._now_s)
        self._motion.patrol(np.array([unit]))
        self._turn_s[unit] = self._now_s + self._rng.uniform(*PATROL_S)

    def _to_rest(self, unit: int) -> None:
        status = UnitStatus.OUT_OF_SERVICE if self._rng.random() < BREAK_CHANCE else UnitStatus.STANDBY
        lasts = BREAK_S if status is UnitStatus.OUT_OF_SERVICE else STANDBY_S

        def rest(unit: int) -> None:
            self._motion.stop(unit)
            self._force.set([unit], status, self._now_s)
            self._turn_s[unit] = self._now_s + self._rng.uniform(*lasts)

        if self._send(unit, self._place_of_rest(unit), rest, 900.0):
            self._force.set([unit], UnitStatus.RETURNING, self._now_s)

    def _shifts(self, second_of_day: float) -> None:
        due = self._crew.on_duty(second_of_day)
        by_day = self._by_day(second_of_day)
        for unit in np.flatnonzero(due & ~self._force.on_roster).tolist():
            place = int(self._crew.home[unit]) if not self._moves[unit] else self._station_node(unit)
            self._motion.put(unit, place)
            self._motion.stop(unit)
            self._force.enlist(unit, by_day, self._now_s)
            self._turn_s[unit] = self._now_s + self._rng.uniform(120, 600)
        for unit in np.flatnonzero(~due & self._force.on_roster).tolist():
            if not self._force.is_busy(unit) and unit not in self._errands:
                self._leave(unit)
        hand_over = DAY_FROM_S if second_of_day < DAY_UNTIL_S - 3600 else DAY_UNTIL_S
        if abs(second_of_day - hand_over) < 60 and self._now_s - self._relieved_s > 3600:
            self._relieved_s = self._now_s
            for unit in np.flatnonzero(self._force.on_roster & (self._crew.shift == ROUND)).tolist():
                self._force.relieve(unit, by_day)

    def _leave(self, unit: int) -> None:
        if not self._moves[unit] or not self._send(unit, self._station_node(unit), self._dismiss, LEAVE_WITHIN_S):
            if self._searches > 0:
                self._dismiss(unit)
            return
        if self._force.status[unit] != UnitStatus.RETURNING:
            self._force.set([unit], UnitStatus.RETURNING, self._now_s)

    def _dismiss(self, unit: int) -> None:
        self._motion.stop(unit)
        self._turn_s[unit] = np.inf
        self._force.dismiss(unit)

    def _school_gates(self, second_of_day: float) -> None:
        for school, (node, windows) in enumerate(self._schools):
            for k, (begin_s, end_s) in enumerate(windows):
                if not begin_s <= second_of_day < end_s:
                    self._guarded.discard((school, k))
                elif (school, k) not in self._guarded and self._searches > 0:
                    self._guarded.add((school, k))
                    self._guard(node, self._now_s + end_s - second_of_day)

    def _guard(self, node: int, until_s: float) -> None:
        free = (self._force.status == UnitStatus.AVAILABLE) & self._force.on_roster & ~self._force.errand
        free &= self._crew.is_type(*GUARDS)
        at = self._motion.next_node()
        counts = np.bincount(at[free], minlength=len(self._streets.x)).clip(0, 255).astype(np.uint8)
        found = self._streets.search(node, counts.tobytes(), GUARDS_A_SCHOOL, 2_000)
        for place in found.nodes:
            for unit in np.flatnonzero(free & (at == place))[:GUARDS_A_SCHOOL].tolist():
                self._errands[unit] = _Errand(lambda u: self._stand(u, until_s), self._now_s + 1200.0)
                self._force.errand[unit] = True
                self._motion.go(unit, found.way(place))
                self._turn_s[unit] = until_s + 60.0

    def _stand(self, unit: int, until_s: float) -> None:
        self._motion.stop(unit)
        self._errands[unit] = _Errand(self._to_work, until_s + float(self._rng.uniform(0, 300)))

    def _send(self, unit: int, node: int, then: Callable[[int], None], within_s: float) -> bool:
        """Send the unit to ``node``; False when there is no way, or no time to look for one now."""
        if self._searches <= 0:
            self._turn_s[unit] = self._now_s + 1.0
            return False
        self._searches -= 1
        way = self._streets.way(int(self._motion.next_node()[unit]), node)
        if way is None:
            self._turn_s[unit] = self._now_s + 600.0
            return False
        self._errands[unit] = _Errand(then, self._now_s + within_s)
        self._force.errand[unit] = True
        self._motion.go(unit, way)
        return True

    def _place_of_rest(self, unit: int) -> int:
        return int(self._rng.choice(self._rests[int(self._crew.station[unit])]))

    def _station_node(self, unit: int) -> int:
        return int(self._rests[int(self._crew.station[unit])][0])

    def _by_day(self, second_of_day: float) -> bool:
        return DAY_FROM_S <= second_of_day < DAY_UNTIL_S


def _rests(city: City) -> list[list[int]]:
    """By station: where its units stand by; its house first and most often, else posts and key spots."""
    rests = [[int(node)] * 3 for node in city.station_nodes]
    for node in [*city.post_nodes.tolist(), *city.key_nodes.tolist()]:
        rests[int(city.node_station[node])].append(int(node))
    return rests


def _window(text: str) -> tuple[float, float]:
    """"07:00-08:30" → seconds of the day."""
    begin, end = (sum(int(part) * unit for part, unit in zip(t.split(":"), (3600.0, 60.0), strict=True))
                  for t in text.split("-"))  # fmt: skip
    return begin, end
