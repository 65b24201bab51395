"""What a history of millions costs the wall beside it: how punctual its ticks are while the heaviest question is asked
again and again, and how long an append takes.

``python -m bench.history_wall FOLDER SECONDS`` asks the owner of the history in FOLDER the question on its standard
input over and over, and prints how often and how long (ms) as JSON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import history_city, processes
from bench.report import Check, Table
from bench.stats import lateness, percentile
from data_feeds.history import query as queries
from data_feeds.history import remote
from data_feeds.history.query import Query
from data_feeds.settings import Settings

MOST_P99_MS, MOST_APPEND_MS = 50.0, 100.0
APPENDS, APPENDED = 60, 500
WARM_S, OPEN_S = 10.0, 120.0
TICK_MS = 1000 * Settings().tick_s


def beside(folder: Path, question: Query, quick: bool) -> tuple[list[Check], Table, list[str]]:
    """Checks, a table and notes of a wall that keeps a copy of the history in ``folder``."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        copy = Path(made) / "demo"
        shutil.copytree(folder / "store", copy)
        p50, p99 = _appends(copy)
        checks = [Check(f"p50 of appending {APPENDED} incidents", p50, "ms", f"< {MOST_APPEND_MS:g} ms",
                        p50 < MOST_APPEND_MS)]  # fmt: skip
        rows = _ticks(copy, question, 20.0 if quick else 100.0)
    late = rows[-1]
    checks.append(Check("p99 of a tick's lateness while the heaviest query runs in a loop", late[-2], "ms",
                        f"< {MOST_P99_MS:g} ms", late[-2] < MOST_P99_MS and late[1] > 0))  # fmt: skip
    columns = ["beside it", "queries", "ms a query (median)", "server, cores", "ticks", "p50", "p99", "latest"]
    table = Table("Milliseconds by which a tick of the embedded wall (1,200 units) is late", columns, rows)
    return checks, table, [
        f"Appends of {APPENDED} incidents, on disk on return: p50 {p50:.0f} ms, p99 {p99:.0f} ms.",
        f"The wall records its own incidents and tracks meanwhile. Heaviest query: {queries.encode(question).decode()}",
    ]


def _appends(folder: Path) -> tuple[float, float]:
    """Median and 99th percentile of the milliseconds that an append takes."""
    incidents = history_city.later(APPENDS * APPENDED)
    store = history_city.open_kept(folder.parent, name=folder.name)
    took = []
    try:
        for begin in range(0, len(incidents), APPENDED):
            begun = time.perf_counter()
            store.put_incidents(incidents[begin : begin + APPENDED], "bench", {("bench", 0): begin + APPENDED})
            took.append((time.perf_counter() - begun) * 1e3)
    finally:
        store.close()
    return percentile(took, 0.5), percentile(took, 0.99)


def _ticks(folder: Path, question: Query, seconds: float) -> list[list[Any]]:
    """A row without and a row with the question being asked."""
    port = processes.free_port()
    environ = {
        "WALLBOARD_PORT": str(port), "WALLBOARD_HISTORY_DIR": str(folder.parent), "WALLBOARD_DEMO_PAST_MONTHS": "0",
        "WALLBOARD_EMBEDDED_UNITS": str(history_city.UNITS), "WALLBOARD_EMBEDDED_SEED": str(history_city.SEED),
        "WALLBOARD_LOG_LEVEL": "WARNING", "WALLBOARD_CACHE_DIR": str(history_city.KEPT),
    }  # fmt: skip
    rows = []
    with processes.running("app.py", environ=environ, quiet=False) as server:
        processes.await_ready(port, server)
        _await_owner(folder, server)
        for name in ("nothing", "the heaviest query in a loop"):
            time.sleep(WARM_S)
            asking = _asking(folder, question, seconds + 2 * WARM_S) if rows else None
            cpu_s, begun_s = processes.cpu_s(server.pid), time.monotonic()
            watched = processes.answer("-m", "bench.watching", str(port), "1", str(seconds), deadline_s=seconds + 60)
            cores = (processes.cpu_s(server.pid) - cpu_s) / (time.monotonic() - begun_s)
            if not watched["alive"]:
                raise RuntimeError("the viewer was let go")
            asked = json.loads(asking.communicate(timeout=seconds + 120)[0]) if asking else {"count": 0, "ms": None}
            late_ms = lateness(watched["stamps"], TICK_MS)
            rows.append([name, asked["count"], asked["ms"], cores, len(late_ms), percentile(late_ms, 0.5),
                         percentile(late_ms, 0.99), max(late_ms)])  # fmt: skip
    return rows


def _await_owner(folder: Path, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + OPEN_S
    while time.monotonic() < deadline and server.poll() is None:
        owner = remote.read_owner(folder)
        if owner is not None and owner.pid == server.pid:
            return
        time.sleep(0.2)
    raise RuntimeError(f"the wall did not open the history in {folder}")


def _asking(folder: Path, question: Query, seconds: float) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.history_wall", str(folder), str(seconds)], cwd=processes.ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(queries.encode(question).decode() + "\n")
    process.stdin.flush()
    return process


def main() -> None:
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    question = queries.decode(sys.stdin.readline().encode())
    owner = remote.connect(folder)
    if owner is None:
        raise SystemExit(f"nobody owns the history in {folder}")
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.perf_counter()
        owner.run(question)
        took.append((time.perf_counter() - begun) * 1e3)
    print(json.dumps({"count": len(took), "ms": percentile(took, 0.5)}))


if __name__ == "__main__":
    main()
