"""POST /api/orders: a person at this machine sends units to an incident."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Request, Response
from msgspec import Meta, Struct

from data_feeds.board import Board
from data_feeds.clock import Clock
from data_feeds.messages import DecodeError, Decoder, encode
from data_feeds.model import DispatchOrder, Id, Rejected, Topic
from data_feeds.order_writer import KafkaOrderWriter, OrderNotWritten, OrderWriter
from web.guard import origin_refusal, refusal

log = logging.getLogger("wallboard.orders")

MAX_BODY_BYTES = 60 * 1024  # the record that it becomes must stay below a message's 64 KiB
REMEMBERED = 256
MOST_AT_ONCE = 8
NO_ORIGINS: frozenset[str] = frozenset()


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted. ``order_id``: made by the page, so that the same order sent again stays one order."""

    incident_id: Id
    units: Annotated[list[Id], Meta(min_length=1, max_length=32)]
    rejected: Annotated[list[Rejected], Meta(max_length=100)] = []
    order_id: Id | None = None


_ID = {"type": "string", "minLength": 1, "maxLength": 64}
_SCHEMA = {
    "type": "object", "required": ["incident_id", "units"], "additionalProperties": False,
    "properties": {
        "order_id": _ID, "incident_id": _ID,
        "units": {"type": "array", "items": _ID, "minItems": 1, "maxItems": 32},
        "rejected": {"type": "array", "maxItems": 100, "items": {
            "type": "object", "required": ["unit_id"],
            "properties": {"unit_id": _ID, "reasons": {"type": "array", "items": {"type": "string"}, "maxItems": 16}},
        }},
    },
}  # fmt: skip


