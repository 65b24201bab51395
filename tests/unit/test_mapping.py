"""Mapping files: what is understood, and how a wrong one is refused."""

import copy
from pathlib import Path

import pytest

from data_feeds.mapping import lacks
from data_feeds.mapping_file import MappingError, load, parse
from data_feeds.model import Topic

PATH = Path("my.toml")
GOOD = {
    "source": "A test",
    "columns": {"kmh": {"unit": "km/h"}},
    "maps": {"status": {"rules": {"f*": "AVAILABLE"}}},
    "emit": [
        {"topic": "position", "at": "when",
         "fields": {"unit_id": "unit", "lat": "lat", "lon": "lon", "fix_time": "when", "speed_mps": "kmh"}},
        {"topic": "status", "at": "when", "fields": {"unit_id": "unit", "status": {"column": "s", "map": "status"}}},
    ],
}  # fmt: skip


def changed(path: str, value: object) -> dict:
    """GOOD with the value at dotted ``path`` replaced; ``emit.0`` is the first block."""
    table = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    here = table
    for name in parents:
        here = here[int(name)] if isinstance(here, list) else here.setdefault(name, {})
    if value is None:
        del here[last]
    else:
        here[last] = value
    return table


def test_a_good_mapping_knows_its_columns_and_factors():
    mapping = parse(GOOD, PATH)
    assert set(mapping.columns) == {"when", "unit", "lat", "lon", "kmh", "s"}
    speed = next(f for f in mapping.emits[0].fields if f.name == "speed_mps")
    assert speed.factor == pytest.approx(1 / 3.6)
    assert [emit.topic for emit in mapping.emits] == [Topic.POSITION, Topic.STATUS]


@pytest.mark.parametrize(
    ("path", "value", "key", "way_out"),
    [
        ("source", None, "source", "is missing"),
        ("sorce", "x", "sorce", "did you mean source?"),
        ("datum", "NAD27", "datum", "GCJ02"),
        ("time_zone", "Peking", "time_zone", "IANA"),
        ("dst", "later", "dst", "first or second"),
        ("file.encoding", "utf-9", "file.encoding", "gb18030"),
        ("file.delimiter", ";;", "file.delimiter", "one character"),
        ("file.skip_lines", "2", "file.skip_lines", "a whole number"),
        ("columns.kmh.unit", "kph", "columns.kmh.unit", "km/h"),
        ("columns.unit.unit", "km/h", "columns.unit.unit", "no unit of measure"),
        ("columns.when.format", "yyyy-mm-dd", "columns.when.format", "%d/%m/%Y"),
        ("columns.kmh.decimal", ";", "columns.kmh", "decimal"),
        ("columns.kmhh", {"unit": "m/s"}, "columns.kmhh", "used by no emit block"),
        ("maps.other", {"rules": {}}, "maps.other", "used by no emit block"),
        ("maps.status.rules", {"f*": [1]}, "maps.status.rules.f*", "must be text"),
        ("emit", [], "emit", "[[emit]]"),
        ("emit.0.topic", "positon", "emit[1].topic", "did you mean position?"),
        ("emit.0.topic", "clock", "emit[1].topic", "known:"),
        ("emit.0.at", None, "emit[1].at", "is missing"),
        ("emit.0.fields.lat", None, "emit[1].fields.lat", "needs it"),
        ("emit.0.fields.lattitude", "lat", "emit[1].fields.lattitude", "unit_id, lat, lon"),
        ("emit.0.fields.lat", 30.5, "emit[1].fields.lat", "{ value = 30.5 }"),
        ("emit.0.fields.lat", {"value": "north"}, "emit[1].fields.lat", "constant"),
        ("emit.0.fields.lat", {"column": "lat", "value": 1}, "emit[1].fields.lat", "exactly one"),
        ("emit.0.fields.fix_time", {"template": "{when}"}, "emit[1].fields.fix_time", "one column"),
        ("emit.0.fields.unit_id", {"template": "T{unit"}, "emit[1].fields.unit_id.template", "T{cab:03d}"),
        ("emit.0.fields.unit_id", {"template": "T"}, "emit[1].fields.unit_id.template", "no column"),
        ("emit.0.fields.unit_id", {"template": "{unit!r}"}, "emit[1].fields.unit_id.template", "conversions"),
        ("emit.1.fields.status", {"column": "s", "map": "stauts"}, "emit[2].fields.status.map", "did you mean status?"),
        ("emit.0.derive", ["heading"], "emit[1].derive", "course"),
        ("emit.0.derive", ["speed_mps"], "emit[1].derive", "keep one"),
        ("emit.1.derive", ["course"], "emit[2].derive", "only a position"),
        ("wall.tick_s", 1, "wall.tick_s", "stale_after_s"),
        ("wall.stale_after_s", "long", "stale_after_s", "float"),
        ("wall", {"stale_after_s": 900, "offline_after_s": 60}, "offline_after_s", "must not be below"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_names_file_key_and_way_out(path, value, key, way_out):
    with pytest.raises(MappingError) as caught:
        parse(changed(path, value), PATH)
    text = str(caught.value)
    assert text.startswith("my.toml: ")
    assert key in text
    assert way_out in text


def test_only_start_blocks_are_not_enough():
    table = copy.deepcopy(GOOD)
    for block in table["emit"]:
        block["at"] = "start"
    with pytest.raises(MappingError, match="one must name a time column"):
        parse(table, PATH)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such mapping file"), (b"source = ", "not a TOML file"), (b"source = '\xff'", "not a TOML file")],
)
def test_a_file_that_is_no_mapping_is_named(tmp_path, content, said):
    path = tmp_path / "m.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MappingError, match=said) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_rules_fit_in_order_and_ignore_case():
    table = changed("maps.status", {"rules": {"fre*": "AVAILABLE", "FR*": "ENROUTE"}, "otherwise": "STANDBY"})
    values = parse(table, PATH).emits[1].fields[1].values
    assert [values.value_of(text) for text in ("FREE", "from", "x")] == ["AVAILABLE", "ENROUTE", "STANDBY"]


def test_what_a_source_lacks_is_found_by_itself():
    found = lacks([parse(GOOD, PATH)])
    assert "incident" in found
    assert {"unit.heading", "unit.course", "unit.callsign", "unit.sos"} <= set(found)
    assert not {"unit.speed_mps", "unit.status", "unit", "unit.datum"} & set(found)


def test_derived_fields_are_not_lacking_and_more_can_be_named():
    table = changed("emit.0.derive", ["course"]) | {"lacks": ["incident.closed"]}
    found = lacks([parse(table, PATH)])
    assert "unit.course" not in found
    assert found[-1] == "incident.closed"


def test_two_sources_lack_only_what_neither_has():
    incident = {"topic": "incident", "at": "t", "fields": {"incident_id": "id", "version": {"value": 1}}}
    found = lacks([parse(GOOD, PATH), parse({"source": "B", "emit": [incident]}, PATH)])
    assert "incident" not in found
    assert "incident.place_class" in found
    assert "unit.status" not in found


@pytest.mark.parametrize("path", sorted(Path("mappings").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_good(path):
    assert load(path).emits
