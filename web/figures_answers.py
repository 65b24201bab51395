"""What the figures' addresses answer: read the parameters, ask the service, tell it as JSON or CSV. Blocking."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from analytics.figures.heat import suppressed
from analytics.figures.request import Request as Wanted
from analytics.figures.result import Report
from analytics.periods import PeriodError
from components.texts_rows import CUT, HEADS
from data_feeds.history.query import Counts, Filters, Rows
from web import figures_params as params
from web import figures_rows
from web.figures_choices import ChoiceBook
from web.figures_params import BadRequest, Parameter, Problem
from web.figures_shapes import Figures, RowsAnswer
from web.statistics import Statistics, Unavailable

__all__ = ["FigureParts", "PeriodError", "Stream", "Unavailable", "choices", "download", "figures", "rows"]
log = logging.getLogger("wallboard.figures")

JSON = "application/json"
CSV_ROWS = 50_000
CSV_CHUNK = 5_000
MAX_DOWNLOADS = 4
BODIES_KEPT = 32
DEFAULT_LIMIT = 100
TOTAL = "total"
Pairs = Sequence[tuple[str, str]]


class Downloads:
    """How many are under way; used on the event loop only."""

    def __init__(self) -> None:
        self._n = 0

    def begin(self) -> bool:
        if self._n >= MAX_DOWNLOADS:
            return False
        self._n += 1
        return True

    def end(self) -> None:
        self._n -= 1


class Bodies:
    """Encoded answers by their tag, the last few; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def of(self, tag: str, make: Callable[[], bytes]) -> bytes:
        """The body of ``tag``, made where it is not there."""
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
                return self._kept[tag]
        body = make()
        with self._lock:
            self._kept[tag] = body
            while len(self._kept) > BODIES_KEPT:
                self._kept.popitem(last=False)
        return body


@dataclass(frozen=True, slots=True)
class FigureParts:
    """What the addresses need. ``formulas``: language → id of a formula → its text; ``lang``: that of the wall."""

    statistics: Statistics
    choices: ChoiceBook
    formulas: Callable[[str], Mapping[str, str]]
    lang: str = "zh"
    downloads: Downloads = field(default_factory=Downloads)
    bodies: Bodies = field(default_factory=Bodies)


def figures(parts: FigureParts, pairs: Pairs, known_tag: str) -> Response:
    """The report that the parameters mean; 304 where its tag is ``known_tag``. Raises BadRequest, PeriodError and
    Unavailable, as all of these do."""
    values = _read(parts, pairs, params.FIGURES)
    lang = values.get("lang", parts.lang)
    suffix = f"-{lang}"
    unless = known_tag.strip().removeprefix("W/").strip('"').removesuffix(suffix)
    answer = parts.statistics.answer(_wanted(parts.statistics, values), unless)
    headers = {"etag": f'"{answer.tag if answer else unless}{suffix}"', "cache-control": "no-cache"}
    if answer is None:
        return Response(status_code=304, headers=headers)
    body = parts.bodies.of(f"{answer.tag}{suffix}", lambda: _told(parts, answer.report, lang))
    return Response(body, headers=headers, media_type=JSON)


def _told(parts: FigureParts, report: Report, lang: str) -> bytes:
    """The report as it leaves the wall."""
    below = parts.statistics.background().suppress_below
    if report.heat is not None:  # what leaves the wall tells nobody who lives alone in a cell
        report = msgspec.structs.replace(report, heat=suppressed(report.heat, below))
    texts = parts.formulas(lang)
    named = {report.total.formula} | {about.formula for about in report.about.values()}
    fields = {name: getattr(report, name) for name in Report.__struct_fields__}
    told = Figures(**fields, formulas={name: texts[name] for name in sorted(named) if name in texts})
    return msgspec.json.encode(told)


def rows(parts: FigureParts, pairs: Pairs) -> Response:
    """One page of the incidents behind a figure."""
    statistics, values = parts.statistics, _read(parts, pairs, params.ROWS)
    query, total = _asked_rows(statistics, values)
    query = msgspec.structs.replace(query, limit=values.get("limit", DEFAULT_LIMIT), offset=values.get("offset", 0))
    version = statistics.version(query)
    rows = figures_rows.rows_of(statistics.table(query))
    return _json(RowsAnswer(total, query.offset, query.limit, version, query, rows))


