"""Files → batches of columns with the line of every row: CSV (also gzipped) and Parquet.

Only the columns that are asked for are kept. A line that is no row is told to the ``report``; a file that cannot be
read at all is a ReadError that names it and the way out.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_feeds.cells import Bad, shown

CSV_BATCH = 20_000
PARQUET_BATCH = 200_000
LOGGED_PER_CAUSE = 5
# how binary logs of autopilots begin → what they are, and the way to a table of them
BINARY_LOGS = {
    b"\xa3\x95\x80": "a binary ArduPilot log, no table: "
    "`mavlogdump.py --format csv --types GPS FLIGHT.bin > FLIGHT.csv` "
    "(pymavlink; unpack a .gz first) makes what mappings/arducopter_gps.toml reads",
    b"ULog\x01": "a binary PX4 log, no table: `ulog2csv FLIGHT.ulg` (pyulog; unpack a .gz first) makes tables of it, "
    "which a mapping of your own reads",
}


class ReadError(ValueError):
    """A file cannot be read; the text names it and the way out."""


class Batch(NamedTuple):
    """Some rows. ``lines``: line of the file (CSV) or row number (Parquet), from 1; ``aware``: columns that are UTC."""

    lines: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    aware: frozenset[str] = frozenset()


@dataclass
class Report:
    """Counts the rows that were read and refused, by cause, and keeps the first lines of each cause for the log.

    ``share``: how much of the file that is being read has been read, 0 to 1.
    """

    limit: int = LOGGED_PER_CAUSE
    rows: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    fresh: list[str] = field(default_factory=list)
    share: float = 0.0

    def refuse(self, path: Path, line: int, bad: Bad) -> None:
        """Count one refused row; its log line waits in ``fresh`` unless the cause was logged often enough."""
        self.refused[str(path), bad.cause] += 1
        seen = self.refused[str(path), bad.cause]
        if seen <= self.limit:
            self.fresh.append(f"{path}:{line}: row left out: {bad.cause}: {bad.detail}")
        if seen == self.limit:
            self.fresh.append(f"{path}: further rows of this cause are only counted")

    def take_fresh(self) -> list[str]:
        """The log lines since the last call."""
        lines, self.fresh = self.fresh, []
        return lines

    @property
    def total_refused(self) -> int:
        return self.refused.total()

    def summary(self) -> list[str]:
        """One line a cause, most frequent first."""
        lines = []
        for (path, cause), count in self.refused.most_common():
            lines.append(f"{count:,} {'row' if count == 1 else 'rows'} left out of {path}: {cause}")
        return lines + [f"{count:,} times: {note}" for note, count in self.notes.most_common()]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a text table is written; ``names`` for one without a header line."""

    encoding: str = "utf-8"
    delimiter: str = ","
    names: tuple[str, ...] = ()
    skip_lines: int = 0


def read(path: Path, columns: Sequence[str], shape: Shape, report: Report) -> Iterator[Batch]:
    """The rows of ``path`` in file order, only ``columns``. Raises ReadError."""
    magic = start_of(path)
    if magic == b"PAR1":
        yield from _read_parquet(path, columns, report)
    else:
        yield from _read_csv(path, columns, shape, report, gzipped=magic[:2] == b"\x1f\x8b")


def start_of(path: Path) -> bytes:
    """The first four bytes of ``path``. Raises ReadError when it is missing, empty or not to be read."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file") from None
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror}") from None
    if not magic:
        raise ReadError(f"{path}:1: the file is empty")
    return magic


def damaged(path: Path, line: int, error: Exception) -> ReadError:
    """What to raise when gzip data break off after ``line``."""
    return ReadError(f"{path}: the gzip data break off or are damaged after line {line} ({error}); "
                     "fetch the file again")  # fmt: skip


def _read_csv(path: Path, columns: Sequence[str], shape: Shape, report: Report, gzipped: bool) -> Iterator[Batch]:
    # bad bytes become lone surrogates, so that one bad line costs one line and not the file
    encoding = "utf-8-sig" if shape.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else shape.encoding
    line, size = 0, max(1, path.stat().st_size)
    with (
        path.open("rb") as file,
        gzip.GzipFile(fileobj=file) if gzipped else file as raw,
        io.TextIOWrapper(raw, encoding, errors="surrogateescape", newline="") as text,
    ):
        try:
            start = raw.peek(8)
            if said := next((said for magic, said in BINARY_LOGS.items() if start.startswith(magic)), ""):
                raise ReadError(f"{path}: is {said}")
            for _ in range(shape.skip_lines):
                text.readline()
            reader = csv.reader(text, delimiter=shape.delimiter)
            header = list(shape.names) or _header(path, next(reader, []), shape)
            where = places(path, header, columns)
            for lines, rows in _rows(path, reader, len(header), shape, report):
                line = lines[-1] if lines else line
                cells = {name: _object_array([row[i] for row in rows]) for name, i in where.items()}
                report.share = min(1.0, file.tell() / size)
                yield _decodable(path, Batch(np.array(lines, np.int64), cells), encoding, report)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(path, line, error) from None
        except UnicodeError as error:
            raise ReadError(f"{path}: is not {shape.encoding} ({error}); set encoding in [file]") from None


def _rows(
    path: Path, reader: Any, width: int, shape: Shape, report: Report
) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Batches of (lines, rows); a row that spans lines is known by its first."""
    lines: list[int] = []
    rows: list[list[str]] = []
    while True:
        line = shape.skip_lines + reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            report.rows += 1
            report.refuse(path, line, Bad("not a row of CSV", str(error)))
            continue
        if row is not None and len(row) != width:
            if row:  # a blank line is no row
                report.rows += 1
                bad = Bad("another number of cells than columns", f"{len(row)} cells, {width} columns")
                report.refuse(path, line, bad)
            continue
        if row is not None:
            lines.append(line)
            rows.append(row)
        if rows and (row is None or len(rows) >= CSV_BATCH):
            report.rows += len(rows)
            yield lines, rows
            lines, rows = [], []
        if row is None:
            return


