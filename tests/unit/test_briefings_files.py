"""Briefings as files, read by others: openpyxl, the csv module, python-pptx, zip. No text runs, none is lost."""

import csv
import errno
import io
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from msgspec.structs import replace
from pptx import Presentation

from briefings import files, sheets, slides, xlsx
from briefings.document import Chart, Column, Section, Table
from briefings.harmless import FORMULA
from briefings.native import native
from tests.unit.briefings_story import a_document, a_material, blocks_of, hostile_report
from tests.unit.statistics_story import a_report

DAY_S = 86_400.0
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da63fcff1f00030300"
    "01e5277d0d0000000049454e44ae426082"
)


@pytest.fixture(scope="module", params=["zh", "en"])
def told(request):
    return a_document(request.param)


@pytest.fixture(scope="module")
def hostile():
    return a_document(material=a_material(hostile_report()))


def opened(made):
    return openpyxl.load_workbook(io.BytesIO(made))


def sheet_of(book, title):
    return next(sheet for sheet in book if sheet.title == title[:31].strip().replace("/", ""))


def plain(value, column, zone):
    """A cell of a workbook as the document holds it."""
    if value is None:
        return None
    if column.kind == "seconds":
        if isinstance(value, time):
            value = datetime.combine(date.min, value) - datetime.min
        return value.total_seconds() if isinstance(value, timedelta) else value * DAY_S
    if column.kind == "date":
        return value.date().isoformat()
    if column.kind == "time":
        return value.replace(tzinfo=zone).astimezone(UTC).timestamp() * 1000.0
    return value


def test_every_cell_of_every_table_is_in_the_workbook_as_what_it_is(told):
    book, zone = opened(xlsx.workbook(told)), ZoneInfo(told.time_zone)
    for table in blocks_of(told, Table):
        sheet = sheet_of(book, table.title)
        assert [cell.value for cell in sheet[1]] == [column.title for column in table.columns], table.id
        for at, line in enumerate(table.rows, 2):
            for cell, column, wanted in zip(sheet[at], table.columns, line, strict=False):
                found = plain(cell.value, column, zone)
                if column.kind == "verdict" and wanted:
                    wanted = told.verdicts.get(wanted, wanted)
                if isinstance(wanted, float | int):
                    assert found == pytest.approx(wanted, abs=2e-3), (table.id, column.key)
                else:
                    assert (found or None) == (wanted or None), (table.id, column.key)
        assert sheet.auto_filter.ref if table.rows else True
        assert sheet.freeze_panes == "A2"


def test_every_chart_is_native_and_stands_on_its_figures(told):
    book = opened(xlsx.workbook(told))
    for chart in map(native, blocks_of(told, Chart)):
        sheet = sheet_of(book, f"{xlsx.CHART[told.lang]} {chart.title}")
        assert [cell.value for cell in sheet[1]][1:] == [series.name for series in chart.series]
        for at, label in enumerate(chart.labels, 2):
            values = [cell.value for cell in sheet[at]][: len(chart.series) + 1]
            assert values[0] == label
            for value, series in zip(values[1:], chart.series, strict=True):
                wanted = series.values[at - 2]
                assert value is wanted is None or value == pytest.approx(wanted)
        assert len(sheet._charts) == (chart.shape != "matrix")


def test_every_sentence_stands_on_the_first_sheet(told):
    said = {str(cell.value) for row in opened(xlsx.workbook(told)).worksheets[0] for cell in row}
    for section in told.sections:
        for block in section.blocks:
            for sentence in getattr(block, "sentences", ()):
                assert sentence.text in said


def test_no_text_of_a_workbook_is_a_formula_or_a_link(hostile):
    book = opened(xlsx.workbook(hostile))
    words = set()
    for sheet in book:
        for row in sheet:
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert cell.hyperlink is None
                words.add(cell.value)
    assert {"=1+1", "@SUM(A1)", "-2+3", '=HYPERLINK("http://x")', "'x"} <= words  # and none is changed


def test_csv_has_a_mark_and_every_cell_and_none_is_a_formula(hostile, told):
    for document in (hostile, told):
        tables = {table.id: table for table in blocks_of(document, Table)}
        made = dict(sheets.tables(document))
        assert set(made) == set(tables)
        for id, content in made.items():
            assert content.startswith(b"\xef\xbb\xbf")
            lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
            assert lines[0] == [column.title for column in tables[id].columns]
            assert len(lines) == 1 + len(tables[id].rows)
            for line, row in zip(lines[1:], tables[id].rows, strict=True):
                for text, cell, column in zip(line, row, tables[id].columns, strict=True):
                    if isinstance(cell, str):
                        assert not text.lstrip().startswith(FORMULA)
                    elif column.kind != "time" and cell is not None:
                        assert float(text) == cell


