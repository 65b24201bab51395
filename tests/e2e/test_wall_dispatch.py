"""From a click on an incident to the arrival of who was sent, in the demo city, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.pages import Wall
from tests.e2e.server import WallProcess, roads_known, running_wall

SIZES = [(1920, 1080), (1366, 768)]
ARRIVES_MS = 300_000  # units drive in real time
ANSWERS = ("accepted", "enroute", "on_scene", "refused")
FIRST_ROUTE = (128, 152, 183, 207, 226, 250)
WORDS = {
    "zh": {"first": "建议", "send": "下达指令", "pick": "勾选要派的警力", "on_scene": "到场", "who": "值班长（未认证）",
           "basis": "按道路行车时间", "cover": "布防"},
    "en": {"first": "Suggested", "send": "Send order", "pick": "Tick the units to send", "on_scene": "on scene",
           "who": "值班长 (unauthenticated)", "basis": "travel time by road", "cover": "Cover"},
}  # fmt: skip
BOXES = """() => Object.fromEntries([["drawer", "#dispatch"], ["search", "#search"], ["layers", "#layers-open"],
    ["scale", "#scale"], ["queue", "#queue"]].map(([name, selector]) => {
        const { left, top, right, bottom } = document.querySelector(selector).getBoundingClientRect();
        return [name, [left, top, right, bottom]];
    }))"""
# text of the drawer that does not fit into its box; a long kind of unit may end in an ellipsis, with the whole as title
CUT = """() => [...document.querySelectorAll("#dispatch *")].filter((e) => e.offsetParent && e.childElementCount === 0
    && e.textContent.trim() && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== "visible"
    && !(e.matches(".candidate-type") && e.title === e.textContent))
    .map((e) => `${e.className}: ${e.textContent}`)"""

# width of the name's box, and that of the name, in a row whose words are the longest
LONGEST = """() => {
    const part = (name) => document.querySelector(`#dispatch .candidate[data-first] .candidate-${name}`);
    part("name").textContent = "平台-21";
    part("type").textContent = "Mobile platform";
    part("time").textContent = "1:10:37";
    return [part("name").clientWidth + 1, part("name").scrollWidth];
}"""


@pytest.fixture(scope="module")
def city() -> Iterator[WallProcess]:
    """The demo city with an operator, and more calls than usual."""
    with running_wall(operator="值班长", embedded_calls=3.0, embedded_past_days=1, history_dir="") as wall:
        roads_known(wall.json)
        yield wall


@pytest.fixture(scope="module", params=["zh", "en"])
def wall(request, city, open_shared) -> Wall:
    wall = open_shared(city.url, lang=request.param, size=SIZES[0])
    wall.drawn()
    wall.until(lambda: wall.ask("() => wallboard.ui.body('cover')?.state"), "the cover", lambda said: said == "ready")
    return wall


@pytest.fixture
def words(wall) -> dict[str, str]:
    return WORDS[wall.ask("() => wallboard.ui.texts.lang()")]


def nearest(city: WallProcess, wall: Wall, among: Callable[[str], bool]) -> dict[str, Any]:
    """Of the incidents where nobody has arrived and that are ``among`` those meant, the one that is reached first."""
    found = {}
    for one in wall.ask("() => wallboard.ui.body('incidents').incidents"):
        if among(one["id"]) and one["on_scene"] is None and one["lat"] is not None:
            try:
                answer = city.json(f"/api/incidents/{one['id']}/candidates")
            except HTTPError as error:
                if error.code != 404:
                    raise
                continue  # closed since the page heard of it
            if answer["first"] is not None:
                found[answer["candidates"][0]["travel_s"]] = answer
    return found[min(found)] if found else {}


def choose(city: WallProcess, wall: Wall) -> dict[str, Any]:
    """Click on an incident's row; what the server says of it."""
    rows = "() => [...document.querySelectorAll('#queue .incident')].map((row) => row.title)"

    def clicked() -> dict[str, Any]:
        answer = nearest(city, wall, wall.ask(rows).__contains__)
        row = wall.page.locator(f"#queue .incident[title='{answer['incident']['id']}']") if answer else None
        if row is None or not row.count():  # others came before it in the meantime
            return {}
        row.click()
        return answer

    answer = wall.until(clicked, "an incident that waits for somebody")
    proposed(wall, answer["incident"]["id"])
    return answer


def proposed(wall: Wall, incident_id: str) -> None:
    """Until the drawer tells who could go there: at first it still holds what it last told."""
    wall.until(lambda: wall.text("#dispatch .drawer-subject"), "its drawer", lambda said: incident_id in said.split())
    wall.page.wait_for_selector("#dispatch .candidate[data-first]")


def close(wall: Wall) -> None:
    wall.page.keyboard.press("Escape")
    wall.page.keyboard.press("Escape")
    wall.until(lambda: wall.page.locator("#dispatch").is_visible(), "no drawer", lambda seen: not seen)


