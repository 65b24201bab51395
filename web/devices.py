"""What the wall tells of video devices: counts as a document, the points to those who ask for them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from analytics import documents
from data_feeds.board import Board
from data_feeds.clock import Clock
from data_feeds.scopes import Scope

RENEWED_S = 5.0  # thousands of cameras that flicker must not have every viewer fetch them each second
MAX_SCOPES = 200


@dataclass(slots=True)
class _Told:
    """What the viewers of one scope were told, since when, and when it was last looked who is on the map (monotonic
    seconds)."""

    counts: documents.Body
    at_s: float
    looked_s: float
    points: asyncio.Future[bytes] | None = None


class DeviceList:
    """Counts and points of one moment, renewed at most every ``RENEWED_S`` seconds. Called on the event loop."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board, self._clock = board, clock
        self._told: OrderedDict[str, _Told] = OrderedDict()

    def __len__(self) -> int:
        return len(self._told)

    def counts(self, now_ms: float, scope: Scope) -> documents.Body:
        """The document: with a new ``revision`` the points should be asked for again."""
        return self._of(scope).counts

    async def points(self, scope: Scope) -> bytes:
        """JSON of every device of ``scope``, at least as new as the document; made once for all who ask."""
        told = self._of(scope)
        if told.points is None or _failed(told.points):
            told.points = asyncio.ensure_future(asyncio.to_thread(self._encoded, scope))
        return await asyncio.shield(told.points)

    def _of(self, scope: Scope) -> _Told:
        known, mono_s, revision = self._told.get(scope.code), self._clock.monotonic_s(), self._board.devices_revision()
        if known is None or (known.counts["revision"] != revision and mono_s - known.at_s >= RENEWED_S):
            devices = self._board.devices(scope)
            known = _Told(documents.devices_body(devices, revision, self._board.shown(devices)), mono_s, mono_s)
            self._told[scope.code] = known
        elif mono_s - known.looked_s >= RENEWED_S:  # units come and go with the cameras that they carry
            known.looked_s, on_map = mono_s, self._board.shown(self._board.devices(scope))
            if on_map != known.counts["on_map"]:
                known.counts = {**known.counts, "on_map": on_map}
        self._told.move_to_end(scope.code)
        if len(self._told) > MAX_SCOPES:
            self._told.popitem(last=False)
        return known

    def _encoded(self, scope: Scope) -> bytes:
        revision = self._board.devices_revision()
        points = documents.device_points(self._board.devices(scope))
        return msgspec.json.encode({"revision": revision, "devices": points})


def _failed(made: asyncio.Future[bytes]) -> bool:
    return made.done() and (made.cancelled() or made.exception() is not None)
