"""Who may talk to the wall: this machine only, unless told otherwise, and only pages of its own."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.recovery import ALIVE

MAX_BODY_BYTES = 1 << 20
FORWARDED = ("forwarded", "x-forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "via")
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
WAY_OUT = "set WALLBOARD_ALLOW_UNAUTHENTICATED=1 only behind something that asks for a login"
POLICY_VIOLATION = 1008


class Guard:
    """Refuses strangers before anything else runs, and puts the security headers on every answer.

    ``script_hashes``: the inline scripts that the page itself brings; ``origins``: pages of other addresses that may
    open sockets (a proxy's public address); ``image_origins``: tile servers that the map's images come from.
    """

    def __init__(
        self, app: ASGIApp, allow_unauthenticated: bool, script_hashes: Iterable[str] = (), origins: Iterable[str] = (),
        image_origins: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self._app = app
        self._open = allow_unauthenticated
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)
        self._headers = security_headers(script_hashes, image_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = refusal(scope, headers, self._open, self._origins)
        if scope["type"] == "websocket":
            if reason:
                await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason[:120]})
                return
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    answer[name] = value
                if scope["path"] == ALIVE:
                    answer["cross-origin-resource-policy"] = "cross-origin"
            await send(message)

        if reason:
            status = 413 if reason.startswith("the body") else 403
            await PlainTextResponse(f"refused: {reason}\n", status)(scope, receive, send_with_headers)
            return
        await self._app(scope, _counted(receive), send_with_headers)


def _counted(receive: Receive) -> Receive:
    """``receive`` that ends a body which says nothing of its length before it fills the memory."""
    taken = 0

    async def receive_some() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= MAX_BODY_BYTES else {"type": "http.disconnect"}

    return receive_some


def refusal(scope: Scope, headers: Headers, allow_unauthenticated: bool, origins: frozenset[str]) -> str | None:
    """Why the request is refused, or None."""
    if not allow_unauthenticated:
        client = scope.get("client")
        if client is None or not is_loopback(client[0]):
            return f"requests from other hosts need a login, which this wall does not have; {WAY_OUT}"
        named = next((name for name in headers if name.startswith(FORWARDED)), None)
        if named:
            return f"the request came through a proxy ({named}); {WAY_OUT}"
        if "@" in headers.get("host", "") or host_name(headers.get("host", "")) not in LOCAL_NAMES:
            return f"the Host header names another host; {WAY_OUT}"
    if scope["type"] == "websocket":
        return origin_refusal(headers, origins)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return f"the body is larger than {MAX_BODY_BYTES} bytes"
    return None


def origin_refusal(headers: Headers, origins: frozenset[str]) -> str | None:
    """Why what this Origin asks is refused, or None: it must be the page's own host or one that was allowed."""
    origin = headers.get("origin", "").lower().rstrip("/")
    if origin in origins:
        return None
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        netloc = ""
    if not netloc or netloc != headers.get("host", "").lower():
        return "the Origin is not this wall"
    return None


def is_loopback(address: str) -> bool:
    """Whether ``address`` is of this machine alone."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return bool((mapped or ip).is_loopback)


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def security_headers(script_hashes: Iterable[str], image_origins: Iterable[str] = ()) -> dict[str, str]:
    """The headers of every answer; only own scripts run, and nothing is fetched from elsewhere but a map's images."""
    images = " ".join(["'self' data: blob:", *image_origins])
    scripts = " ".join(["'self'", *script_hashes])
    policy = (
        f"default-src 'self'; script-src {scripts}; worker-src 'self'; connect-src 'self'; img-src {images}; "
        # Leaflet and Mantine place things by style attributes; no style can run a script.
        "style-src 'self' 'unsafe-inline'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
