"""What happened: categories and everything else that incidents carry, and the ranking of the jurisdictions. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.figures.request import ComparatorId, Grouping
from analytics.figures.result import Report, Row
from briefings.document import Block, Chart, Section, Sentence, Series, Text, Tone
from briefings.material import Material
from briefings.said import count_beside, judged, named
from briefings.tables import counted, lacking, name_of, told_of
from briefings.words import Words

BARS = 12  # of a chart
NAMED = 3  # categories that are told in a sentence
OTHERS: tuple[Grouping, ...] = ("severity", "source", "place_class")
LEVELS: tuple[Grouping, ...] = ("branch", "station", "zone")


def categories(material: Material, words: Words) -> Section:
    """Every category beside its comparators; severity, source and place class below."""
    report = material.report
    rows = report.by.get("category", [])
    said = about_categories(report, words)
    blocks: list[Block] = [Text(said, listed=True)]
    if rows:
        if rows[0].value:
            blocks.append(_bars(words, report, "category", rows))
        blocks.append(counted(words, report, "category", "category", rows))
    blocks += [counted(words, report, dim, dim, report.by[dim], 8) for dim in OTHERS if report.by.get(dim)]
    lacks = [dim for dim in OTHERS if dim in report.data.lacks]
    if lacks:
        blocks.append(lacking(words, lacks))
    return Section("categories", words("section.categories"), tuple(blocks), said[0].text if said else "")


def about_categories(report: Report, words: Words) -> tuple[Sentence, ...]:
    """Those that changed by more than chance, or that none did."""
    rows = report.by.get("category", [])
    if not rows:
        if "category" in report.data.lacks:
            return lacking(words, ["category"]).sentences
        return ()
    said: list[Sentence] = []
    left = 0
    told = told_of(report)
    moved = [row for row in rows if any(_verdict(row, one) in ("up", "down") for one in told)]
    for row in moved:
        if len(said) == NAMED:
            left += 1
            continue
        found = [count_beside(words, report, one, row.against.get(one), brief=True) for one in told]
        tone: Tone = next((tone for _, tone in found if tone in ("up", "down")), "plain")
        name = name_of(words, "category", row.key)
        text = words("say.category", name=name, n=words.number(row.value), told=_joined(words, found))
        said.append(Sentence(text, tone))
    if left:
        said.append(Sentence(words("say.category.more", n=words.number(left))))
    if not said:
        judged_by = [one for one in told if any(_verdict(row, one) for row in rows)]
        if judged_by:
            vs = words.list([words.inside(words(named(one, report.period.kind))) for one in judged_by])
            said.append(Sentence(words("say.category.calm", n=words.number(len(rows)), vs=vs), "noise"))
    return tuple(said)


def ranking(material: Material, words: Words) -> Section | None:
    """Branches, stations and zones, each by its number of incidents."""
    report = material.report
    blocks: list[Block] = []
    message = ""
    for dim in LEVELS:
        rows = report.by.get(dim, [])
        if not rows or not rows[0].value:  # where nothing happened nobody leads
            continue
        said = _leader(words, report, dim, rows[0])
        message = message or said.text
        blocks += [Text((said,)), _bars(words, report, dim, rows), counted(words, report, f"rank_{dim}", dim, rows)]
    lacks = [dim for dim in LEVELS if dim in report.data.lacks]
    if lacks:
        blocks.append(lacking(words, lacks))
    if not blocks:
        return None
    return Section("ranking", words("section.ranking"), tuple(blocks), message)


def _leader(words: Words, report: Report, dim: str, row: Row) -> Sentence:
    found = [count_beside(words, report, one, row.against.get(one), brief=True) for one in told_of(report)]
    name = name_of(words, dim, row.key, row.name_zh, row.name_en)
    told = _joined(words, found)
    return Sentence(words("say.rank", name=name, n=words.number(row.value), share=words.share(row.share), told=told))


def _bars(words: Words, report: Report, dim: str, rows: Sequence[Row]) -> Chart:
    shown = rows[:BARS]
    labels = tuple(name_of(words, dim, row.key, row.name_zh, row.name_en) for row in shown)
    told = told_of(report)[:1]
    marks = _marks(shown, report)
    series = [Series(words("series.now"), tuple(float(row.value) for row in shown), "value", marks)]
    for one in told:
        values = tuple(row.against[one].value if one in row.against else None for row in shown)
        if any(value is not None for value in values):
            series.append(Series(words(named(one, report.period.kind)), values, "before"))
    key = "chart.category" if dim == "category" else "chart.ranking"
    title = words(key, n=len(shown), title=words(f"table.{dim}"))
    axis, marked = words("axis.incidents"), words("chart.marks")
    return Chart(f"chart_{dim}", title, "bars", labels, tuple(series), axis, marked=marked)


def _marks(rows: Sequence[Row], report: Report) -> tuple[int, ...]:
    told = told_of(report)
    return tuple(at for at, row in enumerate(rows) if any(_verdict(row, one) in ("up", "down") for one in told))


def _verdict(row: Row, comparator: ComparatorId) -> str:
    against = row.against.get(comparator)
    change = judged(against) if against else None
    return change.verdict if change else ""


def _joined(words: Words, found: Sequence[tuple[str, object]]) -> str:
    return ("；" if words.lang == "zh" else "; ").join(words.inside(text) for text, _ in found)
