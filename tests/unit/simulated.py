"""A small city and its life, for tests: made once, stepped through time, everything decoded as the wall does."""

from __future__ import annotations

from functools import cache

from data_feeds.messages import DecodeError, Decoder, Tombstone
from data_feeds.model import Message, Topic
from data_feeds.simulator import city as cities
from data_feeds.simulator.city import City
from data_feeds.simulator.life import Habits, Life
from data_feeds.simulator.outbox import Said

MONDAY_S = 1_795_363_200.0  # 2026-11-23 00:00 in Shanghai
HOUR_S = 3600.0


@cache
def a_city(seed: int = 1) -> City:
    return cities.build(seed)


def a_life(units: int = 150, seed: int = 1, at_s: float = MONDAY_S + 10 * HOUR_S, **habits: object) -> Life:
    return Life(a_city(), units, seed, at_s, Habits(**habits))


def lived(life: Life, seconds: int, step_s: float = 1.0, at_s: float = MONDAY_S + 10 * HOUR_S) -> list[tuple]:
    """(Unix second, topic, key, value) of everything that is said."""
    told = [(at_s, *said) for said in life.begin()]
    for k in range(1, int(seconds / step_s) + 1):
        now_s = at_s + k * step_s
        told += [(now_s, *said) for said in life.step(now_s)]
    return told


def decoded(told: list[tuple]) -> tuple[list[tuple[float, Topic, Message | Tombstone]], list[DecodeError]]:
    """The messages that the wall takes, and what it refuses."""
    decoder, taken, refused = Decoder(), [], []
    for now_s, topic, key, value in told:
        try:
            taken.append((now_s, topic, decoder.decode(topic, key, value, now_s * 1000)))
        except DecodeError as error:
            refused.append(error)
    return taken, refused


__all__ = ["HOUR_S", "MONDAY_S", "Said", "a_city", "a_life", "decoded", "lived"]
