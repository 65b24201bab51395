"""The panels' documents: the board's state as small JSON bodies. Pure: arrays and structs in, plain values out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.footprint import footprint
from analytics.response import Targets, overdue_s
from data_feeds import frames
from data_feeds.devices import PlacedDevice
from data_feeds.drones import PlacedDrone
from data_feeds.health import FeedState, Freshness
from data_feeds.incidents import PlacedIncident, place_of
from data_feeds.messages import unix_ms
from data_feeds.model import Clock as ClockMessage
from data_feeds.model import Detection, DeviceKind, Incident, Severity, Source, Topic, UnitStatus, UnitType, enum_of

Body = dict[str, Any]
MAX_SHOWN = 1000
DETECTIONS_SHOWN = 11
LAST = ("forecast", "breach")  # kinds of alarms that stand after all others, in this order
LIVE_ENTITIES = ("unit", "incident", "drone", "detection", "device")


def clock_body(
    message: ClockMessage | None, now_ms: float, replaying: bool, speed: float, live: bool = True,
    derived: Collection[str] = (),
) -> Body:  # fmt: skip
    """What "now" is. A replay's source and what it lacks only count while the wall follows the replay's clock.

    Not ``live``: a wall without a feed, which lacks everything that one tells. ``derived``: what the wall works out
    itself.
    """
    source = message if replaying else None
    lacks = [field for field in source.lacks if field not in derived] if source else []
    return {
        "mode": "replay" if replaying else "system", "live": live, "speed": speed, "now_ms": now_ms,
        "source": source.source if source else "", "lacks": lacks if live else list(LIVE_ENTITIES),
    }  # fmt: skip


def feeds_body(
    states: Sequence[FeedState], problems: Mapping[str, int], caught_up: bool, now_ms: float, speed: float,
    stale_s: float, lost_s: float,
) -> Body:  # fmt: skip
    """Every feed's age as the moment up to which its data are current; not ``caught_up``: figures are still too low."""
    return {
        "caught_up": caught_up,
        "feeds": [
            {
                "feed": state.topic.value,
                "seen_ms": None if state.age_s is None else now_ms - state.age_s * 1000.0 * speed,
                "event_ms": state.event_ms, "stale_after_s": stale_s, "lost_after_s": lost_s,
                "lag": state.lag, "missing": state.missing, "rate": round(state.rate, 1),
                "freshness": state.freshness.value, "refusing": state.refused,
            }
            for state in states
        ],
        "problems": {kind: count for kind, count in sorted(problems.items()) if count},
    }  # fmt: skip


def units_body(columns: NDArray[np.void], now_ms: float, stale_s: float, lost_s: float) -> Body:
    """Units by status; a unit without a fix younger than ``lost_s`` counts as lost and under no status."""
    age_s = (now_ms - columns["fix_ms"]) / 1000.0
    lost = ~columns["placed"] | (age_s > lost_s)
    statuses = np.bincount(columns["status"][~lost], minlength=len(UnitStatus))
    types = np.bincount(columns["type"], minlength=len(UnitType))
    return {
        "counts": {status.name: int(statuses[status]) for status in UnitStatus},
        "lost": int(lost.sum()), "stale": int((~lost & (age_s > stale_s)).sum()),
        "sos": int(((columns["flags"] & frames.SOS) > 0).sum()), "total": len(columns),
        "on_map": int(columns["placed"].sum()),
        "types": {kind.name: int(types[kind]) for kind in UnitType if types[kind]},
    }  # fmt: skip


def incidents_body(
    incidents: Sequence[PlacedIncident], targets: Targets, now_ms: float, open_max_s: float,
    row: Callable[[PlacedIncident], Any],
) -> Body:  # fmt: skip
    """Open incidents, most urgent first; those open for longer than ``open_max_s`` are only counted (``aged``).

    ``row``: what is told of one, as ``incident_row``.
    """
    young = [placed for placed in incidents if not _aged(placed, now_ms, open_max_s)]
    recent = [(_urgency(placed, targets, now_ms), placed) for placed in young]
    recent.sort(key=lambda row: (row[0], row[1].incident.incident_id))
    return {
        "total_open": len(recent), "aged": len(incidents) - len(young), "shown": min(len(recent), MAX_SHOWN),
        "incidents": [row(placed) for _, placed in recent[:MAX_SHOWN]],
    }  # fmt: skip


