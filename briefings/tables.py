"""Tables that stand in several sections: counts beside their comparators'. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.figures.request import ComparatorId
from analytics.figures.result import Against, Report, Row
from briefings.document import Cell, Column, Sentence, Table, Text
from briefings.said import TOLD, judged, named
from briefings.words import Words

Line = tuple[Cell, ...]


def told_of(report: Report) -> list[ComparatorId]:
    """The comparators that the tables stand beside: 环比 and 同比, where the report has them."""
    there = {one.id for one in report.comparators}
    return [one for one in TOLD if one in there]


def counted(words: Words, report: Report, id: str, dim: str, rows: Sequence[Row], brief: int = 15) -> Table:
    """Rank, name, count and share of every row, and the count, change and verdict of each comparator."""
    columns = [
        Column("rank", words("column.rank"), "rank"), Column("name", words("column.name")),
        Column("n", words("column.n"), "count"), Column("share", words("column.share"), "share"),
        *beside_columns(words, report),
    ]  # fmt: skip
    told = told_of(report)
    lines = []
    for row in rows:
        line: list[Cell] = [row.rank, name_of(words, dim, row.key, row.name_zh, row.name_en), row.value, row.share]
        for one in told:
            line += beside(row.against.get(one))
        lines.append(tuple(line))
    return Table(id, words(f"table.{dim}"), tuple(columns), tuple(lines), brief, _note(words, report, f"by.{dim}"))


def beside_columns(words: Words, report: Report) -> list[Column]:
    """The columns of what ``beside`` tells of each comparator."""
    columns = []
    for one in told_of(report):
        vs = words(named(one, report.period.kind))
        columns += [
            Column(f"{one}_n", words("column.beside", vs=vs), "count"),
            Column(f"{one}_change", words("column.change", vs=vs), "percent", 1),
            Column(f"{one}_verdict", words("column.verdict", vs=vs), "verdict"),
        ]
    return columns


def beside(against: Against | None) -> Line:
    """Count, percentage and verdict of a comparator."""
    if against is None or against.value is None:
        return None, None, "lack"
    change = judged(against)
    if change is None:
        return against.value, None, "gap"
    return against.value, change.percent, change.verdict


def name_of(words: Words, dim: str, key: str, name_zh: str = "", name_en: str = "") -> str:
    """How a row is called: by its own names, else by those of the wall or the places, else by its key."""
    own = name_en if words.lang == "en" else name_zh
    return own or words.name(dim, key)


def _note(words: Words, report: Report, block: str) -> str:
    about = report.about.get(block)
    if about is None:
        return ""
    told = []
    if about.missing:
        told.append(words("brief.missing", n=words.number(about.missing)))
    if about.more:
        told.append(words("brief.cut", n=words.number(about.more)))
    if about.note == "places":
        told.append(words("brief.nolist"))
    return (" " if words.lang == "en" else "").join(told)


def lacking(words: Words, fields: Sequence[str]) -> Text:
    """What stands where the source tells nothing."""
    text = words("lacks.field", fields=words.list([words(f"lacks.{field}") for field in fields]))
    return Text((Sentence(words("say.stop", text=text), "lack"),))
