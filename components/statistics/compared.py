"""A count beside its comparator's, as words: by how much it changed, and whether that is more than noise. Pure."""

from __future__ import annotations

from dash import html

from analytics.figures.parts import SpreadAgainst
from analytics.figures.result import Against
from briefings.said import ARROWS, judged, reasons
from components.statistics.words import Words


def change_of(words: Words, against: Against | None, brief: bool = False) -> html.Span:
    """The arrow, the percentage and the verdict; grey unless it is more than noise. ``brief``: in a list, where a
    verdict of noise shows by its grey alone and the block's head tells of gaps; who hears the page is told both."""
    if against is None or against.value is None:
        why = reasons(words, against)
        return html.Span(words("vs.none"), className="change", title=why, **{"data-verdict": "none"})
    change = judged(against)
    if change is None:
        return html.Span(reasons(words, against) or words("vs.none"), className="change", **{"data-verdict": "none"})
    verdict = words(f"verdict.{change.verdict}")
    quiet = brief and change.verdict == "noise"
    said = words(f"verdict.short.{change.verdict}") if brief else verdict
    parts = [
        html.Span(ARROWS[change.verdict], className="change-arrow", **{"aria-hidden": "true"}),
        html.Span(words.percent(change.percent) if change.percent is not None else "", className="change-percent"),
        html.Span(said, className="for-readers" if quiet else "change-verdict"),
    ]
    if against.gaps and not brief:
        parts.append(html.Span(words("vs.gap"), className="mark mark-gap"))
    per_day = f" · {words('vs.perday')}" if against.per_day else ""
    title = f"{words.mean(against.value)} · z = {change.z:+.2f} · {verdict}{per_day}".replace("-", "−")
    if why := reasons(words, against) or (words("vs.gap") if against.gaps else ""):
        title += f" · {why}"
    return html.Span(parts, className="change", title=title, **{"data-verdict": change.verdict})


def share_change_of(words: Words, against: SpreadAgainst | None) -> html.Span:
    """By how many points a share differs; a share in target that falls is what asks for a person."""
    change = against.change if against else None
    if change is None or change.points is None:
        return html.Span(words("vs.none"), className="change", **{"data-verdict": "none"})
    meaning = {"up": "down", "down": "up"}.get(change.verdict, change.verdict)
    parts = [
        html.Span(ARROWS[change.verdict], className="change-arrow", **{"aria-hidden": "true"}),
        html.Span(words.points(change.points), className="change-percent"),
        html.Span(words(f"verdict.{change.verdict}"), className="change-verdict"),
    ]
    return html.Span(parts, className="change", **{"data-verdict": meaning})
