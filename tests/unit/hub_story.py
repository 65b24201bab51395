"""Fakes for tests of the hub: a clock, a peer, a viewer's own picture, and a wall that ticks when told."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from data_feeds import frames
from data_feeds.board import Board
from data_feeds.broadcast import Hub
from data_feeds.frames import FrameType
from data_feeds.model import Topic, VehiclePosition
from data_feeds.viewer import PeerGone
from tests.unit.hand_clock import HandClock

T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


class FakePeer:
    """Keeps what it gets; while ``blocked`` nothing goes through."""

    def __init__(self):
        self.frames, self.documents, self.closed = [], [], None
        self.free = asyncio.Event()
        self.free.set()
        self.said: asyncio.Queue = asyncio.Queue()

    async def send_bytes(self, data):
        await self.free.wait()
        self.frames.append(frames.decode(data))

    async def send_text(self, data):
        await self.free.wait()
        self.documents.append(json.loads(data))

    async def receive_text(self):
        text = await self.said.get()
        if text is None:
            raise PeerGone
        return text

    async def close(self, code=1000):
        self.closed = code

    def kinds(self):
        return [f.kind for f in self.frames]


class View:
    """What a browser holds after the frames it got; a gap is an error unless a snapshot follows."""

    def __init__(self):
        self.rows, self.names, self.seq = {}, {}, None

    def take(self, taken):
        for f in taken:
            if f.kind is FrameType.DICT and f.flags & frames.FULL:
                self.names, self.seq = dict(f.entries), f.stamp.seq
                continue
            if f.kind is FrameType.SNAPSHOT:
                self.rows, self.seq = {int(r["slot"]): (int(r["x"]), int(r["y"])) for r in f.rows}, f.stamp.seq
                continue
            assert f.stamp.seq == self.seq + 1, "a gap"
            self.seq = f.stamp.seq
            if f.kind is FrameType.REMOVE:
                for slot in f.slots.tolist():
                    self.rows.pop(slot, None)
                    self.names.pop(str(slot), None)
            elif f.kind is FrameType.DICT:
                self.names.update(f.entries)
            else:
                self.rows.update({int(r["slot"]): (int(r["x"]), int(r["y"])) for r in f.rows})
        return self


class Wall:
    def __init__(self, sources=(), scopes=None):
        self.clock, self.board = HandClock(T0.timestamp() * 1000.0), Board(1000, 600.0, 10.0, scopes=scopes)
        self.hub = Hub(self.board, self.clock, list(sources), 1.0)
        self.tasks = []

    def join(self, code=""):
        peer = FakePeer()
        self.tasks.append(asyncio.create_task(self.hub.serve(peer, code)))
        return peer

    async def tick(self, *entries):
        self.clock.wait(1)
        self.board.apply(list(entries), self.clock.s)
        self.hub.tick()
        await settle()

    def truth(self):
        whole = self.board.snapshot(self.clock.now_ms())
        return {int(r["slot"]): (int(r["x"]), int(r["y"])) for r in whole.rows}, json.loads(whole.entries_json)

    async def end(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def settle():
    for _ in range(30):
        await asyncio.sleep(0)


def at(k, second, lat=26.0):
    return Topic.POSITION, VehiclePosition(f"P-{k}", lat + second / 1000, 105.0, T0 + timedelta(seconds=second))


def run(coroutine):
    asyncio.run(asyncio.wait_for(coroutine, 20))
