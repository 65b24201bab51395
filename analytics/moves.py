"""Which units to move where, so that as few moves as possible mend the gaps in the cover. Pure.

Greedy set cover: always the place from which most gaps are reached, with the free unit that is there first. A unit
whose leaving opens other spots is only taken where no other can come, and only if more is mended than opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.force import Mask, OnRoads
from analytics.reach import Reach, Spot, snapped
from analytics.streets import Floats, Ints, Snap

MOST_MOVES = 40
LONGEST_S = 1_800.0  # a longer move mends nothing in time


@dataclass(frozen=True)
class Step:
    """One move: unit and site by index, seconds, spots by index."""

    unit: int
    site: int
    time_s: float
    mends: list[int]
    opens: list[int]


@dataclass(frozen=True)
class Plan:
    """``at_least`` moves are needed for what these mend; ``factor``: see cover.Bound; ``left``: gaps that stay."""

    steps: list[Step]
    at_least: int
    factor: float
    holds: bool
    left: list[int]


def plan(reach: Reach, sites: Sequence[Spot], roads: OnRoads, ready: Mask) -> Plan:
    """Moves of driving ``ready`` units to ``sites``, for the spots of ``reach`` that nobody covers."""
    return _Planner(reach, sites, roads, ready).run()


class _Planner:
    def __init__(self, reach: Reach, sites: Sequence[Spot], roads: OnRoads, ready: Mask) -> None:
        self._roads, self._places = roads, snapped(sites, roads)
        self._gaps = reach.coverers == 0
        mends = _mends(reach, self._places, roads) if self._gaps.any() else np.zeros((len(sites), 0), dtype=bool)
        self._mends = mends  # (sites, spots)
        self._coverers = reach.coverers.copy()
        units = len(roads.force)
        self._own: list[list[int]] = [[] for _ in range(units)]  # spots that each unit covers where it is
        for spot, unit in zip(reach.spot[reach.within].tolist(), reach.unit[reach.within].tolist(), strict=True):
            self._own[unit].append(spot)
        self._free = ready & ~roads.force.walks & (roads.snap.street >= 0)
        self._nearest: tuple[Floats, Ints] | None = None

    def run(self) -> Plan:
        steps: list[Step] = []
        usable = np.ones(len(self._mends), dtype=bool)
        holds = True
        widest = 0
        while len(steps) < MOST_MOVES and self._mends.size:
            gain = (self._mends & (self._coverers == 0)).sum(axis=1) * usable
            site = int(self._best(gain))
            if not gain[site]:
                break
            widest = max(widest, int(gain[site]))
            step = self._step(site, int(gain[site]))
            if step is None:
                usable[site], holds = False, False
                continue
            holds &= not step.opens
            self._take(step)
            steps.append(step)
        mended = sorted({spot for step in steps for spot in step.mends if self._gaps[spot]})
        factor = sum(1.0 / k for k in range(1, widest + 1)) if widest else 1.0
        least = self._apart(mended)
        if holds:
            least = max(least, int(np.ceil(len(steps) / factor - 1e-9)))
        left = np.flatnonzero(self._coverers == 0).tolist()
        return Plan(steps, least, factor, holds, left)

    def _best(self, gain: Ints) -> int:
        """Of the sites that mend most the one where somebody is first."""
        best = np.flatnonzero(gain == gain.max())
        if len(best) == 1 or not gain[best[0]]:
            return int(best[0])
        return int(best[np.argmin(self._first()[0][best])])

    def _first(self) -> tuple[Floats, Ints]:
        """Seconds until the first unit whose leaving opens nothing is at each site, and who."""
        if self._nearest is None:
            spare = self._free & np.array([not self._opens(unit) for unit in range(len(self._own))], dtype=bool)
            self._nearest = self._roads.first_at(self._places, spare)
        return self._nearest

    def _step(self, site: int, gain: int) -> Step | None:
        mends = np.flatnonzero(self._mends[site] & (self._coverers == 0)).tolist()
        time_s, unit = (found[site] for found in self._first())
        if unit >= 0 and (not self._free[unit] or self._opens(int(unit))):  # taken, or needed since another went
            self._nearest = None
            time_s, unit = (found[site] for found in self._first())
        if unit >= 0 and time_s <= LONGEST_S:
            return Step(int(unit), site, float(time_s), mends, [])
        times_s = self._roads.times_s(self._places.take([site]), LONGEST_S, self._free)[0]
        able = np.flatnonzero(np.isfinite(times_s)).tolist()
        opened = {unit: [spot for spot in self._opens(unit) if not self._mends[site, spot]] for unit in able}
        best = min(able, key=lambda unit: (len(opened[unit]), times_s[unit], unit), default=None)
        if best is None or len(opened[best]) >= gain:
            return None
        return Step(best, site, float(times_s[best]), mends, opened[best])

    def _opens(self, unit: int) -> list[int]:
        return [spot for spot in self._own[unit] if self._coverers[spot] == 1]

    def _take(self, step: Step) -> None:
        self._coverers[self._own[step.unit]] -= 1
        self._coverers[self._mends[step.site]] += 1
        self._own[step.unit] = []
        self._free[step.unit] = False

    def _apart(self, mended: list[int]) -> int:
        """How many of ``mended`` no site reaches two of: so many moves it takes at least."""
        count, taken = 0, np.zeros(len(self._mends), dtype=bool)
        for spot in sorted(mended, key=lambda s: int(self._mends[:, s].sum())):
            if not (self._mends[:, spot] & taken).any():
                count += 1
                taken |= self._mends[:, spot]
        return count


def _mends(reach: Reach, sites: Snap, roads: OnRoads) -> np.ndarray:
    """(sites, spots) whether a unit that stands at the site drives to the spot within its target."""
    found = np.zeros((len(sites), len(reach.spots)), dtype=bool)
    for limit_s in np.unique(reach.target_s).tolist():
        same = np.flatnonzero(reach.target_s == limit_s)
        found[:, same] = np.isfinite(roads.network.drive.times_s(sites, reach.places.take(same), limit_s)).T
    return found
