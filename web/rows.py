"""Rows of the incident queue, encoded once for all scopes: a row changes far less often than it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from analytics import documents
from analytics.response import Targets
from data_feeds.incidents import MAX_OPEN, PlacedIncident


class IncidentRows:
    """A row for each incident, made anew when it, one of its units' callsigns or who is ordered to it is another."""

    def __init__(self, targets: Targets, callsigns: Callable[[Sequence[str]], list[str]]) -> None:
        self._targets, self._callsigns = targets, callsigns
        self._kept: dict[str, tuple[PlacedIncident, tuple[list[str], list[str]], msgspec.Raw]] = {}
        self.ordered: Mapping[str, list[str]] = {}  # incident id → callsigns, see analytics.orders

    def __len__(self) -> int:
        return len(self._kept)

    def __call__(self, placed: PlacedIncident) -> msgspec.Raw:
        """The row, encoded."""
        units = self._callsigns(placed.incident.units), self.ordered.get(placed.incident.incident_id, [])
        kept = self._kept.get(placed.incident.incident_id)
        if kept is not None and kept[0] is placed and kept[1] == units:
            return kept[2]
        row = msgspec.Raw(msgspec.json.encode(documents.incident_row(placed, self._targets, *units)))
        if len(self._kept) >= MAX_OPEN:  # most of them ended long ago
            self._kept.clear()
        self._kept[placed.incident.incident_id] = placed, units, row
        return row
