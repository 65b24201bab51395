"""Cells of tables and values of charts as people read them. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from briefings.document import Cell, Document, Kind
from briefings.words import NOTHING, Words, signed

LEAST_CHANCE = 0.001  # less is nothing that print can tell


def written(document: Document, kind: Kind, value: Cell, digits: int = 0) -> str:
    """``value`` as the language of ``document`` writes it; a dash for None."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return document.verdicts.get(value, value) if kind == "verdict" else value
    words = Words(document.lang, {}, {})
    if kind == "share":
        return words.share(value)
    if kind == "percent":
        return words.percent(value)
    if kind == "points":
        return signed(value)
    if kind == "chance":
        return f"<{LEAST_CHANCE}" if value < LEAST_CHANCE / 2 else f"{value:.3f}"
    if kind == "seconds":
        return words.took(value)
    if kind == "time":
        return words.moment(value, ZoneInfo(document.time_zone))
    return words.number(value, digits)
