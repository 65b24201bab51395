"""The figures of the history for other programs: reports, the incidents behind them, and what may be asked for.

Same figures as on the statistics page, from the same cache. Every bad parameter is refused by name; while there is no
history the answer says so and when to ask again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from analytics.figures.heat import suppressed
from analytics.figures.request import Request as Wanted
from analytics.figures.result import Report
from analytics.periods import PeriodError
from components.texts_rows import CUT, HEADS
from data_feeds.history.query import Counts, Filters, Rows
from web import figures_docs as docs
from web import figures_params as params
from web import figures_rows
from web.figures_choices import ChoiceBook, Choices
from web.figures_params import BadRequest, Parameter, Problem
from web.figures_shapes import Away, Figures, Refused, RowsAnswer
from web.statistics import Statistics, Unavailable

log = logging.getLogger("wallboard.figures")

JSON = "application/json"
CSV_ROWS = 50_000
CSV_CHUNK = 5_000
MAX_DOWNLOADS = 4
DEFAULT_LIMIT = 100
TOTAL = "total"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FigureParts:
    """What the addresses need. ``formulas``: language → id of a formula → its text; ``lang``: that of the wall."""

    statistics: Statistics
    choices: ChoiceBook
    formulas: Callable[[str], Mapping[str, str]]
    lang: str = "zh"


def register(api: FastAPI, parts: FigureParts) -> None:
    """Add the addresses and their part of the OpenAPI document to ``api``."""
    statistics, downloads = parts.statistics, _Downloads()

    async def answered(work: Callable[[], Response]) -> Response:
        try:
            return await statistics.off_loop(work)
        except BadRequest as error:
            return _refused(error.problems)
        except PeriodError as error:
            if error.code == "empty":
                return _away(Unavailable(str(error)))
            return _refused([Problem(("query", "key" if error.code == "key" else "date"), str(error), error.code)])
        except Unavailable as error:
            return _away(error)

    @api.get("/api/figures", **docs.route("figures", params.FIGURES, Figures))
    async def figures(request: Request) -> Response:
        known_tag = request.headers.get("if-none-match", "")
        return await answered(lambda: _figures(parts, request.query_params.multi_items(), known_tag))

    @api.get("/api/figures/choices", **docs.route("choices", params.CHOICES, Choices))
    async def choices(request: Request) -> Response:
        def work() -> Response:
            _read(parts, request.query_params.multi_items(), params.CHOICES)
            return _json(parts.choices.choices())

        return await answered(work)

    @api.get("/api/figures/rows", **docs.route("rows", params.ROWS, RowsAnswer))
    async def rows(request: Request) -> Response:
        return await answered(lambda: _rows(parts, request.query_params.multi_items()))

    @api.get("/api/figures/rows.csv", **docs.route("csv", params.ROWS_CSV, None))
    async def rows_csv(request: Request) -> Response:
        if not downloads.begin():
            return _away(Unavailable(f"{MAX_DOWNLOADS} downloads are under way", 5))
        handed_over = False
        try:
            found: list[_Download] = []

            def work() -> Response:
                found.append(_download(parts, request.query_params.multi_items()))
                return Response()

            refused = await answered(work)
            if not found:
                return refused
            handed_over = True
            return _Stream(parts.statistics, found[0], downloads)
        finally:
            if not handed_over:
                downloads.end()

    docs.extend(api)


def _figures(parts: FigureParts, pairs: Sequence[tuple[str, str]], known_tag: str) -> Response:
    values = _read(parts, pairs, params.FIGURES)
    lang = values.get("lang", parts.lang)
    suffix = f"-{lang}"
    unless = known_tag.strip().removeprefix("W/").strip('"').removesuffix(suffix)
    answer = parts.statistics.answer(_wanted(parts.statistics, values), unless)
    headers = {"etag": f'"{answer.tag if answer else unless}{suffix}"', "cache-control": "no-cache"}
    if answer is None:
        return Response(status_code=304, headers=headers)
    report, below = answer.report, parts.statistics.background().suppress_below
    if report.heat is not None:  # what leaves the wall tells nobody who lives alone in a cell
        report = msgspec.structs.replace(report, heat=suppressed(report.heat, below))
    texts = parts.formulas(lang)
    named = {report.total.formula} | {about.formula for about in report.about.values()}
    fields = {name: getattr(report, name) for name in Report.__struct_fields__}
    told = Figures(**fields, formulas={name: texts[name] for name in sorted(named) if name in texts})
    return Response(msgspec.json.encode(told), headers=headers, media_type=JSON)


def _rows(parts: FigureParts, pairs: Sequence[tuple[str, str]]) -> Response:
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
class _Download:
    query: Rows
    total: int
    lang: str
    zone: ZoneInfo


def _download(parts: FigureParts, pairs: Sequence[tuple[str, str]]) -> _Download:
    values = _read(parts, pairs, params.ROWS_CSV)
    query, total = _asked_rows(parts.statistics, values)
    zone = ZoneInfo(parts.statistics.background().time_zone)
    return _Download(query, total, values.get("lang", parts.lang), zone)


class _Stream(StreamingResponse):
    """A download, in pieces as the store gives them; over when the client has all of it or is gone."""

    def __init__(self, statistics: Statistics, download: _Download, downloads: _Downloads) -> None:
        span, cut = download.query.span, download.total > CSV_ROWS
        name = f"incidents_{span.first}_{span.last}" + (f"_first-{CSV_ROWS}" if cut else "")
        headers = {
            "content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store",
            "x-total-rows": str(download.total), "x-rows-cut": "true" if cut else "false",
        }  # fmt: skip
        super().__init__(_pieces(statistics, download), headers=headers, media_type="text/csv; charset=utf-8")
        self._downloads = downloads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:  # not in the pieces: of a client that is gone at once none is ever asked for
            self._downloads.end()


async def _pieces(statistics: Statistics, download: _Download) -> AsyncIterator[bytes]:
    yield figures_rows.head(HEADS[download.lang])
    seen: set[str] = set()  # records that arrive meanwhile move the others on
    for offset in range(0, CSV_ROWS, CSV_CHUNK):
        part = msgspec.structs.replace(download.query, limit=CSV_CHUNK, offset=offset)
        try:
            table = await statistics.off_loop(partial(statistics.uncached, part))
        except Unavailable as error:
            log.warning("a download of rows was broken off: %s", error)
            raise  # the client sees an unfinished answer, not a short file
        yield figures_rows.lines(table, download.zone, seen)
        seen.update(table["incident_id"].to_pylist())
        if table.num_rows < CSV_CHUNK:
            break
    if download.total > CSV_ROWS:
        yield figures_rows.note(CUT[download.lang].format(n=CSV_ROWS, total=download.total))


class _Downloads:
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


def _read(parts: FigureParts, pairs: Sequence[tuple[str, str]], table: Sequence[Parameter]) -> dict[str, Any]:
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


def _refused(problems: Sequence[Problem]) -> Response:
    return _json(Refused(list(problems)), 422)


def _away(error: Unavailable) -> Response:
    answer = _json(Away(str(error)), 503)
    answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type=JSON)
