"""From a record's sending to Kafka until its unit stands there on the map, against bare ``poll()`` of the topic."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from typing import Any

from bench import chromium, processes
from bench.browser import STATS
from bench.cluster import arguments_for, cluster, environ_for
from bench.produce import FIRST_LAT, PROBE_EVERY_S, STEP_DEG, probe_ids
from bench.report import Check, Result, Table
from bench.stats import matched, percentile
from data_feeds.settings import Settings

NAME = "latency"
SIZE = (1920, 1080)
RATES = (1_000, 10_000)
LEAST_DRAWN = 0.99
PATIENCE_MS, TICK_MS = 250.0, 1000 * Settings().tick_s
ASK_EVERY_MS = 8
WARM_S = 5.0
# Notes when the drawn picture first has a probe at another mark; what the worker answers is what it drew last.
WATCH = """([ids, firstLat, step, every]) => {
  const marks = new Map(), seen = (window.benchSeen = []);
  const turn = async () => {
    const { units } = await wallboard.live.ask({ type: "probe", ids });
    const at = performance.timeOrigin + performance.now();
    for (const unit of units) {
      if (!unit) continue;
      const mark = Math.round((unit.lat - firstLat) / step);
      if (marks.get(unit.id) !== mark) seen.push([unit.id, mark, at]);
      marks.set(unit.id, mark);
    }
    setTimeout(turn, every);
  };
  turn();
}"""
Probe = tuple[str, int, float]


def run(quick: bool) -> Result:
    seconds = 15.0 if quick else 60.0
    rows: list[list[Any]] = []
    checks: list[Check] = []
    with cluster() as (settings, _):
        for rate in RATES:
            print(f"  {rate} messages/s", flush=True)
            for label, phase in (("bare poll()", _bare), ("drawn on the map", _drawn)):
                sent, seen, really = phase(settings, rate, seconds)
                delays, lost = matched(sent, seen, 1000 * PROBE_EVERY_S[0])
                p50, p99 = percentile(delays, 0.5), percentile(delays, 0.99)
                rows.append([label, rate, really, len(delays), lost, p50, p99, max(delays, default=float("nan"))])
                if phase is _drawn:
                    share = len(delays) / max(1, len(delays) + lost)
                    met = p99 <= TICK_MS + PATIENCE_MS and share >= LEAST_DRAWN
                    checks.append(Check(f"p99 of produce → drawn at {rate:,} messages/s", p99, "ms",
                                        f"≤ {TICK_MS + PATIENCE_MS:g} ms", met))
    return Result(NAME, "Latency: produced to Kafka → drawn", checks, [
        Table("Milliseconds from send() to …", ["", "messages/s asked", "messages/s sent", "probes", "unseen", "p50",
              "p99", "longest"], rows),
    ], [
        f"Positions are sent on once a tick ({TICK_MS:g} ms), so half a tick of waiting is in every median.",
        "Among the load, 40 units leap over two kilometres at known times; the map shows leaps at once. Drawn: the "
        f"worker says that its last picture has the unit there, asked every {ASK_EVERY_MS} ms; until the screen shows "
        "it, at most a frame of the display is added. The producer waits 5 ms for a batch to fill.",
        "Bare: the same load read by kafka-python with the wall's fetch settings and nothing else, before the wall.",
    ])  # fmt: skip


def _bare(settings: Settings, rate: int, seconds: float) -> tuple[list[Probe], list[Probe], float]:
    where = arguments_for(settings)
    arguments = ("-m", "bench.kafka_reader", "probes", *where, str(seconds + 10))
    with processes.running(*arguments, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        if reader.stdout.readline().strip() != "ready":
            raise RuntimeError("the bare reader did not start")
        sent, really = _load(settings, rate, seconds)
        told, _ = reader.communicate(timeout=60)
    return sent, [tuple(probe) for probe in json.loads(told)], really


def _drawn(settings: Settings, rate: int, seconds: float) -> tuple[list[Probe], list[Probe], float]:
    port = processes.free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.running("app.py", environ=environ_for(settings, port, folder)) as server,
    ):
        processes.await_ready(port, server)  # what earlier phases wrote is read again first, and is no part of this
        with chromium.browser() as made, chromium.page_of(made, *SIZE) as page:
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_function("() => globalThis.wallboard?.live?.worker", timeout=30_000)
            deadline = time.monotonic() + 30
            while not page.evaluate(STATS)["synced"] and time.monotonic() < deadline:
                page.wait_for_timeout(100)
            page.wait_for_timeout(2000)
            page.evaluate(WATCH, [probe_ids(), FIRST_LAT, STEP_DEG, ASK_EVERY_MS])
            sent, really = _load(settings, rate, seconds)
            page.wait_for_timeout(3000)
            return sent, [tuple(probe) for probe in page.evaluate("() => window.benchSeen")], really


def _load(settings: Settings, rate: int, seconds: float) -> tuple[list[Probe], float]:
    """Run the producer; its first seconds, in which everything starts, do not count."""
    where = arguments_for(settings)
    arguments = ("-m", "bench.produce", "load", *where, str(rate), str(seconds + WARM_S))
    told = processes.answer(*arguments, deadline_s=seconds + 90)
    begin_ms = min(at for _, _, at in told["sent"]) + 1000 * WARM_S
    return [tuple(probe) for probe in told["sent"] if probe[2] >= begin_ms], told["rate"]
