"""Positions at rates that kafka-python's producer cannot reach beside a broker and a wall on two cores.

``python -m bench.torrent SERVERS TOPIC RATE SECONDS`` prints JSON: the rate that was really sent.
"""

from __future__ import annotations

import json
import sys
import time

from confluent_kafka import Producer

from bench.moving import MovingUnits

UNITS = 10_000
SLICE_S = 0.02
FLUSH_S = 30.0


def send(servers: str, topic: str, rate: int, seconds: float) -> float:
    """Send ``rate`` fixes a second of 10,000 units in turns; returns the rate that was reached, records a second."""
    units, part = MovingUnits(UNITS), max(1, round(rate * SLICE_S))
    producer = Producer({
        "bootstrap.servers": servers, "linger.ms": 5, "compression.type": "lz4", "acks": 1,
        "queue.buffering.max.messages": 500_000,
    })  # fmt: skip
    begin_s, sent, at = time.time(), 0, 0
    while (now_s := time.time()) < begin_s + seconds:
        for key, value in units.positions(slice(at, at + part), now_s):
            producer.produce(topic, value, key)
            sent += 1
        at = at + part if at + part < UNITS else 0
        producer.poll(0)
        time.sleep(max(0.0, begin_s + sent / rate - time.time()))
    wall_s = time.time() - begin_s
    if producer.flush(FLUSH_S):
        raise RuntimeError("the broker does not take the load")
    return sent / wall_s


if __name__ == "__main__":
    print(json.dumps({"rate": send(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))}))
