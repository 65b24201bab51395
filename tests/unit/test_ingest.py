"""The pump over a scripted feed: what is good reaches the board, what is not the dead letters, nothing stops it."""

import json
import logging
from datetime import UTC, datetime

from data_feeds.board import Board
from data_feeds.clock import ReplayClock, SystemClock
from data_feeds.feed import PlainRecord
from data_feeds.health import FeedMonitor
from data_feeds.ingest import Pump
from data_feeds.messages import Decoder
from data_feeds.model import DEFAULT_TOPIC_NAMES, Topic

NAMES = {name: topic for topic, name in DEFAULT_TOPIC_NAMES.items()}


class ScriptedFeed:
    def __init__(self, *polls):
        self.polls, self.letters, self.room = list(polls), [], 10**6

    def open(self): ...
    def close(self): ...

    def reread(self):
        self.reread_asked = True

    def poll(self, timeout_s):
        return self.polls.pop(0) if self.polls else []

    def caught_up(self):
        return not self.polls

    def health(self):
        return []

    def dead_letter(self, letters):
        self.letters += letters[: self.room]
        return max(0, len(letters) - self.room)


def record(topic, key, value, offset=0):
    value = json.dumps(value).encode() if isinstance(value, dict) else value
    return PlainRecord(DEFAULT_TOPIC_NAMES[topic], 0, offset, 0, key.encode(), value)


def fix(unit_id, when="2026-01-01T00:00:00Z", **more):
    return record(Topic.POSITION, unit_id, {"unit_id": unit_id, "lat": 26.0, "lon": 105.0, "fix_time": when, **more})


def pump(feed, clock=None):
    board, monitor, changes = Board(100, 60.0, 10.0), FeedMonitor(15.0, 60.0), []
    p = Pump(feed, Decoder(), board, clock or SystemClock(), monitor, NAMES, changes.append)
    return p, board, monitor, changes


def test_good_and_bad_in_one_poll():
    feed = ScriptedFeed([fix("P-1"), record(Topic.POSITION, "P-2", b"poison", 7), fix("P-3")])
    p, board, monitor, changes = pump(feed)
    assert p.step(0.0) == 3
    assert [d["unit_id"] for d in board.unit_details()] == ["P-1", "P-3"]
    letter = feed.letters[0]
    assert (letter.topic, letter.offset, letter.value, letter.reason) == (
        "wall.unit.position",
        7,
        b"poison",
        "not_json",
    )
    assert monitor.problems == {"not_json": 1}
    assert changes == [{Topic.POSITION}]
    assert p.caught_up.is_set()


def test_a_cause_is_logged_once_with_its_place(caplog):
    feed = ScriptedFeed([record(Topic.POSITION, "P-2", b"secret poison", k) for k in range(5)])
    with caplog.at_level(logging.WARNING):
        pump(feed)[0].step(0.0)
    lines = [r.getMessage() for r in caplog.records]
    assert len(lines) == 1
    assert "wall.unit.position[0] offset 0" in lines[0]
    assert "secret" not in lines[0]


def test_letters_without_room_are_counted():
    feed = ScriptedFeed([record(Topic.POSITION, "P", b"x", k) for k in range(5)])
    feed.room = 2
    p, _, monitor, _ = pump(feed)
    p.step(0.0)
    assert monitor.problems["dead_letters_dropped"] == 3


def test_a_record_of_a_strange_topic_is_a_dead_letter():
    feed = ScriptedFeed([PlainRecord("else", 0, 0, 0, b"k", b"{}")])
    p, _, monitor, _ = pump(feed)
    p.step(0.0)
    assert monitor.problems == {"unexpected_topic": 1}


def test_html_in_a_text_is_only_a_text():
    feed = ScriptedFeed([record(Topic.ROSTER, "P-1", {"unit_id": "P-1", "callsign": "<script>alert(1)</script>"})])
    p, board, _, _ = pump(feed)
    p.step(0.0)
    assert board.unit_details()[0]["callsign"] == "<script>alert(1)</script>"


def test_a_replay_is_judged_by_its_own_clock():
    def tick(when):
        return record(Topic.CLOCK, "clock", {"now": when, "speed": 1, "lacks": ["incident.place_class"]})

    feed = ScriptedFeed(
        [tick("2008-05-30T07:00:00Z")],
        [fix("P-1", "2008-05-30T07:00:00Z"), fix("P-2", "2008-05-30T09:00:00Z")],
        [tick("2008-05-30T06:00:00Z")],
        [fix("P-1", "2008-05-30T06:00:00Z")],
    )
    clock = ReplayClock()
    p, board, monitor, _ = pump(feed, clock)
    p.step(0.0), p.step(0.0)
    assert [d["unit_id"] for d in board.unit_details()] == ["P-1"]
    assert monitor.problems == {"future_time": 1}
    assert p.clock_message.lacks == ["incident.place_class"]
    p.step(0.0), p.step(0.0)  # the replay begins again: an earlier fix is right now
    assert board.unit_details()[0]["fix_time"] == datetime(2008, 5, 30, 6, tzinfo=UTC).timestamp() * 1000


