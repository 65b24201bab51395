"""Places: what is checked, what the errors say, and how real outlines become places."""

import codecs
import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds import places, places_convert
from data_feeds.areas import Area
from data_feeds.geo import from_wgs84
from data_feeds.messages import CONTROLS
from data_feeds.model import Datum
from data_feeds.places import PlacesError, from_geojson, load
from tests.real_data import real_file
from tests.unit.places_story import document, feature, square

REAL = ("nanning", "shaoyang", "kaifeng", "wuzhong", "xining", "haidong")


def broken(index, change):
    """The city of squares with one feature changed by ``change(properties, geometry)``."""
    made = document()
    change(made["features"][index]["properties"], made["features"][index]["geometry"])
    return made


def test_a_city_of_squares():
    found = from_geojson(document())
    assert [place.id for place in found.jurisdictions()] == ["C", "A", "B", "A1", "A2", "B1", "B2"]
    assert found.extent() == (26.0, 105.0, 26.2, 105.4)
    assert set(found.areas) == {*(p.id for p in found.jurisdictions()), "Z1"}
    again = from_geojson(json.loads(found.geojson))
    assert (again.geojson, again.by_id) == (found.geojson, found.by_id)


BROKEN = {
    "not closed; repeat its first position": (3, lambda p, g: g["coordinates"][0].pop()),
    "a ring of 3 positions": (3, lambda p, g: g["coordinates"][0].__delitem__(slice(1, 3))),
    "encloses no area": (3, lambda p, g: g["coordinates"].__setitem__(0, [[105.0, 26.0]] * 4)),
    "features[1] has this id too": (3, lambda p, g: p.update(id="a")),
    "kind 'precinct' is unknown; kinds: city,": (3, lambda p, g: p.update(kind="precinct")),
    "no feature has its parent's id 'Q'": (3, lambda p, g: p.update(parent="Q")),
    "its parent 'C' is a city; a station belongs to branch": (3, lambda p, g: p.update(parent="C")),
    "a station needs the branch": (3, lambda p, g: p.pop("parent")),
    "its parent 'A1' is a station; a branch belongs to city": (1, lambda p, g: p.update(parent="A1")),
    "its parent 'A' is a branch; a city belongs to nothing": (0, lambda p, g: p.update(parent="A")),
    "its parent 'Z1' is a patrol_zone; a school belongs to": (8, lambda p, g: p.update(parent="Z1")),
    "means the whole city": (1, lambda p, g: p.update(id="city")),
    "begins or ends with a space": (3, lambda p, g: p.update(id="A1 ")),
    "is not longitude, latitude in degrees; are they swapped": (3, lambda p, g: g["coordinates"][0][1].reverse()),
    "`$.properties.hours[0]`": (8, lambda p, g: p.update(hours=["7 to 8"])),
    "must be a Polygon, a MultiPolygon or, for spots, a Point": (3, lambda p, g: g.update(type="LineString")),
    "a patrol_zone is an area; draw it as Polygon": (7, lambda p, g: g.update(type="Point", coordinates=[105.0, 26.0])),
    "Expected `str`, got `int`": (3, lambda p, g: p.update(id=450102)),
    "the id holds U+0000": (3, lambda p, g: p.update(id="A\x001")),
    "the id holds U+202E": (3, lambda p, g: p.update(id="A\u202e1")),
    "python -m data_feeds.places convert --help": (3, lambda p, g: p.pop("id")),
}


@pytest.mark.parametrize("words", BROKEN)
def test_an_error_names_the_feature_and_the_way_out(words):
    index, change = BROKEN[words]
    made = broken(index, change)
    with pytest.raises(PlacesError) as error:
        from_geojson(made)
    assert words in str(error.value)
    assert str(error.value).startswith(f"features[{index}] ("), error.value


@pytest.mark.parametrize("made", [{}, [], {"type": "FeatureCollection", "features": []}, {"type": "Feature"}, None])
def test_what_is_no_collection_is_refused(made):
    with pytest.raises(PlacesError, match="FeatureCollection|0 features"):
        from_geojson(made)


def test_two_cities_are_one_too_many():
    made = document()
    made["features"].append(feature("D", "city", square(1.0, 1.0, 2.0, 2.0)))
    with pytest.raises(PlacesError, match="2 features of kind city"):
        from_geojson(made)


def test_files_are_named_in_errors(tmp_path):
    path = tmp_path / "places.geojson.gz"
    path.write_bytes(gzip.compress(json.dumps(document()).encode()))
    assert len(load(path).by_id) == 9
    path.write_bytes(b"no gzip")
    with pytest.raises(PlacesError, match="places.geojson.gz: .*must be a GeoJSON file"):
        load(path)
    with pytest.raises(PlacesError, match="missing.geojson: No such file or directory$"):
        load(tmp_path / "missing.geojson")


