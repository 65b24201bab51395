"""When it happened: hours with their band, the week's rhythm, the days with their control limits. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from analytics.days import local
from analytics.figures.result import Hour, Point, Report
from briefings.document import Block, Cell, Chart, Column, Section, Sentence, Series, Table, Text
from briefings.material import Material
from briefings.said import tone_of
from briefings.words import Words

DAYS_TOLD = 5
STEP_MS = 1_800_000.0  # no hour of the clock lies between two steps
WEEK = range(7)


def section(material: Material, words: Words) -> Section:
    """Hours, rhythm (of more than a day) and trend."""
    report = material.report
    said = (*about_hours(report, words), *about_rhythm(report, words), *about_trend(report, words))
    blocks: list[Block] = [Text(said, listed=True)]
    if report.hours:
        blocks += [_hours_chart(words, report), _hours_table(words, report)]
    if report.rhythm and report.period.first != report.period.last:
        blocks += [_rhythm_chart(words, report), _rhythm_table(words, report)]
    if report.trend:
        blocks += [_trend_chart(words, report), _trend_table(words, report)]
    return Section("hours", words("section.hours"), tuple(blocks), said[0].text if said else "")


def about_hours(report: Report, words: Words) -> tuple[Sentence, ...]:
    """The busiest hour, and those above the band."""
    known = [hour for hour in report.hours if hour.n]
    if not known:
        return ()
    peak = max(known, key=lambda hour: (hour.n or 0, -hour.hour))
    n = words.number(peak.n)
    if peak.mean is None or peak.low is None:
        return (Sentence(words("say.peak", hour=_hour(words, peak.hour), n=n)),)
    said = words(
        "say.peak.band", hour=_hour(words, peak.hour), n=n, k=report.band.k, mean=words.mean(peak.mean),
        low=words.mean(peak.low), high=words.mean(peak.high),
    )  # fmt: skip
    above = [hour for hour in report.hours if _is_above(hour)]
    if not above:
        return Sentence(said), Sentence(words("say.hours.calm"), "noise")
    listed = words.list([_hour(words, hour.hour) for hour in above])
    return Sentence(said), Sentence(words("say.hours.above", n=len(above), hours=listed), "noise")


def about_rhythm(report: Report, words: Words) -> tuple[Sentence, ...]:
    """The cell of the week with the highest mean; of a day there is none."""
    rhythm = report.rhythm
    if rhythm is None or report.period.first == report.period.last:
        return ()
    means = [(mean, -day, -hour) for day in WEEK for hour, mean in enumerate(rhythm.mean[day]) if mean is not None]
    if not means or max(means)[0] <= 0:
        return ()
    mean, day, hour = max(means)
    text = words(
        "say.rhythm", day=words(f"weekday.{1 - day}"), hour=_hour(words, -hour),
        n=words.number(rhythm.counts[-day][-hour]), mean=words.number(mean, 1),
        usual=words.number(sum(one for one, _, _ in means) / len(means), 1), cells=words.number(len(means)),
    )  # fmt: skip
    return (Sentence(text),)


def about_trend(report: Report, words: Words) -> tuple[Sentence, ...]:
    """The days beyond their limits, those farthest out first."""
    own = [point for point in report.trend if not point.lead]
    if own and all(point.gap or point.partial for point in own):
        return (Sentence(words("say.trend.gap"), "gap"),)
    judged = [point for point in report.trend if point.verdict and not point.lead]
    if not judged:
        return (Sentence(words("say.trend.none"), "lack"),) if report.trend else ()
    out = [point for point in judged if point.verdict in ("above", "below")]
    if not out:
        key = "say.trend.one" if len(judged) == 1 else "say.trend.calm"
        return (Sentence(words(key, n=words.number(len(judged))), "noise"),)
    said = []
    for point in sorted(out, key=lambda one: -abs(one.n - (one.mean or 0)))[:DAYS_TOLD]:
        limit = point.high if point.verdict == "above" else point.low
        text = words(
            f"say.trend.{point.verdict}", day=words.day(point.date), n=words.number(point.n),
            limit=words.number(limit, 1), mean=words.number(point.mean, 1),
        )  # fmt: skip
        said.append(Sentence(text, tone_of(point.verdict or "")))
    return tuple(said)


def _hour(words: Words, hour: int) -> str:
    return words("say.hour", first=f"{hour:02d}:00", last=f"{(hour + 1) % 24:02d}:00")


def _is_above(hour: Hour) -> bool:
    return hour.n is not None and hour.high is not None and not hour.partial and hour.n > hour.high


def _hours_chart(words: Words, report: Report) -> Chart:
    hours = report.hours
    above = tuple(at for at, hour in enumerate(hours) if _is_above(hour))
    series = [Series(words("series.now"), tuple(_number(hour.n) for hour in hours), "value", above)]
    note = words("hours.few")
    if report.band.method != "none":
        series += [
            Series(words("series.mean"), tuple(hour.mean for hour in hours), "mean"),
            Series(words("series.low"), tuple(hour.low for hour in hours), "low"),
            Series(words("series.high"), tuple(hour.high for hour in hours), "high"),
        ]
        note = words("chart.hours.note", k=report.band.k) + words(f"hours.{report.band.method}")
    labels = tuple(f"{hour.hour:02d}" for hour in hours)
    lost = _unrecorded(report)
    partial = tuple(at for at, hour in enumerate(hours) if hour.partial or hour.hour in lost)
    return Chart(
        "chart_hours", words("chart.hours"), "line", labels, tuple(series), words("axis.incidents"),
        note=note, missing=partial, marked=words("chart.out"), unrecorded=words("chart.missing"),
    )  # fmt: skip


def _unrecorded(report: Report) -> set[int]:
    """The hours of a single day of which its gaps have taken a part."""
    if report.period.first != report.period.last:
        return set()
    zone = ZoneInfo(report.request.zone)
    told = [(gap.begin_ms, gap.end_ms - 1) for gap in report.data.gaps]
    steps = ((min(begin + n * STEP_MS, end)) for begin, end in told for n in range(int((end - begin) / STEP_MS) + 2))
    return {local(ms, zone).hour for ms in steps}


def _hours_table(words: Words, report: Report) -> Table:
    columns = (
        Column("hour", words("column.hour")), Column("n", words("column.n"), "count"),
        Column("mean", words("column.mean"), "number", 1), Column("low", words("column.low"), "number", 1),
        Column("high", words("column.high"), "number", 1),
    )  # fmt: skip
    rows = tuple((f"{one.hour:02d}:00", one.n, one.mean, one.low, one.high) for one in report.hours)
    return Table("hours", words("table.hours"), columns, rows, 0)


def _rhythm_chart(words: Words, report: Report) -> Chart:
    assert report.rhythm is not None
    series = tuple(Series(words(f"weekday.{day + 1}"), tuple(report.rhythm.mean[day]), "part") for day in WEEK)
    labels = tuple(f"{hour:02d}" for hour in range(24))
    return Chart(
        "chart_rhythm", words("chart.rhythm"), "matrix", labels, series, words("axis.mean"), "number", 1
    )  # fmt: skip


def _rhythm_table(words: Words, report: Report) -> Table:
    assert report.rhythm is not None
    columns = (
        Column("weekday", words("column.weekday")), Column("hour", words("column.hour")),
        Column("n", words("column.n"), "count"), Column("mean", words("axis.mean"), "number", 2),
    )  # fmt: skip
    rows = tuple(
        (words(f"weekday.{day + 1}"), f"{hour:02d}:00", report.rhythm.counts[day][hour], report.rhythm.mean[day][hour])
        for day in WEEK
        for hour in range(24)
    )
    return Table("rhythm", words("table.rhythm"), columns, rows, 0)


def _trend_chart(words: Words, report: Report) -> Chart:
    points = report.trend
    out = tuple(at for at, point in enumerate(points) if point.verdict in ("above", "below"))
    series = [Series(words("series.now"), tuple(float(point.n) for point in points), "value", out)]
    note = words("say.trend.none")
    if report.limits.days and any(point.mean is not None for point in points):
        series += [
            Series(words("series.mean"), tuple(point.mean for point in points), "mean"),
            Series(words("column.lower"), tuple(point.low for point in points), "low"),
            Series(words("column.upper"), tuple(point.high for point in points), "high"),
        ]
        note = words("chart.trend.note", days=report.limits.days)
    missing = tuple(at for at, point in enumerate(points) if point.gap or point.partial)
    labels = tuple(words.day(point.date, year=False) for point in points)
    return Chart(
        "chart_trend", words("chart.trend"), "line", labels, tuple(series), words("axis.incidents"),
        note=note, missing=missing, marked=words("chart.out"), unrecorded=words("chart.missing"),
    )  # fmt: skip


def _trend_table(words: Words, report: Report) -> Table:
    columns = (
        Column("date", words("column.date"), "date"), Column("n", words("column.n"), "count"),
        Column("mean", words("column.mean"), "number", 1), Column("low", words("column.lower"), "number", 1),
        Column("high", words("column.upper"), "number", 1), Column("judged", words("column.judged"), "verdict"),
    )  # fmt: skip
    return Table("trend", words("table.trend"), columns, tuple(_trend_row(point) for point in report.trend), 0)


def _trend_row(point: Point) -> tuple[Cell, ...]:
    verdict = "gap" if point.gap or point.partial else {"inside": "noise"}.get(point.verdict or "", "")
    judged = verdict or (tone_of(point.verdict) if point.verdict else "lack")
    return point.date.isoformat(), point.n, point.mean, point.low, point.high, judged


def _number(n: int | None) -> float | None:
    return None if n is None else float(n)
