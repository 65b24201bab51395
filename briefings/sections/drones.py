"""Drones: sorties, hours in the air, what their cameras found. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from analytics.figures.drones import DroneRow, Drones, KindRow
from analytics.figures.request import ComparatorId
from analytics.figures.result import Against, Report
from briefings.document import Block, Cell, Chart, Column, Section, Sentence, Series, Table, Text, Tone
from briefings.material import Material
from briefings.said import before_a_number, count_beside, judged, named
from briefings.tables import beside, beside_columns, told_of
from briefings.words import Words

BARS = 12
NAMED = 3  # kinds that are told in a sentence
SAY = ("say.drones.against", "say.drones.against.few", "say.drones.against.gap")


def section(material: Material, words: Words) -> Section:
    """What was flown, by drone and mission; what was found, by kind; why nobody can tell."""
    title, report, found = words("section.drones"), material.report, material.drones
    if found is None or not (found.flown_since or found.found_since):
        return _only(title, Sentence(words("say.drones.never"), "lack"))
    if not report.data.recorded:
        return _only(title, Sentence(words("say.drones.gap"), "gap"))
    said = about_work(report, found, words)
    blocks: list[Block] = [Text(said, listed=True)]
    if found.by_drone:
        blocks.append(_rows("drones", found.by_drone, words, lambda key: key))
    if found.by_mission:
        unnamed = words("drones.nomission")
        blocks.append(_rows("missions", found.by_mission, words, lambda key: key or unnamed))
    blocks.append(Text(about_found(report, found, words), listed=True))
    if found.found:
        blocks.append(_chart(report, found.kinds, words))
    if found.kinds:
        blocks.append(_kinds(report, found.kinds, words))
    return Section("drones", title, tuple(blocks), said[0].text)


def about_work(report: Report, found: Drones, words: Words) -> tuple[Sentence, ...]:
    """Sorties and hours in the air, beside the comparators."""
    if found.flown_since is None:
        return (Sentence(words("say.drones.flown.never"), "lack"),)
    work = found.work
    told, tone = _beside(report, found.sorties, words)
    key = "say.drones.work" if work.sorties else "say.drones.none"
    said = [Sentence(words(key, n=words.number(work.sorties), drones=words.number(work.drones), told=told), tone)]
    if work.sorties:
        then = [_then(report, one, found, words) for one in told_of(report) if one in found.then]
        mean = words.number(work.minutes / work.sorties, 1)
        key = "say.drones.air" if then else "say.drones.air.alone"
        said.append(Sentence(words(key, hours=_hours(work.minutes, words), mean=mean, told=_joined(then, words))))
    if found.flown_since >= report.period.first:
        said.append(Sentence(words("say.drones.since", day=words.day(found.flown_since)), "lack"))
    return tuple(said)


def about_found(report: Report, found: Drones, words: Words) -> tuple[Sentence, ...]:
    """Detections beside the comparators, and the kinds that changed by more than chance."""
    if found.found_since is None:
        return (Sentence(words("say.drones.found.never"), "lack"),)
    told, tone = _beside(report, found.against, words)
    said = [Sentence(words("say.drones.found", n=words.number(found.found), told=told), tone)]
    moved = [row for row in found.kinds if any(_moved(row, one) for one in told_of(report))]
    for row in moved[:NAMED]:
        told, tone = _beside(report, row.against, words)
        name = name_of(words, row.key)
        said.append(Sentence(words("say.drones.kind", name=name, n=words.number(row.n), told=told), tone))
    if len(moved) > NAMED:
        said.append(Sentence(words("say.drones.kind.more", n=words.number(len(moved) - NAMED))))
    by = [one for one in told_of(report) if any(_verdict(row, one) for row in found.kinds)]
    if by and not moved:
        vs = words.list([words.inside(words(named(one, report.period.kind))) for one in by])
        said.append(Sentence(words("say.drones.kind.calm", n=words.number(len(found.kinds)), vs=vs), "noise"))
    if found.found_since >= report.period.first:
        said.append(Sentence(words("say.drones.found.since", day=words.day(found.found_since)), "lack"))
    return tuple(said)


def name_of(words: Words, kind: str) -> str:
    """What a kind of detection is called; a word that no catalogue has shows itself."""
    key = f"detection.{kind}"
    told = words(key)
    return kind if told == key else told


def _only(title: str, said: Sentence) -> Section:
    return Section("drones", title, (Text((said,)),), said.text)


def _beside(report: Report, sides: dict[ComparatorId, Against], words: Words) -> tuple[str, Tone]:
    """A count beside every comparator, and what the first says that says anything."""
    found = [count_beside(words, report, one, sides.get(one), brief=True, say=SAY) for one in told_of(report)]
    tones: list[Tone] = [tone for _, tone in found]
    tone: Tone = next((one for one in tones if one in ("up", "down")), next((one for one in tones if one == "noise"),
                                                                         "plain"))  # fmt: skip
    return _joined([text for text, _ in found], words), tone


def _then(report: Report, one: ComparatorId, found: Drones, words: Words) -> str:
    then = found.then[one]
    vs = before_a_number(words, words(named(one, report.period.kind)))
    return words("say.drones.then", vs=vs, hours=_hours(then.minutes, words), drones=words.number(then.drones))


def _hours(minutes: int, words: Words) -> str:
    return words.number(minutes / 60.0, 1)


def _joined(told: Iterable[str], words: Words) -> str:
    return ("；" if words.lang == "zh" else "; ").join(map(words.inside, told))


def _verdict(row: KindRow, one: ComparatorId) -> str:
    side = row.against.get(one)
    found = judged(side) if side else None
    return found.verdict if found else ""


def _moved(row: KindRow, one: ComparatorId) -> bool:
    return _verdict(row, one) in ("up", "down")


def _chart(report: Report, kinds: Sequence[KindRow], words: Words) -> Chart:
    shown = kinds[:BARS]
    marks = tuple(at for at, row in enumerate(shown) if any(_moved(row, one) for one in told_of(report)))
    series = [Series(words("series.now"), tuple(float(row.n) for row in shown), "value", marks)]
    for one in told_of(report)[:1]:
        values = tuple(side.value if (side := row.against.get(one)) else None for row in shown)
        if any(value is not None for value in values):
            series.append(Series(words(named(one, report.period.kind)), values, "before"))
    labels = tuple(name_of(words, row.key) for row in shown)
    title, axis = words("chart.detections", n=len(shown)), words("axis.detections")
    return Chart("chart_detections", title, "bars", labels, tuple(series), axis, marked=words("chart.marks"))


def _kinds(report: Report, kinds: Sequence[KindRow], words: Words) -> Table:
    columns = [
        Column("name", words("column.name")), Column("n", words("column.detections"), "count"),
        Column("share", words("column.share"), "share"), *beside_columns(words, report),
    ]  # fmt: skip
    told = told_of(report)
    lines: list[tuple[Cell, ...]] = [
        (name_of(words, row.key), row.n, row.share, *(cell for one in told for cell in beside(row.against.get(one))))
        for row in kinds
    ]
    return Table("detections", words("table.detections"), tuple(columns), tuple(lines))


def _rows(id: str, rows: Sequence[DroneRow], words: Words, name: Callable[[str], str]) -> Table:
    columns = (
        Column("name", words("column.name")), Column("sorties", words("column.sorties"), "count"),
        Column("minutes", words("column.air"), "count"), Column("detections", words("column.detections"), "count"),
    )  # fmt: skip
    lines: list[tuple[Cell, ...]] = [(name(row.key), row.sorties, row.minutes, row.detections) for row in rows]
    note = words("say.drones.missions") if id == "missions" else ""
    return Table(id, words(f"table.{id}"), columns, tuple(lines), 12, note)
