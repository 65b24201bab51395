"""Scenes in turn, a call for help, a kiosk, and a wall that drifts without missing a click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from data_feeds.model import DroneTelemetry, Status
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, ago, place, scripted_wall, unit
from tests.e2e.test_wall_shots import SIZES, composed

TURN_S = 3.0


def fly(wall: ScriptedWall, *drones: tuple[str, float, float]) -> None:
    for name, north_m, east_m in drones:
        lat, lon = place(north_m, east_m)
        told = DroneTelemetry(name, lat, lon, ago(0.5), callsign=name, height_m=90.0, battery=61.0, mission="Lake")
        wall.say(told)
    wall.taken()


@pytest.fixture
def sky() -> Iterator[ScriptedWall]:
    """A wall of two scenes, with units and no drone yet."""
    with scripted_wall(
        scenes=["map", "drones"], scene_s=TURN_S, map_center=list(PLACE), map_zoom=13.0, drift_px=8,
        stale_after_s=600.0, offline_after_s=1200.0,
    ) as wall:  # fmt: skip
        for k in range(6):
            wall.say(*unit(f"U{k}", 200.0 * k, 100.0 * k, callsign=f"K-{k}"))
        wall.taken()
        yield wall


def scene(wall: Wall) -> str:
    return str(wall.ask("() => document.getElementById('wall').dataset.scene"))


def shows(wall: Wall, name: str) -> None:
    wall.until(lambda: scene(wall), f"the scene {name}", lambda now: now == name)


# all of it at one moment: the next turn may come before a second question
SEEN = """() => {
    const { map } = wallboard.live, { lat, lng } = map.getCenter(), bounds = map.getBounds();
    const visible = (id) => document.getElementById(id).checkVisibility();
    const flying = wallboard.ui.body("drones")?.drones ?? [];
    return {
        scene: document.getElementById("wall").dataset.scene, name: document.getElementById("scene-name").innerText,
        alarms: visible("alarms"), queue: visible("queue"), view: [lat, lng, map.getZoom()],
        inSight: flying.every(({ lat, lon }) => bounds.contains([lat, lon])),
        same: globalThis.__map === map && globalThis.__layer === wallboard.live.layer,
    };
}"""


def test_scenes_take_turns_and_a_call_for_help_holds_the_map(sky, open_wall):
    wall = open_wall(sky.url, lang="en")
    wall.drawn()
    first = wall.still(lambda: wall.ask(SEEN), "the first scene")
    assert first["name"] == "Map"
    wall.page.wait_for_timeout(int(TURN_S * 2000))
    assert scene(wall) == "map", "no drone is in the air"

    wall.ask("() => { globalThis.__map = wallboard.live.map; globalThis.__layer = wallboard.live.layer; }")
    fly(sky, ("D1", 3000, 3000), ("D2", 3600, 3900))
    drones = {"scene": "drones", "name": "Drones", "alarms": True, "queue": False, "inSight": True, "same": True}
    wall.until(lambda: wall.ask(SEEN), "the drones in sight", lambda seen: drones.items() <= seen.items())
    back = {"scene": "map", "name": "Map", "queue": True, "same": True}
    wall.until(lambda: wall.ask(SEEN), "the map as it was", lambda seen: back.items() <= seen.items()
               and seen["view"] == pytest.approx(first["view"], abs=1e-5))  # fmt: skip

    shows(wall, "drones")
    sky.say(Status("U1", "on_scene", "", ago(0), True))
    sky.taken()
    shows(wall, "map")
    wall.page.wait_for_timeout(int(TURN_S * 2500))
    assert scene(wall) == "map", "somebody calls for help"
    wall.page.keyboard.press("2")
    shows(wall, "drones")  # a person decides


def test_a_person_chooses_and_the_turns_wait(sky, open_wall):
    fly(sky, ("D1", 100, 100))
    wall = open_wall(sky.url, lang="zh")
    wall.drawn()
    wall.page.keyboard.press("2")
    shows(wall, "drones")
    assert wall.text("#scene-name") == "无人机"
    wall.page.wait_for_timeout(int(TURN_S * 2500))
    assert scene(wall) == "drones"
    wall.page.keyboard.press("1")
    shows(wall, "map")
    wall.page.locator("#search-input").click()
    wall.page.keyboard.type("2")
    assert scene(wall) == "map", "what is typed is not meant"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_scene_of_the_drones_is_composed_at_every_size(day, open_wall, lang):
    wall = open_wall(day.url, lang=lang, scene="drones")
    wall.drawn()
    for width, height in SIZES:
        wall.page.set_viewport_size({"width": width, "height": height})
        composed(wall, f"drones-{width}x{height}-{lang}")
    wall.until(wall.page.locator("#drones .tile").count, "both drones", lambda n: n == 2)
    wall.until(wall.page.locator("#drones .sighting").count, "what one of them saw", lambda n: n == 1)


def test_a_kiosk_has_nothing_to_operate(day, open_wall):
    wall = open_wall(day.url, lang="en", kiosk=1)
    wall.drawn()
    for gone in (".search", ".layers", "#language", "#newer"):
        assert not wall.page.locator(gone).first.is_visible()
    for shown in ("#alarms .alarm", "#queue .incident"):
        wall.page.locator(shown).first.wait_for()
    seen = wall.ask("""() => [document.body, ...document.querySelectorAll("#map, .incident")].slice(0, 3).map(
        (e) => { const { cursor, userSelect } = getComputedStyle(e); return [cursor, userSelect]; })""")
    assert seen == [["none", "none"]] * 3
    wall.page.mouse.click(800, 450)
    for _ in range(6):
        wall.page.keyboard.press("Tab")
        wall.page.keyboard.press("Enter")
    assert wall.ask("() => document.activeElement.tagName") == "BODY", "keys reach no row and no button"
    assert wall.ask("() => document.getElementById('card').hidden")
    assert wall.ask("() => getComputedStyle(document.activeElement).outlineStyle") == "none"
    menu = "() => document.body.dispatchEvent(new MouseEvent('contextmenu', {bubbles: true, cancelable: true}))"
    assert wall.ask(menu) is False
    wall.until(wall.page.title, "the number of alarms", lambda title: title.startswith("("))


BOX = """() => {
    const { left, top, right, bottom } = document.getElementById("wall").getBoundingClientRect();
    return [left, top, right, bottom];
}"""
LATER = "() => { const real = Date.now; Date.now = () => real() + 7 * 20_000; wallboard.ui.changed('*'); }"


def test_a_wall_that_drifts_is_whole_sharp_and_hit_where_it_is_seen(sky, open_wall):
    wall = open_wall(sky.url, lang="en", drift=20, scene="map")
    wall.drawn()
    card = wall.page.locator("#card")
    places = {tuple(wall.still(lambda: wall.ask(BOX), "a wall that stands")[:2])}
    for _ in range(4):
        wall.ask(LATER)
        left, top, right, bottom = wall.until(lambda: wall.ask(BOX), "another place",
                                              lambda box: tuple(box[:2]) not in places)  # fmt: skip
        assert min(left, top) >= 0
        assert right <= 1600
        assert bottom <= 900
        assert [left, top] == [round(left), round(top)]
        places.add((left, top))
        wall.frame()
        at = wall.at("U3")
        wall.page.mouse.click(at["x"], at["y"])
        wall.until(lambda: card.is_visible() and wall.text("#card .card-name"), "the card", lambda name: name == "K-3")
        wall.page.keyboard.press("Escape")
        card.wait_for(state="hidden")
