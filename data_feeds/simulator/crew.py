"""Who there is: types of unit in realistic shares, stations, callsigns, shifts, and the roster's messages. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data_feeds.model import Roster, UnitType
from data_feeds.simulator.city import City

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

ROUND, DAY, NIGHT = 0, 1, 2  # shifts: relieved in place, 08–20 h, 20–08 h
DAY_FROM_S, DAY_UNTIL_S = 8 * 3600.0, 20 * 3600.0
HANDOVER_S = 12 * 60.0  # a relief comes so much earlier, the relieved leaves so much later, at most
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of unit. ``share`` of all units, ``speed`` its own limit in m/s (0: it stands), ``beat_m`` how far it
    goes from the middle of its beat, ``shifts`` shares of ROUND, DAY and NIGHT, ``crew`` officers and auxiliaries."""

    type: UnitType
    prefix: str
    share: float
    speed: float
    beat_m: float
    shifts: tuple[float, float, float]
    crew: tuple[int, int]
    answers: bool  # is sent to calls
    skills: tuple[str, ...] = ()


KINDS = (
    Kind(UnitType.CAR, "P", 0.36, 33.0, 1900.0, (0.74, 0.16, 0.10), (2, 1), True, ("first_aid", "speed_gun")),
    Kind(UnitType.MOTORCYCLE, "铁骑", 0.15, 28.0, 1500.0, (0.55, 0.35, 0.10), (1, 1), True, ("first_aid",)),
    Kind(UnitType.FOOT, "步巡", 0.17, 1.35, 420.0, (0.45, 0.40, 0.15), (1, 2), True),
    Kind(UnitType.TRAFFIC, "交警", 0.09, 28.0, 2400.0, (0.55, 0.40, 0.05), (2, 1), True, ("accident", "breath_test")),
    Kind(UnitType.ASSAULT_VEHICLE, "突击", 0.015, 30.0, 3000.0, (1.0, 0.0, 0.0), (6, 0), True, ("shields", "riot")),
    Kind(UnitType.COMMAND_VEHICLE, "指挥", 0.008, 28.0, 3000.0, (0.8, 0.2, 0.0), (3, 0), False, ("relay",)),
    Kind(UnitType.MOBILE_PLATFORM, "平台", 0.04, 0.0, 0.0, (0.7, 0.2, 0.1), (2, 4), True, ("first_aid", "camera")),
    Kind(UnitType.POST, "岗", 0.075, 0.0, 0.0, (0.8, 0.2, 0.0), (1, 2), True),
    Kind(UnitType.MOUNTED, "骑警", 0.006, 1.8, 700.0, (0.0, 1.0, 0.0), (2, 0), False),
    Kind(UnitType.VOLUNTEERS, "群防", 0.076, 1.1, 350.0, (0.0, 0.85, 0.15), (0, 5), False),
    Kind(UnitType.DRONE, "无人机", 0.01, 0.0, 0.0, (1.0, 0.0, 0.0), (1, 0), False, ("thermal", "loudspeaker")),
)
TYPES = np.array([kind.type for kind in KINDS])


