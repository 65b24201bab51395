"""Rows in an order that does not jump: most incidents first, equal ones by their code. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.figures.frame import Marks
from analytics.figures.request import PlaceFact
from analytics.figures.result import Row


def ranked(groups: Mapping[str, Sequence[int]], marks: Marks, places: Sequence[PlaceFact] = ()) -> list[Row]:
    """``groups``: key → its count in each of the frame's spans. ``places`` stand in the list even without incidents.

    Equal counts share a rank, and the next one counts on from their number (1, 2, 2, 4).
    """
    names = {place.code: place for place in places}
    counts = {key: groups.get(key, marks.nothing) for key in {*groups, *names}}
    order = sorted(counts, key=lambda key: (-counts[key][0], key))
    together = sum(of[0] for of in counts.values())
    rows: list[Row] = []
    rank = 0
    for place, key in enumerate(order, 1):
        n = counts[key][0]
        if not rows or n < rows[-1].n:
            rank = place
        known = names.get(key, PlaceFact(key))
        share = round(n / together, 4) if together else None
        rows.append(Row(key, n, n, rank, share, marks.against(counts[key]), known.name_zh, known.name_en))
    return rows
