"""The units in columns, and how fast they are anywhere: who drives, who walks, who is not sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.streets import Floats, Ints, Snap, Streets
from analytics.travel import FLOW, Mode, TravelGraph, Way
from data_feeds.model import UnitStatus, UnitType

FREE = (UnitStatus.AVAILABLE, UnitStatus.STANDBY, UnitStatus.RETURNING)
BUSY = (UnitStatus.DISPATCHED, UnitStatus.ENROUTE, UnitStatus.ON_SCENE)
WALKING = (UnitType.FOOT, UnitType.POST, UnitType.MOBILE_PLATFORM, UnitType.MOUNTED)
NOT_SENT = (UnitType.COMMAND_VEHICLE, UnitType.DRONE, UnitType.HELICOPTER, UnitType.VOLUNTEERS)
WALK_LIMIT_S = 1_200.0  # nobody is sent on foot for longer
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Force:
    """U units. ``type``, ``status`` (U,) of UnitType and UnitStatus; ``lat``, ``lon`` (U,) WGS-84 degrees and
    ``fix_ms`` (U,) Unix ms, NaN without a position; ``workload`` (U,) incidents that each had or has today;
    ``speed_mps`` (U,), NaN where none is told."""

    ids: Sequence[str]
    callsigns: Sequence[str]
    stations: Sequence[str]
    branches: Sequence[str]
    incidents: Sequence[str]
    capabilities: Sequence[Sequence[str]]
    type: NDArray[np.uint8]
    status: NDArray[np.uint8]
    lat: Floats
    lon: Floats
    fix_ms: Floats
    workload: Ints
    speed_mps: Floats

    @classmethod
    def of(cls, details: Sequence[Mapping[str, Any]], workload: Mapping[str, int] | None = None) -> Force:
        """From the details of units as the board tells them, and how many incidents each had."""
        jobs = workload or {}

        def numbers(name: str) -> Floats:
            return np.array([d[name] if d[name] is not None else np.nan for d in details], dtype=np.float64)

        return cls(
            [d["unit_id"] for d in details], [d["callsign"] for d in details], [d["station"] for d in details],
            [d["branch"] for d in details], [d["incident_id"] for d in details],
            [d["capabilities"] for d in details],
            np.array([UnitType[d["unit_type"]] for d in details], dtype=np.uint8),
            np.array([UnitStatus[d["status"]] for d in details], dtype=np.uint8),
            numbers("lat"), numbers("lon"), numbers("fix_time"),
            np.array([jobs.get(d["unit_id"], 0) for d in details], dtype=np.intp), numbers("speed_mps"),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def placed(self) -> Mask:
        return np.isfinite(self.lat) & np.isfinite(self.lon)

    @cached_property
    def free(self) -> Mask:
        """(U,) whose status says so; everybody where no unit has a status: then none is told."""
        return np.isin(self.status, FREE) | ~self.status.any()

    @cached_property
    def walks(self) -> Mask:
        return np.isin(self.type, WALKING)

    def age_s(self, now_ms: float) -> Floats:
        """(U,) seconds since each unit's fix, NaN without one."""
        return np.maximum(0.0, (now_ms - self.fix_ms) / 1000.0)

    def ready(self, now_ms: float, lost_s: float) -> Mask:
        """(U,) who can be sent: free, of a type that is sent, on the map, the fix not older than ``lost_s``."""
        fit = self.free & ~np.isin(self.type, NOT_SENT) & self.placed
        with np.errstate(invalid="ignore"):
            return np.asarray(fit & (self.age_s(now_ms) <= lost_s))


class Network:
    """The streets at one hour, for those who drive and those who walk. ``flow``: see TravelGraph."""

    def __init__(self, streets: Streets, hour: int | None = None, flow: Floats = FLOW) -> None:
        self.streets = streets
        self.drive = TravelGraph(streets, Mode.DRIVE, hour, flow)
        self._hour, self._flow = hour, flow

    @cached_property
    def walk(self) -> TravelGraph:
        return TravelGraph(self.streets, Mode.WALK)

    def at(self, hour: int | None) -> Network:
        """The same streets at another hour; itself at the same."""
        if hour == self._hour:
            return self
        other = Network(self.streets, hour, self._flow)
        other.__dict__["walk"] = self.walk  # the hour does not change how people walk
        return other


