"""Messages a second from a real Kafka through decoding into the board on one core, against bare ``poll()``."""

from __future__ import annotations

from bench import processes
from bench.cluster import arguments_for, cluster, keep_broker_off
from bench.kafka_reader import CORE, DEADLINE_S
from bench.report import Check, Result, Table
from bench.stats import median

NAME = "ingest"
UNITS = 10_000
TARGET = 0.5


def run(quick: bool) -> Result:
    rounds, repetitions = (30, 3) if quick else (50, 7)
    count = UNITS * rounds
    found: dict[str, list[dict[str, float]]] = {"bare": [], "wall": []}
    with cluster() as (settings, broker):
        where = arguments_for(settings)
        processes.answer("-m", "bench.produce", "preload", *where, str(UNITS), str(rounds), deadline_s=300)
        keep_broker_off(broker, CORE)
        for turn in range(repetitions):
            # each goes first as often as the other, so that a machine that gets slower harms both
            for who in ("bare", "wall") if turn % 2 == 0 else ("wall", "bare"):
                found[who].append(processes.answer("-m", "bench.kafka_reader", who, *where, str(count),
                                                   deadline_s=DEADLINE_S + 30))
    rates = {who: [one["read"] / one["seconds"] for one in all_] for who, all_ in found.items()}
    per_cpu = {who: [one["read"] / one["cpu_s"] for one in all_] for who, all_ in found.items()}
    ratio = median(rates["wall"]) / median(rates["bare"])
    cpu_ratio = median(per_cpu["wall"]) / median(per_cpu["bare"])
    rows = [
        [label, median(rates[who]), min(rates[who]), max(rates[who]), 1e6 / median(per_cpu[who])]
        for who, label in (("bare", "bare kafka-python poll()"), ("wall", "poll, decode, check, apply to the board"))
    ]
    return Result(
        NAME, "Ingest: Kafka to the board on one core",
        [Check("messages/s, the wall : bare poll()", ratio, "", f"≥ {TARGET}", ratio >= TARGET)],
        [Table(f"{count:,} positions of 248 bytes, {UNITS:,} units, {repetitions} readings each, in turns",
               ["", "messages/s (median)", "slowest", "fastest", "CPU µs a message"], rows)],
        [f"By CPU time instead of the clock, which other programs cannot spoil, the ratio is {cpu_ratio:.2f}.",
         "Both readers are processes of their own, pinned to one core with all their threads, with the wall's fetch "
         "settings on the same topic (6 partitions, lz4); the broker has the other core. The time runs from the first "
         "batch to the last."],
    )  # fmt: skip
