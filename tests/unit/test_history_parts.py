"""The pure parts of a history: the city's clock, areas of many points, silences."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data_feeds.areas import Area
from data_feeds.history.local_time import EARLIEST_MS, LATEST_MS, LocalTime
from data_feeds.history.silence import SLOT_MS, silences
from data_feeds.history.zoning import NOWHERE, Zoning

ZONES = ["America/Chicago", "Asia/Shanghai", "Australia/Lord_Howe", "Africa/Monrovia", "Pacific/Apia", "UTC"]
CHICAGO_2024 = int(datetime(2024, 3, 10, 8, tzinfo=UTC).timestamp() * 1000)
SHANGHAI_1991 = int(datetime(1991, 4, 13, 18, tzinfo=UTC).timestamp() * 1000)
MOMENTS = st.integers(EARLIEST_MS, LATEST_MS - 1) | st.sampled_from([CHICAGO_2024, SHANGHAI_1991]).flatmap(
    lambda change: st.integers(change - 10**8, change + 10**8)
)


@given(st.lists(MOMENTS, min_size=1, max_size=50), st.sampled_from(ZONES), st.sampled_from([0, 1, 480, 1439]))
@example([CHICAGO_2024 - 1, CHICAGO_2024], "America/Chicago", 0)
@example([63_593_070_000 - 1, 63_593_070_000], "Africa/Monrovia", 0)  # within an hour, by 44 minutes and 30 seconds
def test_columns_of_many_times_are_those_of_each(moments, zone, start):
    got = LocalTime(ZoneInfo(zone), start).columns(np.array(moments, np.int64))
    for k, ms in enumerate(moments):
        wall = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
        wall = wall.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        business = wall - timedelta(minutes=start)
        told = (date(1970, 1, 1) + timedelta(days=int(got.day[k])), got.minute[k], got.hour[k], got.weekday[k])
        assert told == (business.date(), business.hour * 60 + business.minute, wall.hour, business.isoweekday())


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES[:3]), st.sampled_from([0, 150, 480]))
@example(date(2024, 3, 10), "America/Chicago", 150)  # 02:30 is skipped
@example(date(2024, 11, 3), "America/Chicago", 90)  # 01:30 comes twice
def test_a_day_begins_where_its_first_minute_is(day, zone, start):
    local = LocalTime(ZoneInfo(zone), start)
    begin, end = local.begin_ms(day), local.begin_ms(day, 1440)
    assert end == local.begin_ms(day + timedelta(days=1))
    assert 22 * 3_600_000 < end - begin < 26 * 3_600_000
    assert local.day_of(begin + 3_600_000) == day
    assert local.days(begin + 3_600_000, end - 3_600_000) == {day}


def star(rng, x, y, size):
    angles = np.sort(rng.random(12)) * 2 * np.pi
    ring = np.column_stack([x + size * rng.uniform(0.4, 1, 12) * np.cos(angles), y + size * np.sin(angles) / 2])
    return Area.of([[np.vstack([ring, ring[:1]])]])


@pytest.mark.parametrize("seed", range(4))
def test_the_grid_says_what_the_outlines_say(seed):
    rng = np.random.default_rng(seed)
    areas = [star(rng, 105 + k % 3, 26 + k // 3, 0.2 + rng.random()) for k in range(9)]  # they overlap
    lat, lon = rng.uniform(24.5, 29.5, 20_000), rng.uniform(103.5, 108.5, 20_000)
    lat[:5], lon[5:8] = np.nan, np.inf
    wanted = np.full(len(lat), NOWHERE)
    for index in reversed(range(9)):
        wanted[areas[index].holds(lat, lon)] = index
    zoning = Zoning(areas)
    np.testing.assert_array_equal(zoning.at(lat[:100], lon[:100]), wanted[:100])  # few: without a grid
    np.testing.assert_array_equal(zoning.at(lat, lon), wanted)
    np.testing.assert_array_equal(zoning.at(lat[:100], lon[:100]), wanted[:100])
    assert (Zoning([]).at(lat, lon) == NOWHERE).all()


WEEK = 7 * 86_400_000 // SLOT_MS
BEGIN = 2_800 * WEEK


def told(per_day, weeks, seed=1, night=0.2):
    """Slots and counts of Poisson incidents, fewer at night."""
    rng = np.random.default_rng(seed)
    slot = np.arange(weeks * WEEK)
    rate = per_day / 144 * np.where(slot % 144 < 48, night, (144 - 48 * night) / 96)
    counts = rng.poisson(rate)
    return BEGIN + slot, counts


def found(slots, counts):
    return silences(slots[counts > 0], counts[counts > 0])


@pytest.mark.parametrize("per_day", [5, 40, 300, 3_000])
def test_chance_makes_no_silence(per_day):
    assert sum(len(found(*told(per_day, 100, seed))) for seed in range(5)) == 0


def test_a_hole_by_day_is_a_silence_and_a_quiet_night_is_none():
    slots, counts = told(300, 20)
    day, night = 10 * WEEK + 90, 12 * WEEK + 10
    counts[day : day + 12] = 0
    counts[night : night + 12] = 0
    assert min(counts[day - 1], counts[day + 12]) > 0
    (silence,) = found(slots, counts)
    assert (silence.begin_ms, silence.end_ms) == ((BEGIN + day) * SLOT_MS, (BEGIN + day + 12) * SLOT_MS)
    assert 14 < silence.expected < 50


def test_holes_of_weeks_are_silences_from_end_to_end():
    slots, counts = told(100, 60)
    counts[20 * WEEK + 500 : 40 * WEEK + 500] = 0
    (silence,) = found(slots, counts)
    assert abs(silence.begin_ms - (BEGIN + 20 * WEEK + 500) * SLOT_MS) < 20 * SLOT_MS
    assert abs(silence.end_ms - (BEGIN + 40 * WEEK + 500) * SLOT_MS) < 20 * SLOT_MS


def test_where_a_busier_source_begins_the_quieter_one_was_not_silent():
    quiet, busy = told(15, 50), told(1_000, 50, 2)
    slots = np.concatenate([quiet[0], busy[0] + 50 * WEEK])
    assert found(slots, np.concatenate([quiet[1], busy[1]])) == []


def test_short_histories_are_not_judged():
    slots, counts = told(1_000, 2)
    counts[500:700] = 0
    assert found(slots, counts) == []
    assert silences(np.zeros(0, np.int64), np.zeros(0, np.int64)) == []
