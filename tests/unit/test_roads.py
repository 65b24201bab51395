"""Road graphs: what is accepted, and the file."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_feeds import roads
from data_feeds.geo import distance_m
from data_feeds.roads import RoadGraph, RoadsError

INT = np.int32


def graph(seed: int = 1, n: int = 6, e: int = 9) -> RoadGraph:
    rng = np.random.default_rng(seed)
    bends = rng.integers(0, 4, e)
    shape_start = np.concatenate([[0], np.cumsum(bends)]).astype(INT)
    return RoadGraph(
        lat=26 + rng.random(n), lon=105 + rng.random(n), start=rng.integers(0, n, e, dtype=INT),
        end=rng.integers(0, n, e, dtype=INT), length_m=rng.random(e) * 500, speed_mps=5 + rng.random(e) * 20,
        road_class=rng.integers(0, len(roads.CLASSES), e).astype(np.uint8), name=rng.integers(0, 3, e, dtype=INT),
        shape_start=shape_start, shape_lat=26 + rng.random(shape_start[-1]),
        shape_lon=105 + rng.random(shape_start[-1]),
        names=("", "人民路", "解放路"), names_en=("", "Renmin Road", ""),
    )  # fmt: skip


def test_other_speeds_are_those_of_their_classes_alone() -> None:
    made = graph()
    kind = roads.CLASSES[made.road_class[0]]
    other = roads.with_speeds(made, {kind: 36})
    of_class = made.road_class == made.road_class[0]
    assert (other.speed_mps[of_class] == 10.0).all()
    assert (other.speed_mps[~of_class] == made.speed_mps[~of_class]).all()
    assert roads.with_speeds(made, {}) is made


@given(seed=st.integers(0, 1000), n=st.integers(1, 40), e=st.integers(0, 80))
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, seed: int, n: int, e: int) -> None:
    path = tmp_path_factory.mktemp("roads") / "city.roads.npz"
    made = graph(seed, n, e)
    made.save(path)
    read = roads.load(path)
    for name in made.__dataclass_fields__:
        assert np.array_equal(getattr(read, name), getattr(made, name)), name
    assert not list(path.parent.glob("*.part"))


def test_a_line_goes_from_node_to_node_through_its_bends() -> None:
    g = graph()
    for edge in range(len(g.start)):
        lat, lon = g.line(edge)
        assert len(lat) == len(lon) == 2 + g.shape_start[edge + 1] - g.shape_start[edge]
        assert (lat[0], lon[0]) == (g.lat[g.start[edge]], g.lon[g.start[edge]])
        assert (lat[-1], lon[-1]) == (g.lat[g.end[edge]], g.lon[g.end[edge]])


def test_lengths_are_sums_of_their_own_steps_only() -> None:
    lat, lon = np.array([26.0, 26.01, 26.02, 30.0, 30.0]), np.array([105.0, 105.0, 105.0, 106.0, 106.01])
    lengths = roads.lengths_m(lat, lon, np.array([0, 3, 4, 5], dtype=INT))
    assert lengths == pytest.approx([float(distance_m(26.0, 105.0, 26.02, 105.0)), 0.0, 0.0], rel=1e-9)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"end": np.full(9, 6, dtype=INT)}, "no node"),
        ({"start": np.full(9, -1, dtype=INT)}, "no node"),
        ({"name": np.full(9, 3, dtype=INT)}, "unknown name"),
        ({"road_class": np.full(9, 8, dtype=np.uint8)}, "unknown name or class"),
        ({"length_m": np.full(9, np.nan)}, "without length"),
        ({"speed_mps": np.zeros(9)}, "without length or speed"),
        ({"lat": np.full(6, np.nan)}, "degrees"),
        ({"length_m": np.zeros(8)}, "8 of length_m"),
        ({"shape_lat": np.zeros(1)}, "shapes"),
        ({"names_en": ("",)}, "one language"),
        ({"lat": np.zeros(0), "lon": np.zeros(0)}, "0 nodes"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], word: str) -> None:
    with pytest.raises(RoadsError, match=word):
        replace(graph(), **change)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken"])
def test_another_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.npz"
    path.write_bytes(content)
    with pytest.raises(RoadsError, match=r"wrong\.npz.*basemap build"):
        roads.load(path)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=150)
def test_a_damaged_file_is_refused_and_never_more(
    tmp_path_factory: pytest.TempPathFactory, hits: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    graph().save(path)
    data = bytearray(path.read_bytes())
    for at, value in hits:
        data[at % len(data)] = value
    path.write_bytes(data)
    with contextlib.suppress(RoadsError):
        roads.load(path)


@pytest.mark.parametrize("name", ["start", "end", "road_class", "name", "shape_start"])
def test_numbers_of_edges_are_whole(name: str) -> None:
    with pytest.raises(RoadsError, match="broken number"):
        replace(graph(), **{name: getattr(graph(), name).astype(float)})


def test_a_missing_file_and_missing_arrays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RoadsError, match="none"):
        roads.load(tmp_path / "none.npz")
    np.savez(tmp_path / "bare.npz", lat=np.zeros(1))
    with pytest.raises(RoadsError, match="bare"):
        roads.load(tmp_path / "bare.npz")
    np.savez(tmp_path / "old.npz", about=np.frombuffer(b'{"format": 0}', dtype=np.uint8))
    with pytest.raises(RoadsError, match="build it again"):
        roads.load(tmp_path / "old.npz")
