"""A provider of map tiles on the loopback, which draws what it is asked for: four squares round one place, on grey."""

from __future__ import annotations

import math
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SIDE, AWAY = 14, 60
GREY, SQUARE = b"\x60\x60\x60", b"\xff\x00\xff"
TILE = 256


class TileServer(ThreadingHTTPServer):
    """Serves /z/x/y.png, and /flipped/z/x/y.png with rows counted from the south, round (latitude, longitude)."""

    daemon_threads = True

    def __init__(self, lat: float, lon: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fraction = (
            (lon + 180) / 360, 0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)
        )  # fmt: skip
        self.asked: list[str] = []
        self.works = True
        #: requests that come while it is mute are never answered
        self.mute = False
        self.closing = threading.Event()
        #: (content type, body) that is sent instead of every tile
        self.instead: tuple[str, bytes] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: TileServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        *prefix, z, x, y = urlsplit(self.path).path.removesuffix(".png").split("/")
        row = 2 ** int(z) - 1 - int(y) if "flipped" in prefix else int(y)
        if self.server.mute:
            self.server.closing.wait()
            self.close_connection = True
            return
        kind, body = self.server.instead or ("image/png", tile(self.server.fraction, int(z), int(x), row))
        if not self.server.works:
            body = b""
        self.send_response(200 if body else 503)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("cache-control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def tile(fraction: tuple[float, float], z: int, x: int, y: int) -> bytes:
    """A PNG of 256 × 256 pixels: squares whose common middle is ``fraction`` of the Mercator square."""
    left, top = fraction[0] * TILE * 2**z - x * TILE, fraction[1] * TILE * 2**z - y * TILE
    rows = []
    for v in range(TILE):
        row = bytearray(GREY * TILE)
        if abs(abs(v + 0.5 - top) - AWAY) < SIDE / 2:
            for u in range(TILE):
                if abs(abs(u + 0.5 - left) - AWAY) < SIDE / 2:
                    row[3 * u : 3 * u + 3] = SQUARE
        rows.append(b"\x00" + bytes(row))
    return png(TILE, rows)


def png(width: int, rows: list[bytes]) -> bytes:
    """``rows`` begin with their filter, 0, and have three bytes a pixel."""
    head = struct.pack(">2I5B", width, len(rows), 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


@contextmanager
def tile_server(lat: float, lon: float) -> Iterator[TileServer]:
    server = TileServer(lat, lon)
    thread = threading.Thread(target=server.serve_forever, name="tile server")
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
