import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.footprint import MAX_RANGE_M, footprint
from data_feeds.geo import distance_m


def test_straight_down_is_a_rectangle_around_the_drone():
    corners = footprint(30.0, 110.0, 100.0, -90.0, 0.0, 60.0)
    half = 100 * math.tan(math.radians(30))
    across = distance_m(*corners[1], *corners[2])
    along = distance_m(*corners[0], *corners[1])
    assert across == pytest.approx(2 * half, rel=0.01)
    assert along == pytest.approx(2 * half * 9 / 16, rel=0.01)


def test_yaw_turns_the_picture():
    east = footprint(30.0, 110.0, 100.0, -45.0, 90.0, 60.0)
    assert all(lon > 110.0 for _, lon in east)


def test_a_camera_at_the_horizon_sees_at_most_the_range():
    for lat, lon in footprint(30.0, 110.0, 100.0, -5.0, 0.0, 60.0):
        assert distance_m(30.0, 110.0, lat, lon) <= MAX_RANGE_M * 1.01


@pytest.mark.parametrize(("height", "pitch"), [(0.0, -90.0), (-3.0, -90.0), (100.0, 60.0)])
def test_no_ground_no_footprint(height, pitch):
    assert footprint(30.0, 110.0, height, pitch, 0.0, 60.0) is None


@given(st.floats(1, 500), st.floats(-90, 20), st.floats(-360, 360), st.floats(5, 150))
def test_corners_are_finite_and_near(height, pitch, yaw, fov):
    for lat, lon in footprint(30.0, 110.0, height, pitch, yaw, fov) or []:
        assert distance_m(30.0, 110.0, lat, lon) <= MAX_RANGE_M * 1.01
