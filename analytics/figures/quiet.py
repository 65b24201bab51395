"""Places without incidents (零发案): their share, and how long each has been quiet. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pyarrow as pa

from analytics.figures.counts import by_word
from analytics.figures.frame import Frame, Marks
from analytics.figures.request import ComparatorId
from analytics.figures.result import Quiet, QuietZone
from analytics.periods import ONE
from data_feeds.history.query import LastSeen, Query

MAX_ZONES = 2_000


def level(frame: Frame) -> Literal["zone", "station"] | None:
    """Zones, or stations where no zones are known; None where nobody says which places there are."""
    return "zone" if frame.places("zone") else "station" if frame.places("station") else None


def queries(frame: Frame) -> dict[str, Query]:
    """Of the days before the period: within it the quiet ones have none. Uses counts' "by"."""
    by = level(frame)
    return {"quiet": LastSeen(by, frame.period.first - ONE, frame.where)} if by else {}


def quiet(marks: Marks, answers: Mapping[str, pa.Table]) -> Quiet | None:
    """Longest quiet first, those without any record before all others; equal ones by code. None without a list."""
    frame, by = marks.frame, level(marks.frame)
    if by is None:
        return None
    places = frame.places(by)
    groups = by_word(marks, answers["by"], by)
    counts = [groups.get(place.code, marks.nothing) for place in places]
    last = dict(zip(*(answers["quiet"].column(name).to_pylist() for name in ("key", "last")), strict=True))
    zones = []
    for place, n in zip(places, counts, strict=True):
        if n[0] == 0:
            day = last.get(place.code)
            days = (frame.period.reached - day).days if day else None
            zones.append(QuietZone(place.code, day, days, place.name_zh, place.name_en))
    zones.sort(key=lambda zone: (zone.days is not None, -(zone.days or 0), zone.key))
    against: dict[ComparatorId, float | None] = {}
    for one in marks.comparisons:
        used = marks.used(one.id)
        quiet_then = [sum(n[at] == 0 for n in counts) / len(places) for at in used]
        against[one.id] = round(sum(quiet_then) / len(used), 4) if used else None
    return Quiet(by, len(places), len(zones), round(len(zones) / len(places), 4), zones[:MAX_ZONES], against)
