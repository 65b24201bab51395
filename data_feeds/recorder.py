"""Topics → history: one thread that takes batches from a source and gives them to the store, whatever the store meets.

A log (Kafka) is read from the offsets that the store keeps with the rows, so that no part of it is lost or told twice;
when the store is slow or fails the log waits. A feed without a log is tapped: what finds no room is counted, and the
time is noted as a gap.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from data_feeds.clock import Clock
from data_feeds.history.store import Offsets, Put, Store, StoreBroken, StoreBusy, StoreError, StoreFull
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition

log = logging.getLogger("wallboard.recorder")

BATCH_ROWS, BATCH_S = 500, 1.0  # a batch is kept when it is that large or that old
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
TRIES_BEFORE_SPLIT, TURNS_BEFORE_DROP = 3, 2
JOIN_S = 5.0


@dataclass(slots=True)
class Batch:
    """What a source gave: messages in their order, the offsets after them by topic kind, and gaps to note (Unix ms)."""

    incidents: list[Incident] = field(default_factory=list)
    fixes: list[VehiclePosition] = field(default_factory=list)
    incident_offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    fix_offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    telemetry: list[DroneTelemetry] = field(default_factory=list)
    detections: list[Detection] = field(default_factory=list)
    telemetry_offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    detection_offsets: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.incidents) + len(self.fixes) + len(self.telemetry) + len(self.detections)

    def __bool__(self) -> bool:
        offsets = self.incident_offsets or self.fix_offsets or self.telemetry_offsets or self.detection_offsets
        return bool(self.rows or offsets or self.gaps)

    def add(self, message: object) -> bool:
        """Put ``message`` where it belongs; False for one that is not recorded."""
        if isinstance(message, Incident):
            self.incidents.append(message)
        elif isinstance(message, VehiclePosition):
            self.fixes.append(message)
        elif isinstance(message, DroneTelemetry):
            self.telemetry.append(message)
        elif isinstance(message, Detection):
            self.detections.append(message)
        else:
            return False
        return True


class Source(Protocol):
    """Where batches come from; all but ``counters`` is called from the recorder's thread."""

    @property
    def origin(self) -> str:
        """The name under which the store keeps what comes from here."""
        ...

    def open(self, store: Store) -> None:
        """Begin where ``store`` ended. Raises StoreError."""
        ...

    def take(self, rows: int, seconds: float) -> Batch:
        """About ``rows`` messages, or what came within ``seconds``."""
        ...

    def back(self, batch: Batch) -> None:
        """Take ``batch`` back: perhaps not all of it was kept."""
        ...

    def counters(self) -> dict[str, int]:
        """What the source counts itself; safe from any thread."""
        ...

    def close(self) -> None:
        """Let go; ``open`` may follow."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing is recorded: ``kind`` busy, full, broken or failing; since when (Unix ms); the store's own words."""

    kind: str
    since_ms: float
    text: str


