"""Cameras and live pictures in a browser: counted, found under the pointer, told in a card, opened by a link only."""

from collections.abc import Iterator

import pytest

from data_feeds.model import Clock, Detection, Device, DroneTelemetry
from tests.e2e.scripted_wall import PLACE, ScriptedWall, ago, fix, incident, place, scripted_wall, unit
from tests.e2e.server import roads_known

STREAM = "https://video.example/gate"
DELIVERING, FAULTY = (96, 104, 116, 124, 137, 145), (232, 250, 200, 218, 66, 84)


@pytest.fixture(scope="module")
def cameras() -> Iterator[ScriptedWall]:
    with scripted_wall(map_center=list(PLACE), map_zoom=15.0) as server:
        gate, found = place(0, 0), place(300, 300)
        server.say(*unit("U1", -400, -400, callsign="P-1"), incident("A-7", 500, 500, 30))
        server.say(
            Device("C1", "camera", "Gate", *gate, state="fault", stream_url=STREAM),
            Device("C2", "camera", "Yard", *place(0, 200), state="online", stream_url="javascript:alert(1)"),
            Device("B1", "body_camera", "Worn 1", state="online", unit_id="U1", stream_url="rtsp://10.0.0.9/b1"),
            Device("B2", "body_camera", "Worn 2", *place(-200, -300), state="fault", unit_id="nobody"),
            Device("B3", "body_camera", "Worn 3", state="online", unit_id="nobody"),
            DroneTelemetry("D1", *place(-200, 300), ago(0), callsign="U-03", height_m=80.0, battery=61.0,
                           stream_url="rtsp://10.0.0.9/d1"),
            Detection("X1", "D1", "crowd", ago(20), *found, incident_id="A-7"),
        )  # fmt: skip
        server.taken()
        roads_known(server.json)
        yield server


@pytest.fixture
def wall(cameras, open_wall):
    opened = open_wall(cameras.url, lang="en", size=(1920, 1080))
    opened.until(lambda: opened.text("#layers [data-count=devices]"), "the cameras' count", lambda n: n == "4")
    opened.until(lambda: opened.ask("() => wallboard.live.device('C1')"), "the cameras in the worker")
    return opened


def test_a_camera_is_found_under_the_pointer_and_told_in_its_card(wall):
    wall.page.mouse.click(*wall.spot(*PLACE))
    wall.until(lambda: wall.text("#card .card-name"), "its card", lambda name: name == "Gate")
    assert wall.text("#card .card-state") == "Fault"
    link = wall.page.locator("#card .stream")
    assert link.get_attribute("href") == STREAM
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")


def test_an_address_that_must_not_be_opened_is_no_link(wall):
    wall.ask("() => wallboard.ui.select('device', 'C2')")
    wall.until(lambda: wall.text("#card .card-name"), "its card", lambda name: name == "Yard")
    assert wall.page.locator("#card .stream").is_hidden()
    assert wall.page.locator("#card .stream").get_attribute("href") is None


def test_a_worn_camera_is_told_with_its_unit_and_listed_below_the_drones(wall):
    wall.ask("() => wallboard.ui.select('unit', 'U1')")
    wall.until(lambda: wall.text("#card [data-fact='card.camera'] dd"), "what it carries",
               lambda said: said == "Worn 1 · Online")  # fmt: skip
    wall.until(lambda: wall.text("#drones .stream-name"), "the list of streams", lambda name: name == "Worn 1")


def sign_of(wall, eye, at):
    """The disc of the camera that the unit at ``at`` wears."""
    return eye.find(wall.page.screenshot(), [DELIVERING], (round(at["x"]) + 5, round(at["y"]) + 5, 12, 12))[0]


def test_a_worn_camera_is_a_sign_beside_its_unit_and_moves_with_it(cameras, wall, eye):
    wall.frame()
    at = wall.at("U1")
    x, y = wall.until(lambda: sign_of(wall, eye, at), "its camera").centre
    assert (x - at["x"], y - at["y"]) == (pytest.approx(11.0, abs=1.5), pytest.approx(11.0, abs=1.5))
    wall.page.mouse.click(x, y)
    wall.until(lambda: wall.text("#card .card-name"), "its card", lambda name: name == "Worn 1")
    assert wall.text("#card [data-fact='card.carrier'] dd") == "U1"
    wall.page.keyboard.press("Escape")
    cameras.say(fix("U1", -300, -400))
    lat = place(-300, -400)[0]
    there = wall.until(lambda: wall.at("U1"), "the unit's new place", lambda u: abs(u["lat"] - lat) < 1e-5)
    assert there["y"] < at["y"] - 15
    wall.until(lambda: sign_of(wall, eye, there), "its camera there")
    wall.until(lambda: sign_of(wall, eye, at), "none where it was", lambda seen: not seen)


def test_a_camera_of_a_unit_that_nobody_knows_stands_at_its_own_place(wall, eye):
    x, y = wall.spot(*place(-200, -300))
    around = round(x) - 8, round(y) - 8, 16, 16
    wall.until(lambda: eye.find(wall.page.screenshot(), [FAULTY], around)[0], "its camera")
    wall.page.mouse.click(x, y)
    wall.until(lambda: wall.text("#card .card-name"), "its card", lambda name: name == "Worn 2")
    assert wall.text("#card .card-state") == "Fault"


def test_a_detection_leads_to_its_incident(wall):
    found = wall.page.locator("#drones .tile-found")
    wall.until(found.text_content, "what was found", lambda said: said.startswith("Crowd → A-7 "))
    found.click()
    wall.until(lambda: wall.text("#card .card-name"), "the incident's card", lambda name: name.endswith("A-7"))
    assert wall.page.locator("#drones .tile-watch").first.get_attribute("href") == "rtsp://10.0.0.9/d1"


def test_nobody_but_a_person_opens_a_stream(cameras, open_wall):
    opened = open_wall(cameras.url, lang="en", size=(1920, 1080), kiosk=1)
    opened.until(lambda: opened.text("#drones .tile-name"), "the drone", lambda name: name == "U-03")
    assert opened.page.locator("#drones a:visible").count() == 0


def test_a_source_without_drones_still_lists_its_streams(open_wall):
    with scripted_wall(clock="replay", map_center=list(PLACE), map_zoom=15.0) as server:
        server.say_slowly(Clock(ago(0), 1.0, "cameras", ["drone", "unit", "incident"]))
        server.say(Device("B1", "body_camera", "Worn 1", *place(0, 0), state="online", unit_id="U1", stream_url=STREAM))
        server.taken()
        opened = open_wall(server.url, lang="en", size=(1920, 1080))
        opened.until(lambda: opened.page.locator("#drones a:visible").count(), "the link")
        assert opened.page.locator("#drones a:visible").get_attribute("href") == STREAM
        opened.until(lambda: opened.text("#drones .lacks"), "why", lambda said: said == "The source has no drones")
        assert not opened.page.locator("#drones .head-note").is_visible()  # no zero for what nobody tells
