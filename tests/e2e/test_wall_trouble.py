"""On a bad day: texts stay texts, the worst comes first, who is silent is lost, what is not known is not counted."""

from __future__ import annotations

import pytest

from data_feeds.model import Clock
from tests.e2e.bad_day import HTML, SCRIPT
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ago, incident, scripted_wall


@pytest.fixture(scope="module", params=["zh", "en"])
def wall(request, day, open_shared) -> Wall:
    wall = open_shared(day.url, lang=request.param, size=(1920, 1080))
    wall.drawn()
    wall.until(lambda: wall.text("#queue .head-count"), "the queue", lambda n: n == "40")
    wall.lang = request.param
    return wall


def in_words(wall: Wall, zh: str, en: str) -> str:
    return {"zh": zh, "en": en}[wall.lang]


def row(wall: Wall, incident_id: str) -> dict[str, str] | None:
    """One row of the queue, if it is among those shown."""
    return wall.ask("""(id) => {
        const row = [...document.querySelectorAll("#queue .incident")].find(
            (r) => r.querySelector(".incident-id").textContent === id);
        if (!row) return null;
        const text = (name) => row.querySelector(`.incident-${name}`).textContent;
        return {group: row.dataset.group, name: text("name"), place: text("place"), crew: text("crew"),
                count: text("count"), target: text("target")};
    }""", incident_id)  # fmt: skip


def no_markup(wall: Wall) -> bool:
    """No text of a message became an element or ran."""
    return bool(wall.ask("""() => {
        const scripts = [...document.scripts].filter((script) => script.type !== "application/json");
        return globalThis.__broken === undefined && !document.querySelector("img, [onerror]")
            && !scripts.some((script) => script.text.includes("__broken"));
    }"""))


def test_markup_in_messages_is_shown_as_text(wall):
    shown = wall.until(lambda: row(wall, "B-HTML"), "the hostile incident's row")
    assert shown["name"] == HTML
    assert shown["place"] in (SCRIPT, f"{HTML} · {SCRIPT}")  # the station stands there where it has room
    assert shown["crew"] == f"{HTML} {HTML}"
    wall.until(wall.page.locator("#drones .tile-name").first.text_content, "the drones", lambda name: name == "U-LOST")
    assert HTML in wall.page.locator("#drones .tiles").text_content()
    assert SCRIPT in wall.page.locator("#drones .tiles").text_content()
    assert wall.page.locator("#header .wall-title").text_content().endswith(HTML)
    assert no_markup(wall)


def test_markup_in_a_callsign_is_text_on_hover_on_the_card_and_in_the_search(wall):
    wall.frame()
    at, label = wall.at("X1"), wall.page.locator("#hover")
    wall.page.mouse.move(at["x"], at["y"])
    wall.until(lambda: label.is_visible() and label.text_content(), "the label", lambda said: said and HTML in said)
    wall.page.mouse.click(at["x"], at["y"])
    wall.until(lambda: wall.page.locator("#card .card-name").text_content(), "the card", lambda name: name == HTML)
    wall.page.keyboard.press("Escape")
    wall.page.keyboard.press("/")
    wall.page.keyboard.type("<img")
    wall.until(wall.page.locator("#search .found-name").all_inner_texts, "the match", lambda names: names == [HTML])
    wall.page.locator("#search-input").fill("")
    wall.page.keyboard.press("Escape")
    assert no_markup(wall)


def test_no_address_of_a_message_can_be_opened_that_is_no_stream(day, wall):
    drones = day.json("/api/snapshot")["panels"]["drones"]["drones"]
    assert [d["stream_url"] for d in drones if d["id"] == "D1"] == [""]
    assert not wall.ask("() => [...document.querySelectorAll('[href], [src]')].some("
                        "(e) => /^javascript:/i.test(e.getAttribute('href') ?? e.getAttribute('src')))")  # fmt: skip


def test_overdue_incidents_come_first_and_are_counted_upwards(wall):
    rows, more = wall.still(lambda: wall.ask("""() => [[...document.querySelectorAll("#queue .incident")].map(
        (r) => [r.dataset.group, r.querySelector(".incident-count").textContent]),
        document.querySelector("#queue .more").textContent]"""), "a queue that stands")  # fmt: skip
    assert rows
    assert all(group == "breached" and count.startswith("+") for group, count in rows)
    late = [sum(60 ** k * int(part) for k, part in enumerate(reversed(count[1:].split(":")))) for _, count in rows]
    assert late == sorted(late, reverse=True)
    hidden = 40 - len(rows)
    assert more == in_words(wall, f"另有 {hidden} 起", f"{hidden} more")


