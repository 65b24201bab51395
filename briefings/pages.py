"""A document as pages: PDF/A-2u with real text and vector charts, and each chart as a PNG. Typst sets the type.

The template (``pages.typ``) is fixed; what a document says reaches it as JSON and is never parsed as markup. Fonts are
those of the install, nothing is read from the system, no time but the document's own: same document, same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from briefings import charts, heatmap, palette
from briefings.axes import Write
from briefings.cells import written
from briefings.document import Block, Chart, Definitions, Document, HeatMap, Section, Table
from briefings.typeface import FAMILY, MISSING, breakable, fitted, fonts, legible, width

TEMPLATE = Path(__file__).with_name("pages.typ")
PICTURE_PPI = 200.0
HALF = 242.0  # points: of two charts side by side
SMALL_SHAPES, FEW_LABELS = ("columns", "bars", "stacked"), 9
NORTH = {"zh": "北", "en": "N"}
LEFT_OUT = {
    "zh": f"{MISSING}：字库中没有的字（{{codes}}）。",
    "en": f"{MISSING} stands for a character that the typeface lacks ({{codes}}).",
}
TOLD_CODES = 20
NUMBERS = {"values", "rings", "cells"}  # keys below which there is no text from outside
KEPT_BY_TYPST = 10
GROUP = 4  # definitions
TABLE_SIZES, HEAD_SIZE, LEAST_TEXT, MOST_HEAD = (8.0, 7.0, 6.0), 7.5, 64.0, 34.0
MANY_COLUMNS, INSETS = 10, (4.0, 2.0)
RUNNING, FOOT = 360.0, 430.0  # points: of the lines at head and foot of every page


def pdf(document: Document) -> bytes:
    """The document as PDF/A-2u, A4."""
    return _set(_told(document), "pdf")


def pictures(document: Document, blocks: Sequence[str] = ("chart", "map")) -> Iterator[tuple[str, bytes]]:
    """(id, PNG) of every chart and map (or only of those ``blocks``), with its title and what stands below it."""
    told = _told(document)
    head = {key: told[key] for key in ("lang", "band", "stamp", "family", "palette", "running")}
    for block in (block for section in told["sections"] for block in section["blocks"]):
        if block["block"] in blocks and block["svg"]:
            yield block["id"], _set({**head, "picture": block}, "png")


def _set(told: dict[str, Any], form: str) -> bytes:
    return _setter().submit(_compiled, told, form).result()


@lru_cache(maxsize=1)
def _setter() -> ThreadPoolExecutor:
    """The one thread that sets type: Typst uses all cores by itself."""
    return ThreadPoolExecutor(1, thread_name_prefix="pages")


def _compiled(told: dict[str, Any], form: str) -> bytes:
    import typst  # 34 MB that only a document needs

    compiler = typst.Compiler(
        _template(), ignore_system_fonts=True, font_paths=fonts(),
        sys_inputs={"told": json.dumps(told, ensure_ascii=False, allow_nan=False)},
    )  # fmt: skip
    try:
        if form == "pdf":
            return _whole(compiler.compile(format="pdf", pdf_standards=["a-2u"]))
        return _whole(compiler.compile(format="png", ppi=PICTURE_PPI))
    finally:
        _forget()


def _forget() -> None:
    """Typst keeps the last ten documents for the next one, 25 MB each; ten empty ones of 1 ms push them out."""
    import typst

    empty = typst.Compiler(b"", ignore_system_fonts=True, font_paths=fonts())
    for _ in range(KEPT_BY_TYPST):
        empty.compile(input=b"", format="svg")


def _whole(made: Any) -> bytes:
    if not isinstance(made, bytes):
        raise RuntimeError("a picture of more than one page")
    return made


@lru_cache(maxsize=1)
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def _told(document: Document) -> dict[str, Any]:
    """``document`` as the template reads it: every text legible, every cell written, every chart drawn."""
    missing: set[str] = set()
    sections, more = zip(*map(_brief, document.sections), strict=True) if document.sections else ((), ())
    plain = msgspec.to_builtins(replace(document, sections=sections))
    clean = msgspec.convert(_each(plain, partial(legible, missing=missing)), Document)
    write: Write = partial(written, clean)
    told: dict[str, Any] = _each(msgspec.to_builtins(clean), breakable)
    for own, section, left in zip(clean.sections, told["sections"], more, strict=True):
        for block, count in zip(section["blocks"], left, strict=True):
            block["more"] = clean.more.replace("{n}", f"{count:,}") if count else ""
        section["blocks"] = list(_blocks(own, section["blocks"], write, NORTH[clean.lang]))
    if missing:
        codes = ", ".join(f"U+{ord(one):04X}" for one in sorted(missing)[:TOLD_CODES])
        told["left_out"] = LEFT_OUT[clean.lang].format(codes=codes + (" …" if len(missing) > TOLD_CODES else ""))
    running = " · ".join((clean.band.city, clean.band.title, clean.band.period))
    stamp = datetime.fromtimestamp(document.stamp_ms / 1000, UTC)
    return told | {
        "family": FAMILY, "stamp": [stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second],
        "palette": _PALETTE, "running": fitted(running, HEAD_SIZE, RUNNING),
        "footer": fitted(clean.footer, HEAD_SIZE, FOOT),
    }  # fmt: skip


def _brief(section: Section) -> tuple[Section, list[int]]:
    """``section`` with the rows that pages show, and of every block how many rows that leaves out."""
    blocks = [replace(one, rows=one.rows[: one.brief]) if isinstance(one, Table) else one for one in section.blocks]
    more = [max(0, len(one.rows) - one.brief) if isinstance(one, Table) else 0 for one in section.blocks]
    return replace(section, blocks=tuple(blocks)), more


_PALETTE: dict[str, Any] = {
    **{name: value for name, value in vars(palette).items() if name.isupper() and isinstance(value, str)},
    "TONES": palette.TONES, "MARKS": palette.MARKS,
}  # fmt: skip


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """``value`` with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: one if key in NUMBERS else _each(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_each(one, change) for one in value]
    return value


