"""The first page: the figures in large type and the situation in sentences, each with its comparator. Pure."""

from __future__ import annotations

from analytics.figures.result import Report
from briefings.document import Note, Section, Sentence, Text, Tile, Tiles
from briefings.material import Material
from briefings.said import before_a_number, count_beside, named, share_beside
from briefings.sections.counts import about_categories
from briefings.sections.heat import about_hot
from briefings.sections.hours import about_hours, about_rhythm, about_trend
from briefings.sections.presence import about_followed, about_quiet, quiet_beside
from briefings.sections.response import ALL, ARRIVAL, about_arrivals, about_breaches
from briefings.sections.took import about_open
from briefings.tables import lacking, told_of
from briefings.words import Words

GAPS_TOLD = 3
DAYS_TOLD = 2


def section(material: Material, words: Words) -> Section:
    """Tiles, then what happened, what is unusual, and what is not known."""
    report = material.report
    heat, sighting = report.heat, report.sighting
    said = [
        *about_total(report, words), *about_categories(report, words), *about_hours(report, words)[:1],
        *about_rhythm(report, words), *about_trend(report, words)[:DAYS_TOLD], *about_arrivals(report, words)[:2],
        *about_breaches(report, words), about_open(material, words),
    ]  # fmt: skip
    if heat and not heat.lacks:
        said.append(about_hot(material, words))
    said.append(about_quiet(report, words))
    if sighting and not sighting.why:
        said.append(about_followed(report, words))
    known = (*about_gaps(report, words, material), *about_lacks(report, words))
    blocks = (Tiles(tiles(material, words)), Text(tuple(said), listed=True), Text(known, listed=True))
    return Section("situation", words("section.situation"), blocks, said[0].text)


def about_total(report: Report, words: Words) -> tuple[Sentence, ...]:
    """How many, beside every comparator; how many were counted apart."""
    n = report.total.n
    days = ((report.period.reached - report.period.first).days + 1) * report.data.recorded
    if days > 1 and report.period.complete:
        mean = words.mean(round(n / days, 1))
        said = [Sentence(words("say.total.mean", n=words.number(n), mean=mean))]
    else:
        said = [Sentence(words("say.total", n=words.number(n)))]
    for one in report.comparators:
        text, tone = count_beside(words, report, one.id, report.total.against.get(one.id))
        said.append(Sentence(words("say.stop", text=text), tone))
    apart = {kind: words.number(figure.n) for kind, figure in report.apart.items()}
    said.append(Sentence(words("say.apart", **apart)))
    return tuple(said)


def about_gaps(report: Report, words: Words, material: Material, most: int = GAPS_TOLD) -> tuple[Sentence, ...]:
    """The gaps of the period, each by its times; days with changed clocks."""
    data = report.data
    said = [
        Sentence(words(
            "say.gap", how=words(f"gap.{gap.how}"),
            **{"from": words.moment(gap.begin_ms, material.zone), "to": words.moment(gap.end_ms, material.zone)},
        ), "gap")
        for gap in data.gaps[:most]
    ]  # fmt: skip
    if len(data.gaps) > most:
        said.append(Sentence(words("say.gap.more", n=words.number(len(data.gaps) - most)), "gap"))
    if data.recorded < 1:
        text = words("brief.gaps", share=words.share(1 - data.recorded))
        said.append(Sentence(words("say.stop", text=text), "gap"))
    said += [
        Sentence(words("say.odd", day=words.day(odd.date), hour=words("hour.from", hour=f"{odd.hour:02d}"),
                       times=odd.times))
        for odd in data.odd_hours
        if report.period.first <= odd.date <= report.period.reached
    ]  # fmt: skip
    return tuple(said) or (Sentence(words("say.gap.none")),)


def about_lacks(report: Report, words: Words) -> tuple[Sentence, ...]:
    """What no source tells."""
    return lacking(words, report.data.lacks).sentences if report.data.lacks else ()


def tiles(material: Material, words: Words) -> tuple[Tile, ...]:
    """The figures that a chief asks for first; what nobody can tell is left to the sentences."""
    report = material.report
    found = [_total(report, words)]
    everything = next(
        (one for one in (report.response.intervals if report.response else [])
         if one.interval == ARRIVAL and one.place_class == ALL), None,
    )  # fmt: skip
    if everything is not None and everything.n:
        if everything.share_in_target is not None:
            beside = tuple(
                Note(*share_beside(words, report, one, everything.against.get(one), brief=True))
                for one in told_of(report)
            )
            share = everything.share_in_target
            found.append(Tile(words("tile.response"), share, "share", words.share(share), beside))
        notes = [Note(words("tile.median.note", p90=words.took(everything.p90), n=words.number(everything.n)))]
        if (then := everything.against.get("previous")) and then.p50 is not None:
            vs = before_a_number(words, words(named("previous", report.period.kind)))
            told = words("tile.median.before", vs=vs, p50=words.took(then.p50), n=words.number(then.n))
            notes.append(Note(told))
        took = words.took(everything.p50)
        found.append(Tile(words("tile.median"), everything.p50, "seconds", took, tuple(notes)))
    if material.open is not None:
        n = len(material.open.recent) + material.open.older
        note = words("tile.open.note", time=words.moment(material.open.at_ms, material.zone))
        found.append(Tile(words("tile.open"), n, "count", words.number(n), (Note(note),)))
    heat, quiet, sighting = report.heat, report.quiet, report.sighting
    if heat and not heat.lacks:
        notes, hot = [Note(words("tile.hot.note", n=words.number(heat.tested)))], len(heat.hot)
        if material.before:
            notes.append(Note(words("tile.hot.before", n=words.number(len(material.before.hot)))))
        found.append(Tile(words("tile.hot"), hot, "count", words.number(hot), tuple(notes)))
    if quiet and quiet.known:
        note = words(f"tile.quiet.{quiet.by}", n=words.number(quiet.quiet), all=words.number(quiet.known))
        shares = [Note(text) for text in quiet_beside(report, words)]
        shown = words.share(quiet.share)
        found.append(Tile(words("tile.quiet"), quiet.share, "share", shown, (Note(note), *shares)))
    followed = sighting.followed if sighting else None
    if followed and not followed.few:
        note = words("tile.followed.note", share=words.share(followed.ceiling))
        shown = words.share(followed.overlap)
        found.append(Tile(words("tile.followed"), followed.overlap, "share", shown, (Note(note),)))
    return tuple(found)


def _total(report: Report, words: Words) -> Tile:
    n = report.total.n
    beside = tuple(
        Note(*count_beside(words, report, one, report.total.against.get(one), brief=True)) for one in told_of(report)
    )
    return Tile(words("tile.total"), n, "count", words("tile.total.value", n=words.number(n)), beside)
