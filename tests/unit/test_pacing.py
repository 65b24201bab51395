"""A timeline at a chosen speed, on a clock that is moved by hand."""

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.board import Board
from data_feeds.clock import ReplayClock
from data_feeds.health import FeedMonitor
from data_feeds.ingest import Pump
from data_feeds.mapping_file import parse
from data_feeds.messages import Decoder
from data_feeds.model import CLOCK_KEY, DEFAULT_TOPIC_NAMES, Clock, Topic, VehiclePosition
from data_feeds.pacing import CLOCK_EVERY_S, MAX_BEHIND_S, STEP_S, Pace, Player
from data_feeds.queue_feed import QueueFeed
from data_feeds.reading import Report
from data_feeds.settings import Settings
from data_feeds.targets import QueueTarget
from data_feeds.timeline import Timeline, Window, load
from tests.unit.hand_clock import HandClock

START_S = 1_717_401_600
MAPPING = parse({
    "source": "T", "columns": {"t": {"format": "unix_s"}},
    "emit": [
        {"topic": "position", "at": "t", "fields": {"unit_id": "u", "lat": "lat", "lon": "lat", "fix_time": "t"}},
        {"topic": "status", "at": "t", "on_change": True, "fields": {"unit_id": "u", "status": {"value": "AVAILABLE"}}},
    ],
}, Path("m.toml"))  # fmt: skip


class Steps(HandClock):
    """Time passes only by waiting, or by a target that takes its time."""

    stop_at_s = float("inf")

    def wait(self, seconds: float) -> bool:
        assert seconds <= CLOCK_EVERY_S + 1e-6
        super().wait(seconds)
        return self.s >= self.stop_at_s


class Sink:
    """Keeps (real seconds, topic, key, value) of every record; each record takes ``cost_s``."""

    def __init__(self, clock: Steps, remembers: bool = False, cost_s: float = 0.0) -> None:
        self.clock, self.remembers, self.cost_s = clock, remembers, cost_s
        self.settle_s = 0.5 if remembers else 0.0
        self.records: list[tuple] = []

    def send(self, topic: Topic, key: bytes, value: bytes | None) -> None:
        self.clock.s += self.cost_s
        self.records.append((self.clock.s, topic, key, value))

    def flush(self) -> None:
        pass

    def clocks(self) -> list[tuple[float, float, float]]:
        """(real seconds, seconds after START_S, speed) of every clock message."""
        found = []
        for at_s, topic, key, value in self.records:
            if topic is Topic.CLOCK:
                assert key == CLOCK_KEY
                message = msgspec.json.decode(value, type=Clock)
                found.append((at_s, message.now.timestamp() - START_S, message.speed))
        return found

    def fixes(self) -> list[tuple[float, float]]:
        """(real seconds, seconds after START_S) of every position."""
        return [(at_s, _time(value) - START_S) for at_s, topic, _, value in self.records if topic is Topic.POSITION]


def _time(value: bytes) -> float:
    return msgspec.json.decode(value, type=VehiclePosition).fix_time.timestamp()


class Walked:
    """Counts how far it was told the replay is."""

    def __init__(self) -> None:
        self.events = 0

    def advance(self, events: int, at_us: int) -> None:
        self.events += events


def timeline(tmp_path: Path, seconds: list[float]) -> Timeline:
    path = tmp_path / "f.csv"
    path.write_text("t,u,lat\n" + "".join(f"{START_S + s},u{n % 3},1\n" for n, s in enumerate(seconds)))
    return load([(MAPPING, [path])], Window(), Report())


def player(line: Timeline, sink: Sink, speed: float) -> tuple[Player, Walked]:
    walked = Walked()
    return Player(line, sink, sink.clock, sink.clock.wait, walked, speed, "T", ["incident"]), walked


moments = st.lists(st.floats(0, 300).map(lambda s: round(s, 3)), min_size=1, max_size=40)


@given(moments, st.sampled_from([1.0, 7.5, 60.0]))
def test_every_record_leaves_when_due_and_never_before_the_clock_says_so(tmp_path_factory, seconds, speed):
    clock = Steps()
    sink = Sink(clock)
    play, walked = player(timeline(tmp_path_factory.mktemp("f"), seconds), sink, speed)
    assert play.play()
    first = min(seconds)
    began_s = 0.0
    fixes = sink.fixes()
    assert [at for _, at in fixes] == pytest.approx(sorted(seconds), abs=1e-5)
    for sent_s, at in fixes:
        due_s = began_s + (at - first) / speed
        assert due_s - 1e-6 <= sent_s <= due_s + STEP_S + 1e-6
    clocks = sink.clocks()
    assert clocks[0] == (began_s, pytest.approx(first, abs=1e-5), speed)
    assert clocks[-1][1:] == (pytest.approx(max(seconds), abs=1e-5), 1.0)
    for told_s, at, _ in clocks[:-1]:
        assert at == pytest.approx(first + (told_s - began_s) * speed, abs=1e-3)
    gaps = [b[0] - a[0] for a, b in pairwise(clocks)]
    assert all(gap <= CLOCK_EVERY_S + STEP_S + 1e-6 for gap in gaps)
    assert walked.events == 2 * len(seconds)