def drones_body(
    drones: Sequence[PlacedDrone], detections: Sequence[Detection], kinds: Sequence[str], ready: int,
    now_ms: float, lost_s: float,
) -> Body:  # fmt: skip
    """Every drone with its footprint, its latest detections, and how many it has made in the time that is kept."""
    by_drone: defaultdict[str, list[Detection]] = defaultdict(list)
    for detection in detections:
        by_drone[detection.drone_id].append(detection)
    rows = [_drone(drone, by_drone.get(drone.telemetry.drone_id, []), kinds, now_ms, lost_s) for drone in drones]
    lost = sum(row["lost"] for row in rows)
    flying = sum(drone.airborne and not row["lost"] for drone, row in zip(drones, rows, strict=True))
    return {"flying": flying, "ready": ready, "lost": lost, "drones": rows}


def devices_body(devices: Sequence[PlacedDevice], revision: int, on_map: int) -> Body:
    """How many devices there are by kind and state; with a new ``revision`` their points have changed."""
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for device in devices:
        kinds[device.kind.name][device.state.name] += 1
    return {
        "revision": revision, "total": len(devices), "on_map": on_map,
        "kinds": {kind.name: dict(sorted(kinds[kind.name].items())) for kind in DeviceKind if kind.name in kinds},
    }  # fmt: skip


def device_points(devices: Sequence[PlacedDevice]) -> list[Body]:
    """Every device as the map draws it; one whose unit is on the map moves with it."""
    return [
        {
            "id": d.device.device_id, "kind": d.kind.name, "name": d.device.name, "lat": d.lat, "lon": d.lon,
            "state": d.state.name, "unit_id": d.device.unit_id, "stream_url": d.stream_url,
        }
        for d in devices
    ]  # fmt: skip


def alarms_body(
    sos: Sequence[Mapping[str, Any]], incidents: Sequence[PlacedIncident], states: Sequence[FeedState],
    targets: Targets, now_ms: float, speed: float, open_max_s: float, board_full: bool, broken: Sequence[str] = (),
    history: tuple[str, float] | None = None, orders: Sequence[Body] = (),
    forecasts: Mapping[str, float] | None = None,
) -> Body:  # fmt: skip
    """What needs a person now: newest first, then who will be late, soonest first, then the longest overdue.

    ``broken``: panels whose document cannot be made; ``history``: why nothing is recorded (busy, full, broken or
    failing) and since when (Unix ms); ``orders``: alarms of theirs, see analytics.orders; ``forecasts``: incident id →
    deadline (Unix ms) that it is expected to miss.
    """
    alarms: list[Body] = [*(_sos(unit) for unit in sos), *orders]
    expected = forecasts or {}
    for placed in incidents:
        late_s = _late_s(placed, targets, now_ms)
        incident = placed.incident
        if late_s is not None and late_s > 0 and not _aged(placed, now_ms, open_max_s):
            alarms.append(_of_incident("breach", incident, now_ms - late_s * 1000.0))
        elif late_s is not None and late_s <= 0 and incident.incident_id in expected:
            alarms.append(_of_incident("forecast", incident, expected[incident.incident_id]))
    for state in states:
        if state.freshness is Freshness.LOST or state.missing:
            since = None if state.age_s is None else now_ms - state.age_s * 1000.0 * speed
            feed = state.topic.value
            alarms.append({"id": f"feed/{feed}", "kind": _feed_alarm(state), "since": since, "feed": feed})
    alarms += [{"id": f"panel/{name}", "kind": "panel_broken", "since": None, "panel": name} for name in broken]
    if history:
        alarms.append({"id": "history", "kind": f"history_{history[0]}", "since": history[1]})
    if board_full:
        alarms.append({"id": "board_full", "kind": "board_full", "since": None})
    # What is not about one incident first: it can make every other figure wrong.
    alarms.sort(key=lambda a: (LAST.index(a["kind"]) if a["kind"] in LAST else -1, a["kind"] != "sos",
                               _order(a, now_ms), a["id"]))  # fmt: skip
    return {"total": len(alarms), "alarms": alarms[:MAX_SHOWN]}


def _order(alarm: Body, now_ms: float) -> float:
    """What came last stands first; but a target that was missed long ago must not sink below those missed just now."""
    since: float = alarm["since"] or now_ms
    return since if alarm["kind"] in LAST else -since


def _of_incident(kind: str, incident: Incident, since_ms: float) -> Body:
    return {
        "id": f"{kind}/{incident.incident_id}", "kind": kind, "since": since_ms, "incident_id": incident.incident_id,
        "category": incident.category, "place": incident.place,
    }  # fmt: skip


