"""A timeline at a chosen speed: when each record is due, and the clock topic that tells the walls what "now" is."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from data_feeds.clock import Clock
from data_feeds.model import CLOCK_KEY, Topic
from data_feeds.model import Clock as ClockMessage
from data_feeds.timeline import Event, Timeline

CLOCK_EVERY_S = 1.0
STEP_S = 0.05  # records that fall due within one step leave together
MAX_BEHIND_S = 2.0
# What a wall must not remember of an earlier run, whose versions and times would outrank this one's.
CLEARED = (Topic.INCIDENT, Topic.STATUS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode


class Target(Protocol):
    """Where records go. ``settle_s``: seconds until every wall will have heard what was flushed."""

    @property
    def settle_s(self) -> float: ...
    @property
    def remembers(self) -> bool:
        """Whether records of an earlier run may still be there."""
        ...

    def send(self, topic: Topic, key: bytes, value: bytes | None) -> None: ...
    def flush(self) -> None: ...


class Progress(Protocol):
    """Hears how far the replay is: events walked, and the replay's time in Unix microseconds."""

    def advance(self, events: int, at_us: int) -> None: ...


class Pace:
    """Replay time against real time. Times of the replay in Unix microseconds, real ones in monotonic seconds."""

    def __init__(self, start_us: int, speed: float, now_s: float) -> None:
        if not speed > 0:
            raise ValueError("speed must be above 0")
        self.speed = speed
        self.restart(start_us, now_s)

    def restart(self, at_us: int, now_s: float) -> None:
        """From now on it is ``at_us``."""
        self._at_us, self._began_s = at_us, now_s

    def position_us(self, now_s: float) -> int:
        """The replay's time at ``now_s``."""
        return self._at_us + round((now_s - self._began_s) * self.speed * 1e6)

    def due_s(self, at_us: int) -> float:
        """When ``at_us`` comes."""
        return self._began_s + (at_us - self._at_us) / (self.speed * 1e6)


class Player:
    """Plays a timeline to a target. ``wait(seconds)`` sleeps and tells whether to stop; ``speed`` 0: without pauses.

    ``sent`` counts records by topic, ``stalls`` how often the target was so slow that the clock had to wait for it.
    """

    def __init__(
        self, timeline: Timeline, target: Target, clock: Clock, wait: Callable[[float], bool], progress: Progress,
        speed: float, source: str, lacks: Sequence[str],
    ) -> None:  # fmt: skip
        self._timeline, self._target, self._progress = timeline, target, progress
        self._clock, self._wait = clock, wait
        self._speed = speed
        self._source, self._lacks = source, list(lacks)
        self.sent: Counter[Topic] = Counter()
        self.stalls = 0

    def play(self, again: bool = False) -> bool:
        """The whole timeline once; False when it was stopped. ``again``: not the first time in this process."""
        if again or self._target.remembers:
            for topic, keys in self._timeline.keys(CLEARED).items():
                for key in keys:
                    self._send(topic, key, None)
            # said at speed 1: a wall allows a fast clock to jitter back, and must not take this for jitter
            self._publish(self._timeline.start_us, 1.0)
        # without pauses there is no "now" but the end: no record may lie in the future of the clock
        self._publish(self._timeline.start_us if self._speed else self._timeline.end_us)
        self._target.flush()
        if self._target.settle_s and self._wait(self._target.settle_s):
            return False
        done = self._paced(again) if self._speed else self._unpaced(again)
        self._target.flush()
        if done:
            # the clock stands still once nothing follows; at speed 1 it stops where the recording does
            self._publish(self._timeline.end_us, 1.0)
            self._target.flush()
        return done

    def _unpaced(self, quiet: bool) -> bool:
        told_s = self._clock.monotonic_s()
        for walked, events in self._timeline.play(quiet):
            self._send_all(events)
            self._progress.advance(walked, events[-1].at_us if events else 0)
            if self._clock.monotonic_s() - told_s >= CLOCK_EVERY_S:
                told_s = self._clock.monotonic_s()
                self._publish(self._timeline.end_us)
            if self._wait(0.0):
                return False
        return True

    def _paced(self, quiet: bool) -> bool:
        pace = Pace(self._timeline.start_us, self._speed, self._clock.monotonic_s())
        told_s = self._clock.monotonic_s()
        for walked, events in self._timeline.play(quiet):
            due = [event.at_us for event in events]
            sent = 0
            while sent < len(events):
                now_s = self._clock.monotonic_s()
                if now_s - told_s >= CLOCK_EVERY_S:
                    told_s = now_s
                    self._publish(pace.position_us(now_s))
                upto = bisect_right(due, pace.position_us(now_s), lo=sent)
                if upto > sent:
                    self._send_all(events[sent:upto])
                    self._progress.advance(upto - sent, due[upto - 1])
                    sent = upto
                    self._wait_for_slow(pace, due[upto - 1])
                    continue
                next_s = min(pace.due_s(due[sent]), told_s + CLOCK_EVERY_S)
                if self._wait(max(next_s - now_s, STEP_S)):
                    return False
            self._progress.advance(walked - len(events), due[-1] if due else 0)
            if self._wait(0.0):
                return False
        return True

    def _wait_for_slow(self, pace: Pace, last_us: int) -> None:
        """A target that cannot keep up slows the replay's clock, else everything would look old."""
        now_s = self._clock.monotonic_s()
        if now_s - pace.due_s(last_us) > MAX_BEHIND_S:
            self.stalls += 1
            pace.restart(last_us, now_s)
            self._publish(last_us)

    def _send_all(self, events: Sequence[Event]) -> None:
        for event in events:
            self._send(event.topic, event.key, event.value)

    def _send(self, topic: Topic, key: bytes, value: bytes | None) -> None:
        self._target.send(topic, key, value)
        self.sent[topic] += 1

    def _publish(self, now_us: int, speed: float | None = None) -> None:
        now, since = (_EPOCH + timedelta(microseconds=us) for us in (now_us, self._timeline.start_us))
        message = ClockMessage(now, speed or self._speed or 1.0, self._source, self._lacks, since)
        self._send(Topic.CLOCK, CLOCK_KEY, _encode(message))
