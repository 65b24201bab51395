"""The wall's own addresses beside Dash's: the live socket, the snapshot, a unit, the basemap, health and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.websockets import WebSocket, WebSocketDisconnect

from data_feeds.basemap.source import Ground
from data_feeds.board import Board
from data_feeds.broadcast import Hub
from data_feeds.clock import Clock
from data_feeds.scopes import Scope
from data_feeds.viewer import PeerGone
from web import ranges
from web.devices import DeviceList
from web.scopes import tree

JSON = "application/json"
MAX_ID = 64
SNAPSHOT_KEPT_S = 1.0
READ = ["GET", "HEAD"]  # balancers like to ask with HEAD


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes need; ``documents`` gives every panel's body, ``health`` and ``ready`` (well, what is said).

    A unit whose last fix is older than ``offline_after_s`` seconds is lost.
    """

    board: Board
    hub: Hub
    clock: Clock
    ground: Ground
    documents: Callable[[float, Scope], dict[str, Any]]
    health: Callable[[], tuple[bool, dict[str, Any]]]
    ready: Callable[[], tuple[bool, dict[str, Any]]]
    metrics: Callable[[], bytes]
    offline_after_s: float
    devices: DeviceList


class SocketPeer:
    """A starlette socket as the hub's Peer."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def send_bytes(self, data: bytes) -> None:
        try:
            await self._socket.send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise PeerGone from None

    async def send_text(self, data: str) -> None:
        try:
            await self._socket.send_text(data)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise PeerGone from None

    async def receive_text(self) -> str:
        try:
            message = await self._socket.receive()
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise PeerGone from None
        if message["type"] == "websocket.disconnect":
            raise PeerGone
        return message.get("text") or ""

    async def close(self, code: int = 1000) -> None:
        await self._socket.close(code)


def register(api: FastAPI, parts: Parts) -> None:
    """Add every route to ``api``."""

    @api.websocket("/live")
    async def live(socket: WebSocket, scope: str = "") -> None:
        await socket.accept()
        await parts.hub.serve(SocketPeer(socket), scope)

    @api.get("/api/units/{unit_id:path}")
    async def unit(unit_id: str) -> Response:
        now_ms = parts.clock.now_ms()
        found = parts.board.unit(unit_id, now_ms) if len(unit_id) <= MAX_ID else None
        if found is None:
            return _json({"detail": "no such unit on the board"}, 404)
        fix_ms = found[0]["fix_time"]
        lost = fix_ms is None or now_ms - fix_ms > parts.offline_after_s * 1000.0
        return _json({"unit": {**found[0], "lost": lost}, "trail": found[1], "now_ms": now_ms})

    latest: dict[str, tuple[float, asyncio.Future[bytes]]] = {}

    @api.get("/api/snapshot")
    async def snapshot(scope: str = "") -> Response:
        """The live state of a scope; made at most once a second, however many ask, and not on the event loop."""
        found = parts.board.scopes.find(scope)
        if found is None:
            return _no_scope(scope)
        now_s = parts.clock.monotonic_s()
        for code in [code for code, (made_s, _) in latest.items() if now_s - made_s > SNAPSHOT_KEPT_S]:
            del latest[code]
        if found.code not in latest:
            latest[found.code] = now_s, asyncio.ensure_future(asyncio.to_thread(_snapshot, parts, found))
        return Response(await asyncio.shield(latest[found.code][1]), media_type=JSON)

    @api.get("/api/scopes")
    async def scopes() -> Response:
        """Which scopes there are."""
        return _json(await asyncio.to_thread(tree, parts.board))

    @api.get("/api/devices")
    async def devices(scope: str = "") -> Response:
        """Every video device of a scope as the map draws it."""
        found = parts.board.scopes.find(scope)
        if found is None:
            return _no_scope(scope)
        return Response(await parts.devices.points(found), media_type=JSON)

    @api.api_route("/basemap.geojson", methods=READ, include_in_schema=False)
    async def basemap() -> Response:
        return Response(parts.ground.base.geojson, media_type="application/geo+json")

    @api.api_route("/basemap.pmtiles", methods=READ, include_in_schema=False)
    async def tiles(request: Request) -> Response:
        if parts.ground.kind != "pmtiles" or parts.ground.file is None:
            return _json({"detail": "this wall's basemap is not a .pmtiles file"}, 404)
        return await ranges.answer(parts.ground.file, request.headers, request.method)

    @api.api_route("/places.geojson", methods=READ, include_in_schema=False)
    async def places() -> Response:
        return Response(parts.board.scopes.places.geojson, media_type="application/geo+json")

    @api.api_route("/healthz", methods=READ, include_in_schema=False)
    async def healthz() -> Response:
        return _verdict(parts.health())

    @api.api_route("/readyz", methods=READ, include_in_schema=False)
    async def readyz() -> Response:
        return _verdict(parts.ready())

    @api.api_route("/metrics", methods=READ, include_in_schema=False)
    async def metrics() -> Response:
        return Response(parts.metrics(), media_type=CONTENT_TYPE_LATEST)


def refuse_others(api: FastAPI) -> None:
    """Other addresses below /api are unknown: after every route of ``api`` but Dash's, whose last answers anything."""

    @api.api_route("/api/{rest:path}", methods=READ, include_in_schema=False)
    async def unknown(rest: str) -> Response:
        return _json({"detail": f"no such address: /api/{rest[:MAX_ID]}; /openapi.json describes them"}, 404)


def _no_scope(code: str) -> Response:
    return _json({"detail": f"no jurisdiction is called {code[:MAX_ID]!r}; /api/scopes lists them"}, 404)


def _snapshot(parts: Parts, scope: Scope) -> bytes:
    now_ms = parts.clock.now_ms()
    devices = [msgspec.to_builtins(d.device) | {"stream_url": d.stream_url} for d in parts.board.devices(scope)]
    units, panels = parts.board.unit_details(scope), parts.documents(now_ms, scope)
    state = {"now_ms": now_ms, "scope": scope.code, "units": units, "panels": panels, "devices": devices}
    return msgspec.json.encode(state)


def _verdict(said: tuple[bool, dict[str, Any]]) -> Response:
    return _json(said[1], 200 if said[0] else 503)


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type=JSON)
