"""A history that another process of this machine owns, by loopback HTTP: for command lines and further web processes.

The owner leaves a file in the history's folder that only its own user can read: process, port and a random token.
``web/history.py`` is the other end; the verbs and bodies are told here.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
import pyarrow as pa
from msgspec import Struct

from data_feeds.history import query as queries
from data_feeds.history.arrow import arrow_bytes, table_of
from data_feeds.history.query import Query, Span
from data_feeds.history.store import (
    NO_OFFSETS,
    Extent,
    GapHow,
    Offsets,
    Put,
    StoreBroken,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreFull,
    Tidied,
)
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition

OWNER_FILE = "owner.json"
LOOPBACK = "127.0.0.1"
MAX_BODY_BYTES = 256 << 20
CALL_TIMEOUT_S = 120.0
HELLO_TIMEOUT_S = 2.0
ARROW, JSON = "application/vnd.apache.arrow.stream", "application/json"
# How an owner's refusal travels: HTTP status 409 with the name of the error; 400 is a ValueError.
KINDS: dict[str, type[StoreError]] = {
    kind.__name__: kind for kind in (StoreError, StoreBusy, StoreBroken, StoreFull, StoreClosed)
}
T = TypeVar("T")


class Owner(Struct, frozen=True):
    """Who owns a history: its process, the loopback port it listens on, what a caller must know, whether it records."""

    pid: int
    port: int
    token: str
    records: bool = False


class Told(Struct, frozen=True):
    """Incidents, fixes or what drones tell, to keep. ``offsets``: (topic, partition, next offset)."""

    origin: str
    incidents: list[Incident] = []
    fixes: list[VehiclePosition] = []
    offsets: list[tuple[str, int, int]] = []
    telemetry: list[DroneTelemetry] = []
    detections: list[Detection] = []


class Gap(Struct, frozen=True):
    """A gap to note; as ``Store.note_gap``."""

    begin_ms: int
    end_ms: int
    how: GapHow
    origin: str


class Trail(Struct, frozen=True):
    """Whose fixes; as ``Store.trail``."""

    unit_id: str
    begin_ms: int
    end_ms: int


def write_owner(folder: Path, port: int, records: bool = False) -> Owner:
    """Tell whoever may read ``folder``'s owner file how to reach this process. Raises OSError."""
    owner = Owner(os.getpid(), port, secrets.token_urlsafe(32), records)
    made = folder / f".{OWNER_FILE}.{owner.pid}"
    with contextlib.suppress(FileNotFoundError):
        made.unlink()
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(owner))
    made.replace(folder / OWNER_FILE)
    return owner


def read_owner(folder: Path) -> Owner | None:
    """What the last owner told; it may be gone. None where nothing (of use) was told."""
    try:
        owner = msgspec.json.decode((folder / OWNER_FILE).read_bytes(), type=Owner)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return owner if 0 < owner.port < 65_536 else None


def remove_owner(folder: Path, owner: Owner) -> None:
    """Take back what ``owner`` told, unless another has told since."""
    if read_owner(folder) == owner:
        with contextlib.suppress(OSError):
            (folder / OWNER_FILE).unlink()


def connect(folder: Path) -> RemoteStore | None:
    """The history in ``folder`` by way of its owner; None when no owner answers."""
    owner = read_owner(folder)
    if owner is None:
        return None
    store = RemoteStore(owner)
    return store if store.answers() else None


