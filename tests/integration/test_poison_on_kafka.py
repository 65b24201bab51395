"""Bytes that nobody can use, from a real broker through the pump: counted, kept as dead letters, and passed by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
from kafka import KafkaConsumer

from data_feeds.board import Board
from data_feeds.clock import SystemClock
from data_feeds.health import FeedMonitor
from data_feeds.ingest import Pump
from data_feeds.kafka_client import client_config
from data_feeds.kafka_feed import KafkaFeed, KafkaWriter
from data_feeds.messages import Decoder
from data_feeds.model import Topic, VehiclePosition
from data_feeds.settings import Settings
from tests.integration.reading import DEADLINE_S, POLL_S

NOW = datetime.fromtimestamp(SystemClock().now_ms() / 1000.0, tz=UTC)


def fix(unit_id: str, **others: object) -> bytes:
    fields = {"unit_id": unit_id, "lat": 31.2, "lon": 121.5, "fix_time": NOW, **others}
    return msgspec.json.encode(fields)


POISON: dict[str, tuple[bytes | None, bytes | None]] = {
    "not_json": (b"p1", b"{half a message"),
    "bad_utf8": (b"p2", b'{"unit_id":"\xff\xfe"}'),
    "too_deep": (b"p3", b'{"unit_id":"p3","x":' + b"[" * 20_000),
    "wrong_type": (b"p4", fix("p4", speed_mps="fast")),
    "bad_coordinates": (b"p5", fix("p5", lat=91.0)),
    "null_island": (b"p6", fix("p6", lat=0.0, lon=0.0)),
    "future_time": (b"p7", fix("p7", fix_time=NOW + timedelta(hours=1))),
    "too_large": (b"p8", b" " * 70_000),
    "empty_key": (None, fix("p9")),
}


def test_poison_reaches_the_dead_letters_and_the_feed_goes_on(
    settings: Settings, open_feed: Callable[..., KafkaFeed], open_writer: Callable[..., KafkaWriter]
) -> None:
    writer = open_writer(settings)
    for number, (key, value) in enumerate(POISON.values()):
        writer.send(Topic.POSITION, key, value)
        good = VehiclePosition(f"u{number}", 31.2, 121.5, NOW)
        writer.send(Topic.POSITION, good.unit_id.encode(), msgspec.json.encode(good))
    writer.send(Topic.POSITION, b"gone", None)  # a tombstone is no poison
    writer.flush()

    feed, board, clock = open_feed(settings), Board(1000, 1800.0, 10.0), SystemClock()
    monitor = FeedMonitor(15.0, 60.0)
    pump = Pump(feed, Decoder(), board, clock, monitor, settings.topic_of(), lambda _: None)
    end_s = clock.monotonic_s() + DEADLINE_S
    while not (pump.caught_up.is_set() and feed.dead_letters_sent >= len(POISON)):
        assert clock.monotonic_s() < end_s, monitor.problems
        pump.step(POLL_S)

    assert {kind: monitor.problems[kind] for kind in POISON} == dict.fromkeys(POISON, 1)
    consumer = KafkaConsumer(settings.topic_name(Topic.DEADLETTER), **client_config(settings),
                             auto_offset_reset="earliest")
    letters = {}
    while len(letters) < len(POISON):
        for batch in consumer.poll(timeout_ms=500).values():
            letters |= {dict(record.headers)["reason"].decode(): record for record in batch}
    consumer.close()
    position = settings.topic_name(Topic.POSITION).encode()
    for kind, (key, value) in POISON.items():
        headers = dict(letters[kind].headers)
        assert letters[kind].value == value
        assert headers.get("original_key") == key
        assert headers["topic"] == position
        assert letters[kind].key == b"/".join((position, headers["partition"], headers["offset"]))
    assert feed.dead_letters_dropped == 0
