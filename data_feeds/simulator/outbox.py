"""What is said, as records of topics: the bytes that a real city's systems would write to Kafka."""

from __future__ import annotations

import msgspec

from data_feeds.model import Message, Topic

Said = tuple[Topic, bytes, bytes | None]
_encode = msgspec.json.Encoder().encode


def said(topic: Topic, entity_id: str, message: Message | None) -> Said:
    """One record; a message None is a tombstone."""
    return topic, entity_id.encode(), None if message is None else _encode(message)


class Outbox:
    """Gathers what the parts of the life say, in order."""

    def __init__(self) -> None:
        self._said: list[Said] = []

    def say(self, topic: Topic, entity_id: str, message: Message | None) -> None:
        self._said.append(said(topic, entity_id, message))

    def add(self, records: list[Said]) -> None:
        self._said += records

    def take(self) -> list[Said]:
        """All that was said since the last time."""
        taken, self._said = self._said, []
        return taken
