"""The wall as its own process on a loopback port: started, killed and started again by tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.processes import end
from tests import kept

REPOSITORY = Path(__file__).resolve().parents[2]
START_DEADLINE_S = 240.0
STOP_DEADLINE_S = 30.0
ANSWER_DEADLINE_S = 60.0


class ServerError(RuntimeError):
    """The wall did not start; the text holds what it said."""


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> bytes:
    """The body of a 200 answer. Raises urllib's errors for any other."""
    with urllib.request.urlopen(url, timeout=ANSWER_DEADLINE_S) as answer:
        return bytes(answer.read())


def metric(text: str, name: str) -> float:
    """One value of the Prometheus text format: ``metric(text, 'wallboard_hub_total{event="ticks"}')``."""
    for line in text.splitlines():
        if line.startswith(name + " "):
            return float(line.rsplit(" ", 1)[1])
    raise KeyError(name)


def roads_known(json: Callable[[str], Any]) -> None:
    """Wait until a wall, asked by ``json(path)``, can tell who could go where: before that it answers 503, and browsers
    complain of such an answer."""
    deadline = time.monotonic() + START_DEADLINE_S
    while json("/api/snapshot")["panels"]["cover"]["state"] != "ready":
        assert time.monotonic() < deadline, "the roads were not prepared"
        time.sleep(0.1)


class WallProcess:
    """``python app.py`` with the given settings; ``start`` after ``kill`` uses the same port again."""

    def __init__(self, **settings: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WALLBOARD_")}
        own = {f"WALLBOARD_{name.upper()}": str(value) for name, value in settings.items()}
        # an empty folder holds no wallboard.toml of whoever runs the tests, and takes the wall's history
        self._folder = tempfile.TemporaryDirectory(prefix="wall-")
        # the demo's past would take a core for half a minute at each start, and a city that grows anew some seconds
        given = {"PYTHONPATH": str(REPOSITORY), "WALLBOARD_PORT": str(self.port), "WALLBOARD_DEMO_PAST_MONTHS": "0",
                 "WALLBOARD_CACHE_DIR": str(kept.cache() / "wall")}  # fmt: skip
        self._environment = {**environment, **given, **own}
        self._log = Path(self._folder.name, "wall.log")
        self._process: subprocess.Popen[bytes] | None = None

    def set(self, **settings: object) -> None:
        """Other settings for the next start."""
        self._environment |= {f"WALLBOARD_{name.upper()}": str(value) for name, value in settings.items()}

    def start(self) -> None:
        """Start and wait until /readyz says yes. Raises ServerError."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(REPOSITORY / "app.py")],
                cwd=self._folder.name, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServerError(f"the wall ended with {self._process.returncode}: {self.log()[-2000:]}")
            with contextlib.suppress(OSError):
                get(self.url + "/readyz")
                return
            time.sleep(0.05)
        raise ServerError(f"the wall was not ready within {START_DEADLINE_S:g} s: {self.log()[-2000:]}")

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None, "the wall is not running"
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would, and forget its files; idempotent."""
        self._end(signal.SIGTERM)
        self._folder.cleanup()

    def json(self, path: str) -> Any:
        return json.loads(get(self.url + path))

    def metric(self, name: str) -> float:
        return metric(get(self.url + "/metrics").decode(), name)

    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process, how, STOP_DEADLINE_S)


@contextlib.contextmanager
def running_wall(**settings: object) -> Iterator[WallProcess]:
    """A ready wall with the embedded feed, stopped at the end."""
    wall = WallProcess(**settings)
    try:
        wall.start()
        yield wall
    finally:
        wall.stop()
