"""Cities that are kept: the same city comes back, and a bad or unwritable shelf costs nothing but time."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from data_feeds.simulator import city, shelf


@pytest.fixture(scope="module")
def grown() -> city.City:
    return city.build(3)


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


def assert_same_city(one: city.City, other: city.City) -> None:
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name == "roads":
            for part in fields(mine):
                assert same(getattr(mine, part.name), getattr(theirs, part.name)), f"roads.{part.name}"
        elif field.name == "places":
            assert plain(mine) == plain(theirs), field.name
        else:
            assert same(mine, theirs), field.name


def plain(value: object) -> object:
    """Tuples as lists: GeoJSON knows no difference."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def test_a_city_comes_back_as_it_was(tmp_path: Path, grown: city.City) -> None:
    shelf.write(tmp_path / "one.npz", grown)
    assert_same_city(shelf.read(tmp_path / "one.npz"), grown)
    assert [path.name for path in tmp_path.iterdir()] == ["one.npz"]


def test_it_is_grown_once(tmp_path: Path, grown: city.City, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, float]] = []

    def build(seed: int, size: float) -> city.City:
        calls.append((seed, size))
        return grown

    monkeypatch.setattr(city, "build", build)
    folder = tmp_path / "not" / "there"
    for _ in range(3):
        assert_same_city(shelf.take(folder, 3, 1.0), grown)
    assert calls == [(3, 1.0)]
    shelf.take(folder, 3, 2.0)
    shelf.take(folder, 4, 1.0)
    assert calls == [(3, 1.0), (3, 2.0), (4, 1.0)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"hello"])
def test_a_file_that_is_no_city_is_replaced(
    tmp_path: Path, grown: city.City, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(city, "build", lambda seed, size: grown)
    shelf.take(tmp_path, 3, 1.0)
    (path,) = tmp_path.glob("city-*.npz")
    path.write_bytes(content)
    assert_same_city(shelf.take(tmp_path, 3, 1.0), grown)
    assert_same_city(shelf.read(path), grown)


def test_a_shelf_that_cannot_be_written_is_done_without(
    tmp_path: Path, grown: city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city, "build", lambda seed, size: grown)
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert shelf.take(blocked / "shelf", 3, 1.0) is grown


def test_only_the_last_few_are_kept(tmp_path: Path, grown: city.City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city, "build", lambda seed, size: grown)
    for seed in range(shelf.KEPT + 3):
        shelf.take(tmp_path, seed, 1.0)
        for age, path in enumerate(sorted(tmp_path.iterdir())):
            os.utime(path, (1e9 + age, 1e9 + age))
    seeds = sorted(int(path.name.split("-")[1]) for path in tmp_path.iterdir())
    assert seeds == list(range(3, shelf.KEPT + 3))
