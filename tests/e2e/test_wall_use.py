"""What a person does on the wall: hover, click, close, search, follow, switch layers."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Route

from data_feeds.model import DroneTelemetry, VehiclePosition
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, ago, fix, incident, place, scripted_wall, unit
from tests.e2e.server import roads_known

SPACING_M = 400.0
HERO = "P-77"
HERO_PLACE = (-600.0, 200.0)  # north, east of PLACE in metres
TRAIL_POINTS, TRAIL_STEP_S, SPEED_MPS = 20, 12.0, 8.0
ASKED_AGAIN_MS = 6000  # the drawer reads anew every five seconds
RESTING_MS = 3000
FLIGHT_MS = 900  # longer than the map flies to what is proposed
FOLLOWING_MS = 1500  # a map that follows has moved by then
TRAIL_BLUE = (35, 115, 85, 180, 115, 235)
AVAILABLE_GREEN = (60, 105, 138, 215, 110, 190)


def walk() -> list[VehiclePosition]:
    """The hero came from the west in a straight line and stands now."""
    points = []
    for k in range(TRAIL_POINTS):
        left_s = (TRAIL_POINTS - k) * TRAIL_STEP_S
        lat, lon = place(HERO_PLACE[0], HERO_PLACE[1] - left_s * SPEED_MPS)
        points.append(VehiclePosition(HERO, lat, lon, ago(left_s + 1), speed_mps=SPEED_MPS, course=90.0))
    return points


@pytest.fixture(scope="module")
def beat() -> Iterator[ScriptedWall]:
    with scripted_wall(map_center=list(PLACE), map_zoom=13.5, stale_after_s=1800.0, offline_after_s=3600.0) as wall:
        for k in range(12):
            wall.say(*unit(f"U{k:02d}", SPACING_M * (k // 4), SPACING_M * (k % 4 - 1.5), callsign=f"K-{k:02d}"))
        roster, status, last = unit(HERO, *HERO_PLACE, callsign=HERO, unit_type="traffic", status="enroute")
        wall.say_slowly(roster, status, *walk(), last)
        wall.say(*unit("U99", 900, -900, callsign="SOS-1", sos=True))
        wall.say(incident("A-1", -900, -700, 30, place_class="centre", units=[HERO]))
        lat, lon = place(-900, 700)
        wall.say(DroneTelemetry("D1", lat, lon, ago(1), callsign="U-01", height_m=90.0, battery=61.0, mission="Lake"))
        wall.taken()
        roads_known(wall.json)
        yield wall


@pytest.fixture(scope="module")
def wall(beat, open_shared) -> Wall:
    wall = open_shared(beat.url, lang="en")
    wall.drawn()
    wall.until(wall.stats, "all units", lambda s: s["drawn"] == 14)
    return wall


@pytest.fixture(autouse=True)
def from_the_start(wall) -> None:
    """Nothing selected, the whole beat in sight."""
    wall.page.mouse.move(2, 2)
    over = wall.page.locator("#card, #dispatch")

    def closed() -> bool:
        wall.page.keyboard.press("Escape")
        return bool(over.evaluate_all("all => all.every((e) => e.hidden)"))

    wall.until(closed, "no card and no drawer")
    wall.frame()
    wall.ask("(place) => wallboard.live.map.stop().setView(place, 13.5, {animate: false})", list(PLACE))
    wall.at(HERO)


def select_hero(wall: Wall) -> None:
    at = wall.at(HERO)
    wall.page.mouse.click(at["x"], at["y"])
    wall.until(lambda: wall.page.locator("#card").is_visible(), "the card")
    wall.until(lambda: wall.text("#card .card-name"), "the unit's name", lambda name: name == HERO)


def facts(wall: Wall) -> dict[str, str]:
    return dict(wall.ask("""() => Object.fromEntries([...document.querySelectorAll("#card .fact")].map(
        (f) => [f.dataset.fact, f.querySelector("dd").textContent]))"""))  # fmt: skip


def from_centre(wall: Wall, unit_id: str) -> float:
    """Pixels between a unit and the middle of the map."""
    box = wall.page.locator("#map").bounding_box()
    at = wall.probe(unit_id)[0]
    if at is None:
        return math.inf
    return math.hypot(at["x"] - box["x"] - box["width"] / 2, at["y"] - box["y"] - box["height"] / 2)


def at_rest(wall: Wall) -> list[float]:
    """The middle of the map in degrees, once it no longer glides."""
    centre = "() => { const c = wallboard.live.map.getCenter(); return [c.lat, c.lng]; }"
    return list(wall.still(lambda: wall.ask(centre), "the map to rest"))


def test_hovering_names_what_is_under_the_pointer(wall):
    at, label = wall.at("U05"), wall.page.locator("#hover")
    wall.page.mouse.move(at["x"] + 3, at["y"] - 2)
    wall.until(lambda: label.is_visible() and label.inner_text(), "the label", lambda said: said == "K-05 · Available")
    wall.page.mouse.move(at["x"] + 90, at["y"] + 60)
    wall.until(lambda: wall.page.locator("#hover").is_visible(), "no label", lambda seen: not seen)


def test_a_click_on_a_unit_opens_its_card(wall):
    select_hero(wall)
    said = wall.until(lambda: facts(wall), "the unit's facts", lambda f: f.get("card.speed") not in (None, "—"))
    assert said["card.type"] == "Traffic"
    assert said["card.station"] == "B1 · S1"
    assert said["card.speed"] == "0 km/h"
    assert said["card.fix"].endswith("ago · ±5 m")
    assert said["card.trail"].endswith(f" · {TRAIL_POINTS + 1} points")
    assert wall.text("#card .card-state").startswith("En route")
    wall.page.keyboard.press("Escape")
    wall.until(lambda: wall.page.locator("#card").is_visible(), "the card's end", lambda seen: not seen)


def test_the_trail_is_drawn_while_the_card_is_open(wall, eye):
    at = wall.at(HERO)
    clip = (int(at["x"]) - 60, int(at["y"]) - 6, 40, 12)

    def blue() -> int:
        patch = eye.find(wall.page.screenshot(), [TRAIL_BLUE], clip)[0]
        return patch.n if patch else 0

    wall.until(blue, "no trail yet", lambda n: n == 0)
    select_hero(wall)
    wall.until(blue, "the trail", lambda n: n > 30)
    wall.page.click("#card-close")
    wall.until(blue, "no trail", lambda n: n == 0)


def test_a_click_beside_everything_closes_the_card(wall):
    select_hero(wall)
    box = wall.frame()
    wall.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 60)
    wall.until(lambda: wall.page.locator("#card").is_visible(), "the card's end", lambda seen: not seen)


def test_search_by_callsign_with_the_keyboard_alone(wall):
    wall.page.keyboard.press("/")
    wall.page.keyboard.type("k-1")
    options = wall.page.locator("#search .found-name")
    wall.until(options.all_inner_texts, "the matches", lambda names: names == ["K-10", "K-11"])
    wall.page.keyboard.press("ArrowDown")
    wall.page.keyboard.press("Enter")
    wall.until(lambda: wall.page.locator("#card").is_visible(), "the card")
    wall.until(lambda: wall.text("#card .card-name"), "the unit's name", lambda name: name == "K-10")
    wall.until(lambda: from_centre(wall, "U10"), "the map to fly there", lambda px: px < 30)
    wall.until(lambda: wall.ask("() => wallboard.live.map.getZoom()"), "a near view", lambda zoom: zoom >= 14)
    assert wall.ask("() => document.activeElement.tagName") != "INPUT"


def test_search_says_when_nobody_is_called_that(wall):
    wall.page.keyboard.press("/")
    wall.page.keyboard.type("zzz")
    wall.until(lambda: wall.text("#search"), "the answer", lambda text: "No callsign matches" in text)
    wall.page.locator("#search-input").fill("")
    wall.page.keyboard.press("Escape")


def test_follow_keeps_the_unit_in_the_middle_until_the_map_is_dragged(wall, beat):
    select_hero(wall)
    button = wall.page.locator("#card-follow")
    button.click()
    wall.until(lambda: from_centre(wall, HERO), "the unit in the middle", lambda px: px < 40)
    wall.until(lambda: button.get_attribute("aria-pressed"), "the button to say so", lambda on: on == "true")
    for north_m in (-300.0, 0.0):
        beat.say(fix(HERO, north_m, 500.0))
        wall.until(lambda: wall.probe(HERO)[0], "the new fix",
                   lambda at, n=north_m: at and abs(at["lat"] - place(n, 0)[0]) < 1e-4)  # fmt: skip
        wall.until(lambda: from_centre(wall, HERO), "the unit in the middle again", lambda px: px < 40)
    box = wall.page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6
    wall.page.mouse.move(x, y)
    wall.page.mouse.down()
    wall.page.mouse.move(x + 60, y + 90, steps=6)
    wall.page.mouse.up()
    wall.until(lambda: button.get_attribute("aria-pressed"), "the end of following", lambda on: on == "false")
    centre = at_rest(wall)
    # a last word of the worker that was under way
    wall.ask("([lat, lon]) => wallboard.live.worker.hooks.take({type: 'centre', lat, lon})", list(place(0.0, 500.0)))
    beat.say(fix(HERO, *HERO_PLACE))
    wall.until(lambda: wall.probe(HERO)[0], "the fix",
               lambda at: at and abs(at["lat"] - place(HERO_PLACE[0], 0)[0]) < 1e-4)  # fmt: skip
    wall.page.wait_for_timeout(FOLLOWING_MS)
    assert at_rest(wall) == centre


def test_layers_are_switched_and_counted(wall, eye):
    at = wall.at("U05")
    clip = (int(at["x"]) - 8, int(at["y"]) - 8, 16, 16)

    def green() -> bool:
        return eye.find(wall.page.screenshot(), [AVAILABLE_GREEN], clip)[0] is not None

    def count(name: str) -> str:
        return wall.text(f"#layers [data-count={name}]")

    wall.until(lambda: [count(n) for n in ("units", "lost", "incidents", "drones")], "the counts",
               lambda counts: counts == ["14", "0", "1", "1"])  # fmt: skip
    wall.until(green, "the unit's icon there")
    switch = wall.layer("Units")
    switch.click()
    # whoever calls for help stays in sight
    wall.until(wall.stats, "only the call for help", lambda s: s["drawn"] == 1)
    wall.until(green, "the unit's icon to go", lambda seen: not seen)
    assert count("units") == "14"
    switch.click()
    wall.until(wall.stats, "all units again", lambda s: s["drawn"] == 14)
    wall.until(green, "the unit's icon")


@pytest.mark.parametrize(("layer", "metres"), [("Incidents", (-900, -700)), ("Drones", (-900, 700))])
def test_marks_leave_the_map_with_their_layer(wall, layer, metres):
    wall.until(lambda: wall.stats()["counts"][layer.lower()], "the mark", lambda n: n >= 1)
    x, y = wall.spot(*place(*metres))
    clip = {"x": x - 8, "y": y - 8, "width": 16, "height": 16}  # the icon without its name
    shown = wall.still(lambda: wall.page.screenshot(clip=clip), "a picture that stands")
    switch = wall.layer(layer)
    switch.click()
    gone = wall.until(lambda: wall.page.screenshot(clip=clip), "the mark to go", lambda png: png != shown)
    wall.page.mouse.click(x, y)
    wall.page.wait_for_timeout(300)
    assert not wall.page.locator("#card").is_visible()
    switch.click()
    wall.until(lambda: wall.page.screenshot(clip=clip), "the mark again", lambda png: png != gone)
    wall.page.mouse.click(x, y)
    wall.until(lambda: wall.page.locator("#card").is_visible(), "the mark's card")


def test_a_wall_at_rest_is_not_laid_out_anew(wall):
    """This city has no key spots: the panel of what has no room here must not ask for it again and again."""
    wall.ask("""() => {
        const { ui } = wallboard, { place } = ui;
        globalThis.__laid = 0;
        ui.place = () => { __laid++; place(); };
    }""")

    def laid() -> int:
        wall.ask("() => { __laid = 0; }")
        wall.page.wait_for_timeout(RESTING_MS)
        return int(wall.ask("() => __laid"))

    wall.until(laid, "a wall that rests", lambda n: n <= 1)  # an alarm may have come or gone


def test_the_queue_opens_an_incident(wall):
    wall.page.locator("#queue .incident").first.click()
    wall.until(lambda: wall.page.locator("#card").is_visible(), "the card")
    assert wall.text("#card .card-name") == "Theft A-1"
    assert facts(wall)["card.units"] == HERO
    # into what the drawer leaves of the map, with who could go there
    assert wall.until(
        lambda: wall.ask("""(place) => {
            const at = wallboard.live.map.latLngToContainerPoint(place), free = wallboard.ui.drawer.free();
            return at.x > 30 && at.x < free.width - 30 && at.y > 30 && at.y < free.height - 30;
        }""", list(place(-900, -700))), "the map to fly there")  # fmt: skip


def test_who_has_closed_the_drawer_keeps_the_map_when_its_answer_comes_late(beat, open_wall):
    wall = open_wall(beat.url, lang="en")
    wall.drawn()
    wall.until(wall.stats, "the incident", lambda s: s["counts"]["incidents"] >= 1)
    held: list[Route] = []
    wall.page.route("**/candidates", lambda route: held.append(route))
    before = wall.spot(*place(-900, -700))
    wall.page.mouse.click(*before)
    wall.until(lambda: len(held), "the question who could go there")
    wall.page.keyboard.press("Escape")
    wall.until(lambda: wall.page.locator("#dispatch").is_visible(), "no drawer", lambda seen: not seen)
    with wall.page.expect_response("**/candidates"):
        held[0].continue_()
    wall.page.wait_for_timeout(FLIGHT_MS)
    assert wall.spot(*place(-900, -700)) == pytest.approx(before, abs=1)


def test_an_incident_without_a_position_says_why_nobody_is_proposed_until_it_has_one(wall, beat):
    placed = incident("A-2", -700, -500, 20)
    beat.say(msgspec.structs.replace(placed, lat=None, lon=None))
    wall.page.locator("#queue .incident[title='A-2']").click()
    said = "This incident has no position: nobody can be proposed"
    wall.until(lambda: wall.text("#dispatch .drawer-list"), "the reason", lambda text: text == said)
    beat.say(msgspec.structs.replace(placed, version=2))
    wall.page.wait_for_selector("#dispatch .candidate[data-first]")


def test_of_an_incident_that_has_ended_nothing_more_is_asked(beat, open_wall):
    placed = incident("A-3", -700, -500, 20)
    beat.say(placed)
    wall = open_wall(beat.url, lang="en", outage=True)  # the browser tells of the one answer that it is gone
    wall.drawn()
    wall.page.locator("#queue .incident[title='A-3']").click()
    wall.page.wait_for_selector("#dispatch .candidate[data-first]")
    beat.say(msgspec.structs.replace(placed, version=2, closed=ago(0)))
    said = "This incident is closed or no longer listed"
    wall.until(lambda: wall.text("#dispatch .drawer-list"), "its end", lambda text: text == said)
    asked = len(wall.requests)
    wall.page.wait_for_timeout(ASKED_AGAIN_MS)
    assert [url for url in wall.requests[asked:] if "/candidates" in url] == []
