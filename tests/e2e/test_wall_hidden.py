"""A tab that nobody sees costs nothing, and is right at once when somebody looks again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from data_feeds.frames import HEADER, FrameType
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, fix, incident, place, scripted_wall, unit

TICKS = 4
TICKS_METRIC = 'wallboard_hub_total{event="ticks"}'


@pytest.fixture
def post() -> Iterator[ScriptedWall]:
    with scripted_wall(map_center=list(PLACE), map_zoom=13.0, tick_s=0.25) as wall:
        wall.say(*unit("U1", 0, 0), *unit("U2", 300, 300))
        wall.taken()
        yield wall


def show(wall: Wall, shown: bool) -> None:
    """What a browser does when its tab goes to the back or to the front."""
    wall.ask("""(shown) => {
        Object.defineProperty(document, "hidden", {value: !shown, configurable: true});
        Object.defineProperty(document, "visibilityState", {value: shown ? "visible" : "hidden", configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
    }""", shown)  # fmt: skip


def kinds(frames: list[bytes | str]) -> list[FrameType]:
    return [FrameType(HEADER.unpack_from(frame)[1]) for frame in frames if isinstance(frame, bytes)]


def ticks(wall: Wall, server: ScriptedWall, n: int) -> None:
    """Let the server tick ``n`` times."""
    due = server.metric(TICKS_METRIC) + n
    wall.until(lambda: server.metric(TICKS_METRIC), "ticks", lambda now: now >= due)


def test_a_hidden_tab_hears_nothing_and_is_right_with_the_first_frames_after(post, open_wall):
    wall = open_wall(post.url, lang="zh", size=(1200, 700))
    wall.drawn()
    wall.until(lambda: wall.text("#queue .head-count"), "the queue", lambda n: n == "0")

    show(wall, False)
    wall.until(lambda: wall.sent, "the word to the server", lambda sent: sent and sent[-1] == "pause")

    def silent() -> bool:
        before = len(wall.frames)
        ticks(wall, post, 2)
        return len(wall.frames) == before

    wall.until(silent, "the end of what was under way")
    seq, heard = wall.stats()["seq"], len(wall.frames)
    post.say(fix("U1", 800, -500), *unit("U3", -200, 100), incident("A-9", 100, 100, 5))
    ticks(wall, post, TICKS)
    assert wall.stats()["seq"] == seq
    assert len(wall.frames) == heard
    assert wall.text("#queue .head-count") == "0"
    assert post.metric("wallboard_viewers") == 1

    show(wall, True)
    lat, lon = place(800, -500)
    at = wall.until(lambda: wall.at("U1"), "the unit's new place", lambda u: abs(u["lat"] - lat) < 1e-5)
    assert abs(at["lon"] - lon) < 1e-5
    wall.until(wall.stats, "the new unit", lambda s: s["drawn"] == 3 and s["synced"])
    wall.until(lambda: wall.text("#queue .head-count"), "the new incident", lambda n: n == "1")
    assert wall.sent[-1] == "resync"
    # the first thing heard is everything: no tick goes by in which the wall shows what was
    assert kinds(wall.frames[heard:])[:2] == [FrameType.DICT, FrameType.SNAPSHOT]
    assert wall.stats()["reconnects"] == 0


def test_a_tab_hidden_while_its_server_dies_finds_the_new_one(post, open_wall):
    wall = open_wall(post.url, lang="zh", size=(1200, 700), outage=True)
    wall.drawn()
    show(wall, False)
    wall.until(lambda: wall.sent, "the word to the server", lambda sent: sent and sent[-1] == "pause")
    epoch = wall.stats()["epoch"]
    post.restart()
    post.say(*unit("U7", 50, 50))
    ticks(wall, post, TICKS)
    assert post.metric("wallboard_viewers") == 0  # nobody looks, nobody calls
    show(wall, True)
    wall.until(wall.stats, "the new server's unit",
               lambda s: s["epoch"] != epoch and s["synced"] and s["drawn"] == 1)  # fmt: skip
    wall.at("U7")