def apart(one: list[float], other: list[float]) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def amiss(wall: Wall) -> list[str]:
    """What lies over the drawer, and what in it is cut."""
    boxes = wall.ask(BOXES)
    drawer = boxes.pop("drawer")
    return [*(name for name, box in boxes.items() if not apart(drawer, box)), *wall.ask(CUT)]


def test_a_click_shows_who_can_go_and_why_the_others_should_not(wall, city, words, eye):
    close(wall) if wall.page.locator("#dispatch").is_visible() else None
    answer = choose(city, wall)
    assert words["basis"] in wall.text("#dispatch .drawer-basis")
    assert wall.text("#dispatch .candidate[data-first] .candidate-tag") == words["first"]
    path, why = f"/api/incidents/{answer['incident']['id']}/candidates", wall.page.locator("#dispatch .candidate-why")
    reasons, _ = wall.until(lambda: (why.all_inner_texts(), city.json(path)["candidates"]), "all candidates",
                            lambda both: len(both[0]) == len(both[1]))  # fmt: skip
    assert all(reasons), "a candidate without a word on it"
    assert wall.page.locator("#dispatch .candidate[data-refused]").count() > 0
    wall.until(lambda: eye.find(wall.page.screenshot(), [FIRST_ROUTE])[0], "the route on the map",
               lambda patch: patch is not None and patch.n > 20)  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_nothing_lies_over_the_drawer_and_nothing_in_it_is_cut(wall, city, size):
    wall.page.set_viewport_size({"width": size[0], "height": size[1]})
    if not wall.page.locator("#dispatch").is_visible():
        choose(city, wall)
    wall.until(lambda: amiss(wall), "a drawer in its place", lambda said: not said)
    name, whole = wall.ask(LONGEST)
    assert name >= whole, "the name of a unit of a long kind is cut"
    wall.page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def test_cover_and_reach_are_shown(wall, words):
    close(wall) if wall.page.locator("#dispatch").is_visible() else None
    total = wall.ask("() => wallboard.ui.body('cover').total")
    assert total > 0
    wall.until(lambda: wall.text("#cover .cover-of"), "of how many spots", lambda said: str(total) in said)
    wall.page.locator("#cover .cover-body").click()
    wall.until(lambda: wall.page.locator("#dispatch .spot").count(), "the spots", lambda n: n >= total)
    assert wall.ask("() => document.querySelector('[data-tab][aria-selected=true]').textContent").startswith(
        words["cover"]
    )
    close(wall)
    wall.page.locator("#layers-open").click()
    wall.page.locator("#layers [data-switch='cover']").click()
    wall.until(lambda: wall.page.locator("#cover-legend .reach-class").count(), "the legend", lambda n: n == 4)
    wall.page.locator("#layers [data-switch='cover']").click()
    wall.until(lambda: wall.page.locator("#cover-legend").is_visible(), "no legend", lambda seen: not seen)
    wall.page.locator("#layers-open").click()


def ordered(city: WallProcess, wall: Wall, words: dict[str, str], others: set[str]) -> Locator:
    """Order who is suggested to an incident, which joins ``others``; its line in the drawer once it has answered."""
    answer = wall.until(lambda: nearest(city, wall, lambda one: one not in others), "an incident that can be reached")
    others.add(answer["incident"]["id"])
    # as a click on its sign on the map, for most have no row in the queue
    wall.ask("(id) => wallboard.live.emit('select', {kind: 'incident', id})", answer["incident"]["id"])
    proposed(wall, answer["incident"]["id"])
    assert wall.text("#dispatch .drawer-said") == words["pick"]
    button = wall.page.locator("#dispatch .drawer-send")
    assert button.inner_text() == words["send"]
    assert button.is_disabled()
    name = wall.text("#dispatch .candidate[data-first] .candidate-name")  # another may be the first by the click
    wall.page.locator("#dispatch .candidate-name", has_text=re.compile(f"^{re.escape(name)}$")).click()
    wall.until(lambda: wall.text("#dispatch .drawer-said"), "who is chosen", lambda said: name in said)
    button.click()
    order = wall.page.locator("#dispatch .ordered", has_text=name).first
    order.wait_for()
    wall.until(lambda: wall.text("#dispatch .drawer-list"), "who gave it", lambda said: words["who"] in said)
    state = wall.until(lambda: order.get_attribute("data-state"), "an answer", lambda now: now in ANSWERS)
    if state != "refused":
        return order
    close(wall)  # the city sent it elsewhere in the same moment
    return ordered(city, wall, words, others)


def test_orders_are_followed_from_the_click_to_the_arrival(city, open_wall):
    """In both languages side by side: units drive in real time."""
    others: set[str] = set()
    followed = []
    for lang, words in WORDS.items():
        wall = open_wall(city.url, lang=lang, size=SIZES[1])
        wall.drawn()
        followed.append((words, ordered(city, wall, words, others)))
    for words, order in followed:
        expect(order).to_have_attribute("data-state", "on_scene", timeout=ARRIVES_MS)
        assert order.locator(".ordered-state").inner_text() == words["on_scene"]
        assert order.locator(".ordered-steps > [data-done]").count() == 5
