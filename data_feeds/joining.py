"""A second table beside the data file: more columns for the rows whose key it knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from data_feeds.cells import reader_of
from data_feeds.mapping import Join, cell_text
from data_feeds.reading import Batch, ReadError, Report, Shape, read


class Joined:
    """The second table of one data file, read once. A row that finds nothing has empty cells there, and is counted."""

    def __init__(self, join: Join, beside: Path, report: Report) -> None:
        """Reads the table. Raises ReadError."""
        self._join, self._report = join, report
        self._path = join.file if join.file.is_absolute() else beside.parent / join.file
        self._make_key = reader_of(join.on)
        self._rows: dict[str, tuple[Any, ...]] = {}
        own = Report(limit=0)
        for batch in read(self._path, (join.key, *join.columns), Shape(), own):
            keys = batch.columns[join.key].tolist()
            for key, *cells in zip(keys, *(batch.columns[name].tolist() for name in join.columns), strict=True):
                if self._rows.setdefault(cell_text(key), tuple(cells)) != tuple(cells):
                    raise ReadError(f"{self._path}: {join.key} {cell_text(key)!r} stands there twice, with "
                                    "other values; keep one of them")  # fmt: skip
        if own.total_refused:
            report.notes[f"row of {self._path} that cannot be read"] += own.total_refused

    def extend(self, batch: Batch) -> Batch:
        """``batch`` with the table's columns."""
        keys = self._make_key([batch.columns[rule.name].tolist() for rule in self._join.on.columns])
        nothing = (None,) * len(self._join.columns)
        found = [self._rows.get(key, nothing) if isinstance(key, str) else nothing for key in keys]
        missed = sum(cells is nothing for cells in found)
        if missed:
            self._report.notes[f"row without a match in {self._path}"] += missed
        more = {
            name: np.fromiter((cells[index] for cells in found), object, len(found))
            for index, name in enumerate(self._join.columns)
        }
        return Batch(batch.lines, batch.columns | more, batch.aware)
