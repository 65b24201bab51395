"""Orders followed from writing to arrival: a state from what was acknowledged, whatever order it came in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.orders import MAX_SHOWN, order_alarms, ordered, orders_body
from data_feeds import orders as orders_module
from data_feeds.board import Board
from data_feeds.messages import DecodeError, Decoder, Tombstone, encode
from data_feeds.model import DispatchAck, DispatchOrder, Incident, Rejected, Roster, Status, Topic
from data_feeds.orders import ACK_WITHIN_S, SHOWN_S, FollowedOrder, OrderBook, OrderState
from data_feeds.scopes import Scope, Scopes

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SENT_MS = NOON.timestamp() * 1000.0
UNITS = ["P-1", "P-2"]
WORDS = ["delivered", "accepted", "enroute", "on_scene", "refused", "failed", "hums"]


def order(order_id="O1", units=UNITS, incident_id="I1", second=0):
    return DispatchOrder(order_id, incident_id, units, "Duty desk", NOON + timedelta(seconds=second))


def ack(state, second, unit_id="P-1", order_id="O1", reason=""):
    return DispatchAck(order_id, unit_id, state, NOON + timedelta(seconds=second), reason)


def followed(*acks, first=None):
    book = OrderBook()
    book.apply_order(first or order())
    for one in acks:
        book.apply_ack(one)
    return book


def states(book, second=1.0, order_id="O1"):
    return [unit.state for unit in book.get(order_id).units(SENT_MS + second * 1000.0)]


ACKS = st.lists(
    st.builds(ack, st.sampled_from(WORDS), st.integers(0, 40), st.sampled_from([*UNITS, "P-9"]), st.just("O1"),
              st.sampled_from(["", "busy"])), max_size=12,
)  # fmt: skip


@given(ACKS, st.randoms(), st.integers(0, 12), st.integers(0, 60))
def test_the_state_is_the_same_whatever_order_records_come_in_and_however_often(acks, random, ahead, second):
    straight = followed(*acks)
    mixed = [*acks, *random.sample(acks, random.randint(0, len(acks)))]
    random.shuffle(mixed)
    book = OrderBook()
    for one in mixed[:ahead]:
        book.apply_ack(one)
    book.apply_order(order())
    book.apply_order(order())
    for one in mixed[ahead:]:
        book.apply_ack(one)
    now_ms = SENT_MS + second * 1000.0
    assert book.get("O1").units(now_ms) == straight.get("O1").units(now_ms)


@given(ACKS, st.integers(0, 10_000))
def test_no_unit_is_shown_as_reached_before_its_acknowledgement(acks, second):
    said = {one.unit_id for one in acks if one.state != "hums"}
    for unit in followed(*acks).get("O1").units(SENT_MS + second * 1000.0):
        waits = unit.state in (OrderState.WRITTEN, OrderState.OVERDUE)
        assert waits == (unit.unit_id not in said)
        assert (unit.state is OrderState.OVERDUE) == (waits and second >= ACK_WITHIN_S)


@given(ACKS)
def test_arrival_is_final(acks):
    assert states(followed(ack("on_scene", 20), *acks))[0] is OrderState.ON_SCENE


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([], OrderState.WRITTEN),
        ([("delivered", 1)], OrderState.DELIVERED),
        ([("delivered", 1), ("accepted", 3)], OrderState.ACCEPTED),
        ([("accepted", 3), ("delivered", 4)], OrderState.ACCEPTED),  # a gateway's clock is ahead of the device's
        ([("enroute", 9)], OrderState.ENROUTE),
        ([("delivered", 1), ("refused", 3)], OrderState.REFUSED),
        ([("refused", 3), ("delivered", 4)], OrderState.REFUSED),
        ([("refused", 3), ("accepted", 8)], OrderState.ACCEPTED),
        ([("accepted", 3), ("failed", 9)], OrderState.FAILED),
        ([("enroute", 9), ("failed", 12), ("on_scene", 30)], OrderState.ON_SCENE),
        ([("Accepted ", 3)], OrderState.ACCEPTED),
        ([("hums", 3)], OrderState.WRITTEN),
    ],
)
def test_what_acknowledgements_mean(said, state):
    assert states(followed(*(ack(*one) for one in said)))[0] is state


def test_a_state_tells_since_when_and_why():
    book = followed(ack("delivered", 2), ack("refused", 5, reason="busy"), ack("refused", 9, reason="tired"))
    first, second = book.get("O1").units(SENT_MS + 40_000)
    assert (first.state, first.since_ms, first.reason) == (OrderState.REFUSED, SENT_MS + 5_000, "busy")
    assert (second.state, second.since_ms) == (OrderState.OVERDUE, SENT_MS + ACK_WITHIN_S * 1000)


def test_an_order_counts_once_and_another_content_is_counted():
    book = followed(ack("accepted", 1))
    assert not book.apply_order(order())
    assert not book.apply_order(order(units=["P-3"]))
    assert (len(book), book.conflicts, list(book.get("O1").acks)) == (1, 1, UNITS)


def test_who_was_not_ordered_cannot_acknowledge():
    book = followed(ack("on_scene", 1, "P-7"))
    assert (states(book), book.strays) == ([OrderState.WRITTEN] * 2, 1)


def test_the_book_is_bounded(monkeypatch):
    for name, value in (("MAX_ORDERS", 3), ("MAX_EARLY", 2), ("MAX_EARLY_ACKS", 2)):
        monkeypatch.setattr(orders_module, name, value)
    book = OrderBook()
    for number in range(9):
        book.apply_order(order(f"O{number}"))
    assert len(book) == 3
    assert book.running("P-1", lambda _: True).order.order_id == "O8"
    for number in range(9):
        for second in range(5):
            book.apply_ack(ack("accepted", second, order_id=f"X{number}"))
    assert (len(book._early), max(map(len, book._early.values()))) == (2, 2)
    book.expire(SENT_MS + 3600_000)
    assert (len(book), book._early, book._of_unit) == (0, {}, {})


def board_with(*entries, scopes=None):
    board = Board(10, 60.0, 10.0, scopes=scopes)
    board.apply(
        [
            (Topic.ROSTER, Roster("P-1", "Patrol 1", branch="B1")), (Topic.ROSTER, Roster("P-2", branch="B2")),
            (Topic.INCIDENT, Incident("I1", 1, "theft", place="Gate", call_received=NOON, branch="B1")), *entries,
        ], 0.0,
    )  # fmt: skip
    return board


def test_the_document_tells_orders_with_every_units_state():
    board = board_with((Topic.ACK, ack("delivered", 2)), (Topic.ORDER, order()))
    body = orders_body(board.orders(SENT_MS + 3_000), True)
    assert body == {
        "operator": True, "total": 1,
        "orders": [{
            "order_id": "O1", "incident_id": "I1", "open": True, "category": "theft", "place": "Gate",
            "who": "Duty desk", "authenticated": False, "sent_ms": SENT_MS,
            "units": [
                {"unit_id": "P-1", "callsign": "Patrol 1", "state": "delivered", "since_ms": SENT_MS + 2_000,
                 "reason": ""},
                {"unit_id": "P-2", "callsign": "P-2", "state": "written", "since_ms": SENT_MS, "reason": ""},
            ],
        }],
    }  # fmt: skip


def test_an_ordered_unit_is_shown_as_ordered_until_it_is_there_and_then_its_incident_has_it():
    board = board_with((Topic.ORDER, order()))
    assert board.unit("P-1", SENT_MS)[0]["order"] == {"order_id": "O1", "incident_id": "I1", "sent": SENT_MS}
    assert ordered(board.orders(SENT_MS)) == {"I1": ["Patrol 1", "P-2"]}
    there = Incident("I1", 2, "theft", call_received=NOON, on_scene=NOON, units=["P-1"])
    board.apply([(Topic.ACK, ack("on_scene", 60)), (Topic.INCIDENT, there)], 0.0)
    assert "order" not in board.unit("P-1", SENT_MS)[0]
    assert ordered(board.orders(SENT_MS)) == {"I1": ["P-2"]}
    board.apply([(Topic.INCIDENT, Incident("I1", 3, call_received=NOON, closed=NOON))], 0.0)
    assert "order" not in board.unit("P-2", SENT_MS)[0]
    assert ordered(board.orders(SENT_MS)) == {}


def test_orders_to_what_is_over_are_shown_for_a_while():
    board = board_with((Topic.ORDER, order(incident_id="I9")), (Topic.ORDER, order("O2", second=5)))
    shown = board.orders(SENT_MS + 60_000)
    assert [(one.order.order_id, one.incident is None) for one in shown] == [("O2", False), ("O1", True)]
    assert [one.order.order_id for one in board.orders(SENT_MS + SHOWN_S * 1000)] == ["O2"]


def test_a_scope_sees_orders_to_its_incidents_and_to_its_units():
    board = board_with((Topic.ORDER, order(units=["P-2"])), scopes=Scopes())
    assert [len(board.orders(SENT_MS, board.scopes.find(code))) for code in ("B1", "B2", "B3")] == [1, 1, 0]
    assert board.orders(SENT_MS, Scope("", "unknown")) == []


def test_what_is_strange_is_counted():
    stray, strange = ack("accepted", 1, "P-9"), ack("hums", 1)
    board = board_with(
        (Topic.ORDER, order()), (Topic.ORDER, order(units=["P-2"])), (Topic.ACK, stray), (Topic.ACK, strange)
    )
    assert board.order_events() == {"stray_acks": 1, "conflicting_orders": 1}
    assert board.unknown_words["DispatchAck.state"] == 1
    assert board.counts()["orders"] == 1


def test_a_withdrawn_order_is_gone_and_a_replay_begins_without_orders():
    board = board_with((Topic.ORDER, order()), (Topic.ORDER, order("O2", second=500)))
    board.apply([(Topic.ACK, Tombstone("O1"))], 0.0)
    assert len(board.orders(SENT_MS)) == 2
    board.apply([(Topic.ORDER, Tombstone("O1"))], 0.0)
    assert [one.order.order_id for one in board.orders(SENT_MS)] == ["O2"]
    board.forget_ahead(SENT_MS)
    assert board.orders(SENT_MS) == []
    board.apply([(Topic.ORDER, order())], 0.0)
    board.restart()
    assert board.order("O1") is None


def test_the_document_is_bounded():
    board = board_with(*((Topic.ORDER, order(f"O{n}", second=n)) for n in range(MAX_SHOWN + 9)))
    body = orders_body(board.orders(SENT_MS), False)
    assert (body["total"], len(body["orders"]), body["orders"][0]["order_id"]) == (MAX_SHOWN + 9, MAX_SHOWN, "O68")


def test_an_order_that_nobody_follows_raises_an_alarm_until_somebody_sees_to_it():
    def alarms(board, second):
        return [(one["kind"], one["unit"]) for one in order_alarms(board.orders(SENT_MS + second * 1000))]

    board = board_with((Topic.ORDER, order()), (Topic.ACK, ack("delivered", 1)))
    assert alarms(board, ACK_WITHIN_S - 1) == []
    assert alarms(board, ACK_WITHIN_S) == [("order_overdue", "P-2")]
    board.apply([(Topic.ACK, ack("refused", 3, reason="busy"))], 0.0)
    assert alarms(board, 5) == [("order_refused", "Patrol 1")]
    board.apply([(Topic.ORDER, order("O2", ["P-3"], second=6))], 0.0)
    assert alarms(board, 40) == [("order_overdue", "P-3")]
    board.apply([(Topic.INCIDENT, Incident("I1", 2, call_received=NOON, on_scene=NOON))], 0.0)
    assert alarms(board, 60) == []


def test_a_status_alone_says_nothing_of_an_order():
    board = board_with((Topic.ORDER, order()), (Topic.STATUS, Status("P-1", "ENROUTE", "I1", NOON)))
    assert board.orders(SENT_MS)[0].units[0].state is OrderState.WRITTEN


def test_orders_and_acknowledgements_travel_as_records():
    full = DispatchOrder("O1", "I1", UNITS, "值班长", NOON, [Rejected("P-3", ["busy"])])
    assert Decoder().decode(Topic.ORDER, b"O1", encode(full), SENT_MS) == full
    assert b'"authenticated":false' in encode(full)  # said, not left out
    assert Decoder().decode(Topic.ACK, b"O1", encode(ack("refused", 1)), SENT_MS) == ack("refused", 1)


@pytest.mark.parametrize(
    ("topic", "key", "message", "kind"),
    [
        (Topic.ORDER, b"O2", order(), "key_mismatch"),
        (Topic.ORDER, b"O1", order(second=61), "future_time"),
        (Topic.ORDER, b"O1", order(units=["P\n1"]), "wrong_type"),
        (Topic.ORDER, b"O1", order(units=[]), "wrong_type"),
        (Topic.ORDER, b"O1", order(incident_id="I\u202e1"), "wrong_type"),
        (Topic.ACK, b"P-1", ack("accepted", 1), "key_mismatch"),
        (Topic.ACK, b"O1", ack("accepted", 61), "future_time"),
        (Topic.ACK, b"O1", ack("accepted", 1, "P\x00"), "wrong_type"),
    ],
)
def test_what_cannot_be_an_order_or_its_acknowledgement_is_refused(topic, key, message, kind):
    with pytest.raises(DecodeError) as caught:
        Decoder().decode(topic, key, encode(message), SENT_MS)
    assert caught.value.kind == kind


def test_nothing_is_kept_of_an_unordered_unit():
    assert not FollowedOrder(order()).take(ack("accepted", 1, "P-9"), orders_module.AckState.ACCEPTED)
