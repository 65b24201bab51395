"""Zones without incidents, presence of units in the zones. Pure."""

from __future__ import annotations

from analytics.figures.parts import Followed, Sighting, SightingZone
from analytics.figures.result import Report
from briefings.document import Block, Chart, Column, Section, Sentence, Series, Table, Text
from briefings.material import Material
from briefings.said import named, tone_of
from briefings.tables import name_of, told_of
from briefings.words import Words

BARS = 12


def quiet(material: Material, words: Words) -> Section:
    """The zones, else stations, that had no incident."""
    report = material.report
    said = about_quiet(report, words)
    blocks: list[Block] = [Text((said,))]
    if report.quiet and report.quiet.zones:
        columns = (
            Column("name", words("column.name")), Column("last", words("column.last"), "date"),
            Column("days", words("column.days"), "count"),
        )  # fmt: skip
        rows = tuple(
            (name_of(words, "zone", one.key, one.name_zh, one.name_en), one.last.isoformat() if one.last else None,
             one.days)
            for one in report.quiet.zones
        )  # fmt: skip
        blocks.append(Table("quiet", words("table.quiet"), columns, rows))
    return Section("quiet", words("section.quiet"), tuple(blocks), said.text)


def about_quiet(report: Report, words: Words) -> Sentence:
    """How many zones had no incident, beside the comparators."""
    found = report.quiet
    if found is None or not found.known:
        return Sentence(words("say.quiet.unknown"), "lack")
    told = words(
        f"say.quiet.{found.by}", n=words.number(found.quiet), all=words.number(found.known),
        share=words.share(found.share),
    )  # fmt: skip
    beside = quiet_beside(report, words)
    if not beside:
        return Sentence(told)
    space = " " if words.lang == "en" else ""
    beside[1:] = map(words.inside, beside[1:])
    return Sentence(told + space + words("say.stop", text=("；" if words.lang == "zh" else "; ").join(beside)))


def quiet_beside(report: Report, words: Words) -> list[str]:
    """The share without incidents then, for each comparator that has one."""
    against = report.quiet.against if report.quiet else {}
    return [
        words("say.quiet.vs", vs=words(named(one, report.period.kind)), share=words.share(against[one]))
        for one in told_of(report)
        if against.get(one) is not None
    ]


def presence(material: Material, words: Words) -> Section:
    """How presence and incidents are spread over the zones; why nobody can tell."""
    sighting = material.report.sighting
    title = words("section.presence")
    if sighting is None or sighting.why or not sighting.zones:
        why = Sentence(words("say.stop", text=words(f"sighting.none.{sighting.why if sighting else ''}")), "lack")
        return Section("presence", title, (Text((why,)),), why.text)
    said = [about_followed(material.report, words)]
    if sighting.first and sighting.last:
        said.append(Sentence(words(
            "say.tracks", first=words.day(sighting.first), last=words.day(sighting.last),
            minutes=words.number(sighting.minutes), outside=words.number(sighting.outside_minutes),
            n=words.number(sighting.outside_incidents),
        )))  # fmt: skip
    blocks: list[Block] = [Text(tuple(said), listed=True), _chart(sighting, words), _table(sighting, words)]
    return Section("presence", title, tuple(blocks), said[0].text)


def about_followed(report: Report, words: Words) -> Sentence:
    """How well presence follows incidents."""
    followed = report.sighting.followed if report.sighting else None
    if followed is None or followed.few:
        return Sentence(words("say.followed.few"), "few")
    told, tone = _beside(report, followed, words)
    return Sentence(words(
        "say.followed", overlap=words.share(followed.overlap), ceiling=words.share(followed.ceiling),
        noise=words.share(followed.noise), n=words.number(followed.n), told=told,
    ).rstrip(), tone_of(tone))  # fmt: skip


def _beside(report: Report, followed: Followed, words: Words) -> tuple[str, str]:
    for one in told_of(report):
        then = followed.against.get(one)
        if then is not None and not then.gaps:
            verdict = {"up": "good", "down": "bad"}.get(then.verdict, then.verdict)
            told = words(
                "say.followed.vs", vs=words(named(one, report.period.kind)), overlap=words.share(then.overlap),
                n=words.number(then.n), verdict=words(f"verdict.{then.verdict}"),
            )  # fmt: skip
            return told, verdict
    return "", "plain"


def _ordered(sighting: Sighting) -> list[SightingZone]:
    return sorted(sighting.zones, key=lambda zone: (-zone.incidents, -zone.minutes, zone.key))


def _chart(sighting: Sighting, words: Words) -> Chart:
    shown = _ordered(sighting)[:BARS]
    labels = tuple(name_of(words, "zone", one.key, one.name_zh, one.name_en) for one in shown)
    marks = tuple(at for at, one in enumerate(shown) if one.verdict == "short")
    series = (
        Series(words("column.share_incidents"), tuple(one.share_incidents for one in shown), "value", marks),
        Series(words("column.share_minutes"), tuple(one.share_minutes for one in shown), "before"),
    )
    title, axis, marked = words("chart.presence", n=len(shown)), words("axis.share"), words("chart.short")
    return Chart("chart_presence", title, "bars", labels, series, axis, "share", marked=marked)


def _table(sighting: Sighting, words: Words) -> Table:
    columns = (
        Column("name", words("column.name")), Column("n", words("column.n"), "count"),
        Column("expected", words("column.expected"), "number", 1), Column("z", words("column.z"), "number", 1),
        Column("judged", words("column.judged")), Column("minutes", words("column.minutes"), "minutes"),
        Column("wanted", words("column.wanted"), "minutes"),
        Column("per_road_km", words("column.perkm"), "number", 1),
        Column("share_incidents", words("column.share_incidents"), "share"),
        Column("share_minutes", words("column.share_minutes"), "share"),
    )  # fmt: skip
    rows = tuple(
        (name_of(words, "zone", one.key, one.name_zh, one.name_en), one.incidents, one.expected, one.z,
         words(f"sighting.{one.verdict}"), one.minutes, one.wanted, one.per_road_km, one.share_incidents,
         one.share_minutes)
        for one in _ordered(sighting)
    )  # fmt: skip
    return Table("presence", words("table.presence"), columns, rows)


