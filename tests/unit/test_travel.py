"""Travel by road against networkx: times, who is first, ways; and where places meet the streets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.streets import Streets
from analytics.travel import FLOW, OFF_ROAD_MPS, Mode, TravelGraph, flow_of
from data_feeds.geo import distance_m
from data_feeds.roads import CLASSES, RoadsError
from tests.unit.travel_story import graph_of, times_by_networkx, town

HOURS = st.sampled_from([None, *range(24)])


def share_by_class(hour: int | None) -> list[float]:
    groups = {"motorway": 0, "trunk": 0, "primary": 1, "secondary": 1}
    return [1.0 if hour is None else float(FLOW[hour][groups.get(name, 2)]) for name in CLASSES]


def places(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return 25.998 + 0.012 * rng.random(count), 104.998 + 0.012 * rng.random(count)


@given(seed=st.integers(0, 10_000), mode=st.sampled_from(Mode), hour=HOURS, one_way=st.sampled_from([0.0, 0.4, 1.0]))
@settings(max_examples=60, deadline=None)
def test_times_are_those_of_networkx(seed: int, mode: Mode, hour: int | None, one_way: float) -> None:
    streets = Streets(town(seed, one_way=one_way))
    units, targets = streets.snap(*places(seed, 25)), streets.snap(*places(seed + 1, 18))
    travel = TravelGraph(streets, mode, hour)
    want = times_by_networkx(streets, mode, units, targets, share_by_class(hour))
    got = travel.times_s(units, targets)
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=0.01)
    limited = travel.times_s(units, targets, limit_s=60.0)
    np.testing.assert_allclose(limited, np.where(got <= 60.0, got, np.inf))
    target, unit, time_s = travel.pairs(travel.leaving(units), targets, 60.0)
    near = np.full(got.shape, np.inf)
    near[target, unit] = time_s
    np.testing.assert_allclose(near, limited)
    assert len(target) == np.isfinite(limited).sum()
    first_s, who = travel.first_at(travel.first(units), targets)
    np.testing.assert_allclose(first_s, want.min(axis=1), rtol=1e-6, atol=0.01)
    came = np.isfinite(first_s)
    np.testing.assert_allclose(got[np.flatnonzero(came), who[came]], first_s[came], atol=0.01)
    assert (who[~came] == -1).all()


@given(seed=st.integers(0, 10_000), mode=st.sampled_from(Mode))
@settings(max_examples=40, deadline=None)
def test_a_way_takes_as_long_and_leads_from_place_to_place(seed: int, mode: Mode) -> None:
    streets = Streets(town(seed))
    travel = TravelGraph(streets, mode, 8)
    snap = streets.snap(*places(seed, 2))
    unit, target = snap.take([0]), snap.take([1])
    (way,), time_s = travel.ways(unit, target), travel.times_s(unit, target)[0, 0]
    if way is None:
        assert np.isinf(time_s)
        return
    assert way.time_s == pytest.approx(time_s, abs=0.01)
    drawn_m = float(distance_m(way.lat[:-1], way.lon[:-1], way.lat[1:], way.lon[1:]).sum())
    assert way.length_m == pytest.approx(drawn_m, rel=0.01, abs=0.5)
    beside = np.hypot(unit.x - target.x, unit.y - target.y)[0] <= unit.off_m[0] + target.off_m[0]
    for end, place in ((0, unit), (-1, target)):
        lat, lon = streets.line(int(place.street[0]), float(place.share[0]), float(place.share[0]))
        if beside and len(way.lat) == 2:  # straight from place to place
            lat, lon = streets.degrees(place.x, place.y)
        assert float(distance_m(lat[0], lon[0], way.lat[end], way.lon[end])) < 0.5


@given(seed=st.integers(0, 10_000), towards=st.booleans(), mode=st.sampled_from(Mode))
@settings(max_examples=30, deadline=None)
def test_pieces_of_street_are_reached_as_places_on_them_are(seed: int, towards: bool, mode: Mode) -> None:
    streets = Streets(town(seed, side=4))
    travel = TravelGraph(streets, mode)
    place = streets.snap(*places(seed, 1))
    got = travel.pieces_s(place, towards)
    on_street = streets.snap(*streets.piece_places)
    on_street.street[:], on_street.share[:], on_street.off_m[:] = streets.piece_street, streets.piece_share, 0.0
    want = travel.times_s(on_street, place)[0] if towards else travel.times_s(place, on_street)[:, 0]
    np.testing.assert_allclose(got, want, atol=0.01)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_a_place_meets_the_nearest_point_of_any_street(seed: int) -> None:
    streets = Streets(town(seed))
    lat, lon = places(seed, 30)
    snap = streets.snap(lat, lon)
    x, y = streets.metres(lat, lon)
    for k in range(len(lat)):
        nearest_m = np.inf
        for street in range(len(streets.edge)):
            sx, sy = streets.metres(*streets.line(street))
            dx, dy = np.diff(sx), np.diff(sy)
            t = np.clip(((x[k] - sx[:-1]) * dx + (y[k] - sy[:-1]) * dy) / np.maximum(dx**2 + dy**2, 1e-12), 0, 1)
            nearest_m = min(nearest_m, float(np.hypot(sx[:-1] + t * dx - x[k], sy[:-1] + t * dy - y[k]).min()))
        assert snap.off_m[k] == pytest.approx(nearest_m, abs=1e-6)
        at = streets.line(int(snap.street[k]), float(snap.share[k]), float(snap.share[k]))
        ax, ay = streets.metres(*at)
        assert float(np.hypot(ax[0] - x[k], ay[0] - y[k])) == pytest.approx(nearest_m, abs=0.01)


def test_a_place_without_position_or_far_from_every_street_is_on_none() -> None:
    streets = Streets(town())
    snap = streets.snap(np.array([np.nan, 26.5, 26.0]), np.array([105.0, 105.0, 105.0]))
    assert snap.street.tolist()[:2] == [-1, -1]
    assert np.isinf(snap.off_m[:2]).all()
    assert snap.street[2] >= 0
    travel = TravelGraph(streets)
    assert np.isinf(travel.times_s(snap.take([0, 1]), snap.take([2]))).all()
    assert np.isinf(travel.times_s(snap.take([2]), snap.take([0, 1]))).all()
    assert travel.ways(snap.take([0]), snap.take([2])) == [None]
    nobody = snap.take([])
    assert travel.times_s(nobody, snap).shape == (3, 0)
    assert travel.times_s(snap, nobody).shape == (0, 3)
    assert travel.first_at(travel.first(nobody), snap)[1].tolist() == [-1, -1, -1]


def test_one_way_holds_for_driving_and_not_for_walking() -> None:
    lat, lon = [26.0, 26.0], [105.0, 105.01]
    streets = Streets(graph_of(lat, lon, [(0, 1, [], 4, 10.0)]))
    west, east = (streets.snap(np.array([26.0]), np.array([lon])) for lon in (105.002, 105.008))
    assert TravelGraph(streets).times_s(west, east)[0, 0] == pytest.approx(60.0, rel=0.01)
    assert np.isinf(TravelGraph(streets).times_s(east, west)[0, 0])
    walk = TravelGraph(streets, Mode.WALK)
    assert walk.times_s(east, west)[0, 0] == pytest.approx(300.0, rel=0.01)
    (way,) = walk.ways(east, west)
    assert way is not None
    assert way.lon[0] > way.lon[-1]


def test_who_stands_in_a_park_is_there_though_its_street_is_far() -> None:
    streets = Streets(graph_of([26.0, 26.0], [105.0, 105.01], [(0, 1, [], 5, 10.0), (1, 0, [], 5, 10.0)]))
    travel = TravelGraph(streets)
    stadium = streets.snap(np.array([26.003]), np.array([105.005]))
    guard = streets.snap(np.array([26.0031]), np.array([105.005]))
    assert stadium.off_m[0] > 300.0
    (seconds,) = travel.times_s(guard, stadium)[0]
    assert seconds == pytest.approx(0.0001 * 111_195 / OFF_ROAD_MPS, rel=0.01)
    assert travel.times_s(stadium, stadium)[0, 0] == 0.0
    (way,) = travel.ways(guard, stadium)
    assert way is not None
    assert (len(way.lat), way.length_m) == (2, pytest.approx(11.1, abs=0.1))


def test_rush_hours_are_slower_than_nights() -> None:
    streets = Streets(town(torn=0.0, one_way=0.0))
    units, targets = streets.snap(*places(1, 5)), streets.snap(*places(2, 5))
    night, rush = (TravelGraph(streets, hour=hour).times_s(units, targets) for hour in (3, 17))
    assert (rush >= night).all()
    assert rush.sum() > 1.2 * night.sum()


def test_a_city_has_hours_of_its_own() -> None:
    flow = flow_of({"7-8": [0.5, 0.4, 0.3], "23": [1.2, 1.1, 1.0]})
    assert flow[[7, 8]].tolist() == [[0.5, 0.4, 0.3]] * 2
    assert flow[23].tolist() == [1.2, 1.1, 1.0]
    assert (flow[9:23] == FLOW[9:23]).all()
    streets = Streets(town(torn=0.0, one_way=0.0))
    units, targets = streets.snap(*places(1, 5)), streets.snap(*places(2, 5))
    usual, own = (TravelGraph(streets, hour=8, flow=shares).times_s(units, targets) for shares in (FLOW, flow))
    assert own.sum() > 1.2 * usual.sum()


def test_a_graph_without_streets_is_refused() -> None:
    bare = replace(
        town(), start=np.zeros(0, np.int32), end=np.zeros(0, np.int32), length_m=np.zeros(0), speed_mps=np.zeros(0),
        road_class=np.zeros(0, np.uint8), name=np.zeros(0, np.int32), shape_start=np.zeros(1, np.int32),
        shape_lat=np.zeros(0), shape_lon=np.zeros(0),
    )  # fmt: skip
    with pytest.raises(RoadsError, match="without streets"):
        Streets(bare)
