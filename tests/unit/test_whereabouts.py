"""A wall opens where its recording plays."""

import numpy as np
import pytest

from data_feeds.geo import WORLD, from_wgs84, to_mercator
from data_feeds.mapping_file import load as load_mapping
from data_feeds.model import Datum
from data_feeds.reading import Report
from data_feeds.timeline import Window, load
from data_feeds.whereabouts import VIEW_PX, extent_of, view_of

MAPPING = """
source = "T"
datum = "GCJ02"
[[emit]]
topic = "position"
at = "t"
fields = { unit_id = "u", lat = "lat", lon = "lon", fix_time = "t" }
"""


def sources(folder, *places, mapping=MAPPING, window=None):
    (folder / "m.toml").write_text(mapping)
    rows = [f"u,2024-01-01T00:00:{n:02d},{lat},{lon}" for n, (lat, lon) in enumerate(places)]
    (folder / "f.csv").write_text("\n".join(["u,t,lat,lon", *rows]))
    return load([(load_mapping(folder / "m.toml"), [folder / "f.csv"])], window or Window(), Report()).sources


def test_the_extent_is_in_wgs84_and_ignores_what_is_no_place(tmp_path):
    places = []
    for corner in ((31.0, 121.0), (31.2, 121.4)):
        lat, lon = from_wgs84([corner[0]], [corner[1]], Datum.GCJ02)
        places.append((float(lat[0]), float(lon[0])))
    found = extent_of(sources(tmp_path, *places * 8, (0, 0), ("", 3), ("x", "y"), (99, 200)))
    assert found == pytest.approx((31.0, 121.0, 31.2, 121.4), abs=1e-6)
    assert extent_of(sources(tmp_path, (0, 0))) is None


def test_a_few_strays_do_not_move_the_map(tmp_path):
    mapping = MAPPING.replace("GCJ02", "WGS84")
    places = [(31.0 + n / 1000, 121.0) for n in range(59)]
    assert extent_of(sources(tmp_path, *places, mapping=mapping))[2] < 31.06
    bound = mapping.replace('datum = "WGS84"', 'datum = "WGS84"\nextent = [30.9, 120.9, 31.1, 121.1]')
    lost = [(50, 7)] * 20
    assert extent_of(sources(tmp_path, *places[:39], *lost, mapping=mapping))[2] > 40
    assert extent_of(sources(tmp_path, *places[:39], *lost, mapping=bound))[2] < 31.06


@pytest.mark.parametrize(
    "extent", [(31.1, 121.3, 31.3, 121.5), (-35.37, 149.16, -35.35, 149.17), (59.0, 20.0, 61.0, 30.0)]
)
def test_the_view_holds_the_extent_and_little_more(extent):
    (lat, lon), zoom = view_of(extent)
    assert (lat, lon) == pytest.approx(((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2), abs=1e-5)
    x, y = to_mercator(np.array([extent[0], extent[2]]), np.array([extent[1], extent[3]]))
    wide, high = (abs(float(b) - float(a)) / WORLD * 256 * 2**zoom for a, b in (x, y))
    assert wide < VIEW_PX[0]
    assert high < VIEW_PX[1]
    assert wide > 0.6 * VIEW_PX[0] or high > 0.6 * VIEW_PX[1]


@pytest.mark.parametrize(("extent", "zoom"), [((31.2, 121.4, 31.2, 121.4), 17.0), ((-80.0, -180.0, 80.0, 180.0), 2.0)])
def test_a_point_and_the_whole_world_have_a_view_too(extent, zoom):
    assert view_of(extent)[1] == zoom
