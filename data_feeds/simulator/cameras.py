"""Video devices: the city's cameras, cameras on mobile platforms, body cameras that go with their units."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from data_feeds.model import Device, Topic, UnitStatus, UnitType
from data_feeds.simulator.city import City
from data_feeds.simulator.force import Force
from data_feeds.simulator.motion import Motion
from data_feeds.simulator.outbox import Outbox

Ints = NDArray[np.intp]
States = NDArray[np.int8]

BODY_SHARE, MOST_BODY = 0.22, 1_500  # of the units on foot or wheels
BODY_EVERY_S = 60.0
# of a camera that a unit carries: its crew is off duty and has put it away; it is out, and delivers or not
AWAY, SILENT, DELIVERS = range(3)
TROUBLE_EVERY_S = 90.0  # between two changes of a fixed camera's state
OFFLINE_SHARE, FAULT_SHARE = 0.03, 0.012


class Cameras:
    """Says each device at the start and at each change; body cameras also once a minute, where they are."""

    def __init__(self, city: City, force: Force, motion: Motion, outbox: Outbox, rng: np.random.Generator) -> None:
        self._force, self._motion, self._out, self._rng = force, motion, outbox, rng
        fate = rng.random(len(city.cameras))
        states = np.searchsorted([FAULT_SHARE, FAULT_SHARE + OFFLINE_SHARE], fate, side="right")
        words = ("fault", "offline", "online")
        self._fixed = [replace(c, state=words[k]) for c, k in zip(city.cameras, states.tolist(), strict=True)]
        crew = force.crew
        wearers = np.flatnonzero(crew.is_type(UnitType.FOOT, UnitType.CAR, UnitType.MOTORCYCLE, UnitType.TRAFFIC))
        worn = rng.permutation(wearers)[: min(MOST_BODY, int(BODY_SHARE * len(wearers)) + 1)]
        self._worn = np.sort(worn).astype(np.intp)
        self._platforms = np.flatnonzero(crew.is_type(UnitType.MOBILE_PLATFORM))
        self._phase = rng.random(len(self._worn)) * BODY_EVERY_S
        self._worn_told = self._platforms_told = np.zeros(0, dtype=np.int8)
        self._trouble_s = 0.0

    def begin(self, now_s: float) -> None:
        """Everything as it is."""
        for camera in self._fixed:
            self._out.say(Topic.DEVICE, camera.device_id, camera)
        self._platforms_told, self._worn_told = self._platforms_now(), self._worn_now()
        self._say(self._platforms, "platform_camera", "平台", self._platforms_told)
        self._say(self._worn, "body_camera", "执法仪", self._worn_told)
        self._trouble_s = now_s + TROUBLE_EVERY_S

    def step(self, now_s: float, dt: float) -> None:
        """Say what changed by Unix second ``now_s``."""
        platforms, worn = self._platforms_now(), self._worn_now()
        changed = platforms != self._platforms_told
        self._say(self._platforms[changed], "platform_camera", "平台", platforms[changed])
        passed = (now_s - self._phase) // BODY_EVERY_S != (now_s - dt - self._phase) // BODY_EVERY_S
        told = (worn != self._worn_told) | ((worn == DELIVERS) & passed)
        self._say(self._worn[told], "body_camera", "执法仪", worn[told])
        self._platforms_told, self._worn_told = platforms, worn
        if now_s >= self._trouble_s and self._fixed:
            self._trouble_s = now_s + TROUBLE_EVERY_S
            self._trouble()

    def _platforms_now(self) -> States:
        return np.where(self._force.on_roster[self._platforms], DELIVERS, AWAY).astype(np.int8)

    def _worn_now(self) -> States:
        """Body cameras deliver while their crews are out."""
        resting = np.isin(self._force.status[self._worn], (UnitStatus.STANDBY, UnitStatus.OUT_OF_SERVICE))
        out = np.where(self._force.silent[self._worn] | resting, SILENT, DELIVERS)
        return np.where(self._force.on_roster[self._worn], out, AWAY).astype(np.int8)

    def _trouble(self) -> None:
        """One camera fails, or one that failed is mended."""
        broken = [i for i, camera in enumerate(self._fixed) if camera.state != "online"]
        usual = (OFFLINE_SHARE + FAULT_SHARE) * len(self._fixed)
        if broken and self._rng.random() < len(broken) / (len(broken) + usual):
            i, state = broken[int(self._rng.integers(len(broken)))], "online"
        else:
            i, state = int(self._rng.integers(len(self._fixed))), "offline" if self._rng.random() < 0.7 else "fault"
        self._fixed[i] = replace(self._fixed[i], state=state)
        self._out.say(Topic.DEVICE, self._fixed[i].device_id, self._fixed[i])

    def _say(self, units: Ints, kind: str, word: str, states: States) -> None:
        x, y, _ = self._motion.places(units)
        lat, lon = self._motion.streets.degrees(x, y)
        crew, first = self._force.crew, "B" if kind == "body_camera" else "M"
        for unit, a, o, state in zip(units.tolist(), lat.tolist(), lon.tolist(), states.tolist(), strict=True):
            is_out = state != AWAY
            device = Device(
                f"{first}-{crew.ids[unit]}", kind, f"{crew.callsigns[unit]} {word}",
                round(a, 6) if is_out else None, round(o, 6) if is_out else None,
                state="online" if state == DELIVERS else "offline", unit_id=crew.ids[unit],
            )  # fmt: skip
            self._out.say(Topic.DEVICE, device.device_id, device)
