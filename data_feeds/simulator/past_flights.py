"""The past of a demo city's drones in columns: minutes in the air and detections of some months, as its fleet flies.

The days follow from the seed and from the numbers by which ``flights`` and ``sightings`` live: how many are in the air,
how long a battery lasts, which missions suit the hour, what each sort of mission shows. Not told are the flights to
grave incidents, which follow from what a day's dispatch does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.drone_rows import FLIGHT, SIGHT
from data_feeds.history.query import DronesKnown
from data_feeds.history.store import Store
from data_feeds.model import UnitType
from data_feeds.simulator import gaps
from data_feeds.simulator.calls import local_day
from data_feeds.simulator.city import City
from data_feeds.simulator.crew import recruit
from data_feeds.simulator.flights import (
    CHARGE_S,
    CLIMB_MPS,
    CRUISE_MPS,
    FAR_M,
    FLIGHT_S,
    HOME_PERCENT,
    IN_AIR_SHARE,
    LAUNCH_EVERY_S,
    READY_PERCENT,
    WORK_M,
)
from data_feeds.simulator.gaps import Gap
from data_feeds.simulator.life import PAST_DAYS, Habits
from data_feeds.simulator.missions import of_city
from data_feeds.simulator.network import Streets
from data_feeds.simulator.sightings import EVERY_S, KINDS

log = logging.getLogger("wallboard.past")

MARKS, UNTIL, DONE = "demo drones", "until", "days"  # how far ``seed`` has come, kept as offsets
DAYS = 62  # the past month and most of the one before: what a first start writes in a second or two
SLICE_DAYS = 31
QUARTERS = 96  # of an hour, in a day: how finely it is known which missions suit
LOOKS_AHEAD_M, SWAY_M = 105.0, 12.0  # from the drone to what its camera finds
PAUSE_MS = 600_000  # in which no drone of the fleet is in the air: nobody recorded
MOST_FOUND = int(FLIGHT_S / EVERY_S[0])
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sorties:
    """S flights in columns, by their begin: Unix seconds, indexes of drone and mission, seconds of one way."""

    begin_s: Floats
    end_s: Floats
    drone: Ints
    mission: Ints
    way_s: Floats
    first: Ints  # the waypoint at which the round begins


class PastFlights:
    """What the drones of ``city`` did: the arguments of its ``Life``, so that they are the same drones."""

    def __init__(self, city: City, units: int, seed: int, habits: Habits | None = None) -> None:
        habits = habits or Habits()
        self.seed, self.zone = seed, habits.zone
        self._streets = streets = Streets(city.roads)
        crew = recruit(city, units, seed)
        fleet = np.flatnonzero(crew.is_type(UnitType.DRONE))
        self._ids = pa.array([crew.ids[unit] for unit in fleet.tolist()], pa.string())
        self._dock = np.column_stack([streets.x[crew.home[fleet]] + 25.0, streets.y[crew.home[fleet]] + 18.0])
        missions = of_city(city, streets, seed)
        self._fleet = len(fleet) if missions else 0
        self._wanted = max(1, round(len(fleet) * IN_AIR_SHARE))
        if not self._fleet:
            return
        self._names = pa.array([mission.name for mission in missions], pa.string())
        self._points = np.concatenate([np.array(mission.points) for mission in missions])
        self._count = np.array([len(mission.points) for mission in missions])
        self._begin = np.cumsum(self._count) - self._count
        self._leg_s = np.array([_length(np.array(mission.points)) for mission in missions]) / self._count / CRUISE_MPS
        self._sorts = list(KINDS)
        self._sort = np.array([self._sorts.index(mission.sort) for mission in missions])
        heads = self._points[self._begin]
        self._away = np.hypot(*(heads[None, :, :] - self._dock[:, None, :]).transpose(2, 0, 1))
        weight = np.log([mission.weight for mission in missions])
        hours = (np.arange(QUARTERS) + 0.5) * 24.0 / QUARTERS
        suits = np.array(
            [[[m.suits(hour, work) for m in missions] for hour in hours.tolist()] for work in (False, True)]
        )
        # they are not all sent to see the same: a sort with many missions is not flown more for it
        alike = np.zeros(suits.shape)
        for sort in range(len(self._sorts)):
            alike[..., self._sort == sort] = suits[..., self._sort == sort].sum(axis=2, keepdims=True)
        self._likes = np.where(suits, weight - np.log(np.maximum(alike, 1.0)), -np.inf)

    def tables(self, days: Sequence[date], until_s: float, lost: Sequence[Gap] = ()) -> tuple[pa.Table, pa.Table]:
        """Rows of FLIGHT and of SIGHT of ``days``, before ``until_s`` (Unix) and not within ``lost``."""
        parts = [self._day(of, until_s, lost) for of in days] if self._fleet else []
        return (
            pa.concat_tables([flown for flown, _ in parts] or [FLIGHT.empty_table()]),
            pa.concat_tables([seen for _, seen in parts] or [SIGHT.empty_table()]),
        )

    def _day(self, of: date, until_s: float, lost: Sequence[Gap]) -> tuple[pa.Table, pa.Table]:
        rng = np.random.default_rng([self.seed, 47, of.toordinal()])
        begin_s, end_s = (midnight(day, self.zone) for day in (of, of + timedelta(days=1)))
        sorties = self._sorties(rng, of, begin_s, end_s)
        at_s, row = _minutes(sorties)
        found_s, found = self._looks(rng, sorties)
        flown, seen = _outside(at_s, until_s, lost), _outside(found_s, until_s, lost)
        return self._flown(sorties, at_s[flown], row[flown]), self._seen(rng, sorties, found_s, found, seen)

    def _sorties(self, rng: np.random.Generator, of: date, begin_s: float, end_s: float) -> Sorties:
        """As many are in the air as the fleet's batteries let, each followed by another soon after it has landed."""
        lasts = FLIGHT_S * (READY_PERCENT - HOME_PERCENT) / 100.0
        most = int((end_s - begin_s) / lasts) + 2
        shape = self._wanted, most
        charged = rng.uniform(READY_PERCENT, 100.0, shape)
        flight = FLIGHT_S * (charged - HOME_PERCENT) / 100.0 + np.mean(WORK_M) / CLIMB_MPS
        rest = CHARGE_S * (charged - HOME_PERCENT) / 100.0
        apart = np.maximum(
            flight + rng.uniform(5.0, LAUNCH_EVERY_S[1], shape), (flight + rest) * self._wanted / self._fleet
        )
        start = begin_s - rng.random((self._wanted, 1)) * apart[:, :1] + np.cumsum(apart, axis=1) - apart
        order = np.argsort(start, axis=None)
        start, flight = np.rint(start.ravel()[order]), flight.ravel()[order]
        drone = (np.arange(len(order)) + int(rng.integers(self._fleet))) % self._fleet
        quarter = np.clip((start - begin_s) / 900.0, 0, QUARTERS - 1).astype(np.int64)
        likes = self._likes[int(of.weekday() < 5), quarter] - self._away[drone] / FAR_M
        mission = (likes + rng.gumbel(size=likes.shape)).argmax(axis=1)
        first = rng.integers(0, 1 << 20, len(order))
        known = (start < end_s) & (start + flight > begin_s) & np.isfinite(likes).any(axis=1)
        way_s = np.minimum(self._away[drone, mission] / CRUISE_MPS, flight / 3.0)
        start, stop = np.maximum(start, begin_s), np.minimum(start + flight, end_s)
        return Sorties(start[known], stop[known], drone[known], mission[known], way_s[known], first[known])

    def _looks(self, rng: np.random.Generator, sorties: Sorties) -> tuple[Floats, Ints]:
        """When cameras find something while on the way or at work, and in which sortie."""
        every = rng.uniform(*EVERY_S, (len(sorties.begin_s), MOST_FOUND))
        every[:, 0] = rng.uniform(2.0, EVERY_S[1], len(every))
        climb_s = np.mean(WORK_M) / CLIMB_MPS
        at_s = np.floor((sorties.begin_s + climb_s)[:, None] + np.cumsum(every, axis=1))
        row, column = np.nonzero(at_s < (sorties.end_s - climb_s - sorties.way_s)[:, None])
        return at_s[row, column], row

    def _places(self, sorties: Sorties, at_s: Floats, row: Ints) -> Floats:
        """(n, 2) metres: from the dock to the round, along it, and home again."""
        begin, end, way_s = sorties.begin_s[row], sorties.end_s[row], np.maximum(sorties.way_s[row], 1.0)
        mission, climb_s = sorties.mission[row], np.mean(WORK_M) / CLIMB_MPS
        since = at_s - begin - climb_s
        there = np.clip(np.minimum(since, end - climb_s - at_s) / way_s, 0.0, 1.0)
        legs = np.maximum((since - way_s) / self._leg_s[mission], 0.0).astype(np.int64)
        point = self._points[self._begin[mission] + (sorties.first[row] + legs) % self._count[mission]]
        dock = self._dock[sorties.drone[row]]
        return np.asarray(dock + (point - dock) * there[:, None])

    def _flown(self, sorties: Sorties, at_s: Floats, row: Ints) -> pa.Table:
        lat, lon = self._degrees(self._places(sorties, at_s, row))
        columns = {
            "drone_id": self._ids.take(pa.array(sorties.drone[row])), "at_ms": _ms(at_s), "lat": lat, "lon": lon,
            "mission": self._names.take(pa.array(sorties.mission[row])),
        }  # fmt: skip
        return pa.table(columns, schema=FLIGHT)

    def _seen(
        self, rng: np.random.Generator, sorties: Sorties, at_s: Floats, row: Ints, there: NDArray[np.bool_]
    ) -> pa.Table:
        """All chances are drawn before anything is left out, so that the rest of the day does not depend on it."""
        kind = np.zeros(len(row), dtype=object)
        draw, sort = rng.random(len(row)), self._sort[sorties.mission[row]]
        for k, name in enumerate(self._sorts):
            words, steps = list(KINDS[name]), np.cumsum(list(KINDS[name].values()))
            own = np.flatnonzero(sort == k)
            kind[own] = np.array(words, dtype=object)[np.searchsorted(steps / steps[-1], draw[own], side="right")]
        angle, sway = rng.uniform(0, 2 * np.pi, len(row)), rng.normal(0.0, SWAY_M, (len(row), 2))
        sure = np.round(rng.beta(9, 2, len(row)), 2)
        ahead = LOOKS_AHEAD_M * np.column_stack([np.sin(angle), np.cos(angle)])
        lat, lon = self._degrees((self._places(sorties, at_s, row) + ahead + sway)[there])
        drone = self._ids.take(pa.array(sorties.drone[row[there]]))
        second = pa.array(at_s[there].astype(np.int64)).cast(pa.string())
        columns = {
            "detection_id": pc.binary_join_element_wise(drone, second, "-"), "drone_id": drone,
            "at_ms": _ms(at_s[there]), "kind": pa.array(kind[there], pa.string()), "lat": lat, "lon": lon,
            "incident_id": pa.array(np.full(len(second), ""), pa.string()), "confidence": pa.array(sure[there]),
        }  # fmt: skip
        return pa.table(columns, schema=SIGHT)

    def _degrees(self, at: Floats) -> tuple[pa.Array, pa.Array]:
        lat, lon = self._streets.degrees(at[:, 0], at[:, 1])
        return pa.array(np.round(lat, 6)), pa.array(np.round(lon, 6))


