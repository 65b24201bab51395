"""The figures of the history for other programs: reports, the incidents behind them, and what may be asked for.

Same figures as on the statistics page, from the same cache. Every bad parameter is refused by name; while there is no
history the answer says so and when to ask again. What computes is loaded when somebody asks first: scipy and DuckDB
alone would cost a start a second.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import FastAPI, Request, Response

from web import figures_docs as docs
from web import figures_params as params
from web.figures_params import BadRequest, Problem
from web.figures_shapes import Away, Choices, Figures, Refused, RowsAnswer

if TYPE_CHECKING:
    from data_feeds.clock import Clock
    from data_feeds.roads import RoadGraph
    from data_feeds.scopes import Scopes
    from data_feeds.settings import Settings
    from web.archive import Archive, Plan
    from web.figures_answers import FigureParts

JSON = "application/json"
SOON_S = 5


class LateParts:
    """The figures' service, made by ``make`` when it is first asked for; from any thread, but not on the event loop."""

    def __init__(self, make: Callable[[], FigureParts]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: FigureParts | None = None

    def __call__(self) -> FigureParts:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def counts(self) -> Mapping[str, int]:
        """What its cache did; nothing before it was asked."""
        made = self._made
        return made.statistics.counts() if made else {}

    def close(self) -> None:
        """Begin nothing new."""
        if self._made is not None:
            self._made.statistics.close()


def late(
    settings: Settings, scopes: Scopes, clock: Clock, plan: Plan | None, archive: Archive,
    roads: Callable[[], RoadGraph | None],
) -> LateParts:  # fmt: skip
    """The service of a wall, see web.service."""
    return LateParts(lambda: import_module("web.service").service(settings, scopes, clock, plan, archive, roads))


def register(api: FastAPI, late: LateParts) -> None:
    """Add the addresses and their part of the OpenAPI document to ``api``."""
    loaded: list[tuple[Any, FigureParts]] = []

    async def load() -> tuple[Any, FigureParts]:
        if not loaded:
            loaded[:] = [await asyncio.to_thread(_load, late)]
        return loaded[0]

    async def answered(name: str, *arguments: Any) -> Any:
        """What the function called ``name`` in figures_answers gives, or a refusal."""
        answers, parts = await load()
        try:
            return await parts.statistics.off_loop(lambda: getattr(answers, name)(parts, *arguments))
        except BadRequest as error:
            return _refused(error.problems)
        except answers.PeriodError as error:
            if error.code == "empty":
                return _away(str(error), SOON_S)
            return _refused([Problem(("query", "key" if error.code == "key" else "date"), str(error), error.code)])
        except answers.Unavailable as error:
            return _away(str(error), error.retry_after_s)

    @api.get("/api/figures", **docs.route("figures", params.FIGURES, Figures))
    async def figures(request: Request) -> Response:
        return await answered("figures", _pairs(request), request.headers.get("if-none-match", ""))

    @api.get("/api/figures/choices", **docs.route("choices", params.CHOICES, Choices))
    async def choices(request: Request) -> Response:
        return await answered("choices", _pairs(request))

    @api.get("/api/figures/rows", **docs.route("rows", params.ROWS, RowsAnswer))
    async def rows(request: Request) -> Response:
        return await answered("rows", _pairs(request))

    @api.get("/api/figures/rows.csv", **docs.route("csv", params.ROWS_CSV, None))
    async def rows_csv(request: Request) -> Response:
        answers, parts = await load()
        if not parts.downloads.begin():
            return _away("as many downloads as may be are under way", SOON_S)
        stream = None
        try:
            found = await answered("download", _pairs(request))
            if isinstance(found, Response):
                return found
            stream = answers.Stream(parts, found)
            return stream
        finally:
            if stream is None:
                parts.downloads.end()

    docs.extend(api)


def _load(late: LateParts) -> tuple[Any, FigureParts]:
    return import_module("web.figures_answers"), late()


def _pairs(request: Request) -> Sequence[tuple[str, str]]:
    return request.query_params.multi_items()


def _refused(problems: Sequence[Problem]) -> Response:
    return Response(msgspec.json.encode(Refused(list(problems))), 422, media_type=JSON)


def _away(why: str, retry_after_s: int) -> Response:
    return Response(msgspec.json.encode(Away(why)), 503, {"retry-after": str(retry_after_s)}, JSON)
