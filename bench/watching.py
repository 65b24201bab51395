"""Viewers of a wall without a browser, hundreds in one process: raw sockets whose bytes are counted and thrown away.

``python -m bench.watching PORT COUNT SECONDS [--scopes A,B] [--slow N]`` prints ``ready`` when everyone watches, and
then JSON. A library that decodes every frame would cost more than the server that is measured.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import quote

BINARY, CLOSE, PING, PONG = 2, 8, 9, 10
EXTENDED = {126: 2, 127: 8}  # bytes of a length that does not fit into seven bits
MAGIC, DELTA, FRAME_HEAD = 0x31574D4F, 2, 32
CHUNK = 1 << 20
SETTLE_S = 3.0
OPEN_S = 30.0
SLOW_BYTES, SLOW_EVERY_S = 4_000, 0.25  # 16 kB/s, where a tick of 10,000 units is 240 kB


@dataclass(slots=True)
class Watcher:
    """One socket. ``head``: the beginning of a frame, as far as it came; ``skip``: bytes of a known frame to come."""

    socket: socket.socket
    head: bytearray = field(default_factory=bytearray)
    skip: int = 0
    frames: int = 0
    size: int = 0
    stamps: list[float] = field(default_factory=list)  # of ticks, Unix ms on the server's clock
    late_ms: list[float] = field(default_factory=list)  # from a tick's stamp until its frame began to arrive

    def take(self, data: memoryview, now_ms: float) -> None:
        """Count ``data``; of a tick's frame note how long after its stamp it began to arrive."""
        self.size += len(data)
        at = 0
        while at < len(data) or (self.head and wanted(self.head) == len(self.head)):
            if self.skip:
                passed = min(self.skip, len(data) - at)
                self.skip -= passed
                at += passed
            elif missing := wanted(self.head) - len(self.head):
                self.head += data[at : at + missing]
                at = min(at + missing, len(data))
            else:
                self._frame(now_ms)

    def _frame(self, now_ms: float) -> None:
        """Understand the frame whose beginning is there."""
        opcode, start, length = parsed(self.head)
        self.skip = start + length - len(self.head)
        if opcode == CLOSE:
            raise ConnectionError("closed by the server")
        if opcode == PING:
            self.socket.send(masked(PONG, bytes(self.head[start:])))
        if opcode == BINARY and length >= FRAME_HEAD:
            magic, kind = struct.unpack_from("<IB", self.head, start)
            if magic == MAGIC and kind == DELTA:
                self.frames += 1
                stamp = struct.unpack_from("<d", self.head, start + 16)[0]
                self.stamps.append(stamp)
                self.late_ms.append(now_ms - stamp)
        self.head.clear()


def wanted(head: bytes | bytearray) -> int:
    """How many bytes of the frame that begins with ``head`` are needed, as far as that can be told."""
    if len(head) < 2:
        return 2
    start = 2 + EXTENDED.get(head[1] & 0x7F, 0)
    if len(head) < start:
        return start
    opcode, start, length = parsed(head)
    return start + (min(length, FRAME_HEAD) if opcode == BINARY else length if opcode in (CLOSE, PING) else 0)


def parsed(head: bytes | bytearray) -> tuple[int, int, int]:
    """(opcode, where the payload begins, its length) of an unmasked WebSocket frame."""
    short = head[1] & 0x7F
    size = EXTENDED.get(short, 0)
    return head[0] & 0x0F, 2 + size, int.from_bytes(head[2 : 2 + size], "big") if size else short


def masked(opcode: int, payload: bytes) -> bytes:
    """A frame from a client; the mask may be anything, so it is zero."""
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload


def opened(port: int, scope: str) -> socket.socket:
    """A socket after its upgrade. Raises OSError when the server refuses."""
    made = socket.create_connection(("127.0.0.1", port), OPEN_S)
    path = f"/live?scope={quote(scope)}" if scope else "/live"
    key = base64.b64encode(os.urandom(16)).decode()
    made.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        if not (byte := made.recv(1)):
            raise OSError("closed during the upgrade")
        answer += byte
    if not answer.startswith(b"HTTP/1.1 101"):
        raise OSError(answer.split(b"\r\n")[0].decode("latin-1"))
    made.setblocking(False)
    return made


def watch(watchers: list[Watcher], seconds: float, slow: list[Watcher]) -> int:
    """Read for so long, the slow ones a little at a time; returns how many of all are still there."""
    buffer = bytearray(CHUNK)
    view = memoryview(buffer)
    with closing(selectors.DefaultSelector()) as ready:
        for watcher in watchers:
            ready.register(watcher.socket, selectors.EVENT_READ, watcher)
        gone, slow_due = 0, 0.0
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for key, _ in ready.select(min(end - now, SLOW_EVERY_S if slow else 1.0)):
                try:
                    if not (size := key.data.socket.recv_into(buffer)):
                        raise ConnectionError("ended by the server")
                    key.data.take(view[:size], time.time() * 1000)
                except BlockingIOError:
                    continue
                except OSError:
                    ready.unregister(key.data.socket)
                    gone += 1
            if slow and now >= slow_due:
                slow_due = now + SLOW_EVERY_S
                for watcher in slow:
                    watcher.size += sip(watcher.socket)
        return len(watchers) + len(slow) - gone


def sip(slow: socket.socket) -> int:
    """Read a little."""
    try:
        return len(slow.recv(SLOW_BYTES))
    except OSError:
        return 0


def cycle(scopes: list[str], count: int) -> Iterator[str]:
    """``count`` scopes in turns; "" is the city."""
    return (scopes[k % len(scopes)] for k in range(count))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--scopes", default="")
    parser.add_argument("--slow", type=int, default=0)
    chosen = parser.parse_args()
    slow = [Watcher(opened(chosen.port, "")) for _ in range(chosen.slow)]
    watchers = []
    for scope in cycle(chosen.scopes.split(","), chosen.count):
        watchers.append(Watcher(opened(chosen.port, scope)))
        if len(watchers) % 100 == 0:
            watch(watchers, 0.2, slow)  # what has come so far, or the server's buffers hold it all
    watch(watchers, SETTLE_S, slow)
    for watcher in watchers:
        watcher.frames = watcher.size = 0
        watcher.late_ms.clear()
        watcher.stamps.clear()
    print("ready", flush=True)
    alive = watch(watchers, chosen.seconds, slow)
    late_ms = [late for watcher in watchers for late in watcher.late_ms]
    frames = [watcher.frames for watcher in watchers]
    told = {"alive": alive, "bytes": sum(watcher.size for watcher in watchers), "frames": sum(frames),
            "fewest": min(frames, default=0), "stamps": watchers[0].stamps if watchers else [],
            "late_ms": late_ms[:: max(1, len(late_ms) // 20_000)]}  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    sys.exit(main())
