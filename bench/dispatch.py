"""Who can be there first: 10,000 units to one incident, the cover of 42 key spots, and networkx in the same run.

The roads are a made-up grid with bends, one-way streets and all classes; the units lie anywhere on and beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np

from analytics.cover import cover, uncovered
from analytics.dispatch import CandidateIncident
from analytics.force import Force, Network, OnRoads
from analytics.ranking import Question, candidates
from analytics.reach import Reach, Spot
from analytics.rings import CityCells, city_cover, rings
from analytics.streets import Snap, Streets
from analytics.travel import TravelGraph
from bench.report import Check, Result, Table
from bench.stats import median
from data_feeds.model import UnitStatus, UnitType
from data_feeds.roads import CLASSES, USUAL_SPEED_MPS, RoadGraph, lengths_m

NAME = "dispatch"
UNITS, SPOTS = 10_000, 42
TO_ONE_MS, COVER_MS, LARGE_MS = 50.0, 150.0, 1_000.0
NOW_MS = 1_800_000_000_000.0
BLOCK_DEG = 0.0012  # 130 m
LEAST_AGREED_S = 0.05


def run(quick: bool) -> Result:
    turns = 3 if quick else 9
    rows: list[list[Any]] = []
    checks: list[Check] = []
    notes: list[str] = []
    for side in (71, 160) if quick else (224, 633):
        city = _City(side)
        took = {name: _median_ms(turns, ask) for name, ask in city.questions().items()}
        theirs = _median_ms(1 if side > 300 else min(turns, 3), city.by_networkx)
        worst_s = city.disagreement_s()
        if worst_s > LEAST_AGREED_S:
            raise RuntimeError(f"networkx differs by {worst_s:.2f} s")
        notes.append(
            f"On {city.nodes:,} nodes the times differ from networkx's by at most {worst_s:.4f} s. Made once: the "
            f"streets in {city.streets_s:.1f} s, the seconds of an hour in {city.hour_s:.1f} s."
        )
        roads = f"{city.nodes:,} nodes, {city.edges:,} edges"
        rows += [[roads, name, *ms] for name, ms in took.items()]
        rows.append([roads, "networkx: every junction → 1 incident", *theirs])
        small = side in (71, 224)
        checks += [
            _check(f"10,000 units → 1 incident, {city.nodes:,} nodes", took[TO_ONE], TO_ONE_MS if small else LARGE_MS),
            _check(f"cover of 42 key spots, {city.nodes:,} nodes", took[COVER], COVER_MS if small else LARGE_MS),
        ]
        ratio = theirs[1] / took[TO_ONE][1]
        checks.append(Check(f"networkx : the wall, {city.nodes:,} nodes", ratio, "×", "> 1", ratio > 1))
    return Result(NAME, "Dispatch: travel times, candidates and cover", checks,
                  [Table("Median", ["roads", "question", "ms by the clock", "CPU ms"], rows)],
                  ["Checks and ratios are of CPU time, which other programs on the machine spoil least.", *notes])


TO_ONE = "10,000 units → 1 incident: seconds by road; a tenth has moved since the last look"
COVER = "cover of 42 key spots: who is near, and the first at each"


def _check(what: str, took: tuple[float, float], most_ms: float) -> Check:
    return Check(what, took[1], "CPU ms", f"< {most_ms:.0f} ms", took[1] < most_ms)


def _median_ms(turns: int, ask: Callable[[], Any]) -> tuple[float, float]:
    """By the clock, and CPU time of all threads."""
    took = []
    for _ in range(turns):
        begin = time.perf_counter(), time.process_time()
        ask()
        took.append(((time.perf_counter() - begin[0]) * 1000.0, (time.process_time() - begin[1]) * 1000.0))
    return median([clock for clock, _ in took]), median([cpu for _, cpu in took])


class _City:
    def __init__(self, side: int) -> None:
        self.roads = grid(side)
        self.nodes, self.edges = len(self.roads.lat), len(self.roads.start)
        begin = time.perf_counter()
        self.streets = Streets(self.roads)
        self.streets.snap(self.roads.lat[:1], self.roads.lon[:1])
        self.streets_s = time.perf_counter() - begin
        begin = time.perf_counter()
        self.network = Network(self.streets, 12)
        self.network.drive.nodes_s(self.streets.snap(self.roads.lat[:1], self.roads.lon[:1]), towards=True)
        self.hour_s = time.perf_counter() - begin
        rng = np.random.default_rng(2)
        self.force = _force(rng, side)
        self.ready = self.force.ready(NOW_MS, 300.0)
        lat, lon = _places(rng, side, SPOTS)
        targets_s = rng.choice([60.0, 180.0, 300.0], SPOTS).tolist()
        self.spots = [
            Spot(f"K{k}", "key_spot", "", "", *at)
            for k, at in enumerate(zip(lat.tolist(), lon.tolist(), targets_s, strict=True))
        ]
        (self.lat,), (self.lon,) = _places(rng, side, 1)
        self.target = self.streets.snap(np.array([self.lat]), np.array([self.lon]))
        self.network.walk.nodes_s(self.target, towards=True)
        self.on_roads = OnRoads.of(self.force, self.network)
        self.cells = CityCells(self.streets)

    def questions(self) -> dict[str, Callable[[], Any]]:
        reach = self._reach()
        opened = uncovered(reach, self.force)
        incident = CandidateIncident(
            "I", "theft", "LOW", "", "CENTRE", "B1", "S1", "", [], self.lat, self.lon, NOW_MS - 30_000.0, 180.0
        )
        question = Question(incident, self.force, self.on_roads, NOW_MS, 30.0, 300.0, opened=opened)
        drive = self.network.drive
        moved = np.arange(UNITS) % 10 == 0
        now = replace(self.force, lat=np.where(moved, self.force.lat + 1e-4, self.force.lat))
        return {
            TO_ONE: lambda: OnRoads.of(now, self.network, self.on_roads).times_s(self.target),
            "the same when all are looked for on the streets": lambda: (
                OnRoads.of(self.force, self.network).times_s(self.target)
            ),
            "the whole answer: candidates, reasons, routes": lambda: candidates(question),
            COVER: lambda: self.on_roads.first_at(self._reach().places, self.ready),
            "the same with moves that mend gaps": lambda: cover(
                self.spots, self.spots, self.on_roads, self.ready, self._reach(), NOW_MS
            ),
            "the city's cover in cells": lambda: city_cover(
                self.cells, self.on_roads, self.ready, lambda lat, lon: np.full(len(lat), 300.0), NOW_MS
            ),
            "rings of 1, 3 and 5 minutes": lambda: rings(drive, self.lat, self.lon, (60.0, 180.0, 300.0), True, NOW_MS),
        }

    def by_networkx(self) -> dict[Any, float]:
        """Seconds from every junction to the incident: what the baseline needs for the same question."""
        return dict(nx.single_source_dijkstra_path_length(self._graph, "incident", weight="s"))

    @property
    def _graph(self) -> nx.DiGraph:
        if not hasattr(self, "_nx"):
            self._nx = _reversed(self.network.drive, self.target)
        return self._nx

    def disagreement_s(self) -> float:
        """The largest difference of any junction's time."""
        theirs = self.by_networkx()
        mine = self.network.drive.nodes_s(self.target, towards=True)
        return max(abs(mine[node] - theirs.get(node, np.inf)) for node in range(self.nodes) if np.isfinite(mine[node]))

    def _reach(self) -> Reach:
        return Reach.of(self.spots, self.on_roads, self.ready)