def test_times_of_csv_are_the_citys():
    column = Column("at", "At", "time")
    table = Table("t", "T", (column,), ((datetime(2025, 3, 31, 16, tzinfo=UTC).timestamp() * 1000,),))
    told = replace(a_document(), sections=(Section("s", "S", (table,)),))
    assert "2025-04-01 00:00:00+08:00" in dict(sheets.tables(told))["t"].decode()


def test_slides_carry_messages_native_charts_and_tables_with_the_same_figures(told):
    deck = Presentation(io.BytesIO(slides.presentation(told, {"heat": PIXEL})))
    assert round(deck.slide_width / deck.slide_height, 2) == 1.78
    shapes = {shape.name: shape for slide in deck.slides for shape in slide.shapes}
    for chart in map(native, blocks_of(told, Chart)):
        if chart.shape == "matrix":
            cells = [[cell.text for cell in row.cells] for row in shapes[chart.id].table.rows]
            assert cells[0][1:] == list(chart.labels)
            continue
        drawn = shapes[chart.id].chart
        assert list(drawn.plots[0].categories) == list(chart.labels)
        for one, series in zip(drawn.plots[0].series, chart.series, strict=True):
            assert (one.name, tuple(one.values)) == (series.name, pytest.approx(series.values))
        book = opened(drawn.part.chart_workbook.xlsx_part.blob)
        assert [cell.value for cell in book.worksheets[0][1]][1:] == [series.name for series in chart.series]
    texts = "\n".join(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)
    for section in told.sections:
        assert section.message in texts
    names = [[cell.text for cell in row.cells][1] for row in list(shapes["category"].table.rows)[1:]]
    (category,) = [table for table in blocks_of(told, Table) if table.id == "category"]
    assert names == [row[1] for row in category.rows[: len(names)]]


def test_a_native_line_leaves_out_what_was_not_recorded_and_shows_it_beside(told):
    chart = next(one for one in blocks_of(told, Chart) if one.id == "chart_trend")
    made = native(chart)
    whole, partly = made.series[0].values, next(one for one in made.series if one.role == "partly").values
    for k, value in enumerate(chart.series[0].values):
        assert (whole[k], partly[k]) == ((None, value or None) if k in chart.missing else (value, None))
    out = next(one for one in made.series if one.role == "out")
    assert {k for k, value in enumerate(out.values) if value is not None} == set(chart.series[0].marks)


def test_the_axis_of_a_slides_chart_begins_at_nothing(told):
    deck = Presentation(io.BytesIO(slides.presentation(told, {})))
    drawn = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert drawn
    assert {chart.value_axis.minimum_scale for chart in drawn} == {0}


def test_no_workbook_inside_the_slides_has_a_formula(hostile):
    made = slides.presentation(hostile, {})
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        inside = [parts.read(name) for name in parts.namelist() if name.endswith(".xlsx")]
    assert inside
    for blob in inside:
        assert not [cell for sheet in opened(blob) for row in sheet for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("make", [xlsx.workbook, lambda told: slides.presentation(told, {"heat": PIXEL})])
def test_the_same_document_is_the_same_bytes_in_four_threads_at_once(make):
    told = a_document("zh")
    alone = make(told)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(make, [told] * 4)) == {alone}


def test_five_thousand_stations_are_all_in_the_data():
    report = a_report()
    rows = [replace(report.by["station"][0], key=f"S{n:04d}", rank=n + 1) for n in range(5_000)]
    told = a_document(material=a_material(replace(report, by={**report.by, "station": rows})))
    assert dict(sheets.tables(told))["rank_station"].count(b"\r\n") == 5_001
    (sheet,) = [one for one in opened(xlsx.workbook(told)) if one.title == "派出所排名"]
    assert sheet.max_row >= 5_001
    assert len(Presentation(io.BytesIO(slides.presentation(told, {}))).slides) < 60


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    files.put(tmp_path, {"a.txt": b"old", "b.txt": b"old"})
    real = Path.open

    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda path, *mode: Full() if "b.txt" in path.name else real(path, *mode))
    with pytest.raises(OSError, match="No space"):
        files.put(tmp_path, {"a.txt": b"new", "b.txt": b"new"})
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.txt": b"old", "b.txt": b"old"}


def test_what_a_killed_writer_left_goes_and_what_another_is_writing_stays(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid in (gone.pid, os.getppid()):
        (tmp_path / f".a.txt.{pid}.part").write_text("half")
    files.put(tmp_path, {"a.txt": b"whole"})
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", f".a.txt.{os.getppid()}.part"}


def test_several_files_of_a_format_are_packed_alike(told):
    name, content = files.single(told, "csv")
    assert (name, content) == files.single(told, "csv")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert set(parts.namelist()) == {f"{told.name}_{table.id}.csv" for table in blocks_of(told, Table)}
