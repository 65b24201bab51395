"""Drones: docks, missions over parks, river, schools and streets, batteries, and flights to grave incidents."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from data_feeds.model import DroneTelemetry, Topic, UnitStatus, UnitType, VehiclePosition
from data_feeds.simulator.force import Force
from data_feeds.simulator.missions import Mission, round_of
from data_feeds.simulator.network import Streets
from data_feeds.simulator.outbox import Outbox
from data_feeds.simulator.records import moment

CRUISE_MPS, CLIMB_MPS, GAIN_MPS2 = 12.0, 3.0, 2.5
WORK_M = (80.0, 120.0)  # height above ground
FLIGHT_S, CHARGE_S = 1750.0, 2700.0  # a full battery in the air, an empty one on the charger
HOME_PERCENT, READY_PERCENT, EMPTY_PERCENT = 22.0, 82.0, 12.0  # HOME: beyond what the way home takes
IN_AIR_SHARE = 0.36
DOCKED_EVERY_S = 30.0
LAUNCH_EVERY_S = (25.0, 110.0)
SUPPORT_S, SUPPORT_M, SUPPORT_ROUND_M = 420.0, 6000.0, 90.0
FOV_DEG = 66.0
NEAR_M, FAR_M = 12.0, 3500.0


class Phase(Enum):
    """What a drone does."""

    DOCKED = "docked"
    CLIMBING = "climbing"
    FLYING = "flying"
    HOME = "home"
    LANDING = "landing"


@dataclass(slots=True)
class Drone:
    """One drone; place in metres of the city, height above ground in metres, battery in percent."""

    unit: int
    drone_id: str
    callsign: str
    dock: tuple[float, float]
    x: float
    y: float
    battery: float
    work_m: float
    phase: Phase = Phase.DOCKED
    height_m: float = 0.0
    heading: float = 0.0
    speed: float = 0.0
    mission: Mission | None = None
    points: deque[tuple[float, float]] = field(default_factory=deque)
    until_s: float = 0.0
    told_s: float = -1e9
    swing: float = 0.0

    @property
    def in_air(self) -> bool:
        return self.phase is not Phase.DOCKED


class Flights:
    """The fleet. ``step`` flies all and says where they are."""

    def __init__(
        self, streets: Streets, force: Force, missions: list[Mission], outbox: Outbox, rng: np.random.Generator
    ) -> None:
        self._streets, self._force, self._missions, self._out, self._rng = streets, force, missions, outbox, rng
        self.fleet: list[Drone] = []
        crew = force.crew
        for unit in np.flatnonzero(crew.is_type(UnitType.DRONE)).tolist():
            home = int(crew.home[unit])
            dock = (float(streets.x[home]) + 25.0, float(streets.y[home]) + 18.0)
            battery, work_m = float(rng.uniform(70, 100)), float(rng.uniform(*WORK_M))
            self.fleet.append(Drone(unit, crew.ids[unit], crew.callsigns[unit], dock, *dock, battery, work_m))
        self._wanted = max(1, round(len(self.fleet) * IN_AIR_SHARE)) if missions else 0
        self._launch_s = 0.0

    def begin(self, now_s: float, hour: float, is_workday: bool) -> None:
        """Some are in the air already."""
        for drone in self.fleet[: self._wanted]:
            if (mission := self._choose(drone, hour, is_workday)) is None:
                continue
            self._take_off(drone, mission, now_s)
            drone.phase, drone.height_m = Phase.FLYING, drone.work_m
            drone.battery = float(self._rng.uniform(45, 90))
            drone.points.rotate(int(self._rng.integers(len(drone.points))))
            drone.x, drone.y = drone.points[0]
        self._launch_s = now_s + float(self._rng.uniform(*LAUNCH_EVERY_S))

    def step(self, now_s: float, dt: float, hour: float, is_workday: bool) -> None:
        """Fly on to Unix second ``now_s``."""
        for drone in self.fleet:
            if not self._force.on_roster[drone.unit]:
                continue
            self._fly(drone, now_s, dt)
            if drone.in_air or now_s - drone.told_s >= DOCKED_EVERY_S:
                drone.told_s = now_s
                self._tell(drone, now_s)
        if now_s >= self._launch_s:
            self._launch_s = now_s + float(self._rng.uniform(*LAUNCH_EVERY_S))
            docked = [d for d in self.fleet if not d.in_air and d.battery >= READY_PERCENT]
            if docked and sum(d.in_air for d in self.fleet) < self._wanted:
                drone = docked[int(self._rng.integers(len(docked)))]
                if (mission := self._choose(drone, hour, is_workday)) is not None:
                    self._take_off(drone, mission, now_s)

    def support(self, node: int, name: str, now_s: float) -> str | None:
        """Send the nearest drone that can to an incident; returns its id."""
        x, y = float(self._streets.x[node]), float(self._streets.y[node])

        def away(drone: Drone) -> float:
            return float(np.hypot(drone.x - x, drone.y - y))

        able = [d for d in self.fleet if d.phase in (Phase.DOCKED, Phase.FLYING) and d.battery > 45.0
                and (d.mission is None or d.mission.sort != "incident") and away(d) < SUPPORT_M]  # fmt: skip
        if not able:
            return None
        drone = min(able, key=away)
        self._take_off(drone, Mission(name, "incident", round_of(x, y, SUPPORT_ROUND_M)), now_s)
        drone.until_s = now_s + SUPPORT_S
        return drone.drone_id

    def looking_at(self, drone: Drone) -> tuple[float, float]:
        """Where the middle of the picture lies: metres."""
        away = drone.height_m / np.tan(np.radians(-self._pitch(drone)))
        yaw = np.radians(self._yaw(drone))
        return drone.x + float(away * np.sin(yaw)), drone.y + float(away * np.cos(yaw))

    def _choose(self, drone: Drone, hour: float, is_workday: bool) -> Mission | None:
        taken = {d.mission.name for d in self.fleet if d.mission and d.in_air}
        open_now = [m for m in self._missions if m.suits(hour, is_workday) and m.name not in taken]
        if not open_now:
            return None
        sorts = [d.mission.sort for d in self.fleet if d.mission and d.in_air]
        away = np.array([np.hypot(*(np.array(m.points[0]) - drone.dock)) for m in open_now])
        alike = np.array([sorts.count(m.sort) for m in open_now])  # they are not all sent to see the same
        weight = np.exp(-away / FAR_M) * np.array([m.weight for m in open_now]) * 0.2**alike + 1e-9
        return open_now[int(self._rng.choice(len(open_now), p=weight / weight.sum()))]

    def _take_off(self, drone: Drone, mission: Mission, now_s: float) -> None:
        if not drone.in_air:
            drone.phase = Phase.CLIMBING
            if self._force.status[drone.unit] == UnitStatus.STANDBY:
                self._force.set([drone.unit], UnitStatus.AVAILABLE, now_s)
        drone.mission, drone.points = mission, deque(mission.points)
        drone.until_s = np.inf

    def _fly(self, drone: Drone, now_s: float, dt: float) -> None:
        if drone.phase is Phase.DOCKED:
            drone.battery = min(100.0, drone.battery + 100.0 * dt / CHARGE_S)
            return
        drone.battery = max(EMPTY_PERCENT, drone.battery - 100.0 * dt / FLIGHT_S)
        drone.swing += dt / 9.0
        if drone.phase is Phase.CLIMBING:
            drone.height_m = min(drone.work_m, drone.height_m + CLIMB_MPS * dt)
            if drone.height_m >= drone.work_m:
                drone.phase = Phase.FLYING
        elif drone.phase is Phase.LANDING:
            drone.speed = 0.0
            drone.height_m = max(0.0, drone.height_m - CLIMB_MPS * dt)
            if drone.height_m <= 0.0:
                drone.phase, drone.mission = Phase.DOCKED, None
                if self._force.status[drone.unit] == UnitStatus.AVAILABLE:
                    self._force.set([drone.unit], UnitStatus.STANDBY, now_s)
        else:
            self._cruise(drone, now_s, dt)

    def _cruise(self, drone: Drone, now_s: float, dt: float) -> None:
        home_s = float(np.hypot(drone.dock[0] - drone.x, drone.dock[1] - drone.y)) / CRUISE_MPS
        enough = drone.battery > HOME_PERCENT + 100.0 * home_s / FLIGHT_S
        if drone.phase is Phase.FLYING and (not enough or now_s >= drone.until_s):
            drone.phase, drone.points = Phase.HOME, deque([drone.dock])
        tx, ty = drone.points[0]
        away = float(np.hypot(tx - drone.x, ty - drone.y))
        goal = min(CRUISE_MPS, max(1.0, np.sqrt(2 * GAIN_MPS2 * away)) if drone.phase is Phase.HOME else CRUISE_MPS)
        drone.speed += float(np.clip(goal - drone.speed, -GAIN_MPS2 * dt, GAIN_MPS2 * dt))
        way = min(drone.speed * dt, away)
        if away > 0:
            want = float(np.degrees(np.arctan2(tx - drone.x, ty - drone.y))) % 360.0
            turn = (want - drone.heading + 180.0) % 360.0 - 180.0
            drone.heading = (drone.heading + float(np.clip(turn, -40 * dt, 40 * dt))) % 360.0
            drone.x += (tx - drone.x) / away * way
            drone.y += (ty - drone.y) / away * way
        if away - way <= NEAR_M and drone.phase is Phase.FLYING:
            drone.points.rotate(-1)
        elif away - way <= 1.0 and drone.phase is Phase.HOME:
            drone.phase = Phase.LANDING

    def _pitch(self, drone: Drone) -> float:
        return -55.0 if drone.mission is not None and drone.mission.sort == "incident" else -42.0 - 6.0 * float(
            np.sin(drone.swing / 2))  # fmt: skip

    def _yaw(self, drone: Drone) -> float:
        return (drone.heading + 35.0 * float(np.sin(drone.swing))) % 360.0

    def _tell(self, drone: Drone, now_s: float) -> None:
        lat, lon = (round(float(v), 6) for v in self._streets.degrees(np.array(drone.x), np.array(drone.y)))
        at, flying = moment(now_s), drone.in_air
        mission = drone.mission.name if drone.mission is not None and flying else ""
        self._out.say(Topic.TELEMETRY, drone.drone_id, DroneTelemetry(
            drone.drone_id, lat, lon, at, callsign=drone.callsign, height_m=round(drone.height_m, 1),
            gimbal_pitch=round(self._pitch(drone), 1) if flying else None,
            gimbal_yaw=round(self._yaw(drone), 1) if flying else None, fov_deg=FOV_DEG if flying else None,
            heading=round(drone.heading, 1), speed_mps=round(drone.speed, 1), battery=round(drone.battery, 1),
            mission=mission,  # no stream_url: nobody sends pictures here, and a link must lead somewhere
            recording=bool(flying and drone.mission is not None and drone.mission.sort == "incident"),
        ))  # fmt: skip
        self._out.say(Topic.POSITION, drone.drone_id, VehiclePosition(
            drone.drone_id, lat, lon, at, speed_mps=round(drone.speed, 1), course=round(drone.heading, 1),
            heading=round(drone.heading, 1), altitude_m=round(drone.height_m, 1), accuracy_m=1.5,
        ))  # fmt: skip

