"""The thread that works out candidates and cover: what it answers while it prepares, shares, fails and ends."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from data_feeds.board import Board
from data_feeds.clock import SystemClock
from data_feeds.scopes import CITY
from web import dispatch
from web.dispatch import Busy, Dispatch, Documents, NotThere

DEADLINE_S = 10.0


class FakeWork:
    """Counts what it is asked; ``gate`` holds an answer back."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def refresh(self) -> FakeTold:
        return FakeTold()

    def candidates(self, incident_id: str) -> bytes:
        self.gate.wait(DEADLINE_S)
        self.asked.append(incident_id)
        if incident_id == "gone":
            raise NotThere("no open incident has the id 'gone'")
        return b'{"first": null}'


class FakeTold:
    late = {"A-1": 5.0}

    def cover_of(self, scope):
        return {"state": "ready", "scope": scope.code}

    def forecast_of(self, ids):
        return {"state": "ready", "ids": sorted(ids)}


def until(question) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def work() -> FakeWork:
    return FakeWork()


@pytest.fixture
def made(work):
    caught_up = threading.Event()
    one = Dispatch(lambda: work, SystemClock(), caught_up)
    yield one
    one.stop()


def prepared(one: Dispatch) -> Dispatch:
    with pytest.raises(Busy):
        asyncio.run(one.ask("x", lambda work: b""))
    until(lambda: one._work)
    return one


def test_the_first_question_begins_the_preparation_and_does_not_wait_for_it(made):
    prepared(made)
    assert asyncio.run(made.ask("x", lambda work: b"there")) == b"there"


def test_who_asks_the_same_at_once_shares_one_answer(made, work):
    prepared(made)
    work.gate.clear()

    async def ask_thrice():
        asked = [made.ask("candidates a", lambda w: w.candidates("a")) for _ in range(3)]
        asked.append(made.ask("candidates b", lambda w: w.candidates("b")))
        gathered = asyncio.gather(*asked)
        await asyncio.sleep(0.01)
        work.gate.set()
        return await gathered

    assert len(asyncio.run(ask_thrice())) == 4
    assert work.asked == ["a", "b"]


def test_too_many_questions_are_refused(made, work, monkeypatch):
    monkeypatch.setattr(dispatch, "MAX_WAITING", 2)
    prepared(made)
    work.gate.clear()

    async def crowd():
        asked = [made.ask(str(n), lambda w: w.candidates("a")) for n in range(4)]
        gathered = asyncio.gather(*asked, return_exceptions=True)
        await asyncio.sleep(0.01)
        work.gate.set()
        return await gathered

    assert [type(answer) for answer in asyncio.run(crowd())] == [bytes, bytes, Busy, Busy]


def test_what_cannot_be_made_is_tried_again(caplog):
    tries = []

    def make():
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no such file")
        return FakeWork()

    one = Dispatch(make, SystemClock(), threading.Event())
    for _ in range(2):
        with pytest.raises(Busy):
            asyncio.run(one.ask("x", lambda work: b""))
        until(lambda: one._making.done())
    until(lambda: one._work)
    assert len(tries) == 2
    assert "cannot be worked out" in caplog.text
    one.stop()


def test_nothing_begins_after_the_end(made):
    prepared(made)
    made.stop()
    with pytest.raises(Busy):
        asyncio.run(made.ask("x", lambda work: b""))


def test_documents_wait_until_something_is_known_and_are_made_once_a_round(made, monkeypatch):
    monkeypatch.setattr(dispatch, "BEGIN_S", 0.01)
    documents = Documents(made, Board(10, 60.0, 10.0))
    assert documents.cover(0.0, CITY)["state"] == "waiting"
    assert documents.late() == {}
    made._caught_up.set()
    made.start()
    until(lambda: made.told is not None)
    first = documents.cover(0.0, CITY)
    assert bytes(first) == b'{"state":"ready","scope":"city"}'
    assert documents.cover(1.0, CITY) is first
    assert bytes(documents.forecast(0.0, CITY)) == b'{"state":"ready","ids":[]}'
    assert documents.late() == {"A-1": 5.0}


def test_the_addresses_name_what_is_wrong(made):
    api = FastAPI()
    dispatch.register(api, made, Board(10, 60.0, 10.0))
    client = TestClient(api)
    away = client.get("/api/incidents/a/candidates")
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    until(lambda: made._work)
    assert client.get("/api/incidents/a/b/candidates").json() == {"first": None}
    assert client.get("/api/incidents/gone/candidates").status_code == 404