def test_calls_for_help_and_overdue_incidents_are_alarms(day, wall):
    shown = wall.page.locator("#alarms .alarm-words")
    lines = wall.until(shown.all_inner_texts, "the alarms", lambda lines: len(lines) > 1)
    assert lines[0] == in_words(wall, "SOS-3 紧急求助", "SOS-3 calls for help")
    assert in_words(wall, "超时", "overdue") in lines[1]

    def uncounted() -> int:
        told = day.json("/api/snapshot")["panels"]["alarms"]["alarms"]
        return len(told) - int(wall.text("#alarms .head-count"))

    wall.until(uncounted, "all alarms counted", lambda n: abs(n) <= 2)
    wall.page.locator("#alarms .alarm").first.click()
    wall.until(lambda: wall.text("#card .card-name"), "the card of who calls", lambda name: name == "SOS-3")
    assert in_words(wall, "紧急求助", "SOS") in wall.text("#card .card-state")
    wall.page.keyboard.press("Escape")


def test_units_without_a_recent_fix_are_lost(wall):
    wall.until(lambda: wall.text("#units [data-status=LOST] .row-count"), "who is lost", lambda n: n == "2")
    assert wall.text("#units [data-status=SOS] .row-count") == "1"
    assert wall.text("#units .units-total") == in_words(wall, "名册 25", "roster 25")
    assert wall.text("#units .figure-big") == "23"
    wall.until(lambda: wall.text("#layers [data-count=lost]"), "the layer's count", lambda n: n == "2")
    wall.page.keyboard.press("/")
    wall.page.keyboard.type("NEVER")
    wall.until(lambda: wall.text("#search .found"), "the unit that never reported", lambda t: t.startswith(
        in_words(wall, "NEVER-4 失联", "NEVER-4 Lost")))  # fmt: skip
    wall.page.keyboard.press("Enter")
    wall.until(lambda: wall.text("#card .card-name"), "its card", lambda name: name == "NEVER-4")
    assert in_words(wall, "失联", "Lost") in wall.text("#card .card-state")
    wall.until(lambda: wall.text("#card [data-fact='card.fix'] dd"), "no fix", lambda t: t == in_words(
        wall, "无定位", "no fix"))  # fmt: skip
    wall.page.keyboard.press("Escape")


def test_a_drone_that_is_silent_is_lost(wall):
    first = wall.page.locator("#drones .tile").first
    wall.until(lambda: first.get_attribute("data-lost"), "the lost drone", lambda lost: lost == "")
    assert in_words(wall, "失联", "Lost") in first.inner_text()


def test_a_replay_without_classes_of_places_counts_nothing_down_and_says_so(open_wall):
    with scripted_wall(clock="replay", map_center=list(PLACE), map_zoom=13.0) as server:
        server.say_slowly(Clock(ago(0), 1.0, f"old year {HTML}", ["incident.place_class", "unit"]))
        server.say(incident("H-1", 0, 0, 60, place_class=""))
        server.say(incident("H-2", 200, 0, 2000, place_class="", on_scene=ago(1)))
        server.taken()
        wall = open_wall(server.url, lang="en", size=(1600, 900))
        wall.until(lambda: wall.text("#queue .head-count"), "the queue", lambda n: n == "2")
        wall.until(lambda: wall.text("#replay"), "the clock", lambda said: said == "REPLAY ×1")
        wall.until(lambda: wall.text("#queue .lacks"), "what the source lacks",
                   lambda said: said == "No place classes in the source: no countdown")  # fmt: skip
        assert wall.text("#units .lacks") == "The source has no units"
        shown = row(wall, "H-1")
        assert shown["group"] == "plain"
        assert shown["target"] == "since call"
        assert not shown["count"].startswith("+")
        assert row(wall, "H-2")["group"] == "arrived"
        assert not server.json("/api/snapshot")["panels"]["alarms"]["alarms"]
        assert no_markup(wall)
