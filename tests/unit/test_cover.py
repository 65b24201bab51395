"""Cover, what sending a unit uncovers, and moves: against counting everything again from scratch."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.cover import cover, straight_cover, uncovered
from analytics.force import Force, OnRoads
from analytics.reach import Reach, Spot, snapped
from tests.unit.force_story import NOW_MS, on_roads, some_spots, some_units, unit

LOST_S = 300.0
SEEDS = st.integers(0, 10_000)


def times(spots: list[Spot], roads: OnRoads, ready: np.ndarray) -> np.ndarray:
    """(S, U) seconds, inf for who cannot be sent: one question a pair, without any table."""
    places = snapped(spots, roads)
    return np.array([
        [roads.times_s(places.take([s]), which=np.arange(len(roads.force)) == u)[0, u] if ready[u] else np.inf
         for u in range(len(roads.force))]
        for s in range(len(spots))
    ]).reshape(len(spots), len(roads.force))  # fmt: skip


def covered_by(spots: list[Spot], roads: OnRoads, ready: np.ndarray) -> dict[str, set[str]]:
    found = times(spots, roads, ready)
    return {
        spot.id: {roads.force.ids[u] for u in np.flatnonzero(found[s] <= spot.target_s)} for s, spot in enumerate(spots)
    }


def without(force: Force, unit_id: str, ready: np.ndarray) -> np.ndarray:
    return ready & (np.array(force.ids) != unit_id)


def at(roads: OnRoads, unit_id: str, lat: float, lon: float) -> OnRoads:
    """The same with one unit standing elsewhere."""
    force, which = roads.force, np.array(roads.force.ids) == unit_id
    moved = replace(force, lat=np.where(which, lat, force.lat), lon=np.where(which, lon, force.lon))
    return OnRoads.of(moved, roads.network)


@given(seed=SEEDS, units=st.integers(0, 8), count=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_cover_is_what_counting_from_scratch_finds(seed: int, units: int, count: int) -> None:
    roads, spots = on_roads(some_units(seed, units), seed), some_spots(seed, count)
    ready = roads.force.ready(NOW_MS, LOST_S)
    reach = Reach.of(spots, roads, ready)
    found = cover(spots, spots, roads, ready, reach, NOW_MS)
    all_s, want = times(spots, roads, ready), covered_by(spots, roads, ready)
    assert found.covered == sum(bool(who) for who in want.values())
    assert [row.margin_s or -np.inf for row in found.spots] == sorted(row.margin_s or -np.inf for row in found.spots)
    order = {spot.id: k for k, spot in enumerate(spots)}
    for row in found.spots:
        first_s = all_s[order[row.id]].min(initial=np.inf)
        if np.isinf(first_s):
            assert (row.unit_id, row.travel_s, row.margin_s) == (None, None, None)
            continue
        assert row.travel_s == pytest.approx(first_s, abs=0.06)
        assert all_s[order[row.id], roads.force.ids.index(row.unit_id)] == pytest.approx(first_s, abs=0.06)
        if abs(row.margin_s) > 0.1:
            assert (row.margin_s > 0) == bool(want[row.id])


@given(seed=SEEDS, units=st.integers(0, 8), count=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_a_unit_uncovers_what_is_not_covered_without_it(seed: int, units: int, count: int) -> None:
    roads, spots = on_roads(some_units(seed, units), seed), some_spots(seed, count)
    ready = roads.force.ready(NOW_MS, LOST_S)
    told = uncovered(Reach.of(spots, roads, ready), roads.force)
    before = covered_by(spots, roads, ready)
    all_s = times(spots, roads, ready)
    order = {spot.id: k for k, spot in enumerate(spots)}
    for unit_id in roads.force.ids:
        after = covered_by(spots, roads, without(roads.force, unit_id, ready))
        lost = {spot for spot in before if before[spot] and not after[spot]}
        assert {one.id for one in told.get(unit_id, [])} == lost
        for one in told.get(unit_id, []):
            rest = np.sort(np.delete(all_s[order[one.id]], roads.force.ids.index(unit_id)))
            if one.now_s is None:
                assert rest.min(initial=np.inf) > one.target_s + 119.0
            else:
                assert one.now_s == pytest.approx(rest[0], abs=0.06)
                assert one.now_s >= one.target_s


@given(seed=SEEDS, units=st.integers(1, 7), count=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_moves_mend_and_open_what_they_say(seed: int, units: int, count: int) -> None:
    roads, spots = on_roads(some_units(seed, units), seed), some_spots(seed, count)
    ready = roads.force.ready(NOW_MS, LOST_S)
    found = cover(spots, spots, roads, ready, Reach.of(spots, roads, ready), NOW_MS)
    state = covered_by(spots, roads, ready)
    moved = set()
    for move in found.moves:
        index = roads.force.ids.index(move.unit_id)
        assert ready[index]
        assert not roads.force.walks[index]
        assert move.unit_id not in moved
        assert len(move.mends) > len(move.opens)
        moved.add(move.unit_id)
        # a unit that walked off the road stands on it when it has moved
        roads = at(roads, move.unit_id, move.to.lat, move.to.lon)
        now = covered_by(spots, roads, ready)
        assert {spot for spot in now if now[spot] and not state[spot]} == set(move.mends)
        assert {spot for spot in now if state[spot] and not now[spot]} == set(move.opens)
        state = now
    assert {spot for spot, who in state.items() if not who} == set(found.unmendable)
    assert found.bound.moves == len(found.moves) >= found.bound.at_least


@given(seed=SEEDS, count=st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_the_bound_holds_against_trying_every_set_of_places(seed: int, count: int) -> None:
    """Twelve spare units: the fewest places that reach what the moves mend."""
    far = [unit(k, 26.0 + 0.0001 * k, 105.0) for k in range(12)]
    roads, spots = on_roads(Force.of(far), seed, torn=0.0), some_spots(seed, count)
    ready = roads.force.ready(NOW_MS, LOST_S)
    found = cover(spots, spots, roads, ready, Reach.of(spots, roads, ready), NOW_MS)
    mended = {spot for move in found.moves for spot in move.mends}
    if not mended or not found.bound.holds:
        return
    places = snapped(spots, roads)
    reaches = [
        {s.id for k, s in enumerate(spots) if s.id in mended and roads.network.drive.times_s(
            places.take([site]), places.take([k]))[0, 0] <= s.target_s}
        for site in range(len(spots))
    ]  # fmt: skip
    fewest = next(
        size for size in range(1, len(spots) + 1)
        if any(set().union(*chosen) >= mended for chosen in combinations(reaches, size))
    )  # fmt: skip
    assert found.bound.at_least <= fewest <= len(found.moves)
    assert len(found.moves) <= found.bound.factor * fewest + 1e-6


def test_without_roads_nothing_is_said_of_cover() -> None:
    force = Force.of([unit(1, 26.001, 105.001), unit(2, 26.003, 105.001), unit(3, None, None)])
    spots = [Spot("K1", "key_spot", "", "", 26.0, 105.001, 60.0), Spot("K2", "key_spot", "", "", 26.02, 105.001, 60.0)]
    found = straight_cover(spots, force, force.ready(NOW_MS, LOST_S), NOW_MS)
    assert (found.basis, found.covered, found.total, found.moves) == ("straight", None, 2, [])
    assert [(row.id, row.unit_id, row.travel_s, row.margin_s) for row in found.spots] == [
        ("K2", "U02", None, None), ("K1", "U01", None, None),
    ]  # fmt: skip
    assert found.spots[1].distance_m == pytest.approx(111.2, abs=0.5)
    assert straight_cover(spots, force, np.zeros(3, bool), None).spots[0].distance_m is None


def test_it_is_json() -> None:
    roads, spots = on_roads(some_units(3, 6), 3), some_spots(3, 5)
    ready = roads.force.ready(NOW_MS, LOST_S)
    body = msgspec.json.decode(msgspec.json.encode(cover(spots, spots, roads, ready, Reach.of(spots, roads, ready), 1)))
    assert set(body) == {"basis", "data_ms", "spots", "covered", "total", "moves", "bound", "unmendable"}


@given(seed=SEEDS, units=st.integers(0, 12), stay=st.integers(0, 12))
@settings(max_examples=25, deadline=None)
def test_who_has_not_moved_is_where_it_was_and_who_has_is_looked_for(seed: int, units: int, stay: int) -> None:
    before = on_roads(some_units(seed, units), seed)
    other = some_units(seed + 1, units + 2)
    kept = np.arange(units + 2) < stay
    old = np.resize(before.force.lat, units + 2) if units else np.full(2, np.nan)
    old_lon = np.resize(before.force.lon, units + 2) if units else np.full(2, np.nan)
    now = replace(other, lat=np.where(kept, old, other.lat), lon=np.where(kept, old_lon, other.lon))
    quick, fresh = OnRoads.of(now, before.network, before).snap, OnRoads.of(now, before.network).snap
    np.testing.assert_array_equal(quick.street, fresh.street)
    np.testing.assert_array_equal(quick.share, fresh.share)
    np.testing.assert_array_equal(quick.off_m, fresh.off_m)


def test_a_city_without_spots_or_units_has_a_cover_too() -> None:
    nobody, somebody = on_roads(Force.of([])), on_roads(some_units(1, 3))
    for roads, spots in ((nobody, some_spots(1, 3)), (somebody, []), (nobody, [])):
        ready = roads.force.ready(NOW_MS, LOST_S)
        for sites in ([], spots):
            found = cover(spots, sites, roads, ready, Reach.of(spots, roads, ready), NOW_MS)
            assert (found.covered, found.total, found.moves) == (0, len(spots), [])
            assert sorted(found.unmendable) == [spot.id for spot in spots]
        assert uncovered(Reach.of(spots, roads, ready), roads.force) == {}
