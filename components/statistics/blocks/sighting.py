"""Police presence: patrol minutes by zone beside its incidents, and how well forces follow incidents."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analytics.figures.parts import Followed, SightingZone
from components.statistics.frame import Block, Drawn, Sight, marks, nothing, pressed, toggles
from components.statistics.words import Words

MOST_ROWS = 60
HEADS = ("filter.zone", *(f"sighting.{name}" for name in ("incidents", "minutes", "perkm", "shares", "verdict")))
MEANS = {"short": "up", "ample": "down", "noise": "noise", "few": "few"}  # what asks for a person is yellow


def draw(sight: Sight) -> Drawn:
    """A row a zone, those with most incidents first; above them the two figures of the whole."""
    words, sighting = sight.words, sight.report.sighting
    zones = sighting.zones if sighting else []
    if sighting is None or sighting.why or not zones:
        body: list[Component] = [nothing(words, f"sighting.none.{sighting.why if sighting else ''}")]
    else:
        ordered = sorted(zones, key=lambda zone: (-zone.incidents, -zone.minutes, zone.key))
        head = html.Thead(html.Tr([html.Th(words(key), scope="col") for key in HEADS]))
        rows = [_row(sight, zone) for zone in ordered[:MOST_ROWS]]
        body = [_followed(words, sighting.followed), html.Table([head, html.Tbody(rows)], className="presence")]
    return {
        "sighting-note.children": words("sighting.note"),
        "sighting-body.children": body,
        "sighting-marks.children": marks(sight, BLOCK),
    }


def _followed(words: Words, followed: Followed | None) -> html.P:
    if followed is None or followed.few:
        return html.P(words("sighting.toofew"), className="big-note")
    told = [
        html.Span(words("sighting.followed")), html.B(words.share(followed.overlap)),
        html.Span(words("sighting.ceiling", share=words.share(followed.ceiling))),
        html.Span(f"n {words.number(followed.n)}"),
    ]  # fmt: skip
    return html.P(told, className="followed")


def _row(sight: Sight, zone: SightingZone) -> html.Tr:
    words = sight.words
    name = (zone.name_en if words.lang == "en" else zone.name_zh) or words.place(zone.key)
    facts = {**toggles("zone", zone.key), "aria-pressed": pressed(zone.key in sight.view.zone)}
    button = html.Button(name, className="class-name", type="button", title=name, **facts)
    shares = html.Div(
        [
            html.Span(className="bar", style={"--share": f"{zone.share_incidents or 0:.4f}"}),
            html.Span(className="bar bar-calm", style={"--share": f"{zone.share_minutes or 0:.4f}"}),
        ],
        className="two-bars",
        title=f"{words.share(zone.share_incidents)} / {words.share(zone.share_minutes)}",
    )
    judged = html.Span(words(f"sighting.{zone.verdict}"), className="change", **{"data-verdict": MEANS[zone.verdict]})
    numbers = [words.number(zone.incidents), words.number(zone.minutes), words.number(zone.per_road_km, 1)]
    return html.Tr([html.Th(button, scope="row"), *(html.Td(cell) for cell in (*numbers, shares, judged))])


BLOCK = Block("sighting", "sighting.title", "sighting", draw)
