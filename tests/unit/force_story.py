"""Units on the small town of travel_story, for tests of candidates and cover."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.force import Force, Network, OnRoads
from analytics.reach import Spot
from analytics.streets import Streets
from data_feeds.model import UnitStatus, UnitType
from tests.unit.travel_story import town

NOW_MS = 1_800_000_000_000.0


def unit(number: int, lat: float | None, lon: float | None, **fields: Any) -> dict[str, Any]:
    """Details as the board tells them."""
    return {
        "unit_id": f"U{number:02d}", "callsign": f"call {number}", "unit_type": "CAR", "station": "A1", "branch": "A",
        "capabilities": [], "incident_id": "", "status": "AVAILABLE", "lat": lat, "lon": lon,
        "fix_time": None if lat is None else NOW_MS - 5_000.0, "speed_mps": None, **fields,
    }  # fmt: skip


def some_units(seed: int, count: int) -> Force:
    """Of all types and statuses, in and round the town."""
    rng = np.random.default_rng(seed)
    types = [UnitType.CAR, UnitType.MOTORCYCLE, UnitType.FOOT, UnitType.TRAFFIC, UnitType.POST, UnitType.VOLUNTEERS]
    statuses = [*[UnitStatus.AVAILABLE] * 5, UnitStatus.STANDBY, UnitStatus.ENROUTE, UnitStatus.OUT_OF_SERVICE]
    return Force.of([
        unit(
            k, *((26 + 0.008 * rng.random(), 105 + 0.009 * rng.random()) if rng.random() < 0.9 else (None, None)),
            unit_type=types[rng.integers(len(types))].name, status=statuses[rng.integers(len(statuses))].name,
        )
        for k in range(count)
    ])  # fmt: skip


def some_spots(seed: int, count: int) -> list[Spot]:
    """With targets of 20, 60 and 120 s."""
    rng = np.random.default_rng(seed + 1)
    return [
        Spot(f"K{k:02d}", "key_spot", f"点{k}", f"spot {k}", 26 + 0.008 * rng.random(), 105 + 0.009 * rng.random(),
             float(rng.choice([20.0, 60.0, 120.0])))
        for k in range(count)
    ]  # fmt: skip


def on_roads(force: Force, seed: int = 1, **town_fields: Any) -> OnRoads:
    return OnRoads.of(force, Network(Streets(town(seed, **town_fields))))
