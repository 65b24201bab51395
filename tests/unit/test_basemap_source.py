"""What the setting ``basemap`` may name, and what the page and the content policy are told of it."""

import gzip
import json
import re
import struct
import tracemalloc

import numpy as np
import pytest

from data_feeds import basemap
from data_feeds.basemap import BasemapError, source
from data_feeds.basemap.providers import PROVIDERS
from data_feeds.geo import from_wgs84
from data_feeds.model import Datum

XYZ = "https://tiles.example/{z}/{x}/{y}.png"


def pmtiles(path, *, magic=b"PMTiles", version=3, kind=1, bounds=(24.9, 60.1, 25.0, 60.2), about=b"{}", data=0, at=127):
    numbers = [0, 0, at, len(about), 0, 0, at + len(about), data, 0, 0, 0]
    west, south, east, north = (round(v * 1e7) for v in bounds)
    head = source.HEADER.pack(magic, version, *numbers, 1, 1, 2, kind, 4, 15, west, south, east, north, 0, 0, 0)
    path.write_bytes(head + about)
    return str(path)


@pytest.mark.parametrize(
    ("name", "datum", "hosts", "layers"),
    [
        ("tianditu", Datum.CGCS2000, [f"https://t{n}.tianditu.gov.cn" for n in range(8)], 2),
        ("tianditu-image", Datum.CGCS2000, [f"https://t{n}.tianditu.gov.cn" for n in range(8)], 2),
        ("gaode", Datum.GCJ02, [f"https://webrd0{n}.is.autonavi.com" for n in (1, 2, 3, 4)], 1),
        ("tencent", Datum.GCJ02, [f"https://rt{n}.map.gtimg.com" for n in range(4)], 1),
    ],
)
def test_providers(name, datum, hosts, layers):
    ground = source.find(name, key="KEY" if name.startswith("tianditu") else "")
    assert (ground.kind, ground.datum, list(ground.origins()), len(ground.urls)) == ("tiles", datum, hosts, layers)
    assert ground.attribution.startswith("©")
    assert all("{key}" not in url for url in ground.urls)
    assert name not in ("tianditu",) or all(url.endswith("&tk=KEY") for url in ground.urls)
    facts = json.loads(json.dumps(ground.facts()))
    assert facts["datum"] == datum.name
    assert facts["maxZoom"] == 18


def test_every_provider_fits_leaflets_words():
    for provider in PROVIDERS.values():
        for url in provider.urls:
            assert set(re.findall(r"\{[^}]*\}", url)) <= set(source.PLACEHOLDERS)
    assert "{-y}" in PROVIDERS["tencent"].urls[0]  # its rows are counted from the south
    assert "{-y}" not in PROVIDERS["gaode"].urls[0]


def test_a_template_of_ones_own():
    ground = source.find(XYZ, datum="BD09", attribution="© Us", max_zoom=15, look="plain")
    assert ground.facts() == {
        "kind": "tiles", "datum": "BD09", "attribution": "© Us", "urls": (XYZ,), "subdomains": "abc", "minZoom": 0,
        "maxZoom": 15, "look": "plain",
    }  # fmt: skip
    assert ground.origins() == ("https://tiles.example",)


def test_a_wmts_template_is_an_xyz_one_in_other_words():
    address = "https://w.example:8443/wmts?layer=a&TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={tilecol}"
    ground = source.find(address, attribution="© Us")
    assert ground.urls == ("https://w.example:8443/wmts?layer=a&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",)
    assert ground.origins() == ("https://w.example:8443",)


def test_a_key_with_braces_is_no_template():
    ground = source.find(f"{XYZ}?k={{key}}", key="a{b}", attribution="© Us")
    assert ground.urls == (f"{XYZ}?k=a%7Bb%7D",)


def test_settings_go_before_what_a_provider_says():
    ground = source.find("gaode", datum="WGS84", attribution="© Somebody", max_zoom=12, look="dim")
    assert (ground.datum, ground.attribution, ground.max_zoom, ground.look) == (Datum.WGS84, "© Somebody", 12, "dim")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tianditu", "needs the provider's key: set basemap_key"),
        ("https://t.example/{z}/{x}/{y}?k={key}", "needs the provider's key"),
        (XYZ, "basemap_attribution"),
        ("https://t.example/{z}/{x}.png", "lacks one of {z}, {x} and {y}"),
        ("https://t.example/{x}/{y}.png", "lacks one of {z}, {x} and {y}"),
        ("https://t.example/tiles.png", "lacks one of {z}, {x} and {y}"),
        ("https://t.example/{TileMatrixSet}/{TileMatrix}/{TileCol}/{TileRow}.png", "put in for {TileMatrixSet};"),
        ("https://t.example/{z}/{x}/{y}.png?k={apikey}&s={Style}&t={apikey}", "put in for {apikey} {Style};"),
        ("https://t.example/{q}/a.png", "Known are {z} {x} {y} {-y} {s} {r} {lang} {key}, and of WMTS {TileMatrix}"),
        ("https://t.example/{ z }/{x}/{y}/{z}.png", "put in for { z };"),
        ("https://t.example/{Z}/{x}/{y}.png", "put in for {Z};"),
        ("https://t.example/{z}/{x}/{y}/{.png", "put in for {.png;"),
        ("https://t.example/{z}/{x}/{y}}.png", "put in for };"),
        ("ftp://t.example/{z}/{x}/{y}", "must be the address of images"),
        ("javascript:{z}{x}{y}", "must be the address of images"),
        ("https://{x}.example/{z}/{x}/{y}", "must be the address of images"),
        ("https://a.example;script-src *;/{z}/{x}/{y}", "must be the address of images"),
        ("https://a.example' 'unsafe-eval/{z}/{x}/{y}", "must be the address of images"),
        ("https://*.example/{z}/{x}/{y}", "must be the address of images"),
        ("https://user:word@a.example/{z}/{x}/{y}", "must be the address of images"),
        ("{z}/{x}/{y}", "must be the address of images"),
        ("/no/such/city.geojson", "/no/such/city.geojson"),
        ("/no/such/city.pmtiles", "basemap build"),
    ],
)
def test_what_cannot_be_a_basemap_is_named(name, said):
    with pytest.raises(BasemapError) as error:
        source.find(name)
    assert said in str(error.value)
    assert name in str(error.value)