def _asked_rows(statistics: Statistics, values: Mapping[str, Any]) -> tuple[Rows, int]:
    """The query of the incidents that ``values`` mean, and how many there are. Raises BadRequest."""
    request = _wanted(statistics, values)
    figure = values.get("figure", TOTAL)
    if figure == TOTAL:
        query = Rows(statistics.period(request, statistics.context()).span, request.where)
        total = None
    else:
        report = statistics.report_now(request)
        about = report.about.get(figure)
        if about is None:
            named = ", ".join(sorted({TOTAL, *report.about}))
            raise BadRequest([Problem(("query", "figure"), f"no block of figures is called so; there are {named}",
                                      "unknown")])  # fmt: skip
        if not isinstance(about.rows, Rows):
            raise BadRequest([Problem(("query", "figure"), "these figures are not counts of incidents", "no_rows")])
        query = about.rows
        breaches = report.response.breaches if report.response else []
        total = sum(breach.n for breach in breaches) if query.breaching and "kind" not in values else None
    if "kind" in values:
        query = msgspec.structs.replace(query, where=msgspec.structs.replace(query.where, kinds=values["kind"]))
    if total is None:
        total = sum(statistics.table(Counts((query.span,), (), query.where))["n"].to_pylist())
    order, descending = values.get("order", query.order), values.get("direction", "desc") == "desc"
    return msgspec.structs.replace(query, order=order, descending=descending), total


@dataclass(frozen=True, slots=True)
class Download:
    """What a download is of; ``total``: how many rows there are, given or not."""

    query: Rows
    total: int
    lang: str
    zone: ZoneInfo


def download(parts: FigureParts, pairs: Pairs) -> Download:
    """All of them, as far as CSV_ROWS."""
    values = _read(parts, pairs, params.ROWS_CSV)
    query, total = _asked_rows(parts.statistics, values)
    zone = ZoneInfo(parts.statistics.background().time_zone)
    return Download(query, total, values.get("lang", parts.lang), zone)


class Stream(StreamingResponse):
    """A download, in pieces as the store gives them; over when the client has all of it or is gone."""

    def __init__(self, parts: FigureParts, download: Download) -> None:
        span, cut = download.query.span, download.total > CSV_ROWS
        name = f"incidents_{span.first}_{span.last}" + (f"_first-{CSV_ROWS}" if cut else "")
        headers = {
            "content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store",
            "x-total-rows": str(download.total), "x-rows-cut": "true" if cut else "false",
        }  # fmt: skip
        super().__init__(_pieces(parts.statistics, download), headers=headers, media_type="text/csv; charset=utf-8")
        self._downloads = parts.downloads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:  # not in the pieces: of a client that is gone at once none is ever asked for
            self._downloads.end()


async def _pieces(statistics: Statistics, download: Download) -> AsyncIterator[bytes]:
    yield figures_rows.head(HEADS[download.lang])
    seen: set[str] = set()  # records that arrive meanwhile move the others on

    def piece(offset: int) -> tuple[bytes, bool]:
        table = statistics.uncached(msgspec.structs.replace(download.query, limit=CSV_CHUNK, offset=offset))
        text = figures_rows.lines(table, download.zone, seen)
        seen.update(table["incident_id"].to_pylist())
        return text, table.num_rows < CSV_CHUNK

    for offset in range(0, CSV_ROWS, CSV_CHUNK):
        try:
            text, is_last = await statistics.off_loop(partial(piece, offset))
        except Unavailable as error:
            log.warning("a download of rows was broken off: %s", error)
            raise  # the client sees an unfinished answer, not a short file
        yield text
        if is_last:
            break
    if download.total > CSV_ROWS:
        yield figures_rows.note(CUT[download.lang].format(n=CSV_ROWS, total=download.total))


def choices(parts: FigureParts, pairs: Pairs) -> Response:
    """What may be asked for."""
    _read(parts, pairs, params.CHOICES)
    return _json(parts.choices.choices())


def _read(parts: FigureParts, pairs: Pairs, table: Sequence[Parameter]) -> dict[str, Any]:
    try:
        return params.read(pairs, table, parts.choices.known())
    except BadRequest:
        known = parts.choices.newer()  # a word may have been heard a moment ago
        if known is None:
            raise
        return params.read(pairs, table, known)


def _wanted(statistics: Statistics, values: Mapping[str, Any]) -> Wanted:
    period, key = values.get("period", "day"), values.get("key", "")
    day = values.get("date")
    if day is None and key:
        day = next(one.first for one in statistics.background().key_dates if one.name == key)
    where = msgspec.structs.replace(params.filters_of(values), kinds=Filters().kinds)
    some = {"comparators": "compare", "parts": "part", "heat_resolution": "resolution", "lunar": "lunar"}
    chosen = {field: values[name] for field, name in some.items() if name in values}
    return statistics.request(period, day, key, where, **chosen)


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON)
