"""How fast help came: arrivals by place class, what made them late, the stations. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.figures.parts import Breach, Spread
from analytics.figures.result import Report
from briefings.document import Block, Cell, Chart, Column, Section, Sentence, Series, Table, Text
from briefings.material import Material
from briefings.said import WANTED, named, share_beside
from briefings.sections import took
from briefings.tables import lacking, name_of, told_of
from briefings.words import Words
from data_feeds.history.query import CAUSES

ARRIVAL, ALL = "response", ""
STATIONS = 12


def section(material: Material, words: Words) -> Section:
    """Arrivals, breaches, stations, slowest, distributions, open ones; what the source lacks in their place."""
    report = material.report
    response = report.response
    said = (*about_arrivals(report, words), *about_breaches(report, words))
    blocks: list[Block] = [Text(said, listed=True)]
    if response and response.lacks:
        blocks.append(lacking(words, response.lacks))
    arrivals = [one for one in _spreads(report, ARRIVAL) if one.n]
    if arrivals:
        blocks += [*_share_chart(words, arrivals), *_arrivals(words, report, arrivals)]
    causes = [one for one in (response.breaches if response else []) if one.n]
    if causes:
        blocks += [_cause_chart(words, causes), _cause_table(words, report, causes)]
    if response and any(one.with_target for one in response.stations):
        blocks.append(_stations(words, report))
    if response and any(one.n for one in response.intervals):
        blocks.append(_intervals(words, report))
    blocks += took.blocks(material, words)
    return Section("response", words("section.response"), tuple(blocks), said[0].text if said else "")


def about_arrivals(report: Report, words: Words) -> tuple[Sentence, ...]:
    """The share in target of all, the median, and each place class."""
    everything = next((one for one in _spreads(report, ARRIVAL) if one.place_class == ALL), None)
    if everything is None or not everything.n:
        return (Sentence(words("say.response.none"), "lack"),)
    said = []
    if everything.in_target is not None:
        said.append(_share(words, report, everything, "say.response", missing=words.number(everything.missing)))
    said.append(_median(words, report, everything))
    for one in _spreads(report, ARRIVAL):
        if one.place_class != ALL and one.target_s and one.in_target is not None:
            told = {"name": _class(words, one.place_class), "target": words.took(one.target_s)}
            said.append(_share(words, report, one, "say.response.class", p50=words.took(one.p50), **told))
    return tuple(said)


def about_breaches(report: Report, words: Words) -> tuple[Sentence, ...]:
    """How many responses were late, and what made most of them so."""
    response = report.response
    everything = next((one for one in _spreads(report, ARRIVAL) if one.place_class == ALL), None)
    if response is None or everything is None or not everything.with_target:
        return ()
    total = sum(one.n for one in response.breaches)
    if not total:
        return (Sentence(words("say.breaches.none", n=words.number(everything.with_target))),)
    cause = max(CAUSES, key=lambda name: (_caused(response.breaches, name), -CAUSES.index(name)))
    k = _caused(response.breaches, cause)
    told = {
        "n": words.number(total), "cause": words.inside(words(f"interval.{cause}")), "k": words.number(k),
        "share": words.share(k / total),
    }  # fmt: skip
    before = everything.against.get("previous")
    if before and before.in_target is not None and not before.gaps:
        return (Sentence(words("say.breaches", before=words.number(_before(response.breaches)), **told)),)
    return (Sentence(words("say.breaches.alone", **told)),)


def _caused(breaches: Sequence[Breach], cause: str) -> int:
    return sum(one.n for one in breaches if one.cause == cause)


def _before(breaches: Sequence[Breach]) -> int:
    return sum(one.against["previous"].n for one in breaches if "previous" in one.against)


def _spreads(report: Report, interval: str) -> list[Spread]:
    return [one for one in (report.response.intervals if report.response else []) if one.interval == interval]


def _share(words: Words, report: Report, one: Spread, key: str, **values: str) -> Sentence:
    found = [share_beside(words, report, name, one.against.get(name), brief=True) for name in told_of(report)]
    told = ("；" if words.lang == "zh" else "; ").join(words.inside(text) for text, _ in found)
    tone = next((tone for _, tone in found if tone in ("good", "bad")), found[0][1] if found else "plain")
    share, k, n = words.share(one.share_in_target), words.number(one.in_target), words.number(one.with_target)
    return Sentence(words(key, share=share, k=k, n=n, told=told, **values), tone)


def _median(words: Words, report: Report, one: Spread) -> Sentence:
    told = {"p50": words.took(one.p50), "p90": words.took(one.p90), "n": words.number(one.n)}
    before = one.against.get("previous")
    if before is None or before.difference_s is None:
        return Sentence(words("say.median.alone", **told))
    return Sentence(words(
        "say.median", vs=words.inside(words(named("previous", report.period.kind))), before=words.took(before.p50),
        m=words.number(before.n), change=f"{round(before.difference_s):+d}".replace("-", "−"), **told,
    ))  # fmt: skip


def _class(words: Words, code: str) -> str:
    return words.name("place_class", code) if code else words("response.all")


def _share_chart(words: Words, arrivals: Sequence[Spread]) -> list[Block]:
    shown = [one for one in arrivals if one.share_in_target is not None]
    if not shown:
        return []
    labels = tuple(_class(words, one.place_class) for one in shown)
    series = [Series(words("series.now"), tuple(one.share_in_target for one in shown))]
    before = tuple(one.against["previous"].share_in_target if "previous" in one.against else None for one in shown)
    if any(value is not None for value in before):
        series.append(Series(words("vs.previous"), before, "before"))
    title, axis = words("chart.response"), words("axis.share")
    return [Chart("chart_response", title, "bars", labels, tuple(series), axis, "share")]


def _arrivals(words: Words, report: Report, arrivals: Sequence[Spread]) -> list[Block]:
    """The arrivals, and the share in target beside the comparators: together they are too wide for a page."""
    columns = (
        Column("place_class", words("column.place_class")), Column("target", words("column.target"), "seconds"),
        Column("with_target", words("column.with_target"), "count"),
        Column("in_target", words("column.in_target"), "count"),
        Column("share", words("column.share_in_target"), "share"), Column("missing", words("column.missing"), "count"),
        Column("p50", "P50", "seconds"), Column("p90", "P90", "seconds"), Column("p95", "P95", "seconds"),
    )  # fmt: skip
    rows = tuple(
        (_class(words, one.place_class), one.target_s, one.with_target, one.in_target, one.share_in_target,
         one.missing, one.p50, one.p90, one.p95)
        for one in arrivals
    )  # fmt: skip
    found: list[Block] = [Table("response", words("table.response"), columns, rows)]
    if told_of(report):
        found.append(_beside(words, report, arrivals))
    return found


def _beside(words: Words, report: Report, arrivals: Sequence[Spread]) -> Table:
    columns = [Column("place_class", words("column.place_class")),
               Column("share", words("column.share_in_target"), "share")]  # fmt: skip
    for name in told_of(report):
        vs = words(named(name, report.period.kind))
        columns += [
            Column(f"{name}_share", words("column.beside", vs=vs), "share"),
            Column(f"{name}_n", words("column.before_n", vs=vs), "count"),
            Column(f"{name}_points", words("column.points", vs=vs), "points", 1),
            Column(f"{name}_verdict", words("column.verdict", vs=vs), "verdict"),
        ]
    rows = []
    for one in arrivals:
        line: list[Cell] = [_class(words, one.place_class), one.share_in_target]
        for name in told_of(report):
            then = one.against.get(name)
            change = then.change if then else None
            verdict = WANTED.get(change.verdict, change.verdict) if change else "lack"
            line += [then.share_in_target, then.n] if then else [None, None]
            line += [change.points if change else None, verdict]
        rows.append(tuple(line))
    return Table("response_beside", words("table.response_beside"), tuple(columns), tuple(rows))


def _cause_chart(words: Words, causes: Sequence[Breach]) -> Chart:
    classes = list(dict.fromkeys(one.place_class for one in causes))
    counts = {(one.place_class, one.cause): float(one.n) for one in causes}
    series = tuple(
        Series(words(f"interval.{cause}"), tuple(counts.get((place, cause), 0.0) for place in classes), "part")
        for cause in CAUSES
        if any((place, cause) in counts for place in classes)
    )
    labels = tuple(_class(words, place) for place in classes)
    return Chart("chart_breaches", words("chart.breaches"), "stacked", labels, series, words("axis.incidents"))


def _cause_table(words: Words, report: Report, causes: Sequence[Breach]) -> Table:
    vs = words(named("previous", report.period.kind))
    columns = (
        Column("place_class", words("column.place_class")), Column("cause", words("column.cause")),
        Column("n", words("column.n"), "count"), Column("share", words("column.share"), "share"),
        Column("previous_n", words("column.beside", vs=vs), "count"),
        Column("previous_change", words("column.change", vs=vs), "percent", 1),
        Column("previous_verdict", words("column.verdict", vs=vs), "verdict"),
    )  # fmt: skip
    rows = []
    for one in causes:
        before = one.against.get("previous")
        change = before.change if before else None
        rows.append((
            _class(words, one.place_class), words(f"interval.{one.cause}"), one.n, one.share,
            before.n if before else None, change.percent if change else None, change.verdict if change else "lack",
        ))  # fmt: skip
    return Table("breaches", words("table.breaches"), columns, tuple(rows))


def _stations(words: Words, report: Report) -> Table:
    assert report.response is not None
    columns = (
        Column("name", words("column.name")), Column("with_target", words("column.with_target"), "count"),
        Column("in_target", words("column.in_target"), "count"),
        Column("share", words("column.share_in_target"), "share"),
        Column("expected", words("column.expected"), "number", 1), Column("z", words("column.z"), "number", 1),
        Column("judged", words("column.judged"), "verdict"), Column("p50", "P50", "seconds"),
        Column("missing", words("column.missing"), "count"),
    )  # fmt: skip
    rows = tuple(
        (name_of(words, "station", one.key), one.with_target, one.in_target, one.share_in_target, one.expected, one.z,
         WANTED.get(one.verdict, one.verdict), one.p50, one.missing)
        for one in report.response.stations
    )  # fmt: skip
    return Table("stations", words("table.stations"), columns, rows, STATIONS)


def _intervals(words: Words, report: Report) -> Table:
    columns = (
        Column("interval", words("column.interval")), Column("place_class", words("column.place_class")),
        Column("n", "n", "count"), Column("missing", words("column.missing"), "count"), Column("p50", "P50", "seconds"),
        Column("p90", "P90", "seconds"), Column("p95", "P95", "seconds"),
        Column("allowance", words("column.allowance"), "seconds"),
    )  # fmt: skip
    rows = tuple(
        (words(f"interval.{one.interval}"), _class(words, one.place_class), one.n, one.missing, one.p50, one.p90,
         one.p95, one.allowance_s)
        for one in (report.response.intervals if report.response else [])
    )  # fmt: skip
    return Table("intervals", words("table.intervals"), columns, rows, 0)
