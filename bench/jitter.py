"""How punctual the hub's ticks are while Kafka's feed takes more and more, against the same wall without any load."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from typing import Any

from bench import processes
from bench.cluster import cluster, environ_for
from bench.report import Check, Result, Table
from bench.stats import lateness, percentile
from data_feeds.model import Topic
from data_feeds.settings import Settings

NAME = "jitter"
RATES = (0, 1_000, 20_000, 50_000)
JUDGED, MOST_P99_MS = 20_000, 50.0
TICK_MS = 1000 * Settings().tick_s
WARM_S = 8.0


def run(quick: bool) -> Result:
    seconds = 12.0 if quick else 100.0
    rows: list[list[Any]] = []
    checks: list[Check] = []
    with tempfile.TemporaryDirectory() as folder, cluster() as (settings, _):
        port = processes.free_port()
        with processes.running("app.py", environ=environ_for(settings, port, folder)) as server:
            processes.await_ready(port, server)
            for rate in RATES:
                print(f"  {rate} messages/s", flush=True)
                sent, stamps, cores, lag = _phase(settings, port, server, rate, seconds)
                late_ms = lateness(stamps, TICK_MS)
                p50, p99 = percentile(late_ms, 0.5), percentile(late_ms, 0.99)
                rows.append([rate, sent, cores, lag, len(stamps), p50, p99, max(late_ms)])
                if rate == JUDGED:
                    met = p99 < MOST_P99_MS and sent > 0.97 * rate
                    checks.append(Check(f"p99 of a tick's lateness at {rate:,} messages/s", p99, "ms",
                                        f"< {MOST_P99_MS:g} ms", met))
    return Result(NAME, "Jitter: the hub's ticks under load", checks, [
        Table("Milliseconds by which a tick is late", ["messages/s asked", "messages/s sent", "server, cores",
              "records behind", "ticks", "p50", "p99", "latest"], rows),
    ], [
        "A frame carries the server's clock at the beginning of its tick; lateness is measured against a grid of "
        f"{TICK_MS:g} ms through the most punctual tick. 10,000 units; one viewer.",
        "The wall as it is started: history is recorded from the same topics at the same time.",
        "Broker, producer (librdkafka) and viewer share the machine with the wall.",
    ])  # fmt: skip


def _phase(
    settings: Settings, port: int, server: subprocess.Popen, rate: int, seconds: float
) -> tuple[float, list[float], float, float]:
    """(messages/s really sent, stamps of the ticks in Unix ms, cores that the server used, records it is behind)."""
    arguments = ("-m", "bench.torrent", settings.kafka_bootstrap_servers, settings.topic_name(Topic.POSITION),
                 str(max(rate, 1)), str(seconds + WARM_S + 4))  # fmt: skip
    with processes.running(*arguments, stdout=subprocess.PIPE, text=True) as producer:
        if not rate:
            processes.end(producer)
        time.sleep(WARM_S)
        cpu_s, begin_s = processes.cpu_s(server.pid), time.monotonic()
        told = processes.answer("-m", "bench.watching", str(port), "1", str(seconds), deadline_s=seconds + 60)
        cores = (processes.cpu_s(server.pid) - cpu_s) / (time.monotonic() - begin_s)
        lag = processes.metric(port, 'wallboard_feed_lag_records{topic="position"}')
        if not told["alive"]:
            raise RuntimeError("the viewer was let go")
        sent = json.loads(producer.communicate(timeout=120)[0])["rate"] if rate else 0.0
        return sent, told["stamps"], cores, lag
