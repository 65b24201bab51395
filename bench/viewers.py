"""What each viewer more, each scope more and a viewer who does not keep up cost, against a plain Dash callback."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from statistics import median
from typing import Any

from bench import processes
from bench.report import Check, Result, Table
from bench.server import callback_cost
from bench.stats import percentile

NAME = "viewers"
UNITS = 10_000
COUNTS = (10, 100, 500, 2_000)
SLOW = (0, 1)
SLOW_BESIDE = 100
ROUNDS = 5
SCOPES = (("1 scope, the city", [""]), ("5 scopes, branches", [f"B{k}" for k in range(5)]),
          ("40 scopes, stations", [f"S{k:02d}" for k in range(40)]))  # fmt: skip
SCOPED_VIEWERS = 200
MOST_SHARE = 0.002  # of a plain Dash callback with the same units
SETTLED_S = 5.0


def run(quick: bool) -> Result:
    seconds, calls = (6.0, 10) if quick else (30.0, 40)
    counts, scopes = (COUNTS[:2], SCOPES[:2]) if quick else (COUNTS, SCOPES)
    with _wall() as (port, server):
        alone = _cores(server, 2 * seconds)
        many = [_row(port, server, count, seconds, alone) for count in counts]
        beside = _slow(port, server, 3 if quick else ROUNDS, seconds / 2)
        scoped = [_scoped(port, server, what, codes, seconds, alone) for what, codes in scopes]
    callback_ms, _ = callback_cost(calls)
    steps = _steps(many)
    each_ms = max(step[-1] for step in steps) / 1000
    slowed_ms = beside[1][3] - beside[0][3]
    checks = [
        Check(f"a viewer more, dearest step to {counts[-1]:,}, of a plain Dash callback with the same units",
              100 * each_ms / callback_ms, "%", f"≤ {100 * MOST_SHARE:g} %", each_ms <= MOST_SHARE * callback_ms),
        Check("a slow viewer's effect on the others' p99", slowed_ms, "ms", "≤ 50 ms", slowed_ms <= 50.0),
    ]  # fmt: skip
    return Result(NAME, "Viewers: many, slow ones, and scopes", checks, [
        Table(f"{UNITS:,} units that all move, 1 tick a second", ["viewers", "server, cores",
              "frames/s, slowest viewer", "MB/s, all", "p99 ms from tick to arrival", "µs a viewer and tick"], many),
        Table("What one viewer more costs", ["from", "to", "µs a tick"], steps),
        Table(f"{SLOW_BESIDE} viewers beside slow ones (16 kB/s each)", ["slow", "server, cores",
              "frames/s, slowest viewer", "p99 ms from tick to arrival"], beside),
        Table(f"{SCOPED_VIEWERS} viewers on", ["", "server, cores", "MB/s, all", "ms a tick more than without viewers"],
              scoped),
        Table("One plain Dash callback", ["", "server CPU ms"], [["GeoJSON of as many units", callback_ms]]),
    ], [
        "Units alone: no incident or drone comes or goes, so that every byte of a tick is a position.",
        f"Without viewers the server uses {alone:.3g} cores, of which most is making the load in its process.",
        f"Beside slow ones: medians of {3 if quick else ROUNDS} rounds by turns, {seconds / 2:g} s each.",
        "Viewers are raw sockets in one process on the same two cores, which take the bytes and count them.",
    ])  # fmt: skip


@contextmanager
def _wall() -> Iterator[tuple[int, subprocess.Popen]]:
    port = processes.free_port()
    with processes.running("-m", "bench.serve", "wall", str(port), str(UNITS)) as server:
        processes.await_ready(port, server)
        time.sleep(SETTLED_S)
        yield port, server


def _row(port: int, server: subprocess.Popen, count: int, seconds: float, alone: float) -> list[Any]:
    print(f"  {count} viewers", flush=True)
    cores, told = _watched(port, server, count, seconds)
    return [count, cores, told["fewest"] / seconds, told["bytes"] / 1e6 / seconds,
            percentile(told["late_ms"], 0.99), (cores - alone) / count * 1e6]  # fmt: skip


def _steps(rows: list[list[Any]]) -> list[list[Any]]:
    """[viewers, more viewers, µs of the server's CPU for each of those more]: without what any number of them costs."""
    return [[a[0], b[0], (b[1] - a[1]) / (b[0] - a[0]) * 1e6] for a, b in pairwise(rows)]


def _slow(port: int, server: subprocess.Popen, rounds: int, seconds: float) -> list[list[Any]]:
    """A row for each of SLOW, by turns. Of few ticks the p99 is the worst one, which may be anybody's: the rounds'
    median tells what is the slow viewer's."""
    seen: dict[int, list[tuple[float, ...]]] = {slow: [] for slow in SLOW}
    for _ in range(rounds):
        for slow in SLOW:
            print(f"  {SLOW_BESIDE} viewers and {slow} slow", flush=True)
            cores, told = _watched(port, server, SLOW_BESIDE, seconds, "--slow", str(slow))
            seen[slow].append((cores, told["fewest"] / seconds, percentile(told["late_ms"], 0.99)))
    return [[slow, *(median(values) for values in zip(*found, strict=True))] for slow, found in seen.items()]


def _scoped(
    port: int, server: subprocess.Popen, what: str, codes: list[str], seconds: float, alone: float
) -> list[Any]:
    print(f"  {what}", flush=True)
    cores, told = _watched(port, server, SCOPED_VIEWERS, seconds, "--scopes", ",".join(codes))
    return [what, cores, told["bytes"] / 1e6 / seconds, (cores - alone) * 1000]


def _watched(
    port: int, server: subprocess.Popen, count: int, seconds: float, *more: str
) -> tuple[float, dict[str, Any]]:
    """(cores that the server used, what the viewers saw). Raises RuntimeError when one of them was let go."""
    arguments = ("-m", "bench.watching", str(port), str(count), str(seconds), *more)
    with processes.running(*arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{count} viewers could not be opened")
        cores = _cores(server, seconds - 1)
        told = json.loads(process.communicate(timeout=seconds + 60)[0])
    # a slow viewer that takes less than the least may be let go: that is what protects the others
    if told["alive"] < count:
        raise RuntimeError(f"{count - told['alive']} of {count} viewers were let go")
    return cores, told


def _cores(server: subprocess.Popen, seconds: float) -> float:
    cpu_s, begin_s = processes.cpu_s(server.pid), time.monotonic()
    time.sleep(seconds)
    return (processes.cpu_s(server.pid) - cpu_s) / (time.monotonic() - begin_s)