def test_a_fast_replay_allows_its_own_delay():
    start = record(Topic.CLOCK, "clock", {"now": "2008-05-30T07:00:00Z", "speed": 60})
    p, board, _, _ = pump(ScriptedFeed([start], [fix("P-1", "2008-05-30T07:30:00Z")]), ReplayClock())
    p.step(0.0), p.step(0.0)
    assert len(board.unit_details()) == 1


def test_what_nobody_foresaw_costs_one_record_and_not_the_poll(monkeypatch):
    feed = ScriptedFeed([fix("P-1"), fix("P-2"), fix("P-3")])
    p, board, monitor, _ = pump(feed)
    decode = p._decoder.decode

    def stumbling(topic, key, value, now_ms):
        if key == b"P-2":
            raise OverflowError("no one thought of this")
        return decode(topic, key, value, now_ms)

    monkeypatch.setattr(p._decoder, "decode", stumbling)
    p.step(0.0)
    assert [d["unit_id"] for d in board.unit_details()] == ["P-1", "P-3"]
    assert (monitor.problems, feed.letters[0].reason) == ({"internal": 1}, "internal")


def test_a_batch_that_fails_is_applied_one_by_one(monkeypatch):
    p, board, monitor, changes = pump(ScriptedFeed([fix("P-1"), fix("P-2"), fix("P-3")]))
    apply = board.apply

    def failing(batch, mono_s):
        if any(message.unit_id == "P-2" for _, message in batch):
            raise ValueError("this one")
        return apply(batch, mono_s)

    monkeypatch.setattr(board, "apply", failing)
    p.step(0.0)
    assert [d["unit_id"] for d in board.unit_details()] == ["P-1", "P-3"]
    assert monitor.problems == {"board_error": 1}
    assert changes == [{Topic.POSITION}]


def clock_at(when, speed=1):
    return record(Topic.CLOCK, "clock", {"now": when, "speed": speed})


def test_what_came_before_a_replay_began_again_is_of_another_run():
    early, late = "2008-05-30T07:00:00Z", "2008-05-31T07:00:00Z"
    roster = record(Topic.ROSTER, "P-1", {"unit_id": "P-1", "callsign": "one"})
    feed = ScriptedFeed(
        [clock_at(late)],
        [fix("P-1", late), roster, clock_at(early), fix("P-2", early), fix("P-3", late)],
    )
    p, board, _, _ = pump(feed, ReplayClock())
    p.step(0.0), p.step(0.0)
    assert [(d["unit_id"], d["lat"]) for d in board.unit_details()] == [("P-1", None), ("P-2", 26.0)]


def test_what_an_earlier_run_left_ahead_of_the_first_clock_is_forgotten():
    early, late = "2008-05-30T07:00:00Z", "2008-05-31T07:00:00Z"
    feed = ScriptedFeed([fix("P-1", late)], [clock_at(early)], [fix("P-1", early)])
    p, board, _, _ = pump(feed, ReplayClock())
    p.step(0.0), p.step(0.0), p.step(0.0)
    assert board.unit_details()[0]["fix_time"] == datetime(2008, 5, 30, 7, tzinfo=UTC).timestamp() * 1000


class SteppingClock(SystemClock):
    ahead_ms = 0.0

    def now_ms(self):
        return super().now_ms() + self.ahead_ms


def test_a_clock_set_forward_reads_the_states_again():
    feed, clock = ScriptedFeed(), SteppingClock()
    feed.reread_asked = False
    p, _, monitor, _ = pump(feed, clock)
    p._look_at_the_clock()
    clock.ahead_ms = -3_600_000.0
    p._look_at_the_clock()
    assert not feed.reread_asked
    clock.ahead_ms = 0.0
    p._look_at_the_clock()
    assert feed.reread_asked
    assert monitor.problems == {"clock_stepped": 1}


def test_the_thread_survives_an_error_it_does_not_know():
    class Stumbling(ScriptedFeed):
        def poll(self, timeout_s):
            if self.polls and self.polls[0] == "stumble":
                self.polls.pop(0)
                raise OSError("once")
            return super().poll(timeout_s)

    feed = Stumbling("stumble", [fix("P-1")])
    p, board, monitor, _ = pump(feed)
    p.start()
    assert p.caught_up.wait(10)
    p.stop()
    assert monitor.problems["pump_error"] == 1
    assert len(board.unit_details()) == 1
    assert not p.alive
