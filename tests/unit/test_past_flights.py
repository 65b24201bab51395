"""The past of the demo city's drones: the same whoever asks, as the live fleet flies, within the city, written once."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from data_feeds.drones import in_the_air
from data_feeds.history.drone_rows import FLIGHT, SIGHT
from data_feeds.history.homes import Homes
from data_feeds.history.store import Put, StoreError
from data_feeds.model import Detection, DroneTelemetry
from data_feeds.places import from_geojson
from data_feeds.scopes import Scopes
from data_feeds.simulator import past_flights
from data_feeds.simulator.gaps import Gap
from data_feeds.simulator.past_flights import PastFlights, midnight
from data_feeds.simulator.sightings import KINDS
from tests.unit.simulated import HOUR_S, MONDAY_S, a_city, a_life, decoded, lived

ZONE = ZoneInfo("Asia/Shanghai")
UNITS, SEED = 300, 1
DAY = date(2026, 11, 20)
EVER_S = 4e9


@pytest.fixture(scope="module")
def flights():
    return PastFlights(a_city(), UNITS, SEED)


@pytest.fixture(scope="module")
def day(flights):
    return flights.tables([DAY], EVER_S)


def test_a_day_is_always_the_same_and_what_is_cut_is_left_out_only(flights, day):
    flown, seen = day
    again = PastFlights(a_city(), UNITS, SEED).tables([DAY + timedelta(days=1), DAY], EVER_S)
    assert again[0].slice(len(again[0]) - len(flown)).equals(flown)
    until_s = midnight(DAY, ZONE) + 9.5 * HOUR_S
    gap = Gap(int((until_s - 3 * HOUR_S) * 1000), int((until_s - HOUR_S) * 1000))
    for whole, cut in zip(day, flights.tables([DAY], until_s, [gap]), strict=True):
        at_ms = whole["at_ms"].to_numpy()
        kept = (at_ms < until_s * 1000) & ((at_ms < gap.begin_ms) | (at_ms >= gap.end_ms))
        assert 0 < kept.sum() < len(whole)
        assert cut.equals(whole.filter(kept))
    assert flown.schema == FLIGHT
    assert seen.schema == SIGHT
    assert len(set(seen["detection_id"].to_pylist())) == len(seen)


def test_what_was_flown_lies_in_the_city(day):
    homes = Homes(Scopes(from_geojson(a_city().places)))
    for table in day:
        branch, station, zone = homes.at(table["lat"].to_numpy(), table["lon"].to_numpy())
        for level in (branch, station, zone):
            assert np.mean([name != "" for name in level.to_pylist()]) > 0.97


def test_as_many_fly_and_find_as_much_as_of_the_live_fleet(day):
    flown, seen = day
    hours = 1.5
    messages, _ = decoded(lived(a_life(UNITS, SEED), int(hours * HOUR_S), 5.0))
    live, found = set(), 0
    for now_s, _, message in messages:
        if isinstance(message, DroneTelemetry) and in_the_air(message):
            live.add((message.drone_id, int(now_s // 60)))
        found += isinstance(message, Detection)
    minutes = flown["at_ms"].to_numpy() // 60_000
    past = set(zip(flown["drone_id"].to_pylist(), minutes.tolist(), strict=True))
    assert len(past) / 24 == pytest.approx(len(live) / hours, rel=0.2)
    assert len(seen) / len(past) == pytest.approx(found / len(live), rel=0.3)
    assert {drone for drone, _ in past} == {f"D{n:02d}" for n in range(1, UNITS // 100 + 1)}
    assert set(seen["kind"].to_pylist()) <= {kind for kinds in KINDS.values() for kind in kinds}
    assert not [name for name in flown["mission"].to_pylist() if not name]


def test_a_city_without_drones_has_no_past_of_them():
    assert [len(table) for table in PastFlights(a_city(), 0, SEED).tables([DAY], EVER_S)] == [0, 0]


class Kept:
    """Rows by key and offsets, as a history keeps them; may fail at a given put."""

    def __init__(self, fails_at=()):
        self.flown, self.seen, self.marks, self.puts, self.fails_at = set(), {}, {}, 0, set(fails_at)

    def offsets(self, origin):
        return dict(self.marks)

    def put_incidents(self, incidents, origin, offsets):
        self._put()
        self.marks |= offsets
        return Put()

    def run(self, query):
        before = [at for _, at in self.flown if at < query.before_ms]
        return pa.table({"last_ms": pa.array([max(before, default=None)], pa.int64())})

    def put_flown(self, table):
        self._put()
        self.flown |= set(zip(table["drone_id"].to_pylist(), table["at_ms"].to_pylist(), strict=True))

    def put_seen(self, table):
        self._put()
        self.seen |= {row["detection_id"]: row for row in table.to_pylist()}

    def _put(self):
        self.puts += 1
        if self.puts in self.fails_at:
            raise StoreError("the disk is full")


NOW_S = MONDAY_S + 10 * HOUR_S
DAYS = 5


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch):
    monkeypatch.setattr(past_flights, "SLICE_DAYS", 2)


def seeded(kept, flights, now_s=NOW_S, wait=lambda s: False, months=14):
    return past_flights.seed(kept, flights, now_s, months, wait, DAYS)


def test_days_are_written_once_whatever_happens_between(flights):
    whole = Kept()
    assert seeded(whole, flights)
    first, last = min(at for _, at in whole.flown), max(at for _, at in whole.flown)
    assert midnight(date(2026, 11, 19), ZONE) * 1000 <= first < last < NOW_S * 1000
    puts = whole.puts
    assert seeded(whole, flights, NOW_S + 60)
    assert whole.puts == puts
    broken, stops = Kept({2, 3, 5, 6, 9}), iter([True, False, True])
    for later in range(20):  # an hour later each time: what happened meanwhile was recorded
        broken.flown.add(("D1", int((NOW_S + later * HOUR_S) * 1000) - 1))
        try:
            if seeded(broken, flights, NOW_S + later * HOUR_S, lambda s: next(stops, False)):
                break
        except StoreError:
            pass
    assert {one for one in broken.flown if one[1] < NOW_S * 1000 - 1} == whole.flown
    assert broken.seen == whole.seen
    nothing = Kept()
    assert seeded(nothing, flights, months=0)
    assert nothing.puts == 0


def test_what_was_flown_while_no_wall_ran_is_told_by_the_next(flights):
    kept, later_s = Kept(), NOW_S + 26 * HOUR_S
    assert seeded(kept, flights)
    before, last = set(kept.flown), max(at for _, at in kept.flown)
    assert seeded(kept, flights, later_s)
    more = kept.flown - before
    assert kept.flown >= before
    assert last + 60_000 <= min(at for _, at in more)
    assert max(at for _, at in more) < later_s * 1000
    assert len(more) == pytest.approx(len(before) / len(hours(before)) * 26, rel=0.2)
    assert seeded(kept, flights, later_s + 90 * 86_400)
    assert min(at for _, at in kept.flown - before - more) >= (later_s + 82 * 86_400) * 1000


def hours(flown):
    return {at // 3_600_000 for _, at in flown}
