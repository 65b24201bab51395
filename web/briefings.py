"""The addresses of the briefings: ask for one, see how far it is, fetch its files, and a page that lists what there is.

What writes is loaded by the first who asks.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.responses import FileResponse, RedirectResponse

from components.texts_briefings import LIST_TEXTS
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from web import figures_params as params
from web.briefing_clerk import Clerk, Full, Job, Schedule
from web.briefing_shelf import Made, Shelf
from web.figures_params import BadRequest, Parameter
from web.guard import origin_refusal

if TYPE_CHECKING:
    from analytics.figures.request import Request as Wanted
    from data_feeds.clock import Clock
    from web.archive import Plan
    from web.briefing_desk import StatisticsDesk
    from web.figures_answers import FigureParts

PATH = "/briefings"
JSON = "application/json"
FORMATS = ("pdf", "xlsx", "pptx", "csv", "png")  # as briefings.files has them, which is not loaded for it
SOON_S = 5
TONGUES = {"zh": "中文", "en": "English"}  # each in its own words
TYPES = {".pdf": "application/pdf", ".zip": "application/zip", ".csv": "text/csv; charset=utf-8", ".png": "image/png"}


def _format(text: str, _: params.Known) -> str:
    if text not in FORMATS:
        raise ValueError(f"must be one of {', '.join(FORMATS)}")
    return text


ASKED: tuple[Parameter, ...] = (
    *params.PERIOD, *(one for one in params.FILTERS if one.name == "scope"), params.LANG,
    Parameter("format", "of the file; default pdf", {"type": "string", "enum": list(FORMATS)}, "pdf", _format, True),
)  # fmt: skip


def clerk(
    settings: Settings, scopes: Scopes, clock: Clock, plan: Plan | None, figures: Callable[[], FigureParts]
) -> Clerk | None:
    """Who writes the briefings of a wall of ``settings``; None where no history is kept. A schedule has only a history
    that goes on."""
    if plan is None:
        return None

    def desk() -> StatisticsDesk:
        from web.briefing_desk import StatisticsDesk, city_of

        return StatisticsDesk(figures(), scopes, city_of(settings))

    schedule = None
    if plan.record is not None and settings.briefings_at:
        at, formats = time.fromisoformat(settings.briefings_at), tuple(settings.briefings_formats)
        schedule = Schedule(at, settings.zone, settings.day_start_minute, settings.lang, formats)
    # like histories, those of every set lie apart
    own = Path(settings.briefings_dir) / plan.folder.name if settings.briefings_dir else plan.folder / "briefings"
    return Clerk(desk, Shelf(own), clock, schedule)


def register(api: FastAPI, settings: Settings, clerk: Clerk | None) -> None:
    """Add the addresses to ``api``."""
    origins = frozenset(origin.lower().rstrip("/") for origin in settings.allowed_origins)

    @api.post("/api/briefings", include_in_schema=False)
    async def ask(request: Request) -> Response:
        if refused := origin_refusal(request.headers, origins):
            return _json({"detail": refused.replace("socket", "request")}, 403)
        if clerk is None:
            return _json({"detail": "this wall keeps no history, so there is nothing to write briefings from"}, 503)
        pairs = request.query_params.multi_items()
        try:
            job = await asyncio.to_thread(_asked, clerk, pairs, settings.lang)
        except BadRequest as error:
            return _json({"detail": list(error.problems)}, 422)
        except Full as error:
            return _json({"detail": str(error)}, 503, {"retry-after": str(SOON_S)})
        return _json(job.told(), 202)

    @api.get("/api/briefings/{id}", include_in_schema=False)
    async def state(id: str) -> Response:
        job = clerk.job(id) if clerk else None
        return _json(job.told()) if job else _json({"detail": "no such briefing is being written"}, 404)

    @api.get("/api/briefings", include_in_schema=False)
    async def listed() -> Response:
        return _json(await asyncio.to_thread(clerk.shelf.all) if clerk else [])

    @api.get(PATH, include_in_schema=False)
    async def slashed(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{PATH}/{query}", 307)

    @api.get(f"{PATH}/", include_in_schema=False)
    async def page(lang: str = "") -> Response:
        made = await asyncio.to_thread(clerk.shelf.all) if clerk else []
        chosen = lang if lang in ("zh", "en") else settings.lang
        return Response(listing(made, chosen, settings), media_type="text/html; charset=utf-8",
                        headers={"cache-control": "no-store"})  # fmt: skip

    @api.get(f"{PATH}/{{file}}", include_in_schema=False)
    async def fetch(file: str) -> Response:
        path = await asyncio.to_thread(clerk.shelf.path, file) if clerk else None
        if path is None or not path.is_file():
            return _json({"detail": f"there is no such file; {PATH}/ lists what there is"}, 404)
        kind = TYPES.get(path.suffix, "application/octet-stream")
        return FileResponse(path, media_type=kind, filename=file, headers={"cache-control": "no-store"})


def _asked(clerk: Clerk, pairs: Sequence[tuple[str, str]], lang: str) -> Job:
    """The job that the parameters mean; words of the history are checked when it is done. Raises BadRequest, Full."""
    known = params.Known(lambda text: text, key_dates=_Anything())
    values = params.read(pairs, ASKED, known)

    def wanted(desk: StatisticsDesk) -> Wanted:
        return _request(desk, values)

    return clerk.ask(wanted, values.get("lang", lang), values.get("format", ("pdf",)))


def _request(desk: StatisticsDesk, values: Mapping[str, Any]) -> Wanted:
    from data_feeds.history.query import Filters
    from web.briefing_desk import NoSuchScope

    scope = desk.parts.choices.known().scope(values.get("scope", ""))
    if scope is None:
        raise NoSuchScope(values["scope"])
    period, where = values.get("period", "day"), Filters(scope=scope)
    return desk.parts.statistics.request(period, values.get("date"), values.get("key", ""), where)


class _Anything(frozenset):
    """Holds every word."""

    def __contains__(self, word: object) -> bool:
        return True


def listing(made: Sequence[Made], lang: str, settings: Settings) -> str:
    """The page that lists the briefings: no script, every text escaped."""
    at = 1 if lang == "en" else 0
    words = {key: pair[at] for key, pair in LIST_TEXTS.items()}
    zone = settings.zone

    def moment(ms: float) -> str:
        return f"{datetime.fromtimestamp(ms / 1000.0, UTC).astimezone(zone):%Y-%m-%d %H:%M}"

    def files(one: Made) -> str:
        return "".join(
            f'<li><a href="{PATH}/{html.escape(file.name)}" download>{html.escape(file.format.upper())}</a> '
            f"<span>{file.size / 1024:,.0f} KB</span> <code>{html.escape(file.sha256)}</code></li>"
            for file in one.files
        )

    rows = "".join(
        f"<tr><td>{html.escape(one.title)}</td><td>{html.escape(one.period)}</td><td>{html.escape(one.scope)}</td>"
        f"<td>{html.escape(TONGUES.get(one.lang, one.lang))}</td><td>{moment(one.data_ms)}</td>"
        f"<td>{moment(one.made_ms)}</td><td><ul>{files(one)}</ul></td></tr>"
        for one in made
    )
    heads = "".join(f"<th>{words[key]}</th>" for key in ("title", "period", "scope", "lang", "data", "made", "files"))
    body = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if made else f"<p>{words['none']}</p>"
    other = "zh" if lang == "en" else "en"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{words["page"]}</title>'
        '<link rel="stylesheet" href="/assets/css/tokens.css"><link rel="stylesheet" href="/assets/css/fonts.css">'
        '<link rel="stylesheet" href="/assets/css/stats-briefings.css"></head><body class="briefings-page"><header>'
        f'<a href="/statistics/?lang={lang}">← {words["back"]}</a><h1>{words["page"]}</h1>'
        f'<a href="?lang={other}">{words["language"]}</a></header>{body}</body></html>'
    )


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, JSON)
