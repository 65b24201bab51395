"""Where a replay's records go: to a broker, or to the wall in this process."""

from __future__ import annotations

from typing import Any

from data_feeds.clock import Clock
from data_feeds.model import Topic
from data_feeds.queue_feed import QueueFeed
from data_feeds.settings import Settings

SETTLE_S = 0.5  # longer than a consumer waits for a fetch


class KafkaTarget:
    """Records to a broker. ``writer`` is a KafkaWriter."""

    settle_s = SETTLE_S
    remembers = True

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def send(self, topic: Topic, key: bytes, value: bytes | None) -> None:
        self._writer.send(topic, key, value)

    def flush(self) -> None:
        self._writer.flush()


class QueueTarget:
    """Records to the wall in this process."""

    settle_s = 0.0
    remembers = False

    def __init__(self, feed: QueueFeed, settings: Settings, clock: Clock) -> None:
        self._feed, self._clock = feed, clock
        self._names = {topic: settings.topic_name(topic) for topic in Topic}

    def send(self, topic: Topic, key: bytes, value: bytes | None) -> None:
        self._feed.offer(self._names[topic], key, value, int(self._clock.now_ms()))

    def flush(self) -> None:
        """Nothing is held back."""
