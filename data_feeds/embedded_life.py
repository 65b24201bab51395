"""What happens in the embedded city: units on their streets, incidents from call to closing, drones. Deterministic.

The life is stepped with the time passed in and says everything as messages, as a real city's systems would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from data_feeds.embedded_city import BRANCHES, City, to_degrees
from data_feeds.model import (
    Detection,
    DroneTelemetry,
    Incident,
    Message,
    Roster,
    Status,
    Topic,
    UnitStatus,
    VehiclePosition,
)

Said = tuple[Topic, str, Message]
FIX_EVERY_S = 3
SPEED_MPS = {"car": 9.0, "motorcycle": 9.0, "traffic": 8.0, "foot": 1.4, "command_vehicle": 8.0, "mobile_platform": 0.0}
TYPE_SHARES = (
    ("car", 0.5),
    ("motorcycle", 0.16),
    ("foot", 0.2),
    ("traffic", 0.08),
    ("command_vehicle", 0.02),
    ("mobile_platform", 0.04),
)
URGENT_FACTOR = 1.7
CATEGORIES = (
    ("dispute", "medium", 24),
    ("theft", "medium", 10),
    ("traffic_accident", "low", 26),
    ("fraud", "low", 8),
    ("help", "low", 26),
    ("public_order", "medium", 10),
    ("gathering", "high", 3),
    ("armed_injury", "critical", 1),
)
KEY_SPOTS = 14
SILENT_SHARE, NEVER_HEARD_SHARE, STANDBY_SHARE = 0.02, 0.01, 0.2
CALLS_PER_UNIT_S = 1 / 9_000
DRONES = 4
DETECTION_KINDS = ("crowd", "illegal_parking", "congestion", "vehicle", "smoke")


@dataclass(slots=True)
class _Case:
    incident: Incident
    node: int
    units: list[int]
    stage_s: float  # when its next step is due, Unix s
    told: list[Incident] = field(default_factory=list)


class Life:
    """``units`` units in ``city``. ``step(now_s)`` moves all to Unix second ``now_s`` and returns what is said."""

    def __init__(self, city: City, units: int, seed: int, now_s: float) -> None:
        rng = np.random.default_rng([seed, 7])
        self._city, self._rng, self._now_s, self._n = city, rng, now_s, units
        nodes = len(city.x)
        weight = np.exp(-np.hypot(city.x, city.y) / 2600)
        self._at = rng.choice(nodes, units, p=weight / weight.sum())
        self._to = self._pick(self._at, self._at)
        self._gone = rng.random(units) * 100.0  # metres along the street piece
        words = [word for word, _ in TYPE_SHARES]
        shares = np.array([share for _, share in TYPE_SHARES])
        self._types = [words[k] for k in rng.choice(len(words), units, p=shares / shares.sum())]
        self._pace = np.array([SPEED_MPS[t] for t in self._types]) * rng.uniform(0.7, 1.2, units)
        self._status = np.where(rng.random(units) < STANDBY_SHARE, UnitStatus.STANDBY, UnitStatus.AVAILABLE)
        self._target = np.full(units, -1)  # node of the incident, −1 on patrol
        fate = rng.random(units)
        self._never = fate < NEVER_HEARD_SHARE
        self._silent_from = np.where(fate > 1 - SILENT_SHARE, now_s + rng.uniform(0, 120, units), np.inf)
        self._spots = set(rng.choice(nodes, min(KEY_SPOTS, nodes), replace=False).tolist())
        self._cases: list[_Case] = []
        self._serial = int(now_s) % 86_400 // 20
        self._sos: tuple[int, float] | None = None
        self._next_sos_s = now_s + rng.uniform(60, 240)
        self._round = 0
        self._mission = rng.uniform(0, 2 * np.pi, (DRONES, 2))
        self._next_detection_s = now_s + 5

    def begin(self) -> list[Said]:
        """Everything that holds at the start: roster, statuses, every unit's fix, some incidents under way."""
        said: list[Said] = [(Topic.ROSTER, self._id(k), self._roster(k)) for k in range(self._n)]
        said += [self._say_status(k) for k in range(self._n)]
        for _ in range(max(4, self._n // 80)):
            self._call(self._now_s - float(self._rng.uniform(5, 150)))
        said += self._say_cases() + list(self._fixes(np.arange(self._n))) + self._drone_said()
        return said

    def step(self, now_s: float) -> list[Said]:
        """Move on to ``now_s``; at most a few seconds at a time look natural."""
        dt = min(max(now_s - self._now_s, 0.0), 10.0)
        self._now_s = now_s
        self._move(dt)
        said: list[Said] = []
        if self._rng.random() < dt * self._n * CALLS_PER_UNIT_S:
            self._call(now_s)
        for case in list(self._cases):
            said += self._advance(case)
        said += self._say_cases() + self._maybe_sos()
        said += self._fixes(np.flatnonzero(np.arange(self._n) % FIX_EVERY_S == self._round % FIX_EVERY_S))
        said += self._drone_said()
        self._round += 1
        return said

    # -- units ---------------------------------------------------------------------------------------------------

    def _pick(self, at: NDArray[np.intp], came: NDArray[np.intp]) -> NDArray[np.intp]:
        """A next node for each, not back where it came from unless there is no other way."""
        options = self._city.neighbours[at]
        score = self._rng.random(options.shape) - 10.0 * (options < 0) - 1.0 * (options == came[:, None])
        return np.asarray(options[np.arange(len(at)), score.argmax(axis=1)])

    def _toward(self, at: NDArray[np.intp], came: NDArray[np.intp], target: NDArray[np.intp]) -> NDArray[np.intp]:
        """The neighbour nearest to the target; going back costs, so that nobody is trapped by the river for long."""
        x, y, options = self._city.x, self._city.y, self._city.neighbours[at]
        away = np.hypot(x[options] - x[target][:, None], y[options] - y[target][:, None])
        away = away + self._rng.random(options.shape) * 120 + 1e9 * (options < 0) + 500 * (options == came[:, None])
        return np.asarray(options[np.arange(len(at)), away.argmin(axis=1)])

    def _move(self, dt: float) -> None:
        urgent = np.isin(self._status, (UnitStatus.DISPATCHED, UnitStatus.ENROUTE))
        still = np.isin(self._status, (UnitStatus.ON_SCENE, UnitStatus.STANDBY))
        self._gone = self._gone + np.where(still, 0.0, self._pace * np.where(urgent, URGENT_FACTOR, 1.0) * dt)
        for _ in range(4):  # a fast unit may pass more than one corner in a step
            over = np.flatnonzero(self._gone >= self._length())
            if not len(over):
                return
            self._gone[over] -= self._length()[over]
            came, self._at[over] = self._at[over], self._to[over]
            chasing = self._target[over] >= 0
            self._to[over] = self._pick(self._at[over], came)
            hunters = over[chasing]
            self._to[hunters] = self._toward(self._at[hunters], came[chasing], self._target[hunters])

    def _length(self) -> NDArray[np.float64]:
        x, y = self._city.x, self._city.y
        return np.maximum(np.hypot(x[self._to] - x[self._at], y[self._to] - y[self._at]), 1.0)

    def _places(self, which: NDArray[np.intp]) -> tuple[NDArray[np.float64], ...]:
        x, y = self._city.x, self._city.y
        at, to = self._at[which], self._to[which]
        share = np.minimum(self._gone[which] / self._length()[which], 1.0)
        east, north = x[to] - x[at], y[to] - y[at]
        return x[at] + share * east, y[at] + share * north, np.degrees(np.arctan2(east, north)) % 360

    def _fixes(self, which: NDArray[np.intp]) -> Iterator[Said]:
        which = which[~self._never[which] & (self._now_s < self._silent_from[which])]
        px, py, course = self._places(which)
        lat, lon = to_degrees(px, py)
        moving = ~np.isin(self._status[which], (UnitStatus.ON_SCENE, UnitStatus.STANDBY)) & (self._pace[which] > 0)
        pace = self._pace[which] * np.where(np.isin(self._status[which], (2, 3)), URGENT_FACTOR, 1.0) * moving
        now = _time(self._now_s)
        columns = zip(which.tolist(), lat.tolist(), lon.tolist(), course.tolist(), pace.tolist(), strict=True)
        for k, a, o, c, v in columns:
            fix = VehiclePosition(
                self._id(k),
                round(a, 6),
                round(o, 6),
                now,
                speed_mps=round(v, 1),
                course=round(c, 1) if v else None,
                heading=round(c, 1) if self._types[k] != "foot" else None,
                accuracy_m=4.0,
            )
            yield Topic.POSITION, fix.unit_id, fix

    def _roster(self, k: int) -> Roster:
        branch = self._city.branch_of(int(self._at[k]))
        prefix = {"car": "P", "motorcycle": "铁骑", "foot": "步巡", "traffic": "T", "command_vehicle": "指挥"}.get(
            self._types[k], "平台"
        )
        return Roster(
            self._id(k),
            f"{prefix}-{1000 + k}",
            self._types[k],
            "police",
            f"{BRANCHES[branch]}{k % 4 + 1}所",
            BRANCHES[branch],
            ["first_aid"] if k % 7 == 0 else [],
            crew_officers=2 if k % 3 else 1,
            crew_auxiliaries=k % 3,
        )

    def _say_status(self, k: int, incident_id: str = "") -> Said:
        word = UnitStatus(int(self._status[k])).name
        sos = self._sos is not None and self._sos[0] == k
        return Topic.STATUS, self._id(k), Status(self._id(k), word, incident_id, _time(self._now_s), sos)

    def _maybe_sos(self) -> list[Said]:
        if self._sos is not None and self._now_s >= self._sos[1]:
            k, self._sos = self._sos[0], None
            return [self._say_status(k)]
        if self._sos is None and self._now_s >= self._next_sos_s:
            self._next_sos_s = self._now_s + self._rng.uniform(300, 900)
            self._sos = (int(self._rng.integers(self._n)), self._now_s + 40)
            return [self._say_status(self._sos[0])]
        return []

    def _id(self, k: int) -> str:
        return f"U{k + 1:05d}"

    # -- incidents -----------------------------------------------------------------------------------------------

    def _call(self, at_s: float) -> None:
        weights = np.array([w for _, _, w in CATEGORIES], dtype=float)
        category, severity, _ = CATEGORIES[self._rng.choice(len(CATEGORIES), p=weights / weights.sum())]
        spot = self._rng.random() < 0.15
        pull = np.exp(-np.hypot(self._city.x, self._city.y) / 2400)
        node = int(self._rng.choice(sorted(self._spots)) if spot else self._rng.choice(len(pull), p=pull / pull.sum()))
        central = np.hypot(self._city.x[node], self._city.y[node]) < 2600
        place_class = "key_spot" if node in self._spots else "centre" if central else "other"
        lat, lon = to_degrees(self._city.x[node] + 12.0, self._city.y[node] + 9.0)
        self._serial += 1
        branch = BRANCHES[self._city.branch_of(node)]
        incident = Incident(
            f"A-{self._serial % 10_000:04d}",
            int(at_s * 1000),
            category,
            severity,
            source="call",
            lat=round(float(lat), 6),
            lon=round(float(lon), 6),
            place_class=place_class,
            place=self._city.names[node],
            branch=branch,
            call_received=_time(at_s),
            exercise=bool(self._rng.random() < 0.02),
        )
        case = _Case(incident, node, [], self._now_s + float(self._rng.uniform(3, 20)))
        case.told.append(incident)
        self._cases.append(case)

    def _say_cases(self) -> list[Said]:
        said: list[Said] = []
        for case in self._cases:
            said += [(Topic.INCIDENT, told.incident_id, told) for told in case.told]
            case.told = []
        self._cases = [case for case in self._cases if case.incident.closed is None]
        return said

    def _advance(self, case: _Case) -> list[Said]:
        incident, now = case.incident, _time(self._now_s)
        if incident.on_scene is None and any(self._near(k, case.node) for k in case.units):
            case.stage_s = self._now_s + float(self._rng.uniform(60, 260))
            self._tell(case, on_scene=now, enroute=incident.enroute or now, accepted=incident.accepted or now)
            return self._set(case, UnitStatus.ON_SCENE)
        if self._now_s < case.stage_s:
            return []
        if incident.dispatched is None:
            return self._dispatch(case)
        if incident.enroute is None:
            self._tell(case, enroute=now, accepted=incident.accepted or now)
            case.stage_s = self._now_s + 900
            return self._set(case, UnitStatus.ENROUTE)
        self._tell(case, closed=now, disposition="settled" if incident.on_scene else "no_contact")
        return self._set(case, UnitStatus.AVAILABLE)

    def _dispatch(self, case: _Case) -> list[Said]:
        free = np.flatnonzero((self._status == UnitStatus.AVAILABLE) & (self._pace > 2) & np.isinf(self._silent_from))
        if not len(free):
            return []
        x, y = self._city.x, self._city.y
        away = np.hypot(x[self._at[free]] - x[case.node], y[self._at[free]] - y[case.node])
        wanted = 2 if case.incident.severity in ("high", "critical") else 1
        case.units = free[np.argsort(away)[:wanted]].tolist()
        case.stage_s = self._now_s + float(self._rng.uniform(4, 14))
        self._target[case.units] = case.node
        self._tell(case, dispatched=_time(self._now_s), units=[self._id(k) for k in case.units])
        return self._set(case, UnitStatus.DISPATCHED)

    def _set(self, case: _Case, status: UnitStatus) -> list[Said]:
        self._status[case.units] = status
        if status is UnitStatus.AVAILABLE:
            self._target[case.units] = -1
        return [
            self._say_status(k, case.incident.incident_id if status != UnitStatus.AVAILABLE else "") for k in case.units
        ]

    def _tell(self, case: _Case, **changes: object) -> None:
        fields = {name: getattr(case.incident, name) for name in Incident.__struct_fields__}
        case.incident = Incident(**{**fields, **changes, "version": case.incident.version + 1})
        case.told.append(case.incident)

    def _near(self, k: int, node: int) -> bool:
        px, py, _ = self._places(np.array([k]))
        return bool(np.hypot(px[0] - self._city.x[node], py[0] - self._city.y[node]) < 60)

    # -- drones --------------------------------------------------------------------------------------------------

    def _drone_said(self) -> list[Said]:
        said: list[Said] = []
        now = _time(self._now_s)
        for k in range(DRONES):
            turn = self._mission[k, 0] + self._now_s / 60.0 * (1 if k % 2 else -1)
            away = self._mission[k, 1]
            px, py = 2400 * np.cos(away) + 700 * np.cos(turn), 2400 * np.sin(away) + 450 * np.sin(turn)
            lat, lon = to_degrees(px, py)
            drone_id = f"D{k + 1:02d}"
            said.append(
                (
                    Topic.TELEMETRY,
                    drone_id,
                    DroneTelemetry(
                        drone_id,
                        round(float(lat), 6),
                        round(float(lon), 6),
                        now,
                        callsign=f"U-{k + 1:02d}",
                        height_m=80.0 + 10 * k,
                        gimbal_pitch=-38.0,
                        gimbal_yaw=round(float(np.degrees(turn * 2)) % 360, 1),
                        fov_deg=66.0,
                        heading=round(float(np.degrees(turn)) % 360, 1),
                        speed_mps=11.0,
                        battery=round(95 - (self._now_s / 15 + 17 * k) % 75, 0),
                        mission=("民歌湖", "学校周边巡飞", "沿江巡查", "站前广场")[k],
                    ),
                )
            )
            if k == 0 and self._now_s >= self._next_detection_s:
                said.append(self._detect(drone_id, lat, lon))
        return said

    def _detect(self, drone_id: str, lat: float, lon: float) -> Said:
        self._next_detection_s = self._now_s + float(self._rng.uniform(15, 45))
        kind = DETECTION_KINDS[int(self._rng.integers(len(DETECTION_KINDS)))]
        found = Detection(
            f"{drone_id}-{int(self._now_s)}",
            drone_id,
            kind,
            _time(self._now_s),
            round(float(lat), 6),
            round(float(lon), 6),
            confidence=round(float(self._rng.uniform(0.6, 0.98)), 2),
        )
        return Topic.DETECTION, found.detection_id, found


def _time(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)
