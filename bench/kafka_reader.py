"""One reader of a topic in a process of its own, for ``bench.ingest`` and ``bench.latency``.

``python -m bench.kafka_reader wall|bare SERVERS PREFIX COUNT`` reads COUNT positions on one core and prints the time;
``python -m bench.kafka_reader probes SERVERS PREFIX SECONDS`` prints when each probe's record came out of ``poll()``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from kafka import TopicPartition

from bench import processes
from bench.cluster import settings_for
from bench.produce import PROBE, mark_of
from data_feeds.board import Board
from data_feeds.clock import SystemClock
from data_feeds.health import FeedMonitor
from data_feeds.ingest import Pump
from data_feeds.kafka_client import open_consumer
from data_feeds.kafka_feed import FETCH_MAX_WAIT_MS, FETCH_MIN_BYTES, KafkaFeed
from data_feeds.messages import Decoder
from data_feeds.model import Topic
from data_feeds.settings import Settings

DEADLINE_S = 180.0
CORE = 0


def consumer(settings: Settings, from_start: bool) -> Any:
    """A bare kafka-python consumer of the positions, opened with the wall's own fetch settings."""
    made = open_consumer(settings, FETCH_MIN_BYTES, FETCH_MAX_WAIT_MS)
    name = settings.topic_name(Topic.POSITION)
    partitions = [TopicPartition(name, number) for number in made.partitions_for_topic(name)]
    made.assign(partitions)
    (made.seek_to_beginning if from_start else made.seek_to_end)(*partitions)
    for partition in partitions:
        made.position(partition)  # the end of now, not of the first poll
    return made


def bare_poll(settings: Settings) -> Callable[[], int]:
    """``poll()`` and nothing else."""
    reader = consumer(settings, from_start=True)
    return lambda: sum(len(batch) for batch in reader.poll(timeout_ms=200).values())


def wall_step(settings: Settings) -> Callable[[], int]:
    """What the wall's pump does: poll, decode, check, apply to the board."""
    clock, monitor = SystemClock(), FeedMonitor(settings.feed_stale_s, settings.feed_lost_s)
    board = Board(settings.max_units, settings.trail_s, settings.trail_step_s, settings.detection_kinds)
    feed = KafkaFeed(settings)
    pump = Pump(feed, Decoder(settings.max_skew_s), board, clock, monitor, settings.topic_of(), lambda _: None)
    feed.open()
    return lambda: pump.step(0.2)


def measure(step: Callable[[], int], count: int) -> dict[str, float]:
    """Read ``count`` records; the time runs from the first batch on, so that connecting is not in it."""
    deadline, read = time.monotonic() + DEADLINE_S, 0
    while not (first := step()):
        if time.monotonic() > deadline:
            raise RuntimeError("nothing came")
    begin_s, begin_cpu_s = time.monotonic(), time.process_time()
    while read < count - first:
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {read + first} of {count} records came")
        read += step()
    return {"read": read, "seconds": time.monotonic() - begin_s, "cpu_s": time.process_time() - begin_cpu_s}


def probes(settings: Settings, seconds: float) -> list[tuple[str, int, float]]:
    """(unit, mark, Unix ms at which poll() returned it) of every probe's record."""
    reader, seen, decoder = consumer(settings, from_start=False), [], Decoder()
    print("ready", flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for batch in reader.poll(timeout_ms=200).values():
            at = time.time() * 1000
            for record in batch:
                if record.key.startswith(PROBE):
                    fix = decoder.decode(Topic.POSITION, record.key, record.value, None)
                    seen.append((record.key.decode(), mark_of(fix.lat), at))
    return seen


def main() -> None:
    what, servers, prefix, amount = sys.argv[1:]
    settings = settings_for(servers, prefix)
    if what == "probes":
        print(json.dumps(probes(settings, float(amount))))
        return
    processes.pin(0, CORE)
    step = bare_poll(settings) if what == "bare" else wall_step(settings)
    print(json.dumps(measure(step, int(amount))), flush=True)


if __name__ == "__main__":
    main()
