"""Units that move for ever, as records: where each is follows from the time alone, so any process can make them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from data_feeds.clock import Clock
from data_feeds.feed import DeadLetter, PlainRecord, Record, TopicHealth
from data_feeds.model import DEFAULT_TOPIC_NAMES, Roster, Status, Topic, UnitStatus
from data_feeds.simulator.frame import CENTRE, METRES_PER_DEGREE

HALF_M = 6_500.0
SPEED_MPS = (2.0, 15.0)
TYPES = ("car", "car", "car", "motorcycle", "foot", "traffic", "command_vehicle", "mobile_platform")
PARTS = 10  # of a second: real units do not all report at once
Pairs = list[tuple[bytes, bytes]]


class MovingUnits:
    """``count`` units on straight lines inside a square of 13 km, turned back at its edges."""

    def __init__(self, count: int, seed: int = 1, prefix: str = "P-") -> None:
        rng = np.random.default_rng(seed)
        self.count = count
        self._start = rng.uniform(-HALF_M, HALF_M, (count, 2))
        self._speed = rng.uniform(*SPEED_MPS, count)
        angle = rng.uniform(0, 2 * np.pi, count)
        self._velocity = np.stack([np.sin(angle), np.cos(angle)], axis=1) * self._speed[:, None]
        self._ids = [f"{prefix}{k:05d}" for k in range(count)]
        self._keys = [unit_id.encode() for unit_id in self._ids]

    def places(self, which: slice, now_s: float) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Latitude, longitude, course (degrees) and speed (m/s) of some units at one time."""
        path = self._start[which] + self._velocity[which] * (now_s % 86_400)
        phase = np.mod(path + HALF_M, 4 * HALF_M)
        back = phase > 2 * HALF_M
        east, north = np.where(back, 4 * HALF_M - phase, phase).T - HALF_M
        de, dn = np.where(back, -self._velocity[which], self._velocity[which]).T
        lat = CENTRE[0] + north / METRES_PER_DEGREE
        lon = CENTRE[1] + east / (METRES_PER_DEGREE * np.cos(np.radians(CENTRE[0])))
        return lat, lon, np.degrees(np.arctan2(de, dn)) % 360, self._speed[which]

    def positions(self, which: slice, now_s: float) -> Pairs:
        """(key, value) of a fix for each, 248 bytes of JSON as a vehicle's terminal would send it."""
        at = datetime.fromtimestamp(now_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        tail = '"altitude_m":1012.5,"accuracy_m":4.5,"source":"terminal","satellites":11,"network":"4G",'
        tail += f'"firmware":"2.14.3","fix_time":"{at}"}}'
        columns = [column.tolist() for column in self.places(which, now_s)]
        rows = zip(self._ids[which], self._keys[which], *columns, strict=True)
        return [
            (key, f'{{"unit_id":"{unit_id}","lat":{lat:.6f},"lon":{lon:.6f},"speed_mps":{speed:.2f},'
                  f'"course":{course:.1f},"heading":{course:.1f},{tail}'.encode())
            for unit_id, key, lat, lon, course, speed in rows
        ]  # fmt: skip

    def rosters(self) -> Pairs:
        """(key, value) of a roster entry for each."""
        encode = msgspec.json.Encoder().encode
        return [
            (key, encode(Roster(unit_id, f"巡{k:05d}", TYPES[k % len(TYPES)], "police", f"S{k % 40:02d}", f"B{k % 6}")))
            for k, (unit_id, key) in enumerate(zip(self._ids, self._keys, strict=True))
        ]

    def statuses(self, now_s: float) -> Pairs:
        """(key, value) of a status for each."""
        encode, since = msgspec.json.Encoder().encode, datetime.fromtimestamp(now_s, UTC)
        words = [status.name for status in UnitStatus][1:]
        return [
            (key, encode(Status(unit_id, words[k % len(words)], since=since)))
            for k, (unit_id, key) in enumerate(zip(self._ids, self._keys, strict=True))
        ]


class MovingFeed:
    """The Feed protocol over MovingUnits: every unit's fix once a second. ``wait`` sleeps that many seconds."""

    def __init__(self, units: MovingUnits, clock: Clock, wait: Callable[[float], object]) -> None:
        self._units, self._clock, self._wait = units, clock, wait
        self._waiting: deque[PlainRecord] = deque()
        self._part = 0
        self._due_s = 0.0
        self._offset = 0
        self._cost_s = 0.0
        self._open = False

    def open(self) -> None:
        now_s = self._clock.now_ms() / 1000
        self._queue(Topic.ROSTER, self._units.rosters())
        self._queue(Topic.STATUS, self._units.statuses(now_s))
        self._queue(Topic.POSITION, self._units.positions(slice(None), now_s))
        self._due_s = self._clock.monotonic_s() + 1 / PARTS
        self._open = True

    def poll(self, timeout_s: float) -> Sequence[Record]:
        left_s = self._due_s - self._clock.monotonic_s()
        if not self._waiting and left_s > 0:
            self._wait(min(left_s, timeout_s))
        begin = time.thread_time()
        if self._clock.monotonic_s() >= self._due_s:
            self._due_s = max(self._due_s + 1 / PARTS, self._clock.monotonic_s() - 1)
            which = slice(self._part, None, PARTS)
            self._queue(Topic.POSITION, self._units.positions(which, self._clock.now_ms() / 1000))
            self._part = (self._part + 1) % PARTS
        records = [self._waiting.popleft() for _ in range(min(len(self._waiting), 5000))]
        self._cost_s += time.thread_time() - begin
        return records

    def caught_up(self) -> bool:
        return self._open and not self._waiting

    def health(self) -> Sequence[TopicHealth]:
        now_s = self._clock.monotonic_s() if self._open else None
        return [TopicHealth(topic, 0, now_s) for topic in Topic if topic not in (Topic.DEADLETTER, Topic.CLOCK)]

    def counters(self) -> dict[str, float]:
        """CPU that making the load took, in ms: a real feed's producers run elsewhere."""
        return {"load_cpu_ms": self._cost_s * 1000}

    def dead_letter(self, letters: Sequence[DeadLetter]) -> int:
        return len(letters)

    def close(self) -> None:
        self._open = False

    def _queue(self, topic: Topic, pairs: Pairs) -> None:
        name, now_ms = DEFAULT_TOPIC_NAMES[topic], int(self._clock.now_ms())
        for key, value in pairs:
            self._offset += 1
            self._waiting.append(PlainRecord(name, 0, self._offset, now_ms, key, value))