def test_names_lose_what_breaks_or_turns_a_line():
    found = from_geojson(broken(3, lambda p, g: p.update(name_zh="\u202e桥南\x00派出所\n", name_en="\x1b")))
    assert (found.by_id["A1"].name_zh, found.by_id["A1"].name_en) == ("桥南 派出所", None)
    assert not CONTROLS.search(found.geojson.decode())


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "places.geojson"
    path.write_bytes(codecs.BOM_UTF8 + json.dumps(document()).encode())
    assert len(load(path).by_id) == 9


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400"])
@pytest.mark.parametrize("where", ["coordinate", "property"])
def test_the_feature_with_a_number_that_is_none_is_named(tmp_path, number, where):
    path = tmp_path / "places.geojson"
    at = {
        "coordinate": lambda p, g: g["coordinates"][0][1].__setitem__(0, 12345),
        "property": lambda p, g: p.update(a=12345),
    }
    path.write_text(json.dumps(broken(3, at[where])).replace("12345", number))
    with pytest.raises(PlacesError, match=r"places.geojson: features\[3\] \(id 'A1'\): holds NaN"):
        load(path)


def crs(name):
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize(
    "given_",
    [
        None,
        *map(
            crs,
            (
                "urn:ogc:def:crs:OGC:1.3:CRS84",
                "EPSG:4326",
                "urn:ogc:def:crs:EPSG::4979",
                "epsg:4490",
                "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            ),
        ),
    ],
)
def test_a_crs_of_longitude_and_latitude_is_read(given_):
    assert from_geojson({**document(), "crs": given_}).geojson == from_geojson(document()).geojson


@pytest.mark.parametrize(
    "given_", [crs("urn:ogc:def:crs:EPSG::3857"), crs("EPSG:2326"), crs(7), {"type": "link"}, {}, "x", 0]
)
def test_another_crs_is_refused_with_the_way_out(given_):
    outlines = {**document(), "crs": given_}
    for read in (from_geojson, lambda made: places_convert.convert(made, "branch", "id")):
        with pytest.raises(PlacesError, match="its crs .* is not read.*ogr2ogr.*places_datum"):
            read(outlines)


@given(st.sampled_from([Datum.GCJ02, Datum.BD09, Datum.CGCS2000]))
def test_other_datums_are_placed_in_wgs84(datum):
    made = document()
    for one in made["features"]:
        given_ = one["geometry"]["coordinates"]
        rings = given_ if one["geometry"]["type"] == "Polygon" else [[given_]]
        for ring in rings:
            for point in ring:
                lat, lon = from_wgs84(np.array([point[1]]), np.array([point[0]]), datum)
                point[:] = [float(lon[0]), float(lat[0])]
    found = json.loads(from_geojson(made, datum).geojson)["features"]
    for one, true in zip(found, document()["features"], strict=True):
        got, want = (np.array(row["geometry"]["coordinates"]) for row in (one, true))
        assert np.allclose(got, want, atol=2e-6)


CORNERS = st.lists(
    st.tuples(st.floats(0.2, 1.0), st.floats(0.05, 0.95)), min_size=3, max_size=12, unique_by=lambda corner: corner[1]
)
POINTS = st.lists(st.tuples(st.floats(-1.2, 1.2), st.floats(-1.2, 1.2)), min_size=1, max_size=30)


@given(CORNERS, POINTS)
def test_points_are_in_an_area_as_a_walk_round_it_says(corners, points):
    # a star round (0, 0): whether a point is inside follows from its angle and its distance alone
    corners = sorted(corners, key=lambda c: c[1])
    ring = np.array([[r * np.cos(2 * np.pi * t), r * np.sin(2 * np.pi * t)] for r, t in [*corners, corners[0]]])
    area = Area.of([[ring]])
    lat, lon = np.array([p[1] for p in points]), np.array([p[0] for p in points])
    turned = np.sum([_winding(ring[k], ring[k + 1], lat, lon) for k in range(len(ring) - 1)], axis=0)
    unsure = np.min([_nearness(ring[k], ring[k + 1], lat, lon) for k in range(len(ring) - 1)], axis=0) < 1e-9
    assert ((area.holds(lat, lon) == (np.abs(turned) > 3.0)) | unsure).all()


def test_where_two_parts_of_a_branch_overlap_is_the_branch():
    """Outlines drawn twice are usual in files made by hand: the wall must not miss what happens there."""
    made = document()
    outline = made["features"][1]["geometry"]["coordinates"]
    twice = [outline, square(105.1, 26.0, 105.2, 26.2)]
    made["features"][1]["geometry"] = {"type": "MultiPolygon", "coordinates": twice}
    area = from_geojson(made).areas["A"]
    assert area.holds(np.array([26.1, 26.1, 26.1]), np.array([105.05, 105.15, 105.25])).tolist() == [True, True, False]
    island_in_a_hole = [[outline[0], square(105.05, 26.05, 105.1, 26.1)[0]], square(105.06, 26.06, 105.07, 26.07)]
    made["features"][1]["geometry"] = {"type": "MultiPolygon", "coordinates": island_in_a_hole}
    area = from_geojson(made).areas["A"]
    assert area.holds(np.array([26.08, 26.065]), np.array([105.08, 105.065])).tolist() == [False, True]


def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("data_feeds.places.MAX_FILE_BYTES", 1000)
    file = tmp_path / "bomb.geojson.gz"
    file.write_bytes(gzip.compress(b" " * 50_000_000))
    with pytest.raises(PlacesError, match="more than 1000 bytes"):
        load(file)


def _winding(a, b, lat, lon):
    """The angle under which a point sees the edge, in radians."""
    first, second = (a[0] - lon) + 1j * (a[1] - lat), (b[0] - lon) + 1j * (b[1] - lat)
    return np.angle(second * np.conj(first))


def _nearness(a, b, lat, lon):
    """Distance from each point to the edge."""
    along = b - a
    t = np.clip(((lon - a[0]) * along[0] + (lat - a[1]) * along[1]) / max(along @ along, 1e-30), 0.0, 1.0)
    return np.hypot(a[0] + t * along[0] - lon, a[1] + t * along[1] - lat)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), min_size=1, max_size=50))
