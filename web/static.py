"""Answers compressed once and kept by the hash of their content, with an ETag; so a wall's first load stays small."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections import OrderedDict

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST_BYTES = 500
MOST_BYTES = 32 << 20
CACHE_BYTES = 64 << 20
LEVEL = 6  # 9 takes twice the time for half a per cent
COMPRESSIBLE = ("text/", "application/json", "application/javascript", "application/geo+json", "image/svg")
# compressed inside, read by ranges, with a tag of its own; a download that must not be held in memory
PASSED_ON = frozenset({"/basemap.pmtiles", "/api/figures/rows.csv"})
CALLBACK = "/_dash-update-component"  # of the statistics page: half a megabyte of shapes and numbers
# the same for every viewer until the data change: compressed once
SHARED = frozenset({"/api/devices", "/api/heat", "/api/figures", "/api/figures/choices"})
BUNDLE = re.compile(r"/all\.[0-9a-f]{16}\.(js|css)$")  # named by its content
YEAR = "public, max-age=31536000, immutable"
WEEK = "public, max-age=604800"


class CompressedStatic:
    """ASGI middleware for answers of known size to GET and to callbacks; streams and sockets pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._cache: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0
        self._pending: dict[str, asyncio.Future[bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_ours(scope):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        chunks: list[bytes] = []
        size = 0
        streaming = False

        async def collect(message: Message) -> None:
            nonlocal start, size, streaming
            if streaming:
                await send(message)
                return
            if message["type"] == "http.response.start":
                start = message
                return
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if message.get("more_body") and size <= MOST_BYTES:
                return
            assert start is not None
            body = b"".join(chunks)
            if message.get("more_body"):
                streaming = True
                await send(start)
                await send({"type": "http.response.body", "body": body, "more_body": True})
                return
            await self._finish(scope, start, body, send)

        await self._app(scope, receive, collect)

    async def _finish(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        asked, answer = Headers(scope=scope), MutableHeaders(scope=start)
        if scope["method"] == "POST":  # JSON that does not say so; one viewer's, once: nothing to keep, no tag
            if _wants_gzip(asked) and len(body) >= LEAST_BYTES and "content-encoding" not in answer:
                body = await asyncio.to_thread(gzip.compress, body, 1)
                answer["content-encoding"] = "gzip"
        elif start["status"] == 200 and body:
            policy = cache_policy(scope["path"], scope.get("query_string", b""))
            if policy and "no-store" not in answer.get("cache-control", ""):
                answer["cache-control"] = policy
            digest = hashlib.sha256(body).hexdigest()[:32]
            answer.setdefault("etag", f'"{digest}"')
            if _unchanged(asked.get("if-none-match", ""), answer["etag"].strip('"')):
                start["status"], body = 304, b""
                for name in ("content-length", "content-type"):
                    if name in answer:
                        del answer[name]
            elif _wants_gzip(asked) and _is_compressible(answer, body):
                fleeting = "no-store" in answer.get("cache-control", "")
                body = await (asyncio.to_thread(gzip.compress, body, 1) if fleeting else self._compressed(digest, body))
                answer["content-encoding"] = "gzip"
            answer.add_vary_header("accept-encoding")
        if start["status"] != 304:
            answer["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    async def _compressed(self, digest: str, body: bytes) -> bytes:
        if digest in self._cache:
            self._cache.move_to_end(digest)
            return self._cache[digest]
        if digest not in self._pending:  # fifty screens that wake together compress once
            self._pending[digest] = asyncio.ensure_future(asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0))
        try:
            made = await asyncio.shield(self._pending[digest])
        finally:
            self._pending.pop(digest, None)
        if digest not in self._cache:
            self._cache[digest] = made
            self._held += len(made)
        while self._held > CACHE_BYTES:
            self._held -= len(self._cache.popitem(last=False)[1])
        return made


def cache_policy(path: str, query: bytes) -> str | None:
    """How long a browser may keep ``path`` without asking; None leaves the answer's own word."""
    if path.startswith("/_dash-component-suites/"):
        return None  # fingerprinted by Dash
    if path.startswith("/assets/"):
        if b"m=" in query or BUNDLE.search(path):
            return YEAR
        return WEEK if path.endswith(".woff2") else "no-cache"
    if path in SHARED:
        return "no-cache"
    if path.startswith("/api/") or path in ("/metrics", "/healthz", "/readyz"):
        return "no-store"
    return "no-cache"


def _is_ours(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["path"] in PASSED_ON:
        return False
    return scope["method"] == "GET" or (scope["method"] == "POST" and str(scope["path"]).endswith(CALLBACK))


def _unchanged(if_none_match: str, digest: str) -> bool:
    return any(tag.strip().removeprefix("W/").strip('"') == digest for tag in if_none_match.split(","))


def _wants_gzip(asked: Headers) -> bool:
    return any(part.split(";")[0].strip() in ("gzip", "*") and "q=0" not in part.replace("q=0.", "")
               for part in asked.get("accept-encoding", "").split(","))  # fmt: skip


def _is_compressible(answer: Headers, body: bytes) -> bool:
    kind = answer.get("content-type", "")
    return len(body) >= LEAST_BYTES and "content-encoding" not in answer and kind.startswith(COMPRESSIBLE)
