"""What follows from the figures, each with its reason; nothing follows from noise. Pure."""

from __future__ import annotations

from analytics.changes import FEW
from analytics.figures.result import Report
from briefings.document import Section, Sentence, Text
from briefings.material import Material
from briefings.said import count_beside, judged
from briefings.sections.heat import new_hot, place
from briefings.tables import name_of, told_of
from briefings.words import Words

MOST = 5  # of a kind
MAIN = 0.5  # of the breaches of a place class, from which on a cause is the one to work at


def section(material: Material, words: Words) -> Section:
    """The proposals, or that there are none."""
    report = material.report
    said = [
        *_presence(report, words), *_hot(material, words), *_categories(report, words), *_stations(report, words),
        *_causes(report, words),
    ]  # fmt: skip
    if not said:
        said = [Sentence(words("propose.none"), "noise")]
    return Section("proposals", words("section.proposals"), (Text(tuple(said), listed=True),), said[0].text)


def _presence(report: Report, words: Words) -> list[Sentence]:
    """Zones whose patrol minutes fall short of their incidents, and where minutes could come from."""
    zones = report.sighting.zones if report.sighting else []
    short = sorted((one for one in zones if one.verdict == "short"), key=lambda one: (-(one.z or 0), one.key))[:MOST]
    ample = sorted((one for one in zones if one.verdict == "ample"), key=lambda one: (one.z or 0, one.key))[:MOST]
    said = [
        Sentence(words(
            "propose.presence", name=name_of(words, "zone", one.key, one.name_zh, one.name_en),
            n=words.number(one.incidents), expected=words.number(one.expected, 1), z=words.number(one.z, 1),
            minutes=words.number(one.minutes), wanted=words.number(one.wanted),
        ), "bad")
        for one in short
    ]  # fmt: skip
    if said and ample:
        names = words.list([name_of(words, "zone", one.key, one.name_zh, one.name_en) for one in ample])
        said.append(Sentence(words("propose.from", names=names)))
    return said


def _hot(material: Material, words: Words) -> list[Sentence]:
    names = list(dict.fromkeys(place(material, words, cell) for cell in new_hot(material)))[:MOST]
    return [Sentence(words("propose.hot", names=words.list(names)), "up")] if names else []


def _categories(report: Report, words: Words) -> list[Sentence]:
    """Those that rose by more than chance against the period before or the year before."""
    said = []
    for row in report.by.get("category", []):
        for one in told_of(report):
            against = row.against.get(one)
            change = judged(against) if against else None
            if change and change.verdict == "up":
                told, tone = count_beside(words, report, one, against)
                name, told = (words.inside(text) for text in (name_of(words, "category", row.key), told))
                said.append(Sentence(words("propose.category", name=name, n=words.number(row.value), told=told), tone))
                break
    return said[:MOST]


def _stations(report: Report, words: Words) -> list[Sentence]:
    stations = report.response.stations if report.response else []
    return [
        Sentence(words(
            "propose.station", name=name_of(words, "station", one.key), k=words.number(one.in_target),
            n=words.number(one.with_target), share=words.share(one.share_in_target),
            expected=words.number(one.expected, 1), z=words.number(one.z, 1),
        ), "bad")
        for one in [one for one in stations if one.verdict == "down"][:MOST]
    ]  # fmt: skip


def _causes(report: Report, words: Words) -> list[Sentence]:
    """The interval that made most of a class's responses late."""
    breaches = report.response.breaches if report.response else []
    said = []
    for one in breaches:
        total = sum(other.n for other in breaches if other.place_class == one.place_class)
        if one.cause != "unknown" and total >= FEW and one.share is not None and one.share > MAIN:
            said.append(Sentence(words(
                "propose.cause", name=words.name("place_class", one.place_class),
                cause=words.inside(words(f"interval.{one.cause}")), n=words.number(total), k=words.number(one.n),
                share=words.share(one.share),
            ), "bad"))  # fmt: skip
    return said
