"""A document as a workbook: what it says, then a sheet of typed cells for every table and every chart, with a native
chart on its data. No text is ever a formula or a link. Same document, same bytes: XlsxWriter dates its parts alike."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from briefings.document import Block, Cell, Chart, Column, Definitions, Document, Kind, Table, Text, Tiles
from briefings.native import LABELLED, ends_at_one, native
from briefings.palette import (
    BEFORE,
    CALM,
    CALM_SOFT,
    GROUND,
    INK,
    INK_2,
    LINE,
    LINE_STRONG,
    MARKS,
    ORANGE,
    PARTS,
    RHYTHM,
    TONES,
)
from briefings.typeface import width

OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "nan_inf_to_errors": True, "remove_timezone": True,
}  # fmt: skip
FONT, TEXT_PT = "Noto Sans SC", 10
MAX_NAME, MAX_WIDTH, LEAST_WIDTH = 31, 44, 9
LETTERS_AN_EM = 1.9
CHART = {"zh": "图", "en": "Chart"}  # before the names of sheets that are drawn
DAY_S = 86_400.0
FORMATS: dict[Kind, str] = {
    "rank": "0", "count": "#,##0", "share": "0.0%", "percent": '+#,##0.0"%";−#,##0.0"%";0.0"%"',
    "points": "+0.0;−0.0;0.0", "seconds": "[h]:mm:ss", "minutes": "#,##0", "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm", "chance": '[<0.0005]"<0.001";0.000',
}  # fmt: skip
AXIS = {"share": "0%", "number": "#,##0.0", "seconds": "[m]:ss"}
TO_LEFT = ("text", "verdict", "date", "time")
A4, LINE_HIGH, TITLE_HIGH, MOST_LABELS = 9, 14.5, 30, 14
SHAPES = {"line": "line", "columns": "column", "bars": "bar", "stacked": "bar"}
LINES = {"mean": BEFORE, "low": LINE_STRONG, "high": LINE_STRONG}
SIGNS = {
    "partly": {"type": "circle", "size": 6, "border": {"color": CALM}, "fill": {"color": CALM_SOFT}},
    "out": {"type": "diamond", "size": 8, "border": {"color": ORANGE}, "fill": {"color": ORANGE}},
}


def workbook(document: Document) -> bytes:
    """The .xlsx file."""
    return _Book(document).made()


def _letters(text: str) -> int:
    """How many narrow letters are as wide as ``text``."""
    return round(width(text, LETTERS_AN_EM))


def sheet_formats(column: Column) -> str:
    """The number format of a column's cells, "" for text."""
    if column.kind == "number":
        return "#,##0." + "0" * column.digits if column.digits else "#,##0"
    return FORMATS.get(column.kind, "")


