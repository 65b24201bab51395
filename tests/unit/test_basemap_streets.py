"""Streets to a road graph: crossings, one-ways, what is cut off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.basemap.streets import NoRoads, Streets, largest_part
from data_feeds.geo import distance_m
from data_feeds.roads import CLASSES

ROAD = {"highway": "residential"}


def place(ref):
    """Nodes of tests stand on a grid: 12 is in row 1, column 2."""
    return 60.0 + (ref // 10) * 0.001, 25.0 + (ref % 10) * 0.002


def graph(*ways):
    streets = Streets()
    for tags, refs in ways:
        streets.add({**ROAD, **tags}, refs, [place(r)[0] for r in refs], [place(r)[1] for r in refs])
    return streets.graph()


def links(made):
    """Directed edges as pairs of node references."""
    ref = [round((la - 60) / 0.001) * 10 + round((lo - 25) / 0.002) for la, lo in zip(made.lat, made.lon, strict=True)]
    return sorted((ref[a], ref[b]) for a, b in zip(made.start, made.end, strict=True))


def test_crossings_are_nodes_and_bends_are_shape():
    made = graph(({}, [11, 12, 13]), ({}, [2, 12, 22, 23]))
    assert links(made) == sorted([(11, 12), (12, 11), (12, 13), (13, 12), (2, 12), (12, 2), (12, 23), (23, 12)])
    bent = next(e for e in range(len(made.start)) if len(made.line(e)[0]) == 3)
    assert made.shape_lat[made.shape_start[bent]] == place(22)[0]


def test_lengths_run_along_the_bends():
    made = graph(({}, [11, 12, 22]))
    want = distance_m(*place(11), *place(12)) + distance_m(*place(12), *place(22))
    assert made.length_m == pytest.approx([want, want])
    lat, lon = made.line(0)
    assert distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum() == pytest.approx(want)


def test_a_mappers_cut_is_no_crossing():
    assert links(graph(({}, [11, 12]), ({}, [12, 13]), ({}, [14, 13]))) == [(11, 14), (14, 11)]


def test_where_the_name_or_the_limit_changes_there_is_a_node():
    assert len(links(graph(({}, [11, 12]), ({"name": "Mannerheimintie"}, [12, 13])))) == 4
    assert len(links(graph(({}, [11, 12]), ({"maxspeed": "50"}, [12, 13])))) == 4


def test_one_ways_merge_only_along_their_direction():
    ring = [({"oneway": "yes"}, [11, 12]), ({"oneway": "-1"}, [13, 12]), ({}, [13, 11])]
    assert links(graph(*ring)) == [(11, 13), (11, 13), (13, 11)]


def test_a_roundabout_is_driven_one_way():
    made = graph(({"junction": "roundabout"}, [11, 12, 22, 21, 11]), ({}, [1, 11]), ({}, [22, 32]))
    assert (11, 22) in links(made)
    assert (22, 11) in links(made)
    assert len(links(made)) == 2 + 4  # the ring's halves, and two streets both ways


def test_no_edge_leads_from_a_node_to_itself():
    made = graph(({}, [1, 11]), ({"junction": "roundabout"}, [11, 12, 22, 21, 11]))
    assert not any(a == b for a, b in links(made))
    assert len(made.start) == 4


def test_what_cannot_be_left_or_reached_is_cut_off():
    made = graph(({}, [11, 12]), ({"oneway": "yes"}, [12, 13]), ({}, [41, 42]), ({}, [12, 22]))
    assert links(made) == [(11, 22), (22, 11)] or set(links(made)) == {(11, 12), (12, 11), (12, 22), (22, 12)}
    assert len(graph(({}, [11, 12]), ({}, [31, 32]), ({}, [32, 33]), ({"name": "B"}, [33, 34])).start) == 4


def test_names_classes_and_speeds_go_along():
    made = graph(({"name": "人民路", "name:en": "Renmin Road", "highway": "primary", "maxspeed": "40"}, [11, 12]))
    assert (made.names, made.names_en) == (("", "人民路"), ("", "Renmin Road"))
    assert [made.names[n] for n in made.name] == ["人民路", "人民路"]
    assert [CLASSES[c] for c in made.road_class] == ["primary", "primary"]
    assert made.speed_mps == pytest.approx([11.1, 11.1])


def test_what_leaves_the_map_is_left_out():
    streets = Streets()
    for refs in ([11, 12], [12, 13]):
        streets.add({**ROAD, "name": str(refs)}, refs, [place(r)[0] for r in refs], [place(r)[1] for r in refs])
    assert links(streets.graph((24.9, 59.9, place(12)[1], 60.1))) == [(11, 12), (12, 11)]
    with pytest.raises(NoRoads):
        streets.graph((0.0, 0.0, 1.0, 1.0))


@pytest.mark.parametrize("ways", [[], [({"highway": "footway"}, [11, 12])], [({"oneway": "yes"}, [11, 12])]])
def test_without_roads_it_says_so(ways):
    with pytest.raises(NoRoads):
        graph(*ways)


@given(st.integers(2, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=40))
def test_thelargest_part_is_the_largest_strongly_connected_one(n, pairs):
    pairs = [(a % n, b % n) for a, b in pairs if a % n != b % n]
    if not pairs:
        return
    start, end = np.array(pairs).T
    reach = np.eye(n, dtype=bool)
    reach[start, end] = True
    for k in range(n):
        reach |= reach[:, [k]] & reach[[k], :]
    both = reach & reach.T
    kept = largest_part(start, end, n)
    most = both.sum(axis=1).max()
    nodes = set(start[kept]) | set(end[kept])
    if most > 1:
        assert len(nodes) == most
        assert all(both[a, b] for a in nodes for b in nodes)
    else:
        assert not kept.any()
