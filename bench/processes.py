"""Processes of a benchmark: started, watched and ended by their own ids. Linux's /proc tells what they cost."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
STOP_S = 10.0


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    *arguments: str, environ: Mapping[str, str] | None = None, quiet: bool = True, **options: Any
) -> Iterator[subprocess.Popen]:
    """``python ARGUMENTS`` in the repository's root, ended when the block is left."""
    out = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **(environ or {})}, stdin=subprocess.DEVNULL,
        **{"stdout": out, "stderr": None, **options},
    )  # fmt: skip
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen, how: signal.Signals = signal.SIGTERM, wait_s: float = STOP_S) -> None:
    """Stop it in the way of ``how``, or at once when it does not go. Nothing where it has ended."""
    process.send_signal(how)
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(wait_s)


def answer(*arguments: str, deadline_s: float) -> Any:
    """What ``python ARGUMENTS`` prints as its last line, as JSON. Raises CalledProcessError, TimeoutExpired."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=deadline_s, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.strip().splitlines()[-1])


def await_port(port: int, process: subprocess.Popen, deadline_s: float = 60.0) -> None:
    """Return when something listens. Raises RuntimeError when the process ends or the time is over."""
    deadline = time.monotonic() + deadline_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode} before it listened")
        with socket.socket() as probe:
            probe.settimeout(1.0)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args} did not listen on port {port} within {deadline_s:g} s")


def await_ready(port: int, process: subprocess.Popen, deadline_s: float = 120.0) -> None:
    """Return when the wall has caught up with its feed. Raises RuntimeError as ``await_port``."""
    deadline = time.monotonic() + deadline_s
    await_port(port, process, deadline_s)
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5.0):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{process.args} was not ready within {deadline_s:g} s")


def metric(port: int, name: str) -> float:
    """One value of /metrics. Raises KeyError."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10.0) as answer:
        return float(dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line[:1] != "#")[name])


def cpu_s(pid: int) -> float:
    """CPU seconds that the process has used; 0 when it is gone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S if fields else 0.0


def rss_mb(pid: int | str = "self") -> float:
    """Memory that the process holds, in MB (10⁶ bytes)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descendants(pid: int) -> list[int]:
    """The processes below ``pid``."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def browser_cpu_s() -> float:
    """CPU seconds of the Chromium processes that this process started."""
    return sum(cpu_s(pid) for pid in descendants(os.getpid()) if "chrom" in _name(pid))


def is_renderer(pid: int) -> bool:
    """Whether this is the process of a page in Chromium."""
    with contextlib.suppress(OSError):
        return b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def pin(pid: int, core: int) -> bool:
    """Keep every thread of the process on one core; False where that cannot be done."""
    if not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2:
        return False
    for task in Path(f"/proc/{pid or 'self'}/task").iterdir():
        with contextlib.suppress(OSError):
            os.sched_setaffinity(int(task.name), {core})
    return True


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, …; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
