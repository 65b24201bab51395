"""What a briefing says, before anybody draws it: plain values in one language that travel as JSON.

Whatever renders a document (PDF, XLSX, PPTX, CSV, PNG) writes every text as it stands, as text and never as markup or a
formula: names come from outside. Cells of tables and values of charts are numbers in the units that their kind tells;
``briefings.words`` writes them for people.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

# What a sentence, a change or a mark says of the world. Red and orange are for what needs a person; noise is grey.
#   up, down: more, or less, than chance explains      good, bad: the same where one of them is wanted
#   noise: within chance   few: too few to tell        gap: not recorded   lack: the source does not tell
Tone = Literal["plain", "up", "down", "good", "bad", "noise", "few", "gap", "lack"]

# What a column or an axis holds, and in which unit:
#   text     str                                        rank, count   int
#   chance   float, 0–1, a p or q: shown as 0.012, <0.001
#   number   float, with ``digits``                     share         float, 0–1, shown as 12.3%
#   percent  float, a change, 12.3 means +12.3%         points        float, a difference in percentage points
#   seconds  float, shown as m:ss                       minutes       float, unit-minutes
#   date     str, ISO                                   time          float, Unix ms
#   verdict  str, a Tone, shown as its mark and word
Kind = Literal[
    "text", "rank", "count", "number", "share", "percent", "points", "seconds", "minutes", "date", "time", "chance",
    "verdict",
]
Cell = str | int | float | None  # None: nobody can tell; shown as a dash


class Sentence(Struct, frozen=True):
    """One sentence, with its full stop. ``tone`` colours its mark, never its words."""

    text: str
    tone: Tone = "plain"


class Text(Struct, frozen=True, tag="text", tag_field="block"):
    """Sentences that stand together. ``listed``: each is a point of its own, not running text."""

    sentences: tuple[Sentence, ...]
    title: str = ""
    listed: bool = False


class Note(Struct, frozen=True):
    """A line under the value of a tile: what it is compared with. ``text``: "环比 +3.2%（1,234 起）" """

    text: str
    tone: Tone = "plain"


class Tile(Struct, frozen=True):
    """One figure in large type. ``shown``: the value with its unit, as people read it; ``value``: the number itself."""

    label: str
    value: float | None
    kind: Kind
    shown: str
    notes: tuple[Note, ...] = ()


class Tiles(Struct, frozen=True, tag="tiles", tag_field="block"):
    tiles: tuple[Tile, ...]


class Column(Struct, frozen=True):
    """``key``: a word of letters, digits and _ that is the same in every language. ``digits``: after the point."""

    key: str
    title: str
    kind: Kind = "text"
    digits: int = 0


class Table(Struct, frozen=True, tag="table", tag_field="block"):
    """``rows``: every row that there is, as many cells as columns; data sheets hold all of them, pages show the first
    ``brief`` and say how many more there are (0: the table stands in data sheets only). ``id``: as Column.key.
    ``note``: what stands below it."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    brief: int = 15
    note: str = ""


class Series(Struct, frozen=True):
    """Values along the labels of a chart, None where there is none.

    ``role``: value (what the chart is about), before (the same of a comparator), mean, low and high (the band in
    which chance leaves it), part (one of several that are stacked, or a row of a matrix).
    ``marks``: indexes of values that stand out, by more than chance.
    """

    name: str
    values: tuple[float | None, ...]
    role: Literal["value", "before", "mean", "low", "high", "part", "partly", "out"] = "value"
    marks: tuple[int, ...] = ()


class Chart(Struct, frozen=True, tag="chart", tag_field="block"):
    """``shape``: line (ordered labels, with a band), columns (upright, few), bars (lying, labels are names), stacked
    (lying bars of parts that make one whole), matrix (a row for each series, shaded by value).

    ``id``: as Column.key. ``axis``: what the values are, with the unit; ``kind`` how they are written. ``note``: what
    the band is, or how many more there are. ``missing``: indexes of labels that were not (or not wholly) recorded.
    ``marked``, ``unrecorded``: the words of the signs of marks and of what is missing, told where there are any.
    """

    id: str
    title: str
    shape: Literal["line", "columns", "bars", "stacked", "matrix"]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str = ""
    kind: Kind = "count"
    digits: int = 0
    note: str = ""
    missing: tuple[int, ...] = ()
    marked: str = ""
    unrecorded: str = ""


Ring = tuple[tuple[float, float], ...]  # (lat, lon) in WGS-84 degrees, closed


class Outline(Struct, frozen=True):
    """The boundary of a jurisdiction, with the place (lat, lon) where its name may stand."""

    name: str
    level: Literal["city", "branch", "station", "zone"]
    rings: tuple[Ring, ...]
    middle: tuple[float, float] | None = None


class MapCell(Struct, frozen=True):
    """``cell``: H3 index in hex digits; ``value``: incidents per km²; ``shade``: 0 lightest … len(breaks) − 1 darkest;
    ``hot``: part of a hot spot (Gi*), outlined."""

    cell: str
    n: int
    value: float
    shade: int
    hot: bool = False


class HeatMap(Struct, frozen=True, tag="map", tag_field="block"):
    """Hexagons over outlines. ``legend``: the words of the shades, lightest first; ``hot``: those of the outlined
    cells, "" without any; ``unit``: those above the legend. Where there are no cells ``note`` says why."""

    id: str
    title: str
    cells: tuple[MapCell, ...]
    outlines: tuple[Outline, ...]
    unit: str
    legend: tuple[str, ...] = ()
    hot: str = ""
    note: str = ""


class Definition(Struct, frozen=True):
    """``text``: the formula in words, lines by \\n."""

    name: str
    text: str


class Definitions(Struct, frozen=True, tag="definitions", tag_field="block"):
    definitions: tuple[Definition, ...]


Block = Text | Tiles | Table | Chart | HeatMap | Definitions


class Section(Struct, frozen=True):
    """``id``: a word that is the same in every language. ``message``: the one thing that it says, as a slide's title
    says it; "" where the title alone must do."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    message: str = ""


class Band(Struct, frozen=True):
    """What stands at the head of the first page and, in one line, on every other. ``warning``: "" or what must be
    known before anything is read: gaps, a period under way."""

    city: str
    title: str
    period: str
    scope: str
    data_time: str
    warning: str = ""


class Document(Struct, frozen=True):
    """A briefing. ``name``: of its files, without ending, plain ASCII. ``stamp_ms``: Unix ms, the only time that a
    file may carry (the data's, never the clock's), so that the same figures make the same bytes. ``footer``: on every
    page; ``page``: "第 {page} 页，共 {pages} 页"; ``more``: "另有 {n} 项", below tables that are cut. ``verdicts``:
    mark and word of each Tone that a cell of kind verdict may hold; ``time_zone``: of its times (IANA)."""

    name: str
    lang: Literal["zh", "en"]
    band: Band
    stamp_ms: float
    sections: tuple[Section, ...]
    footer: str
    page: str
    more: str
    verdicts: dict[str, str]
    time_zone: str
