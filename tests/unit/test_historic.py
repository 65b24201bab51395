"""What the wall knows of history: asked apart from the tick, never stale in silence, never half."""

import logging
import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from analytics.past import Calendar
from analytics.response import Targets
from analytics.strip import Strip, seconds_of
from data_feeds.history.query import Breaches, Counts
from data_feeds.scopes import CITY, NOWHERE, Scope, Scopes
from tests.unit.hand_clock import HandClock
from tests.unit.heat_story import ms
from tests.unit.past_story import FakeHistory, even
from web.heat import register
from web.historic import EVERY_S, FORGET_S, HEAT_EVERY_S, PATIENCE, Historic

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 21)
STATION = Scope("S1", "station")
STRIP = Strip(seconds_of(Targets(60.0, 180.0, 300.0)))


class Story:
    def __init__(self):
        self.clock, self.growing, self.trouble = HandClock(ms(datetime(2026, 11, 21, 12, tzinfo=ZONE))), False, None
        self.history = FakeHistory([row for n in range(1, 70) for row in even(DAY - timedelta(days=n), 24)])
        self.store = self.history
        self.historic = Historic(
            lambda: self.store, self.clock, Calendar(ZONE), STRIP, lambda: self.growing, lambda: self.trouble
        )

    def state(self, scope=CITY):
        return self.historic.of(scope, self.clock.now_ms())[0]

    def known(self, scope=CITY):
        return self.historic.of(scope, self.clock.now_ms())[1]

    def turn(self, after_s=EVERY_S):
        self.clock.wait(after_s)
        self.historic.refresh()

    def asked(self):
        told, self.history.asked = self.history.asked, []
        return told


@pytest.fixture
def story():
    one = Story()
    one.state()
    return one


def test_it_says_that_it_reads_until_it_knows(story):
    assert (story.state(), story.known()) == ("reading", None)
    story.turn()
    assert story.state() == "ready"
    assert story.known().day == DAY
    assert story.known().data_ms == story.clock.now_ms()
    assert story.known().past.by_category(DAY - timedelta(days=1), 720).sum() == 12


def test_what_has_not_changed_is_not_asked_again(story):
    story.turn()
    assert len(story.asked()) == 7
    story.turn()
    assert story.asked() == []
    assert story.known().data_ms == story.clock.now_ms()
    story.history.touch(DAY)
    story.turn()
    assert [(type(q), q.spans[0].first) for q in story.asked() if isinstance(q, Breaches)] == [(Breaches, DAY)]
    story.history.touch(DAY - timedelta(days=500))
    story.turn()
    assert story.asked() == []  # no day that today is compared with
    story.history.touch(DAY - timedelta(days=14))
    story.turn()
    assert Counts in [type(query) for query in story.asked()]


def test_only_scopes_that_somebody_looks_at_are_asked_for(story):
    story.state(STATION)
    story.turn()
    assert {query.where.scope for query in story.asked() if isinstance(query, Counts)} == {"", "S1"}
    story.turn(FORGET_S - EVERY_S)
    story.state(STATION)
    story.turn()
    story.history.touch(DAY - timedelta(days=1))
    story.turn()
    assert {query.where.scope for query in story.asked() if isinstance(query, Counts)} == {"S1"}
    assert story.state() == "reading"  # the city was forgotten, and is asked for anew
    story.turn()
    assert story.state() == "ready"


def test_an_unknown_code_is_not_asked_for(story):
    assert story.state(NOWHERE) == "reading"
    story.turn()
    assert story.state(NOWHERE) == "reading"
    assert all(query.where.scope == "" for query in story.asked() if isinstance(query, Counts))


