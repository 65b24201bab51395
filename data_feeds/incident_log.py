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
from data_feeds.scopes import Codes, Scope, Scopes

KEPT_S = 8 * 86_400.0
MAX_KEPT = 200_000  # incidents: 25,000 a day; about 35 MB with their ids
MAX_CATEGORIES = 1_000
MAX_PENDING = 2_000
SPARE_HOMES = 1_024  # beyond two an incident, those that no incident has are forgotten
RESOLUTION = 9  # of the stored cells: 0.1 km² each
NO_CELL = 0
OTHER = "other"
EXERCISE, INVALID, DIVERTED = 1, 2, 4
LOG = np.dtype(
    [
        ("received", "f8"), ("cell", "u8"), ("category", "u2"), ("home", "u4"), ("flags", "u1"),
        ("version", "i8"), ("lat", "f8"), ("lon", "f8"), ("datum", "u1"),
    ]
)  # fmt: skip
_PENDING = 0xFFFFFFFF  # home and cell are worked out when somebody looks: many at once cost far less than one by one
_FIRST_ROWS = 1_024
_EVICTED_SHARE = 64
Rows = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class LogView:
    """The log at one moment. ``rows``: columns of LOG in no order, not to be written to; ``received`` in Unix ms,
    ``cell`` an H3 index (NO_CELL: no position), ``category`` and ``home`` index the two lists; ``dropped``: how many
    were let go for want of room."""

    rows: Rows
    categories: tuple[str, ...]
    homes: tuple[Codes, ...]  # the scopes that hold an incident: the same that have it in their queues
    dropped: int
    revision: int

    def within(self, scope: Scope) -> LogView:
        """The same of one scope."""
        if scope.is_city:
            return self
        holds = np.fromiter((scope.code in home for home in self.homes), bool, len(self.homes))
        return replace(self, rows=self.rows[holds[self.rows["home"]]])


class IncidentLog:
    """Incidents by id, newest version each. Not locked: the Board does that."""

    def __init__(self, scopes: Scopes | None = None, max_kept: int = MAX_KEPT) -> None:
        self._scopes, self._max_kept = scopes or Scopes(), max_kept
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
        self._homes: dict[Codes, int] = {}
        self._words: dict[str, tuple[str, str, str]] = {}  # id → branch, station, zone of what has no home yet
        self._full_until_ms = -np.inf  # for want of room nothing that became known up to then is taken
        self._view: LogView | None = None
        self.revision += 1

    def apply(self, incident: Incident) -> bool:
        """Take ``incident`` if its version is new and it tells when it became known; returns whether it was taken."""
        received = received_ms(incident)
        if received is None:
            return False
        row = self._row_of.get(incident.incident_id)
        if row is None:
            row = self._new_row(incident.incident_id, received)
            if row is None:
                return False
        elif incident.version <= self._rows["version"][row]:
            return False
        placed = incident.lat is not None and incident.lon is not None
        self._rows[row] = (
            received, NO_CELL, self._category(incident.category), _PENDING, _flags(incident), incident.version,
            incident.lat if placed else np.nan, incident.lon if placed else np.nan, enum_of(Datum, incident.datum),
        )  # fmt: skip
        self._words[incident.incident_id] = incident.branch, incident.station, incident.zone
        if len(self._words) >= MAX_PENDING:  # a backlog is not left to the first who looks: he would wait for seconds
            self._settle()
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
            self._settle()
            rows = self._known.copy()
            rows.flags.writeable = False
            self._view = LogView(rows, tuple(self._categories), tuple(self._homes), self.dropped, self.revision)
        return self._view

    @property
    def _known(self) -> Rows:
        return self._rows[: len(self._ids)]

    def _new_row(self, incident_id: str, received: float) -> int | None:
        if received > self._full_until_ms and len(self._ids) >= self._max_kept:
            count = max(1, self._max_kept // _EVICTED_SHARE)
            oldest = np.argpartition(self._known["received"], count - 1)[:count]
            self._full_until_ms = float(self._known["received"][oldest].max())
            self._remove(oldest.tolist())
            self.dropped += count
        if received <= self._full_until_ms:  # days that are there in part would look like quiet ones
            self.dropped += 1
            self.revision += 1
            return None
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
            self._words.pop(self._ids[row], None)
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

    def _settle(self) -> None:
        """Work out the cells and the homes that are pending; a place in an unknown datum is none."""
        rows = self._known
        new = np.flatnonzero(rows["home"] == _PENDING)
        lat, lon = np.full(len(new), np.nan), np.full(len(new), np.nan)
        for datum in np.unique(rows["datum"][new]).tolist():
            if datum != Datum.UNKNOWN:
                of_it = rows["datum"][new] == datum
                found = rows[new[of_it]]
                lat[of_it], lon[of_it] = to_wgs84(found["lat"], found["lon"], Datum(datum))
        placed = ~np.isnan(lat)
        cells = map(h3.latlng_to_cell, lat[placed].tolist(), lon[placed].tolist(), [RESOLUTION] * int(placed.sum()))
        rows["cell"][new[placed]] = np.fromiter(cells, np.uint64, int(placed.sum()))
        homes = self._scopes.homes([self._words[self._ids[row]] for row in new.tolist()], lat, lon)
        rows["home"][new] = [self._homes.setdefault(home, len(self._homes)) for home in homes]
        self._words.clear()
        if len(self._homes) > 2 * len(rows) + SPARE_HOMES:
            kept, rows["home"] = np.unique(rows["home"], return_inverse=True)
            known = list(self._homes)
            self._homes = {known[number]: n for n, number in enumerate(kept.tolist())}


def word_of(category: str) -> str:
    """A category as one word, however it was written: ``Traffic Accident`` and ``traffic-accident`` are the same."""
    return "_".join(category.replace("-", " ").lower().split())


def _flags(incident: Incident) -> int:
    return EXERCISE * incident.exercise | INVALID * (not incident.valid) | DIVERTED * incident.diverted
