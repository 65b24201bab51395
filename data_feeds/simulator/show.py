"""Plays a life to a target in real time, and says how it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TextIO

from data_feeds.clock import Clock
from data_feeds.model import DispatchOrder, Topic
from data_feeds.pacing import Target
from data_feeds.simulator.life import Life
from data_feeds.simulator.outbox import Said

STEP_S = 1.0
LINE_EVERY_S = 15.0


class Show:
    """``wait(seconds)`` sleeps and returns whether to stop; ``tell`` takes a line for people now and then; ``orders``
    gives those that came since it was last asked."""

    def __init__(
        self, life: Life, target: Target, clock: Clock, wait: Callable[[float], bool], tell: Callable[[str], None],
        orders: Callable[[], Iterable[DispatchOrder]] = lambda: (),
    ) -> None:  # fmt: skip
        self._life, self._target, self._clock, self._wait, self._tell = life, target, clock, wait, tell
        self._orders = orders
        self.sent: Counter[Topic] = Counter()
        self.late = 0  # steps that took longer than they may

    def run(self, seconds: float | None = None) -> None:
        """Send the present, the past, then every second what happens, for ``seconds`` or until told to stop."""
        self._send(self._life.begin())
        self._send(self._life.absent())
        self._send(self._life.past())
        self._target.flush()
        begun_s = due_s = told_s = self._clock.monotonic_s()
        before = self.sent.total()
        self._tell(self._line(None))
        while seconds is None or self._clock.monotonic_s() - begun_s < seconds:
            due_s += STEP_S
            left_s = due_s - self._clock.monotonic_s()
            if left_s < -STEP_S:
                self.late += 1
                due_s = self._clock.monotonic_s()
            if self._wait(max(left_s, 0.0)):
                break
            for order in self._orders():
                self._life.order(order)
            self._send(self._life.step(self._clock.now_ms() / 1000.0))
            now_s = self._clock.monotonic_s()
            if now_s - told_s >= LINE_EVERY_S:
                self._tell(self._line((self.sent.total() - before) / (now_s - told_s)))
                told_s, before = now_s, self.sent.total()
        self._send(self._life.end())
        self._target.flush()

    def _send(self, records: Iterable[Said]) -> None:
        for topic, key, value in records:
            self._target.send(topic, key, value)
            self.sent[topic] += 1

    def _line(self, rate: float | None) -> str:
        speed = "" if rate is None else f" · {rate:,.0f} messages/s"
        slow = f" · {self.late} steps late" if self.late else ""
        return f"{self._life.summary()} · {self.sent.total():,} sent{speed}{slow}"


def lines_to(stream: TextIO, name: str) -> Callable[[str], None]:
    """Lines under ``name``; on a terminal each replaces the one before."""
    terminal = stream.isatty()

    def tell(text: str) -> None:
        print(f"\r\x1b[K{name}: {text}" if terminal else f"{name}: {text}", end="" if terminal else "\n",
              file=stream, flush=True)  # fmt: skip

    return tell
