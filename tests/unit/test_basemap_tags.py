"""OpenStreetMap's tags: what is drawn how, and what a street allows."""

import pytest

from data_feeds.basemap import tags as osm
from data_feeds.roads import CLASSES, USUAL_SPEED_MPS

KMH = 1 / 3.6


@pytest.mark.parametrize(
    ("tags", "ahead", "back"),
    [
        ({"highway": "primary"}, True, True),
        ({"highway": "primary", "oneway": "yes"}, True, False),
        ({"highway": "primary", "oneway": "1"}, True, False),
        ({"highway": "primary", "oneway": "-1"}, False, True),
        ({"highway": "primary", "oneway": "reverse"}, False, True),
        ({"highway": "primary", "oneway": "no"}, True, True),
        ({"highway": "primary", "oneway": "reversible"}, True, True),
        ({"highway": "tertiary", "junction": "roundabout"}, True, False),
        ({"highway": "tertiary", "junction": "circular", "oneway": "no"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "oneway": "no"}, True, True),
        ({"highway": "motorway_link"}, True, False),
        ({"highway": "trunk"}, True, True),
    ],
)
def test_directions(tags, ahead, back):
    assert osm.directions(tags) == (ahead, back)


@pytest.mark.parametrize(
    ("said", "mps"),
    [
        ("50", 50 * KMH), ("50 km/h", 50 * KMH), ("30 mph", 30 * 0.44704), ("12.5", 12.5 * KMH), ("walk", 7 * KMH),
        ("FI:walk", 7 * KMH), ("none", 130 * KMH), ("50;30", 30 * KMH), ("60|80", 60 * KMH), ("0", None), ("", None),
        ("signals", None), ("FI:urban", None), ("fast", None), ("-20", None), ("1e9 km", None), ("５０", 50 * KMH),
    ],
)  # fmt: skip
def test_speed_limits(said, mps):
    usual = USUAL_SPEED_MPS[CLASSES.index("tertiary")]
    assert osm.speed_mps({"maxspeed": said}, CLASSES.index("tertiary")) == pytest.approx(usual if mps is None else mps)


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"highway": "residential"}, "residential"),
        ({"highway": "unclassified"}, "residential"),
        ({"highway": "primary_link"}, "primary"),
        ({"highway": "living_street"}, "service"),
        ({"highway": "service"}, "service"),
        ({"highway": "service", "service": "driveway"}, None),
        ({"highway": "footway"}, None),
        ({"highway": "construction"}, None),
        ({"highway": "service", "access": "private"}, None),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, "service"),
        ({"highway": "residential", "motor_vehicle": "no"}, None),
        ({"highway": "pedestrian"}, None),
        ({"highway": "service", "area": "yes"}, None),
        ({"building": "yes"}, None),
    ],
)
def test_who_may_drive(tags, name):
    assert osm.drivable(tags) == (None if name is None else CLASSES.index(name))


def test_names_in_both_languages_where_they_differ():
    assert osm.names({"name": "人民路", "name:en": "Renmin Road", "name:zh": "人民路"}) == {
        "name": "人民路", "name_en": "Renmin Road"}  # fmt: skip
    assert osm.names({"name": "Helsinki", "name:zh-Hans": "赫尔辛基", "name:zh": "赫爾辛基"})["name_zh"] == "赫尔辛基"
    assert osm.names({"ref": "101"}) == {}
    assert len(osm.names({"name": "x" * 500})["name"]) == 80


@pytest.mark.parametrize(
    ("tags", "layer", "kind"),
    [
        ({"natural": "water", "water": "pond"}, "water", "pond"),
        ({"landuse": "reservoir"}, "water", "lake"),
        ({"leisure": "park"}, "green", "park"),
        ({"building": "church"}, "building", "building"),
    ],
)
def test_areas(tags, layer, kind):
    assert osm.area(tags)[:2] == (layer, kind)


@pytest.mark.parametrize("tags", [{"building": "no"}, {"landuse": "retail"}, {"natural": "coastline"}, {}])
def test_what_is_no_area(tags):
    assert osm.area(tags) is None


def test_the_lower_a_class_the_later_it_comes():
    order = ["motorway", "trunk", "primary", "secondary", "tertiary", "residential", "service", "footway"]
    zooms = [osm.line({"highway": kind}).minzoom for kind in order]
    assert zooms == sorted(zooms)
    assert osm.line({"highway": "footway", "footway": "sidewalk"}).minzoom > osm.line({"highway": "footway"}).minzoom
    assert osm.line({"waterway": "stream", "tunnel": "culvert"}) is None
    assert osm.line({"highway": "proposed"}) is None
