"""Units on the streets: where each is, how fast, and which way next. Vectorised; the clock is passed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_feeds.simulator.network import Streets

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

FASTER_MPS2, SLOWER_MPS2 = 1.8, 2.8
MAX_STEP_S = 2.0  # longer steps are taken in parts
CORNERS = 6  # edges a unit may pass in one part: short ones exist
HURRY, CALM = 0, 1
PATROL_SHARE, HURRY_SHARE = 0.58, 0.92  # of the street's usual speed
PATROL_LIMIT_MPS = 11.5
RUN_SHARE = 1.7  # on foot in a hurry
STOP_CHANCE = (0.16, 0.42)  # at a junction: in a hurry, on patrol
STOP_S = ((1.0, 6.0), (4.0, 38.0))
SPREAD_MPS = 1.2  # how fast a standing unit finds its own place to stand
# of the free speed, by hour of the day; main streets suffer most
RUSH = np.array([1, 1, 1, 1, 1, 1, 0.97, 0.80, 0.66, 0.78, 0.88, 0.86,
                 0.84, 0.88, 0.88, 0.86, 0.80, 0.66, 0.64, 0.78, 0.9, 0.95, 1, 1])  # fmt: skip


class Motion:
    """U units on ``streets``. ``limit_mps`` (U,): what each can do; ``home`` node and ``beat_m`` bound its patrol."""

    def __init__(
        self, streets: Streets, home: Ints, beat_m: Floats, limit_mps: Floats, station_of: NDArray[np.integer],
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        units = len(home)
        self.streets, self._rng = streets, rng
        self._home, self._beat_m, self._limit = home, np.maximum(beat_m, 1.0), limit_mps
        self._on_foot = limit_mps < 3.0
        self._station_of = station_of
        self._pace = rng.uniform(0.85, 1.1, units)
        into = np.array([streets.edge_into(node) for node in home.tolist()], dtype=np.intp)
        self.edge = into
        self.along = streets.length_m[into].copy()
        self.speed = np.zeros(units)
        self.held = limit_mps <= 0  # stands until told otherwise
        self._wait_until = np.zeros(units)
        self._stops = np.zeros(units, dtype=bool)  # at the end of its edge
        self._routes: dict[int, deque[int]] = {}
        self._routed = np.zeros(units, dtype=bool)
        self._short = np.zeros(units)  # metres before the end of its way at which a unit stops
        self._spot = rng.normal(0.0, 1.0, (units, 2)) * 9.0  # where each stands beside the street, metres
        self._off = np.zeros((units, 2))

    def scatter(self, which: Ints) -> None:
        """Put ``which`` anywhere on their beats: how they are found at the start."""
        for _ in range(6):
            self._next(which, np.zeros(len(which), dtype=bool))
        self.along[which] = self._rng.random(len(which)) * self.streets.length_m[self.edge[which]]
        self._stops[which] = self._rng.random(len(which)) < STOP_CHANCE[CALM]

    def put(self, unit: int, node: int) -> None:
        """The unit stands at ``node`` (it was not seen before)."""
        self.edge[unit] = self.streets.edge_into(node)
        self.along[unit] = self.streets.length_m[self.edge[unit]]
        self.speed[unit] = 0.0
        self._drop(unit)

    def put_on(self, unit: int, way: Sequence[int], left_s: float) -> None:
        """The unit is on ``way`` and as far as one is who arrives in ``left_s`` seconds (it was not seen before)."""
        first, sum_s = len(way) - 1, float(self.streets.cost_s[way[-1]])
        while first > 0 and sum_s < left_s:
            first -= 1
            sum_s += float(self.streets.cost_s[way[first]])
        self.edge[unit] = way[first]
        self.along[unit] = 0.0
        self.go(unit, way[first + 1 :])

    def go(self, unit: int, way: Sequence[int], stop_short_m: float = 0.0) -> None:
        """Send the unit along ``way``, which begins at the end of its present edge; ``step`` tells of its arrival."""
        self._routes[unit] = deque(way)
        self._routed[unit], self.held[unit] = True, False
        self._wait_until[unit] = 0.0
        self._short[unit] = stop_short_m
        self._stops[unit] = not way

    def stop(self, unit: int) -> None:
        """The unit stays where it is."""
        self._drop(unit)
        self.held[unit] = True

    def patrol(self, which: Ints) -> None:
        """``which`` go on along their beats; those that cannot move stay."""
        for unit in which.tolist():
            self._drop(unit)
        self.held[which] = self._limit[which] <= 0

    def on_way(self, unit: int) -> bool:
        return bool(self._routed[unit])

    def next_node(self) -> Ints:
        """(U,) the node at which each can take another way."""
        return np.asarray(self.streets.graph.end[self.edge], dtype=np.intp)

    def step(self, now_s: float, dt_s: float, hour: int, hurry: NDArray[np.bool_]) -> list[int]:
        """Move all by ``dt_s`` seconds up to Unix second ``now_s``; returns those that reached the end of their way."""
        arrived: list[int] = []
        parts = max(1, int(np.ceil(dt_s / MAX_STEP_S)))
        for part in range(parts):
            at_s = now_s - dt_s * (parts - 1 - part) / parts
            arrived += self._part(at_s, dt_s / parts, float(RUSH[hour]), hurry)
        return arrived

    def places(self, which: Ints) -> tuple[Floats, Floats, Floats]:
        """Metres east and north of the city's middle, and course in degrees, of ``which``."""
        x, y, course = self.streets.places(self.edge[which], self.along[which])
        return x + self._off[which, 0], y + self._off[which, 1], course

    def _part(self, now_s: float, dt: float, rush: float, hurry: NDArray[np.bool_]) -> list[int]:
        s = self.streets
        length = s.length_m[self.edge]
        left = np.maximum(length - np.where(self._stops, self._short * self._routed, 0.0) - self.along, 0.0)
        usual = s.graph.speed_mps[self.edge] * np.where(s.is_main[self.edge], rush, 0.5 + 0.5 * rush)
        calm = np.minimum(usual * PATROL_SHARE, PATROL_LIMIT_MPS)
        wheels = np.minimum(np.where(hurry, usual * HURRY_SHARE, calm), self._limit)
        wanted = self._pace * np.where(self._on_foot, self._limit * np.where(hurry, RUN_SHARE, 1.0), wheels)
        # whoever will stop at the end brakes in time
        wanted = np.where(self._stops, np.minimum(wanted, np.sqrt(2 * SLOWER_MPS2 * left) + 0.5), wanted)
        wanted[self.held | (self._wait_until > now_s)] = 0.0
        change = np.clip(wanted - self.speed, -SLOWER_MPS2 * 1.5 * dt, FASTER_MPS2 * dt)
        before = self.speed
        self.speed = np.where(self.held, 0.0, np.maximum(self.speed + change, 0.0))
        self.speed[self._wait_until > now_s] = 0.0
        self.along = self.along + (before + self.speed) / 2 * dt * ~self.held
        self._spread(dt)
        return self._corners(now_s, hurry)

    def _corners(self, now_s: float, hurry: NDArray[np.bool_]) -> list[int]:
        arrived: list[int] = []
        length = self.streets.length_m
        for _ in range(CORNERS):
            last = self._routed & self._stops
            end = length[self.edge] - np.where(last, np.minimum(self._short, 0.9 * length[self.edge]), 0.0)
            over = np.flatnonzero((self.along >= end - np.where(self._stops, 0.6, 0.0)) & ~self.held)
            over = over[self._wait_until[over] <= now_s]
            if not len(over):
                break
            done = over[last[over]]
            for unit in done.tolist():
                self.along[unit] = min(self.along[unit], end[unit])
                self._drop(unit)
                self.held[unit] = True
                self.speed[unit] = 0.0
                arrived.append(unit)
            over = over[~last[over]]
            waits = over[self._stops[over]]
            if len(waits):
                how = np.where(hurry[waits], HURRY, CALM)
                low, high = np.array(STOP_S)[how].T
                self._wait_until[waits] = now_s + self._rng.uniform(low, high)
                self.along[waits] = length[self.edge[waits]]
                self.speed[waits] = 0.0
                self._stops[waits] = False
                over = over[self._wait_until[over] <= now_s]
            if len(over):
                self._next(over, hurry[over])
        return arrived

    def _next(self, over: Ints, hurry: NDArray[np.bool_]) -> None:
        """``over`` turn into their next edges."""
        spare = self.along[over] - self.streets.length_m[self.edge[over]]
        chosen = self._choose(over)
        routed = np.flatnonzero(self._routed[over])
        last = np.zeros(len(over), dtype=bool)
        for i in routed.tolist():
            way = self._routes[int(over[i])]
            chosen[i] = way.popleft()
            last[i] = not way
        self.edge[over] = chosen
        self.along[over] = np.maximum(spare, 0.0)
        chance = np.where(hurry, STOP_CHANCE[HURRY], STOP_CHANCE[CALM])
        junction = self.streets.degree[self.streets.graph.end[chosen]] > 2
        self._stops[over] = last | (junction & ~self._on_foot[over] & (self._rng.random(len(over)) < chance))
        # only the end of a way is an arrival
        undecided = self._routed[over] & ~last
        self._stops[over[undecided]] = False

    def _choose(self, over: Ints) -> Ints:
        """An edge out of the end of each unit's edge: on patrol, rather straight on, along streets, within its beat."""
        s, g = self.streets, self.streets.graph
        here = g.end[self.edge[over]]
        options = s.out[here]
        ends = g.end[options]
        turn = np.cos(np.radians(s.leaves[options] - s.arrives[self.edge[over]][:, None]))
        score = self._rng.gumbel(0.0, 0.7, options.shape) + 0.9 * turn + 0.35 * s.is_main[options]
        home = self._home[over]
        away = np.hypot(s.x[ends] - s.x[home][:, None], s.y[ends] - s.y[home][:, None])
        score -= 4.0 * np.maximum(away / self._beat_m[over][:, None] - 1.0, 0.0)
        score -= 1.5 * (self._station_of[ends] != self._station_of[home][:, None])
        score -= 6.0 * (ends == g.start[self.edge[over]][:, None])  # back only where there is no other way
        score[options < 0] = -np.inf
        best = options[np.arange(len(over)), score.argmax(axis=1)]
        dead_end = best < 0  # a one-way street without an end: it begins again
        return np.asarray(np.where(dead_end, self.edge[over], best), dtype=np.intp)

    def _spread(self, dt: float) -> None:
        target = np.where(self.held[:, None], self._spot, 0.0)
        self._off += np.clip(target - self._off, -SPREAD_MPS * dt, SPREAD_MPS * dt)

    def _drop(self, unit: int) -> None:
        self._routes.pop(unit, None)
        self._routed[unit] = self._stops[unit] = False
        self._short[unit] = 0.0
