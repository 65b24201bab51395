"""Memory of server, page and worker with 10,000 moving units: what grows fills a wall in a month.

Its baseline is its own beginning: caches and trails fill, and for twenty minutes the browser compiles what turns out to
be used often (docs/decisions.md, "Tests"). What is judged comes after.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page

from bench import chromium, processes
from bench.browser import STATS
from bench.heap import data_mb, least_heap
from bench.report import Check, Result, Table

NAME = "memory"
SIZE = (1920, 1080)
UNITS = 10_000
MINUTES, JUDGED_SHARE = 40.0, 1 / 2
COMPILING = (10, 30)  # minutes: told beside, not judged
SNAPSHOT_SHARE = 3 / 8  # early enough that what a snapshot takes is free again when the judged part begins
EVERY_S = 10.0
MOST_SLOPE = 0.01
SHOWN_EVERY = 15  # samples


def run(quick: bool) -> Result:
    minutes = 1.0 if quick else MINUTES
    port = processes.free_port()
    with (
        processes.running("-m", "bench.serve", "wall", str(port), str(UNITS)) as server,
        chromium.browser() as made,
        chromium.page_of(made, *SIZE) as page,
    ):
        processes.await_ready(port, server)
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_function("() => globalThis.wallboard?.live?.worker", timeout=30_000)
        series, data = _watch(server, page, minutes)
        stats = page.evaluate(STATS)
    judged = int(len(series["s"]) * (1 - JUDGED_SHARE))
    names = [name for name in series if name != "s"]
    grown = {name: slope_share(series[name][judged:]) for name in names}
    last = f"the last {minutes * JUDGED_SHARE:.0f} minutes"
    checks = [
        Check(f"{name}: growth over {last}", 100 * grown[name], "%", f"< {100 * MOST_SLOPE:g} %",
              grown[name] < MOST_SLOPE)
        for name in names
    ]  # fmt: skip
    data_grown = data[-1] / data[0] - 1
    minute_of = np.array(series["s"]) / 60
    early = (minute_of >= COMPILING[0]) & (minute_of < COMPILING[1])
    first = 100 * slope_share(list(np.array(series["page heap"])[early]))
    since = f"the last {minutes * (1 - SNAPSHOT_SHARE):.0f} minutes"
    checks.append(Check(f"page's data without compiled code: growth over {since}",
                        100 * data_grown, "%", f"< {100 * MOST_SLOPE:g} %", data_grown < MOST_SLOPE))  # fmt: skip
    rows = [[round(series["s"][k] / 60, 1), *(series[name][k] for name in names)]
            for k in range(0, len(series["s"]), 1 if quick else SHOWN_EVERY)]  # fmt: skip
    return Result(NAME, "Memory: forty minutes", checks, [Table("MB", ["minute", *names], rows)], [
        f"{UNITS:,} units, all moving, one browser at {SIZE[0]}×{SIZE[1]}; growth is that of a straight line through "
        "the samples, as a share of their mean. JavaScript heaps are read after collections.",
        f"The page's heap over the last 20 of the first 30 minutes, while the browser still compiles: {first:.2f} %.",
        f"Page's data: {data[0]:.3f} MB after {minutes * SNAPSHOT_SHARE:.0f} minutes, {data[-1]:.3f} MB at the end.",
        f"Drawn at the end: {stats['drawn']:,} units; reconnects {stats['reconnects']}, resyncs {stats['resyncs']}.",
    ])  # fmt: skip


def slope_share(samples: list[float]) -> float:
    """How much a straight line through ``samples`` rises over their length, as a share of their mean; 0 for a few."""
    if len(samples) < 3:
        return 0.0
    x = np.arange(len(samples))
    return float(np.polyfit(x, samples, 1)[0] * (len(samples) - 1) / np.mean(samples))


def _watch(server: subprocess.Popen, page: Page, minutes: float) -> tuple[dict[str, list[float]], list[float]]:
    """Samples by name, and what the page's own data weigh shortly before the judged part and at its end, MB."""
    devtools = page.context.new_cdp_session(page)
    data: list[float] = []
    worker = _worker(devtools, page)
    series: dict[str, list[float]] = {
        "s": [], "server": [], "page heap": [], "worker heap": [], "worker buffers": [], "browser processes": [],
    }  # fmt: skip
    begin_s = time.monotonic()
    while (at_s := time.monotonic() - begin_s) < 60 * minutes:
        if not data and at_s >= 60 * minutes * SNAPSHOT_SHARE:
            data.append(data_mb(devtools))
        main, heap = least_heap(devtools.send), least_heap(worker)
        series["s"].append(at_s)
        series["server"].append(processes.rss_mb(server.pid))
        series["page heap"].append(main["usedSize"] / 1e6)
        series["worker heap"].append(heap["usedSize"] / 1e6)
        series["worker buffers"].append(heap["backingStorageSize"] / 1e6)
        renderers = [pid for pid in processes.descendants(os.getpid()) if processes.is_renderer(pid)]
        series["browser processes"].append(sum(processes.rss_mb(pid) for pid in renderers))
        page.wait_for_timeout(1000 * max(0.0, EVERY_S - (time.monotonic() - begin_s - at_s)))
    return series, [*data, data_mb(devtools)]


def _worker(devtools: CDPSession, page: Page) -> Callable[[str], Any]:
    """Asks the page's worker through its own debugging session."""
    found: list[str] = []
    answers: dict[int, Any] = {}

    def attached(event: dict[str, Any]) -> None:
        if event["targetInfo"]["type"] == "worker":
            found.append(event["sessionId"])

    def received(event: dict[str, Any]) -> None:
        answer = json.loads(event["message"])
        if "id" in answer:
            answers[answer["id"]] = answer.get("result", {})

    devtools.on("Target.attachedToTarget", attached)
    devtools.on("Target.receivedMessageFromTarget", received)
    devtools.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False})
    page.wait_for_timeout(500)
    if not found:
        raise RuntimeError("the page has no worker")
    asked = 0

    def ask(method: str) -> Any:
        nonlocal asked
        asked += 1
        message = json.dumps({"id": asked, "method": method, "params": {}})
        devtools.send("Target.sendMessageToTarget", {"sessionId": found[0], "message": message})
        for _ in range(600):
            if asked in answers:
                return answers.pop(asked)
            page.wait_for_timeout(50)
        raise RuntimeError(f"the worker did not answer {method}")

    return ask
