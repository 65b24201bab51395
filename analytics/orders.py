"""The document of orders: who was sent where, and what each unit's side has acknowledged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_feeds.orders import ShownOrder

MAX_SHOWN = 60


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
