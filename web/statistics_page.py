"""The statistics page beside the wall: a Dash page of its own, made when somebody opens it first.

Until then the process has loaded nothing of it: neither Mantine nor AG Grid, whose import alone takes half a second
of a start.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from data_feeds.places import Places
from web import bundles

if TYPE_CHECKING:
    from web.figures_answers import FigureParts

PATH = "/statistics"
CSV = "/api/figures/rows.csv"
OWN_STYLES = r"^(?!(?:tokens|base|fonts|stats[\w-]*)\.css$).*\.css$"  # what the page leaves out of assets/css
PLOTLY = "vendor/plotly-basic/plotly-basic-4.1.1.min.js"  # lines and bars: a quarter of the whole
LATER = ("dash_ag_grid",)  # fetched when a table is about to be seen: a third of what the page would else load
OTHER_FOLDERS = ["^vendor$", "^live$", "^map$", "^ui$"]


class Late:
    """An ASGI application that is made by ``make`` when it is asked for the first time; below ``prefix``."""

    def __init__(self, make: Callable[[], ASGIApp], prefix: str = PATH) -> None:
        self._make, self._prefix = make, prefix
        self._made: ASGIApp | None = None
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            async with self._lock:
                if self._made is None:
                    self._made = await asyncio.to_thread(self._make)
        path = scope["path"]
        inner = path.removeprefix(self._prefix) if path.startswith(f"{self._prefix}/") else path
        await self._made({**scope, "path": inner or "/", "raw_path": (inner or "/").encode(), "root_path": ""},
                         receive, send)  # fmt: skip


class LightDash(bundles.PackedDash):
    """Dash whose page loads Plotly's basic bundle, and is told where the libraries are that it fetches ``LATER``."""

    plotly_url = ""

    def _config(self) -> dict[str, Any]:
        later = {name: [one["url"] for one in self.get_dist([name])] for name in LATER}
        return {**super()._config(), "serve_locally": False, "plotlyjs_url": self.plotly_url, "later": later}


@dataclass(frozen=True, slots=True)
class Told:
    """What the page is made of: the wall's titles and language, its assets and their bundles, the city's places, and
    the service of its figures, made when it is asked for."""

    title_zh: str
    title_en: str
    lang: str
    assets: Path
    packs: bundles.Bundles
    places: Places
    figures: Callable[[], FigureParts]


def register(api: FastAPI, told: Told) -> None:
    """The page's address on ``api``, before the wall's, which answers every other."""

    @api.get(PATH, include_in_schema=False)
    async def slashed(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{PATH}/{query}", 307)

    api.mount(PATH, Late(lambda: build(told)))


def build(told: Told) -> FastAPI:
    """The page as an application of its own, whose addresses begin at its root."""
    from components.statistics import callbacks, choices, page  # Mantine and AG Grid: only for who opens the page
    from web.statistics_service import PageService, outlines

    facts = choices.Page(told.title_zh, told.title_en, told.lang, csv=CSV, outlines=outlines(told.places))
    inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    layout = page.build(facts)
    app = LightDash(
        "statistics", server=inner, title=html.escape(told.title_zh if told.lang == "zh" else told.title_en),
        update_title="", assets_folder=str(told.assets), assets_ignore=OWN_STYLES, assets_path_ignore=OTHER_FOLDERS,
        assets_external_path="/", requests_pathname_prefix=f"{PATH}/", routes_pathname_prefix="/", serve_locally=True,
        suppress_callback_exceptions=True,
    )  # fmt: skip
    app.bundles = told.packs
    digest = hashlib.sha256((told.assets / PLOTLY).read_bytes()).hexdigest()[: bundles.DIGITS]
    app.plotly_url = f"/assets/{PLOTLY}?m={digest}"
    app.namespaces = bundles.namespaces_of(layout)
    app.backend.websocket_capability = False
    routes = inner.router.routes
    routes[:] = [route for route in routes if not getattr(route, "path", "").endswith("_dash-ws-callback")]
    app.layout = layout
    callbacks.register(app, PageService(told.figures), facts)
    return inner