@dataclass(frozen=True, eq=False)
class OnRoads:
    """``force`` on the streets of ``network``: ``snap`` says where each unit meets them."""

    force: Force
    network: Network
    snap: Snap

    @classmethod
    def of(cls, force: Force, network: Network, before: OnRoads | None = None) -> OnRoads:
        """``before``: the same a moment ago; who has not moved since stands where it stood."""
        if before is None or before.network.streets is not network.streets:
            return cls(force, network, network.streets.snap(force.lat, force.lon))
        known = {unit: k for k, unit in enumerate(before.force.ids)}
        then = np.array([known.get(unit, -1) for unit in force.ids], dtype=np.intp)
        same = then >= 0
        old = then[same]
        same[same] = (before.force.lat[old] == force.lat[same]) & (before.force.lon[old] == force.lon[same])
        moved = network.streets.snap(force.lat[~same], force.lon[~same])
        snap = Snap(np.empty(len(force), dtype=np.intp), *(np.empty(len(force)) for _ in range(4)))
        for part, which in ((before.snap.take(then[same]), same), (moved, ~same)):
            for name in ("street", "share", "off_m", "x", "y"):
                getattr(snap, name)[which] = getattr(part, name)
        return cls(force, network, snap)

    def times_s(self, targets: Snap, limit_s: float = np.inf, which: Mask | None = None) -> Floats:
        """(T, U) seconds of each unit to each target by its own means; inf where ``which`` leaves it out."""
        found = np.full((len(targets), len(self.force)), np.inf)
        for graph, members, most_s in self._parts(which):
            if len(members):
                found[:, members] = graph.times_s(self.snap.take(members), targets, min(limit_s, most_s))
        return found

    def pairs(self, targets: Snap, limits_s: Floats, which: Mask | None = None) -> tuple[Ints, Ints, Floats]:
        """(P,) target, unit and seconds of every unit of ``which`` that is there within the target's limit."""
        none = np.zeros(0, dtype=np.intp)
        found = [(none, none, np.zeros(0))]
        for graph, members, most_s in self._parts(which):
            leaving = graph.leaving(self.snap.take(members))
            for limit_s in np.unique(limits_s).tolist():
                same = np.flatnonzero(limits_s == limit_s)
                target, unit, time_s = graph.pairs(leaving, targets.take(same), min(limit_s, most_s))
                found.append((same[target], members[unit], time_s))
        target, unit, time_s = (np.concatenate([columns[k] for columns in found]) for k in range(3))
        return target, unit, time_s

    def first_at(self, places: Snap, which: Mask | None = None) -> tuple[Floats, Ints]:
        """(K,) seconds until the first of ``which`` is at each place (inf: nobody), and who (−1)."""
        return self._best([
            (members, *graph.first_at(graph.first(self.snap.take(members), most_s), places))
            for graph, members, most_s in self._parts(which)
        ], len(places))  # fmt: skip

    def first_at_nodes(self, which: Mask | None = None) -> Floats:
        """(N,) seconds until the first of ``which`` is at each junction; inf: nobody."""
        nodes = self.network.drive.nodes
        return self._best([
            (members, (first := graph.first(self.snap.take(members), most_s)).time_s, first.who)
            for graph, members, most_s in self._parts(which)
        ], nodes)[0]  # fmt: skip

    def ways(self, units: Ints, target: Snap) -> list[Way | None]:
        """The fastest way of each of ``units`` (indices) to one target by its own means."""
        found: dict[int, Way | None] = {}
        walks = self.force.walks[units]
        for graph, members in ((self.network.drive, units[~walks]), (self.network.walk, units[walks])):
            if len(members):
                ways = graph.ways(self.snap.take(members), target)
                found.update(zip(members.tolist(), ways, strict=True))
        return [found[unit] for unit in units.tolist()]

    def _parts(self, which: Mask | None) -> list[tuple[TravelGraph, Ints, float]]:
        wanted = np.ones(len(self.force), dtype=bool) if which is None else which
        wanted = wanted & (self.snap.street >= 0)
        drive, walk = np.flatnonzero(wanted & ~self.force.walks), np.flatnonzero(wanted & self.force.walks)
        parts = [(self.network.drive, drive, np.inf)]
        if len(walk):
            parts.append((self.network.walk, walk, WALK_LIMIT_S))
        return parts

    def _best(self, found: list[tuple[Ints, Floats, Ints]], count: int) -> tuple[Floats, Ints]:
        time_s, who = np.full(count, np.inf), np.full(count, -1, dtype=np.intp)
        for members, seconds, index in found:
            better = seconds < time_s
            time_s[better], who[better] = seconds[better], members[index[better]]
        return time_s, who
