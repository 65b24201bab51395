"""An order through a whole wall: posted, written to its feed, brought back by it, followed to arrival."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

import app
from data_feeds.clock import SystemClock
from data_feeds.messages import encode
from data_feeds.model import DispatchAck, Incident, Roster, Topic
from data_feeds.queue_feed import QueueFeed
from data_feeds.settings import Settings

BASE = "http://127.0.0.1:8050"
DEADLINE_S = 30.0
WANTED = {"order_id": "O1", "incident_id": "I1", "units": ["U1"]}


class Wall:
    def __init__(self, operator: str) -> None:
        self._settings = Settings(tick_s=0.2, operator=operator, history_dir="", allow_unauthenticated=True)
        self._feed = QueueFeed(self._settings.topic_of(), SystemClock())
        self.built = app.build(self._settings, self._feed)
        self.client = TestClient(self.built, base_url=BASE, client=("127.0.0.1", 5000))

    def tell(self, topic: Topic, key: str, message: object) -> None:
        self._feed.offer(self._settings.topic_name(topic), key.encode(), encode(message), 0)

    def panels(self) -> dict:
        return self.client.get("/api/snapshot").json()["panels"]

    def states(self) -> list[str]:
        return [unit["state"] for order in self.panels()["orders"]["orders"] for unit in order["units"]]

    def until(self, question: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not question():
            assert time.monotonic() < deadline, self.panels()["orders"]
            time.sleep(0.1)

    def post(self, **headers: str):
        return self.client.post("/api/orders", json=WANTED, headers={"origin": BASE, **headers})


def opened(operator: str) -> Iterator[Wall]:
    wall = Wall(operator)
    with wall.client:
        wall.tell(Topic.ROSTER, "U1", Roster("U1", "P-1"))
        wall.tell(Topic.INCIDENT, "I1", Incident("I1", 1, "theft", call_received=datetime.now(UTC)))
        wall.until(lambda: wall.panels()["incidents"]["incidents"])
        yield wall


@pytest.fixture
def wall() -> Iterator[Wall]:
    yield from opened("Duty desk")


@pytest.fixture
def wall_without_operator() -> Iterator[Wall]:
    yield from opened("")


def test_an_order_is_followed_from_the_post_to_the_arrival(wall):
    assert wall.panels()["orders"] == {"operator": True, "total": 0, "orders": []}
    assert wall.post().status_code == 201
    wall.until(lambda: wall.states() == ["written"])
    assert wall.panels()["incidents"]["incidents"][0]["ordered"] == ["P-1"]
    assert wall.client.get("/api/units/U1").json()["unit"]["order"]["incident_id"] == "I1"
    for state in ("delivered", "accepted", "enroute", "on_scene"):
        wall.tell(Topic.ACK, "O1", DispatchAck("O1", "U1", state, datetime.now(UTC)))
        wall.until(lambda state=state: wall.states() == [state])
    assert "ordered" not in wall.panels()["incidents"]["incidents"][0]
    assert wall.post().status_code == 200
    assert "wallboard_orders_total" in wall.client.get("/metrics").text


def test_a_wall_that_is_open_to_others_takes_orders_of_its_own_machine_only(wall):
    assert wall.client.get("/api/snapshot", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 200
    assert wall.post(**{"x-forwarded-for": "10.0.0.1"}).status_code == 403
    assert wall.post(origin="http://evil.example").status_code == 403
    stranger = TestClient(wall.built, base_url=BASE, client=("192.0.2.7", 5000))
    assert stranger.post("/api/orders", json=WANTED, headers={"origin": BASE}).status_code == 403
    assert wall.states() == []


def test_without_an_operator_nobody_gives_orders(wall_without_operator):
    answer = wall_without_operator.post()
    assert (answer.status_code, "WALLBOARD_OPERATOR" in answer.json()["detail"]) == (403, True)
    assert wall_without_operator.panels()["orders"]["operator"] is False
    assert "/api/orders" in wall_without_operator.client.get("/openapi.json").json()["paths"]
