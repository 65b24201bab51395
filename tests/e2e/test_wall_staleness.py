"""Old data look old: a feed that falls silent turns yellow, then red, and raises an alarm."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, fix, incident, scripted_wall, unit

STALE_S, LOST_S, TALK_EVERY_S = 2.0, 5.0, 0.3


class Talker:
    """Units that report all the time until they are told to be silent."""

    def __init__(self, wall: ScriptedWall) -> None:
        self._wall = wall
        self._silent = threading.Event()
        self._thread = threading.Thread(target=self._talk, name="talker")

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._silent.set()
        self._thread.join()

    def _talk(self) -> None:
        metres = 0.0
        while not self._silent.wait(TALK_EVERY_S):
            metres += 1.0
            self._wall.say(fix("U1", metres, 0), fix("U2", 300, metres))


@pytest.fixture
def server() -> Iterator[ScriptedWall]:
    with scripted_wall(map_center=list(PLACE), map_zoom=14.0, feed_stale_s=STALE_S, feed_lost_s=LOST_S) as wall:
        wall.say(*unit("U1", 0, 0), *unit("U2", 300, 0), incident("A-1", 100, 100, 20))
        yield wall


@pytest.fixture
def talker(server) -> Iterator[Talker]:
    talker = Talker(server)
    talker.begin()
    yield talker
    talker.end()


def feed(wall: Wall, words: str) -> dict[str, str]:
    """A feed of the header by its name: age class, text, colour."""
    return dict(wall.ask("""(words) => {
        const item = [...document.querySelectorAll("#header .feed")].find((f) => f.textContent.startsWith(words));
        return item ? {age: item.dataset.age, text: item.textContent, color: getComputedStyle(item).color} : {};
    }""", words))  # fmt: skip


def becomes(wall: Wall, words: str, age: str) -> dict[str, str]:
    return wall.until(lambda: feed(wall, words), f"{words} to be {age}", lambda f: f.get("age") == age)


def rgb(color: str) -> tuple[int, int, int]:
    """``rgb(1, 2, 3)`` as numbers."""
    red, green, blue = (int(part) for part in color.split("(")[1].rstrip(")").split(",")[:3])
    return red, green, blue


def is_grey(color: str) -> bool:
    return max(rgb(color)) - min(rgb(color)) < 60


def is_yellow(color: str) -> bool:
    red, green, blue = rgb(color)
    return red > 180 and green > 150 and blue < 130


def is_red(color: str) -> bool:
    red, green, blue = rgb(color)
    return red > 180 and green < 130 and blue < 130


def panel_is(wall: Wall, panel: str, *ages: str) -> None:
    root = wall.page.locator(f"#{panel}")
    wall.until(lambda: root.get_attribute("data-age"), f"{panel} to be {ages}", lambda age: age in ages)


def alarms(wall: Wall) -> list[str]:
    return wall.page.locator("#alarms .alarm-words").all_inner_texts()


def test_a_silent_feed_turns_yellow_then_red_and_raises_an_alarm(server, talker, open_wall):
    wall = open_wall(server.url, lang="en")
    wall.drawn()
    assert is_grey(becomes(wall, "Positions", "fresh")["color"])
    panel_is(wall, "units", "fresh")
    assert not [line for line in alarms(wall) if "feed lost" in line]
    wall.until(lambda: wall.ask("() => wallboard.ui.body('cover')?.state"), "the roads", lambda said: said == "ready")
    wall.page.locator("#queue .incident").first.click()
    wall.page.wait_for_selector("#dispatch .candidate")
    drawer = wall.page.locator("#dispatch .drawer-basis")
    assert "no update for" not in drawer.inner_text()
    wall.ask("() => wallboard.ui.showReach(true)")
    panel_is(wall, "cover-legend", "fresh")

    talker.end()
    stale = becomes(wall, "Positions", "stale")
    assert is_yellow(stale["color"])
    assert "no update for" in stale["text"]
    panel_is(wall, "units", "stale", "lost")
    lost = becomes(wall, "Positions", "lost")
    assert is_red(lost["color"])
    assert "lost for" in lost["text"]
    wall.until(lambda: alarms(wall), "the alarm", lambda lines: any(
        line.startswith("Positions feed lost for") for line in lines))  # fmt: skip
    wall.until(lambda: wall.text("#units .head-time"), "the panel to say it", lambda text: "lost for" in text)
    wall.until(drawer.inner_text, "who can be there to be told as old", lambda text: text.startswith("lost for"))
    panel_is(wall, "cover-legend", "lost")
    assert "lost for" in wall.text("#cover-legend")
    # the others go on
    becomes(wall, "Incidents", "fresh")
    panel_is(wall, "queue", "fresh")

    server.say(fix("U1", 900, 0))
    becomes(wall, "Positions", "fresh")
    wall.until(lambda: alarms(wall), "the alarm's end", lambda lines: not any("feed lost" in line for line in lines))
    panel_is(wall, "units", "fresh")


def test_without_its_broker_the_whole_wall_says_that_it_is_old(server, talker, open_wall):
    wall = open_wall(server.url, lang="zh")
    wall.drawn()
    becomes(wall, "警情", "fresh")
    talker.end()
    server.feed.cut()
    for words in ("定位", "警情", "状态"):
        becomes(wall, words, "lost")
    for panel in ("units", "queue"):
        panel_is(wall, panel, "lost")
    wall.until(lambda: alarms(wall), "the alarms", lambda lines: any("数据中断" in line for line in lines))
    assert wall.stats()["link"] == "open"  # the server itself is well, and says so
    server.feed.mend()
    becomes(wall, "警情", "fresh")
    panel_is(wall, "queue", "fresh")
