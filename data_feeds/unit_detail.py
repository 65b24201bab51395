"""All that is known of one unit, as the card shows it. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

from data_feeds import frames
from data_feeds.geo import from_mercator
from data_feeds.messages import unix_ms
from data_feeds.model import Roster, Status, UnitStatus, UnitType, enum_of


def detail(unit_id: str, c: np.void, roster: Roster | None, status: Status | None) -> dict[str, Any]:
    """Plain values, times in Unix ms. ``c``: the unit's row of ``columns.COLUMNS``."""
    roster = roster or Roster(unit_id)
    flags, placed = int(c["flags"]), bool(c["placed"])
    lat, lon = from_mercator(c["x"], c["y"])
    accuracy = float(c["accuracy_m"])
    return {
        "unit_id": unit_id, "callsign": roster.callsign or unit_id, "rostered": bool(c["rostered"]),
        "unit_type": enum_of(UnitType, roster.unit_type).name, "agency": roster.agency,
        "station": roster.station, "branch": roster.branch, "capabilities": list(roster.capabilities),
        "crew_officers": roster.crew_officers, "crew_auxiliaries": roster.crew_auxiliaries,
        "status": UnitStatus(int(c["status"])).name, "since": unix_ms(status.since) if status else None,
        "sos": bool(flags & frames.SOS), "incident_id": status.incident_id if status else "",
        "lat": round(float(lat), 6) if placed else None, "lon": round(float(lon), 6) if placed else None,
        "fix_time": float(c["fix_ms"]) if placed else None,
        "speed_mps": float(c["speed"]) * frames.SPEED_UNIT_MPS if flags & frames.HAS_SPEED else None,
        "course": float(c["course"]) * frames.ANGLE_UNIT_DEG if flags & frames.HAS_COURSE else None,
        "heading": float(c["heading"]) * frames.ANGLE_UNIT_DEG if flags & frames.HAS_HEADING else None,
        "altitude_m": float(c["altitude"]) * frames.ALTITUDE_UNIT_M if flags & frames.HAS_ALTITUDE else None,
        "accuracy_m": accuracy if placed and not np.isnan(accuracy) else None,
    }  # fmt: skip
