"""How long things took: the distribution of every interval, the slowest responses, what is still open. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from analytics.figures.units import Units
from briefings.document import Block, Cell, Chart, Column, Sentence, Series, Table, Text
from briefings.material import DIVIDED_S, Material, OneIncident, Took
from briefings.said import WANTED
from briefings.words import Words

MINUTE_S = 60
UNITS = 10


def blocks(material: Material, words: Words) -> list[Block]:
    """The slowest responses, the distributions, the open incidents."""
    found: list[Block] = []
    if material.slowest:
        found += [_incidents(words, "slowest", material.slowest, "column.took", 10), *_units(material.units, words)]
    known = [one for one in material.took if one.n]
    said = [_told(words, one) for one in known]
    if unknown := [words(f"interval.{one.interval}") for one in material.took if not one.n]:
        said.append(Sentence(words("say.took.none", names=words.list(unknown)), "lack"))
    found.append(Text(tuple(said), words("table.intervals"), listed=True))
    if known:
        found += [_took_chart(words, known), _took_table(words, material.took)]
    return found + _open(material, words)


def _incidents(words: Words, id: str, rows: Sequence[OneIncident], took: str, brief: int) -> Table:
    told = any(one.unit_id for one in rows)  # a source that names none is not worth a column of dashes
    units = (Column("unit", words("column.unit")),) if told else ()
    columns = (
        Column("number", words("column.number")), Column("received", words("column.received"), "time"),
        Column("category", words("column.category")), Column("severity", words("column.severity")),
        Column("station", words("column.station")), *units, Column("seconds", words(took), "seconds"),
    )  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    for one in rows:
        unit = (one.unit_id or None,) if told else ()
        lines.append((one.number, one.received_ms, *_names(words, one), *unit, one.seconds))
    return Table(id, words(f"table.{id}"), columns, tuple(lines), brief)


def _names(words: Words, one: OneIncident) -> tuple[Cell, ...]:
    keys = (("category", one.category), ("severity", one.severity), ("station", one.station))
    return tuple(words.name(dim, key) if key else None for dim, key in keys)


def _units(told: Units, words: Words) -> list[Block]:
    """The units, the slowest first, and how many of them chance would call slow."""
    if not told.alone:
        return [Text((Sentence(words("say.units.lacks"), "lack"),), words("table.units"))]
    columns = (
        Column("unit", words("column.unit")), Column("with_target", words("column.with_target"), "count"),
        Column("in_target", words("column.in_target"), "count"),
        Column("share", words("column.share_in_target"), "share"),
        Column("expected", words("column.expected"), "number", 1), Column("z", words("column.z"), "number", 1),
        Column("judged", words("column.judged"), "verdict"), Column("p50", "P50", "seconds"),
        Column("turnout", words("column.turnout"), "seconds"), Column("travel", words("column.travel"), "seconds"),
        Column("missing", words("column.missing"), "count"),
    )  # fmt: skip
    rows = tuple(
        (one.key, one.with_target, one.in_target, one.share_in_target, one.expected, one.z,
         WANTED.get(one.verdict, one.verdict), one.p50, unit.turnout_p50, unit.travel_p50, one.missing)
        for unit in told.units for one in (unit.response,)
    )  # fmt: skip
    note = words("say.units", n=words.number(told.n), alone=words.number(told.alone), units=words.number(len(rows)))
    if told.judged:
        note += words("say.units.slow", judged=words.number(told.judged), slow=words.number(told.slow),
                      chance=words.number(told.chance, 1))  # fmt: skip
    return [Table("units", words("table.units"), columns, rows, UNITS, note)]


def classes_of(words: Words) -> tuple[str, ...]:
    """The words of the classes in which Took counts."""

    def name(first: int, last: int) -> str:
        if first % MINUTE_S or last % MINUTE_S:
            return words("took.seconds", **{"from": first, "to": last})
        return words("took.minutes", **{"from": first // MINUTE_S, "to": last // MINUTE_S})

    between = [name(first, last) for first, last in pairwise(DIVIDED_S)]
    return (words("took.first", to=DIVIDED_S[0]), *between, words("took.over", **{"from": DIVIDED_S[-1] // MINUTE_S}))


def _told(words: Words, one: Took) -> Sentence:
    name = words(f"interval.{one.interval}")
    within = sum(one.counts[: DIVIDED_S.index(MINUTE_S) + 1])
    return Sentence(words(
        "say.took", name=name, n=words.number(one.n), missing=words.number(one.missing),
        first=words.share(one.counts[0] / one.n), within=words.share(within / one.n),
    ))  # fmt: skip


def _took_chart(words: Words, took: Sequence[Took]) -> Chart:
    labels = tuple(words(f"interval.{one.interval}") for one in took)
    series = tuple(
        Series(name, tuple(one.counts[at] / one.n for one in took), "part") for at, name in enumerate(classes_of(words))
    )
    return Chart("chart_took", words("chart.took"), "stacked", labels, series, words("axis.share"), "share")


def _took_table(words: Words, took: Sequence[Took]) -> Table:
    columns = [Column("interval", words("column.interval")), Column("n", "n", "count"),
               Column("missing", words("column.missing"), "count")]  # fmt: skip
    limits = ("0", *map(str, DIVIDED_S))
    columns += [Column(f"over_{first}", name, "count") for first, name in zip(limits, classes_of(words), strict=True)]
    rows: list[tuple[Cell, ...]] = []
    rows += [(words(f"interval.{one.interval}"), one.n, one.missing, *one.counts) for one in took]
    return Table("took", words("table.took"), tuple(columns), tuple(rows))


def _open(material: Material, words: Words) -> list[Block]:
    left = material.open
    if left is None:
        return [Text((about_open(material, words),), words("table.open"))]
    said = about_open(material, words)
    if not left.recent:
        return [Text((said,), words("table.open"))]
    return [replace(_incidents(words, "open", left.recent, "column.open", 15), note=said.text)]


def about_open(material: Material, words: Words) -> Sentence:
    """How many are open at the change of duty."""
    left = material.open
    if left is None and material.report.data.recorded:
        return Sentence(words("say.open.lacks"), "lack")
    if left is None:
        return Sentence(words("say.open.gap"), "gap")
    told = {"time": words.moment(left.at_ms, material.zone), "n": words.number(len(left.recent))}
    if left.older:
        return Sentence(words("say.open.older", older=words.number(left.older), **told))
    return Sentence(words("say.open", **told))
