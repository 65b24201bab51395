"""A document as slides: 16:9, one message a slide, charts and tables that can be edited. Same document, same bytes.

python-pptx writes the data of a chart into a workbook in which text that begins with "=" would be a formula: it is
replaced by one of our own. Its files carry the time of their making: they are packed anew.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from msgspec.structs import replace
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from briefings.cells import written
from briefings.document import Chart, Document, HeatMap, Section, Sentence, Table, Text, Tiles
from briefings.files import packed
from briefings.native import native
from briefings.palette import (
    CALM,
    GROUND,
    INK,
    INK_2,
    INK_3,
    MARKS,
    ON_GROUND,
    RHYTHM,
    TONES,
    WELL,
)
from briefings.slides_charts import FONT, NUMBERS, clean, look, rgb, workbook
from briefings.typeface import width

WIDE, HIGH = Inches(13.333), Inches(7.5)
LEFT, TOP, ACROSS, DOWN = Inches(0.6), Inches(1.55), Inches(12.13), Inches(5.2)
ROWS_DOWN = Inches(5.0)  # of a table, above its note
BLANK = 6  # of the layouts that python-pptx brings
POINTS, ROWS, COLUMNS, TILES_A_ROW, FIRST_POINTS = 9, 11, 10, 4, 6
KINDS = {
    "line": XL_CHART_TYPE.LINE, "columns": XL_CHART_TYPE.COLUMN_CLUSTERED, "bars": XL_CHART_TYPE.BAR_CLUSTERED,
    "stacked": XL_CHART_TYPE.BAR_STACKED,
}  # fmt: skip
TWO_LINES = 3.2  # in sizes of type, with what is above and below
HALF = 0.6  # of a head's words, on one of two lines
SIZES, PADDING, NOTES = (9, 10, 11, 12, 14, 16), 14, 3
SAID = {"situation", "proposals"}  # whose sentences are slides of their own


def presentation(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """The .pptx file. ``pictures``: PNG of the maps by id."""
    slides = _Slides(document)
    slides.title()
    for bare, some in groupby(document.sections, key=_bare):
        group = list(some)
        if bare:
            slides.bare(group)
            continue
        for section in group:
            slides.section(section, pictures)
    return slides.made()


def _bare(section: Section) -> bool:
    """Whether it has nothing but its message."""
    return not section.blocks and section.message != "" and section.id not in SAID


def repacked(data: bytes) -> bytes:
    """The same parts with one fixed date, so that equal documents are equal files."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return packed({name: old.read(name) for name in old.namelist()})


