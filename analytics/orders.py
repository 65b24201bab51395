"""The document of orders: who was sent where, and what each unit's side has acknowledged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_feeds.orders import OrderState, ShownOrder

MAX_SHOWN = 60
TROUBLE = (OrderState.OVERDUE, OrderState.REFUSED, OrderState.FAILED)


def orders_body(orders: Sequence[ShownOrder], operator: bool) -> dict[str, Any]:
    """The newest orders first, times in Unix ms. ``operator``: whether this wall gives orders."""
    return {"operator": operator, "total": len(orders), "orders": [_row(one) for one in orders[:MAX_SHOWN]]}


def ordered(orders: Sequence[ShownOrder]) -> dict[str, list[str]]:
    """Incident id → callsigns of the units that were ordered to it and of which its own record does not tell yet."""
    found: dict[str, dict[str, None]] = {}
    for one in reversed(orders):
        if one.incident is None:
            continue
        known = set(one.incident.incident.units)
        for unit, callsign in zip(one.units, one.callsigns, strict=True):
            if unit.unit_id not in known and not unit.state.is_over:
                found.setdefault(one.order.incident_id, {})[callsign] = None
    return {incident_id: list(callsigns) for incident_id, callsigns in found.items()}


def order_alarms(orders: Sequence[ShownOrder]) -> list[dict[str, Any]]:
    """One for each unit that has not acknowledged in time, or does not come, by the newest order to an open incident
    where nobody has arrived: a newer order says that somebody has seen to it. ``orders``: the newest first."""
    alarms, seen = [], set()
    for one in orders:
        if one.incident is None or one.incident.incident.on_scene is not None or one.order.incident_id in seen:
            continue
        seen.add(one.order.incident_id)
        for unit, callsign in zip(one.units, one.callsigns, strict=True):
            if unit.state in TROUBLE:
                alarms.append({
                    "id": f"order/{one.order.order_id}/{unit.unit_id}", "kind": f"order_{unit.state.value}",
                    "since": unit.since_ms, "unit": callsign, "incident_id": one.order.incident_id,
                    "category": one.incident.incident.category, "place": one.incident.incident.place,
                })  # fmt: skip
    return alarms


def _row(one: ShownOrder) -> dict[str, Any]:
    order, incident = one.order, one.incident.incident if one.incident else None
    return {
        "order_id": order.order_id, "incident_id": order.incident_id, "open": incident is not None,
        "category": incident.category if incident else "", "place": incident.place if incident else "",
        "who": order.who, "authenticated": order.authenticated, "sent_ms": one.sent_ms,
        "units": [
            {"unit_id": unit.unit_id, "callsign": callsign, "state": unit.state.value, "since_ms": unit.since_ms,
             "reason": unit.reason}
            for unit, callsign in zip(one.units, one.callsigns, strict=True)
        ],
    }  # fmt: skip
