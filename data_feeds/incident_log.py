"""The incidents of the last days in columns, closed ones too: what heat and "today so far" are counted from.

Kept in memory and filled from the same messages as the queue; a restart reads it again from what the topic keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from data_feeds.geo import to_wgs84
from data_feeds.incidents import received_ms
from data_feeds.model import Datum, Incident, enum_of
from data_feeds.scopes import Scope

KEPT_S = 8 * 86_400.0
MAX_KEPT = 200_000  # incidents: 25,000 a day; about 35 MB with their ids
MAX_CATEGORIES = 1_000
MAX_PLACES = 60_000
RESOLUTION = 9  # of the stored cells: 0.1 km² each
NO_CELL = 0
OTHER = "other"
EXERCISE, INVALID, DIVERTED = 1, 2, 4
LOG = np.dtype(
    [
        ("received", "f8"), ("cell", "u8"), ("category", "u2"), ("place", "u2"), ("flags", "u1"),
        ("version", "i8"), ("lat", "f8"), ("lon", "f8"), ("datum", "u1"),
    ]
)  # fmt: skip
_PENDING = 1  # its cell is worked out when somebody looks: many at once cost a hundredth of one by one
_FIRST_ROWS = 1_024
_EVICTED_SHARE = 64
Rows = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class LogView:
    """The log at one moment. ``rows``: columns of LOG in no order, not to be written to; ``received`` in Unix ms,
    ``cell`` an H3 index (NO_CELL: no position), ``category`` and ``place`` index the two lists; ``dropped``: how many
    were let go for want of room."""

    rows: Rows
    categories: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]  # branch, station, zone
    dropped: int
    revision: int

    def within(self, scope: Scope) -> LogView:
        """The same of one scope."""
        if scope.is_city:
            return self
        holds = np.fromiter((scope.holds(*place) for place in self.places), bool, len(self.places))
        return replace(self, rows=self.rows[holds[self.rows["place"]]])


class IncidentLog:
    """Incidents by id, newest version each. Not locked: the Board does that."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self.dropped = 0  # for want of room, oldest first
        self.revision = 0
        self.clear()

    def __len__(self) -> int:
        return len(self._ids)

    def clear(self) -> None:
        """Forget everything. For a replay that starts again."""
        self._rows = np.zeros(_FIRST_ROWS, LOG)
        self._ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._categories: dict[str, int] = {}
        self._places: dict[tuple[str, str, str], int] = {}
        self._view: LogView | None = None
        self.revision += 1

    def apply(self, incident: Incident) -> bool:
        """Take ``incident`` if its version is new and it tells when it became known; returns whether it was taken."""
        received = received_ms(incident)
        if received is None:
            return False
        row = self._row_of.get(incident.incident_id)
        if row is None:
            row = self._new_row(incident.incident_id)
        elif incident.version <= self._rows["version"][row]:
            return False
        placed = incident.lat is not None and incident.lon is not None
        self._rows[row] = (
            received, _PENDING if placed else NO_CELL, self._category(incident.category),
            self._place((incident.branch, incident.station, incident.zone)), _flags(incident), incident.version,
            incident.lat or 0.0, incident.lon or 0.0, enum_of(Datum, incident.datum),
        )  # fmt: skip
        self.revision += 1
        return True

    def remove(self, incident_id: str) -> None:
        """Forget one incident altogether."""
        row = self._row_of.get(incident_id)
        if row is not None:
            self._remove([row])

    def expire(self, before_ms: float) -> None:
        """Forget what became known before ``before_ms``."""
        self._remove(np.flatnonzero(self._known["received"] < before_ms).tolist())

    def forget_ahead(self, after_ms: float) -> None:
        """Forget what became known after ``after_ms``: of another run of a replay."""
        self._remove(np.flatnonzero(self._known["received"] > after_ms).tolist())

    def view(self) -> LogView:
        """The log as it is now; the same object until something changes."""
        if self._view is None or self._view.revision != self.revision:
            _locate(self._known)
            rows = self._known.copy()
            rows.flags.writeable = False
            self._view = LogView(rows, tuple(self._categories), tuple(self._places), self.dropped, self.revision)
        return self._view

    @property
    def _known(self) -> Rows:
        return self._rows[: len(self._ids)]

    def _new_row(self, incident_id: str) -> int:
        if len(self._ids) >= self._max_kept:
            count = max(1, self._max_kept // _EVICTED_SHARE)
            oldest = np.argpartition(self._known["received"], count - 1)[:count]
            self._remove(oldest.tolist())
            self.dropped += count
        row = len(self._ids)
        if row == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros(row, LOG)])
        self._ids.append(incident_id)
        self._row_of[incident_id] = row
        return row

    def _remove(self, rows: Iterable[int]) -> None:
        """The last row takes the place of each that goes."""
        for row in sorted(rows, reverse=True):
            del self._row_of[self._ids[row]]
            last = self._ids.pop()
            if row < len(self._ids):
                self._ids[row] = last
                self._row_of[last] = row
                self._rows[row] = self._rows[len(self._ids)]
            self.revision += 1

    def _category(self, text: str) -> int:
        word = word_of(text)
        if word not in self._categories and len(self._categories) >= MAX_CATEGORIES:
            word = OTHER
        return self._categories.setdefault(word, len(self._categories))

    def _place(self, place: tuple[str, str, str]) -> int:
        if place not in self._places and len(self._places) >= MAX_PLACES:
            place = ("", "", "")
        return self._places.setdefault(place, len(self._places))


def word_of(category: str) -> str:
    """A category as one word, however it was written: ``Traffic Accident`` and ``traffic-accident`` are the same."""
    return "_".join(category.replace("-", " ").lower().split())


def _flags(incident: Incident) -> int:
    return EXERCISE * incident.exercise | INVALID * (not incident.valid) | DIVERTED * incident.diverted


def _locate(rows: Rows) -> None:
    """Work out the cells that are pending; a place in an unknown datum is none."""
    for datum in np.unique(rows["datum"][rows["cell"] == _PENDING]).tolist():
        at = np.flatnonzero((rows["cell"] == _PENDING) & (rows["datum"] == datum))
        if datum == Datum.UNKNOWN:
            rows["cell"][at] = NO_CELL
            continue
        lat, lon = to_wgs84(rows["lat"][at], rows["lon"][at], Datum(datum))
        cells = map(h3.latlng_to_cell, lat.tolist(), lon.tolist(), [RESOLUTION] * len(at))
        rows["cell"][at] = np.fromiter(cells, np.uint64, len(at))
