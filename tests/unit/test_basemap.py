import gzip
import json

import pytest

from data_feeds import basemap, settings
from data_feeds.model import Datum
from data_feeds.settings import SettingsError

LINE = {"type": "Feature", "properties": {"kind": "road", "owner": "secret", "name": "N" * 200},
        "geometry": {"type": "LineString", "coordinates": [[105.0, 26.0, 12.0], [105.1, 26.2]]}}  # fmt: skip


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def with_geometry(kind, coordinates):
    return collection(LINE, {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}})


def test_a_file_is_checked_and_trimmed(tmp_path):
    for name, data in (("a.geojson", json.dumps(collection(LINE)).encode()),
                       ("a.geojson.gz", gzip.compress(json.dumps(collection(LINE)).encode()))):  # fmt: skip
        (tmp_path / name).write_bytes(data)
        base = basemap.load(tmp_path / name)
        assert base.extent == (26.0, 105.0, 26.2, 105.1)
        feature = json.loads(base.geojson)["features"][0]
        assert feature["properties"] == {"kind": "road", "name": "N" * 80}
        assert feature["geometry"]["coordinates"] == [[105.0, 26.0], [105.1, 26.2]]


def test_another_datum_is_converted_point_by_point():
    base = basemap.from_geojson(collection(LINE), Datum.GCJ02)
    lon, lat = json.loads(base.geojson)["features"][0]["geometry"]["coordinates"][0]
    assert 0.0005 < abs(lon - 105.0) + abs(lat - 26.0) < 0.02


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "Expected `object`"),
        ({"type": "Feature"}, "Feature"),
        ({"type": "FeatureCollection"}, "missing required field `features`"),
        (collection(), "length >= 1"),
        (with_geometry("Circle", [1, 2]), r"'Circle' - at `\$\.features\[1\]"),
        (with_geometry("Polygon", [[1, 2], [3, 4]]), "features"),
        (with_geometry("LineString", [["a", "b"], [1, 2]]), "features"),
        (with_geometry("LineString", [[1.0], [1.0, 2.0]]), "length >= 2"),
        (with_geometry("LineString", []), r"features\[1\] has no coordinates"),
        (with_geometry("LineString", [[26.0, 105.0], [26.1, 105.1]]), r"features\[1\]: a coordinate is not longitude"),
        (with_geometry("Point", [float("nan"), 1.0]), r"features\[1\]: a coordinate"),
        (collection(LINE, {"type": "Feature", "geometry": None}), "features"),
        (collection(LINE, "x"), "features"),
    ],
)
def test_what_is_wrong_is_named(document, said):
    with pytest.raises(basemap.BasemapError, match=said):
        basemap.from_geojson(document)


def test_unreadable_files_are_named(tmp_path):
    with pytest.raises(basemap.BasemapError, match="nowhere"):
        basemap.load(tmp_path / "nowhere.geojson")
    (tmp_path / "bad.geojson.gz").write_bytes(b"not gzip")
    with pytest.raises(basemap.BasemapError, match="bad.geojson.gz"):
        basemap.load(tmp_path / "bad.geojson.gz")
    (tmp_path / "bad.geojson").write_bytes(b"{")
    with pytest.raises(basemap.BasemapError, match="bad.geojson: Input data was truncated"):
        basemap.load(tmp_path / "bad.geojson")


def test_what_is_to_be_set_is_a_settings_file_that_lacks_its_time_zone_alone(tmp_path):
    tiles = tmp_path / 'my "city".pmtiles'
    first, _, rest = basemap.to_set(tiles).partition("\n")
    assert first == f"WALLBOARD_BASEMAP={tiles} make run"
    file = tmp_path / "wallboard.toml"
    file.write_text(rest, encoding="utf-8")
    with pytest.raises(SettingsError, match="time_zone = 'Area/City'"):
        settings.load(file, {})
    found = settings.load(file, {"WALLBOARD_TIME_ZONE": "Europe/Helsinki"})
    assert found.basemap == str(tiles)
    assert (found.title_zh, found.title_en) != (settings.Settings().title_zh, settings.Settings().title_en)
