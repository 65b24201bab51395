"""How many incidents: in all, apart (exercise, invalid, diverted), and by everything they carry. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from analytics.figures.frame import Frame, Marks, table_counts
from analytics.figures.ranking import ranked
from analytics.figures.request import GROUPINGS, Grouping
from analytics.figures.result import About, Figure, Row
from data_feeds.history.query import KINDS, Counts, Query, Rows, Tallies

APART = ("exercise", "invalid", "diverted")
LEVELS: tuple[Grouping, ...] = ("branch", "station", "zone")
# the field of Filters that a row's key goes into; jurisdictions are scopes
NARROW: dict[Grouping, str] = {
    "category": "categories", "severity": "severities", "source": "sources", "place_class": "place_classes",
    "branch": "scope", "station": "scope", "zone": "zones",
}  # fmt: skip
MAX_ROWS = 2_000  # of one grouping; a city has fewer zones, and no list of categories is longer


def queries(frame: Frame) -> dict[str, Query]:
    asked: dict[str, Query] = {"kinds": Counts(frame.spans, ("kind",), replace(frame.where, kinds=()))}
    if frame.request.wants("by") or frame.request.wants("quiet"):
        wanted = GROUPINGS if frame.request.wants("by") else LEVELS[1:]
        asked["by"] = Tallies(frame.spans, wanted, frame.where)
    return asked


def total(marks: Marks, answer: pa.Table) -> Figure:
    """All incidents of the kinds that the filters let through, from the answer to "kinds"."""
    by_kind = table_counts(answer, len(marks.spans), ("kind",))
    wanted = marks.frame.where.kinds or KINDS
    counts = [sum(by_kind.get((kind,), marks.nothing)[n] for kind in wanted) for n in range(len(marks.spans))]
    return figure(marks, counts)


def apart(marks: Marks, answer: pa.Table) -> dict[str, Figure]:
    """Those that usual figures leave out, each under the first kind that holds; whatever kinds are asked for."""
    by_kind = table_counts(answer, len(marks.spans), ("kind",))
    return {kind: figure(marks, by_kind.get((kind,), marks.nothing)) for kind in APART}


def figure(marks: Marks, counts: list[int]) -> Figure:
    return Figure(counts[0], counts[0], against=marks.against(counts))


def by_word(marks: Marks, answer: pa.Table, word: str) -> dict[str, list[int]]:
    """The counts of each key of ``word`` in the frame's spans, from the answer to "by"."""
    own = answer.filter(pc.equal(answer["word"], word))
    return {key: counts for (key,), counts in table_counts(own, len(marks.spans), ("key",)).items()}


def by_everything(marks: Marks, answers: Mapping[str, pa.Table]) -> tuple[dict[Grouping, list[Row]], dict[str, About]]:
    """Rows of every grouping, and how each came about."""
    rows, about = {}, {}
    for name in GROUPINGS:
        groups = by_word(marks, answers["by"], name)
        missing = groups.pop("", marks.nothing)[0]
        places = marks.frame.places(name) if name in LEVELS else ()
        found = ranked(groups, marks, places)
        lacks = (name,) if name in marks.frame.context.lacks else ()
        note = "places" if name in LEVELS and not places else ""
        rows_query = Rows(marks.frame.period.span, marks.frame.where)
        about[f"by.{name}"] = About(
            "ranking" if name in LEVELS else "count", marks.frame.where, rows_query,
            narrow=NARROW[name], missing=missing, lacks=lacks, note=note, more=max(0, len(found) - MAX_ROWS),
        )  # fmt: skip
        rows[name] = found[:MAX_ROWS]
    return rows, about
