"""Units of the demo city answer orders: each acknowledgement says what the unit really does."""

from __future__ import annotations

import contextlib
import random
from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_feeds.board import Board
from data_feeds.geo import distance_m
from data_feeds.messages import DecodeError, Decoder
from data_feeds.model import DispatchAck, DispatchOrder, Incident, Status, Topic
from data_feeds.orders import OrderState
from data_feeds.simulator import answers as answers_module
from tests.unit.simulated import HOUR_S, MONDAY_S, a_life

START_S = MONDAY_S + 10 * HOUR_S
AT_SCENE_M = 120.0  # a crew stops short of the node, and fixes are noisy
ONWARD = ["delivered", "accepted", "enroute", "on_scene"]
few = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def an_order(order_id, incident_id, units, now_s):
    return DispatchOrder(order_id, incident_id, units, "Duty desk", datetime.fromtimestamp(now_s, UTC))


class Watched:
    """A life with the board that a wall makes of it; ``tell`` may order units each second."""

    def __init__(self, **life):
        self.life, self.board, self.now_s = a_life(at_s=START_S, **life), Board(1000, 60.0, 10.0), START_S
        self.decoder = Decoder()
        self.acks: defaultdict[tuple[str, str], list[DispatchAck]] = defaultdict(list)
        self.statuses: defaultdict[str, list[Status]] = defaultdict(list)
        self.incidents: dict[str, Incident] = {}
        self.hear(self.life.begin())

    def hear(self, said):
        heard = []
        for topic, key, value in said:
            with contextlib.suppress(DecodeError):
                heard.append((topic, self.decoder.decode(topic, key, value, self.now_s * 1000)))
        self.board.apply(heard, 0.0)
        for _, message in heard:
            if isinstance(message, DispatchAck):
                self.acks[message.order_id, message.unit_id].append(message)
            elif isinstance(message, Status):
                self.statuses[message.unit_id].append(message)
            elif isinstance(message, Incident):
                self.incidents[message.incident_id] = message

    def order(self, order_id, incident_id, units):
        order = an_order(order_id, incident_id, units, self.now_s)
        self.board.apply([(Topic.ORDER, order)], 0.0)
        self.life.order(order)
        return order

    def step(self, seconds=1):
        for _ in range(seconds):
            self.now_s += 1.0
            self.hear(self.life.step(self.now_s))

    def waiting(self):
        """A placed incident to which nobody was sent."""
        for placed in self.board.incidents():
            i = placed.incident
            if i.lat is not None and not i.dispatched and i.valid and not i.diverted:
                return i
        return None

    def nearest(self, incident, status="AVAILABLE", kinds=("CAR", "MOTORCYCLE", "TRAFFIC")):
        units = [u for u in self.board.unit_details() if u["status"] == status and u["lat"] and u["unit_type"] in kinds]
        units.sort(key=lambda u: float(distance_m(u["lat"], u["lon"], incident.lat, incident.lon)))
        return [u["unit_id"] for u in units]

    def states(self, order_id):
        shown = next(one for one in self.board.orders(self.now_s * 1000) if one.order.order_id == order_id)
        return {unit.unit_id: unit for unit in shown.units}

    def until(self, question, seconds=2400, every=1):
        for _ in range(0, seconds, every):
            if found := question():
                return found
            self.step(every)
        raise AssertionError("waited in vain")


@pytest.fixture
def watched():
    return Watched(units=250, calls=3.0)


def test_a_free_unit_takes_the_order_drives_there_and_arrives(watched):
    incident = watched.until(watched.waiting)
    unit = watched.nearest(incident)[0]
    order = watched.order("O1", incident.incident_id, [unit])
    assert watched.states("O1")[unit].state is OrderState.WRITTEN
    watched.until(lambda: watched.states("O1")[unit].state is OrderState.ACCEPTED)
    assert watched.board.unit(unit, 0.0)[0]["status"] == "DISPATCHED"
    assert unit in watched.incidents[incident.incident_id].units
    watched.until(lambda: watched.states("O1")[unit].state is OrderState.ON_SCENE)
    assert [one.state for one in watched.acks["O1", unit]] == ONWARD
    assert all(b.time >= a.time for a, b in zip(watched.acks["O1", unit], watched.acks["O1", unit][1:], strict=False))
    watched.step(15)
    there = watched.board.unit(unit, 0.0)[0]
    assert (there["status"], there["incident_id"]) == ("ON_SCENE", incident.incident_id)
    assert distance_m(there["lat"], there["lon"], incident.lat, incident.lon) < AT_SCENE_M
    assert watched.incidents[incident.incident_id].on_scene is not None
    told = sum(map(len, watched.acks.values()))
    watched.life.order(order)  # once more: nothing is answered twice
    watched.step(30)
    assert sum(map(len, watched.acks.values())) == told