class _Slides:
    """A presentation on the way."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._colon = "：" if document.lang == "zh" else ": "
        self._deck: Any = Presentation()
        self._deck.slide_width, self._deck.slide_height = WIDE, HIGH
        self._stamp = datetime.fromtimestamp(document.stamp_ms / 1000.0, UTC).replace(tzinfo=None, microsecond=0)

    def made(self) -> bytes:
        core, band = self._deck.core_properties, self._document.band
        core.title, core.author = f"{band.title} {band.period}", band.city
        core.created = core.modified = self._stamp
        core.last_modified_by, core.revision = band.city, 1
        out = io.BytesIO()
        self._deck.save(out)
        return repacked(out.getvalue())

    def title(self) -> None:
        band = self._document.band
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[BLANK])
        self._box(slide, 0, 0, WIDE, HIGH, GROUND)
        self._text(slide, LEFT, Inches(2.0), ACROSS, Inches(0.6), band.city, 20, ON_GROUND)
        self._text(slide, LEFT, Inches(2.6), ACROSS, Inches(1.1), band.title, 44, "#ffffff", bold=True)
        self._text(slide, LEFT, Inches(3.8), ACROSS, Inches(0.6), f"{band.period} · {band.scope}", 20, "#ffffff")
        self._text(slide, LEFT, Inches(4.5), ACROSS, Inches(0.5), band.data_time, 14, ON_GROUND)
        if band.warning:
            self._text(slide, LEFT, Inches(5.0), ACROSS, Inches(0.6), f"■ {band.warning}", 14, "#f0a04b")

    def section(self, section: Section, pictures: Mapping[str, bytes]) -> None:
        if section.id in SAID:
            self.said(section)
        message = section.message  # of the first thing shown; a sentence of its own is the next one's
        drawn = next((block for block in section.blocks if isinstance(block, Chart | Table | HeatMap)), None)
        spoken = isinstance(drawn, Table) and any(isinstance(one, Text) for one in section.blocks)
        if spoken and section.id not in SAID:
            self.said(section)  # what is said is not of the table
            message = ""
        for block in section.blocks:
            if isinstance(block, Chart):
                self.chart(section, block, message)
            elif isinstance(block, HeatMap) and block.id in pictures:
                self.picture(section, block, message, pictures[block.id])
            elif isinstance(block, Table) and block.brief and section.id != "appendix":
                self.table(section, block, message)
            elif isinstance(block, Text) and len(block.sentences) == 1 and not message and not spoken:
                message = block.sentences[0].text
                continue
            else:
                continue
            message = ""
        if drawn is None and section.id not in SAID:
            self.said(section)

    def bare(self, sections: Sequence[Section]) -> None:
        """One slide of sections that have nothing but a message."""
        if len(sections) == 1:
            self._slide(sections[0], sections[0].message)
            return
        names = " · ".join(one.title for one in sections)
        self._points(self._slide(replace(sections[0], title=names), names), TOP, [
            Sentence(f"{one.title}{self._colon}{one.message}") for one in sections
        ])  # fmt: skip

    def said(self, section: Section) -> None:
        """Its tiles and first sentences, then further slides of sentences."""
        tiles = [tile for block in section.blocks if isinstance(block, Tiles) for tile in block.tiles]
        said = [one for block in section.blocks if isinstance(block, Text) for one in block.sentences]
        if tiles:
            slide = self._slide(section, section.message)
            for at, tile in enumerate(tiles):
                self._tile(slide, at, tile)
        elif section.message:
            said.insert(0, Sentence(section.message))
        for begin in range(0, len(said), POINTS):
            slide = self._slide(section, section.title)
            self._points(slide, TOP, said[begin : begin + POINTS])

    def chart(self, section: Section, told: Chart, message: str) -> None:
        chart = native(told)
        slide = self._slide(section, message or chart.title, chart.title)
        if chart.shape == "matrix":
            self._matrix(slide, chart)
            return
        data = CategoryChartData(number_format=NUMBERS.get(chart.kind, "General"))
        data.categories = [clean(label) for label in chart.labels]
        for series in chart.series:
            data.add_series(clean(series.name), series.values)
        frame = slide.shapes.add_chart(KINDS[chart.shape], LEFT, TOP, ACROSS, DOWN, data)
        frame.name = chart.id
        drawn = frame.chart
        drawn.part.chart_workbook.update_from_xlsx_blob(workbook(chart, self._stamp))
        look(drawn, chart)
        notes = [chart.note]
        if chart.shape == "bars" and any(one.marks for one in chart.series):
            notes.append(f"■ {chart.marked}")
        self._below(slide, notes)

    def table(self, section: Section, table: Table, message: str) -> None:
        """The first rows; columns as far as they fit."""
        slide = self._slide(section, message or table.title, table.title)
        columns = table.columns[:COLUMNS]
        rows = table.rows[: min(ROWS, table.brief)]
        cells = [[column.title for column in columns]]
        tones: list[list[str | None]] = [[None] * len(columns)]
        for row in rows:
            pairs = list(zip(columns, row, strict=False))
            cells.append([written(self._document, column.kind, cell, column.digits) for column, cell in pairs])
            tones.append([str(cell) if column.kind == "verdict" else None for column, cell in pairs])
        left = [column.kind in ("text", "verdict", "date", "time") for column in columns]
        self._grid(slide, table.id, cells, tones, left, _size(cells))
        left_out = len(table.rows) - len(rows)
        self._below(slide, [self._document.more.replace("{n}", f"{left_out:,}") if left_out else "", table.note])

    def picture(self, section: Section, chart: HeatMap, message: str, png: bytes) -> None:
        slide = self._slide(section, message or chart.title, chart.title)
        shape = slide.shapes.add_picture(io.BytesIO(png), LEFT, TOP, height=DOWN)
        shape.name = chart.id
        if shape.width > ACROSS:
            shape.height = Emu(int(shape.height * ACROSS / shape.width))
            shape.width = ACROSS
        shape.left = Emu(int((WIDE - shape.width) / 2))

    def _slide(self, section: Section, message: str, title: str = "") -> Any:
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[BLANK])
        band = self._document.band
        self._box(slide, 0, 0, Inches(0.12), HIGH, CALM)
        kicker = section.title if title in ("", section.title, message) else f"{section.title} · {title}"
        self._text(slide, LEFT, Inches(0.25), ACROSS, Inches(0.35), kicker, 12, INK_3)
        size = 22 if width(message, 22) < 12.1 * 72 else 17 if width(message, 17) < 2 * 12.0 * 72 else 13
        self._text(slide, LEFT, Inches(0.58), ACROSS, Inches(0.9), message, size, INK, bold=True)
        self._text(slide, LEFT, Inches(7.05), Inches(11.2), Inches(0.3), self._document.footer, 9, INK_3)
        number = str(len(self._deck.slides))
        self._text(slide, Inches(12.2), Inches(7.05), Inches(0.6), Inches(0.3), number, 9, INK_3)
        slide.name = band.title
        return slide

    def _below(self, slide: Any, notes: Sequence[str]) -> None:
        text = "　".join(note for note in notes if note)
        if text:
            self._text(slide, LEFT, Inches(6.72), ACROSS, Inches(0.3), text, 10, INK_3)

    def _tile(self, slide: Any, at: int, tile: Any) -> None:
        wide, high, gap = Inches(2.88), Inches(2.35), Inches(0.2)
        left = LEFT + (at % TILES_A_ROW) * (wide + gap)
        top = TOP + (at // TILES_A_ROW) * (high + gap)
        self._box(slide, left, top, wide, high, WELL)
        inner = wide - Inches(0.3)
        self._text(slide, left + Inches(0.15), top + Inches(0.1), inner, Inches(0.35), tile.label, 12, INK_2)
        self._text(slide, left + Inches(0.15), top + Inches(0.45), inner, Inches(0.7), tile.shown, 30, INK, bold=True)
        box = slide.shapes.add_textbox(left + Inches(0.15), top + Inches(1.2), inner, high - Inches(1.25))
        frame = box.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for at, note in enumerate(tile.notes[:NOTES]):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(3)
            text = f"{MARKS[note.tone]} {note.text}" if note.tone != "plain" else note.text
            self._run(paragraph, text, 10, TONES[note.tone])

    def _points(self, slide: Any, top: int, said: Sequence[Sentence]) -> None:
        box = slide.shapes.add_textbox(LEFT, top, ACROSS, DOWN)
        frame = box.text_frame
        frame.word_wrap = True
        for at, one in enumerate(said):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(8)
            _bullet(paragraph, MARKS[one.tone], TONES[one.tone])
            self._run(paragraph, one.text, 14, INK)

    def _matrix(self, slide: Any, chart: Chart) -> None:
        """A table whose cells are shaded by their values."""
        values = [value for series in chart.series for value in series.values if value is not None]
        most = max(values, default=0) or 1
        cells = [["", *chart.labels]]
        fills: list[list[str | None]] = [[None] * (len(chart.labels) + 1)]
        for series in chart.series:
            told = (written(self._document, chart.kind, one, chart.digits) for one in series.values)
            cells.append([series.name, *told])
            fills.append([None, *(_shade(one, most) for one in series.values)])
        self._grid(slide, chart.id, cells, [[None] * len(row) for row in cells], [True] * len(cells[0]), 9, fills)

    def _grid(
        self, slide: Any, name: str, cells: Sequence[Sequence[str]], tones: Sequence[Sequence[str | None]],
        left: Sequence[bool], size: int, fills: Sequence[Sequence[str | None]] = (),
    ) -> None:  # fmt: skip
        row_high = min(Inches(0.42 * max(1.0, size / 11)), int(ROWS_DOWN / len(cells)))
        frame = slide.shapes.add_table(len(cells), len(cells[0]), LEFT, TOP, ACROSS, row_high * len(cells))
        frame.name = name
        grid = frame.table
        needs = [_need(cells, k, size) for k in range(len(cells[0]))]
        for k, need in enumerate(needs):
            grid.columns[k].width = int(ACROSS * need / sum(needs))
        if any(width(head, size, True) + PADDING > need for head, need in zip(cells[0], needs, strict=True)):
            grid.rows[0].height = int(max(row_high, Pt(size * TWO_LINES)))
        for at, row in enumerate(cells):
            for k, text in enumerate(row):
                cell = grid.cell(at, k)
                cell.margin_left = cell.margin_right = Inches(0.05)
                cell.margin_top = cell.margin_bottom = Inches(0.02)
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                cell.fill.solid()
                fill = fills[at][k] if fills else None
                cell.fill.fore_color.rgb = rgb(GROUND if at == 0 else fill or (WELL if at % 2 == 0 else "#ffffff"))
                paragraph = cell.text_frame.paragraphs[0]
                dark = at == 0 or fill in RHYTHM[3:]
                ink = "#ffffff" if dark else TONES.get(tones[at][k] or "", INK)
                self._run(paragraph, text, size, ink, at == 0)
                paragraph.alignment = 1 if left[k] else 3

    def _box(self, slide: Any, x: int, y: int, wide: int, high: int, colour: str) -> None:
        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, x, y, wide, high)
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb(colour)
        shape.line.fill.background()
        shape.shadow.inherit = False

    def _text(
        self, slide: Any, x: int, y: int, wide: int, high: int, text: str, size: float, colour: str, bold: bool = False
    ) -> None:
        frame = slide.shapes.add_textbox(x, y, wide, high).text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        self._run(frame.paragraphs[0], text, size, colour, bold)

    def _run(self, paragraph: Any, text: str, size: float, colour: str, bold: bool = False) -> None:
        run = paragraph.add_run()
        run.text = clean(text)
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
        run.font.color.rgb = rgb(colour)
        east = run._r.get_or_add_rPr().makeelement(qn("a:ea"), {"typeface": FONT})
        run._r.get_or_add_rPr().append(east)


def _need(cells: Sequence[Sequence[str]], k: int, size: float) -> float:
    """Points for a column; its head may take two lines."""
    head = cells[0][k]
    longest = max((width(word, size, True) for word in head.split()), default=0.0)
    heads = max(longest, width(head, size, True) * (HALF if " " in head else 1))
    return max([heads, *(width(row[k], size) for row in cells[1:])]) + PADDING


def _size(cells: Sequence[Sequence[str]]) -> int:
    """The largest type in which the columns of a table stand side by side, and its rows one below the other."""
    fit = [
        size for size in SIZES
        if sum(_need(cells, k, size) for k in range(len(cells[0]))) <= ACROSS / Pt(1)
        and size * 2.2 * len(cells) <= ROWS_DOWN / Pt(1)
    ]  # fmt: skip
    return max(fit, default=min(SIZES))


def _bullet(paragraph: Any, mark: str, colour: str) -> None:
    """A mark of its own, before lines that stand under each other."""
    told = paragraph._p.get_or_add_pPr()
    told.set("marL", str(Inches(0.3)))
    told.set("indent", str(-Inches(0.3)))
    for name, attributes in (("a:buClr", {}), ("a:buFont", {"typeface": FONT}), ("a:buChar", {"char": mark})):
        one = told.makeelement(qn(name), attributes)
        if name == "a:buClr":
            one.append(one.makeelement(qn("a:srgbClr"), {"val": colour.lstrip("#").upper()}))
        told.append(one)


def _shade(value: float | None, most: float) -> str | None:
    return None if value is None else RHYTHM[min(len(RHYTHM) - 1, int(value / most * len(RHYTHM)))]