class Recorder:
    """The thread. ``wait(seconds)`` of tests may sleep less; it tells whether to stop."""

    def __init__(
        self, source: Source, store: Store, clock: Clock, wait: Callable[[float], bool] | None = None
    ) -> None:
        self._source, self._store, self._clock = source, store, clock
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._counts: Counter[str] = Counter()
        self.trouble: Trouble | None = None

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    def stop(self) -> None:
        """Record what was taken, if the store takes it at once, and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def counters(self) -> dict[str, int]:
        """What was done, by name; safe from any thread."""
        return {**self._source.counters(), **self._counts}

    def _run(self) -> None:
        try:
            self._insist(lambda: self._source.open(self._store))
            while not self._stop.is_set():
                self.step()
        except _Stopped:
            pass
        finally:
            self._source.close()

    def step(self) -> int:
        """Take one batch and keep it, however long the store needs; returns its rows."""
        began_s = self._clock.monotonic_s()
        try:
            batch = self._source.take(BATCH_ROWS, BATCH_S)
        except Exception:
            self._counts["source_errors"] += 1
            log.exception("what is to be recorded could not be taken; reading begins again where the history ends")
            self._wait(FIRST_PAUSE_S)
            self._source.close()
            self._insist(lambda: self._source.open(self._store))
            return 0
        taken_s = self._clock.monotonic_s()
        if batch:
            try:
                self._keep(batch)
            except _Stopped:
                self._source.back(batch)  # for who records next; what was kept already is the same
                raise
        if batch.rows >= BATCH_ROWS and taken_s - began_s < BATCH_S:
            # more is waiting: the live map of this process needs the same core
            self._wait(min(BATCH_S, self._clock.monotonic_s() - began_s))
        return batch.rows

    def _keep(self, batch: Batch) -> None:
        origin = self._source.origin
        for begin_ms, end_ms in batch.gaps:
            self._insist(lambda b=begin_ms, e=end_ms: self._store.note_gap(b, e, "recorder", origin))  # type: ignore[misc]
            self._counts["gaps"] += 1
        if batch.incidents or batch.incident_offsets:
            self._put(batch.incidents, batch.incident_offsets, self._put_incidents)
        if batch.fixes or batch.fix_offsets:
            self._put(batch.fixes, batch.fix_offsets, self._put_fixes)
        if batch.telemetry or batch.telemetry_offsets:
            self._put(batch.telemetry, batch.telemetry_offsets, self._put_telemetry)
        if batch.detections or batch.detection_offsets:
            self._put(batch.detections, batch.detection_offsets, self._put_detections)

    def _put_incidents(self, incidents: Sequence[Incident], offsets: Offsets) -> None:
        self._count("incidents", self._store.put_incidents(incidents, self._source.origin, offsets))

    def _put_telemetry(self, telemetry: Sequence[DroneTelemetry], offsets: Offsets) -> None:
        self._count("flown", self._store.put_telemetry(telemetry, self._source.origin, offsets))
        self._counts["telemetry"] += len(telemetry)

    def _put_detections(self, detections: Sequence[Detection], offsets: Offsets) -> None:
        self._count("detections", self._store.put_detections(detections, self._source.origin, offsets))

    def _count(self, what: str, put: Put) -> None:
        for name in ("new", "replaced", "older", "same", "timeless"):
            self._counts[f"{what}_{name}"] += getattr(put, name)

    def _put_fixes(self, fixes: Sequence[VehiclePosition], offsets: Offsets) -> None:
        self._counts["fixes"] += self._store.put_positions(fixes, self._source.origin, offsets)

    def _put(self, messages: Sequence[object], offsets: Offsets, put: Callable[..., None]) -> None:
        """Keep ``messages``; one that the store can never take is dropped, counted and logged."""
        try:
            self._insist(lambda: put(messages, offsets), TRIES_BEFORE_SPLIT)
            return
        except _Refused:
            log.warning("the history does not take a batch of %d messages; they are told one by one", len(messages))
        for message in messages:
            self._put_one(message, put)
        self._insist(lambda: put([], offsets))

    def _put_one(self, message: object, put: Callable[..., None]) -> None:
        for _ in range(TURNS_BEFORE_DROP):
            try:
                self._insist(lambda: put([message], {}), TRIES_BEFORE_SPLIT)
                return
            except _Refused as refused:
                why = refused
            self._insist(lambda: put([], {}))  # a store that takes nothing at all is no fault of the message
        self._counts["unrecordable"] += 1
        log.error("one %s cannot be recorded and is left out: %s", type(message).__name__, why)

    def _insist(self, work: Callable[[], object], tries: int | None = None) -> None:
        """Do ``work`` until the store takes it. Raises _Refused after ``tries`` errors that no store should have, and
        _Stopped when the recorder is to end."""
        pause_s, strange = FIRST_PAUSE_S, 0
        while True:
            try:
                work()
            except StoreError as error:
                self._failed(error)
            except Exception as error:
                strange += 1
                if tries is not None and strange >= tries:
                    raise _Refused(f"{type(error).__name__}: {error}") from error
                self._failed(error)
            else:
                self._mended()
                return
            if self._wait(pause_s) or self._stop.is_set():
                raise _Stopped
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _failed(self, error: Exception) -> None:
        self._counts["retries"] += 1
        kind = kind_of(error)
        if self.trouble is None or self.trouble.kind != kind:
            since_ms = self.trouble.since_ms if self.trouble else self._clock.now_ms()
            self.trouble = Trouble(kind, since_ms, str(error))
            known = isinstance(error, StoreError)
            log.error("nothing is recorded: %s; it is tried again", error, exc_info=not known)

    def _mended(self) -> None:
        if self.trouble is not None:
            log.warning("recording goes on after %.0f s", (self._clock.now_ms() - self.trouble.since_ms) / 1000.0)
            self.trouble = None


def kind_of(error: Exception) -> str:
    """The word for an error of the store: busy, full, broken or failing."""
    for kind, word in ((StoreBusy, "busy"), (StoreFull, "full"), (StoreBroken, "broken")):
        if isinstance(error, kind):
            return word
    return "failing"


class _Stopped(Exception):
    """The recorder is to end."""


class _Refused(Exception):
    """The store cannot take this, however often it is told."""
