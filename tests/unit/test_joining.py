"""What a mapping can add to a table: another table, an extent, an offset, a default, fewer messages, a base."""

import json

import pytest

from data_feeds.mapping_file import MappingError
from data_feeds.mapping_file import load as load_mapping
from data_feeds.reading import ReadError, Report
from data_feeds.timeline import Window, load

MAPPING = """
source = "T"
extent = [30.0, 100.0, 31.0, 101.0]
[join]
file = "blocks.csv"
on = { template = "{block:.0f} {street}" }
key = "address"
columns = ["lat", "lon"]
[[emit]]
topic = "incident"
at = "when"
[emit.fields]
incident_id = "id"
version = { value = 1 }
lat = "lat"
lon = "lon"
"""
BLOCKS = "address,kind,lat,lon\n100 Elm,x,30.5,100.5\n200 Elm,x,,\n300 Elm,x,35.0,100.5\n100 Elm,x,30.5,100.5\n"
ROWS = """id,when,block,street
a,2024-01-01T00:00,100.0,Elm
b,2024-01-01T00:01,200,Elm
c,2024-01-01T00:02,300,Elm
d,2024-01-01T00:03,,Elm
e,2024-01-01T00:04,100,Oak
"""


def played(folder, mapping, rows=ROWS, blocks=BLOCKS):
    """(messages, report) of ``rows`` by ``mapping``."""
    (folder / "m.toml").write_text(mapping)
    (folder / "rows.csv").write_text(rows)
    if blocks is not None:
        (folder / "blocks.csv").write_text(blocks)
    report = Report()
    line = load([(load_mapping(folder / "m.toml"), [folder / "rows.csv"])], Window(), report)
    return [json.loads(e.value) for _, part in line.play() for e in part], report


def test_a_second_table_gives_places_and_what_it_does_not_know_has_none(tmp_path):
    messages, report = played(tmp_path, MAPPING)
    assert {m["incident_id"]: m.get("lat") for m in messages} == {"a": 30.5, "b": None, "c": None, "d": None, "e": None}
    assert report.total_refused == 0
    assert report.notes[f"row without a match in {tmp_path / 'blocks.csv'}"] == 2
    assert report.notes["incident without its place: it was outside of the mapping's extent"] == 1


def test_a_second_table_that_is_missing_or_ambiguous_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"blocks\.csv: no such file"):
        played(tmp_path, MAPPING, blocks=None)
    with pytest.raises(ReadError, match=r"blocks\.csv: address '100 Elm' stands there twice"):
        played(tmp_path, MAPPING, blocks=BLOCKS + "100 Elm,y,30.6,100.5\n")
    with pytest.raises(ReadError, match=r"blocks\.csv: no column 'lon'"):
        played(tmp_path, MAPPING, blocks="address,lat\n")


POSITIONS = """
source = "T"
extent = [30.0, 100.0, 31.0, 101.0]
[columns]
up = { offset = -500.0, unit = "km" }
kmh = { unit = "km/h", default = 0.0 }
[[emit]]
topic = "position"
at = "t"
every_s = 10
[emit.fields]
unit_id = "u"
lat = "lat"
lon = "lon"
fix_time = "t"
altitude_m = "up"
speed_mps = "kmh"
"""


def fixes(*rows):
    return "u,t,lat,lon,up,kmh\n" + "".join(
        f"{u},2024-01-01T00:00:{s:06.3f},{lat},100.5,0.6,{v}\n" for u, s, lat, v in rows
    )


def test_an_offset_and_a_default(tmp_path):
    messages, _ = played(tmp_path, POSITIONS, fixes(("a", 0, 30.5, "36"), ("b", 0, 30.5, "")))
    assert [m["altitude_m"] for m in messages] == [100.0, 100.0]
    assert [m["speed_mps"] for m in messages] == [pytest.approx(10.0), 0.0]


def test_each_unit_speaks_once_in_a_stretch_of_time_and_a_bad_row_does_not_use_it_up(tmp_path):
    rows = [("a", 9.9, 30.1, 1), ("a", 10.0, 50.0, 1), ("a", 10.1, 30.2, 1), ("b", 10.2, 30.3, 1),
            ("a", 19.999, 30.4, 1), ("a", 20, 30.5, 1)]  # fmt: skip
    messages, report = played(tmp_path, POSITIONS, fixes(*rows))
    assert [(m["unit_id"], m["lat"]) for m in messages] == [("a", 30.1), ("a", 30.2), ("b", 30.3), ("a", 30.5)]
    assert dict(report.refused) == {(str(tmp_path / "rows.csv"), "outside of the mapping's extent"): 1}


def test_a_mapping_may_stand_on_another(tmp_path):
    (tmp_path / "base.toml").write_text(MAPPING)
    messages, _ = played(tmp_path, 'extends = "base.toml"\nsource = "U"\n[join]\ncolumns = ["lat", "lon", "kind"]\n')
    assert messages[0]["lat"] == 30.5
    mapping = load_mapping(tmp_path / "m.toml")
    assert (mapping.source, mapping.join.columns, mapping.join.key) == ("U", ("lat", "lon", "kind"), "address")
    (tmp_path / "top.toml").write_text('extends = "m.toml"\n')
    with pytest.raises(MappingError, match=r"top\.toml: extends: m\.toml extends another file itself"):
        load_mapping(tmp_path / "top.toml")
    (tmp_path / "lost.toml").write_text('extends = "gone.toml"\n')
    with pytest.raises(MappingError, match=r"gone\.toml: no such mapping file"):
        load_mapping(tmp_path / "lost.toml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[30.0, 100.0, 31.0, 101.0]", "[31.0, 100.0, 30.0, 101.0]"), "extent"),
        (("[30.0, 100.0, 31.0, 101.0]", "[30.0]"), "extent"),
        (('file = "blocks.csv"', ""), "join.file: is missing"),
        (('columns = ["lat", "lon"]', ""), "join.columns"),
        (('key = "address"', 'key = "address"\nkind = 1'), "join.kind: unknown key"),
        (('on = { template = "{block:.0f} {street}" }', "on = 3"), "join.on"),
        (('on = { template = "{block:.0f} {street}" }', ""), "join.on"),
    ],
)
def test_a_wrong_mapping_is_named_with_the_key(tmp_path, change, said):
    with pytest.raises(MappingError, match="m.toml") as caught:
        played(tmp_path, MAPPING.replace(*change))
    assert said in str(caught.value)


def test_a_default_is_of_the_kind_of_its_field(tmp_path):
    with pytest.raises(MappingError, match=r"columns\.kmh\.default: 'x' cannot be the constant of a number"):
        played(tmp_path, POSITIONS.replace("default = 0.0", 'default = "x"'), fixes(("a", 0, 30.5, 1)))
