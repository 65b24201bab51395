"""What drones' cameras find: kinds by mission, where and when; some become incidents. Never who."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data_feeds.model import Detection, Incident, Topic
from data_feeds.simulator.flights import Drone, Flights, Phase
from data_feeds.simulator.network import Streets
from data_feeds.simulator.outbox import Outbox
from data_feeds.simulator.records import Records, moment

EVERY_S = (20.0, 95.0)  # per drone on its mission
KINDS: dict[str, dict[str, float]] = {
    "park": {"crowd": 4, "illegal_stall": 3, "smoke": 1, "fireworks": 0.7, "fallen_tree": 1.2, "waste_dumping": 1.5,
             "abandoned_object": 1, "intrusion": 0.7, "other": 0.6, "fire": 0.25},
    "water": {"boat": 4, "drowning_risk": 1, "waste_dumping": 2, "flood": 0.6, "intrusion": 1, "crowd": 1,
              "fallen_tree": 0.6, "construction": 1, "other": 0.5},
    "school": {"crowd": 3, "illegal_parking": 5, "congestion": 4, "vehicle": 1, "wrong_way": 0.8, "illegal_stall": 1.2},
    "spot": {"crowd": 4, "illegal_parking": 3, "illegal_stall": 3, "vehicle": 1.5, "congestion": 1,
             "abandoned_object": 0.8, "smoke": 0.4, "intrusion": 0.6, "fireworks": 0.3},
    "street": {"illegal_parking": 4, "congestion": 3, "wrong_way": 1.2, "accident": 1, "road_damage": 1.5, "vehicle": 3,
               "construction": 1.5, "fallen_tree": 0.4, "flood": 0.3},
    "incident": {"crowd": 3, "vehicle": 3, "smoke": 0.5, "congestion": 1},
}  # fmt: skip
# kind → the incident that it may become, how grave, and how often
BECOMES = {
    "fire": ("fire", "high", 0.8), "smoke": ("fire", "high", 0.12), "accident": ("traffic_accident", "low", 0.5),
    "crowd": ("gathering", "high", 0.015), "drowning_risk": ("rescue", "high", 0.15),
    "intrusion": ("suspicious", "medium", 0.15), "fireworks": ("public_order", "medium", 0.2),
    "wrong_way": ("traffic_hazard", "medium", 0.15), "fallen_tree": ("traffic_hazard", "low", 0.15),
    "congestion": ("congestion", "low", 0.05), "illegal_stall": ("public_order", "low", 0.04),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Find:
    """A detection grave enough for an incident."""

    category: str
    severity: str
    node: int


class Sightings:
    """``report`` opens an incident for a Find and returns it."""

    def __init__(
        self, flights: Flights, streets: Streets, records: Records, outbox: Outbox, rng: np.random.Generator,
        report: Callable[[Find, float], Incident],
    ) -> None:  # fmt: skip
        self._flights, self._streets, self._records, self._out, self._rng = flights, streets, records, outbox, rng
        self._report = report
        self._due_s: dict[str, float] = {}

    def step(self, now_s: float) -> None:
        """Look through every camera."""
        for drone in self._flights.fleet:
            if drone.phase is not Phase.FLYING or drone.mission is None:
                continue
            due_s = self._due_s.setdefault(drone.drone_id, now_s + float(self._rng.uniform(2, EVERY_S[1])))
            if now_s >= due_s:
                self._due_s[drone.drone_id] = now_s + float(self._rng.uniform(*EVERY_S))
                self._see(drone, now_s)

    def _see(self, drone: Drone, now_s: float) -> None:
        kinds = KINDS[drone.mission.sort if drone.mission else "street"]
        weights = np.array(list(kinds.values()))
        kind = list(kinds)[int(self._rng.choice(len(weights), p=weights / weights.sum()))]
        x, y = self._flights.looking_at(drone)
        x, y = x + float(self._rng.normal(0, 12)), y + float(self._rng.normal(0, 12))
        node = self._streets.nearest_node(x, y)
        lat, lon = self._streets.degrees(np.array(x), np.array(y))
        incident_id = ""
        if kind in BECOMES:
            category, severity, chance = BECOMES[kind]
            if self._rng.random() < chance:
                incident_id = self._report(Find(category, severity, node), now_s).incident_id
        found = Detection(
            f"{drone.drone_id}-{int(now_s)}", drone.drone_id, kind, moment(now_s), round(float(lat), 6),
            round(float(lon), 6), place=self._records.name_at(node),
            confidence=round(float(self._rng.beta(9, 2)), 2), incident_id=incident_id,
        )  # fmt: skip
        self._out.say(Topic.DETECTION, found.detection_id, found)
