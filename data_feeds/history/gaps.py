"""When nothing was recorded: what was noted, and what the counts themselves betray."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa

from data_feeds.history.local_time import DAY_MIN, LocalTime
from data_feeds.history.query import Span
from data_feeds.history.silence import Silence

GAPS = pa.schema(
    [("span", pa.int32()), ("begin_ms", pa.int64()), ("end_ms", pa.int64()), ("how", pa.string())]
)  # fmt: skip
Read = Callable[..., pa.Table]


def gaps_of(spans: Sequence[Span], local: LocalTime, read: Read, silences: Iterable[Silence]) -> pa.Table:
    """span, begin_ms, end_ms (cut to the span), how; by span and time. A silence within a gap that was noted is that
    gap and is not told twice."""
    noted = read("SELECT begin_ms, end_ms, how FROM gaps ORDER BY begin_ms, end_ms").to_pylist()
    known = [(row["begin_ms"], row["end_ms"], row["how"]) for row in noted]
    found = [
        *known,
        *((one.begin_ms, one.end_ms, "silence") for one in silences if not _noted(one, known)),
    ]
    told = []
    for index, span in enumerate(spans):
        begin, end = bounds(span, local)
        cut = [(max(b, begin), min(e, end), how) for b, e, how in found if b < end and e > begin]
        told += [(index, *one) for one in sorted(set(cut))]
    columns = list(zip(*told, strict=True)) or [(), (), (), ()]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, GAPS, strict=True)], schema=GAPS)


def bounds(span: Span, local: LocalTime) -> tuple[int, int]:
    """Unix ms at which the span begins and ends."""
    return local.begin_ms(span.first), local.begin_ms(
        span.last, DAY_MIN if span.until_minute is None else span.until_minute
    )


def _noted(one: Silence, known: Iterable[tuple[int, int, str]]) -> bool:
    """Whether gaps that were noted account for most of it."""
    covered = sum(max(0, min(end, one.end_ms) - max(begin, one.begin_ms)) for begin, end, _ in known)
    return 2 * covered >= one.end_ms - one.begin_ms