@dataclass(frozen=True, eq=False)
class Crew:
    """U units in columns. ``kind`` indexes KINDS, ``station`` the city's stations; ``home`` is the node in the middle
    of the beat (of a still unit: where it stands); ``shift`` as above, ``late_s`` how late its own hand-over is."""

    city: City
    kind: Ints
    station: Ints
    home: Ints
    shift: Ints
    late_s: Floats
    ids: list[str]
    callsigns: list[str]

    def __len__(self) -> int:
        return len(self.kind)

    @cached_property
    def answers(self) -> NDArray[np.bool_]:
        """(U,) who is sent to calls."""
        return np.array([kind.answers for kind in KINDS])[self.kind]

    def is_type(self, *types: UnitType) -> NDArray[np.bool_]:
        """(U,) whether each is of one of ``types``."""
        return np.isin(TYPES[self.kind], types)

    def on_duty(self, second_of_day: float) -> NDArray[np.bool_]:
        """(U,) who should be on the roster at this second of the local day."""
        s = (second_of_day - self.late_s) % DAY_S
        day = (s >= DAY_FROM_S) & (s < DAY_UNTIL_S)
        return np.where(self.shift == ROUND, True, np.where(self.shift == DAY, day, ~day))

    def roster(self, unit: int, by_day: bool) -> Roster:
        """The unit's line on the roster; at night the crews are smaller."""
        kind = KINDS[self.kind[unit]]
        station = self.city.stations[self.station[unit]]
        officers, auxiliaries = kind.crew
        fewer = auxiliaries > 0 and (unit * 7 + by_day) % 3 == 0
        return Roster(
            self.ids[unit], self.callsigns[unit], kind.type.name.lower(), "police", station.id, station.parent,
            list(kind.skills[: 1 + unit % 2]) if unit % 5 else [],
            crew_officers=officers, crew_auxiliaries=max(0, auxiliaries - (not by_day) - fewer),
        )  # fmt: skip


def recruit(city: City, units: int, seed: int) -> Crew:
    """``units`` units for ``city``. Few units keep all the important types; the same arguments give the same crew."""
    rng = np.random.default_rng([seed, 11])
    kind = _kinds(units, rng)
    heat = 0.7 * city.heat_day + 0.3 * city.heat_night
    home = rng.choice(len(heat), units, p=_even(heat))
    for wanted, nodes in ((UnitType.MOBILE_PLATFORM, city.key_nodes), (UnitType.POST, _posts(city))):
        stand = np.flatnonzero(TYPES[kind] == wanted)
        if len(nodes):
            home[stand] = np.resize(rng.permutation(nodes), len(stand))
    station = city.node_station[home].astype(np.intp)
    docks = np.flatnonzero(TYPES[kind] == UnitType.DRONE)
    station[docks] = np.resize(rng.permutation(len(city.stations)), len(docks))
    home[docks] = city.station_nodes[station[docks]]
    draw = rng.random(units)
    shares = np.cumsum([k.shifts for k in KINDS], axis=1)
    shift = (draw[:, None] >= shares[kind]).sum(axis=1).clip(0, 2)
    late_s = rng.uniform(-HANDOVER_S, HANDOVER_S, units)
    return Crew(city, kind, station, home, shift, late_s, *_names(kind))


def _kinds(units: int, rng: np.random.Generator) -> Ints:
    shares = np.array([k.share for k in KINDS])
    counts = np.floor(shares / shares.sum() * units).astype(int)
    rarest_first = np.argsort(shares)
    counts[rarest_first] = np.maximum(counts[rarest_first], 1)  # one of each, while there is room
    while counts.sum() > units:
        counts[np.argmax(counts)] -= 1
    counts[0] += units - counts.sum()
    return np.asarray(rng.permutation(np.repeat(np.arange(len(KINDS)), counts)), dtype=np.intp)


def _even(heat: Floats) -> Floats:
    """Where patrols are: where the calls come from, and a little everywhere."""
    weight = np.sqrt(heat) + 0.15 * np.sqrt(heat).mean()
    return np.asarray(weight / weight.sum())


def _posts(city: City) -> NDArray[np.int32]:
    return np.concatenate([city.key_nodes, city.post_nodes]).astype(np.int32)


def _names(kind: Ints) -> tuple[list[str], list[str]]:
    ids = [f"U{k + 1:05d}" for k in range(len(kind))]
    counts = [0] * len(KINDS)
    first = [1000 if KINDS[k].share > 0.05 else 0 for k in range(len(KINDS))]
    callsigns = []
    for unit, k in enumerate(kind.tolist()):
        counts[k] += 1
        if KINDS[k].type is UnitType.DRONE:
            ids[unit] = f"D{counts[k]:02d}"
            callsigns.append(f"U-{counts[k]:02d}")
        else:
            callsigns.append(f"{KINDS[k].prefix}-{first[k] + counts[k]:02d}")
    return ids, callsigns
