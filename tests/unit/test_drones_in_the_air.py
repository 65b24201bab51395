"""Whether a drone is in the air: by height, by speed, by what it told before; on real logs and the demo's fleet."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.drones import AIRBORNE_M, AIRBORNE_MPS, GROUND_M, HOVERS_S, DroneBook, in_the_air
from data_feeds.model import DroneTelemetry
from tests.unit.simulated import HOUR_S, a_life, decoded, lived
from tests.unit.test_flight_logs import told

T0 = datetime(2026, 11, 20, 8, tzinfo=UTC)


def telling(seconds: float = 0.0, height_m: float | None = None, speed_mps: float | None = None) -> DroneTelemetry:
    at = T0 + timedelta(seconds=seconds)
    return DroneTelemetry("D1", 1.0, 2.0, at, height_m=height_m, speed_mps=speed_mps)


def shown(messages: list[DroneTelemetry]) -> list[bool]:
    """Whether the drone is in the air for the wall after each message."""
    book, airborne = DroneBook(), []
    for message in messages:
        book.apply_telemetry(message)
        (drone,) = (drone for drone in book.drones() if drone.telemetry.drone_id == message.drone_id)
        airborne.append(drone.airborne)
    return airborne


@pytest.mark.parametrize(
    ("height_m", "speed_mps", "flies"),
    [
        (None, None, True), (None, 0.0, True), (0.0, None, False), (0.0, 0.0, False), (2.0, 0.0, False),
        (2.1, 0.0, True), (-2.0, None, False), (-2.1, None, True), (80.0, 0.0, True), (-5.2, None, True),
        (0.0, 2.0, False), (0.0, 2.1, True), (-1.4, 12.0, True),
    ],
)  # fmt: skip
def test_what_one_message_tells(height_m, speed_mps, flies):
    assert in_the_air(telling(0.0, height_m, speed_mps)) is flies
    assert shown([telling(0.0, height_m, speed_mps)]) == [flies]


STEPS = st.lists(
    st.tuples(
        st.floats(0.1, 100.0),
        st.none() | st.floats(-4.0, 4.0) | st.sampled_from([0.0, GROUND_M, -GROUND_M, AIRBORNE_M, -AIRBORNE_M]),
        st.none() | st.floats(0.0, 4.0),
    ),
    min_size=1,
    max_size=30,
)


@given(STEPS)
def test_a_drone_that_flew_hovers_low_for_a_minute_and_none_flies_on_its_dock(steps):
    at, messages = 0.0, []
    for step_s, height_m, speed_mps in steps:
        at += step_s
        messages.append(telling(at, height_m, speed_mps))
    flew_s = -math.inf
    for message, airborne in zip(messages, shown(messages), strict=True):
        at, height_m = message.time.timestamp(), message.height_m
        flies = height_m is None or abs(height_m) > AIRBORNE_M or (message.speed_mps or 0.0) > AIRBORNE_MPS
        if flies:
            flew_s = at
        elif abs(height_m) <= GROUND_M:
            flew_s = -math.inf
        if abs(at - flew_s - HOVERS_S) > 0.01:
            assert airborne == (flies or at - flew_s <= HOVERS_S)


def test_a_flight_below_its_take_off_is_one():
    """Half of it was flown below the height of the take-off, 16 s of that hovering 0.7 to 1.5 m below."""
    messages, _ = told("dji_srt.toml", "drones/MAVIC3.srt.gz")
    heights = [message.height_m for message in messages]
    assert (min(heights), sum(height < 0 for height in heights)) == (-5.2, 129)
    assert sum(abs(height) <= AIRBORNE_M for height in heights) == 16
    assert all(shown(messages))


@pytest.mark.parametrize(
    ("mapping", "name"),
    [("dji_srt.toml", "mavic_pro.SRT"), ("dji_srt.toml", "matrice_300.srt"),
     ("arducopter_csv.toml", "arducopter_log171.csv")],
)  # fmt: skip
def test_a_drone_flies_from_take_off_to_landing(mapping, name):
    airborne = shown(told(mapping, f"drones/{name}")[0])
    first, last = airborne.index(True), len(airborne) - airborne[::-1].index(True)
    assert 0 < first < last < len(airborne)
    assert all(airborne[first:last])


def test_the_demos_drones_do_not_fly_on_their_docks():
    messages, _ = decoded(lived(a_life(300, 1), int(HOUR_S / 2), 5.0))
    fleet = [message for _, _, message in messages if isinstance(message, DroneTelemetry)]
    docked = [message.fov_deg is None for message in fleet]  # it looks nowhere
    assert any(docked)
    assert not all(docked)
    wrong = [m for m, on_dock, flies in zip(fleet, docked, shown(fleet), strict=True) if on_dock and flies]
    assert not wrong
