"""A history in memory for tests: the Store protocol without files, and ways to make it fail."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from data_feeds.history.query import Query, Span
from data_feeds.history.store import NO_OFFSETS, TRACK, Extent, GapHow, Offsets, Put, StoreClosed, Tidied
from data_feeds.incidents import received_ms
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition


class MemoryStore:
    """``failures``: raised one after the other by the next puts; ``poison``: ids of incidents that raise KeyError."""

    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.fixes: list[VehiclePosition] = []
        self.telemetry: list[DroneTelemetry] = []
        self.detections: dict[str, Detection] = {}
        self.tables: list[tuple[pa.Table, str]] = []
        self.kept: dict[str, dict[tuple[str, int], int]] = {}
        self.gaps: list[tuple[int, int, str, str]] = []
        self.puts: list[tuple[int, dict[tuple[str, int], int]]] = []
        self.failures: list[Exception] = []
        self.poison: set[str] = set()
        self.closed = False
        self.asked: list[Query] = []
        self.answer = pa.table({"n": [1, 2]})
        self._lock = threading.Lock()
        self._version = 0

    def _fail(self) -> None:
        if self.closed:
            raise StoreClosed("closed")
        if self.failures:
            raise self.failures.pop(0)

    def run(self, query: Query) -> pa.Table:
        self._fail()
        self.asked.append(query)
        return self.answer

    def version(self, spans: Sequence[Span] = ()) -> int:
        self._fail()
        return self._version

    def extent(self) -> Extent:
        times = [ms for one in self.incidents.values() if (ms := received_ms(one)) is not None]
        return Extent(n=len(self.incidents), last_ms=int(max(times)) if times else None, version=self._version)

    def put_incidents(self, incidents: Sequence[Incident], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        with self._lock:
            self._fail()
            if any(one.incident_id in self.poison for one in incidents):
                raise KeyError("poison")
            counts: dict[str, int] = {}
            for one in incidents:
                known = self.incidents.get(one.incident_id)
                word = "new" if known is None else "same" if known == one else (
                    "replaced" if one.version >= known.version else "older"
                )
                counts[word] = counts.get(word, 0) + 1
                if word in ("new", "replaced"):
                    self.incidents[one.incident_id] = one
                    self._version += 1
            self.kept.setdefault(origin, {}).update(offsets)
            self.puts.append((len(incidents), dict(offsets)))
            return Put(**counts)

    def put_table(self, table: pa.Table, origin: str) -> Put:
        self._fail()
        self.tables.append((table, origin))
        return Put(new=table.num_rows)

    def put_positions(self, fixes: Sequence[VehiclePosition], origin: str, offsets: Offsets = NO_OFFSETS) -> int:
        with self._lock:
            self._fail()
            self.fixes += fixes
            self.kept.setdefault(origin, {}).update(offsets)
            return len(fixes)

    def put_tracks(self, table: pa.Table, origin: str) -> int:
        self._fail()
        return table.num_rows

    def put_telemetry(self, telemetry: Sequence[DroneTelemetry], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        with self._lock:
            self._fail()
            if any(one.drone_id in self.poison for one in telemetry):
                raise KeyError("poison")
            self.telemetry += telemetry
            self.kept.setdefault(origin, {}).update(offsets)
            return Put(new=len(telemetry))

    def put_detections(self, detections: Sequence[Detection], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        with self._lock:
            self._fail()
            new = len({one.detection_id for one in detections} - self.detections.keys())
            self.detections |= {one.detection_id: one for one in detections}
            self.kept.setdefault(origin, {}).update(offsets)
            return Put(new=new, same=len(detections) - new)

    def put_flown(self, table: pa.Table) -> Put:
        self._fail()
        self.tables.append((table, "flown"))
        return Put(new=table.num_rows)

    def put_seen(self, table: pa.Table) -> Put:
        self._fail()
        self.tables.append((table, "seen"))
        return Put(new=table.num_rows)

    def flush(self) -> None:
        self._fail()

    def offsets(self, origin: str) -> dict[tuple[str, int], int]:
        self._fail()
        return dict(self.kept.get(origin, {}))

    def note_gap(self, begin_ms: int, end_ms: int, how: GapHow, origin: str) -> None:
        self._fail()
        self.gaps.append((begin_ms, end_ms, how, origin))

    def trail(self, unit_id: str, begin_ms: int, end_ms: int) -> pa.Table:
        self._fail()
        return TRACK.empty_table()

    def tidy(self, now_ms: float) -> Tidied:
        self._fail()
        return Tidied(incidents=1)

    def close(self) -> None:
        self.closed = True


def fields(message: Any) -> dict[str, Any]:
    """A struct's fields by name."""
    return {name: getattr(message, name) for name in message.__struct_fields__}
