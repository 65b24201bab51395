"""The work of ``web.dispatch``: the board's state handed to the pure functions, their results as bytes. Loaded late.

Everything here runs on one thread, never on the event loop.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import h3.api.basic_int as h3
import msgspec
import numpy as np
from numpy.typing import NDArray

from analytics.cover import NO_POSITION, Cover, Rings, cover, straight_cover, uncovered
from analytics.dispatch import Uncovered
from analytics.force import Force, Mask, Network, OnRoads
from analytics.heat import encoded
from analytics.orders import TROUBLE
from analytics.ranking import Costs, Question, candidates, incident_of, needs_of
from analytics.reach import Reach, Spot
from analytics.response import Targets
from analytics.rings import CityCells, city_cover, no_rings, rings
from analytics.sla import Arrivals, Watch, expected, forecasts, waiting
from analytics.streets import Floats, Streets
from analytics.travel import TravelGraph, flow_of
from data_feeds.board import Board
from data_feeds.clock import Clock
from data_feeds.ground import Ground
from data_feeds.incidents import PlacedIncident
from data_feeds.model import PlaceClass, UnitStatus
from data_feeds.places import Place
from data_feeds.roads import RoadGraph, with_speeds
from data_feeds.scopes import Scope
from data_feeds.settings import Settings
from web.dispatch import NotThere

FORCE_KEPT_S = 0.5
BEYOND = 3  # the class of cells whose target is not met; assets/js/live/plans.js has a colour for each
STANDS = ("key_spot", "post", "station_house", "gate")  # where a unit may be sent to stand


@dataclass(frozen=True)
class Told:
    """What one round found. ``homes``: spot → the codes of the scopes that hold it."""

    cover: Cover
    watch: Watch
    homes: dict[str, frozenset[str]]

    def cover_of(self, scope: Scope) -> dict[str, Any]:
        """The document ``cover``; of a part of the city its spots, and the moves that mend one of them."""
        whole = self.cover
        if scope.is_city:
            return {"state": "ready", **msgspec.to_builtins(whole)}
        spots = [spot for spot in whole.spots if scope.code in self.homes[spot.id]]
        own = {spot.id for spot in spots}
        moves = [
            msgspec.structs.replace(move, mends=[i for i in move.mends if i in own],
                                    opens=[i for i in move.opens if i in own])
            for move in whole.moves if own & {*move.mends}
        ]  # fmt: skip
        covered = None if whole.covered is None else sum(1 for s in spots if s.margin_s is not None and s.margin_s >= 0)
        unmendable = [spot_id for spot_id in whole.unmendable if spot_id in own]
        part = msgspec.structs.replace(
            whole, spots=spots, covered=covered, total=len(spots), moves=moves, unmendable=unmendable
        )
        return {"state": "ready", **msgspec.to_builtins(part), "bound": None}  # the bound is that of all moves

    def forecast_of(self, incidents: Collection[str]) -> dict[str, Any]:
        """The document ``forecast`` of a scope's open ``incidents``."""
        return {
            "state": "ready", "basis": self.cover.basis, "data_ms": self.cover.data_ms,
            "items": [item for item in self.watch.items if item.id in incidents],
            "arrivals": [arrival for arrival in self.watch.arrivals if arrival.id in incidents],
        }  # fmt: skip

    @cached_property
    def late(self) -> dict[str, float]:
        """Incident → the deadline (Unix ms) that it is expected to miss."""
        return {one.id: one.deadline_ms for one in self.watch.items if one.margin_s is not None and one.margin_s < 0}


