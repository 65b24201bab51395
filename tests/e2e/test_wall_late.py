"""An answer that comes late finds a person who has gone on meanwhile, and leaves alone what that person is about."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route

from data_feeds.model import Device
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, incident, place, scripted_wall, unit

FLIGHT_MS = 900  # longer than the map flies
FAR_M = 2500.0
HOME_ZOOM = 13.5
CENTRE = """() => { const { map } = wallboard.live, c = map.getCenter(); return [c.lat, c.lng, map.getZoom()]; }"""


@pytest.fixture(scope="module")
def beat() -> Iterator[ScriptedWall]:
    settings = {"map_center": list(PLACE), "map_zoom": HOME_ZOOM, "stale_after_s": 1800.0, "offline_after_s": 3600.0}
    with scripted_wall(**settings, operator="duty") as wall:
        for k in range(4):
            wall.say(*unit(f"U{k}", 100.0 * k, 0, callsign=f"K-{k}"))
        wall.say(*unit("FAR", FAR_M, FAR_M, callsign="F-9"))
        wall.say(incident("A-1", -900, -700, 30), incident("A-2", 900, 700, 20), incident("A-3", -FAR_M, FAR_M, 10))
        wall.say(Device("B1", "body_camera", "Worn", state="online", unit_id="FAR", stream_url="rtsp://10.0.0.9/b1"))
        wall.taken()
        yield wall


@pytest.fixture
def wall(beat, open_wall) -> Wall:
    opened = open_wall(beat.url, lang="en", size=(1920, 1080), outage=True)  # some answers fail
    opened.drawn()
    opened.until(opened.stats, "all units", lambda s: s["drawn"] == 5)
    return opened


def select(wall: Wall, kind: str, id: str) -> None:
    """As a click on its sign on the map."""
    wall.ask("([kind, id]) => wallboard.live.emit('select', {kind, id})", [kind, id])


def dispatching(wall: Wall, incident_id: str) -> None:
    select(wall, "incident", incident_id)
    wall.until(lambda: wall.text("#dispatch .drawer-subject"), "its drawer", lambda said: incident_id in said)
    wall.until(lambda: wall.page.locator("#dispatch .candidate").count(), "who could go")


def tick(wall: Wall, unit_id: str) -> None:
    wall.page.locator(f"#dispatch .candidate[data-key='candidates {unit_id}']").click()


def held(wall: Wall, pattern: str) -> list[Route]:
    """Requests that are not answered until a test does."""
    routes: list[Route] = []
    wall.page.route(pattern, lambda route: routes.append(route))
    return routes


def keep_answers(wall: Wall, name: str) -> None:
    """What the worker answers to ``name`` comes when ``release`` is called."""
    wall.ask("""(name) => {
        const ask = wallboard.live[name].bind(wallboard.live);
        const go = new Promise((done) => { globalThis.__release = done; });
        wallboard.live[name] = async (...all) => { globalThis.__asked = name; await go; return ask(...all); };
    }""", name)  # fmt: skip


def release(wall: Wall) -> None:
    wall.ask("() => __release()")
    wall.page.wait_for_timeout(FLIGHT_MS)


def home(wall: Wall) -> list[float]:
    """The map where a person has put it."""
    wall.ask("([lat, lon, zoom]) => wallboard.live.map.stop().setView([lat, lon], zoom, {animate: false})",
             [*PLACE, HOME_ZOOM])  # fmt: skip
    return list(wall.ask(CENTRE))


def said(wall: Wall) -> str:
    return wall.text("#dispatch .drawer-said")


def ordered_and_gone_on(wall: Wall) -> list[Route]:
    """U0 is ordered to A-1; before the answer U1 is chosen for A-2."""
    orders = held(wall, "**/api/orders")
    dispatching(wall, "A-1")
    tick(wall, "U0")
    wall.page.locator("#dispatch .drawer-send").click()
    wall.until(lambda: len(orders), "the order")
    dispatching(wall, "A-2")
    tick(wall, "U1")
    return orders


def test_an_order_that_is_taken_late_leaves_the_next_choice_alone(wall):
    orders = ordered_and_gone_on(wall)
    orders[0].fulfill(status=201, json={})
    button = wall.page.locator("#dispatch .drawer-send")
    wall.until(button.inner_text, "the answer", lambda text: text == "Send order")
    assert said(wall) == "Send K-1"


def test_an_order_without_an_answer_is_not_sent_in_the_place_of_the_next(wall):
    orders = ordered_and_gone_on(wall)
    orders[0].fulfill(status=503, json={})
    wall.until(lambda: said(wall), "what came of it", lambda text: text == "Not sent: A-1 · HTTP 503")
    wall.page.locator("#dispatch .drawer-send").click()
    wall.until(lambda: len(orders), "the next order", lambda n: n == 2)
    first, second = (json.loads(route.request.post_data or "{}") for route in orders)
    assert (second["incident_id"], second["units"]) == ("A-2", ["U1"])
    assert second["order_id"] != first["order_id"]
    orders[1].fulfill(status=201, json={})
    wall.until(lambda: said(wall), "nobody chosen any more", lambda text: text == "Tick the units to send")


def test_proposals_that_come_late_leave_the_map_to_who_has_gone_on(wall):
    proposals = held(wall, "**/candidates")
    select(wall, "incident", "A-3")
    wall.until(lambda: len(proposals), "the question who could go there")
    select(wall, "unit", "U0")
    wall.until(lambda: wall.text("#card .card-name"), "the unit's card", lambda name: name == "K-0")
    before = home(wall)
    with wall.page.expect_response("**/candidates"):
        proposals[0].continue_()
    wall.until(lambda: wall.page.locator("#dispatch .candidate").count(), "who could go")
    wall.page.wait_for_timeout(FLIGHT_MS)
    assert wall.ask(CENTRE) == before


def test_proposals_that_come_late_leave_the_map_where_it_was_dragged_to(wall):
    proposals = held(wall, "**/candidates")
    select(wall, "incident", "A-3")
    wall.until(lambda: len(proposals), "the question who could go there")
    home(wall)
    box = wall.page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    wall.page.mouse.move(x, y)
    wall.page.mouse.down()
    wall.page.mouse.move(x + 60, y + 40, steps=4)
    wall.page.mouse.up()
    wall.page.wait_for_timeout(FLIGHT_MS)
    before = wall.ask(CENTRE)
    with wall.page.expect_response("**/candidates"):
        proposals[0].continue_()
    wall.until(lambda: wall.page.locator("#dispatch .candidate").count(), "who could go")
    wall.page.wait_for_timeout(FLIGHT_MS)
    assert wall.ask(CENTRE) == before


def test_a_place_that_is_found_late_leaves_the_map_to_who_has_gone_on(wall):
    keep_answers(wall, "locate")
    wall.page.keyboard.press("/")
    wall.page.keyboard.type("F-9")
    wall.page.locator("#search .found").first.click()
    wall.until(lambda: wall.ask("() => globalThis.__asked"), "the question where it is")
    select(wall, "unit", "U0")
    before = home(wall)
    release(wall)
    assert wall.ask(CENTRE) == before


def test_the_place_of_a_camera_that_is_found_late_does_too(wall):
    keep_answers(wall, "locate")
    wall.page.locator("#drones .stream-name").click()
    wall.until(lambda: wall.ask("() => globalThis.__asked"), "the question where it is")
    wall.page.locator("#card-close").click()
    before = home(wall)
    release(wall)
    assert wall.ask(CENTRE) == before


def test_a_search_that_is_answered_late_chooses_nothing_for_who_has_left_it(wall):
    keep_answers(wall, "search")
    wall.page.keyboard.press("/")
    wall.page.keyboard.type("F-9")
    wall.page.keyboard.press("Enter")
    wall.page.keyboard.press("Escape")
    select(wall, "unit", "U0")
    release(wall)
    assert wall.ask("() => wallboard.ui.state.selected.id") == "U0"


def test_who_follows_a_unit_and_asks_for_a_place_gets_there(wall):
    wall.ask("() => wallboard.ui.select('unit', 'U0')")
    wall.page.locator("#card-follow").click()
    wall.until(lambda: wall.ask("() => wallboard.ui.state.followed"), "following")
    wall.page.wait_for_timeout(FLIGHT_MS)
    lat, lon = place(-FAR_M, FAR_M)
    wall.ask("([lat, lon]) => wallboard.ui.drawer.flyTo(lat, lon)", [lat, lon])
    # the worker's last word of the unit, on its way when the flight began
    wall.ask("""([lat, lon]) => wallboard.live.worker.worker.onmessage({data: {type: "centre", lat, lon}})""",
             list(PLACE))  # fmt: skip
    wall.page.wait_for_timeout(3 * FLIGHT_MS)
    assert wall.ask(CENTRE)[:2] == pytest.approx([lat, lon], abs=1e-3)
    assert wall.ask("() => wallboard.ui.state.followed") is None


def sooner(wall: Wall, ms: int, now_ms: int) -> None:
    """What would be done again after ``ms`` is done after ``now_ms``."""
    wall.ask("""([ms, now]) => {
        const { setTimeout } = globalThis;
        globalThis.setTimeout = (run, after, ...rest) => setTimeout(run, after === ms ? now : after, ...rest);
    }""", [ms, now_ms])  # fmt: skip


def test_rings_that_are_switched_off_and_on_again_are_read_once(wall):
    sooner(wall, 10_000, 300)
    wall.ask("() => wallboard.ui.select('unit', 'U0')")
    button = wall.page.locator("#card-rings")
    for _ in range(7):
        button.click()
    wall.until(lambda: button.get_attribute("aria-pressed"), "the rings", lambda on: on == "true")
    wall.page.wait_for_timeout(1000)
    first = len(wall.requests)
    wall.page.wait_for_timeout(2000)
    assert sum(url.endswith("/rings") for url in wall.requests[first:]) <= 7


def test_a_chooser_that_cannot_be_read_is_asked_for_by_one_however_often_it_is_looked_at(wall):
    asked: list[Route] = []
    wall.page.route("**/api/scopes", lambda route: (asked.append(route), route.abort()))
    sooner(wall, 5000, 500)
    wall.ask("""() => {
        const chooser = document.querySelector("#scope-choice");
        for (let k = 0; k < 9; k++) chooser.dispatchEvent(new Event("focus"));
    }""")
    wall.until(lambda: len(asked), "nine questions", lambda n: n >= 9)
    wall.page.wait_for_timeout(1000)
    before = len(asked)
    wall.page.wait_for_timeout(2500)
    assert len(asked) - before <= 7
