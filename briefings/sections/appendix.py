"""What the figures rest on: data, comparators, gaps, and the formula of every figure. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analytics.figures.result import Report
from briefings.document import Block, Cell, Column, Definition, Definitions, Section, Table
from briefings.material import Material
from briefings.said import named
from briefings.words import Words
from data_feeds.history.query import Span

CHANGE = "change"  # a formula that others end with
NAMES = {"count": "tile.total", CHANGE: "define.change",
         "ranking": "section.ranking", "hours": "chart.hours", "rhythm": "table.rhythm",
         "trend": "chart.trend", "quiet": "section.quiet", "spread": "table.intervals", "breaches": "table.breaches",
         "stations": "table.stations", "units": "table.units", "sighting": "section.presence",
         "followed": "tile.followed", "heat": "chart.heat", "hot": "table.hot", "apart": "total.apart",
         "drones": "section.drones"}  # fmt: skip


def section(material: Material, words: Words, formulas: Mapping[str, str]) -> Section:
    """Data, comparators and gaps as tables, then the formulas that the report names."""
    report = material.report
    blocks: list[Block] = [_data(material, words), _comparators(material, words)]
    if report.data.gaps or report.data.gaps_before:
        blocks.append(_gaps(material, words))
    blocks.append(Definitions(tuple(_definitions(material, words, formulas))))
    return Section("appendix", words("section.appendix"), tuple(blocks))


def _definitions(material: Material, words: Words, formulas: Mapping[str, str]) -> Iterator[Definition]:
    """The formulas of the figures that there are; what several end with stands once."""
    report, flights = material.report, material.drones
    used = {report.total.formula, *(about.formula for about in report.about.values())} - _idle(report)
    if flights and (flights.flown_since or flights.found_since):
        used.add("drones")
    if material.units.alone:
        used.add("units")
    ending = formulas.get(CHANGE, "")
    if ending and any(formulas.get(name, "").endswith(ending) for name in used):
        used.add(CHANGE)
    for name in NAMES:
        if name in used and name in formulas:
            text = formulas[name] if name == CHANGE else formulas[name].removesuffix(ending).rstrip()
            yield Definition(words(NAMES[name]), text)


def _idle(report: Report) -> set[str]:
    """Formulas without a figure: the source lacks what they count."""
    response, sighting = report.response, report.sighting
    there = {
        "rhythm": report.period.first != report.period.last, "quiet": report.quiet and report.quiet.known,
        "spread": response and any(one.n for one in response.intervals),
        "breaches": response and any(one.n for one in response.breaches),
        "stations": response and any(one.with_target for one in response.stations),
        "sighting": sighting and not sighting.why, "followed": sighting and sighting.followed,
        "heat": report.heat and report.heat.cells, "hot": report.heat and not report.heat.lacks,
    }  # fmt: skip
    return {name for name, known in there.items() if not known}


def _data(material: Material, words: Words) -> Table:
    data, lang = material.report.data, words.lang == "en"
    told: list[tuple[str, str]] = [
        ("data.scope", material.around.scope[lang]), ("data.origins", words.list(data.origins) or words("data.none")),
        ("data.time", words.moment(data.data_time_ms, material.zone) if data.data_time_ms else words("page.nodata")),
        ("data.version", str(data.version)), ("data.recorded", words.share(data.recorded)),
        ("data.lacks", words.list([words(f"lacks.{name}") for name in data.lacks]) or words("data.none")),
    ]  # fmt: skip
    columns = (Column("what", words("data.row")), Column("value", words("data.value")))
    return Table("data", words("table.data"), columns, tuple((words(key), value) for key, value in told))


def _comparators(material: Material, words: Words) -> Table:
    report = material.report
    columns = (
        Column("comparator", words("column.comparator")), Column("when", words("column.when")),
        Column("n", words("column.n"), "number", 1), Column("recorded", words("column.recorded"), "number", 1),
        Column("why", words("column.why")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in report.comparators:
        spans = _days(words, one.spans)
        against = report.total.against.get(one.id)
        why = [words(f"vs.why.{name}") for name in one.why]
        if one.aligned:
            why.append(words(f"vs.{one.aligned}"))
        days = one.days if one.used else None
        rows.append((words(named(one.id, report.period.kind)), spans or None, against.value if against else None, days,
                     words.list(why)))  # fmt: skip
    return Table("comparators", words("table.comparators"), columns, tuple(rows))


def _days(words: Words, spans: Sequence[Span]) -> str:
    """The days of a comparator; of several periods how many, from the first to the last."""
    if len(spans) < 2:
        return words.list([words.span(span.first, span.last) for span in spans])
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    return words("say.spans", n=len(spans), first=words.day(first), last=words.day(last))


def _gaps(material: Material, words: Words) -> Table:
    data = material.report.data
    columns = (
        Column("period", words("column.when")), Column("from", words("column.from"), "time"),
        Column("to", words("column.to"), "time"), Column("how", words("column.how")),
    )  # fmt: skip
    rows = tuple(
        (words(key), gap.begin_ms, gap.end_ms, words(f"gap.{gap.how}"))
        for key, gaps in (("series.now", data.gaps), ("gap.before", data.gaps_before))
        for gap in gaps
    )
    return Table("gaps", words("table.gaps"), columns, rows)
