"""The hub: each tick's work once, the same bytes to every viewer of a scope, and nobody slowed by a slow one."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import msgspec

from data_feeds import viewer as viewers_module
from data_feeds.board import Board
from data_feeds.channels import Channel
from data_feeds.clock import Clock
from data_feeds.scopes import CITY, NOWHERE, Scope
from data_feeds.viewer import Peer, PeerGone, PeerTalks, TooManyScopes, Viewer

log = logging.getLogger("wallboard.hub")

URGENT_PAUSE_S = 0.1
URGENT_SHARE = 5  # the pause after an urgent round lasts at least so many times as the round
MAX_VIEWERS = 5_000
MAX_CHANNELS = 256  # scopes that are looked at; each costs well under a millisecond a tick
TRY_LATER, POLICY_VIOLATION = 1013, 1008


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """A panel's document: ``build(now_ms, scope)`` gives its body; ``urgent`` ones are built anew as data change.

    Not ``scoped``: the same for every scope, built once.
    """

    panel: str
    build: Callable[[float, Scope], object]
    urgent: bool = False
    scoped: bool = True


class Hub:
    """One tick a ``tick_s``: encodes what changed since the last tick once a scope and offers it to its viewers."""

    def __init__(self, board: Board, clock: Clock, sources: Sequence[DocumentSource], tick_s: float) -> None:
        self._board, self._clock, self._sources, self._tick_s = board, clock, sources, tick_s
        self._epoch = secrets.randbits(32) or 1
        self._revision = 0
        self._doc_revisions = count(1)
        self._city = self._channel(CITY)
        self._channels = {CITY.code: self._city}
        self._urgent = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.conflated = self.resyncs = self.strange_texts = self.ticks = 0
        self.refused_scopes = 0
        self.tick_work_s = 0.0
        self.late_ticks = 0
        self.failed_ticks = 0
        self.last_tick_s = clock.monotonic_s()
        self._broken: set[str] = set()

    @property
    def viewers(self) -> int:
        return sum(len(channel.viewers) for channel in self._channels.values())

    def viewers_by_scope(self) -> dict[Scope, int]:
        """How many look at each scope that is looked at, the city always among them."""
        return {channel.scope: len(channel.viewers) for channel in self._channels.values()}

    async def run(self) -> None:
        """Tick for ever."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tick_forever())
            group.create_task(self._urgent_forever())

    def poke(self) -> None:
        """Something urgent changed; callable from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._urgent.set)

    async def serve(self, peer: Peer, code: str = "") -> None:
        """Serve one viewer of the scope that ``code`` names until it goes."""
        if self.viewers >= MAX_VIEWERS:
            await peer.close(TRY_LATER)
            return
        try:
            viewer = Viewer(self, peer, self._entered(code))
        except TooManyScopes:
            await self._refuse(peer)
            return
        viewer.channel.viewers.add(viewer)
        sender = asyncio.create_task(viewer.send_forever())
        listener = asyncio.create_task(viewer.listen_forever())
        try:
            done, _ = await asyncio.wait({sender, listener}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if isinstance(error, TimeoutError):
                    log.info("a viewer took nothing for %g s and was let go", viewers_module.SEND_TIMEOUT_S)
                elif isinstance(error, PeerTalks):
                    await peer.close(POLICY_VIOLATION)
                elif isinstance(error, TooManyScopes):
                    await self._refuse(peer)
                elif error is not None and not isinstance(error, PeerGone):
                    raise error
        finally:
            viewer.channel.viewers.discard(viewer)
            for task in (sender, listener):
                task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
                task.cancel()

    def move(self, viewer: Viewer, code: str) -> None:
        """From now on ``viewer`` looks at the scope that ``code`` names. Raises TooManyScopes."""
        channel = self._entered(code)
        viewer.channel.viewers.discard(viewer)
        channel.viewers.add(viewer)
        viewer.channel = channel

    def snapshot(self, code: str = "") -> list[bytes]:
        """DICT and SNAPSHOT of one scope. Raises TooManyScopes."""
        return self._entered(code).snapshot()

    @property
    def broken(self) -> list[str]:
        """The panels whose document cannot be made at present."""
        return sorted(self._broken)

    def tick(self) -> None:
        """One tick: frames of what changed, documents that changed, for every scope that somebody looks at."""
        now_ms = self._clock.now_ms()
        # forgotten here, not when the last viewer leaves: one that comes and goes must not make all work anew
        kept = [c for c in self._channels.values() if c.viewers or c is self._city]
        self._channels = {channel.scope.code: channel for channel in kept}
        parts = kept[1:]
        whole, *filtered = self._board.deltas_since(self._revision, now_ms, [channel.scope for channel in parts])
        self._revision = whole.revision
        for channel, delta in zip(kept, [whole, *filtered], strict=True):
            channel.tell(delta, now_ms)
        self._publish(self._sources, now_ms)
        self.ticks += 1
        self.last_tick_s = self._clock.monotonic_s()

    def _channel(self, scope: Scope) -> Channel:
        return Channel(
            scope, self._board, self._clock, self._tick_s, self._epoch, self._doc_revisions.__next__
        )  # fmt: skip

    def _entered(self, code: str) -> Channel:
        scope = self._board.scopes.find(code) or NOWHERE
        channel = self._channels.get(scope.code)
        if channel is None:
            if len(self._channels) > MAX_CHANNELS:
                self.refused_scopes += 1
                raise TooManyScopes
            channel = self._channels[scope.code] = self._channel(scope)
            self._publish(self._sources, self._clock.now_ms(), [channel])
        return channel

    async def _refuse(self, peer: Peer) -> None:
        """Say why, and let go: another replica, or a later try, may have room."""
        body = {"panel": "scope", "revision": 0, "data_time": None, "epoch": self._epoch, "scope": NOWHERE.code,
                "body": {"state": "full"}}  # fmt: skip
        try:
            await peer.send_text(msgspec.json.encode(body).decode())
            await peer.close(TRY_LATER)
        except PeerGone:
            return

    def _publish(
        self, sources: Iterable[DocumentSource], now_ms: float, channels: Collection[Channel] | None = None
    ) -> None:
        """Build documents for ``channels``, by default for all."""
        channels = list(self._channels.values()) if channels is None else channels
        for source in sources:
            made: list[bytes | None] = []
            for channel in channels:
                if source.scoped or not made:
                    made.append(self._body(source, now_ms, channel.scope))
                if (body := made[-1]) is not None:
                    channel.publish(source.panel, body, now_ms)
            if source.panel in self._broken and None not in made and len(channels) == len(self._channels):
                self._broken.discard(source.panel)
                log.info("the document %r can be built again", source.panel)

    def _body(self, source: DocumentSource, now_ms: float, scope: Scope) -> bytes | None:
        """JSON, or None when it cannot be made; that is said once."""
        try:
            return msgspec.json.encode(source.build(now_ms, scope if source.scoped else CITY))
        except Exception:
            if source.panel not in self._broken:
                self._broken.add(source.panel)
                log.exception("the document %r cannot be built; its last one stays", source.panel)
            return None

    async def _tick_forever(self) -> None:
        due = self._clock.monotonic_s()
        while True:
            due += self._tick_s
            await asyncio.sleep(max(0.0, due - self._clock.monotonic_s()))
            start = self._clock.monotonic_s()
            if start - due > self._tick_s:  # a sleeping machine: go on from now, do not catch up
                self.late_ticks += 1
                due = start
            try:
                self.tick()
            except Exception:
                # A wall that stands still in silence is the worst of all: say it and try the next tick.
                self.failed_ticks += 1
                log.exception("tick %d failed", self.ticks)
                for channel in self._channels.values():
                    channel.offer_snapshots()  # what it would have told is told by a snapshot
            self.tick_work_s += self._clock.monotonic_s() - start

    async def _urgent_forever(self) -> None:
        urgent = [source for source in self._sources if source.urgent]
        while True:
            await self._urgent.wait()
            self._urgent.clear()
            start = self._clock.monotonic_s()
            self._publish(urgent, self._clock.now_ms())
            await asyncio.sleep(max(URGENT_PAUSE_S, URGENT_SHARE * (self._clock.monotonic_s() - start)))
