"""What /healthz and /readyz say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from data_feeds.broadcast import Hub
from data_feeds.clock import Clock
from data_feeds.health import FeedState
from data_feeds.ingest import Pump

STUCK_AFTER_S = 60.0


class Liveness:
    """Whether the pump and the hub of one wall do their work. ``states``: its feeds'."""

    def __init__(
        self, pump: Pump, hub: Hub, clock: Clock, tick_s: float, states: Callable[[], Sequence[FeedState]]
    ) -> None:  # fmt: skip
        self._pump, self._hub, self._clock, self._states = pump, hub, clock, states
        self._patience_s = max(10.0, 5 * tick_s)

    def alive(self) -> tuple[bool, dict[str, Any]]:
        """The pump and the hub do their work."""
        now_s = self._clock.monotonic_s()
        still_s, stuck_s = now_s - self._hub.last_tick_s, now_s - self._pump.stepped_s
        well = self._pump.alive and still_s < self._patience_s and stuck_s < STUCK_AFTER_S
        return well, {
            "pump": self._pump.alive, "seconds_since_tick": round(still_s, 1), "seconds_since_poll": round(stuck_s, 1),
        }  # fmt: skip

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Everything that was there at the start has been read."""
        feeds = {s.topic.value: {"age_s": s.age_s, "lag": s.lag, "state": s.freshness.value} for s in self._states()}
        ready = self._pump.caught_up.is_set()
        return ready, {"ready": ready, "feeds": feeds}
