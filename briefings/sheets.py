"""The tables of a document as CSV: UTF-8 with a byte order mark, one file a table, no text a formula. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from briefings.document import Cell, Column, Document, Table
from briefings.harmless import harmless

BOM = b"\xef\xbb\xbf"  # without it Excel reads UTF-8 as the system's own letters
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tables(document: Document) -> Iterator[tuple[str, bytes]]:
    """(id, file) of every table: numbers as they are (shares 0–1, seconds), times as the city's clocks show them."""
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield block.id, BOM + _text(document, block).encode()


def _text(document: Document, table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(column.title) for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(document, column, cell) for column, cell in zip(table.columns, row, strict=True)])
    return out.getvalue()


def _cell(document: Document, column: Column, cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(document.verdicts.get(cell, cell) if column.kind == "verdict" else cell)
    if column.kind == "time":
        at = (EPOCH + timedelta(milliseconds=cell)).astimezone(ZoneInfo(document.time_zone))
        return at.isoformat(" ", "seconds")
    return cell
