"""Writes records to the wall's topics: for replays, the simulator, dead letters and tests."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from typing import Any

from kafka.errors import (
    AuthorizationError,
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)

from data_feeds.kafka_client import MAX_MESSAGE_BYTES, open_producer
from data_feeds.model import Topic
from data_feeds.settings import Settings

BUFFER_BYTES = 32 * 1024 * 1024
BLOCK_S = 60.0
METADATA_WAIT_MS = 10_000
DELIVERY_TIMEOUT_MS = 120_000
RECORD_OVERHEAD_BYTES = 200
# a dead letter is a record of the largest size with its headers added
MAX_REQUEST_BYTES = MAX_MESSAGE_BYTES + 64 * 1024


class KafkaWriteError(RuntimeError):
    """Records could not be written. ``permanent``: the same record would fail again however long one waits."""

    def __init__(self, text: str, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class KafkaWriter:
    """An idempotent producer with acks=all and a bounded buffer. Methods are safe from any thread.

    Raises KafkaUnavailable when no broker answers at the start. Topics are never created by writing to them.
    ``acknowledged`` and ``failed`` count records.
    """

    def __init__(self, settings: Settings, *, linger_ms: int = 5, compression: str | None = "lz4",
                 buffer_bytes: int = BUFFER_BYTES, block_s: float = BLOCK_S,
                 delivery_timeout_ms: int = DELIVERY_TIMEOUT_MS) -> None:
        self._settings = settings
        self._buffer_bytes = buffer_bytes
        self._block_s = block_s
        self._room = threading.Condition()
        self._waiting_bytes = 0
        self._waiting_records = 0
        self._first_failure: tuple[str, Exception] | None = None
        self.acknowledged = 0
        self.failed = 0
        self._producer = open_producer(
            settings, linger_ms=linger_ms, compression_type=compression, batch_size=128 * 1024,
            max_block_ms=METADATA_WAIT_MS, max_request_size=MAX_REQUEST_BYTES, delivery_timeout_ms=delivery_timeout_ms,
        )

    def send(self, topic: Topic, key: bytes | None, value: bytes | None, timestamp_ms: int | None = None,
             headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Queue one record; ``value`` None is a tombstone. Topics that stamp arrival times ignore ``timestamp_ms``.

        Waits while the buffer is full. Raises KafkaWriteError when it stays full, the topic does not exist or the
        record is too large; what fails later is raised by ``flush``.
        """
        self._queue(topic, key, value, timestamp_ms, headers)

    def write(self, topic: Topic, key: bytes, value: bytes, timeout_s: float) -> None:
        """Write one record; returns when the broker has acknowledged it.

        Raises KafkaWriteError as ``send`` does, when the broker did not take it, or after ``timeout_s``.
        """
        try:
            self._queue(topic, key, value, None, ()).get(timeout_s)
        except KafkaError as error:
            raise self._explained(self._settings.topic_name(topic), error) from error

    def _queue(self, topic: Topic, key: bytes | None, value: bytes | None, timestamp_ms: int | None,
               headers: Sequence[tuple[str, bytes]]) -> Any:
        name = self._settings.topic_name(topic)
        size = len(key or b"") + len(value or b"") + RECORD_OVERHEAD_BYTES
        self._take_room(size)
        try:
            future = self._producer.send(name, key=key, value=value, timestamp_ms=timestamp_ms, headers=list(headers))
        except (KafkaError, ValueError) as error:
            self._settled(size, name, error, raised=True)
            raise self._explained(name, error) from error
        future.add_callback(lambda _: self._settled(size, name, None))
        future.add_errback(lambda error: self._settled(size, name, error))
        return future

    def flush(self, timeout_s: float = 60.0) -> None:
        """Wait until everything queued so far is acknowledged.

        Raises KafkaWriteError with the first failure since the last flush, or when ``timeout_s`` passes.
        """
        # the producer's own flush would take the time once for every batch
        with self._room:
            if not self._room.wait_for(lambda: self._waiting_records == 0, timeout_s):
                raise KafkaWriteError(
                    f"{self._waiting_records} records were not acknowledged by Kafka at "
                    f"{self._settings.kafka_bootstrap_servers} within {timeout_s:.0f} s"
                )
            failure, self._first_failure = self._first_failure, None
        if failure:
            raise self._explained(*failure) from failure[1]

    def close(self, timeout_s: float = 10.0) -> None:
        """Send what is queued if the broker takes it within ``timeout_s``, then release everything; idempotent."""
        with self._room:
            all_sent = self._room.wait_for(lambda: self._waiting_records == 0, timeout_s)
        if not all_sent:
            self._producer._sender.force_close()  # the public close() waits for batches that nobody will take
        with contextlib.suppress(KafkaTimeoutError):
            self._producer.close(timeout=timeout_s)

    def __enter__(self) -> KafkaWriter:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _take_room(self, size: int) -> None:
        # kafka-python 3 queues without any bound of its own
        with self._room:
            if not self._room.wait_for(
                lambda: self._waiting_bytes == 0 or self._waiting_bytes + size <= self._buffer_bytes, self._block_s
            ):
                raise KafkaWriteError(
                    f"{self._waiting_records} records wait for Kafka at {self._settings.kafka_bootstrap_servers} and "
                    f"none left within {self._block_s:.0f} s; is the broker alive?"
                )
            self._waiting_bytes += size
            self._waiting_records += 1

    def _settled(self, size: int, name: str, error: Exception | None, raised: bool = False) -> None:
        with self._room:
            self._waiting_bytes -= size
            self._waiting_records -= 1
            if error is None:
                self.acknowledged += 1
            else:
                self.failed += 1
                if not raised:
                    self._first_failure = self._first_failure or (name, error)
            self._room.notify_all()

    def _explained(self, name: str, error: Exception) -> KafkaWriteError:
        where = self._settings.kafka_bootstrap_servers
        if isinstance(error, MessageSizeTooLargeError | RecordListTooLargeError):
            return KafkaWriteError(f"topic {name} takes no record of this size: {error}", permanent=True)
        if isinstance(error, InvalidTopicError):
            return KafkaWriteError(f"{name!r} is no name of a topic", permanent=True)
        if isinstance(error, AuthorizationError):
            return KafkaWriteError(f"Kafka at {where} does not let us write to topic {name}: {error}")
        if isinstance(error, UnknownTopicOrPartitionError) or (
            isinstance(error, KafkaTimeoutError) and "metadata" in str(error).lower()
        ):
            return KafkaWriteError(
                f"topic {name} does not exist on Kafka at {where}, or no broker answers there; "
                "make it with: python -m data_feeds.topics create"
            )
        permanent = isinstance(error, ValueError) or not getattr(error, "retriable", True)
        kind, said = type(error).__name__, str(error)
        said = said if kind in said else f"{kind}: {said}"  # most of the library's texts begin with their kind
        return KafkaWriteError(f"topic {name} on Kafka at {where}: {said}", permanent)