def _reversed(travel: TravelGraph, target: Snap) -> nx.DiGraph:
    """The roads against their direction, as networkx holds them, with the incident as a node of its own."""
    graph, roads, streets = nx.DiGraph(), travel.streets.roads, travel.streets
    for a, b, s in zip(roads.end.tolist(), roads.start.tolist(), travel.edge_s.tolist(), strict=True):
        if not graph.has_edge(a, b) or graph[a][b]["s"] > s:
            graph.add_edge(a, b, s=s)
    street, share, off_s = int(target.street[0]), float(target.share[0]), float(target.off_m[0]) / travel.off_mps
    for node, part_s in (
        (int(streets.first[street]), share * travel.along_s[street]),
        (int(streets.last[street]), (1 - share) * travel.against_s[street]),
    ):
        if np.isfinite(part_s):
            graph.add_edge("incident", node, s=float(part_s) + off_s)
    return graph


def grid(side: int, south: float = 26.0, west: float = 105.0) -> RoadGraph:
    """Made-up streets of ``side`` × ``side`` junctions with bends, one-way streets and all classes."""
    rng = np.random.default_rng(1)
    number = np.arange(side * side).reshape(side, side)
    lat = south + BLOCK_DEG * (number // side).ravel() + rng.normal(0, BLOCK_DEG / 9, number.size)
    lon = west + BLOCK_DEG * (number % side).ravel() + rng.normal(0, BLOCK_DEG / 9, number.size)
    pairs = np.concatenate([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    kind = rng.choice(len(CLASSES), len(pairs), p=(0.01, 0.02, 0.08, 0.12, 0.2, 0.45, 0.1, 0.02)).astype(np.uint8)
    bend = np.column_stack([lat[pairs].mean(axis=1), lon[pairs].mean(axis=1)])
    bend += rng.normal(0, BLOCK_DEG / 12, bend.shape)
    both = rng.random(len(pairs)) > 0.15
    start, end = (np.concatenate([pairs[:, k], pairs[both, 1 - k]]).astype(np.int32) for k in (0, 1))
    of = np.concatenate([np.arange(len(pairs)), np.flatnonzero(both)])
    lats, lons = (np.column_stack([at[start], bend[of, k], at[end]]).ravel() for k, at in ((0, lat), (1, lon)))
    return RoadGraph(
        lat, lon, start, end, lengths_m(lats, lons, np.arange(0, len(lats) + 1, 3, dtype=np.int32)),
        np.array(USUAL_SPEED_MPS)[kind[of]], kind[of], np.zeros(len(of), np.int32),
        np.arange(len(of) + 1, dtype=np.int32), bend[of, 0], bend[of, 1],
    )  # fmt: skip


def _places(rng: np.random.Generator, side: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    return 26.0 + rng.random(count) * side * BLOCK_DEG, 105.0 + rng.random(count) * side * BLOCK_DEG


def _force(rng: np.random.Generator, side: int) -> Force:
    lat, lon = _places(rng, side, UNITS)
    types = rng.choice([UnitType.CAR, UnitType.MOTORCYCLE, UnitType.FOOT, UnitType.TRAFFIC, UnitType.POST], UNITS)
    statuses = rng.choice([*[UnitStatus.AVAILABLE] * 6, UnitStatus.ON_SCENE, UnitStatus.OUT_OF_SERVICE], UNITS)
    return Force(
        [f"U{k}" for k in range(UNITS)], [f"call {k}" for k in range(UNITS)], [f"S{k % 40}" for k in range(UNITS)],
        [f"B{k % 8}" for k in range(UNITS)], [""] * UNITS, [[]] * UNITS, types.astype(np.uint8),
        statuses.astype(np.uint8), lat, lon, NOW_MS - rng.uniform(0, 60_000, UNITS), rng.integers(0, 5, UNITS),
        np.full(UNITS, np.nan),
    )  # fmt: skip
