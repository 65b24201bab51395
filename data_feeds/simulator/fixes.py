"""Positions as vehicles' terminals send them: how often, how exactly, in which datum. Vectorised up to the bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from data_feeds.geo import from_wgs84
from data_feeds.model import Datum, Topic, UnitStatus, UnitType
from data_feeds.simulator.crew import KINDS
from data_feeds.simulator.force import Force
from data_feeds.simulator.motion import Motion
from data_feeds.simulator.outbox import Said

Ints = NDArray[np.intp]
GCJ_SHARE = 0.12  # of the units, whose terminals speak in GCJ-02
GOOD_M, POOR_M = 2.2, 14.0  # scatter of a fix (standard deviation)
POOR_SHARE, POOR_CHANGE = 0.03, 0.02  # units in bad reception; how many change at a fix
DRIFT = 0.25  # how fast a terminal's error wanders
MOVING_MPS = 0.5


@dataclass(frozen=True)
class Intervals:
    """Seconds between two fixes by type and by what the unit does. ``rate``: so many times as often."""

    driving_s: float = 1.0
    hurrying_s: float = 1.0
    standing_s: float = 15.0
    resting_s: float = 30.0
    by_type_s: Mapping[UnitType, float] = field(
        default_factory=lambda: {UnitType.FOOT: 5.0, UnitType.VOLUNTEERS: 10.0, UnitType.MOUNTED: 5.0,
                                 UnitType.MOTORCYCLE: 1.0, UnitType.CAR: 2.0, UnitType.TRAFFIC: 2.0}
    )  # fmt: skip
    rate: float = 1.0


class Fixes:
    """Makes the fixes that are due. Drones speak for themselves."""

    def __init__(self, force: Force, motion: Motion, intervals: Intervals, rng: np.random.Generator) -> None:
        units = len(force.crew)
        self._force, self._motion, self._intervals, self._rng = force, motion, intervals, rng
        kinds = force.crew.kind
        moving = [intervals.by_type_s.get(kind.type, intervals.driving_s) for kind in KINDS]
        self._moving_s = np.array(moving)[kinds]
        self._own = ~force.crew.is_type(UnitType.DRONE)
        self._wheels = ~force.crew.is_type(UnitType.FOOT, UnitType.VOLUNTEERS, UnitType.MOUNTED, UnitType.POST)
        self._gcj = rng.random(units) < GCJ_SHARE
        self._poor = rng.random(units) < POOR_SHARE
        self._error = rng.normal(0.0, GOOD_M, (units, 2))
        self._due_s = np.zeros(units)
        datum = ['"GCJ02"' if gcj else '"WGS84"' for gcj in self._gcj.tolist()]
        ids = force.crew.ids
        self._heads = [f'{{"unit_id":"{i}","datum":{d},"lat":' for i, d in zip(ids, datum, strict=True)]
        self._keys = [i.encode() for i in ids]

    def due(self, now_s: float) -> Ints:
        """The units whose next fix is due at Unix second ``now_s``; each counts as sent."""
        can = self._own & self._force.on_roster & ~self._force.silent
        which = np.flatnonzero(can & (self._due_s <= now_s))
        self._due_s[which] = np.maximum(self._due_s[which] + self._every(which), now_s - 0.01)
        late = which[self._due_s[which] <= now_s]
        self._due_s[late] = now_s + self._every(late)
        return which

    def begin(self, now_s: float) -> Ints:
        """The units that speak at the start: all that can; then each in its own rhythm."""
        every = self._every(np.arange(len(self._due_s)))
        self._due_s = now_s + self._rng.random(len(every)) * every
        return np.flatnonzero(self._own & self._force.on_roster & ~self._force.silent)

    def said(self, which: Ints, now_s: float) -> list[Said]:
        """A fix of each of ``which`` as a record."""
        self._wander(which)
        x, y, course = self._motion.places(which)
        lat, lon = self._motion.streets.degrees(x + self._error[which, 0], y + self._error[which, 1])
        gcj = self._gcj[which]
        if gcj.any():
            lat[gcj], lon[gcj] = from_wgs84(lat[gcj], lon[gcj], Datum.GCJ02)
        accuracy = np.where(self._poor[which], 3.0 * POOR_M, 2.0 * GOOD_M)
        speed = self._motion.speed[which]
        at = datetime.fromtimestamp(now_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        heads, keys, topic = self._heads, self._keys, Topic.POSITION
        tail = f',"fix_time":"{at}"}}'
        rows = zip(which.tolist(), lat.tolist(), lon.tolist(), course.tolist(), speed.tolist(), accuracy.tolist(),
                   self._wheels[which].tolist(), strict=True)  # fmt: skip
        return [
            (topic, keys[k], (
                f'{heads[k]}{a:.6f},"lon":{o:.6f},"speed_mps":{v:.1f},"course":{c:.1f},"accuracy_m":{m:.1f}'
                f'{f""","heading":{c:.1f}""" if wheels else ""}{tail}'
                if v > MOVING_MPS or wheels else
                f'{heads[k]}{a:.6f},"lon":{o:.6f},"speed_mps":{v:.1f},"accuracy_m":{m:.1f}{tail}'
            ).encode())
            for k, a, o, c, v, m, wheels in rows
        ]  # fmt: skip

    def _every(self, which: Ints) -> NDArray[np.float64]:
        i = self._intervals
        status = self._force.status[which]
        every = self._moving_s[which]
        every = np.where(status == UnitStatus.ENROUTE, np.minimum(every, i.hurrying_s), every)
        every = np.where(self._motion.held[which], i.standing_s, every)
        resting = (status == UnitStatus.STANDBY) | (status == UnitStatus.OUT_OF_SERVICE)
        return np.asarray(np.where(resting & self._motion.held[which], i.resting_s, every) / i.rate)

    def _wander(self, which: Ints) -> None:
        change = self._rng.random(len(which))
        self._poor[which] = np.where(
            self._poor[which], change > POOR_CHANGE, change < POOR_CHANGE * POOR_SHARE
        )
        sigma = np.where(self._poor[which], POOR_M, GOOD_M)[:, None]
        step = self._rng.normal(0.0, 1.0, (len(which), 2)) * sigma * np.sqrt(2 * DRIFT - DRIFT**2)
        self._error[which] = self._error[which] * (1 - DRIFT) + step
