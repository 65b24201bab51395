"""The pump: one thread that takes records from the feed, decodes them and applies them to the board."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from data_feeds.board import Board, Entry
from data_feeds.clock import Clock, ReplayClock
from data_feeds.feed import DeadLetter, Feed, Record
from data_feeds.health import FeedMonitor
from data_feeds.messages import DecodeError, Decoder, Tombstone, unix_ms
from data_feeds.model import Clock as ClockMessage
from data_feeds.model import Message, Topic

log = logging.getLogger("wallboard.ingest")

POLL_S = 0.2
SLICE = 500  # records decoded and applied at a stretch: well under 5 ms, so the event loop is never kept waiting
BACKWARDS_MS = 60_000.0
ERROR_PAUSE_S = 1.0
TIMELESS = frozenset({Topic.ROSTER, Topic.DEVICE})
_EVENT_TIME = {
    Topic.POSITION: attrgetter("fix_time"), Topic.TELEMETRY: attrgetter("time"), Topic.DETECTION: attrgetter("time"),
    Topic.CLOCK: attrgetter("now"),
}  # fmt: skip


class Pump:
    """Feed → Decoder → Board. ``on_change`` is called on the pump's thread with the topics whose state changed, ``tap``
    with every batch of messages before it is applied."""

    def __init__(
        self, feed: Feed, decoder: Decoder, board: Board, clock: Clock, monitor: FeedMonitor,
        topic_of: Mapping[str, Topic], on_change: Callable[[set[Topic]], None],
        tap: Callable[[Sequence[Entry]], None] | None = None,
    ) -> None:  # fmt: skip
        self._tap = tap
        self._feed, self._decoder, self._board = feed, decoder, board
        self._clock, self._monitor = clock, monitor
        self._topic_of = topic_of
        self._on_change = on_change
        self._told: set[tuple[str, str]] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.clock_message: ClockMessage | None = None
        self.caught_up = threading.Event()
        self.stepped_s = clock.monotonic_s()
        self._clock_offset_ms: float | None = None

    def start(self) -> None:
        """Open the feed and begin."""
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread and close the feed."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        self._monitor.opened(self._clock.monotonic_s())  # a feed that cannot open is silent too
        opened = False
        while not self._stop.is_set():
            try:
                if not opened:
                    self._feed.open()
                    opened = True
                self._look_at_the_clock()
                self.step(POLL_S)
                self.stepped_s = self._clock.monotonic_s()
            except Exception:
                # Whatever it is, a wall without a feed is worse: count it, say it, go on.
                self._monitor.problem("pump_error")
                log.exception("the pump met an error that it does not know; it goes on")
                self._stop.wait(ERROR_PAUSE_S)
        self._feed.close()

    def step(self, timeout_s: float) -> int:
        """One poll, decoded and applied; returns how many records came."""
        records = self._feed.poll(timeout_s)
        for start in range(0, len(records), SLICE):
            self._take(records[start : start + SLICE])
        if not self.caught_up.is_set() and self._feed.caught_up():
            self.caught_up.set()
            log.info("caught up with the feed")
        return len(records)

    def _look_at_the_clock(self) -> None:
        """A system clock set forward makes records right that were refused as too far ahead: read them again."""
        if self._clock.replaying:
            return
        offset_ms = self._clock.now_ms() - self._clock.monotonic_s() * 1000.0
        before_ms, self._clock_offset_ms = self._clock_offset_ms, offset_ms
        if before_ms is not None and offset_ms - before_ms > self._decoder.max_skew_ms:
            step_s = (offset_ms - before_ms) / 1000.0
            log.warning("the system's clock was set forward by %.0f s; states are read again", step_s)
            self._monitor.problem("clock_stepped")
            self._feed.reread()

    def _take(self, records: Sequence[Record]) -> None:
        now_ms = self._judging_ms()
        entries: list[Entry] = []
        letters: list[DeadLetter] = []
        heard: dict[Topic, list[Message | Tombstone]] = {}
        name: str | None = None
        topic: Topic | None = None
        decode = self._decoder.decode
        for record in records:
            if record.topic != name:  # records come in runs of one topic
                name = record.topic
                topic = self._topic_of.get(name)
            if topic is None:
                letters.append(self._refuse(topic, record, DecodeError("unexpected_topic", record.topic)))
                continue
            try:
                message = decode(topic, record.key, record.value, now_ms)
            except DecodeError as error:
                letters.append(self._refuse(topic, record, error))
                continue
            except Exception as error:  # nobody foresaw it: still one record, not the whole poll
                letters.append(self._refuse(topic, record, DecodeError("internal", type(error).__name__)))
                continue
            if topic in heard:
                heard[topic].append(message)
            else:
                heard[topic] = [message]
            if topic is Topic.CLOCK and isinstance(message, ClockMessage):
                if self._set_clock(message):
                    # What came before belongs to another run of the replay; who is on duty still holds.
                    entries = [entry for entry in entries if entry[0] in TIMELESS]
                now_ms = self._judging_ms()
            else:
                entries.append((topic, message))
        self._finish(entries, letters, heard)

    def _judging_ms(self) -> float | None:
        """The moment by which records are too far ahead; None before a replay's clock was heard."""
        now_ms = self._clock.now_ms()
        if self._clock.replaying and not now_ms:
            return None
        # Every second of delay between a replay's clock and its records is ``speed`` seconds of its time.
        return now_ms + max(0.0, self._clock.speed - 1) * self._decoder.max_skew_ms

    def _finish(
        self, entries: list[Entry], letters: list[DeadLetter], heard: dict[Topic, list[Message | Tombstone]]
    ) -> None:
        mono_s = self._clock.monotonic_s()
        for topic, messages in heard.items():
            self._monitor.note(topic, len(messages), _typical_ms(topic, messages), mono_s)
        if self._tap:
            self._tap(entries)
        changed = self._apply(entries, mono_s)
        if letters and (dropped := self._feed.dead_letter(letters)):
            self._monitor.problem("dead_letters_dropped", dropped)
        if changed:
            self._on_change(changed)

    def _apply(self, entries: list[Entry], mono_s: float) -> set[Topic]:
        try:
            return self._board.apply(entries, mono_s)
        except Exception:
            self._monitor.problem("board_error")
            log.exception("a batch of %d messages failed on the board; they are applied one by one", len(entries))
        changed: set[Topic] = set()
        for entry in entries:  # applying twice changes nothing
            with contextlib.suppress(Exception):
                changed |= self._board.apply([entry], mono_s)
        return changed

    def _set_clock(self, message: ClockMessage) -> bool:
        """Take a replay's clock; returns whether it begins anew, so that what was ahead of it is void."""
        self.clock_message = message
        if not isinstance(self._clock, ReplayClock):
            return False
        now_ms = message.now.timestamp() * 1000.0
        before_ms = self._clock.now_ms()
        went_back = now_ms < before_ms - BACKWARDS_MS * max(1.0, message.speed)
        self._clock.set(now_ms, message.speed)
        if went_back:
            log.info("the replay's clock went back: places, incidents and drones start anew")
            self._board.restart()
            self._monitor.forget_times()
        elif not before_ms:
            self._board.forget_ahead(now_ms + self._decoder.max_skew_ms * max(1.0, message.speed))
        return went_back

    def _refuse(self, topic: Topic | None, record: Record, error: DecodeError) -> DeadLetter:
        self._monitor.refused(topic, error.kind)
        cause = (record.topic, error.kind)
        if cause not in self._told:
            self._told.add(cause)
            log.warning(
                "%s[%d] offset %d refused: %s (%s); kept in the dead letters; further ones are only counted",
                record.topic, record.partition, record.offset, error.kind, error.detail,
            )  # fmt: skip
        return DeadLetter(
            record.topic, record.partition, record.offset, record.key, record.value, error.kind, error.detail
        )


def _typical_ms(topic: Topic, messages: Sequence[Message | Tombstone]) -> float | None:
    """The median event time of ``messages`` in Unix ms: one device whose clock is fast must not speak for all.

    None where the topic has no event times.
    """
    event_time = _EVENT_TIME.get(topic)
    if event_time is None:
        return None
    times = sorted(event_time(m) for m in messages if type(m) is not Tombstone)
    return unix_ms(times[len(times) // 2]) if times else None
