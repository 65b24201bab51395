import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data_feeds import geo
from data_feeds.model import Datum
from tools import datum_vectors

CHINA = st.tuples(st.floats(18.5, 52.0), st.floats(75.0, 134.0))


@given(st.floats(-85.0, 85.0), st.floats(-180.0, 179.999))
def test_mercator_round_trip_within_a_centimetre(lat, lon):
    back = geo.from_mercator(*geo.to_mercator(np.array([lat]), np.array([lon])))
    assert geo.distance_m(lat, lon, back[0][0], back[1][0]) < 0.012


def test_mercator_corners():
    x, y = geo.to_mercator(np.array([0.0, 90.0, -90.0]), np.array([0.0, -180.0, 180.0]))
    assert x.tolist() == [2**31, 0, 2**32 - 1]
    assert y.tolist() == [2**31, 0, 2**32 - 1]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@given(place=CHINA)
def test_datum_round_trip_within_a_millimetre(datum, place):
    there = geo.from_wgs84(np.array([place[0]]), np.array([place[1]]), datum)
    back = geo.to_wgs84(*there, datum)
    assert geo.distance_m(place[0], place[1], back[0][0], back[1][0]) < 0.001
    assert 20 < geo.distance_m(place[0], place[1], there[0][0], there[1][0]) < 3000


@given(
    lat=st.floats(-84.0, 84.0), lon=st.floats(-179.0, 179.0)
)  # fmt: skip
def test_outside_china_gcj02_changes_nothing_at_all(lat, lon):
    assume(not (0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347))
    there = geo.from_wgs84(np.array([lat]), np.array([lon]), Datum.GCJ02)
    back = geo.to_wgs84(np.array([lat]), np.array([lon]), Datum.GCJ02)
    assert (there[0][0], there[1][0]) == (lat, lon)
    assume(not (0.8 <= lat <= 55.9 and 71.9 <= lon <= 137.9))  # at the border two places may share an image
    assert (back[0][0], back[1][0]) == (lat, lon)


def test_ten_thousand_places_come_back_together():
    lat, lon = np.meshgrid(np.linspace(18.5, 52.0, 100), np.linspace(75.0, 134.0, 100))
    for datum in (Datum.GCJ02, Datum.BD09, Datum.CGCS2000):
        back = geo.to_wgs84(*geo.from_wgs84(lat.ravel(), lon.ravel(), datum), datum)
        assert geo.distance_m(lat.ravel(), lon.ravel(), *back).max() < 0.001


def test_the_vectors_of_the_browsers_twin_are_this_modules():
    written = json.loads(datum_vectors.FILE.read_text(encoding="utf-8"))
    for have, want in zip(written, datum_vectors.vectors(), strict=True):
        for name, place in want.items():
            assert have[name] == pytest.approx(place, abs=1e-10), "run: python -m tools.datum_vectors"


def test_gcj02_against_published_pair():
    # Tian'anmen as commonly published: WGS-84 39.90872, 116.39748 ↔ GCJ-02 39.91012, 116.40372.
    lat, lon = geo.from_wgs84(np.array([39.90872]), np.array([116.39748]), Datum.GCJ02)
    assert geo.distance_m(lat[0], lon[0], 39.91012, 116.40372) < 3


def test_gcj02_leaves_places_outside_china_alone():
    lat, lon = geo.from_wgs84(np.array([37.77]), np.array([-122.41]), Datum.GCJ02)
    assert (lat[0], lon[0]) == (37.77, -122.41)


def test_cgcs2000_is_taken_as_wgs84():
    assert geo.to_wgs84(np.array([30.0]), np.array([110.0]), Datum.CGCS2000)[0][0] == 30.0


def test_unknown_datum_is_refused():
    with pytest.raises(ValueError, match="unknown datum"):
        geo.to_wgs84(np.array([1.0]), np.array([1.0]), Datum.UNKNOWN)


def test_distance_of_one_degree_of_latitude():
    assert geo.distance_m(0.0, 0.0, 1.0, 0.0) == pytest.approx(111_195, rel=1e-4)
