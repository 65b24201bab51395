"""The dead-letter box with a writer of our own making."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from data_feeds.dead_letters import MAX_VALUE_BYTES, DeadLetterBox, LetterRecord
from data_feeds.feed import DeadLetter
from data_feeds.model import Topic

DEADLINE_S = 30.0


def letter(offset: int, key: bytes | None = b"k", value: bytes | None = b"v", reason: str = "not_json") -> DeadLetter:
    return DeadLetter("t", 2, offset, key, value, reason, "detail")


class Refusal(RuntimeError):
    def __init__(self, permanent: bool) -> None:
        super().__init__("refused")
        self.permanent = permanent


class ListWriter:
    """Keeps what is flushed; refuses what it is told to."""

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[bytes | None, dict[str, bytes]]] = {}
        self.refuse: Callable[[bytes], Exception | None] = lambda _: None
        self.closed = False

    def send(self, topic: Topic, key: bytes | None, value: bytes | None, timestamp_ms: int | None = None,
             headers: Sequence[tuple[str, bytes]] = ()) -> None:
        assert topic is Topic.DEADLETTER
        assert key is not None
        if error := self.refuse(key):
            raise error
        self.kept[key] = (value, dict(headers))

    def flush(self, timeout_s: float = 0.0) -> None:
        pass

    def close(self, timeout_s: float = 0.0) -> None:
        self.closed = True


@pytest.fixture
def writer() -> ListWriter:
    return ListWriter()


@pytest.fixture
def box(writer: ListWriter) -> Iterator[DeadLetterBox]:
    made = DeadLetterBox(lambda: writer, max_letters=10, max_bytes=10_000, first_pause_s=0.01)
    yield made
    made.close(DEADLINE_S)


def until(holds: Callable[[], bool]) -> None:
    """Wait for ``holds``; the deadline only ends a test that hangs."""
    waiting = threading.Event()
    for _ in range(int(DEADLINE_S / 0.01)):
        if holds():
            return
        waiting.wait(0.01)
    raise AssertionError("gave up waiting")


def test_letters_are_written_under_their_place(box: DeadLetterBox, writer: ListWriter) -> None:
    assert box.put([letter(1), letter(2, key=None, value=None, reason="empty_key")]) == 0
    until(lambda: box.sent == 2)
    value, headers = writer.kept[b"t/2/1"]
    assert value == b"v"
    assert headers == {"reason": b"not_json", "detail": b"detail", "topic": b"t", "partition": b"2", "offset": b"1",
                       "original_key": b"k"}
    value, headers = writer.kept[b"t/2/2"]
    assert value == b"", "a null would erase the letter from a compacted topic"
    assert headers["original_value"] == b"null"
    assert "original_key" not in headers


def test_too_many_letters_are_dropped_and_counted(writer: ListWriter) -> None:
    hold = threading.Event()

    def slow() -> ListWriter:
        hold.wait(DEADLINE_S)
        return writer

    box = DeadLetterBox(slow, max_letters=10, max_bytes=10_000)
    assert box.put([letter(offset) for offset in range(15)]) == 5
    assert (box.sent, box.dropped) == (0, 5)
    hold.set()
    until(lambda: box.sent == 10)
    assert box.dropped == 5
    box.close(DEADLINE_S)
    assert writer.closed


def test_too_many_bytes_are_dropped_and_counted(box: DeadLetterBox) -> None:
    assert box.put([letter(1, value=b"x" * 20_000)]) == 1
    assert box.dropped == 1


def test_an_outage_is_waited_out(box: DeadLetterBox, writer: ListWriter) -> None:
    tries = 0

    def refuse(_: bytes) -> Exception | None:
        nonlocal tries
        tries += 1
        return Refusal(permanent=False) if tries < 5 else None

    writer.refuse = refuse
    box.put([letter(1), letter(2)])
    until(lambda: box.sent == 2)
    assert box.dropped == 0


def test_a_letter_that_nobody_takes_costs_only_itself(box: DeadLetterBox, writer: ListWriter) -> None:
    writer.refuse = lambda key: Refusal(permanent=True) if key == b"t/2/2" else None
    box.put([letter(1), letter(2), letter(3)])
    until(lambda: box.sent == 2)
    assert box.dropped == 1
    assert set(writer.kept) == {b"t/2/1", b"t/2/3"}


def test_no_thread_starts_without_letters() -> None:
    def never() -> ListWriter:
        raise AssertionError("no writer is needed")

    box = DeadLetterBox(never)
    assert box.put([]) == 0
    box.close()


def test_after_closing_letters_are_dropped(box: DeadLetterBox) -> None:
    box.close(DEADLINE_S)
    assert box.put([letter(1)]) == 1


def test_a_huge_value_is_cut_and_says_how_long_it_was() -> None:
    record = LetterRecord(letter(1, value=b"x" * (MAX_VALUE_BYTES + 1)))
    assert len(record.value) < MAX_VALUE_BYTES
    assert dict(record.headers)["original_value_bytes"] == str(MAX_VALUE_BYTES + 1).encode()
    assert LetterRecord(letter(1, value=b"x" * MAX_VALUE_BYTES)).value == b"x" * MAX_VALUE_BYTES
