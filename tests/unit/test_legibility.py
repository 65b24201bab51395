"""What the guide says of distances follows from the sizes of type and of screens."""

import re
from pathlib import Path

import pytest

from tools import legibility
from tools.legibility import SCREENS, Screen, distance_m, reach_m

ROOT = Path(__file__).parents[2]
LED = next(screen for screen in SCREENS if screen.name.startswith("LED"))


def test_a_character_is_seen_under_an_angle_from_a_distance():
    assert distance_m(51.2, 22.0) == pytest.approx(8.0, abs=0.01)
    assert distance_m(37.23, 16.0) == pytest.approx(8.0, abs=0.01)


def test_a_screen_counts_by_its_millimetres_and_the_smaller_ratio():
    assert Screen("x", 1920, 1080, ()).rem_mm(1) == 12.0
    assert Screen("x", 3840, 1080, ()).rem_mm(2) == 24.0
    assert [Screen("x", 1920, 1080, ()).columns(s) for s in (1, 1.15, 1.5, 1.55, 2, 3)] == [
        "wide", "mid", "mid", "mid", "narrow", "narrow",
    ]  # fmt: skip


def test_the_limits_of_columns_are_the_pages_own():
    source = (ROOT / "assets/js/ui/fit.js").read_text(encoding="utf-8")
    limits = dict(re.findall(r"const (WIDE_REM|NARROW_REM) = (\d+);", source))
    assert {name: float(value) for name, value in limits.items()} == {
        "WIDE_REM": legibility.WIDE_REM, "NARROW_REM": legibility.NARROW_REM,
    }  # fmt: skip


def test_the_guides_table_is_todays():
    guide = legibility.GUIDE.read_text(encoding="utf-8")
    assert legibility.documented(guide) == guide, "run python -m tools.legibility"


@pytest.mark.parametrize(("name", "scale"), re.findall(
    r"^- \*\*(.+?)\*\* at `\?scale=([\d.]+)`", (ROOT / "docs/wall.md").read_text(encoding="utf-8"), re.MULTILINE))
def test_what_the_guide_calls_legible_from_eight_metres_is(name, scale):
    screen = next(screen for screen in SCREENS if screen.name == name)
    for text in ("clock", "countdowns", "incidents", "alarms"):
        assert reach_m(screen, float(scale), text) >= legibility.VIEW_M, text


def test_the_readme_names_a_wall_that_is_legible():
    said = re.search(r"from 8 m .*?`\?scale=([\d.]+)`", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert said is not None
    assert reach_m(LED, float(said[1]), "alarms") >= legibility.VIEW_M
