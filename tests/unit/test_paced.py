"""Documents that are built at most so often."""

import msgspec
import pytest

from data_feeds.scopes import CITY, Scope
from tests.unit.hand_clock import HandClock
from web import paced
from web.paced import Paced

STATION = Scope("S1", "station", frozenset({"S1"}))


class Story:
    def __init__(self):
        self.clock, self.phase, self.builds = HandClock(100_000.0), 0, []
        self.build = Paced(self.make, 10.0, self.clock, lambda: self.phase)

    def make(self, now_ms, scope):
        self.builds.append((now_ms, scope.code))
        return {"n": len(self.builds)}

    def ask(self, scope=CITY, now_ms=None):
        return msgspec.json.decode(msgspec.json.encode(self.build(now_ms or self.clock.now_ms(), scope)))["n"]


@pytest.fixture
def story():
    return Story()


def test_a_body_is_built_once_for_all_who_ask_within_its_time(story):
    assert story.ask() == story.ask() == 1
    story.clock.wait(9.9)
    assert story.ask() == 1
    story.clock.wait(0.2)
    assert story.ask() == 2


def test_every_scope_has_its_own(story):
    assert (story.ask(), story.ask(STATION), story.ask(), story.ask(STATION)) == (1, 2, 1, 2)


def test_it_is_built_anew_when_the_feed_has_been_read(story):
    assert story.ask() == 1
    story.phase = 1
    assert story.ask() == 2


def test_it_is_built_anew_when_the_walls_clock_went_back(story):
    assert story.ask() == 1
    assert story.ask(now_ms=50_000.0) == 2
    assert story.ask(now_ms=50_001.0) == 2


def test_a_build_that_fails_is_tried_again(story):
    story.build = Paced(lambda now_ms, scope: 1 / 0, 10.0, story.clock, lambda: 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            story.build(1.0, CITY)


def test_scopes_that_nobody_asks_for_any_more_are_let_go(story, monkeypatch):
    monkeypatch.setattr(paced, "MAX_KEPT", 3)
    for n in range(10):
        story.ask(Scope(f"S{n}", "station"))
    assert len(story.build._kept) == 3
    assert story.ask(Scope("S9", "station")) == 10
