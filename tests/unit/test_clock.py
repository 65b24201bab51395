import time

import pytest

from data_feeds.clock import ReplayClock, SystemClock


class Monotonic:
    """A stand-in for the machine's steady clock, moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def steady(monkeypatch):
    clock = Monotonic()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def test_system_clock_is_the_machines(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.5)
    clock = SystemClock()
    assert clock.now_ms() == 1_700_000_000_500.0
    assert clock.speed == 1.0
    assert not clock.replaying


def test_system_clock_measures_durations_on_the_steady_clock(steady):
    assert SystemClock().monotonic_s() == 1000.0
    assert ReplayClock().monotonic_s() == 1000.0


def test_replay_clock_stands_at_zero_until_told(steady):
    clock = ReplayClock()
    steady.now_s += 100.0
    assert clock.now_ms() == 0.0
    assert clock.speed == 1.0
    assert clock.replaying


@pytest.mark.parametrize(("speed", "elapsed_s", "expected_ms"), [(1.0, 2.0, 2_000.0), (60.0, 2.0, 120_000.0)])
def test_replay_clock_runs_on_at_the_published_speed(steady, speed, elapsed_s, expected_ms):
    clock = ReplayClock()
    clock.set(5_000.0, speed)
    steady.now_s += elapsed_s
    assert clock.now_ms() == 5_000.0 + expected_ms
    assert clock.speed == speed


def test_replay_clock_stands_still_when_nothing_is_heard(steady):
    clock = ReplayClock(hold_s=5.0)
    clock.set(0.0, 60.0)
    steady.now_s += 5.0
    held_ms = clock.now_ms()
    steady.now_s += 1_000.0
    assert clock.now_ms() == held_ms == 300_000.0


def test_replay_clock_takes_a_jump_back_when_the_replay_loops(steady):
    clock = ReplayClock()
    clock.set(90_000.0, 60.0)
    steady.now_s += 1.0
    clock.set(10_000.0, 60.0)
    assert clock.now_ms() == 10_000.0