def test_a_new_business_day_is_not_told_with_yesterdays_figures(story):
    story.turn()
    story.clock.wait(12 * 3600 - EVERY_S)
    assert story.clock.now_ms() == ms(datetime(2026, 11, 22, tzinfo=ZONE))
    assert story.historic.of(CITY, story.clock.now_ms()) == ("trouble", None)  # nobody has asked for half a day
    story.clock.wait(-1)
    story.historic.refresh()
    assert story.known().day == DAY
    story.clock.wait(1)
    story.historic._wake.clear()
    assert (story.state(), story.known()) == ("reading", None)
    assert story.historic._wake.is_set()  # and asks at once
    story.historic.refresh()
    assert story.known().day == DAY + timedelta(days=1)


def test_a_past_that_is_still_being_written_is_none(story):
    story.turn()
    story.growing = True
    assert (story.state(), story.known()) == ("seeding", None)
    story.turn()
    story.growing = False
    story.historic._wake.clear()
    assert story.state() == "reading"
    assert story.historic._wake.is_set()  # and asks at once
    story.turn()
    assert story.state() == "ready"


def test_a_history_in_trouble_is_told_once_and_its_end_too(story, caplog):
    caplog.set_level(logging.INFO)
    story.history.error = OSError("disk on fire")
    for _ in range(3):
        story.turn()
        assert (story.state(), story.known()) == ("trouble", None)
    story.history.error = None
    story.turn()
    assert story.state() == "ready"
    assert [record.message for record in caplog.records] == [
        "history cannot be asked, the wall shows what it has in memory: disk on fire", "history can be asked again",
    ]  # fmt: skip


def test_a_short_trouble_leaves_figures_that_a_long_one_takes_away(story):
    story.turn()
    story.history.error = OSError("busy")
    story.turn()
    assert story.state() == "ready"
    assert story.known().data_ms == story.clock.now_ms() - EVERY_S * 1000
    story.turn(PATIENCE * EVERY_S)
    assert (story.state(), story.known()) == ("trouble", None)


def test_a_store_that_is_not_there_yet(story):
    story.turn()
    story.store = None
    assert (story.state(), story.known()) == ("reading", None)
    story.turn()
    story.trouble = "disk full"
    assert story.state() == "trouble"


def test_hexagons_are_made_when_somebody_asks_and_once_for_all(story):
    assert story.historic.heat(CITY, "month") is None
    story.turn()
    story.asked()
    bodies = [story.historic.heat(CITY, "month") for _ in range(3)]
    assert bodies[0] is bodies[1] is bodies[2]
    assert len(story.asked()) == 3
    assert msgspec.json.decode(bodies[0])["first"] == "2026-11-01"
    key = story.known().heat["month"]
    story.history.touch(DAY)
    story.turn()
    assert story.known().heat["month"] == key  # not every minute
    story.state()
    for _ in range(int(HEAT_EVERY_S / EVERY_S)):
        story.turn()
        story.state()
    assert story.known().heat["month"] != key
    assert story.historic.heat(CITY, "month") is not bodies[0]
    assert story.historic.heat(STATION, "month") is None  # nobody looks at it


def test_the_address_of_hexagons(story):
    api = FastAPI()
    register(api, story.historic, Scopes())
    client = TestClient(api)
    assert client.get("/api/heat?window=month").status_code == 503
    story.turn()
    answer = client.get("/api/heat?window=days30")
    assert (answer.status_code, answer.json()["first"]) == (200, "2026-10-23")
    assert client.get("/api/heat?window=decade").json() == {"detail": "window must be one of days30, month, year"}
    story.history.error = OSError("busy")
    assert client.get("/api/heat?window=year").status_code == 503
    nothing = FastAPI()
    register(nothing, None, Scopes())
    assert TestClient(nothing).get("/api/heat?window=month").status_code == 503


def test_a_query_that_hangs_holds_nobody_up(story):
    begun, go_on = threading.Event(), threading.Event()
    run = story.history.run

    def slow(query):
        begun.set()
        assert go_on.wait(10)
        return run(query)

    story.history.run = slow
    story.historic.start()
    try:
        assert begun.wait(10)
        assert story.state() == "reading"
        story.clock.wait(1)
        assert story.state(STATION) == "reading"
    finally:
        go_on.set()
        story.historic.stop()
