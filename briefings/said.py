"""A figure beside its comparator, as words: how much it was then, by how much it changed, whether that is more than
chance. Pure."""

from __future__ import annotations

from analytics.changes import Change
from analytics.figures.parts import SpreadAgainst
from analytics.figures.request import ComparatorId, PeriodKind
from analytics.figures.result import Against, Comparison, Report
from briefings.document import Tone
from briefings.words import Words

ARROWS = {"up": "▲", "down": "▼", "noise": "≈", "few": ""}
TOLD: tuple[ComparatorId, ...] = ("previous", "last_year")  # 环比 and 同比
WANTED = {"up": "good", "down": "bad"}  # of a share in target
OF_INCIDENTS = ("say.against", "say.against.few", "say.against.gap")


def named(comparator: ComparatorId, period: PeriodKind, short: bool = False) -> str:
    """The key of a comparator's words: what is a mean of weekdays for a day is one of periods for a longer one."""
    one = comparator.replace("weekdays", "periods") if period != "day" else comparator
    return f"vs.short.{one}" if short else f"vs.{one}"


def judged(against: Against) -> Change | None:
    """The change that tells whether more happens: per day where the two are not equally long."""
    return against.per_day or against.change


def reasons(words: Words, against: Against | SpreadAgainst | None) -> str:
    """Why a comparison is weaker than it looks, or is not there."""
    return words.list([words(f"vs.why.{why}") for why in against.why]) if against else ""


def label(words: Words, report: Report, comparator: ComparatorId) -> str:
    """What it is compared with and when that was: 环比（2025年2月）."""
    name = words(named(comparator, report.period.kind))
    found = next((one for one in report.comparators if one.id == comparator), None)
    if found is None or len(found.spans) != 1:
        return name
    return words("say.vs", vs=name, when=when(words, report, found))


def when(words: Words, report: Report, comparison: Comparison) -> str:
    """The days of a comparator that is one period."""
    span, period = comparison.spans[0], report.period
    if period.complete and period.kind != "key" and comparison.aligned is None:
        return words.period(period.kind, span.first, span.last)
    return words.span(span.first, span.last)


def count_beside(
    words: Words, report: Report, comparator: ComparatorId, against: Against | None, brief: bool = False,
    say: tuple[str, str, str] = OF_INCIDENTS,
) -> tuple[str, Tone]:  # fmt: skip
    """How a count stands beside its comparator's. ``brief``: without its days and gaps, which are told once; ``say``:
    the keys of its words, which name what is counted: with a percentage, without one, not compared."""
    vs = words(named(comparator, report.period.kind)) if brief else label(words, report, comparator)
    if against is None or against.value is None:
        return words("say.against.none", vs=vs, why=reasons(words, against) or words("vs.none")), "lack"
    value, change, vs = words.mean(against.value), judged(against), before_a_number(words, vs)
    if change is None:
        why = reasons(words, against) or words("vs.gap")
        return words(say[2], vs=vs, value=value, why=why), "gap"
    verdict = words(f"verdict.{change.verdict}")
    percent = words.percent(change.percent) if change.percent is not None else ""
    if percent and against.per_day:
        percent = words("say.perday", change=percent)
    key = say[0] if percent else say[1]
    told = words(key, vs=vs, value=value, change=percent, verdict=verdict)
    return told + (words("say.gaps") if against.gaps and not brief else ""), tone_of(change.verdict)


def share_beside(
    words: Words, report: Report, comparator: ComparatorId, against: SpreadAgainst | None, brief: bool = False
) -> tuple[str, Tone]:
    """How a share in target stands beside its comparator's."""
    vs = words(named(comparator, report.period.kind)) if brief else label(words, report, comparator)
    if against is None or against.share_in_target is None or against.change is None:
        return words("say.against.none", vs=vs, why=reasons(words, against) or words("vs.none")), "lack"
    change = against.change
    points = words.points(change.points) if change.points is not None else NO_POINTS
    told = words(
        "say.share", vs=before_a_number(words, vs),
        value=words.share(against.share_in_target), n=words.number(against.n), change=points,
        verdict=words(f"verdict.{change.verdict}"),
    )  # fmt: skip
    tone = tone_of(WANTED.get(change.verdict, change.verdict))
    return told + (words("say.gaps") if against.gaps and not brief else ""), tone


def before_a_number(words: Words, vs: str) -> str:
    """A Chinese bracket brings its own space."""
    return vs if words.lang == "en" or vs.endswith("）") else f"{vs} "


def tone_of(verdict: str) -> Tone:
    """The tone of a verdict; what is neither up nor down is quiet."""
    tones: dict[str, Tone] = {
        "up": "up", "down": "down", "good": "good", "bad": "bad", "noise": "noise", "few": "few", "above": "up",
        "below": "down", "short": "bad", "ample": "noise",
    }  # fmt: skip
    return tones.get(verdict, "plain")


NO_POINTS = "—"
