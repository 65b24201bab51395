"""Unix times as days, minutes and hours of the city, whole columns at once; right on days of 23 and 25 hours. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
HOUR_MS, DAY_MIN = 3_600_000, 1_440
# outside of these years a time is a mistake of its source
EARLIEST_MS = 86_400_000
LATEST_MS = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * 1000
EPOCH = date(1970, 1, 1)


class LocalColumns(NamedTuple):
    """``day``: business day as days since 1970-01-01; ``minute`` of it by the clock, 0 to 1439; ``hour`` on the clock;
    ``weekday`` of the business day, Monday = 1."""

    day: Ints
    minute: Ints
    hour: Ints
    weekday: Ints


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The city's clock. ``day_starts_min``: minutes after midnight at which its business day begins."""

    zone: ZoneInfo
    day_starts_min: int = 0

    def wall_ms(self, ms: Ints) -> Ints:
        """Unix ms → what the clock on the wall shows, as if that were UTC.

        Offsets are asked for once an hour that occurs, and once a time within the few hours in which they change.
        """
        if not len(ms):
            return np.zeros(0, np.int64)
        hours, at = np.unique(ms // HOUR_MS, return_inverse=True)
        first = np.array([self._offset_ms(hour * HOUR_MS) for hour in hours.tolist()], np.int64)
        last = np.array([self._offset_ms(hour * HOUR_MS + HOUR_MS - 1) for hour in hours.tolist()], np.int64)
        offsets = first[at]
        for row in np.flatnonzero((first != last)[at]).tolist():
            offsets[row] = self._offset_ms(int(ms[row]))
        return np.asarray(ms + offsets, np.int64)

    def columns(self, ms: Ints) -> LocalColumns:
        """The columns of Unix times between EARLIEST_MS and LATEST_MS."""
        minutes = self.wall_ms(ms) // 60_000
        since = minutes - self.day_starts_min
        day = since // DAY_MIN
        return LocalColumns(day, since % DAY_MIN, minutes // 60 % 24, (day + 3) % 7 + 1)

    def begin_ms(self, day: date, minute: int = 0) -> int:
        """Unix ms at which the clock first shows ``minute`` minutes after the begin of business day ``day``; where
        the clock skips that time, the moment of the skip or up to an hour after it."""
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=self.day_starts_min + minute)  # noqa: DTZ001
        return round(wall.replace(tzinfo=self.zone).timestamp() * 1000)

    def day_of(self, ms: float) -> date:
        """The business day of a Unix time."""
        wall = datetime.fromtimestamp(ms / 1000, self.zone).replace(tzinfo=None)
        return (wall - timedelta(minutes=self.day_starts_min)).date()

    def days(self, begin_ms: float, end_ms: float) -> set[date]:
        """The business days that [begin, end) touches."""
        first, last = self.day_of(begin_ms), self.day_of(max(begin_ms, end_ms - 1))
        return {first + timedelta(days=n) for n in range((last - first).days + 1)}

    def _offset_ms(self, ms: int) -> int:
        offset = datetime.fromtimestamp(ms / 1000, self.zone).utcoffset()
        return round(offset.total_seconds() * 1000) if offset else 0
