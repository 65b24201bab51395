"""What figures that are no counts are compared with: the period before and the one a year before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from analytics.changes import Change, change
from analytics.figures.request import ComparatorId
from data_feeds.history.query import Span

WANTED: tuple[ComparatorId, ...] = ("previous", "last_year")
Rows = list[dict[str, Any]]
Judge = Callable[[int, int], Change | None]


class Compared(Protocol):
    """A comparators.Candidate, or a result.Comparison."""

    @property
    def id(self) -> ComparatorId: ...
    @property
    def spans(self) -> tuple[Span, ...]: ...
    @property
    def why(self) -> tuple[Any, ...]: ...


@dataclass(frozen=True, slots=True)
class Beside:
    """One comparator of one span. ``usable``: it lies within the records; ``why``: see result.Why.

    ``judge``: a count of the period against one of ``span``; None where too little of either was recorded.
    """

    id: ComparatorId
    span: Span
    usable: bool = True
    why: tuple[str, ...] = ()
    judge: Judge = change

    @property
    def gaps(self) -> bool:
        return not self.usable or "gap" in self.why

    def change(self, n: int, then: int) -> Change | None:
        return self.judge(n, then) if self.usable else None


def besides(compared: Iterable[Compared], judge: Callable[[ComparatorId], Judge] = lambda _: change) -> list[Beside]:
    """Those of ``compared`` that are a single like period, in their order; the same before and after gaps are known.

    ``judge``: how the counts of each are compared.
    """
    return [
        Beside(one.id, one.spans[0], 0 in getattr(one, "used", (0,)), one.why, judge(one.id))
        for one in compared
        if one.id in WANTED and one.spans
    ]


def by_span(rows: Rows, *keys: str) -> Mapping[tuple[Any, ...], dict[str, Any]]:
    """Rows of an answer by (span, keys)."""
    return {tuple(row[key] for key in ("span", *keys)): row for row in rows}
