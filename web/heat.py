"""The hexagons of longer periods: one address, the same bytes for every viewer of a scope."""

from __future__ import annotations

import asyncio
import logging

import msgspec
from fastapi import FastAPI, Response

from analytics.heat_past import PAST_WINDOWS
from data_feeds.scopes import Scopes
from web.historic import Historic

log = logging.getLogger("wallboard.heat")

JSON = "application/json"
AGAIN_S = "30"


def register(api: FastAPI, historic: Historic | None, scopes: Scopes) -> None:
    """Add ``/api/heat`` to ``api``."""

    @api.get("/api/heat")
    async def heat(window: str, scope: str = "") -> Response:
        """The hexagons of the last 30 days (``days30``), of this month (``month``) or of this month last year
        (``year``), as the map reads them; only for scopes that somebody looks at."""
        found, wanted = scopes.find(scope), next((one for one in PAST_WINDOWS if one == window), None)
        if found is None:
            return _said(404, "no such jurisdiction; /api/scopes lists them")
        if wanted is None:
            return _said(422, f"window must be one of {', '.join(PAST_WINDOWS)}")
        try:
            body = await asyncio.to_thread(historic.heat, found, wanted) if historic else None
        except Exception:
            log.exception("the hexagons of %s cannot be made", wanted)
            body = None
        return Response(body, media_type=JSON) if body else _said(503, "the history cannot be asked now")


def _said(status: int, detail: str) -> Response:
    headers = {"retry-after": AGAIN_S} if status == 503 else {}
    return Response(msgspec.json.encode({"detail": detail}), status, headers, JSON)
