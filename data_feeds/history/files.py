"""Files of fixes on disk: written whole or not at all, and only those count that the database names."""

from __future__ import annotations

import errno
import logging
import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from data_feeds.history.local_time import EPOCH
from data_feeds.history.patrol import DAY_MS
from data_feeds.history.store import TRACK, StoreError, StoreFull

log = logging.getLogger(__name__)
ROW_GROUP = 50_000
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NAME = re.compile(r"^\d{4}-\d\d-\d\d/(\d{8})\.parquet$")


class TrackFile(NamedTuple):
    """One file: ``name`` below the folder of tracks, its day (UTC), how many fixes, the first and the last (Unix ms),
    and whether it is in the order of a compacted day: (unit, time) instead of time."""

    name: str
    day: date
    n: int
    first_ms: int
    last_ms: int
    compact: bool = False


def day_of(ms: int) -> date:
    """The day in UTC."""
    return EPOCH + timedelta(days=ms // DAY_MS)


def begin_of(day: date) -> int:
    """Unix ms at which a day begins in UTC."""
    return (day - EPOCH).days * DAY_MS


class Writer:
    """Writes one file below ``folder``: batches of TRACK, then ``done``; what is not done leaves nothing behind."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self._part = self._path.with_suffix(".part")
        self._n, self._first, self._last = 0, 0, 0
        self._name = name
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb")
            self._out = pq.ParquetWriter(self._file, TRACK, compression="zstd")
        except OSError as error:
            raise failed(self._path, error) from error

    def add(self, fixes: pa.Table) -> None:
        """Append rows in the order of the file."""
        if not len(fixes):
            return
        t = fixes["t_ms"].to_numpy()
        first, last = int(t.min()), int(t.max())
        self._first, self._last = (min(first, self._first), max(last, self._last)) if self._n else (first, last)
        self._n += len(fixes)
        try:
            self._out.write_table(fixes.cast(TRACK), row_group_size=ROW_GROUP)
        except OSError as error:
            self.give_up()
            raise failed(self._path, error) from error

    def done(self, day: date, compact: bool) -> TrackFile:
        """Bring the file to disk under its name."""
        try:
            self._out.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.rename(self._path)
            synced(self._path.parent)
        except OSError as error:
            self.give_up()
            raise failed(self._path, error) from error
        return TrackFile(self._name, day, self._n, self._first, self._last, compact)

    def give_up(self) -> None:
        """Leave nothing behind."""
        try:
            self._file.close()
            self._part.unlink(missing_ok=True)
        except OSError as error:
            log.warning("history: %s: %s", self._part, error)


def synced(folder: Path) -> None:
    """Bring a folder's list of names to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def removed(folder: Path, names: list[str]) -> None:
    """Delete files that no longer count, and their day's folder with the last; what cannot go is logged and stays."""
    for name in names:
        path = folder / name
        try:
            path.unlink(missing_ok=True)
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        except OSError as error:
            log.warning("history: %s stays: %s", path, error)


def found(folder: Path) -> tuple[list[str], list[str]]:
    """The names of whole files, and those of what was begun."""
    if not folder.is_dir():
        return [], []
    names = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*") if path.is_file())
    return [name for name in names if _NAME.match(name)], [name for name in names if name.endswith(".part")]


def number(name: str) -> int:
    """Which file it is: numbers only grow."""
    match = _NAME.match(name)
    return int(match[1]) if match else 0


def read_facts(folder: Path, name: str) -> TrackFile | None:
    """What a file holds, from its own footer; None where it cannot be read."""
    try:
        meta = pq.read_metadata(folder / name)
        column = TRACK.names.index("t_ms")
        groups = [meta.row_group(k).column(column).statistics for k in range(meta.num_row_groups)]
        day = date.fromisoformat(name.split("/")[0])
        return TrackFile(name, day, meta.num_rows, min(g.min for g in groups), max(g.max for g in groups))
    except (OSError, ValueError, AttributeError, pa.ArrowException) as error:
        log.warning("history: %s cannot be read and is left out: %s", folder / name, error)
        return None


def failed(path: Path, error: OSError) -> StoreError:
    """What an error of the disk means."""
    if error.errno in FULL:
        return StoreFull(f"no room on the disk of {path.parent}: {error.strerror}; make some, then it goes on")
    return StoreError(f"{path}: {error.strerror or error}")
