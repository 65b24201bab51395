"""One large file by byte ranges (RFC 9110, 14): what a .pmtiles reader asks for. Multiple ranges get the whole file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO

from starlette.responses import PlainTextResponse, Response, StreamingResponse

CHUNK_BYTES = 256 * 1024
BINARY = "application/vnd.pmtiles"


class Unsatisfiable(ValueError):
    """No byte of the file lies in the range."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of ``header``; None: the whole file is meant. Raises Unsatisfiable."""
    found = re.fullmatch(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", header, re.IGNORECASE)
    if not found or found.groups() == ("", ""):
        return None  # nothing asked, or nothing that is understood
    first, last = found.groups()
    if not first:  # the last so many bytes
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(int(last), size - 1) if last else size - 1


async def answer(path: Path, headers: Mapping[str, str], method: str) -> Response:
    """200, 206, 304, 404 or 416 for ``path``."""
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError:
        return PlainTextResponse("the basemap's file is not there\n", 404)
    try:
        response = await asyncio.to_thread(_answer, file, path, headers, method)
    except BaseException:
        file.close()
        raise
    if not isinstance(response, StreamingResponse):
        file.close()
    return response


def _answer(file: BinaryIO, path: Path, headers: Mapping[str, str], method: str) -> Response:
    stat = path.stat()
    size = file.seek(0, 2)
    tag = f'"{stat.st_mtime_ns:x}-{size:x}"'
    known = {"etag": tag, "accept-ranges": "bytes", "cache-control": "no-cache"}
    if any(part.strip().removeprefix("W/") in (tag, "*") for part in headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=known)
    current = headers.get("if-range", tag) == tag  # another file has come: parts of both make no map
    try:
        span = wanted(headers.get("range", "") if current and method == "GET" else "", size)
    except Unsatisfiable:
        return Response(status_code=416, headers={**known, "content-range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    known["content-length"] = str(last - first + 1)
    if span:
        known["content-range"] = f"bytes {first}-{last}/{size}"
    if method == "HEAD":
        return Response(status_code=200, headers=known, media_type=BINARY)
    return StreamingResponse(_read(file, first, last), 206 if span else 200, known, BINARY)


async def _read(file: BinaryIO, first: int, last: int) -> AsyncIterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(left, CHUNK_BYTES))
            if not chunk:
                return  # cut off while it was read: the length promised tells the reader
            left -= len(chunk)
            yield chunk
