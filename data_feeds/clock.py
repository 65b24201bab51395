"""What "now" is: the system's clock, or the clock that a replay publishes. No other module reads a clock."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """``now_ms``: Unix ms of the wall's time; ``monotonic_s``: for durations; ``speed``: 1.0 unless replaying."""

    def now_ms(self) -> float: ...
    def monotonic_s(self) -> float: ...
    @property
    def speed(self) -> float: ...
    @property
    def replaying(self) -> bool: ...


class SystemClock:
    """The machine's clock."""

    speed = 1.0
    replaying = False

    def now_ms(self) -> float:
        return time.time() * 1000.0

    def monotonic_s(self) -> float:
        return time.monotonic()


class ReplayClock:
    """Follows ``wall.clock``: runs on at the published speed, and stands still when nothing was heard for ``hold_s``.

    Until the first message it stands at zero, so that nothing looks fresh by mistake.
    """

    replaying = True

    def __init__(self, hold_s: float = 5.0) -> None:
        self._hold_s = hold_s
        self._state: tuple[float, float, float] | None = None  # event ms, heard at (monotonic), speed: swapped whole

    @property
    def speed(self) -> float:
        return self._state[2] if self._state else 1.0

    def set(self, now_ms: float, speed: float) -> None:
        """Take what a clock message says; called by the ingest thread."""
        self._state = (now_ms, time.monotonic(), speed)

    def now_ms(self) -> float:
        if self._state is None:
            return 0.0
        now_ms, heard_s, speed = self._state
        return now_ms + min(time.monotonic() - heard_s, self._hold_s) * 1000.0 * speed

    def monotonic_s(self) -> float:
        return time.monotonic()
