"""How far a replay or an import is, for people: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, TextIO

from tqdm import tqdm

from data_feeds.clock import Clock

LINE_EVERY_S = 10.0


class Display(Protocol):
    """A Progress that can also say something and go away. ``at_us``: the replay's time in Unix microseconds."""

    def advance(self, events: int, at_us: int) -> None: ...
    def say(self, text: str) -> None: ...
    def restart(self) -> None: ...
    def close(self) -> None: ...


class Bar:
    """For a terminal."""

    def __init__(self, total: int, stream: TextIO, unit: str = "events") -> None:
        self._stream = stream
        self._bar: Any = tqdm(total=total, file=stream, unit=f" {unit}", unit_scale=True, dynamic_ncols=True)

    def advance(self, events: int, at_us: int) -> None:
        if at_us:
            self._bar.set_postfix_str(_moment(at_us), refresh=False)
        self._bar.update(events)

    def say(self, text: str) -> None:
        tqdm.write(text, file=self._stream)

    def restart(self) -> None:
        self._bar.reset()

    def close(self) -> None:
        self._bar.close()


class Lines:
    """For a log: one line every LINE_EVERY_S seconds, and one at the end."""

    def __init__(
        self, total: int, stream: TextIO, clock: Clock, name: str = "replay", unit: str = "events"
    ) -> None:
        self._total, self._stream, self._clock = total, stream, clock
        self._name, self._unit = name, unit
        self._walked, self._at_us = 0, 0
        self._told_s = clock.monotonic_s()
        self._closed = False

    def advance(self, events: int, at_us: int) -> None:
        self._walked += events
        self._at_us = at_us or self._at_us
        if self._clock.monotonic_s() - self._told_s >= LINE_EVERY_S:
            self._tell()

    def say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def restart(self) -> None:
        self._walked = 0

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._tell()

    def _tell(self) -> None:
        self._told_s = self._clock.monotonic_s()
        at = f", at {_moment(self._at_us)}" if self._at_us else ""
        self.say(f"{self._name}: {self._walked:,} of {self._total:,} {self._unit}{at}")


class Reporting:
    """A display that also says which rows were left out since it was last moved."""

    def __init__(self, display: Display, fresh: Callable[[], list[str]]) -> None:
        self._display, self._fresh = display, fresh

    def advance(self, events: int, at_us: int) -> None:
        for line in self._fresh():
            self._display.say(line)
        self._display.advance(events, at_us)


def display(total: int, stream: TextIO, clock: Clock, name: str = "replay", unit: str = "events") -> Display:
    """A bar when ``stream`` is a terminal, else lines that begin with ``name``."""
    return Bar(total, stream, unit) if stream.isatty() else Lines(total, stream, clock, name, unit)


def _moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