class Refused(Exception):
    """An order that cannot be given; the text names the field at fault and the way out."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(slots=True)
class _Sent:
    order: DispatchOrder
    writing: asyncio.Task[None]

    @property
    def failed(self) -> bool:
        return self.writing.done() and (self.writing.cancelled() or self.writing.exception() is not None)


class OrderDesk:
    """Checks orders against the board and hands them to the writer. Lives on the event loop.

    ``operator``: who gives orders here; empty: nobody. ``writer`` None: no feed of this wall takes orders. ``ready``:
    whether everything that was there at the start has been read.
    """

    def __init__(
        self, board: Board, clock: Clock, operator: str, writer: OrderWriter | None, ready: Callable[[], bool],
        max_skew_s: float,
    ) -> None:  # fmt: skip
        self._board, self._clock, self._operator, self._writer, self._ready = board, clock, operator, writer, ready
        self._decoder = Decoder(max_skew_s)
        self._sent: OrderedDict[str, _Sent] = OrderedDict()  # until the feed brings them, and a while longer

    async def give(self, body: bytes) -> tuple[DispatchOrder, bool]:
        """(the order as it was written, whether it is new). Raises Refused, OrderNotWritten."""
        if not self._operator:
            raise Refused(403, "no orders can be given here: set WALLBOARD_OPERATOR to who gives them")
        if self._writer is None:
            raise Refused(503, "the feed of this wall takes no orders")
        if not self._ready() or not self._clock.now_ms():
            raise Refused(503, "the wall is still reading what was there at its start; try again in some seconds")
        wanted = _wanted(body)
        if (known := self._known(wanted)) is not None:
            return known, False
        sent = self._sent.get(wanted.order_id or "")
        if sent is None:
            order = self._checked(wanted)
        elif _is_same(sent.order, wanted):
            order = sent.order  # sent again as it was, so that it stays one order even if it was written after all
        else:
            raise Refused(409, _OTHER_CONTENT)
        if sent is None or sent.failed:
            if sum(not one.writing.done() for one in self._sent.values()) >= MOST_AT_ONCE:
                raise Refused(429, "several orders are still being written; try again in some seconds")
            task = asyncio.create_task(asyncio.to_thread(self._writer.write_order, order))
            self._remember(_Sent(order, task))
        # whoever hangs up does not take the order back
        await asyncio.shield(self._sent[order.order_id].writing)
        if sent is None:
            log.info("%s orders %s to %s (order %s)", order.who, ", ".join(order.units), order.incident_id,
                     order.order_id)  # fmt: skip
        return order, sent is None

    def close(self) -> None:
        """Release the writer. Blocking."""
        if isinstance(self._writer, KafkaOrderWriter):
            self._writer.close()

    def _known(self, wanted: Wanted) -> DispatchOrder | None:
        known = self._board.order(wanted.order_id) if wanted.order_id else None
        if known is not None and not _is_same(known, wanted):
            raise Refused(409, _OTHER_CONTENT)
        return known

    def _checked(self, wanted: Wanted) -> DispatchOrder:
        now_ms = self._clock.now_ms()
        order = DispatchOrder(
            wanted.order_id or str(uuid.uuid4()), wanted.incident_id, wanted.units, self._operator,
            datetime.fromtimestamp(now_ms / 1000.0, UTC), wanted.rejected,
        )  # fmt: skip
        try:  # what is written is what every wall can read
            self._decoder.decode(Topic.ORDER, order.order_id.encode(), encode(order), now_ms)
        except DecodeError as error:
            raise Refused(413 if error.kind == "too_large" else 422, error.detail) from None
        if self._board.incident(order.incident_id) is None:
            raise Refused(404, f"incident_id: no open incident is called {order.incident_id!r}")
        for index, unit_id in enumerate(order.units):
            if unit_id in order.units[:index]:
                raise Refused(422, f"units[{index}]: {unit_id!r} is named twice")
            self._check_unit(f"units[{index}]", unit_id, order.incident_id, now_ms)
        return order

    def _check_unit(self, where: str, unit_id: str, incident_id: str, now_ms: float) -> None:
        found = self._board.unit(unit_id, now_ms)
        if found is None:
            raise Refused(422, f"{where}: no unit on the board is called {unit_id!r}")
        if not found[0]["rostered"]:
            raise Refused(422, f"{where}: {unit_id!r} is not on duty")
        running = self._board.order_to(unit_id, incident_id, now_ms) or next(
            (one.order for one in self._sent.values()
             if not one.failed and one.order.incident_id == incident_id and unit_id in one.order.units
             and self._board.order(one.order.order_id) is None), None)  # fmt: skip
        if running is not None:
            raise Refused(409, f"{where}: {unit_id!r} is ordered there already (order {running.order_id})")

    def _remember(self, sent: _Sent) -> None:
        self._sent[sent.order.order_id] = sent
        for order_id in [k for k, one in self._sent.items() if one.writing.done()][: -REMEMBERED or None]:
            del self._sent[order_id]


def register(api: FastAPI, desk: OrderDesk) -> None:
    """Add the address to ``api``."""

    @api.post(
        "/api/orders", status_code=201,
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}},
    )  # fmt: skip
    async def give(request: Request) -> Response:
        """Send units to an incident. From this machine and from the wall's own page only."""
        # an order is never given from elsewhere, even where the wall may be looked at from elsewhere
        headers = request.headers
        strange = refusal(request.scope, headers, False, NO_ORIGINS) or origin_refusal(headers, NO_ORIGINS)
        if strange:
            return _said({"detail": f"orders are given at this machine only: {strange}"}, 403)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _said({"detail": "content-type must be application/json"}, 415)
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            return _said({"detail": f"the body is larger than {MAX_BODY_BYTES} bytes"}, 413)
        try:
            order, is_new = await desk.give(body)
        except Refused as refused:
            return _said({"detail": str(refused)}, refused.status)
        except OrderNotWritten as error:
            log.warning("an order was not written: %s", error)
            detail = f"not confirmed: {error}; send it again with the same order_id"
            return _said({"detail": detail}, 503)
        return _said({"state": "written", "order": order}, 201 if is_new else 200)


_OTHER_CONTENT = "order_id: another order has this id; make a new one"


def _wanted(body: bytes) -> Wanted:
    try:
        return msgspec.json.decode(body, type=Wanted)
    except msgspec.ValidationError as error:
        raise Refused(422, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "the body is not JSON") from None


def _is_same(order: DispatchOrder, wanted: Wanted) -> bool:
    return (order.incident_id, order.units) == (wanted.incident_id, wanted.units)


def _said(body: Any, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
