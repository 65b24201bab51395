"""One browser for the whole run, one process of the wall for all tests that only look at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e import bad_day
from tests.e2e.eye import Eye
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import ScriptedWall, scripted_wall
from tests.e2e.server import WallProcess, running_wall

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or the one that CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "no Chromium: install the system's package, or name a browser in CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def eye(browser: Browser) -> Eye:
    return Eye(browser)


@pytest.fixture(scope="module")
def city() -> Iterator[WallProcess]:
    """The wall as `make run` starts it; for each module anew, as a city takes a tenth of a core while it lives."""
    with running_wall() as wall:
        yield wall


@pytest.fixture(scope="module")
def day() -> Iterator[ScriptedWall]:
    """The wall on a bad day, for each module anew: twenty minutes later everybody would be lost."""
    with scripted_wall(**bad_day.SETTINGS) as wall:
        bad_day.happen(wall)
        yield wall


OpenWall = Callable[..., Wall]


@pytest.fixture(scope="module")
def open_shared(browser: Browser) -> Iterator[OpenWall]:
    """Opens pages that the tests of a module share; at the end none of them may have anything to complain about."""
    yield from _opener(browser)


@pytest.fixture
def open_wall(browser: Browser) -> Iterator[OpenWall]:
    """The same for the pages of one test."""
    yield from _opener(browser)


def _opener(browser: Browser) -> Iterator[OpenWall]:
    walls: list[Wall] = []

    def opened(url: str, **options: object) -> Wall:
        walls.append(Wall(browser, url, **options))
        return walls[-1]

    yield opened
    complaints = [(wall.url, complaint) for wall in walls for complaint in wall.complaints()]
    for wall in walls:
        wall.close()
    assert not complaints