class Work:
    """What the questions need: streets, spots, the units of now. ``roads``: None where no graph is known."""

    def __init__(self, settings: Settings, board: Board, clock: Clock, roads: RoadGraph | None) -> None:
        self._settings, self._board, self._clock = settings, board, clock
        self._targets = Targets(settings.target_key_spot_s, settings.target_centre_s, settings.target_other_s)
        self._ground = Ground(board.scopes, settings.zone)
        self._network = None
        if roads is not None and len(roads.start):  # a file may hold nodes alone
            streets = Streets(with_speeds(roads, settings.road_speeds))
            self._network = Network(streets, self._hour(clock.now_ms()), flow_of(settings.road_hours))
        self._costs = Costs(**{f"{drawback}_s": seconds for drawback, seconds in settings.dispatch_costs.items()})
        self._needs = needs_of(settings.category_needs)
        self._opened: dict[str, list[Uncovered]] = {}
        self._arrivals = Arrivals()
        self._now: tuple[float, Now] | None = None

    def refresh(self) -> Told:
        """Cover and forecasts as of now."""
        now = self._units()
        spots = self._spots(now.now_ms)
        if now.roads is None:
            found, self._opened = straight_cover(spots, now.force, now.ready, now.data_ms), {}
        else:
            reach = Reach.of(spots, now.roads, now.ready)
            found = cover(spots, [*spots, *self._stands], now.roads, now.ready, reach, now.data_ms)
            self._opened = uncovered(reach, now.force)
        return Told(found, self._watch(now), self._homes)

    def _watch(self, now: Now) -> Watch:
        incidents = self._board.incidents()
        travel = {} if now.roads is None else expected(waiting(incidents, self._targets), now.roads, now.ready)
        items = forecasts(incidents, self._targets, travel, now.now_ms)
        return Watch(items, self._arrivals.look(incidents, now.force, now.now_ms))

    def candidates(self, incident_id: str) -> bytes:
        """The answer ``Candidates`` as JSON. Raises NotThere."""
        placed, now = self._incident(incident_id), self._units()
        told = incident_of(placed, self._targets)
        if placed.incident.on_scene is not None:  # somebody is there: who comes now is neither in time nor late
            told = msgspec.structs.replace(told, target_s=None)
        return msgspec.json.encode(candidates(Question(
            told, now.force, now.roads, now.now_ms, self._settings.stale_after_s,
            self._settings.offline_after_s, now.data_ms, self._opened, self._posts, self._ground.zones.names_at,
            self._costs, self._needs, self._sent(placed, now),
        )))  # fmt: skip

    def _sent(self, placed: PlacedIncident, now: Now) -> set[str]:
        """Units that are to come by an order, or have; and those of the incident's record of which no status tells."""
        silent = set(itertools.compress(now.force.ids, (now.force.status == UnitStatus.UNKNOWN).tolist()))
        return (silent & {*placed.incident.units}) | {
            unit.unit_id for shown in self._board.orders(now.now_ms)
            if shown.order.incident_id == placed.incident.incident_id
            for unit in shown.units if unit.state not in TROUBLE
        }  # fmt: skip

    def incident_rings(self, incident_id: str) -> bytes:
        """From where an incident is reached within each target, by car. Raises NotThere."""
        placed, now = self._incident(incident_id), self._units()
        graph = now.roads.network.drive if now.roads else None
        return self._rings(graph, placed.lat, placed.lon, True, now)

    def unit_rings(self, unit_id: str) -> bytes:
        """How far a unit gets within each target by its own means. Raises NotThere."""
        now = self._units()
        if unit_id not in now.force.ids:
            raise NotThere(f"no unit on the board has the id {unit_id!r}")
        unit = now.force.ids.index(unit_id)
        if not now.force.placed[unit]:
            return self._rings(None, None, None, False, now)
        graph = None
        if now.roads is not None:
            graph = now.roads.network.walk if now.force.walks[unit] else now.roads.network.drive
        return self._rings(graph, float(now.force.lat[unit]), float(now.force.lon[unit]), False, now)

    def _rings(
        self, graph: TravelGraph | None, lat: float | None, lon: float | None, towards: bool, now: Now
    ) -> bytes:
        if lat is None or lon is None:
            return msgspec.json.encode(Rings(NO_POSITION, now.data_ms, None, []))
        found = no_rings(lat, lon, now.data_ms) if graph is None else rings(
            graph, lat, lon, self._steps, towards, now.data_ms
        )  # fmt: skip
        return msgspec.json.encode(found)

    def coverage(self, scope: Scope) -> bytes:
        """How soon somebody is in each cell of ``scope``, written as heat is: a category is a class of reach, by the
        first of ``steps`` that it is within, BEYOND where the cell's own target is not met."""
        now = self._units()
        told = {"data_ms": now.data_ms, "steps": self._steps, "share": None}
        if now.roads is None:
            return msgspec.json.encode({"basis": "straight", **told, **_classes(np.zeros(0, np.uint64), np.zeros(0))})
        found = city_cover(self._cells, now.roads, now.ready, self._targets_at, now.data_ms)
        cells = np.array([int(cell, 16) for cell in found.cells], dtype=np.uint64)
        time_s = np.array([np.inf if value is None else value for value in found.travel_s])
        in_time = time_s <= np.array(found.target_s)
        level = np.where(in_time, np.searchsorted(self._steps, time_s), BEYOND)
        if not scope.is_city:
            middles = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()]).reshape(-1, 2)
            own = [scope.code in codes for codes in self._board.scopes.codes_at(*middles.T)]
            cells, level, in_time = cells[own], level[own], in_time[own]
        told["share"] = round(float(in_time.mean()), 4) if len(cells) else None
        return msgspec.json.encode({"basis": found.basis, **told, **_classes(cells, level)})

    @cached_property
    def _cells(self) -> CityCells:
        assert self._network is not None
        return CityCells(self._network.streets)

    @cached_property
    def _steps(self) -> list[float]:
        """Seconds of the rings: the targets."""
        return sorted({self._targets.key_spot_s, self._targets.centre_s, self._targets.other_s})

    def _targets_at(self, lat: Floats, lon: Floats) -> Floats:
        """The target at places; the loosest where no places tell classes."""
        if not self._ground.tells_classes:
            return np.full(len(lat), self._steps[-1])
        of_class = np.array([self._targets.of(one) or np.nan for one in PlaceClass])
        return np.asarray(of_class[self._ground.classes_at(lat, lon)])

    def _incident(self, incident_id: str) -> PlacedIncident:
        placed = self._board.incident(incident_id)
        if placed is None:
            raise NotThere(f"no open incident has the id {incident_id!r}")
        return placed

    def _units(self) -> Now:
        """The units as they are, the same for questions that come at once."""
        now_s = self._clock.monotonic_s()
        if self._now is None or now_s - self._now[0] > FORCE_KEPT_S:
            now_ms = self._clock.now_ms()
            jobs = Counter(unit for placed in self._board.incidents() for unit in placed.incident.units)
            force = Force.of(self._board.unit_details(), jobs)
            roads = None
            if self._network is not None:
                self._network = self._network.at(self._hour(now_ms))
                roads = OnRoads.of(force, self._network, self._now[1].roads if self._now else None)
            self._now = now_s, Now(now_ms, force, roads, force.ready(now_ms, self._settings.offline_after_s))
        return self._now[1]

    def _hour(self, now_ms: float) -> int:
        return datetime.fromtimestamp(now_ms / 1000.0, self._settings.zone).hour

    def _spots(self, now_ms: float) -> list[Spot]:
        """Key spots, and the schools whose hours it is."""
        shown = self._ground.open_spots(now_ms)
        return [spot for spot, is_open in zip(self._targeted, shown.tolist(), strict=True) if is_open]

    @cached_property
    def _targeted(self) -> list[Spot]:
        return [self._spot(place, self._targets.key_spot_s) for place in self._ground.spots]

    @cached_property
    def _stands(self) -> list[Spot]:
        """Where a unit may be sent to stand."""
        return [self._spot(place, 0.0) for place in self._ground.of_kind(*STANDS)]

    @cached_property
    def _posts(self) -> list[Spot]:
        return [self._spot(place, 0.0) for place in self._ground.of_kind("post")]

    @cached_property
    def _homes(self) -> dict[str, frozenset[str]]:
        lat, lon = (np.array([spot[k] for spot in self._targeted], dtype=np.float64) for k in (4, 5))
        codes = self._board.scopes.codes_at(lat, lon)
        return {spot.id: at for spot, at in zip(self._targeted, codes, strict=True)}

    def _spot(self, place: Place, target_s: float) -> Spot:
        zh, en = place.name_zh or place.name_en or place.id, place.name_en or place.name_zh or place.id
        return Spot(place.id, place.kind, zh, en, *self._ground.middle(place), target_s)


def _classes(cells: NDArray[np.uint64], level: NDArray[Any]) -> dict[str, Any]:
    """Cells (any order) and their classes as analytics.heat writes cells and categories."""
    order = np.argsort(cells)
    code = np.arange(len(cells)) * (BEYOND + 1) + level[order].astype(np.int64)
    names = [str(k) for k in range(BEYOND + 1)]
    return encoded(names, cells[order], code, np.ones(len(cells), np.int64))[1]


@dataclass(frozen=True, eq=False)
class Now:
    """The units at one moment (Unix ms), on the streets where these are known; ``ready`` (U,): who can be sent."""

    now_ms: float
    force: Force
    roads: OnRoads | None
    ready: Mask

    @property
    def data_ms(self) -> float:
        """Of the newest fix; without any, now."""
        times = self.force.fix_ms[np.isfinite(self.force.fix_ms)]
        return float(times.max()) if len(times) else self.now_ms
