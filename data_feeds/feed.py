"""What every feed of records is, whether it comes from a broker or from inside the process."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from data_feeds.model import Topic

# Where reading begins: (the topic's log, its kind, partition, earliest offset, end) → first offset to read.
Begin = Callable[[str, Topic, int, int, int], int]


class Record(Protocol):
    """One record as a log keeps it; kafka-python's own record has this shape, so none is copied."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class PlainRecord(NamedTuple):
    """A record made inside the process. ``timestamp`` in Unix milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class DeadLetter(NamedTuple):
    """Bytes that could not be used, where they lay and why."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class TopicHealth:
    """How far one topic has been read.

    ``lag`` in records (None: not known), ``confirmed_s`` the monotonic time at which the broker last confirmed that
    nothing newer existed or delivered something (None: never), ``missing`` when the topic does not exist yet.
    """

    topic: Topic
    lag: int | None = None
    confirmed_s: float | None = None
    missing: bool = False


LETTERS_KEPT = 1_000


class LetterBox:
    """The last ``kept`` dead letters, for feeds without a broker to send them to."""

    def __init__(self, kept: int = LETTERS_KEPT) -> None:
        self.letters: deque[DeadLetter] = deque(maxlen=kept)
        self._kept = kept

    def dead_letter(self, letters: Sequence[DeadLetter]) -> int:
        dropped = max(0, len(self.letters) + len(letters) - self._kept)
        self.letters.extend(letters)
        return dropped

    def reread(self) -> None:
        """Nothing is kept here that could be read again."""

    def counters(self) -> Mapping[str, int]:
        return {"dead_letters_kept": len(self.letters)}


class Feed(Protocol):
    """A source of records. All but ``health``, ``counters`` and ``dead_letter`` are called from one thread only.

    ``poll`` never raises for an outage: it returns nothing, reconnects by itself and tells of it through ``health``.
    """

    def open(self) -> None:
        """Connect, or begin to try."""
        ...

    def poll(self, timeout_s: float) -> Sequence[Record]:
        """The next records in order per partition; empty after ``timeout_s`` seconds without any."""
        ...

    def caught_up(self) -> bool:
        """Whether everything that existed when the feed was opened has been returned by ``poll``."""
        ...

    def health(self) -> Sequence[TopicHealth]:
        """One entry a topic; safe from any thread."""
        ...

    def dead_letter(self, letters: Sequence[DeadLetter]) -> int:
        """Keep ``letters`` for later inspection without blocking; returns how many were dropped for want of room."""
        ...

    def reread(self) -> None:
        """Return the states (roster, status, devices, incidents) once more, as far as the source still has them."""
        ...

    def counters(self) -> Mapping[str, int]:
        """What the feed counts itself, by name; safe from any thread."""
        ...

    def close(self) -> None:
        """Release everything; idempotent."""
        ...


class NoFeed(LetterBox):
    """The feed of a wall that only shows what was: nothing ever comes, and nothing is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._closed = threading.Event()

    def open(self) -> None:
        self._closed.clear()

    def poll(self, timeout_s: float) -> Sequence[Record]:
        self._closed.wait(timeout_s)
        return ()

    def caught_up(self) -> bool:
        return True

    def health(self) -> Sequence[TopicHealth]:
        return ()

    def close(self) -> None:
        self._closed.set()
