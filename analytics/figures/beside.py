"""What figures that are no counts are compared with: the period before and the one a year before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from analytics.figures.request import ComparatorId
from data_feeds.history.query import Span

WANTED: tuple[ComparatorId, ...] = ("previous", "last_year")
Rows = list[dict[str, Any]]


class Compared(Protocol):
    """A comparators.Candidate, or a result.Comparison."""

    @property
    def id(self) -> ComparatorId: ...
    @property
    def spans(self) -> tuple[Span, ...]: ...
    @property
    def why(self) -> tuple[Any, ...]: ...


class Beside(Struct, frozen=True):
    """One comparator of one span. ``usable``: enough of it was recorded; ``why``: see result.Why."""

    id: ComparatorId
    span: Span
    usable: bool = True
    why: tuple[str, ...] = ()

    @property
    def gaps(self) -> bool:
        return not self.usable or "gap" in self.why


def besides(compared: Iterable[Compared]) -> tuple[Beside, ...]:
    """Those of ``compared`` that are a single like period, in their order; the same before and after gaps are known."""
    return tuple(
        Beside(one.id, one.spans[0], 0 in getattr(one, "used", (0,)), one.why)
        for one in compared
        if one.id in WANTED and one.spans
    )


def by_span(rows: Rows, *keys: str) -> Mapping[tuple[Any, ...], dict[str, Any]]:
    """Rows of an answer by (span, keys)."""
    return {tuple(row[key] for key in ("span", *keys)): row for row in rows}