class RemoteStore:
    """The Store of ``owner``. A call that cannot reach it raises StoreClosed."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._closed = False

    @property
    def pid(self) -> int:
        """The owner's process."""
        return self._owner.pid

    @property
    def records(self) -> bool:
        """Whether the owner records into it."""
        return self._owner.records

    def answers(self) -> bool:
        """Whether the owner is there and knows our token."""
        try:
            told: int = self._json("hello", None, int, HELLO_TIMEOUT_S)
        except (StoreError, ValueError):
            return False
        return told == self._owner.pid

    def run(self, query: Query) -> pa.Table:
        return table_of(self._call("run", queries.encode(query)))

    def version(self, spans: Sequence[Span] = ()) -> int:
        return self._json("version", list(spans), int)

    def extent(self) -> Extent:
        return self._json("extent", None, Extent)

    def put_incidents(self, incidents: Sequence[Incident], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        return self._json("put_incidents", Told(origin, incidents=list(incidents), offsets=_listed(offsets)), Put)

    def put_table(self, table: pa.Table, origin: str) -> Put:
        return self._decoded("put_table", self._call("put_table", arrow_bytes(table), origin), Put)

    def put_positions(self, fixes: Sequence[VehiclePosition], origin: str, offsets: Offsets = NO_OFFSETS) -> int:
        return self._json("put_positions", Told(origin, fixes=list(fixes), offsets=_listed(offsets)), int)

    def put_tracks(self, table: pa.Table, origin: str) -> int:
        return self._decoded("put_tracks", self._call("put_tracks", arrow_bytes(table), origin), int)

    def put_telemetry(self, telemetry: Sequence[DroneTelemetry], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        return self._json("put_telemetry", Told(origin, telemetry=list(telemetry), offsets=_listed(offsets)), Put)

    def put_detections(self, detections: Sequence[Detection], origin: str, offsets: Offsets = NO_OFFSETS) -> Put:
        return self._json("put_detections", Told(origin, detections=list(detections), offsets=_listed(offsets)), Put)

    def put_flown(self, table: pa.Table) -> Put:
        return self._decoded("put_flown", self._call("put_flown", arrow_bytes(table)), Put)

    def put_seen(self, table: pa.Table) -> Put:
        return self._decoded("put_seen", self._call("put_seen", arrow_bytes(table)), Put)

    def flush(self) -> None:
        self._call("flush", b"null")

    def offsets(self, origin: str) -> dict[tuple[str, int], int]:
        told: list[tuple[str, int, int]] = self._json("offsets", origin, list[tuple[str, int, int]])
        return {(topic, partition): offset for topic, partition, offset in told}

    def note_gap(self, begin_ms: int, end_ms: int, how: GapHow, origin: str) -> None:
        self._json("note_gap", Gap(begin_ms, end_ms, how, origin), None)

    def trail(self, unit_id: str, begin_ms: int, end_ms: int) -> pa.Table:
        return table_of(self._call("trail", msgspec.json.encode(Trail(unit_id, begin_ms, end_ms))))

    def tidy(self, now_ms: float) -> Tidied:
        return self._json("tidy", now_ms, Tidied)

    def close(self) -> None:
        """Ask no more; the owner keeps its history open."""
        self._closed = True

    def _json(self, verb: str, body: object, kind: type[T] | Any, timeout_s: float = CALL_TIMEOUT_S) -> T:
        return self._decoded(verb, self._call(verb, msgspec.json.encode(body), timeout_s=timeout_s), kind)

    def _decoded(self, verb: str, data: bytes, kind: Any) -> Any:
        try:
            return msgspec.json.decode(data, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"the history's owner (process {self.pid}) answered {verb} strangely: {error}") from None

    def _call(self, verb: str, body: bytes, origin: str = "", timeout_s: float = CALL_TIMEOUT_S) -> bytes:
        if self._closed:
            raise StoreClosed("this history was closed")
        # not urllib: a proxy of the environment has no business here
        connection = http.client.HTTPConnection(LOOPBACK, self._owner.port, timeout=timeout_s)
        path = f"/{verb}" + (f"?{urlencode({'origin': origin})}" if origin else "")
        headers = {"Authorization": f"Bearer {self._owner.token}", "Content-Type": JSON}
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            why = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise StoreClosed(f"the history's owner (process {self.pid}) does not answer: {why}") from None
        finally:
            connection.close()
        if answer.status == http.client.OK:
            return data
        raise _refusal(answer.status, data)


def _listed(offsets: Mapping[tuple[str, int], int]) -> list[tuple[str, int, int]]:
    return [(topic, partition, offset) for (topic, partition), offset in offsets.items()]


def _refusal(status: int, data: bytes) -> Exception:
    """What the owner raised, or StoreError for an answer that no owner gives."""
    try:
        told = json.loads(data)
        kind, text = str(told["kind"]), str(told["text"])
    except (ValueError, TypeError, KeyError):
        return StoreError(f"the history's owner answered with status {status}")
    if status == http.client.BAD_REQUEST:
        return ValueError(text)
    return KINDS.get(kind, StoreError)(text)
