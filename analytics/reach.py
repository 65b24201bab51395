"""Which units are near which spots: the table from which cover, gaps and what a unit uncovers are read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.force import Mask, OnRoads
from analytics.streets import Floats, Ints, Snap

BEYOND_S = 120.0  # so much past a target units are told still: who would come instead


class Spot(NamedTuple):
    """A place with a target, or one where a unit may stand (``target_s`` 0). WGS-84 degrees."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    lat: float
    lon: float
    target_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Reach:
    """P pairs of a spot and a unit that gets there within its target and BEYOND_S: by spot, the fastest first.

    ``first`` (S + 1,) says where the pairs of each spot begin.
    """

    spots: Sequence[Spot]
    places: Snap
    target_s: Floats  # (S,)
    first: Ints
    unit: Ints  # (P,)
    time_s: Floats  # (P,)

    @classmethod
    def of(cls, spots: Sequence[Spot], roads: OnRoads, which: Mask) -> Reach:
        """Of the units ``which``."""
        target_s = np.array([spot.target_s for spot in spots], dtype=np.float64)
        places = snapped(spots, roads)
        spot, unit, time_s = roads.pairs(places, target_s + BEYOND_S, which)
        order = np.lexsort((unit, time_s, spot))
        first = np.searchsorted(spot[order], np.arange(len(spots) + 1))
        return cls(spots, places, target_s, first, unit[order], time_s[order])

    @cached_property
    def spot(self) -> Ints:
        """(P,) the spot of each pair."""
        return np.repeat(np.arange(len(self.spots)), np.diff(self.first))

    @cached_property
    def within(self) -> NDArray[np.bool_]:
        """(P,) whether the unit gets there within the target."""
        return self.time_s <= self.target_s[self.spot]

    @cached_property
    def coverers(self) -> Ints:
        """(S,) how many units get there within the target."""
        return np.bincount(self.spot[self.within], minlength=len(self.spots))

    @cached_property
    def alone(self) -> Ints:
        """(S,) the only unit that covers the spot; −1 where several do or none."""
        only = np.full(len(self.spots), -1, dtype=np.intp)
        single = np.flatnonzero(self.coverers == 1)
        only[single] = self.unit[self.first[single]]
        return only

    def opened_by(self, unit: int) -> list[tuple[int, float, float | None, int]]:
        """The spots that nobody else covers: (spot, its seconds, the seconds of the next, who that is or −1)."""
        found = []
        for spot in np.flatnonzero(self.alone == unit).tolist():
            begin = int(self.first[spot])
            others = begin + 1 < int(self.first[spot + 1])
            next_s = float(self.time_s[begin + 1]) if others else None
            found.append((spot, float(self.time_s[begin]), next_s, int(self.unit[begin + 1]) if others else -1))
        return found

    def opens(self, units: int) -> Ints:
        """(U,) how many spots each of ``units`` units covers alone."""
        alone = self.alone
        return np.bincount(alone[alone >= 0], minlength=units)


def snapped(spots: Sequence[Spot], roads: OnRoads) -> Snap:
    """Where ``spots`` meet the streets."""
    lat, lon = (np.array([spot[k] for spot in spots], dtype=np.float64) for k in (4, 5))
    return roads.network.streets.snap(lat, lon)
