"""The calls of one local day: when, where and what, and how long each step takes by plan. Pure and repeatable.

A day is made from (seed, date) alone, so that a restart finds the same past and the same calls still to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data_feeds.model import Severity
from data_feeds.simulator import seasons
from data_feeds.simulator.city import City
from data_feeds.simulator.network import Streets

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

CALLS_PER_UNIT_DAY = 2800 / 1200
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


class Category(NamedTuple):
    """``share`` of all calls, times ``rhythm`` by part of the day (0–6, 6–10, 10–17, 17–24 h); ``handling_min`` at the
    scene (median); ``on_road``: on main streets; ``other``: the share that is not for the police."""

    word: str
    severity: Severity
    share: float
    rhythm: tuple[float, float, float, float]
    handling_min: float
    on_road: bool = False
    other: float = 0.0


CATEGORIES = (
    Category("dispute", LOW, 0.170, (0.8, 0.7, 1.0, 1.3), 9),
    Category("traffic_accident", LOW, 0.180, (0.4, 1.7, 0.9, 1.1), 10, on_road=True),
    Category("help", LOW, 0.190, (1.0, 1.0, 1.0, 1.0), 6, other=0.12),
    Category("consultation", LOW, 0.060, (0.3, 0.9, 1.5, 0.7), 4, other=1.0),
    Category("theft", LOW, 0.065, (0.7, 0.9, 1.2, 0.9), 10),
    Category("fraud", LOW, 0.060, (0.2, 0.8, 1.5, 0.8), 13),
    Category("public_order", LOW, 0.070, (1.4, 0.5, 0.8, 1.3), 8),
    Category("noise", LOW, 0.050, (1.8, 0.3, 0.4, 1.6), 6, other=0.10),
    Category("congestion", LOW, 0.030, (0.1, 2.2, 0.7, 1.2), 8, on_road=True),
    Category("utility", LOW, 0.028, (0.5, 1.1, 1.1, 1.0), 4, other=1.0),
    Category("domestic", MEDIUM, 0.028, (1.2, 0.5, 0.6, 1.5), 13),
    Category("disturbance", LOW, 0.020, (1.6, 0.4, 0.8, 1.2), 9),
    Category("suspicious", MEDIUM, 0.014, (1.6, 0.7, 0.8, 1.1), 7),
    Category("assault", HIGH, 0.012, (2.0, 0.3, 0.6, 1.4), 19),
    Category("missing_person", HIGH, 0.010, (0.5, 0.8, 1.2, 1.1), 23),
    Category("medical", HIGH, 0.010, (1.0, 1.2, 0.9, 1.0), 11),
    Category("vehicle_theft", MEDIUM, 0.010, (0.6, 1.4, 1.1, 0.8), 12),
    Category("alarm", MEDIUM, 0.010, (1.5, 0.8, 0.8, 1.0), 6),
    Category("fire", HIGH, 0.007, (0.8, 0.8, 1.0, 1.2), 22),
    Category("burglary", MEDIUM, 0.006, (1.2, 1.2, 0.8, 0.9), 19),
    Category("gathering", HIGH, 0.005, (0.2, 1.0, 1.4, 0.8), 19),
    Category("armed_injury", CRITICAL, 0.0018, (2.0, 0.3, 0.6, 1.4), 25),
    Category("snatching", CRITICAL, 0.0012, (1.0, 0.7, 0.8, 1.4), 20),
    Category("robbery", CRITICAL, 0.0010, (2.0, 0.4, 0.6, 1.3), 23),
)
# calls by hour of the local day, and by weekday from Monday
HOURS = np.array([2.6, 1.9, 1.5, 1.2, 1.1, 1.3, 2.2, 4.0, 5.4, 5.4, 5.3, 5.0,
                  4.4, 4.4, 5.0, 5.2, 5.4, 5.7, 5.8, 5.8, 5.8, 5.4, 4.8, 3.8])  # fmt: skip
# on days off the morning begins later and the night is longer
REST_HOURS = HOURS * np.array([1.25, 1.3, 1.2, 1.1, 1.0, 0.9, 0.75, 0.7, 0.75, 0.9, 1.0, 1.05,
                               1.05, 1.05, 1.05, 1.0, 1.0, 0.95, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2])  # fmt: skip
WEEKDAYS = (1.0, 0.97, 0.96, 0.98, 1.06, 1.08, 0.98)
WORDS = tuple(c.word for c in CATEGORIES)
PARTS_FROM = (0, 6, 10, 17)  # hours
PARTS = np.searchsorted(PARTS_FROM[1:], np.arange(24), side="right")  # part of the day of each hour
RHYTHMS = np.array([c.rhythm for c in CATEGORIES])
SHARES = np.array([c.share for c in CATEGORIES]) / sum(c.share for c in CATEGORIES)
KEY_SPOT_SHARE = 0.06  # of the calls come from a key spot itself
HOT_SPOTS, HOT_M = 7, 420.0
HOT_MONTHS = (5.0, 14.0)  # a hot spot comes and goes in so many
TABLES_KEPT = 3
INVALID, EXERCISE, UNLOCATED, TWICE = 0.035, 0.015, 0.04, 0.06
FORGOTTEN = 0.012  # arrivals that nobody reports
SOURCES = (("call", 0.905), ("video_patrol", 0.05), ("patrol", 0.035), ("drone", 0.01))
KEY_SPOT, CENTRE, OTHER = 0, 1, 2  # of place_class
# median seconds and spread (sigma of the logarithm) by place_class: from call to dispatch, and on the way
DISPATCH_S, DISPATCH_SPREAD = np.array([7.0, 27.0, 46.0]), 0.3
TRAVEL_S, TRAVEL_SPREAD = np.array([17.0, 56.0, 112.0]), 0.38
HELD_UP, HELD_UP_S = 0.04, (50.0, 230.0)  # calls that wait before they are dispatched: everybody is busy
INVALID_S, DIVERTED_S, MERGED_S = (40.0, 120.0), (80.0, 260.0), (20.0, 60.0)  # from call to closing
TURNOUT_S, HANDLING_SPREAD = 22.0, 0.33


@dataclass(frozen=True, eq=False)
class Day:
    """C calls of ``date`` in order of time, a column each; seconds unless the name says otherwise."""

    date: date
    at_s: Floats  # Unix
    node: Ints
    category: Ints  # index into CATEGORIES
    severity: Ints
    source: Ints  # index into SOURCES
    place_class: Ints
    exercise: Bools
    valid: Bools
    diverted: Bools  # not for the police
    located_s: Floats  # from the call until it is known where; 0: at once
    repeats: Ints  # the call of the same event that came before; −1: the first
    dispatch_s: Floats
    turnout_s: Floats
    travel_s: Floats  # what history tells; a live incident's is driven
    handling_s: Floats
    off: Floats  # (C, 2) metres from the node
    crew: Floats  # (C,) 0…1: which of a station's units history names
    forgotten: Bools  # history does not know when they arrived

    def __len__(self) -> int:
        return len(self.at_s)

    @cached_property
    def is_short(self) -> Bools:
        """(C,) whether nobody is sent: not for the police, no real call, or known already."""
        return self.diverted | ~self.valid | (self.repeats >= 0)

    @cached_property
    def ends_s(self) -> Floats:
        """(C,) the Unix seconds at which the calls are closed by plan."""
        limits = np.where((self.repeats >= 0)[:, None], MERGED_S, np.where(~self.valid[:, None], INVALID_S, DIVERTED_S))
        brief = limits[:, 0] + (limits[:, 1] - limits[:, 0]) * self.crew
        full = self.located_s + self.dispatch_s + self.turnout_s + self.travel_s + self.handling_s
        return self.at_s + np.where(self.is_short, brief, full)

    def incident_id(self, call: int) -> str:
        """Year, month, day and number of the call."""
        return f"{self.date:%y%m%d}-{call + 1:04d}"


class CallPlan:
    """Makes the days of one city. ``per_day`` calls on an average day."""

    def __init__(self, city: City, streets: Streets, seed: int, per_day: float, zone: ZoneInfo) -> None:
        self._seed, self._per_day, self._zone, self._city = seed, per_day, zone, city
        self._place_class = np.full(len(city.heat_day), OTHER)
        self._place_class[city.centre_nodes] = CENTRE
        self._place_class[city.key_nodes] = KEY_SPOT
        self._spots = city.key_nodes.astype(np.intp)
        main = streets.is_main * 1.0
        self._on_road = np.bincount(streets.graph.start, weights=main, minlength=len(streets.x)) > 0
        self._hot = _hot_spots(city, streets, seed)
        self._where: dict[int, Floats] = {}

    def day(self, of: date) -> Day:
        """The calls of one local day; the same day is always the same."""
        rng = np.random.default_rng([self._seed, 23, of.toordinal()])
        mood = seasons.mood(of, self._seed, WORDS)
        shares = SHARES * mood.times
        count = int(rng.poisson(self._per_day * shares.sum() * WEEKDAYS[mood.weekday] / np.mean(WEEKDAYS)))
        hours = REST_HOURS if mood.rest else HOURS
        hour = rng.choice(24, count, p=hours / hours.sum())
        midnight = datetime(of.year, of.month, of.day, tzinfo=self._zone)
        seconds = (hour + rng.random(count)) * 3600.0
        category = _categories(rng, PARTS[hour], shares)
        node = self._nodes(rng, self._tables(of), hour, category)
        order = np.argsort(seconds, kind="stable")
        seconds, hour, category, node = seconds[order], hour[order], category[order], node[order]
        repeats = np.full(count, -1)
        again = np.flatnonzero(rng.random(count) < TWICE)
        # the next call is of the same event: somebody else saw it too
        again = again[(again + 1 < count)]
        again = again[np.diff(again, prepend=-2) > 1]
        if len(again):
            again = again[seconds[again + 1] - seconds[again] < 240.0]
        repeats[again + 1], node[again + 1], category[again + 1] = again, node[again], category[again]
        return self._with_steps(rng, of, midnight, seconds, hour, category, node, repeats, mood.wet)

    def _with_steps(
        self, rng: np.random.Generator, of: date, midnight: datetime, seconds: Floats, hour: Ints, category: Ints,
        node: Ints, repeats: Ints, wet: float,
    ) -> Day:  # fmt: skip
        count = len(seconds)
        place_class = self._place_class[node]
        severity = np.array([c.severity for c in CATEGORIES])[category]
        severity = np.minimum(severity + (rng.random(count) < 0.07), CRITICAL)
        urgency = np.where(severity >= HIGH, 0.8, 1.0)
        source = np.minimum((rng.random(count)[:, None] >= np.cumsum([s for _, s in SOURCES])).sum(axis=1), 3)
        rush = np.where((hour == 8) | (hour == 17) | (hour == 18), 1.22, np.where((hour < 6) | (hour > 21), 0.88, 1.0))
        held_up = np.where(rng.random(count) < HELD_UP, rng.uniform(*HELD_UP_S, count), 0.0) * (place_class != KEY_SPOT)
        rush = rush * (1.0 + seasons.WET_TRAVEL * wet)
        handling = np.array([c.handling_min for c in CATEGORIES])[category] * 60.0
        return Day(
            of, midnight.timestamp() + seconds, node, category, severity, source, place_class,
            exercise=rng.random(count) < EXERCISE, valid=rng.random(count) >= INVALID,
            diverted=rng.random(count) < np.array([c.other for c in CATEGORIES])[category],
            located_s=np.where(rng.random(count) < UNLOCATED, rng.uniform(15, 45, count), 0.0), repeats=repeats,
            dispatch_s=_spread(rng, DISPATCH_S[place_class] * urgency, DISPATCH_SPREAD, 4.0, 140.0) + held_up,
            turnout_s=_spread(rng, np.where(place_class == KEY_SPOT, 0.33, 1.0) * TURNOUT_S, 0.5, 2.0, 60.0),
            travel_s=_spread(rng, TRAVEL_S[place_class] * rush, TRAVEL_SPREAD, 6.0, 1500.0),
            handling_s=_spread(rng, handling, HANDLING_SPREAD, 180.0, 7200.0),
            off=rng.normal(0.0, 9.0, (count, 2)), crew=rng.random(count), forgotten=rng.random(count) < FORGOTTEN,
        )  # fmt: skip

    def _tables(self, of: date) -> Floats:
        """Where calls come from in the month of ``of``."""
        month = of.year * 12 + of.month - 1
        if month not in self._where:
            for old in list(self._where)[: 1 - TABLES_KEPT]:
                del self._where[old]
            self._where[month] = _where(self._city, self._on_road, self._hot, month)
        return self._where[month]

    def _nodes(self, rng: np.random.Generator, tables: Floats, hour: Ints, category: Ints) -> Ints:
        draw = rng.random(len(hour))
        on_road = np.array([c.on_road for c in CATEGORIES])[category]
        node = np.empty(len(hour), dtype=np.intp)
        for h in np.unique(hour).tolist():
            for road in (False, True):
                which = (hour == h) & (on_road == road)
                table = tables[h // 3, int(road)]
                node[which] = np.searchsorted(table, draw[which] * table[-1]).clip(0, len(table) - 1)
        if len(self._spots):
            at_spot = (rng.random(len(hour)) < KEY_SPOT_SHARE) & ~on_road
            node[at_spot] = rng.choice(self._spots, int(at_spot.sum()))
        return node


def local_day(now_s: float, zone: ZoneInfo) -> date:
    """The local date at a Unix second."""
    return datetime.fromtimestamp(now_s, zone).date()


def day_before(of: date, days: int = 1) -> date:
    return of - timedelta(days=days)


def _categories(rng: np.random.Generator, part: Ints, shares: Floats) -> Ints:
    """Draws for the parts of the day ``part``; ``shares`` (C,) of the categories."""
    steps = np.cumsum(shares[:, None] * RHYTHMS, axis=0)
    category = np.empty(len(part), dtype=np.intp)
    draw = rng.random(len(part))
    for k in range(len(PARTS_FROM)):
        which = part == k
        category[which] = np.searchsorted(steps[:-1, k], draw[which] * steps[-1, k], side="right")
    return category


def _spread(rng: np.random.Generator, median: Floats, sigma: float, low: float, high: float) -> Floats:
    return np.asarray(np.clip(median * np.exp(rng.normal(0.0, sigma, len(median))), low, high))


class _Hot(NamedTuple):
    """H hot spots: ``field`` (H, N) how near each node is, summing to 1; the hour of their peak, their share of all
    calls, and the months and the phase with which they come and go."""

    field: Floats
    peak: Floats
    share: Floats
    months: Floats
    phase: Floats


def _hot_spots(city: City, streets: Streets, seed: int) -> _Hot:
    rng = np.random.default_rng([seed, 29])
    hot = city.hot_nodes if len(city.hot_nodes) else city.key_nodes
    spots = rng.permutation(hot)[:HOT_SPOTS]
    away2 = (streets.x - streets.x[spots, None]) ** 2 + (streets.y - streets.y[spots, None]) ** 2
    near = np.exp(-away2 / (2 * HOT_M**2))
    peaks, strength = rng.uniform(9, 24, len(spots)), rng.uniform(0.05, 0.12, len(spots))
    months, phase = rng.uniform(*HOT_MONTHS, len(spots)), rng.uniform(0, 2 * np.pi, len(spots))
    return _Hot(near / near.sum(axis=1, keepdims=True), peaks, strength, months, phase)


def _where(city: City, on_road: Bools, hot: _Hot, month: int) -> Floats:
    """(8, 2, N) cumulated weights of the nodes by three hours of the day; [1]: of calls on main streets.

    Hot spots have hours and months of their own, so the heat moves through the day and through the year.
    """
    tables = np.empty((8, 2, len(city.heat_day)))
    felt = hot.share * (1.0 + 0.85 * np.sin(month / hot.months * 2 * np.pi + hot.phase))
    for part in range(8):
        hour = part * 3 + 1.5
        dark = 0.5 + 0.5 * np.cos((hour - 2.0) / 24 * 2 * np.pi)
        weight = city.heat_day * (1 - dark) + city.heat_night * dark
        away = (hour - hot.peak + 12) % 24 - 12
        weight = weight / weight.sum() + (felt * np.exp(-(away**2) / 18)) @ hot.field
        tables[part, 0] = np.cumsum(weight)
        tables[part, 1] = np.cumsum(weight * (0.05 + on_road))
    return tables
