"""Which history is meant, and what an imported set says to the wall that shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_feeds.history import sets
from data_feeds.history.sets import Facts
from data_feeds.history.store import StoreBroken
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings, SettingsError

HOUSTON = Facts("America/Chicago", "Houston", {"map_center": [29.76, -95.4], "map_zoom": 11, "time_zone": "UTC"})


@pytest.fixture
def settings(tmp_path):
    return Settings(history_dir=str(tmp_path))


def test_every_source_of_truth_has_its_folder(settings, tmp_path):
    assert sets.folder_of(settings) == tmp_path / "demo"
    assert sets.folder_of(replace(settings, feed="kafka")) == tmp_path / "live"
    assert sets.folder_of(replace(settings, feed="none")) == tmp_path / "live"
    assert sets.folder_of(replace(settings, history_name="x")) == tmp_path / "x"
    assert sets.folder_of(settings, "y") == tmp_path / "y"
    assert sets.folder_of(replace(settings, history_dir="")) is None


def test_facts_are_kept(settings, tmp_path):
    assert sets.facts_of(tmp_path / "houston") is None
    sets.write_facts(tmp_path / "houston", HOUSTON)
    assert sets.facts_of(tmp_path / "houston") == HOUSTON
    assert [path.name for path in (tmp_path / "houston").iterdir()] == ["set.json"]
    assert (tmp_path / "houston").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[1]"])
def test_damaged_facts_name_the_file_and_the_way_out(tmp_path, content):
    (tmp_path / "set.json").write_bytes(content)
    with pytest.raises(StoreBroken, match=r"set\.json is damaged.*time_zone"):
        sets.facts_of(tmp_path)


def test_a_wall_of_figures_stands_where_its_set_lies(settings, tmp_path):
    sets.write_facts(tmp_path / "houston", HOUSTON)
    wall = sets.fitted(replace(settings, feed="none", history_name="houston", map_zoom=9.0))
    assert (wall.time_zone, wall.map_center, wall.map_zoom) == ("America/Chicago", [29.76, -95.4], 9.0)
    assert sets.fitted(replace(settings, feed="none")).time_zone == settings.time_zone


def test_a_live_wall_keeps_to_its_own_zone(settings, tmp_path):
    sets.write_facts(tmp_path / "houston", HOUSTON)
    with pytest.raises(SettingsError, match=r"America/Chicago.*Asia/Shanghai"):
        sets.fitted(replace(settings, history_name="houston"))
    same = replace(settings, history_name="houston", time_zone="America/Chicago")
    assert sets.fitted(same) == same


def test_facts_that_no_setting_takes_are_refused(settings, tmp_path):
    sets.write_facts(tmp_path / "x", Facts("Mars/Olympus"))
    with pytest.raises(SettingsError, match="Mars"):
        sets.fitted(replace(settings, feed="none", history_name="x"))


def test_a_set_keeps_its_time_zone(settings, tmp_path):
    day = replace(settings, day_starts_at="08:00", tracks_days=7)
    assert sets.options_of(day, Scopes(), tmp_path).time_zone == "Asia/Shanghai"
    sets.write_facts(tmp_path, HOUSTON)
    options = sets.options_of(day, Scopes(), tmp_path)
    assert (options.time_zone, options.day_starts_min, options.tracks_days) == ("America/Chicago", 480, 7)


def test_without_a_folder_nothing_can_be_opened(settings):
    with pytest.raises(SettingsError, match="history_dir"):
        sets.open_store(replace(settings, history_dir=""), Scopes())
