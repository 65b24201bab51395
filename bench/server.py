"""What units and viewers cost the server, against one plain Dash callback that sends the same units."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from typing import Any

from bench import processes
from bench.report import Result, Table
from bench.stats import median

NAME = "server"
COUNTS = (1_000, 10_000, 50_000)
VIEWERS = (0, 50, 200)
UNITS = 10_000
CALLBACK = {
    "output": "units.data", "outputs": {"id": "units", "property": "data"},
    "inputs": [{"id": "clock", "property": "n_intervals", "value": 1}], "changedPropIds": ["clock.n_intervals"],
}  # fmt: skip


def run(quick: bool) -> Result:
    seconds, calls = (6.0, 10) if quick else (20.0, 40)
    costs = [_board(count) for count in COUNTS]
    viewers = _viewers(VIEWERS[:2] if quick else VIEWERS, seconds)
    callback_ms, callback_mb = _callback(calls)
    each_us = viewers[-1][-1]
    rows = [["the hub, one viewer, one tick", each_us / 1000, UNITS * 24 / 1e6],
            ["a Dash callback with GeoJSON, one viewer, one tick", callback_ms, callback_mb]]  # fmt: skip
    return Result(NAME, "Server: units and viewers", [], [
        Table("N units that all move: CPU ms a second", ["units", "decode", "apply", "tick", "snapshot", "snapshot KB",
              "memory MB", "MB for 10,000 units"], costs),
        Table(f"{UNITS:,} units, sockets without browsers", ["viewers", "server, cores", "frames/s and viewer",
              "MB/s and viewer", "µs a viewer and tick"], viewers),
        Table(f"{UNITS:,} units to one viewer once", ["", "server CPU ms", "MB"], rows),
    ], [
        f"A tick for one viewer more costs the server {callback_ms * 1000 / each_us:,.0f} times less than one plain "
        "Dash callback with the same units." if each_us > 0 else "The cost of a viewer was too small to be measured.",
        "The server's CPU includes making the load in its process, which is the same in every row.",
    ])  # fmt: skip


def _board(count: int) -> list[Any]:
    told = processes.answer("-m", "bench.board_cost", str(count), deadline_s=180)
    parts = [told[name] for name in ("decode", "apply", "tick", "snapshot", "snapshot_kb", "memory_mb")]
    return [count, *parts, told["memory_mb"] * 10_000 / count]


def _viewers(counts: tuple[int, ...], seconds: float) -> list[list[Any]]:
    port, rows = processes.free_port(), []
    with processes.running("-m", "bench.serve", "wall", str(port), str(UNITS)) as server:
        processes.await_port(port, server)
        time.sleep(5.0)
        for count in counts:
            print(f"  {count} viewers", flush=True)
            cores, told = _watched(port, count, server, seconds) if count else (_cores(server, seconds), {})
            alone = rows[0][1] if rows else cores
            each_us = (cores - alone) / count * 1e6 if count else None  # one tick a second
            share = seconds + 2  # frames are counted a little longer than the CPU
            rows.append([count, cores, told.get("frames", 0) / max(1, count) / share,
                         told.get("bytes", 0) / 1e6 / max(1, count) / share, each_us])
    return rows


def _watched(port: int, count: int, server: subprocess.Popen, seconds: float) -> tuple[float, dict[str, int]]:
    arguments = ("-m", "bench.viewers", str(port), str(count), str(seconds + 2))
    with processes.running(*arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{count} viewers could not be opened")
        cores = _cores(server, seconds)
        told, _ = process.communicate(timeout=60)
    found = json.loads(told)
    if found["alive"] < count:
        raise RuntimeError(f"{count - found['alive']} of {count} viewers were let go")
    return cores, found


def _cores(server: subprocess.Popen, seconds: float) -> float:
    cpu_s, begin_s = processes.cpu_s(server.pid), time.monotonic()
    time.sleep(seconds)
    return (processes.cpu_s(server.pid) - cpu_s) / (time.monotonic() - begin_s)


def _callback(calls: int) -> tuple[float, float]:
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
