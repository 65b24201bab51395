"""What the whole server says and allows for each kind of basemap."""

import json
import re
from html import unescape

import pytest
from starlette.testclient import TestClient

import app
from data_feeds import geo
from data_feeds.basemap import BasemapError, build
from data_feeds.clock import SystemClock
from data_feeds.model import Datum
from data_feeds.queue_feed import QueueFeed
from data_feeds.roads import RoadsError
from data_feeds.settings import Settings, changed
from tests.extracts import helsinki
from tests.unit.travel_story import town
from web import ground

BASE, HERE = "http://127.0.0.1:8050", ("127.0.0.1", 5000)
ONLINE = {"basemap": "https://{s}.t.example/{z}/{x}/{y}?k={key}", "basemap_key": "SECRET", "basemap_datum": "GCJ02",
          "basemap_attribution": '© <"Us">', "map_center": [31.2, 121.4]}  # fmt: skip


def wall(**values):
    settings = changed(Settings(), values, "test")
    return TestClient(app.build(settings, QueueFeed(settings.topic_of(), SystemClock())), base_url=BASE, client=HERE)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    return build.build(helsinki(folder), folder, "helsinki", lambda text: None).tiles


def facts(client):
    content = re.search(r'<meta name="wallboard-map" content="([^"]*)"', client.get("/").text)[1]
    return json.loads(unescape(content))


def images(client):
    policy = client.get("/healthz").headers["content-security-policy"]
    return next(part.split()[1:] for part in policy.split(";") if part.split()[0] == "img-src")


def test_without_a_basemap_nothing_comes_from_elsewhere():
    client = wall()
    assert facts(client) == {"kind": "geojson", "datum": "WGS84", "attribution": ""}
    assert images(client) == ["'self'", "data:", "blob:"]
    assert client.get("/basemap.pmtiles").status_code == 404


def test_an_online_map_is_named_to_the_page_and_allowed_by_the_policy():
    client = wall(**ONLINE)
    assert facts(client)["urls"] == ["https://{s}.t.example/{z}/{x}/{y}?k=SECRET"]
    assert facts(client)["attribution"] == '© <"Us">'
    assert images(client)[3:] == [f"https://{s}.t.example" for s in "abc"]
    assert "t.example" not in client.get("/healthz").headers["content-security-policy"].replace(
        " ".join(f"https://{s}.t.example" for s in "abc"), ""
    )


def test_the_map_begins_where_its_own_datum_says():
    found = re.search(r'"center":\s*\[([-\d.]+),\s*([-\d.]+)\]', wall(**ONLINE).get("/_dash-layout").text)
    want = geo.from_wgs84(31.2, 121.4, Datum.GCJ02)
    assert [float(found[1]), float(found[2])] == pytest.approx([float(want[0]), float(want[1])], abs=1e-9)


def test_tiles_of_a_file_come_by_ranges_with_the_security_headers(tiles):
    client = wall(basemap=str(tiles))
    assert (facts(client)["kind"], facts(client)["maxZoom"]) == ("pmtiles", build.MAX_ZOOM)
    part = client.get("/" + facts(client)["url"], headers={"range": "bytes=0-6"})
    assert (part.status_code, part.content) == (206, b"PMTiles")
    assert "content-encoding" not in part.headers
    assert part.headers["content-security-policy"]
    assert client.head("/basemap.pmtiles").headers["content-length"] == str(tiles.stat().st_size)
    assert images(client) == ["'self'", "data:", "blob:"]
    assert "vendor" not in client.get("/").text


def test_the_key_is_in_no_repr():
    assert "SECRET" not in repr(changed(Settings(), ONLINE, "test"))


def test_the_demo_lives_on_the_streets_of_the_extract(tiles):
    settings = changed(Settings(), {"basemap": str(tiles)}, "test")
    city = ground.city_of(settings, ground.basemap_of(settings))
    assert city.basemap is None
    assert 60.16 < city.roads.lat.min() < city.roads.lat.max() < 60.18
    assert 24.93 < city.roads.lon.min() < city.roads.lon.max() < 24.96


def beside(tiles, folder):
    """A copy of ``tiles`` in ``folder``, and where its roads would lie."""
    (folder / "c.pmtiles").write_bytes(tiles.read_bytes())
    return changed(Settings(), {"basemap": str(folder / "c.pmtiles")}, "test"), folder / "c.roads.npz"


def test_a_file_that_is_no_road_graph_is_named(tiles, tmp_path):
    settings, streets = beside(tiles, tmp_path)
    streets.write_bytes(b"no roads")
    with pytest.raises(RoadsError, match=r"c\.roads\.npz: not a road graph \(no \.npz file\); .*makes one$"):
        app.build(settings)


def test_streets_too_few_for_a_city_are_named(tiles, tmp_path):
    settings, streets = beside(tiles, tmp_path)
    town(side=2).save(streets)
    with pytest.raises(BasemapError, match=r"c\.roads\.npz.*move that file away"):
        app.build(settings)
