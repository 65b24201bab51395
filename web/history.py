"""The owner's end of ``data_feeds.history.remote``: its history for other processes of this machine and user.

A listener of its own on a free loopback port, apart from the wall's: the wall may listen on another address, takes no
large bodies and answers on the event loop, where no query may run. Whoever asks must show the token of the owner file.
"""

from __future__ import annotations

import hmac
import logging
import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from data_feeds.history import query as queries
from data_feeds.history.arrow import arrow_bytes, table_of
from data_feeds.history.query import Span
from data_feeds.history.remote import (
    ARROW,
    JSON,
    LOOPBACK,
    MAX_BODY_BYTES,
    Gap,
    Owner,
    Told,
    Trail,
    remove_owner,
    write_owner,
)
from data_feeds.history.store import Store, StoreError
from web.guard import is_loopback

log = logging.getLogger("wallboard.history")

AT_ONCE = 8  # calls that are worked on; more wait their turn
SOCKET_TIMEOUT_S = 30.0
CLOSE_S = 5.0


class OwnerServer:
    """Serves ``store`` to whoever can read the owner file in ``folder``, from its making until ``close``."""

    def __init__(self, store: Store, folder: Path, records: bool = False) -> None:
        """Raises OSError where no port or file can be had."""
        self._folder = folder
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.verbs = _Verbs(store)
        try:
            self.owner: Owner = write_owner(folder, self._server.server_address[1], records)
        except OSError:
            self._server.server_close()
            raise
        self._server.token = self.owner.token
        self._thread = threading.Thread(target=self._server.serve_forever, name="history-owner", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serve nobody any more."""
        remove_owner(self._folder, self.owner)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(CLOSE_S)


class _Verbs:
    """What may be asked; every verb takes (body, origin) and gives (content type, body)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, name: str) -> Callable[[bytes, str], tuple[str, bytes]] | None:
        return None if name.startswith("_") or name == "find" else getattr(self, name, None)

    def hello(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(os.getpid())

    def run(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return ARROW, arrow_bytes(self._store.run(queries.decode(body)))

    def version(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(self._store.version(msgspec.json.decode(body, type=list[Span])))

    def extent(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(self._store.extent())

    def put_incidents(self, body: bytes, origin: str) -> tuple[str, bytes]:
        told = msgspec.json.decode(body, type=Told)
        return _json(self._store.put_incidents(told.incidents, told.origin, _offsets(told)))

    def put_positions(self, body: bytes, origin: str) -> tuple[str, bytes]:
        told = msgspec.json.decode(body, type=Told)
        return _json(self._store.put_positions(told.fixes, told.origin, _offsets(told)))

    def put_table(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(self._store.put_table(table_of(body), origin))

    def put_tracks(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(self._store.put_tracks(table_of(body), origin))

    def put_telemetry(self, body: bytes, origin: str) -> tuple[str, bytes]:
        told = msgspec.json.decode(body, type=Told)
        return _json(self._store.put_telemetry(told.telemetry, told.origin, _offsets(told)))

    def put_detections(self, body: bytes, origin: str) -> tuple[str, bytes]:
        told = msgspec.json.decode(body, type=Told)
        return _json(self._store.put_detections(told.detections, told.origin, _offsets(told)))

    def put_flown(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(self._store.put_flown(table_of(body)))

    def put_seen(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(self._store.put_seen(table_of(body)))

    def flush(self, body: bytes, origin: str) -> tuple[str, bytes]:
        self._store.flush()
        return _json(None)

    def offsets(self, body: bytes, origin: str) -> tuple[str, bytes]:
        kept = self._store.offsets(msgspec.json.decode(body, type=str))
        return _json([(topic, partition, offset) for (topic, partition), offset in kept.items()])

    def note_gap(self, body: bytes, origin: str) -> tuple[str, bytes]:
        gap = msgspec.json.decode(body, type=Gap)
        self._store.note_gap(gap.begin_ms, gap.end_ms, gap.how, gap.origin)
        return _json(None)

    def trail(self, body: bytes, origin: str) -> tuple[str, bytes]:
        asked = msgspec.json.decode(body, type=Trail)
        return ARROW, arrow_bytes(self._store.trail(asked.unit_id, asked.begin_ms, asked.end_ms))

    def tidy(self, body: bytes, origin: str) -> tuple[str, bytes]:
        return _json(self._store.tidy(msgspec.json.decode(body, type=float)))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 32
    verbs: _Verbs
    token: str = ""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.turns = threading.BoundedSemaphore(AT_ONCE)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a caller of the history went away", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SOCKET_TIMEOUT_S  # a caller that says nothing more holds no thread for ever
    server_version, sys_version = "history", ""

    def do_POST(self) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        known = bool(self.server.token) and hmac.compare_digest(given.encode(), self.server.token.encode())
        if not known or not is_loopback(self.client_address[0]):
            return self._refuse(403, "StoreError", "this history answers only who knows its token")
        asked = urlsplit(self.path)
        verb = self.server.verbs.find(asked.path.removeprefix("/"))
        if verb is None:
            return self._refuse(404, "StoreError", "this owner does not know what was asked; are both of one version?")
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return self._refuse(413, "StoreError", f"a body must say its length, at most {MAX_BODY_BYTES} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return None
        origin = parse_qs(asked.query).get("origin", [""])[0]
        with self.server.turns:
            try:
                kind, answer = verb(body, origin)
            except StoreError as error:
                return self._refuse(409, type(error).__name__, str(error))
            except (ValueError, msgspec.MsgspecError) as error:
                return self._refuse(400, "ValueError", str(error))
            except Exception as error:
                log.exception("the history failed at %s", asked.path)
                return self._refuse(409, "StoreError", f"the history failed: {type(error).__name__}: {error}")
        return self._answer(200, kind, answer)

    def _refuse(self, status: int, kind: str, text: str) -> None:
        self._answer(status, JSON, msgspec.json.encode({"kind": kind, "text": text}))

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a line a query says nothing to anybody."""


def _json(value: object) -> tuple[str, bytes]:
    return JSON, msgspec.json.encode(value)


def _offsets(told: Told) -> dict[tuple[str, int], int]:
    return {(topic, partition): offset for topic, partition, offset in told.offsets}
