"""One viewer's socket: what waits for it, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from data_feeds.channels import Channel

MAX_TEXTS_PER_TICK = 50
SEND_TIMEOUT_S = 30.0
MAX_CLIENT_TEXT = 128
SCOPE = "scope "
SCOPE_WEIGHT = 10  # texts


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


class TooManyScopes(Exception):
    """One scope more than a process can bear is asked for."""


class Desk(Protocol):
    """What a viewer needs of the hub."""

    ticks: int
    conflated: int
    resyncs: int
    strange_texts: int

    def move(self, viewer: Viewer, code: str) -> None: ...


class Viewer:
    """One socket. Frames wait for at most one tick; a viewer that is later gets a snapshot instead."""

    def __init__(self, hub: Desk, peer: Peer, channel: Channel) -> None:
        self._hub, self._peer = hub, peer
        self.channel = channel
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
                # one limit that each piece pushes on: a limit of its own costs more than sending a short text
                async with asyncio.timeout(SEND_TIMEOUT_S) as limit:
                    await self._send_waiting(limit)
            finally:
                self._sending = False

    async def _send_waiting(self, limit: asyncio.Timeout) -> None:
        is_due = self._needs_snapshot and self._snapshot_tick != self._hub.ticks
        if self._needs_documents and is_due:
            self._documents, self._needs_documents = dict(self.channel.texts), False
        documents, self._documents = self._documents, {}
        for text in documents.values():
            await self._peer.send_text(text)
            _push_on(limit)
        if is_due and not self._needs_documents:  # asked anew meanwhile: documents first, or they never come
            # The bundle is taken when the wire is free: what waits is never old.
            self._needs_snapshot, self._frames = False, ()
            self._snapshot_tick = self._hub.ticks
            for data in self.channel.snapshot():
                await self._peer.send_bytes(data)
                _push_on(limit)
        waiting, self._frames = self._frames, ()
        for data in waiting:
            await self._peer.send_bytes(data)
            _push_on(limit)

    async def listen_forever(self) -> None:
        while True:
            text = (await self._peer.receive_text())[:MAX_CLIENT_TEXT]
            self.take(text)
            weight = SCOPE_WEIGHT if text.startswith(SCOPE) else 1  # another scope may be a channel more
            tick, texts = self._texts
            self._texts = (tick, texts + weight) if tick == self._hub.ticks else (self._hub.ticks, weight)
            if texts > MAX_TEXTS_PER_TICK:
                raise PeerTalks

    def take(self, text: str) -> None:
        """A word from the viewer: ``pause``, ``resync`` or ``scope CODE``; anything else is counted and ignored.

        Raises TooManyScopes.
        """
        if text == "pause":
            self._paused, self._frames = True, ()
            self._documents.clear()
        elif text == "resync" or text.startswith(SCOPE):
            if text.startswith(SCOPE):
                self._hub.move(self, text.removeprefix(SCOPE))
            self._paused, self._frames, self._needs_snapshot = False, (), True
            self._documents.clear()
            self._hub.resyncs += 1
            self._needs_documents = True
            self._wake.set()  # one that was given everything within this tick gets it again with the next
        else:
            self._hub.strange_texts += 1


def _push_on(limit: asyncio.Timeout) -> None:
    """A piece has gone: the next has SEND_TIMEOUT_S again."""
    limit.reschedule(asyncio.get_running_loop().time() + SEND_TIMEOUT_S)
