"""The imperfect world: units that fall silent, late and doubled messages, a wrong clock, rubbish, a call for help."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from heapq import heappop, heappush

import numpy as np

from data_feeds.model import UnitStatus, UnitType
from data_feeds.simulator.force import Force
from data_feeds.simulator.outbox import Said

SILENT_SHARE = 0.012  # of the units, at any time
SILENT_S = (45.0, 900.0)
LATE, LATE_S, TWICE = 0.002, (4.0, 40.0), 0.002  # share of the fixes
WRONG_CLOCK_EVERY_S, WRONG_CLOCK_S, AHEAD_S = 1500.0, 45.0, 420.0
RUBBISH_EVERY_S = 3600.0
SOS_EVERY_S, SOS_S = (600.0, 900.0), 40.0
FIRST_SOS_S = (150.0, 420.0)


class Mishaps:
    """``rng`` decides all of it. Times in Unix seconds."""

    def __init__(self, force: Force, rng: np.random.Generator, now_s: float) -> None:
        self._force, self._rng = force, rng
        units = len(force.crew)
        self._heard_again_s = np.zeros(units)
        silent = rng.random(units) < SILENT_SHARE
        self._heard_again_s[silent] = now_s + rng.uniform(*SILENT_S, int(silent.sum()))
        force.silent[silent] = True
        self._begun_s = now_s
        self._late: list[tuple[float, int, Said]] = []
        self._number = 0
        self._clock_s = now_s + float(rng.uniform(200, WRONG_CLOCK_EVERY_S))
        self._ahead: tuple[bytes, float] | None = None  # (unit, until)
        self._rubbish_s = now_s + float(rng.uniform(0.3, 1.0) * RUBBISH_EVERY_S)
        self._sos_s = now_s + float(rng.uniform(*FIRST_SOS_S))
        self._helpless: tuple[int, float] | None = None
        self._index = {unit_id.encode(): k for k, unit_id in enumerate(force.crew.ids)}

    def silence(self, now_s: float, dt: float) -> None:
        """Some fall silent, others are heard again."""
        force = self._force
        back = np.flatnonzero(force.silent & (self._heard_again_s <= now_s))
        force.silent[back] = False
        chance = dt * SILENT_SHARE / np.mean(SILENT_S)
        gone = np.flatnonzero(~force.silent & (self._rng.random(len(force.silent)) < chance))
        self._heard_again_s[gone] = now_s + self._rng.uniform(*SILENT_S, len(gone))
        force.silent[gone] = True

    def sos(self, now_s: float) -> int | None:
        """The unit that begins to call for help now, if one does; its alarm ends by itself."""
        if self._helpless is not None and now_s >= self._helpless[1]:
            unit, self._helpless = self._helpless[0], None
            if self._force.on_roster[unit]:
                self._force.call_for_help(unit, False, now_s)
        if self._helpless is not None or now_s < self._sos_s:
            return None
        self._sos_s = now_s + float(self._rng.uniform(*SOS_EVERY_S))
        force = self._force
        out = np.isin(force.status, (UnitStatus.AVAILABLE, UnitStatus.ON_SCENE)) & force.on_roster & ~force.silent
        out &= force.crew.is_type(UnitType.CAR, UnitType.FOOT, UnitType.MOTORCYCLE, UnitType.TRAFFIC)
        able = np.flatnonzero(out)
        if not len(able):
            return None
        unit = int(self._rng.choice(able))
        self._helpless = unit, now_s + SOS_S
        force.call_for_help(unit, True, now_s)
        return unit

    def transmit(self, fixes: list[Said], now_s: float) -> list[Said]:
        """What of ``fixes`` arrives now, with what was held up before, what comes twice, and what is wrong."""
        fate = self._rng.random(len(fixes))
        odd = np.flatnonzero((fate < LATE) | (fate > 1 - TWICE)).tolist()
        doubled = []
        for i in reversed(odd):
            if fate[i] < LATE:
                self._number += 1
                heappush(self._late, (now_s + float(self._rng.uniform(*LATE_S)), self._number, fixes.pop(i)))
            else:
                doubled.append(fixes[i])
        arriving = fixes + doubled
        while self._late and self._late[0][0] <= now_s:
            late = heappop(self._late)[2]
            if self._force.on_roster[self._index[late[1]]]:
                arriving.append(late)
        self._wrong_clock(arriving, now_s)
        if now_s >= self._rubbish_s and arriving:
            self._rubbish_s = now_s + float(self._rng.uniform(0.7, 1.3) * RUBBISH_EVERY_S)
            topic, key, value = arriving[0]
            arriving.append((topic, key, (value or b"")[:-9]))
        return arriving

    def _wrong_clock(self, fixes: list[Said], now_s: float) -> None:
        if self._ahead is None and now_s >= self._clock_s and fixes:
            self._ahead = fixes[0][1], now_s + WRONG_CLOCK_S
            self._clock_s = now_s + WRONG_CLOCK_EVERY_S * float(self._rng.uniform(0.7, 1.3))
        if self._ahead is None:
            return
        for i, (topic, key, value) in enumerate(fixes):
            if key == self._ahead[0] and value:
                fixes[i] = topic, key, _ahead(value, now_s)
        if now_s >= self._ahead[1]:
            self._ahead = None


def _ahead(value: bytes, now_s: float) -> bytes:
    fix = json.loads(value)
    fix["fix_time"] = datetime.fromtimestamp(now_s + AHEAD_S, UTC).isoformat()
    return json.dumps(fix, separators=(",", ":")).encode()


