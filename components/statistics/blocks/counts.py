"""Incidents by one kind each: categories and the like filter the page, branches and stations are where it goes."""

from __future__ import annotations

from analytics.figures.request import Grouping
from components.statistics import bars
from components.statistics.frame import Block, Drawn, Sight

RANKED: tuple[Grouping, ...] = ("branch", "station")


def _block(by: Grouping) -> Block:
    name = by.replace("_", "-")

    def draw(sight: Sight) -> Drawn:
        return bars.drawn(sight, block, by, ranked=by in RANKED)

    block = Block(name, f"{by}.title", f"by.{by}", draw)
    return block


CATEGORY, SEVERITY, SOURCE = _block("category"), _block("severity"), _block("source")
PLACE_CLASS, BRANCH, STATION = _block("place_class"), _block("branch"), _block("station")
