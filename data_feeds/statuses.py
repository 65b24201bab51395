"""Statuses of units that are neither on the roster nor on the map: they wait, and take no slot of the board."""

from __future__ import annotations

from collections import OrderedDict

from data_feeds.messages import unix_ms
from data_feeds.model import Status


class WaitingStatuses:
    """At most ``capacity`` statuses by unit, the longest unchanged given up first. Not locked: the Board does that."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, tuple[Status, float]] = OrderedDict()  # with the newest ``since`` heard, Unix ms

    def take(self, status: Status) -> bool:
        """Keep ``status`` unless an older ``since`` says it is old, or nothing is new; returns whether it was kept."""
        known, order_ms = self._kept.get(status.unit_id, (None, 0.0))
        since_ms = unix_ms(status.since)
        if known == status or (since_ms is not None and since_ms < order_ms):
            return False
        self.keep(status, max(order_ms, since_ms or 0.0))
        return True

    def keep(self, status: Status, order_ms: float) -> None:
        """Keep ``status``; older ones than ``order_ms`` will be ignored."""
        self._kept[status.unit_id] = status, order_ms
        self._kept.move_to_end(status.unit_id)
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def pop(self, unit_id: str) -> tuple[Status, float] | None:
        """The status that waited for this unit, and its order."""
        return self._kept.pop(unit_id, None)

    def forget(self, unit_id: str) -> None:
        self._kept.pop(unit_id, None)

    def forget_ahead(self, after_ms: float) -> None:
        """Give up what is later than ``after_ms``."""
        for unit_id in [k for k, (_, order_ms) in self._kept.items() if order_ms > after_ms]:
            del self._kept[unit_id]

    def clear(self) -> None:
        self._kept.clear()