def _header(path: Path, cells: list[str], shape: Shape) -> list[str]:
    header = [cell.strip() for cell in cells]
    if not any(header):
        raise ReadError(f"{path}: has no header line; give the columns as names = [...] in [file]")
    if any("\x00" in cell for cell in header):
        raise ReadError(f'{path}: looks like UTF-16, not {shape.encoding}; set encoding = "utf-16" in [file]')
    return header


MEND = "Mend the name in the mapping, or delimiter and encoding in [file]"


def places(path: Path, header: Sequence[str], columns: Sequence[str], way_out: str = MEND) -> dict[str, int]:
    """Column name → index. Raises ReadError for one that is missing or exists twice."""
    count = Counter(header)
    missing = [name for name in columns if name not in count]
    if missing:
        listed = ", ".join(shown(name) for name in header[:40])
        raise ReadError(f"{path}: no column {', '.join(map(repr, missing))}; it has {listed}. {way_out}")
    for name in columns:
        if count[name] > 1:
            raise ReadError(f"{path}: column {name!r} exists {count[name]} times; rename one, "
                            "or name all columns with names = [...] and skip_lines = 1 in [file]")  # fmt: skip
    return {name: header.index(name) for name in columns}


def _decodable(path: Path, batch: Batch, encoding: str, report: Report) -> Batch:
    """``batch`` without the rows whose wanted cells held bytes that are not of the encoding."""
    keep = np.ones(len(batch.lines), bool)
    for name, cells in batch.columns.items():
        if "".join(cells).isascii():
            continue
        for index, cell in enumerate(cells):
            if keep[index] and not cell.isascii() and any("\ud800" <= char <= "\udfff" for char in cell):
                keep[index] = False
                word = encoding.removesuffix("-sig")
                bad = Bad(f"bytes that are not {word}", f"column {name} {shown(cell)}; set encoding in [file]")
                report.refuse(path, int(batch.lines[index]), bad)
    if keep.all():
        return batch
    return Batch(batch.lines[keep], {name: cells[keep] for name, cells in batch.columns.items()}, batch.aware)


def _read_parquet(path: Path, columns: Sequence[str], report: Report) -> Iterator[Batch]:
    try:
        with pq.ParquetFile(path) as file:
            places(path, file.schema_arrow.names, columns)
            row = 1
            for part in file.iter_batches(batch_size=PARQUET_BATCH, columns=list(columns)):
                arrays = {name: part.column(name) for name in columns}
                aware = frozenset(n for n, a in arrays.items() if pa.types.is_timestamp(a.type) and a.type.tz)
                lines = np.arange(row, row + part.num_rows, dtype=np.int64)
                row += part.num_rows
                report.rows += part.num_rows
                report.share = (row - 1) / max(1, file.metadata.num_rows)
                if part.num_rows:
                    yield Batch(lines, {name: _cells(array) for name, array in arrays.items()}, aware)
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReadError(f"{path}: not a readable Parquet file: {first}") from None


def _cells(array: Any) -> NDArray[Any]:
    """An Arrow array as NumPy: times as datetime64[us], numbers as they are, everything else as objects."""
    kind = array.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return np.asarray(array.cast(pa.timestamp("us"), safe=False).to_numpy(zero_copy_only=False), dtype="M8[us]")
    if pa.types.is_dictionary(kind):
        if array.null_count:
            return _cells(array.dictionary_decode())
        return _cells(array.dictionary)[array.indices.to_numpy(zero_copy_only=False)]
    if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and not array.null_count:
        return np.asarray(array.to_numpy(zero_copy_only=False))
    return _object_array(array.to_pylist())


def _object_array(values: list[Any]) -> NDArray[Any]:
    return np.fromiter(values, object, len(values))