def test_a_pmtiles_file_says_where_it_is(tmp_path):
    path = pmtiles(tmp_path / "c.pmtiles", about=b'{"attribution": "<a href=\\"x\\">\\u00a9 People</a>"}')
    ground = source.find(path)
    assert (ground.kind, ground.attribution, ground.origins(), ground.roads) == ("pmtiles", "© People", (), None)
    assert ground.base.extent == pytest.approx((60.1, 24.9, 60.2, 25.0))
    assert ground.facts()["url"].startswith("basemap.pmtiles?v=")
    (tmp_path / "c.roads.npz").write_bytes(b"")
    assert ground.roads == tmp_path / "c.roads.npz"
    assert source.find(path, attribution="© Us").attribution == "© Us"


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_pmtiles_file_in_another_datum_begins_where_its_header_says(tmp_path, datum):
    path = pmtiles(tmp_path / "c.pmtiles", bounds=(106.6, 26.5, 106.8, 26.7))
    south, west, north, east = source.find(path, datum=datum.name).base.extent
    assert (south, west) != pytest.approx((26.5, 106.6), abs=1e-3)  # which is some 500 m
    lat, lon = from_wgs84(np.array([south, north]), np.array([west, east]), datum)
    assert [*lat, *lon] == pytest.approx([26.5, 26.7, 106.6, 106.8], abs=1e-7)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"magic": b"PNGfile"}, "not a .pmtiles file"),
        ({"version": 2}, "not a .pmtiles file"),
        ({"kind": 2}, "holds images"),
        ({"bounds": (25.0, 60.1, 24.9, 60.2)}, "bounds"),
        ({"bounds": (-181.0, 60.1, 24.9, 60.2)}, "bounds"),
        ({"data": 10_000}, "ends too early"),
    ],
)
def test_another_file_is_refused(tmp_path, made, said):
    with pytest.raises(BasemapError, match=said):
        source.find(pmtiles(tmp_path / "c.pmtiles", **made))


def test_a_short_file_is_refused_and_unreadable_metadata_are_nothing(tmp_path):
    (tmp_path / "s.pmtiles").write_bytes(b"PMTiles\x03")
    with pytest.raises(BasemapError, match="not a"):
        source.find(str(tmp_path / "s.pmtiles"))
    for about in (b"no json", b"[1]", b"\xff\xfe", struct.pack("<I", 9)):
        assert source.find(pmtiles(tmp_path / "c.pmtiles", about=about)).attribution == ""


def test_a_geojson_file_is_drawn_by_the_wall_itself(tmp_path):
    path = tmp_path / "c.geojson"
    line = {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [line]}))
    ground = source.find(str(path), datum="GCJ02", attribution="© Us")
    assert (ground.kind, ground.datum, ground.origins()) == ("geojson", Datum.WGS84, ())
    assert ground.base.extent == basemap.load(path).extent


@pytest.mark.parametrize(
    "host", ["x.example; script-src *", "x.example;script-src", "地图.example", "x.example:٣٣", "[::1", "*", "x'y", ""]
)
def test_a_host_cannot_change_the_content_policy_or_break_its_header(host):
    with pytest.raises(BasemapError, match="must be the address of images"):
        source.find(f"https://{host}/{{z}}/{{x}}/{{y}}.png", attribution="us")


def test_metadata_that_unpack_to_more_than_the_memory_holds_are_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "MAX_ABOUT_BYTES", 1_000_000)
    about = gzip.compress(b'{"attribution": "' + b" " * 50_000_000 + b'"}')
    path = tmp_path / "a.pmtiles"
    data = bytearray(pmtiles(path, about=about) and path.read_bytes())
    data[97] = source.GZIP  # the compression of metadata
    path.write_bytes(data)
    tracemalloc.start()
    ground = source.find(str(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ground.attribution == ""
    assert most < 10_000_000
