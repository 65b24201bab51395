"""What a history is to everybody else: questions in, Arrow tables out; incidents, fixes and gaps in.

A Store is thread-safe and blocking: never call it on the event loop. Open the embedded one with
``data_feeds.history.duckdb_store.open_store(folder, options)``; a command line reaches a running owner by ``remote``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
from msgspec import Struct

from data_feeds.history.query import Query, Span
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition
from data_feeds.scopes import Scopes

Offsets = Mapping[tuple[str, int], int]  # (topic, partition) → the next offset to read
GapHow = Literal["recorder", "given"]
NO_OFFSETS: Offsets = {}

# One row an incident, before anything is derived: what ``put_table`` takes. Only incident_id, version and at least
# one known time are required; other columns may be left out and any cell may be null (texts: null = ""). Degrees are
# WGS-84, times Unix ms, ``units`` how many were sent, ``unit_id`` which, where it was exactly one.
RAW = pa.schema(
    [
        pa.field("incident_id", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("category", pa.string()),
        pa.field("severity", pa.string()),
        pa.field("source", pa.string()),
        pa.field("valid", pa.bool_()),
        pa.field("exercise", pa.bool_()),
        pa.field("diverted", pa.bool_()),
        pa.field("disposition", pa.string()),
        pa.field("place_class", pa.string()),
        pa.field("place", pa.string()),
        pa.field("branch", pa.string()),
        pa.field("station", pa.string()),
        pa.field("zone", pa.string()),
        pa.field("lat", pa.float64()),
        pa.field("lon", pa.float64()),
        pa.field("call_received_ms", pa.int64()),
        pa.field("answered_ms", pa.int64()),
        pa.field("dispatched_ms", pa.int64()),
        pa.field("accepted_ms", pa.int64()),
        pa.field("enroute_ms", pa.int64()),
        pa.field("on_scene_ms", pa.int64()),
        pa.field("closed_ms", pa.int64()),
        pa.field("units", pa.int16()),
        pa.field("unit_id", pa.string()),
    ]
)

# One row a fix: what ``put_tracks`` takes and ``trail`` answers. ``speed_mps`` may be left out or null.
TRACK = pa.schema(
    [
        pa.field("unit_id", pa.string(), nullable=False),
        pa.field("t_ms", pa.int64(), nullable=False),
        pa.field("lat", pa.float64(), nullable=False),
        pa.field("lon", pa.float64(), nullable=False),
        pa.field("speed_mps", pa.float32()),
    ]
)


class StoreError(Exception):
    """The history cannot serve; the text names the thing at fault and the way out. The live map goes on without it."""


class StoreBusy(StoreError):
    """Another process owns the file; ``pid`` says which (None where nobody can tell)."""

    def __init__(self, text: str, pid: int | None = None) -> None:
        super().__init__(text)
        self.pid = pid


class StoreBroken(StoreError):
    """A file is corrupt or of a newer program. ``path`` names it; only a person moves it aside."""

    def __init__(self, text: str, path: Path | None = None) -> None:
        super().__init__(text)
        self.path = path


class StoreFull(StoreError):
    """The disk is full. Nothing of this put was taken; the same put may be tried again when there is room."""


class StoreClosed(StoreError):
    """The store was closed, or its owner (over loopback) cannot be reached."""


class Put(Struct, frozen=True):
    """What became of the rows of one put. ``older``: of a version below the kept one; ``same``: told the same again;
    ``timeless``: no known time at all (never kept; of a drone in the air also one without a place). Only ``new`` and
    ``replaced`` raise the data version."""

    new: int = 0
    replaced: int = 0
    older: int = 0
    same: int = 0
    timeless: int = 0

    def __add__(self, other: Put) -> Put:
        return Put(
            self.new + other.new, self.replaced + other.replaced, self.older + other.older,
            self.same + other.same, self.timeless + other.timeless,
        )  # fmt: skip


class Origin(Struct, frozen=True):
    """What one import or topic brought: ``n`` incidents from business day ``first`` to ``last``."""

    name: str
    n: int
    first: date
    last: date


class Extent(Struct, frozen=True):
    """How far the history reaches. Dates are business days, None while it is empty; ``last_ms`` is when the newest
    incident became known (Unix ms). ``lacks``: the fields of query.OPTIONAL that no incident has.
    ``tracks_since``: the first business day with fixes. ``version``: as ``Store.version()``, of the same moment."""

    first: date | None = None
    last: date | None = None
    n: int = 0
    last_ms: int | None = None
    origins: tuple[Origin, ...] = ()
    lacks: tuple[str, ...] = ()
    tracks_since: date | None = None
    version: int = 0


class Tidied(Struct, frozen=True):
    """What ``tidy`` did: incidents and days of tracks let go, days of tracks compacted, months summed up; of how many
    months the sums are left to the next call; minutes and detections of drones let go."""

    incidents: int = 0
    track_days: int = 0
    compacted: int = 0
    summed: int = 0
    unsummed: int = 0
    of_drones: int = 0


@dataclass(frozen=True, slots=True)
class Options:
    """How a history is kept. A change of ``time_zone``, ``day_starts_min`` (minutes after midnight) or of the places
    in ``scopes`` is noticed when it is opened, and what is derived from them is worked out anew."""

    time_zone: str = "Asia/Shanghai"
    day_starts_min: int = 0
    scopes: Scopes = field(default_factory=Scopes)
    incidents_days: int = 0  # 0: for ever
    tracks_days: int = 90
    threads: int = 1  # more only where no live map runs beside it
    memory_mb: int = 1_024
    part_s: float = 180.0  # of fixes at most this many seconds wait in memory, unacknowledged
    track_step_s: float = 10.0  # of a unit's live fixes one is kept in each such step; 0: all
    detection_kinds: tuple[str, ...] = ()  # what drones may detect, another kind is "unknown"; (): whatever they tell


class Store(Protocol):
    """Incidents, tracks, drones and gaps of one city. Every method may raise StoreError; bad arguments raise
    ValueError."""

    def run(self, query: Query) -> pa.Table:
        """The answer, with the columns that the query's docstring tells, in the order of its rows there."""
        ...

    def version(self, spans: Sequence[Span] = ()) -> int:
        """A number that grows with every change that could touch these business days; () of any change at all."""
        ...

    def extent(self) -> Extent:
        """How far the history reaches."""
        ...

    def put_incidents(self, incidents: Sequence[Incident], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        """Take ``incidents`` and ``offsets`` in one transaction; on return both are on disk.

        A kept incident is replaced by one whose version is not below its own and whose content differs. Of several in
        one put with the same id the newest counts, the last among equal versions; the others are ``older``.
        """
        ...

    def put_table(self, table: pa.Table, origin: str) -> Put:
        """The same for many at once: a table with columns of RAW (others are refused with ValueError)."""
        ...

    def put_positions(self, fixes: Sequence[VehiclePosition], origin: str, offsets: Offsets = NO_OFFSETS) -> int:
        """Take fixes, of each unit the first in every Options.track_step_s; returns how many had a usable position.
        On return they can be asked for, but ``offsets`` tells of them only once their part is on disk: at the latest
        after Options.part_s, or by ``flush``."""
        ...

    def put_tracks(self, table: pa.Table, origin: str) -> int:
        """The same for many at once, with columns of TRACK; on return they are on disk."""
        ...

    def put_telemetry(self, telemetry: Sequence[DroneTelemetry], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        """Take of each drone the minutes in which it was in the air, each by its earliest moment: ``new`` minutes,
        moments earlier than the kept one (``replaced``), the others (``same``). What was on the ground is none of
        these. On return they are on disk, ``offsets`` with the next that are new: at the latest after
        Options.part_s, or by ``flush``."""
        ...

    def put_detections(self, detections: Sequence[Detection], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        """Take ``detections`` and ``offsets`` in one transaction; on return both are on disk. One that is told again
        replaces the kept one where it differs."""
        ...

    def put_flown(self, table: pa.Table) -> Put:
        """The same as ``put_telemetry`` for many at once: columns of drone_rows.FLIGHT, all of them in the air."""
        ...

    def put_seen(self, table: pa.Table) -> Put:
        """The same as ``put_detections`` for many at once: columns of drone_rows.SIGHT."""
        ...

    def flush(self) -> None:
        """Bring the fixes that wait in memory to disk, and all offsets that wait."""
        ...

    def offsets(self, origin: str) -> dict[tuple[str, int], int]:
        """Where to go on reading: what lies before is on disk."""
        ...

    def note_gap(self, begin_ms: int, end_ms: int, how: GapHow, origin: str) -> None:
        """Remember that from ``begin_ms`` to ``end_ms`` (Unix) nothing could be recorded, or that the source says so.
        Telling a longer gap with the same beginning, how and origin replaces the shorter."""
        ...

    def trail(self, unit_id: str, begin_ms: int, end_ms: int) -> pa.Table:
        """Fixes of one unit in the half-open [begin, end), columns of TRACK, oldest first."""
        ...

    def tidy(self, now_ms: float) -> Tidied:
        """Compact the tracks of days that are over, let go what is older than may be kept, and sum up some of the
        months that are over and have changed; for a timer, sooner again while any are left."""
        ...

    def close(self) -> None:
        """Flush and let go of the files. A second call does nothing."""
        ...
