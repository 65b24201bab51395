"""POST /api/orders: who may give orders, which orders can be given, and what is said when one was not written."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from data_feeds.board import Board
from data_feeds.model import DispatchAck, DispatchOrder, Incident, Roster, Status, Topic
from data_feeds.order_writer import KafkaOrderWriter, OrderNotWritten, order_writer
from data_feeds.queue_feed import QueueFeed
from data_feeds.settings import Settings, SettingsError, changed
from tests.unit.hand_clock import HandClock
from web.orders import MOST_AT_ONCE, OrderDesk, Refused, register

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_MS = NOON.timestamp() * 1000
HOST = "127.0.0.1:8050"
HEADERS = {"origin": f"http://{HOST}"}
WANTED = {"incident_id": "I1", "units": ["P-1"]}


class Writer:
    """Keeps what it is given; ``fails`` and ``holds`` as the test wants."""

    def __init__(self) -> None:
        self.written: list[DispatchOrder] = []
        self.fails, self.free = 0, threading.Event()
        self.free.set()

    def write_order(self, order: DispatchOrder) -> None:
        assert self.free.wait(20)
        self.written.append(order)
        if self.fails:
            self.fails -= 1
            raise OrderNotWritten("the broker is away")


class Wall:
    def __init__(self, operator: str = "Duty desk", writer: Writer | None = None, ready: bool = True,
                 client: str = "127.0.0.1") -> None:
        self.board = Board(10, 60.0, 10.0)
        self.clock = HandClock(NOW_MS)
        self.writer = writer
        self.board.apply([
            (Topic.ROSTER, Roster("P-1", "Patrol 1")), (Topic.ROSTER, Roster("P-2")),
            (Topic.STATUS, Status("P-3", "AVAILABLE", sos=True)),
            (Topic.INCIDENT, Incident("I1", 1, call_received=NOON)),
            (Topic.INCIDENT, Incident("I2", 1, call_received=NOON, closed=NOON)),
        ], 0.0)
        self.desk = OrderDesk(self.board, self.clock, operator, writer, lambda: ready, 60.0)
        api = FastAPI()
        register(api, self.desk)
        self.client = TestClient(api, base_url=f"http://{HOST}", client=(client, 5000))

    def post(self, body: object = None, headers: dict[str, str] | None = None):
        return self.client.post("/api/orders", json={**WANTED, **(body or {})}, headers={**HEADERS, **(headers or {})})


@pytest.fixture
def wall() -> Iterator[Wall]:
    made = Wall(writer=Writer())
    with made.client:
        yield made


def refused(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_an_order_is_written_once_and_as_it_was_given(wall):
    answer = wall.post({"rejected": [{"unit_id": "P-2", "reasons": ["busy"]}], "order_id": "O1"})
    assert (answer.status_code, answer.json()["state"]) == (201, "written")
    (order,) = wall.writer.written
    assert (order.order_id, order.incident_id, order.units) == ("O1", "I1", ["P-1"])
    assert (order.who, order.authenticated, order.time) == ("Duty desk", False, NOON)
    assert [(one.unit_id, one.reasons) for one in order.rejected] == [("P-2", ["busy"])]
    assert answer.json()["order"]["who"] == "Duty desk"


def test_the_wall_shows_nothing_that_did_not_come_back_from_the_topic(wall):
    assert wall.post().status_code == 201
    assert wall.board.orders(NOW_MS) == []
    wall.board.apply([(Topic.ORDER, wall.writer.written[0])], 0.0)
    assert [unit.state.value for one in wall.board.orders(NOW_MS) for unit in one.units] == ["written"]


def test_the_same_order_again_stays_one(wall):
    assert [wall.post({"order_id": "O1"}).status_code for _ in range(3)] == [201, 200, 200]
    wall.board.apply([(Topic.ORDER, wall.writer.written[0])], 0.0)
    assert wall.post({"order_id": "O1"}).status_code == 200
    assert len(wall.writer.written) == 1
    assert refused(wall.post({"order_id": "O1", "units": ["P-2"]}))[0] == 409


def test_an_id_of_another_order_is_refused(wall):
    assert wall.post({"order_id": "O1"}).status_code == 201
    status, detail = refused(wall.post({"order_id": "O1", "units": ["P-2"]}))
    assert (status, detail.startswith("order_id")) == (409, True)


def test_two_who_send_the_same_unit_are_one_order(wall):
    assert wall.post({"order_id": "O1"}).status_code == 201
    status, detail = refused(wall.post({"order_id": "O2"}))
    assert (status, detail) == (409, "units[0]: 'P-1' is ordered there already (order O1)")
    wall.board.apply([(Topic.ORDER, wall.writer.written[0])], 0.0)
    assert refused(wall.post({"order_id": "O2"})) == (status, detail)
    wall.board.apply([(Topic.ACK, DispatchAck("O1", "P-1", "refused", NOON))], 0.0)
    assert wall.post({"order_id": "O2"}).status_code == 201


def test_an_order_that_nobody_acknowledged_in_time_may_be_given_again(wall):
    wall.post()
    wall.board.apply([(Topic.ORDER, wall.writer.written[0])], 0.0)
    wall.clock.wait(31.0)
    assert wall.post().status_code == 201


def test_what_was_not_confirmed_is_said_and_sent_again_as_the_same_record(wall):
    wall.writer.fails = 1
    status, detail = refused(wall.post({"order_id": "O1"}))
    assert (status, "the broker is away" in detail, "same order_id" in detail) == (503, True, True)
    wall.clock.wait(5.0)
    assert wall.post({"order_id": "O1"}).status_code in (200, 201)
    first, second = wall.writer.written
    assert first == second


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"incident_id": "I9"}, 404, "incident_id: no open incident is called 'I9'"),
        ({"incident_id": "I2"}, 404, "incident_id"),
        ({"units": []}, 422, "units"),
        ({"units": ["P-1", "P-9"]}, 422, "units[1]: no unit on the board is called 'P-9'"),
        ({"units": ["P-1", "P-1"]}, 422, "units[1]: 'P-1' is named twice"),
        ({"units": ["P-3"]}, 422, "units[0]: 'P-3' is not on duty"),
        ({"units": "P-1"}, 422, "units"),
        ({"units": ["P-1"] * 33}, 422, "units"),
        ({"units": ["P\n1"]}, 422, "control characters"),
        ({"order_id": ""}, 422, "order_id"),
        ({"who": "the mayor"}, 422, "who"),
        ({"time": "2020-01-01T00:00:00Z"}, 422, "time"),
        ({"rejected": [{"unit_id": "P-2", "reasons": [1]}]}, 422, "rejected"),
    ],
)
def test_what_cannot_be_ordered_is_named(wall, body, status, said):
    got, detail = refused(wall.post(body))
    assert (got, said in detail) == (status, True), detail
    assert not wall.writer.written


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 50_000, b"null", b"[]"])
def test_rubbish_is_refused(wall, body):
    answer = wall.client.post("/api/orders", content=body, headers={**HEADERS, "content-type": "application/json"})
    assert answer.status_code in (400, 422)


def test_a_form_of_another_page_cannot_order(wall):
    plain = {**HEADERS, "content-type": "text/plain"}
    answer = wall.client.post("/api/orders", content=json.dumps(WANTED), headers=plain)
    assert answer.status_code == 415
    assert wall.client.get("/api/orders", headers=HEADERS).status_code == 405


def test_a_body_that_no_record_could_hold_is_refused(wall):
    rejected = [{"unit_id": f"P-{n}", "reasons": ["x" * 60] * 16} for n in range(100)]
    assert wall.post({"rejected": rejected}).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ""}, {"origin": "null"}, {"origin": "http://evil.example"}, {"origin": "http://127.0.0.1:9"},
        {"x-forwarded-for": "10.0.0.1"}, {"forwarded": "for=10.0.0.1"},
        {"host": "wall.example", "origin": "http://wall.example"},
    ],
)  # fmt: skip
def test_other_pages_and_proxies_cannot_order(wall, headers):
    status, detail = refused(wall.post(headers=headers))
    assert (status, "at this machine only" in detail) == (403, True)
    assert not wall.writer.written


def test_another_machine_cannot_order():
    assert Wall(writer=Writer(), client="192.0.2.7").post().status_code == 403


@pytest.mark.parametrize(
    ("make", "status", "said"),
    [
        (lambda: Wall(operator="", writer=Writer()), 403, "WALLBOARD_OPERATOR"),
        (lambda: Wall(writer=None), 503, "takes no orders"),
        (lambda: Wall(writer=Writer(), ready=False), 503, "still reading"),
    ],
)
def test_a_wall_that_gives_no_orders_says_why(make: Callable[[], Wall], status, said):
    got, detail = refused(make().post())
    assert (got, said in detail) == (status, True)


def test_only_so_many_orders_wait_at_once(wall):
    ids = [f"J{n}" for n in range(MOST_AT_ONCE + 1)]
    wall.board.apply([(Topic.INCIDENT, Incident(one, 1, call_received=NOON)) for one in ids], 0.0)
    wall.writer.free.clear()

    async def give_all() -> None:
        giving = [asyncio.create_task(wall.desk.give(json.dumps({**WANTED, "incident_id": one}).encode()))
                  for one in ids]  # fmt: skip
        await asyncio.sleep(0)  # all have begun, none can end
        wall.writer.free.set()
        answers = await asyncio.gather(*giving, return_exceptions=True)
        refused = [one for one in answers if isinstance(one, Refused)]
        assert [one.status for one in refused] == [429]

    asyncio.run(give_all())
    assert len(wall.writer.written) == MOST_AT_ONCE


def test_where_orders_go():
    feed = QueueFeed(Settings().topic_of(), HandClock(NOW_MS))
    assert order_writer(Settings(), feed, on_kafka=True) is None
    given = Settings(operator="Duty desk")
    assert isinstance(order_writer(given, feed, on_kafka=True), KafkaOrderWriter)
    assert order_writer(given, feed, on_kafka=False) is feed
    order = DispatchOrder("O1", "I1", ["P-1"], "Duty desk", NOON)
    feed.open()
    feed.write_order(order)
    (record,) = feed.poll(0.0)
    assert (record.topic, record.key) == ("wall.dispatch.order", b"O1")
    feed.close()
    with pytest.raises(OrderNotWritten):
        feed.write_order(order)


@pytest.mark.parametrize("name", [" x", "a\nb", "x" * 65])
def test_the_operators_name_is_a_plain_one(name):
    with pytest.raises(SettingsError, match="operator"):
        changed(Settings(), {"operator": name}, "a test")