def seed(
    store: Store, flights: PastFlights, now_s: float, months: int, wait: Callable[[float], bool], days: int = DAYS
) -> bool:
    """Put what the drones did in the ``days`` before ``now_s`` (Unix) into ``store``, newest first; for a thread. 0
    ``months``: none.

    As ``past.seed``: a second call goes on where the first was stopped; ``wait`` says whether to stop. What was flown
    since nobody recorded any more is told as well, as the feed tells incidents. Returns whether all is there. Raises
    StoreError.
    """
    if months <= 0:
        return True
    marks = {name: at for (name, _), at in store.offsets(MARKS).items()}
    until_s = float(marks.get(UNTIL, int(now_s)))
    if UNTIL not in marks:
        store.put_incidents((), MARKS, {(UNTIL, 0): int(until_s), (DONE, 0): 0})
    newest, done = local_day(until_s, flights.zone), marks.get(DONE, 0)
    lost = gaps.between(flights.seed, newest - timedelta(days=2 * days), newest - timedelta(days=PAST_DAYS + 1),
                        flights.zone)  # fmt: skip
    while done < days:
        more = min(done + SLICE_DAYS, days)
        flown, seen = flights.tables([newest - timedelta(days=n) for n in range(done, more)], until_s, lost)
        store.put_flown(flown)
        store.put_seen(seen)
        store.put_incidents((), MARKS, {(DONE, 0): more})
        done = more
        if wait(0.0):
            return False
    _meanwhile(store, flights, now_s)
    return True


