"""Counts what really goes over the wire: a proxy on loopback that passes bytes on and notes which request they answer.

The browser's own figures leave out what its workers fetch and what goes through sockets.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType

REQUEST = re.compile(rb"^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS) (\S+) HTTP/1\.1\r\n")
CHUNK = 64 * 1024
START_S = 5.0


@dataclass
class Counted:
    """``requests``: paths in order of asking; ``received``: bytes of the answers with their heads, by path."""

    requests: list[str] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)

    @property
    def sockets(self) -> int:
        """Bytes received through the live socket."""
        return sum(size for path, size in self.received.items() if path == "/live")

    @property
    def answers(self) -> int:
        """Bytes of everything else."""
        return sum(self.received.values()) - self.sockets


def requested(data: bytes) -> str | None:
    """The path without its query when ``data``, sent by a browser, begins a request."""
    found = REQUEST.match(data)
    return found[1].decode("latin-1").partition("?")[0] if found else None


class CountingProxy:
    """Listens on ``port`` and passes everything on to ``target``, both on loopback, from a thread of its own."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.counted = Counted()
        self.port = 0

    def restart(self) -> Counted:
        """What was counted so far; counting begins anew."""
        before, self.counted = self.counted, Counted()
        return before

    def __enter__(self) -> CountingProxy:
        self._thread.start()
        if not self._ready.wait(START_S):
            raise RuntimeError("the counting proxy did not start")
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._loop and self._stop:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_S)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            back.close()
            return
        asked = [""]  # one request at a time runs on a connection of HTTP/1.1
        tasks = [asyncio.create_task(self._ask(near, forth, asked)), asyncio.create_task(self._tell(far, back, asked))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            return  # the proxy ends
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            back.close()
            forth.close()

    async def _ask(self, near: asyncio.StreamReader, forth: asyncio.StreamWriter, asked: list[str]) -> None:
        while data := await near.read(CHUNK):
            if asked[0] != "/live" and (path := requested(data)):
                asked[0] = path
                self.counted.requests.append(path)
            forth.write(data)
            await forth.drain()

    async def _tell(self, far: asyncio.StreamReader, back: asyncio.StreamWriter, asked: list[str]) -> None:
        while data := await far.read(CHUNK):
            self.counted.received[asked[0]] += len(data)
            back.write(data)
            await back.drain()
