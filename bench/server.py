"""What units cost the server, against one plain Dash callback that sends the same units."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from bench import processes
from bench.report import Result, Table
from bench.stats import median

NAME = "server"
COUNTS = (1_000, 10_000, 50_000)
UNITS = 10_000
CALLBACK = {
    "output": "units.data", "outputs": {"id": "units", "property": "data"},
    "inputs": [{"id": "clock", "property": "n_intervals", "value": 1}], "changedPropIds": ["clock.n_intervals"],
}  # fmt: skip


def run(quick: bool) -> Result:
    costs = [_board(count) for count in COUNTS]
    callback_ms, callback_mb = callback_cost(10 if quick else 40)
    return Result(NAME, "Server: units", [], [
        Table("N units that all move: CPU ms a second", ["units", "decode", "apply", "tick", "snapshot", "snapshot KB",
              "memory MB", "MB for 10,000 units"], costs),
        Table(f"{UNITS:,} units to one viewer once", ["", "server CPU ms", "MB"],
              [["a Dash callback with GeoJSON", callback_ms, callback_mb]]),
    ])  # fmt: skip


def _board(count: int) -> list[Any]:
    told = processes.answer("-m", "bench.board_cost", str(count), deadline_s=180)
    parts = [told[name] for name in ("decode", "apply", "tick", "snapshot", "snapshot_kb", "memory_mb")]
    return [count, *parts, told["memory_mb"] * 10_000 / count]


def callback_cost(calls: int) -> tuple[float, float]:
    """(CPU ms, MB) of one plain Dash callback that sends the units as GeoJSON."""
    port = processes.free_port()
    with processes.running("-m", "bench.serve", "pins", str(port), str(UNITS)) as server:
        processes.await_port(port, server)
        sizes, spent = [], []
        for _ in range(calls):
            cpu_s = processes.cpu_s(server.pid)
            asked = urllib.request.Request(
                f"http://127.0.0.1:{port}/_dash-update-component", json.dumps(CALLBACK).encode(),
                {"content-type": "application/json"},
            )  # fmt: skip
            with urllib.request.urlopen(asked, timeout=30) as answer:
                sizes.append(len(answer.read()) / 1e6)
            spent.append((processes.cpu_s(server.pid) - cpu_s) * 1000)
    return sum(spent) / len(spent), median(sizes)