def test_neighbours_that_share_an_edge_share_no_point(grid):
    """On a grid that meets every edge and corner of the squares: each point is in one branch and in one station."""
    found = from_geojson(document())
    lon = np.array([105.0 + x / 100 for x, _ in grid])
    lat = np.array([26.0 + y / 100 for _, y in grid])
    city = found.areas["C"].holds(lat, lon)
    for kind in ("branch", "station"):
        held = np.sum([found.areas[p.id].holds(lat, lon) for p in found.jurisdictions() if p.kind == kind], axis=0)
        assert (held == city).all()


@pytest.mark.parametrize("name", REAL)
def test_real_outlines_become_places(name, tmp_path, capsys):
    source = real_file(f"boundaries/tianditu_districts_{name}.geojson")
    with pytest.raises(PlacesError, match=r"features\[0\] \(no id\).*convert"):
        load(source)
    out = tmp_path / "places.geojson"
    arguments = ["convert", str(source), "--kind", "branch", "--id-field", "adcode", "--name-field", "name",
                 "--datum", "CGCS2000", "--city", "X:某市公安局:Some City", "-o", str(out)]  # fmt: skip
    assert places_convert.main(arguments) == 0
    found = load(out)
    rows = json.loads(source.read_text())["features"]
    assert [place.id for place in found.jurisdictions()] == ["X", *(row["properties"]["adcode"] for row in rows)]
    assert capsys.readouterr().out.strip() == f"1 city, {len(rows)} branch"
    rng = np.random.default_rng(1)
    south, west, north, east = found.extent()
    lat, lon = rng.uniform(south, north, 500), rng.uniform(west, east, 500)
    held = np.sum([found.areas[p.id].holds(lat, lon) for p in found.jurisdictions() if p.kind == "branch"], axis=0)
    assert held.max() == 1  # no two districts overlap
    assert ((held == 1) == found.areas["X"].holds(lat, lon)).all()  # and the city is all of them


def test_conversion_says_which_fields_there_are(tmp_path, capsys):
    source = real_file("boundaries/tianditu_districts_nanning.geojson")
    arguments = ["convert", str(source), "--kind", "branch", "--id-field", "code", "-o", str(tmp_path / "x")]
    assert places_convert.main(arguments) == 1
    assert "features[0] has no 'code'; its properties: adcode, city, gb, name" in capsys.readouterr().err


def test_a_boundless_number_is_no_coordinate():
    made = broken(3, lambda p, g: g["coordinates"][0][1].__setitem__(0, 10**400))
    for read in (from_geojson, lambda rows: places_convert.convert(rows, "branch", "id")):
        with pytest.raises(PlacesError, match=r"features\[3\]"):
            read(made)


def test_stations_are_added_to_branches(tmp_path):
    branches = tmp_path / "branches.geojson"
    made = document()
    made["features"] = made["features"][:3]
    branches.write_text(json.dumps(made))
    stations = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"no": 7.0, "of": "A"}, "geometry": {"type": "Polygon", "coordinates":
            [[[105.0, 26.0], [105.1, 26.0], [105.1, 26.1]]]}}]}  # fmt: skip
    source, out = tmp_path / "stations.geojson", tmp_path / "all.geojson"
    source.write_text(json.dumps(stations))
    arguments = ["convert", str(source), "--kind", "station", "--id-field", "no", "--parent-field", "of",
                 "--onto", str(branches), "-o", str(out)]  # fmt: skip
    assert places_convert.main(arguments) == 0
    station = load(out).by_id["7"]
    assert (station.kind, station.parent) == ("station", "A")


def test_the_command_line_says_what_is_wrong(tmp_path, capsys):
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps(broken(3, lambda p, g: g["coordinates"][0].pop())))
    assert places_convert.main(["check", str(path)]) == 1
    assert "p.geojson: features[3] (id 'A1'): a ring is not closed" in capsys.readouterr().err
    assert places.KINDS[:3] == places.LEVELS