def _meanwhile(store: Store, flights: PastFlights, now_s: float) -> None:
    """Put what was flown while no wall of this city ran, up to PAST_DAYS."""
    today = local_day(now_s, flights.zone)
    told = store.run(DronesKnown(today + timedelta(days=1), int(now_s * 1000)))["last_ms"][0].as_py()
    if told is None or now_s * 1000 - told < PAUSE_MS:
        return
    first = max(local_day(told / 1000, flights.zone), today - timedelta(days=PAST_DAYS))
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    flown, seen = flights.tables(days, now_s, [Gap(0, told + 60_000)])
    store.put_flown(flown)
    store.put_seen(seen)


def midnight(of: date, zone: ZoneInfo) -> float:
    """The Unix second at which local day ``of`` begins."""
    return datetime(of.year, of.month, of.day, tzinfo=zone).timestamp()


def _minutes(sorties: Sorties) -> tuple[Floats, Ints]:
    """The first moment of each minute of each sortie, and the sortie."""
    first, last = sorties.begin_s // 60, np.ceil(sorties.end_s / 60)
    count = np.maximum(last - first, 0).astype(np.int64)
    row = np.repeat(np.arange(len(count)), count)
    minute = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return np.maximum(minute * 60.0, sorties.begin_s[row]), row


def _outside(at_s: Floats, until_s: float, lost: Sequence[Gap]) -> NDArray[np.bool_]:
    there = at_s < until_s
    for gap in lost:
        there &= (at_s * 1000.0 < gap.begin_ms) | (at_s * 1000.0 >= gap.end_ms)
    return there


def _length(points: Floats) -> float:
    """Metres round a closed line."""
    return float(np.hypot(*(np.roll(points, -1, axis=0) - points).T).sum()) or 1.0


def _ms(at_s: Floats) -> pa.Array:
    return pa.array((at_s * 1000.0).astype(np.int64))
