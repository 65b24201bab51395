"""Pages read with other eyes: pdfium takes the text out again and draws every page."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pypdfium2
import pytest
from msgspec.structs import replace
from PIL import Image

from briefings import pages
from briefings.cells import written
from briefings.document import Chart, Column, Definitions, Section, Sentence, Table, Text, Tiles
from tests.unit import pages_story
from tests.unit.briefings_story import a_document
from tests.unit.pages_story import drawn, squeezed, text_of

HOSTILE = (
    "#panic()", "*stark*", "$x^2$", "@ref <label>", '[#eval("1")]', "</text><script>", "\\", "=1+1", "`raw`", "//x",
)  # fmt: skip
FACES = {b"NotoSansSC-Regular", b"NotoSansSC-SemiBold"}
LANGUAGES = ("zh", "en")


STORIES = [(make, lang) for make in (pages_story.document, a_document) for lang in LANGUAGES]


@pytest.fixture(scope="module", params=STORIES, ids=lambda one: f"{one[0].__module__} {one[1]}")
def story(request):
    make, lang = request.param
    told = make(lang)
    return told, pages.pdf(told)


def test_every_text_and_every_figure_can_be_read(story):
    document, made = story
    read = text_of(made)
    for section in document.sections:
        assert squeezed(section.title + section.message) in read
        for block in (one for one in section.blocks if not isinstance(one, Table) or one.brief):
            for said in said_by(block, document):
                assert squeezed(said) in read, said
    band = document.band
    for said in (band.city, band.title, band.period, band.scope, band.data_time, band.warning):
        assert squeezed(said) in read


def said_by(block, document):
    write = partial(written, document)
    if isinstance(block, Text):
        yield from (one.text for one in block.sentences)
    elif isinstance(block, Tiles):
        for tile in block.tiles:
            yield from (tile.label, tile.shown, *(note.text for note in tile.notes))
    elif isinstance(block, Table):
        yield from (block.title, *(column.title for column in block.columns), block.note)
        for row in block.rows[: block.brief]:
            cells = zip(block.columns, row, strict=True)
            yield "".join(write(column.kind, cell, column.digits) for column, cell in cells)
    elif isinstance(block, Chart):
        yield from (block.title, *(one.name for one in block.series))
        if block.shape in ("bars", "columns", "matrix"):
            yield from (write(block.kind, value, block.digits) for one in block.series if one.role in ("value", "part")
                        for value in one.values if value is not None)  # fmt: skip
    elif isinstance(block, Definitions):
        yield from (line for one in block.definitions for line in (one.name, *one.text.split("\n")))
    else:
        yield from (block.title, block.unit, *block.legend, block.hot, block.note)


def test_it_is_an_archivable_pdf_with_its_own_fonts_and_a_fixed_date(story):
    document, made = story
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfaid:conformance>U</pdfaid:conformance>" in made
    assert set(re.findall(rb"/FontName\s*/(?:\w{6}\+)?([\w-]+)", made)) <= FACES
    with pypdfium2.PdfDocument(made) as told:
        meta = told.get_metadata_dict()
        assert meta["Title"] == f"{document.band.title} {document.band.period}"
        assert meta["CreationDate"] == f"D:{datetime.fromtimestamp(document.stamp_ms / 1000, UTC):%Y%m%d%H%M%S}Z"
        width, height = told[0].get_size()
    assert (round(width), round(height)) == (595, 842)


def test_nothing_runs_over_the_edges(story):
    for k, page in enumerate(drawn(story[1])):
        top = 0 if k else 300  # the first page's band reaches the edges
        assert page[top:, :80].min() > 250, "left margin"
        assert page[top:, -80:].min() > 250, "right margin"
        assert page[-40:].min() > 250, "below the footer"


def test_same_document_same_bytes_also_ten_at_once(story):
    document, made = story
    with ThreadPoolExecutor(10) as pool:
        assert all(one == made for one in pool.map(pages.pdf, [document] * 10))


def test_what_looks_like_markup_stays_text():
    table = Table("t", HOSTILE[0], tuple(Column(f"c{k}", one) for k, one in enumerate(HOSTILE[:3])), (HOSTILE[:3],))
    chart = Chart("c", HOSTILE[1], "bars", HOSTILE, (pages_story.Series(HOSTILE[2], tuple(map(float, range(10)))),))
    section = Section("s", "".join(HOSTILE), (Text(tuple(map(Sentence, HOSTILE)), listed=True), table, chart))
    read = text_of(pages.pdf(pages_story.document(sections=(section,), footer=" ".join(HOSTILE))))
    for one in HOSTILE:
        assert read.count(squeezed(one)) >= 3, one


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_rare_character_is_replaced_and_told(lang):
    text = Text((Sentence("\U00020bb7野家 ꀀ 🚓 \u202e\u200d\x07"),))
    chart = Chart("c", "\U00020bb7", "bars", ("\U00020bb7",), (pages_story.Series("ꀀ", (1.0,)),))
    read = text_of(pages.pdf(pages_story.document(lang, sections=(Section("s", "t", (text, chart)),))))
    assert "〓野家〓〓" in read
    assert "U+A000,U+1F693,U+20BB7" in read


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_names_and_many_rows_stay_on_the_page(lang):
    names = ("A" * 300, "江南" * 80, "word " * 60)
    columns = (Column("a", "A" * 40), *(Column(f"n{k}", "N" * 30, "count") for k in range(8)))
    rows = tuple((names[k % 3], *[10**9] * 8) for k in range(5_000))
    chart = Chart("c", names[0], "bars", names, (pages_story.Series(names[1], (1.0, 2.0, 3.0)),))
    document = pages_story.document(lang, sections=(
        Section("s", names[0], (Table("t", names[1], columns, rows), chart, Text((Sentence(names[0]),))), names[0]),
    ))  # fmt: skip
    document = replace(document, footer=names[0], band=replace(document.band, city=names[0], title=names[1]))
    made = pages.pdf(document)
    assert squeezed(document.more.replace("{n}", "4,985")) in text_of(made)
    for page in drawn(made)[1:]:
        assert page[:, :80].min() > 250
        assert page[:, -80:].min() > 250


def test_a_document_without_sections_is_a_page():
    assert len(drawn(pages.pdf(pages_story.document(sections=())))) == 1


def test_each_chart_and_map_is_a_picture():
    told = dict(pages.pictures(pages_story.document("en")))
    assert set(told) == {"kinds", "causes", "hours", "rhythm", "accept", "turnout", "heat"}
    for made in told.values():
        picture = np.asarray(Image.open(io.BytesIO(made)).convert("L"))
        assert picture.shape[1] == pytest.approx(1489, abs=2)
        assert picture[:40].min() > 250
        assert picture[:, :40].min() > 250
        assert picture[:, -40:].min() > 250
        assert picture.min() < 80
    assert told == dict(pages.pictures(pages_story.document("en")))
