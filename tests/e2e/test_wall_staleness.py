"""Old data look old: a feed that falls silent turns yellow, then red, and raises an alarm."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, fix, incident, scripted_wall, unit
from tests.e2e.server import roads_known

# long enough to be seen by a page that draws once in seconds
STALE_S, LOST_S, TALK_EVERY_S = 3.0, 9.0, 0.3


@contextmanager
def talking(wall: ScriptedWall) -> Iterator[None]:
    """Units that report all the while."""
    silent = threading.Event()

    def talk() -> None:
        metres = 0.0
        while not silent.wait(TALK_EVERY_S):
            metres += 1.0
            wall.say(fix("U1", metres, 0), fix("U2", 300, metres))

    thread = threading.Thread(target=talk, name="talker")
    thread.start()
    try:
        yield
    finally:
        silent.set()
        thread.join()


@pytest.fixture
def server() -> Iterator[ScriptedWall]:
    with scripted_wall(map_center=list(PLACE), map_zoom=14.0, feed_stale_s=STALE_S, feed_lost_s=LOST_S) as wall:
        wall.say(*unit("U1", 0, 0), *unit("U2", 300, 0), incident("A-1", 100, 100, 20))
        yield wall


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


def no_feed_is_lost(wall: Wall) -> None:
    wall.until(lambda: alarms(wall), "no lost feed", lambda lines: not any("feed lost" in line for line in lines))


def test_a_silent_feed_turns_yellow_then_red_and_raises_an_alarm(server, open_wall):
    wall = open_wall(server.url, lang="en")
    drawer = wall.page.locator("#dispatch .drawer-basis")
    with talking(server):
        wall.drawn()
        assert is_grey(becomes(wall, "Positions", "fresh")["color"])
        panel_is(wall, "units", "fresh")
        no_feed_is_lost(wall)
        roads_known(server.json)
        wall.page.locator("#queue .incident").first.click()
        wall.page.wait_for_selector("#dispatch .candidate")
        wall.until(drawer.inner_text, "it told as new", lambda text: text and "no update for" not in text)
        wall.ask("() => wallboard.ui.showReach(true)")
        panel_is(wall, "cover-legend", "fresh")

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
    wall.until(lambda: wall.text("#cover-legend"), "it to say so", lambda text: "lost for" in text)
    # the others go on
    becomes(wall, "Incidents", "fresh")
    panel_is(wall, "queue", "fresh")

    with talking(server):
        becomes(wall, "Positions", "fresh")
        no_feed_is_lost(wall)
        panel_is(wall, "units", "fresh")


def test_without_its_broker_the_whole_wall_says_that_it_is_old(server, open_wall):
    wall = open_wall(server.url, lang="zh")
    with talking(server):
        wall.drawn()
        becomes(wall, "警情", "fresh")
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
