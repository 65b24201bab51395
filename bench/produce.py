"""Writes moving units to a topic at a steady rate, in a process of its own, and among them probes with known times.

``python -m bench.produce load SERVERS PREFIX RATE SECONDS`` prints, as its last line, when each probe's mark was sent.
A probe is a unit that leaps to the next of MARKS places, each more than two kilometres from the last, so that the map
shows it there at once: its latitude tells which record is seen.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import time

from bench.cluster import settings_for
from bench.moving import MovingUnits
from data_feeds.kafka_client import open_producer
from data_feeds.kafka_writer import KafkaWriter
from data_feeds.model import Topic
from data_feeds.settings import Settings
from data_feeds.simulator.frame import CENTRE

PROBE = b"PROBE-"
PROBES = 40
MARKS = 16
STEP_DEG = 0.03
FIRST_LAT = CENTRE[0] - STEP_DEG * MARKS / 2
PROBE_EVERY_S = (2.2, 3.2)  # longer than a tick and its patience, so that no mark hides another
SLICE_S = 0.02


def mark_of(lat: float) -> int:
    """Which mark a latitude means."""
    return round((lat - FIRST_LAT) / STEP_DEG)


def probe_ids() -> list[str]:
    """The probes' unit ids."""
    return [f"{PROBE.decode()}{k:02d}" for k in range(PROBES)]


def probe_value(unit_id: str, mark: int, now_s: float) -> bytes:
    """A resting unit's fix at the place of ``mark``."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now_s)) + f".{int(now_s * 1000) % 1000:03d}Z"
    lat, lon = FIRST_LAT + mark * STEP_DEG, CENTRE[1]
    return f'{{"unit_id":"{unit_id}","lat":{lat:.6f},"lon":{lon:.6f},"fix_time":"{at}","accuracy_m":4.5}}'.encode()


def preload(settings: Settings, units: int, rounds: int) -> int:
    """Write ``rounds`` fixes of every unit, a second apart, ending now; returns how many records that are."""
    moving, now_s = MovingUnits(units), time.time()
    with KafkaWriter(settings) as writer:
        for k in range(rounds):
            for key, value in moving.positions(slice(None), now_s - rounds + k):
                writer.send(Topic.POSITION, key, value)
        writer.flush()
    return units * rounds


def load(settings: Settings, rate: int, seconds: float) -> dict[str, object]:
    """Write ``rate`` records a second, each unit's once a second; returns what was sent of the probes."""
    moving, rng = MovingUnits(rate), random.Random(7)
    parts, part = round(1 / SLICE_S), 0
    sent: list[tuple[str, int, float]] = []
    # a bare producer takes half the CPU of a KafkaWriter, which is not what is measured here
    producer = open_producer(settings, linger_ms=5, compression_type="lz4", batch_size=128 * 1024)
    name = settings.topic_name(Topic.POSITION)
    with contextlib.closing(producer):
        begin_s = time.time()
        due = {unit_id: begin_s + rng.uniform(0, PROBE_EVERY_S[1]) for unit_id in probe_ids()}
        marks = dict.fromkeys(due, 0)
        while (now_s := time.time()) < begin_s + seconds:
            for unit_id in [unit_id for unit_id, at in due.items() if at <= now_s]:
                due[unit_id] = now_s + rng.uniform(*PROBE_EVERY_S)
                marks[unit_id] = (marks[unit_id] + 1) % MARKS
                sent.append((unit_id, marks[unit_id], time.time() * 1000))
                value = probe_value(unit_id, marks[unit_id], time.time())
                producer.send(name, key=unit_id.encode(), value=value)
            for key, value in moving.positions(slice(part % parts, None, parts), now_s):
                last = producer.send(name, key=key, value=value)
            part += 1
            time.sleep(max(0.0, begin_s + part * SLICE_S - time.time()))
        wall_s = time.time() - begin_s
        last.get(timeout=30)  # raises when the broker does not take the load
    return {"sent": sent, "rate": part * rate / parts / wall_s}


def main() -> None:
    what, servers, prefix, one, other = sys.argv[1:]
    settings = settings_for(servers, prefix)
    if what == "preload":
        print(json.dumps(preload(settings, int(one), int(other))))
    else:
        print(json.dumps(load(settings, int(one), float(other))))


if __name__ == "__main__":
    main()
