"""The hub: each tick's work once, the same bytes to every viewer, and nobody slowed by a slow one."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from data_feeds import frames
from data_feeds.board import Board
from data_feeds.clock import Clock
from data_feeds.scopes import CITY, Scope
from data_feeds.units import Delta

log = logging.getLogger("wallboard.hub")

URGENT_PAUSE_S = 0.1
URGENT_SHARE = 5  # the pause after an urgent round lasts at least so many times as the round
MAX_VIEWERS = 5_000
MAX_TEXTS_PER_TICK = 50
SEND_TIMEOUT_S = 30.0
MAX_CLIENT_TEXT = 64
TRY_LATER, POLICY_VIOLATION = 1013, 1008


class Peer(Protocol):
    """The far end of one viewer's socket; ``send_*`` wait until the bytes are on their way."""

    async def send_bytes(self, data: bytes) -> None: ...
    async def send_text(self, data: str) -> None: ...
    async def receive_text(self) -> str: ...
    async def close(self, code: int = 1000) -> None: ...


class PeerGone(Exception):
    """The far end closed."""


class PeerTalks(Exception):
    """The far end says more than any viewer has reason to."""


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """A panel's document: ``build(now_ms, scope)`` gives its body; ``urgent`` ones are built anew as data change."""

    panel: str
    build: Callable[[float, Scope], object]
    urgent: bool = False


class Viewer:
    """One socket. Frames wait for at most one tick; a viewer that is later gets a snapshot instead."""

    def __init__(self, hub: Hub, peer: Peer) -> None:
        self._hub, self._peer = hub, peer
        self._wake = asyncio.Event()
        self._frames: Sequence[bytes] = ()
        self._documents: dict[str, str] = {}
        self._sending = False
        self._paused = False
        self._needs_snapshot = True
        self._snapshot_tick = -1  # the tick in which the last snapshot was sent: one a tick is enough
        self._texts = (0, 0)  # (tick, texts in it)
        self._needs_documents = True
        self._wake.set()

    def offer_frames(self, tick_frames: Sequence[bytes]) -> None:
        """One tick's frames; a viewer still busy with the last ones will get a snapshot."""
        if self._paused:
            return
        if self._sending or self._frames:
            self._frames = ()
            self._needs_snapshot = True
            self._hub.conflated += 1
        elif not self._needs_snapshot:
            self._frames = tick_frames
        self._wake.set()

    def offer_snapshot(self) -> None:
        """The tick can only be told by a snapshot."""
        self._frames = ()
        self._needs_snapshot = True
        if not self._paused:
            self._wake.set()

    def offer_document(self, panel: str, text: str) -> None:
        """The newest document of a panel; an older one that was not sent yet is void."""
        if self._paused:
            return
        self._documents[panel] = text
        self._wake.set()

    async def send_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._paused:
                continue
            self._sending = True
            try:
                await self._send_waiting()
            finally:
                self._sending = False

    async def _send_waiting(self) -> None:
        is_due = self._needs_snapshot and self._snapshot_tick != self._hub.ticks
        if self._needs_documents and is_due:
            self._documents, self._needs_documents = dict(self._hub.documents()), False
        documents, self._documents = self._documents, {}
        for text in documents.values():
            await self._in_time(self._peer.send_text(text))
        if is_due:
            # The bundle is taken when the wire is free: what waits is never old.
            self._needs_snapshot, self._frames = False, ()
            self._snapshot_tick = self._hub.ticks
            for data in self._hub.snapshot():
                await self._in_time(self._peer.send_bytes(data))
        waiting, self._frames = self._frames, ()
        for data in waiting:
            await self._in_time(self._peer.send_bytes(data))

    async def _in_time(self, sending: Coroutine[Any, Any, None]) -> None:
        await asyncio.wait_for(sending, SEND_TIMEOUT_S)

    async def listen_forever(self) -> None:
        while True:
            self.take((await self._peer.receive_text())[:MAX_CLIENT_TEXT])
            tick, texts = self._texts
            self._texts = (tick, texts + 1) if tick == self._hub.ticks else (self._hub.ticks, 1)
            if texts > MAX_TEXTS_PER_TICK:
                raise PeerTalks

    def take(self, text: str) -> None:
        """A word from the viewer: ``pause``, ``resync`` or ``scope CODE``; anything else is counted and ignored."""
        if text == "pause":
            self._paused, self._frames = True, ()
            self._documents.clear()
        elif text == "resync" or text == f"scope {CITY.code}":
            self._paused, self._frames, self._needs_snapshot = False, (), True
            self._hub.resyncs += 1
            self._needs_documents = True
            self._wake.set()  # one that was given everything within this tick gets it again with the next
        else:
            self._hub.strange_texts += 1


