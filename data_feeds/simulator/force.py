"""What every unit does: its status, who is on the roster, and what is said of it. The clock is passed in."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from data_feeds.model import Status, Topic, UnitStatus
from data_feeds.simulator.crew import Crew
from data_feeds.simulator.motion import Motion
from data_feeds.simulator.outbox import Outbox
from data_feeds.simulator.records import moment

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

BUSY = (UnitStatus.DISPATCHED, UnitStatus.ENROUTE, UnitStatus.ON_SCENE)
# What a unit may do next; anything else would be a mistake of the simulator.
LEGAL: dict[UnitStatus, frozenset[UnitStatus]] = {
    UnitStatus.AVAILABLE: frozenset(
        {UnitStatus.DISPATCHED, UnitStatus.RETURNING, UnitStatus.STANDBY, UnitStatus.OUT_OF_SERVICE}
    ),
    UnitStatus.DISPATCHED: frozenset({UnitStatus.ENROUTE, UnitStatus.RETURNING, UnitStatus.AVAILABLE}),
    UnitStatus.ENROUTE: frozenset({UnitStatus.ON_SCENE, UnitStatus.RETURNING, UnitStatus.AVAILABLE}),
    UnitStatus.ON_SCENE: frozenset({UnitStatus.RETURNING, UnitStatus.AVAILABLE}),
    UnitStatus.RETURNING: frozenset(
        {UnitStatus.DISPATCHED, UnitStatus.AVAILABLE, UnitStatus.STANDBY, UnitStatus.OUT_OF_SERVICE}
    ),
    UnitStatus.STANDBY: frozenset(
        {UnitStatus.DISPATCHED, UnitStatus.AVAILABLE, UnitStatus.OUT_OF_SERVICE, UnitStatus.RETURNING}
    ),
    UnitStatus.OUT_OF_SERVICE: frozenset({UnitStatus.AVAILABLE, UnitStatus.STANDBY, UnitStatus.RETURNING}),
}


class Force:
    """U units: ``status`` and ``on_roster`` (U,), ``silent`` (U,): not heard just now. Says each change once."""

    def __init__(self, crew: Crew, motion: Motion, outbox: Outbox) -> None:
        units = len(crew)
        self.crew, self.motion, self._out = crew, motion, outbox
        self.status = np.full(units, UnitStatus.AVAILABLE, dtype=np.uint8)
        self.on_roster = np.zeros(units, dtype=bool)
        self.silent = np.zeros(units, dtype=bool)
        self.errand = np.zeros(units, dtype=bool)  # on its way to something of its own
        self.since_s = np.zeros(units)
        self._incident = [""] * units
        self._begun_s = 0.0  # what was before the start is said as of the start: an older time would be taken as old
        self._sos: set[int] = set()

    def begin(self, which: Ints, statuses: Ints, now_s: float, by_day: bool) -> None:
        """Put ``which`` on the roster with their statuses, at the start."""
        self.on_roster[which], self.status[which] = True, statuses
        self.since_s[which] = self._begun_s = now_s
        for unit in which.tolist():
            self._out.say(Topic.ROSTER, self.crew.ids[unit], self.crew.roster(unit, by_day))
            self._say(unit)

    def set(self, units: Iterable[int], status: UnitStatus, now_s: float, incident_id: str = "") -> None:
        """``units`` now have ``status``, for the incident if one is named."""
        for unit in units:
            if self.status[unit] == status and self._incident[unit] == incident_id:
                continue
            was = UnitStatus(int(self.status[unit]))
            if status is not was and status not in LEGAL[was]:
                raise ValueError(f"{self.crew.ids[unit]}: {status.name} cannot follow {was.name}")
            self.status[unit], self._incident[unit] = status, incident_id
            self.since_s[unit] = max(now_s, self._begun_s)
            self._say(unit)

    def call_for_help(self, unit: int, calls: bool, now_s: float) -> None:
        """The unit presses its alarm, or the alarm is over."""
        (self._sos.add if calls else self._sos.discard)(unit)
        self.since_s[unit] = now_s
        self._say(unit)

    def enlist(self, unit: int, by_day: bool, now_s: float) -> None:
        """The unit's turn of duty begins, at its station."""
        if self.on_roster[unit]:
            raise ValueError(f"{self.crew.ids[unit]} is on the roster already")
        self.on_roster[unit] = True
        self.status[unit], self._incident[unit], self.since_s[unit] = UnitStatus.STANDBY, "", now_s
        self._out.say(Topic.ROSTER, self.crew.ids[unit], self.crew.roster(unit, by_day))
        self._say(unit)

    def relieve(self, unit: int, by_day: bool) -> None:
        """Another crew takes the unit over."""
        self._out.say(Topic.ROSTER, self.crew.ids[unit], self.crew.roster(unit, by_day))

    def dismiss(self, unit: int) -> None:
        """The unit's turn of duty is over: it leaves the roster."""
        self.on_roster[unit] = False
        self._sos.discard(unit)
        self._out.say(Topic.ROSTER, self.crew.ids[unit], None)
        self._out.say(Topic.STATUS, self.crew.ids[unit], None)

    def is_busy(self, unit: int) -> bool:
        return UnitStatus(int(self.status[unit])) in BUSY

    def hurrying(self) -> Bools:
        """(U,) who drives to an incident."""
        return self.status == UnitStatus.ENROUTE

    def free(self) -> Bools:
        """(U,) who could be sent to a call now."""
        idle = (self.status == UnitStatus.AVAILABLE) | (self.status == UnitStatus.RETURNING)
        return idle & self.on_roster & self.crew.answers & ~self.silent

    def _say(self, unit: int) -> None:
        word = UnitStatus(int(self.status[unit])).name
        since, sos = moment(float(self.since_s[unit])), unit in self._sos
        message = Status(self.crew.ids[unit], word, self._incident[unit], since, sos)
        self._out.say(Topic.STATUS, self.crew.ids[unit], message)
