"""Orders on a real Kafka: each once whatever happens to the broker, shown as reached only when that was acknowledged,
and answered by the demo city."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from data_feeds import order_writer
from data_feeds.board import Board
from data_feeds.kafka_feed import KafkaFeed
from data_feeds.messages import DecodeError, Decoder, encode
from data_feeds.model import DispatchAck, DispatchOrder, Incident, Topic
from data_feeds.order_writer import KafkaOrderWriter, OrderNotWritten
from data_feeds.orders import OrderState
from data_feeds.settings import Settings
from tests.integration.conftest import make_topics, settings_for
from tests.integration.kafka_broker import KafkaBroker
from tests.integration.reading import DEADLINE_S, read_all, read_until
from tests.integration.test_simulator_on_kafka import REPOSITORY, command, environment

OpenFeed = Callable[..., KafkaFeed]
ORDERS = 40


def an_order(order_id: str, units: list[str], incident_id: str = "I1") -> DispatchOrder:
    return DispatchOrder(order_id, incident_id, units, "Duty desk", datetime.now(UTC))


class Wall:
    """What a wall on these topics shows."""

    def __init__(self, settings: Settings, feed: KafkaFeed) -> None:
        self.feed, self.board = feed, Board(1000, 60.0, 10.0)
        self._topic_of, self._decoder = settings.topic_of(), Decoder()

    def read(self) -> None:
        for record in self.feed.poll(0.1):
            topic = self._topic_of[record.topic]
            try:
                message = self._decoder.decode(topic, record.key, record.value, time.time() * 1000)
            except DecodeError:  # the city's mishaps
                continue
            self.board.apply([(topic, message)], 0.0)

    def states(self) -> dict[tuple[str, str], OrderState]:
        shown = self.board.orders(time.time() * 1000)
        return {(one.order.order_id, unit.unit_id): unit.state for one in shown for unit in one.units}

    def until(self, question: Callable[[], object]) -> None:
        end_s = time.monotonic() + DEADLINE_S
        while not question():
            assert time.monotonic() < end_s, f"waited in vain: {Counter(self.states().values())}"
            self.read()


def test_orders_are_written_exactly_once_under_a_broker_restart(
    own_broker: KafkaBroker, open_feed: OpenFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    # however long this machine takes to start the broker again: nobody gives an order twice
    monkeypatch.setattr(order_writer, "DELIVERY_MS", int(DEADLINE_S * 2000))
    monkeypatch.setattr(order_writer, "ANSWER_S", DEADLINE_S * 3)
    settings = settings_for(own_broker.bootstrap_servers, operator="Duty desk")
    make_topics(settings)
    feed = open_feed(settings, only={Topic.ORDER})
    read_all(feed)
    writer, confirmed, waiting = KafkaOrderWriter(settings), [], []

    def give(order: DispatchOrder) -> None:
        writer.write_order(order)
        confirmed.append(order.order_id)

    try:
        writer.write_order(an_order("first", ["P-1"]))
        for number in range(ORDERS):
            waiting.append(threading.Thread(target=give, args=(an_order(f"O{number}", ["P-1"]),)))
            waiting[-1].start()
            if number == ORDERS // 4:
                own_broker.kill()
            if number == ORDERS // 2:
                own_broker.start()
        for thread in waiting:
            thread.join()
    finally:
        writer.close()
    records = read_until(feed, lambda found: len({record.key for record in found}) > ORDERS)
    records += feed.poll(2.0)
    assert sorted(confirmed) == sorted(f"O{number}" for number in range(ORDERS))
    assert Counter(record.key for record in records) == {key.encode(): 1 for key in ["first", *confirmed]}
    wall = Wall(settings, open_feed(settings))
    wall.until(lambda: len(wall.states()) == ORDERS + 1)
    assert set(wall.states().values()) <= {OrderState.WRITTEN, OrderState.OVERDUE}


def test_no_state_is_shown_before_its_acknowledgement(
    settings: Settings, open_feed: OpenFeed, open_writer: Callable[..., object]
) -> None:
    """Acknowledgements that are read before their order wait for it: two topics have no order between them."""
    wall, records = Wall(settings, open_feed(settings)), open_writer(settings)
    writer = KafkaOrderWriter(settings)

    def acknowledge(state: str, unit_id: str) -> None:
        told = DispatchAck("O1", unit_id, state, datetime.now(UTC))
        records.write(Topic.ACK, b"O1", encode(told), DEADLINE_S)

    try:
        records.write(Topic.INCIDENT, b"I1", encode(Incident("I1", 1, call_received=datetime.now(UTC))), DEADLINE_S)
        acknowledge("delivered", "P-2")
        writer.write_order(an_order("O1", ["P-1", "P-2"]))
        wall.until(lambda: wall.states().get(("O1", "P-2")) is OrderState.DELIVERED)
        assert wall.states()["O1", "P-1"] in (OrderState.WRITTEN, OrderState.OVERDUE)
        for state in ("delivered", "accepted", "enroute", "on_scene"):
            assert wall.states()["O1", "P-1"] is not OrderState(state)
            acknowledge(state, "P-1")
            wall.until(lambda state=state: wall.states()["O1", "P-1"] is OrderState(state))
        writer.write_order(an_order("O1", ["P-1", "P-2"]))  # again: nothing begins anew
        acknowledge("accepted", "P-2")
        wall.until(lambda: wall.states()["O1", "P-2"] is OrderState.ACCEPTED)
        assert (wall.states()["O1", "P-1"], len(wall.states())) == (OrderState.ON_SCENE, 2)
    finally:
        writer.close()
    late = Wall(settings, open_feed(settings))  # another wall, started later
    late.until(lambda: late.states() == wall.states())


def test_the_city_on_kafka_answers_orders(settings: Settings, open_feed: OpenFeed) -> None:
    process = subprocess.Popen(
        command("--calls", "20"), cwd=REPOSITORY, env=environment(settings), stderr=subprocess.DEVNULL
    )
    writer, wall = KafkaOrderWriter(settings), Wall(settings, open_feed(settings))
    try:
        wall.until(lambda: any(p.lat for p in wall.board.incidents()) and len(wall.board.unit_details()) > 40)
        incident = next(p.incident for p in wall.board.incidents() if p.lat)
        units = [u["unit_id"] for u in wall.board.unit_details() if u["status"] == "AVAILABLE"][:6]
        writer.write_order(an_order("O1", units, incident.incident_id))
        answered = {OrderState.ACCEPTED, OrderState.ENROUTE, OrderState.ON_SCENE, OrderState.REFUSED}
        wall.until(lambda: answered & set(wall.states().values()))
        assert {unit for _, unit in wall.states()} == set(units)
    finally:
        process.terminate()
        process.wait(DEADLINE_S)
        writer.close()


def test_without_a_topic_or_a_broker_the_order_is_not_written(bare_settings: Settings) -> None:
    for settings, said in (
        (bare_settings, "data_feeds.topics create"), (Settings(kafka_bootstrap_servers="127.0.0.1:9"), "127.0.0.1:9"),
    ):  # fmt: skip
        writer = KafkaOrderWriter(settings)
        try:
            writer.write_order(an_order("O1", ["P-1"]))
            raise AssertionError("it was written")
        except OrderNotWritten as error:
            assert said in str(error)
        finally:
            writer.close()