@given(st.floats(0.01, 100_000), st.integers(0, 10**9), st.floats(0, 1e5))
def test_pace_and_its_inverse_agree(speed, offset_us, now_s):
    pace = Pace(START_S * 1_000_000, speed, now_s)
    at_us = START_S * 1_000_000 + offset_us
    assert pace.position_us(pace.due_s(at_us)) == pytest.approx(at_us, abs=2 + speed * 1e6 * 1e-9)


def test_no_pace_without_speed():
    with pytest.raises(ValueError, match="above 0"):
        Pace(0, 0.0, 0.0)


def test_speed_0_sends_everything_at_once_and_the_clock_says_the_end(tmp_path):
    sink = Sink(Steps())
    play, walked = player(timeline(tmp_path, [500.0, 0.0, 9000.0]), sink, 0)
    assert play.play()
    assert [at for _, at in sink.fixes()] == [0.0, 500.0, 9000.0]
    assert sink.clock.s == 0.0
    assert [clock[1] for clock in sink.clocks()] == [9000.0, 9000.0]
    assert sink.records[0][1] is Topic.CLOCK
    assert walked.events == 6


def test_a_slow_target_slows_the_clock(tmp_path):
    sink = Sink(Steps(), cost_s=0.5)
    play, _ = player(timeline(tmp_path, [float(n) for n in range(30)]), sink, 60)
    assert play.play()
    assert play.stalls > 0
    for sent_s, at in sink.fixes():
        said_s, said, speed = [clock for clock in sink.clocks() if clock[0] <= sent_s][-1]
        now = said + (sent_s - said_s) * speed
        assert at <= now + 1e-6
        assert now - at <= (MAX_BEHIND_S + CLOCK_EVERY_S + 31 * sink.cost_s) * speed


def test_stopping_ends_it_early(tmp_path):
    sink = Sink(Steps())
    sink.clock.stop_at_s = 3.0
    play, _ = player(timeline(tmp_path, [0.0, 1.0, 600.0]), sink, 1)
    assert not play.play()
    assert [at for _, at in sink.fixes()] == [0.0, 1.0]


def test_the_clock_carries_source_and_what_it_lacks(tmp_path):
    sink = Sink(Steps())
    player(timeline(tmp_path, [0.0]), sink, 1)[0].play()
    message = msgspec.json.decode(sink.records[0][3], type=Clock)
    assert (message.source, message.lacks) == ("T", ["incident"])


@pytest.mark.parametrize(("remembers", "again", "cleared"), [(False, False, 0), (True, False, 3), (False, True, 3)])
def test_what_an_earlier_run_left_is_removed_first(tmp_path, remembers, again, cleared):
    sink = Sink(Steps(), remembers)
    player(timeline(tmp_path, [0.0, 1.0, 2.0, 3.0]), sink, 60)[0].play(again)
    tombstones = [record for record in sink.records if record[3] is None]
    assert tombstones == sink.records[:cleared]
    assert {record[1] for record in tombstones} <= {Topic.STATUS}
    # the walls have half a second to hear the new time before anything else comes
    assert sink.fixes()[0][0] - sink.clocks()[0][0] == sink.settle_s
    speeds = [speed for _, _, speed in sink.clocks()]
    assert speeds[:2] == ([1.0, 60.0] if cleared else [60.0, 1.0])


def test_a_second_round_says_the_same_again(tmp_path):
    sink = Sink(Steps())
    play, _ = player(timeline(tmp_path, [0.0, 1.0, 2.0]), sink, 60)
    play.play()
    once = [(topic, key, value) for _, topic, key, value in sink.records]
    sink.records.clear()
    play.play(again=True)
    # after the tombstones and the step back
    assert [(topic, key, value) for _, topic, key, value in sink.records][4:] == once


@pytest.mark.parametrize("speed", [0, 1, 600])
def test_a_wall_goes_back_with_a_second_run_however_fast(tmp_path, speed):
    steady = Steps()
    feed = QueueFeed({name: topic for topic, name in DEFAULT_TOPIC_NAMES.items()}, steady)
    board, monitor = Board(10, 60.0, 10.0), FeedMonitor(15.0, 60.0)
    pump = Pump(feed, Decoder(), board, ReplayClock(), monitor, Settings().topic_of(), lambda changed: None)

    def places(seconds: list[float]) -> list[float]:
        target = QueueTarget(feed, Settings(), steady)
        Player(timeline(tmp_path, seconds), target, steady, steady.wait, Walked(), speed, "T", []).play(again=True)
        while pump.step(0.0):
            pass
        assert not monitor.problems
        return [unit["fix_time"] / 1000 - START_S for unit in board.unit_details()]

    assert places([100.0, 200.0, 300.0]) == [100.0, 200.0, 300.0]
    assert places([100.0, 110.0, 120.0]) == [100.0, 110.0, 120.0]