def test_a_second_unit_joins_whatever_the_incident_has_come_to(watched):
    incident = watched.until(lambda: next(
        (p.incident for p in watched.board.incidents() if p.incident.on_scene and p.incident.units), None))
    unit = watched.nearest(incident)[0]
    watched.order("O1", incident.incident_id, [unit])
    ended = watched.until(lambda: watched.states("O1")[unit] if watched.states("O1")[unit].state.is_over else None)
    assert ended.state is OrderState.ON_SCENE or ended.reason == "closed"


def test_who_cannot_come_says_why(watched):
    incident = watched.until(watched.waiting)
    busy = [u["unit_id"] for u in watched.board.unit_details()
            if u["status"] == "ON_SCENE" and u["incident_id"] != incident.incident_id]
    resting = [u["unit_id"] for u in watched.board.unit_details() if u["status"] == "OUT_OF_SERVICE"]
    drones = [u["unit_id"] for u in watched.board.unit_details() if u["unit_type"] == "DRONE"]
    posts = watched.nearest(incident, kinds=("POST",))[::-1]
    unheard = {watched.life.crew.ids[u] for u in np.flatnonzero(watched.life.force.silent)}
    chosen = {unit: why for units, why in ((busy, "busy"), (resting, "off_duty"), (drones, "incapable"),
                                           (posts, "too_far")) for unit in units[:2] if unit not in unheard}
    assert set(chosen.values()) == {"busy", "off_duty", "incapable", "too_far"}
    watched.order("O1", incident.incident_id, list(chosen))
    watched.step(12)
    states = watched.states("O1")
    assert {unit: (states[unit].state, states[unit].reason) for unit in chosen} == {
        unit: (OrderState.REFUSED, why) for unit, why in chosen.items()}


def test_a_silent_unit_answers_when_it_is_heard_again(watched):
    incident = watched.until(watched.waiting)
    silent = watched.until(lambda: [int(u) for u in np.flatnonzero(watched.life.force.silent)
                                    if watched.life.force.on_roster[u]])[0]
    unit = watched.life.crew.ids[silent]
    watched.order("O1", incident.incident_id, [unit])
    watched.step(40)
    if watched.life.force.silent[silent]:
        assert watched.states("O1")[unit].state is OrderState.OVERDUE
    watched.until(lambda: ("O1", unit) in watched.acks)
    assert not watched.life.force.silent[silent]


def test_a_post_near_by_sends_its_crew_on_foot():
    watched = Watched(units=250, calls=20.0)

    def near_post():
        for placed in watched.board.incidents()[:20]:
            if placed.lat is None or placed.incident.closed or not placed.incident.valid:
                continue
            for unit in watched.nearest(placed.incident, kinds=("POST", "MOBILE_PLATFORM"))[:1]:
                at = watched.board.unit(unit, 0.0)[0]
                if distance_m(at["lat"], at["lon"], placed.lat, placed.lon) < 250.0:
                    return placed.incident, unit
        return None

    incident, unit = watched.until(near_post, every=30)
    watched.order("O1", incident.incident_id, [unit])
    ended = watched.until(lambda: watched.states("O1")[unit] if watched.states("O1")[unit].state.is_over else None)
    assert ended.state is OrderState.ON_SCENE or ended.reason in ("closed", "busy")


def test_orders_of_another_run_and_of_another_city_are_not_answered(watched):
    incident = watched.until(watched.waiting)
    old = an_order("O1", incident.incident_id, [watched.nearest(incident)[0]],
                   watched.now_s - answers_module.TOO_OLD_S - 1)
    watched.life.order(old)
    watched.life.order(an_order("O2", incident.incident_id, ["nobody"], watched.now_s))
    watched.step(10)
    assert not watched.acks


def test_orders_to_nothing_are_refused(watched):
    unit = watched.nearest(Incident("X", 1, lat=31.0, lon=121.0))[0]
    watched.order("O1", "no such incident", [unit])
    watched.until(lambda: watched.states("O1")[unit].reason == "closed", 900)


@given(seed=st.integers(0, 1000))
@few
def test_any_orders_leave_the_city_possible(seed):
    """Whatever is ordered to whom and when: no impossible status, no answer that says something else than the unit."""
    chance = random.Random(seed)
    watched = Watched(units=60, seed=seed, calls=8.0)
    for number in range(500):
        if chance.random() < 0.15 and (open_now := watched.board.incidents()):
            units = chance.sample(sorted(u["unit_id"] for u in watched.board.unit_details()), chance.randint(1, 3))
            watched.order(f"O{number}", chance.choice(sorted(p.incident.incident_id for p in open_now)), units)
        watched.step()
    assert watched.acks
    for (_, unit), acks in watched.acks.items():
        words = [one.state for one in acks]
        assert len(set(words)) == len(words)
        progress = [ONWARD.index(word) for word in words if word in ONWARD]
        assert progress == sorted(progress)
        assert not [word for word in words[:-1] if word in ("refused", "failed", "on_scene")]
        for one in acks:
            if one.state == "on_scene":
                assert any(s.status == "ON_SCENE" and s.since <= one.time for s in watched.statuses[unit])
