"""A small history for tests of what the wall tells of the past: plain rows, counted one by one."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from data_feeds.history.query import Breaches, Counts, Gaps, Spreads
from data_feeds.history.store import Extent


@dataclass(frozen=True)
class Row:
    """One incident: its business day, minute of it, category, and the response in seconds (None: not known)."""

    day: date
    minute: int
    category: str = "theft"
    place_class: str = "CENTRE"
    response_s: float | None = None
    cause: str = "dispatch"
    cell: int | None = None


@dataclass
class FakeHistory:
    """The part of a Store that the wall asks. ``error``: raised instead of an answer; ``asked``: every query."""

    rows: list = field(default_factory=list)
    gaps: list = field(default_factory=list)
    first: date | None = None
    error: Exception | None = None
    asked: list = field(default_factory=list)
    changes: Counter = field(default_factory=Counter)
    lacks: tuple = ()

    def touch(self, day):
        self.changes[day] += 1

    def version(self, spans=()):
        if self.error:
            raise self.error
        return sum(self.changes[day] for span in spans for day in days_of(span))

    def extent(self):
        if self.error:
            raise self.error
        known = sorted(row.day for row in self.rows)
        return Extent(self.first or (known[0] if known else None), known[-1] if known else None, len(known),
                      lacks=self.lacks)  # fmt: skip

    def run(self, query):
        self.asked.append(query)
        if self.error:
            raise self.error
        answers = {Counts: self.counts, Gaps: self.holes, Spreads: self.spreads, Breaches: self.breaches}
        return answers[type(query)](query)

    def within(self, span):
        return [row for row in self.rows if row.day in days_of(span)]

    def counts(self, query):
        kinds = {"date": pa.date32(), "minute": pa.int32(), "category": pa.string(), "cell": pa.uint64()}
        found = Counter(
            (k, *(getattr(row, "day" if dim == "date" else dim) for dim in query.by))
            for k, span in enumerate(query.spans)
            for row in self.within(span)
            if "cell" not in query.by or row.cell is not None
        )
        rows = [(*key, n) for key, n in sorted(found.items())]
        names = ("span", *query.by, "n")
        return table(names, rows, (pa.int32(), *(kinds[dim] for dim in query.by), pa.int64()))

    def holes(self, query):
        rows = [(0, begin, end, "recorder") for begin, end in self.gaps]
        return table(("span", "begin_ms", "end_ms", "how"), rows, (pa.int32(), pa.int64(), pa.int64(), pa.string()))

    def spreads(self, query):
        if query.intervals != ("response",):  # what is usual: not told here
            names = ("span", *query.by, "interval", "n", "p50")
            return table(names, [], [pa.string()] * len(names))
        found = {}
        for row in self.within(query.spans[0]):
            found.setdefault(row.place_class, []).append(row.response_s)
        rows = []
        for name, times in sorted(found.items()):
            known = sorted(t for t in times if t is not None)
            middle = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2 if known else None
            rows.append((0, name, "response", len(known), len(times) - len(known), middle,
                         *(sum(t <= s for t in known) for s in query.within_s)))  # fmt: skip
        names = ("span", "place_class", "interval", "n", "missing", "p50", *(f"within_{s}" for s in query.within_s))
        kinds = (pa.int32(), pa.string(), pa.string(), pa.int64(), pa.int64(), pa.float64())
        return table(names, rows, (*kinds, *[pa.int64()] * len(query.within_s)))

    def breaches(self, query):
        targets = dict(query.targets)
        found = Counter(
            (row.place_class, row.cause) for row in self.within(query.spans[0])
            if row.response_s is not None and row.response_s > targets.get(row.place_class.lower(), float("inf"))
        )  # fmt: skip
        rows = [(0, *key, n) for key, n in sorted(found.items())]
        return table(("span", "place_class", "cause", "n"), rows, (pa.int32(), pa.string(), pa.string(), pa.int64()))


def table(names, rows, kinds):
    return pa.table({
        name: pa.array([row[k] for row in rows], kind)
        for k, (name, kind) in enumerate(zip(names, kinds, strict=True))
    })  # fmt: skip


def days_of(span):
    return [span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1)]


def even(day, count, **fields):
    """``count`` incidents spread evenly over a day."""
    return [Row(day, n * 1440 // count, **fields) for n in range(count)]
