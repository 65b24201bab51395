"""Keeps unusable records on the dead-letter topic without ever holding up the feed that found them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from data_feeds.feed import DeadLetter
from data_feeds.model import Topic

log = logging.getLogger(__name__)

MAX_LETTERS = 2_000
MAX_BYTES = 16 * 1024 * 1024
MAX_VALUE_BYTES = 1_048_576
KEPT_OF_LONGER_BYTES = 64 * 1024
MAX_HEADER_BYTES = 1_024
BATCH = 200
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
FLUSH_S = 20.0
CLOSE_S = 3.0


class Writer(Protocol):
    """The part of KafkaWriter used here. ``send`` and ``flush`` raise when the broker does not take a record."""

    def send(self, topic: Topic, key: bytes | None, value: bytes | None, timestamp_ms: int | None = None,
             headers: Sequence[tuple[str, bytes]] = ()) -> None: ...
    def flush(self, timeout_s: float = ...) -> None: ...
    def close(self, timeout_s: float = ...) -> None: ...


class LetterRecord:
    """A dead letter as a record: key ``topic/partition/offset``, so that replicas and restarts write the same one."""

    __slots__ = ("headers", "key", "size", "value")

    def __init__(self, letter: DeadLetter) -> None:
        raw = letter.value
        headers = [
            ("reason", letter.reason.encode()[:MAX_HEADER_BYTES]),
            ("detail", letter.detail.encode()[:MAX_HEADER_BYTES]),
            ("topic", letter.topic.encode()),
            ("partition", str(letter.partition).encode()),
            ("offset", str(letter.offset).encode()),
        ]
        if letter.key is not None:
            headers.append(("original_key", letter.key[:MAX_HEADER_BYTES]))
        if raw is None:
            headers.append(("original_value", b"null"))
        elif len(raw) > MAX_VALUE_BYTES:
            headers.append(("original_value_bytes", str(len(raw)).encode()))
            raw = raw[:KEPT_OF_LONGER_BYTES]
        self.key = f"{letter.topic}/{letter.partition}/{letter.offset}".encode()
        self.value = raw or b""  # a null would be a tombstone here and erase the letter
        self.headers = headers
        self.size = len(self.key) + len(self.value) + sum(len(name) + len(text) for name, text in headers)


class DeadLetterBox:
    """A bounded buffer and one background thread that empties it.

    ``sent`` counts letters that the broker acknowledged, ``dropped`` those for which there was no room or that no
    broker would ever take. The thread and its writer start with the first letter.
    """

    def __init__(self, open_writer: Callable[[], Writer], max_letters: int = MAX_LETTERS, max_bytes: int = MAX_BYTES,
                 first_pause_s: float = FIRST_PAUSE_S) -> None:
        self._open_writer = open_writer
        self._max_letters = max_letters
        self._max_bytes = max_bytes
        self._first_pause_s = first_pause_s
        self._queue: deque[LetterRecord] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self.sent = 0
        self.dropped = 0

    def put(self, letters: Sequence[DeadLetter]) -> int:
        """Take ``letters`` without blocking; returns how many were dropped. Safe from any thread."""
        dropped = 0
        with self._changed:
            for letter in letters:
                record = LetterRecord(letter)
                full = len(self._queue) >= self._max_letters or self._bytes + record.size > self._max_bytes
                if full or self._closing:
                    dropped += 1
                    continue
                self._queue.append(record)
                self._bytes += record.size
            self.dropped += dropped
            if self._thread is None and self._queue:
                self._thread = threading.Thread(target=self._run, name="dead-letters", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return dropped

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """Send what is left if that succeeds within ``timeout_s``, then end; idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread:
            thread.join(timeout_s)

    def _run(self) -> None:
        writer: Writer | None = None
        pause_s, failing = self._first_pause_s, False
        while batch := self._next_batch():
            try:
                writer = writer or self._open_writer()
                for record in batch:
                    writer.send(Topic.DEADLETTER, record.key, record.value, headers=record.headers)
                writer.flush(FLUSH_S)
            except Exception as error:  # this thread must outlive every fault of the broker
                if getattr(error, "permanent", False) and writer:
                    self._singly(writer, batch)
                    continue
                if not failing:
                    log.warning("dead letters wait in memory: %s", error)
                failing = True
                if not self._pause(pause_s):
                    break
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                continue
            if failing:
                log.warning("dead letters are written again")
            pause_s, failing = self._first_pause_s, False
            self._done(batch, sent=len(batch))
        if writer:
            writer.close(CLOSE_S / 3)

    def _singly(self, writer: Writer, batch: Sequence[LetterRecord]) -> None:
        """One by one, so that a letter which nobody will ever take costs only itself."""
        for record in batch:
            try:
                writer.send(Topic.DEADLETTER, record.key, record.value, headers=record.headers)
                writer.flush(FLUSH_S)
            except Exception as error:
                if not getattr(error, "permanent", False):
                    return  # the outage that began in between is met by the next round
                log.warning("dead letter %s is lost: %s", record.key.decode(errors="replace"), error)
                self._done([record], sent=0)
            else:
                self._done([record], sent=1)

    def _next_batch(self) -> list[LetterRecord]:
        """The oldest letters, which stay queued until they are done; empty when all is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            return [self._queue[i] for i in range(min(BATCH, len(self._queue)))]

    def _done(self, batch: Sequence[LetterRecord], sent: int) -> None:
        with self._changed:
            for _ in batch:
                self._bytes -= self._queue.popleft().size
            self.sent += sent
            self.dropped += len(batch) - sent

    def _pause(self, seconds: float) -> bool:
        """Sleep, but not beyond the end; False when it is over."""
        with self._changed:
            return not self._changed.wait_for(lambda: self._closing, seconds)