def _feed_alarm(state: FeedState) -> str:
    if state.missing:
        return "feed_missing"
    if state.refused:
        return "feed_refused"
    return "clock_lost" if state.topic is Topic.CLOCK else "feed_lost"


def incident_row(
    placed: PlacedIncident, targets: Targets, callsigns: Sequence[str], ordered: Sequence[str] = ()
) -> Body:  # fmt: skip
    """What is told of an open incident; ``callsigns``: of its units; ``ordered``: of those not named yet."""
    # ``summary`` stays behind: free text is not shown on walls.
    incident = placed.incident
    return {
        "id": incident.incident_id, "category": incident.category,
        "severity": enum_of(Severity, incident.severity).name, "source": enum_of(Source, incident.source).name,
        "place": incident.place, "place_class": placed.place_class.name,
        "branch": incident.branch, "station": incident.station, "zone": incident.zone, "derived": list(placed.derived),
        "lat": placed.lat, "lon": placed.lon, "call_received": placed.call_ms,
        "dispatched": unix_ms(incident.dispatched), "accepted": unix_ms(incident.accepted),
        "enroute": unix_ms(incident.enroute), "on_scene": unix_ms(incident.on_scene), "closed": None,
        "target_s": targets.of(placed.place_class) if placed.is_counted else None, "units": callsigns,
        "exercise": incident.exercise, "diverted": incident.diverted, "valid": incident.valid,
        "priority": incident.priority, **({"ordered": ordered} if ordered else {}),
    }  # fmt: skip


def _urgency(placed: PlacedIncident, targets: Targets, now_ms: float) -> tuple[int, float]:
    """Breached first, then least time left, then those without a target (newest first), then those arrived."""
    since = placed.received_ms or 0.0
    if placed.incident.on_scene is not None:
        return 2, -since
    late_s = _late_s(placed, targets, now_ms)
    return (1, -since) if late_s is None else (0, -late_s)


def _late_s(placed: PlacedIncident, targets: Targets, now_ms: float) -> float | None:
    """Seconds past the target while nobody has arrived (negative: still left); None where nothing counts."""
    if placed.incident.on_scene is not None or not placed.is_counted:
        return None
    return overdue_s(placed.call_ms, targets.of(placed.place_class), now_ms)


def _aged(placed: PlacedIncident, now_ms: float, open_max_s: float) -> bool:
    return placed.received_ms is not None and now_ms - placed.received_ms > open_max_s * 1000.0


def _drone(
    drone: PlacedDrone, detections: Sequence[Detection], kinds: Sequence[str], now_ms: float, lost_s: float
) -> Body:
    t = drone.telemetry
    view = None
    if t.height_m is not None and t.gimbal_pitch is not None and t.gimbal_yaw is not None and t.fov_deg is not None:
        view = footprint(drone.lat, drone.lon, t.height_m, t.gimbal_pitch, t.gimbal_yaw, t.fov_deg)
    return {
        "id": t.drone_id, "callsign": t.callsign or t.drone_id, "lat": drone.lat, "lon": drone.lon,
        "height_m": t.height_m, "heading": t.heading, "battery": t.battery, "mission": t.mission,
        "recording": t.recording, "stream_url": drone.stream_url, "time": drone.time_ms, "footprint": view,
        "airborne": drone.airborne, "lost": now_ms - drone.time_ms > lost_s * 1000.0,
        "detected": len(detections), "detections": [_detection(each, kinds) for each in detections[:DETECTIONS_SHOWN]],
    }  # fmt: skip


def _detection(detection: Detection, kinds: Sequence[str]) -> Body:
    kind, (lat, lon) = detection.kind.lower(), place_of(detection)
    return {
        "id": detection.detection_id, "lat": lat, "lon": lon, "kind": kind if not kinds or kind in kinds else "unknown",
        "time": unix_ms(detection.time), "place": detection.place, "confidence": detection.confidence,
        "incident_id": detection.incident_id,
    }  # fmt: skip


def _sos(unit: Mapping[str, Any]) -> Body:
    return {
        "id": f"sos/{unit['unit_id']}", "kind": "sos", "since": unit["since"], "unit": unit["callsign"],
        "unit_id": unit["unit_id"], "incident_id": unit["incident_id"], "place": unit["station"],
    }  # fmt: skip
