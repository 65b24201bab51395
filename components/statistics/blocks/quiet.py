"""Zones without an incident in the period, and for how long."""

from __future__ import annotations

from dash import html

from analytics.figures.result import QuietZone
from components.statistics.frame import Block, Drawn, Sight, marks, nothing, pressed, sets, toggles


def draw(sight: Sight) -> Drawn:
    """The zones, longest without an incident first, as the report has them."""
    words, quiet = sight.words, sight.report.quiet
    rows = [_row(sight, zone, quiet.by) for zone in quiet.zones] if quiet else []
    told = "quiet.none" if quiet and quiet.known else "quiet.nozones"
    note = ""
    if quiet and quiet.share is not None:
        before = quiet.against.get("previous")
        note = words.share(quiet.share)
        if before is not None:
            note += f" · {words('vs.previous')} {words.share(before)}"
    return {
        "quiet-note.children": note,
        "quiet-body.children": html.Ol(rows, className="quiet", role="list") if rows else nothing(words, told),
        "quiet-marks.children": marks(sight, BLOCK),
    }


def _row(sight: Sight, zone: QuietZone, by: str) -> html.Li:
    words = sight.words
    name = (zone.name_en if words.lang == "en" else zone.name_zh) or words.place(zone.key)
    never = zone.last is None or zone.days is None
    days = words("quiet.never") if never else words("quiet.days", n=words.number(zone.days))
    since = "" if zone.last is None else words("quiet.since", date=words.day(zone.last))
    parts = [html.Span(name, className="bar-name", title=name), html.Span(days, className="quiet-days", title=since)]
    go = sets(scope=zone.key) if by == "station" else toggles("zone", zone.key)
    chosen = zone.key == sight.view.scope if by == "station" else zone.key in sight.view.zone
    return html.Li(html.Button(parts, className="quiet-row", type="button", **{"aria-pressed": pressed(chosen), **go}))


BLOCK = Block("quiet", "quiet.title", "quiet", draw)
