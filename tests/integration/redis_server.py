"""A real Redis of our own on a free port of this machine; it can be killed and started again."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.integration.kafka_broker import free_ports

DEADLINE_S = 30.0


class RedisServer:
    """One server process that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=DEADLINE_S)

    def start(self) -> None:
        """Start it, if it does not run, and wait until it answers."""
        if self._process is not None:
            return
        log = (self.folder / "redis.log").open("ab")
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder),
                   "--save", "", "--appendonly", "no", "--maxmemory", "64mb"]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + DEADLINE_S
        while True:
            with contextlib.suppress(redis.RedisError), self.client() as client:
                if client.ping():
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"redis-server did not start: {(self.folder / 'redis.log').read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(DEADLINE_S)
            self._process = None


@contextlib.contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A running server. Where Redis is not installed the test is left out, and the run says so aloud."""
    if shutil.which("redis-server") is None:
        reason = "LEFT OUT, redis-server is not installed: sh tools/system-deps.sh installs it"
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="wall-redis-") as folder:
        server = RedisServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
