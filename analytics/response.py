"""The 1·3·5-minute response targets: from the call to the first unit on scene."""

from __future__ import annotations

from dataclasses import dataclass

from data_feeds.model import PlaceClass


@dataclass(frozen=True, slots=True)
class Targets:
    """Seconds from ``call_received`` to ``on_scene`` by class of place."""

    key_spot_s: float
    centre_s: float
    other_s: float

    def of(self, place_class: PlaceClass) -> float | None:
        """The target of ``place_class``; None where the class is not known: no countdown is invented."""
        if place_class is PlaceClass.KEY_SPOT:
            return self.key_spot_s
        if place_class is PlaceClass.CENTRE:
            return self.centre_s
        return self.other_s if place_class is PlaceClass.OTHER else None


def overdue_s(call_received_ms: float | None, target_s: float | None, now_ms: float) -> float | None:
    """Seconds past the target (negative: still left); None where the call's time or the target is missing."""
    if call_received_ms is None or target_s is None:
        return None
    return (now_ms - call_received_ms) / 1000.0 - target_s