class Hub:
    """One tick a ``tick_s``: encodes what changed since the last tick once and offers it to every viewer."""

    def __init__(self, board: Board, clock: Clock, sources: Sequence[DocumentSource], tick_s: float) -> None:
        self._board, self._clock, self._sources, self._tick_s = board, clock, sources, tick_s
        self._viewers: set[Viewer] = set()
        self._epoch = secrets.randbits(32) or 1
        self._seq = 0
        self._revision = 0
        self._snapshot: tuple[int, float, list[bytes]] | None = None  # (seq, made at, frames), for all who need one
        self._bodies: dict[str, bytes] = {}
        self._texts: dict[str, str] = {}
        self._doc_revision = 0
        self._urgent = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.conflated = self.resyncs = self.strange_texts = self.ticks = 0
        self.tick_work_s = 0.0
        self.late_ticks = 0
        self.failed_ticks = 0
        self.last_tick_s = clock.monotonic_s()
        self._broken: set[str] = set()

    @property
    def viewers(self) -> int:
        return len(self._viewers)

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

    async def serve(self, peer: Peer) -> None:
        """Serve one viewer until it goes."""
        if len(self._viewers) >= MAX_VIEWERS:
            await peer.close(TRY_LATER)
            return
        viewer = Viewer(self, peer)
        self._viewers.add(viewer)
        sender = asyncio.create_task(viewer.send_forever())
        listener = asyncio.create_task(viewer.listen_forever())
        try:
            done, _ = await asyncio.wait({sender, listener}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if isinstance(error, TimeoutError):
                    log.info("a viewer took nothing for %g s and was let go", SEND_TIMEOUT_S)
                elif isinstance(error, PeerTalks):
                    await peer.close(POLICY_VIOLATION)
                elif error is not None and not isinstance(error, PeerGone):
                    raise error
        finally:
            self._viewers.discard(viewer)
            for task in (sender, listener):
                task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
                task.cancel()

    def documents(self) -> dict[str, str]:
        """The newest document of every panel."""
        return self._texts

    def snapshot(self) -> list[bytes]:
        """DICT and SNAPSHOT of the current state, encoded at most once a tick for all who need one."""
        mono_s, kept = self._clock.monotonic_s(), self._snapshot
        # Ages are relative to the frame's own time, so an old bundle would make old fixes look new.
        if kept is None or kept[0] != self._seq or mono_s - kept[1] > 2 * self._tick_s:
            now_ms = self._clock.now_ms()
            state = self._board.snapshot(now_ms)
            stamp = self._stamp(now_ms)
            names = frames.encode_dict(stamp, state.entries_json, full=True)
            rows = frames.encode_rows(frames.FrameType.SNAPSHOT, stamp, state.rows)
            self._snapshot = kept = (self._seq, mono_s, [names, rows])
        return kept[2]

    @property
    def broken(self) -> list[str]:
        """The panels whose document cannot be made at present."""
        return sorted(self._broken)

    def tick(self) -> None:
        """One tick: frames of what changed, documents that changed."""
        now_ms = self._clock.now_ms()
        delta = self._board.delta_since(self._revision, now_ms)
        self._revision = delta.revision
        if delta.overflow:
            self._offer_snapshots()
        else:
            tick_frames = self._encode(delta, now_ms)
            for viewer in self._viewers:
                viewer.offer_frames(tick_frames)
        self._publish(self._sources, now_ms)
        self.ticks += 1
        self.last_tick_s = self._clock.monotonic_s()

    def _offer_snapshots(self) -> None:
        self._seq += 1
        for viewer in self._viewers:
            viewer.offer_snapshot()

    def _encode(self, delta: Delta, now_ms: float) -> list[bytes]:
        out = []
        if len(delta.removed):
            out.append(frames.encode_remove(self._next(now_ms), delta.removed))
        if len(delta.entries_json) > len(b"{}"):
            out.append(frames.encode_dict(self._next(now_ms), delta.entries_json, full=False))
        # Sent even when empty: it carries the clock and says that the wall is alive.
        out.append(frames.encode_rows(frames.FrameType.DELTA, self._next(now_ms), delta.rows))
        return out

    def _next(self, now_ms: float) -> frames.Stamp:
        self._seq += 1
        return self._stamp(now_ms)

    def _stamp(self, now_ms: float) -> frames.Stamp:
        return frames.Stamp(self._epoch, self._seq, now_ms, self._clock.replaying)

    def _publish(self, sources: Sequence[DocumentSource], now_ms: float) -> None:
        for source in sources:
            try:
                body = msgspec.json.encode(source.build(now_ms, CITY))
            except Exception:
                if source.panel not in self._broken:
                    self._broken.add(source.panel)
                    log.exception("the document %r cannot be built; its last one stays", source.panel)
                continue
            if source.panel in self._broken:
                self._broken.discard(source.panel)
                log.info("the document %r can be built again", source.panel)
            if self._bodies.get(source.panel) == body:
                continue
            self._bodies[source.panel] = body
            self._doc_revision += 1
            head = {
                "panel": source.panel, "revision": self._doc_revision, "data_time": now_ms,
                "epoch": self._epoch, "scope": CITY.code,
            }  # fmt: skip
            text = f'{msgspec.json.encode(head).decode()[:-1]},"body":{body.decode()}}}'
            self._texts[source.panel] = text
            for viewer in self._viewers:
                viewer.offer_document(source.panel, text)

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
                self._offer_snapshots()  # what it would have told is told by a snapshot
            self.tick_work_s += self._clock.monotonic_s() - start

    async def _urgent_forever(self) -> None:
        urgent = [source for source in self._sources if source.urgent]
        while True:
            await self._urgent.wait()
            self._urgent.clear()
            start = self._clock.monotonic_s()
            self._publish(urgent, self._clock.now_ms())
            await asyncio.sleep(max(URGENT_PAUSE_S, URGENT_SHARE * (self._clock.monotonic_s() - start)))
