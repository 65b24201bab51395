"""Documents that are too dear for every tick: built at most so often, and once for all who ask meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from data_feeds.clock import Clock
from data_feeds.scopes import Scope

MAX_KEPT = 512


@dataclass(frozen=True, slots=True)
class _Kept:
    built_s: float
    now_ms: float
    phase: object
    body: msgspec.Raw


class Paced:
    """A ``build`` for DocumentSource that builds a scope's body at most every ``every_s`` seconds of real time.

    It is built anew at once when ``phase()`` changes (a feed that was being read has been read) and when the wall's
    clock went back: what was built belongs to another run of a replay.
    """

    def __init__(
        self, build: Callable[[float, Scope], object], every_s: float, clock: Clock, phase: Callable[[], object]
    ) -> None:
        self._build, self._every_s, self._clock, self._phase = build, every_s, clock, phase
        self._kept: dict[str, _Kept] = {}

    def __call__(self, now_ms: float, scope: Scope) -> msgspec.Raw:
        """The body, encoded."""
        mono_s, phase = self._clock.monotonic_s(), self._phase()
        kept = self._kept.get(scope.code)
        if kept and mono_s - kept.built_s < self._every_s and kept.phase == phase and now_ms >= kept.now_ms:
            return kept.body
        self._kept.pop(scope.code, None)
        while len(self._kept) >= MAX_KEPT:  # the one built longest ago
            self._kept.pop(next(iter(self._kept)))
        body = msgspec.Raw(msgspec.json.encode(self._build(now_ms, scope)))
        self._kept[scope.code] = _Kept(mono_s, now_ms, phase, body)
        return body