def _blocks(section: Section, told: list[dict[str, Any]], write: Write, north: str) -> Iterator[dict[str, Any]]:
    """What of a section is shown, with its pictures; small charts that follow each other stand side by side. Tables
    of which a page shows no row are for data sheets."""
    pairs = [(block, plain) for block, plain in zip(section.blocks, told, strict=True) if not _hidden(block)]
    pairs.sort(key=lambda pair: isinstance(pair[0], HeatMap))  # the rest of a page holds no map, but text and tables
    halves = _halves([block for block, _ in pairs])
    for k, (block, plain) in enumerate(pairs):
        if isinstance(block, Chart):
            plain["svg"] = charts.picture(block, write, HALF if k in halves else charts.WIDE)
            plain["half"] = k in halves
            del plain["series"], plain["labels"]
        elif isinstance(block, HeatMap):
            plain["svg"] = heatmap.picture(block, north)
            del plain["cells"], plain["outlines"]
        elif isinstance(block, Table):
            if not block.brief:  # for data sheets only
                continue
            plain |= _table(block, write)
        elif isinstance(block, Definitions):
            plain["definitions"] = _in_columns(plain["definitions"])
        yield plain


def _hidden(block: Block) -> bool:
    return isinstance(block, Table) and block.brief == 0


def _in_columns(definitions: list[dict[str, Any]]) -> list[list[list[dict[str, Any]]]]:
    """Groups of definitions, each in two columns of about the same height."""
    groups = [definitions[k : k + GROUP] for k in range(0, len(definitions), GROUP)]
    return [min(([group[:k], group[k:]] for k in range(1, len(group) + 1)), key=_taller) for group in groups]


def _taller(columns: list[list[dict[str, Any]]]) -> float:
    lines = [
        [2 + sum(1 + width(line, HEAD_SIZE) // HALF for line in one["text"].split("\n")) for one in column]
        for column in columns
    ]
    return max(map(sum, lines))


def _halves(blocks: Sequence[Block]) -> set[int]:
    """Which blocks are one of a pair."""
    found: set[int] = set()
    for k in range(1, len(blocks)):
        if k - 1 not in found and _small(blocks[k - 1]) and _small(blocks[k]):
            found |= {k - 1, k}
    return found


def _small(block: Block) -> bool:
    return isinstance(block, Chart) and block.shape in SMALL_SHAPES and len(block.labels) <= FEW_LABELS


def _table(table: Table, write: Write) -> dict[str, Any]:
    rows = [
        [write(column.kind, cell, column.digits) for column, cell in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    size, inset, widths = _widths(table, rows)
    return {
        "rows": _each(rows, breakable), "tones": [_tones(table, row) for row in table.rows],
        "size": size, "inset": inset, "widths": widths,
    }  # fmt: skip


def _widths(table: Table, rows: list[list[str]]) -> tuple[float, float, list[float]]:
    """Size of type, space beside a cell, and widths of columns (points): each as wide as what it holds, what is left
    shared by all. Texts that are too long for that get several lines; type is smaller only where it must be."""
    inset = INSETS[len(table.columns) > MANY_COLUMNS]
    heads = [min(width(column.title, HEAD_SIZE), MOST_HEAD) for column in table.columns]
    for size in TABLE_SIZES:
        needs = [
            2 * inset + 1 + max([head, *(width(row[k], size) for row in rows)]) for k, head in enumerate(heads)
        ]
        texts = [need if column.kind == "text" else 0.0 for need, column in zip(needs, table.columns, strict=True)]
        left = charts.WIDE - sum(needs)
        if left >= 0:
            return size, inset, [need + left / len(needs) for need in needs]
        if left + sum(texts) >= sum(min(text, LEAST_TEXT) for text in texts):
            most = _level(texts, left + sum(texts))
            return size, inset, [min(text, most) or need for text, need in zip(texts, needs, strict=True)]
    return size, inset, [need * charts.WIDE / sum(needs) for need in needs]


def _level(needs: Sequence[float], space: float) -> float:
    """The most that each of ``needs`` may have, so that all together have ``space``."""
    wanting = sorted(need for need in needs if need)
    while len(wanting) > 1 and wanting[0] < space / len(wanting):
        space -= wanting.pop(0)
    return space / len(wanting)


def _tones(table: Table, row: Any) -> list[str]:
    """The tone of every cell: that of a verdict, else ""."""
    return [
        str(cell) if column.kind == "verdict" and cell in palette.TONES else ""
        for column, cell in zip(table.columns, row, strict=True)
    ]
