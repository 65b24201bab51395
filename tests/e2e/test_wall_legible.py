"""The sizes of type that the guide's distances are computed from are those on the screen, at every scale."""

from __future__ import annotations

import pytest

from tests.e2e.pages import Wall
from tests.e2e.test_wall_shots import troubles
from tools.legibility import REM_PX, SELECTORS, SIZES_REM, Screen

FULL_HD = Screen("1920 × 1080", 1920, 1080, ())
SIZE = """(selector) => {
  const small = "[data-group=arrived], [data-group=plain]";  // clocks that do not count down
  const shown = [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility() && !e.closest(small));
  return [...new Set(shown.map((e) => parseFloat(getComputedStyle(e).fontSize)))];
}"""


def has_size(wall: Wall, text: str, px: float) -> None:
    """All that is shown of this kind, once there is any."""
    wall.until(lambda: wall.ask(SIZE, SELECTORS[text]), f"{text} of {px:g} px", lambda sizes: sizes == [
        pytest.approx(px, rel=0.002)])  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scale", [1, 1.5, 1.6, 2, 2.5, 3])
def test_type_is_as_large_as_the_guide_says_and_nothing_is_cut(day, open_wall, scale, lang):
    wall = open_wall(day.url, size=(1920, 1080), scale=scale, lang=lang, kiosk=1, drift=0)
    wall.drawn()
    wall.until(lambda: wall.text("#queue .head-count"), "the queue", lambda n: n == "40")
    columns = FULL_HD.columns(scale)
    assert wall.ask("() => document.getElementById('wall').dataset.columns") == columns
    for text in SELECTORS:
        has_size(wall, text, SIZES_REM[columns][text] * REM_PX * scale)
    wall.until(lambda: troubles(wall), "a composed page", lambda said: not said)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_screen_with_more_pixels_shows_the_same(day, open_wall, scale):
    wall = open_wall(day.url, size=(3840, 2160), scale=scale, lang="zh", kiosk=1, drift=0)
    wall.drawn()
    wall.until(lambda: wall.text("#queue .head-count"), "the queue", lambda n: n == "40")
    for text in SELECTORS:
        has_size(wall, text, SIZES_REM[FULL_HD.columns(scale)][text] * 2 * REM_PX * scale)
    wall.until(lambda: troubles(wall), "a composed page", lambda said: not said)
