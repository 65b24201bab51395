"""The systemd units: what they may write to is what the settings they give name."""

import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from data_feeds import settings as settings_module
from data_feeds.history import sets
from data_feeds.settings import ENV_PREFIX, Settings

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy/wallboard.service"
DECLARED_BY = {"%S": "StateDirectory", "%C": "CacheDirectory"}


def lines_of(name: str) -> list[str]:
    pairs = (line.split("=", 1) for line in UNIT.read_text(encoding="utf-8").splitlines() if "=" in line)
    return [pair[1] for pair in pairs if pair[0] == name]


def environment() -> dict[str, str]:
    return dict(line.split("=", 1) for line in lines_of("Environment"))


def written_folders() -> list[str]:
    """The settings that name a folder which is written to and are not empty by default."""
    return [entry.name for entry in fields(Settings) if entry.name.endswith("_dir") and getattr(Settings(), entry.name)]


def test_the_unit_may_write_nowhere_but_to_its_own_directories():
    assert lines_of("ProtectSystem") == ["strict"]
    assert lines_of("DynamicUser") == ["yes"]


@pytest.mark.parametrize("name", written_folders())
def test_every_folder_that_is_written_lies_in_a_directory_that_the_unit_declares(name):
    root, folder, *_ = environment()[ENV_PREFIX + name.upper()].split("/")
    assert [folder] == lines_of(DECLARED_BY[root])


def test_history_is_kept_and_only_what_can_be_made_again_lies_in_the_cache():
    settings = settings_module.load(environ=environment())
    assert str(sets.folder_of(settings)).startswith("%S/one-map/")
    assert settings.cache_dir.startswith("%C/one-map")
    assert settings.briefings_dir == ""  # in the history's folder


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / UNIT.name
    # the program is where an installation has it, not here
    text = UNIT.read_text(encoding="utf-8").replace("/opt/one-map/.venv/bin/python", shutil.which("env") or "")
    unit.write_text(text.replace("WorkingDirectory=/opt/one-map", "WorkingDirectory=/"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
    told = [line for line in (done.stdout + done.stderr).splitlines() if UNIT.name in line]
    assert not told