class _Book:
    """One workbook on the way."""

    def __init__(self, document: Document) -> None:
        self._document, self._zone = document, ZoneInfo(document.time_zone)
        self._file = io.BytesIO()
        self._book = Workbook(self._file, OPTIONS)
        stamp = datetime.fromtimestamp(document.stamp_ms / 1000.0, UTC).replace(tzinfo=None, microsecond=0)
        band = document.band
        self._book.set_properties({"title": f"{band.title} {band.period}", "author": band.city, "created": stamp})
        self._formats: dict[tuple, Any] = {}
        self._names: set[str] = set()

    def made(self) -> bytes:
        self._say()
        for section in self._document.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    self._table(block)
                elif isinstance(block, Chart):
                    self._chart(block)
        self._book.close()
        return self._file.getvalue()

    def _format(self, **values: Any) -> Any:
        key = tuple(sorted(values.items()))
        if key not in self._formats:
            plain = {"font_name": FONT, "font_size": TEXT_PT, "valign": "top"}
            self._formats[key] = self._book.add_format(plain | values)
        return self._formats[key]

    def _sheet(self, title: str) -> Worksheet:
        plain = "".join(letter for letter in title if letter not in "[]:*?/\\").strip("' ") or "-"
        name, again = plain[:MAX_NAME], 1
        while name.casefold() in self._names:
            again += 1
            name = f"{plain[: MAX_NAME - 4]} {again}"
        self._names.add(name.casefold())
        sheet = self._book.add_worksheet(name)
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _say(self) -> None:
        """The sheet that is read: the band, every sentence and tile, the definitions."""
        document, band = self._document, self._document.band
        sheet = self._sheet(band.title)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 3)
        sheet.set_column(1, 1, 30)
        sheet.set_column(2, 2, 90)
        head = self._format(bold=True, font_size=16, font_color="#ffffff", bg_color=GROUND, valign="vcenter")
        sheet.set_row(0, TITLE_HIGH)
        for column in range(3):
            sheet.write_blank(0, column, None, head)
        sheet.write_string(0, 1, f"{band.city} {band.title}", head)
        row = 1
        for text in (band.period, band.scope, band.data_time, band.warning):
            if text:
                sheet.write_string(row, 1, text, self._format(font_color=INK_2))
                row += 1
        for section in document.sections:
            row += 1
            sheet.write_string(row, 1, section.title, self._format(bold=True, font_size=13, font_color=INK))
            row += 1
            if section.message:
                row = self._line(sheet, row, section.message, self._format(bold=True, text_wrap=True))
            for block in section.blocks:
                row = self._told(sheet, row, block)

    def _told(self, sheet: Worksheet, row: int, block: Block) -> int:
        wrapped = self._format(text_wrap=True)
        if isinstance(block, Tiles):
            for tile in block.tiles:
                sheet.write_string(row, 1, tile.label, self._format(bold=True))
                notes = "　".join(note.text for note in tile.notes)
                sheet.write_string(row, 2, f"{tile.shown}　{notes}".strip(), wrapped)
                row += 1
        elif isinstance(block, Text):
            for sentence in block.sentences:
                mark = self._format(font_color=TONES[sentence.tone], align="center")
                sheet.write_string(row, 0, MARKS[sentence.tone], mark)
                row = self._line(sheet, row, sentence.text, wrapped)
        elif isinstance(block, Definitions):
            for one in block.definitions:
                sheet.write_string(row, 1, one.name, self._format(bold=True))
                sheet.write_string(row, 2, one.text, wrapped)
                lines = one.text.split("\n")
                sheet.set_row(row, 14.5 * sum(1 + _letters(line) // 88 for line in lines))
                row += 1
        return row

    def _line(self, sheet: Worksheet, row: int, text: str, form: Any) -> int:
        """A text across both columns, in as many lines as it takes; the row below."""
        sheet.merge_range(row, 1, row, 2, "", form)
        sheet.write_string(row, 1, text, form)
        sheet.set_row(row, LINE_HIGH * (1 + _letters(text) // 115))
        return row + 1

    def _table(self, table: Table) -> None:
        sheet = self._sheet(table.title)
        self._heads(sheet, [(column.title, column.kind in TO_LEFT) for column in table.columns])
        widths = [_letters(column.title) for column in table.columns]
        for at, line in enumerate(table.rows, 1):
            for k, (column, cell) in enumerate(zip(table.columns, line, strict=True)):
                widths[k] = max(widths[k], self._cell(sheet, at, k, column, cell))
        for k, letters in enumerate(widths):
            sheet.set_column(k, k, min(MAX_WIDTH, max(LEAST_WIDTH, letters + 3)))
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        if table.note:
            sheet.write_string(len(table.rows) + 2, 0, table.note, self._format(font_color=INK_2))

    def _heads(self, sheet: Worksheet, titles: Sequence[tuple[str, bool]]) -> None:
        """``titles``: and whether they stand left, as what is below them."""
        head = {"bold": True, "font_color": "#ffffff", "bg_color": GROUND, "text_wrap": True}
        left, right = self._format(**head, align="left", indent=1), self._format(**head, align="right")
        for k, (title, to_left) in enumerate(titles):
            sheet.write_string(0, k, title, left if to_left else right)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()

    def _cell(self, sheet: Worksheet, row: int, at: int, column: Column, cell: Cell) -> int:
        """Write one cell as what it is; how wide it is in letters."""
        if cell is None:
            return 0
        own: dict[str, Any] = {"align": "left", "indent": 1} if column.kind in TO_LEFT else {}
        if sheet_formats(column):
            own["num_format"] = sheet_formats(column)
        form = self._format(**own)
        if isinstance(cell, str):
            if column.kind == "date":
                sheet.write_datetime(row, at, datetime.combine(date.fromisoformat(cell), datetime.min.time()), form)
                return 10
            if column.kind == "verdict":
                text = self._document.verdicts.get(cell, cell)
                sheet.write_string(row, at, text, self._format(**own, font_color=TONES.get(cell, INK)))
                return _letters(text)
            sheet.write_string(row, at, cell, form)
            return _letters(cell)
        if column.kind == "time":
            sheet.write_datetime(row, at, self._local(cell), form)
            return 16
        sheet.write_number(row, at, cell / DAY_S if column.kind == "seconds" else cell, form)
        return 8

    def _local(self, ms: float) -> datetime:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
        return at.astimezone(self._zone).replace(tzinfo=None)

    def _chart(self, told: Chart) -> None:
        chart = native(told)
        sheet = self._sheet(f"{CHART[self._document.lang]} {chart.title}")
        self._heads(sheet, [("", True), *((series.name, False) for series in chart.series)])
        sheet.set_column(0, 0, min(MAX_WIDTH, max(LEAST_WIDTH, *(_letters(label) + 2 for label in chart.labels))))
        form = self._format(num_format=sheet_formats(Column("value", "", chart.kind, chart.digits)))
        for at, label in enumerate(chart.labels, 1):
            sheet.write_string(at, 0, label, self._format(indent=1))
            for k, series in enumerate(chart.series, 1):
                value = series.values[at - 1]
                if value is not None:
                    sheet.write_number(at, k, value / DAY_S if chart.kind == "seconds" else value, form)
        row = len(chart.labels) + 2
        if chart.note:
            sheet.write_string(row, 0, chart.note, self._format(font_color=INK_2))
            row += 1
        if chart.shape == "bars" and any(one.marks for one in chart.series):
            sheet.write_string(row, 0, f"■ {chart.marked}", self._format(font_color=INK_2))
        if chart.shape == "matrix":
            scale = {"type": "2_color_scale", "min_color": RHYTHM[0], "max_color": RHYTHM[-1]}
            sheet.conditional_format(1, 1, len(chart.labels), len(chart.series), scale)
        elif chart.labels:
            self._draw(sheet, chart)

    def _draw(self, sheet: Worksheet, chart: Chart) -> None:
        kind = {"type": SHAPES[chart.shape]} | ({"subtype": "stacked"} if chart.shape == "stacked" else {})
        drawn = self._book.add_chart(kind)
        lying = chart.shape in ("bars", "stacked")
        number = AXIS.get(chart.kind, "#,##0")
        font = {"name": FONT, "size": 9, "color": INK_2}
        for k, series in enumerate(chart.series, 1):
            colour = LINES.get(series.role) or (BEFORE if series.role == "before" else CALM)
            if series.role == "part":
                colour = PARTS[(k - 1) % len(PARTS)]
            look: dict[str, Any] = {"fill": {"color": colour}, "gap": 60}
            if chart.shape == "bars" and series.marks:
                dark = {"fill": {"color": INK_2}}
                look["points"] = [dark if at in series.marks else None for at in range(len(series.values))]
            if chart.shape == "bars" and series.role == "value" and len(chart.labels) <= LABELLED:
                form = sheet_formats(Column("value", "", chart.kind, chart.digits))
                look["data_labels"] = {"value": True, "num_format": form, "font": font}
            if chart.shape == "line":
                look = {"line": {"color": colour, "width": 2.0 if series.role == "value" else 1.0}}
            if series.role in SIGNS:
                look = {"line": {"none": True}, "marker": SIGNS[series.role]}
            drawn.add_series(look | {
                "name": [sheet.get_name(), 0, k], "categories": [sheet.get_name(), 1, 0, len(chart.labels), 0],
                "values": [sheet.get_name(), 1, k, len(chart.labels), k],
            })  # fmt: skip
        drawn.set_title({"name": chart.title, "name_font": {"name": FONT, "size": 12, "color": INK}, "overlay": False})
        names: dict[str, Any] = {"num_font": font, "interval_unit": max(1, -(-len(chart.labels) // MOST_LABELS))}
        values = {
            "num_font": font, "num_format": number, "min": 0, "name": chart.axis, "name_font": font | {"bold": False},
            "line": {"none": True}, "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.75}},
        }  # fmt: skip
        if ends_at_one(chart):
            values["max"] = 1
        if lying:  # the first name on top, the values below
            names |= {"reverse": True, "crossing": "max", "interval_unit": 1}
        drawn.set_x_axis(values if lying else names)
        drawn.set_y_axis(names if lying else values)
        drawn.set_legend({"position": "bottom", "font": font})
        drawn.set_size({"width": 900, "height": max(360, 26 * len(chart.labels) + 140) if lying else 400})
        sheet.insert_chart(1, len(chart.series) + 2, drawn)
