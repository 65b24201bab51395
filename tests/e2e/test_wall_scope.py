"""A branch's wall beside the city's: each shows its own, and who changes the branch changes the wall."""

from __future__ import annotations

import json

import pytest

from data_feeds.model import Roster
from tests.e2e.scripted_wall import PLACE, incident, scripted_wall, unit

SOUTH, NORTH = "江南分局", "江北分局"


def places() -> dict:
    """Two branches of 4 × 8 km, west and east of PLACE, a station each and a key spot."""
    lat, lon = PLACE
    features = []

    def add(code: str, kind: str, west: float, east: float, **more: str) -> None:
        ring = [[west, lat - 0.04], [east, lat - 0.04], [east, lat + 0.04], [west, lat + 0.04], [west, lat - 0.04]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"id": code, "kind": kind, **more}, "geometry": geometry})

    add("C", "city", lon - 0.04, lon + 0.04, name_zh="某市")
    for code, west, name_zh, name_en in (("S", lon - 0.04, SOUTH, "South Branch"), ("N", lon, NORTH, "North Branch")):
        add(code, "branch", west, west + 0.04, parent="C", name_zh=name_zh, name_en=name_en)
        add(f"{code}-1", "station", west, west + 0.04, parent=code, name_zh=f"{name_zh}一所", name_en=f"{name_en} 1")
    return {"type": "FeatureCollection", "features": features}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    path = tmp_path_factory.mktemp("places") / "places.geojson"
    path.write_text(json.dumps(places()), encoding="utf-8")
    with scripted_wall(places=str(path)) as wall:
        yield wall


def of(code: str, unit_id: str, east_m: float):
    roster, *rest = unit(unit_id, 0.0, east_m)
    return Roster(unit_id, roster.callsign, roster.unit_type, "police", f"{code}-1", code), *rest


def known(wall) -> int:
    return wall.stats()["known"]


def queue(wall) -> set[str]:
    return set(wall.ask("() => [...document.querySelectorAll('#queue .incident-id')].map((e) => e.textContent)"))


def test_a_branch_wall_beside_the_city_wall(town, open_wall):
    town.say(*of("S", "P-1", -1000.0), *of("S", "P-2", -1500.0), *of("N", "P-3", 1000.0),
             incident("I-S", 0.0, -500.0, 60, branch=SOUTH), incident("I-N", 0.0, 500.0, 60, branch="N", station="N-1"),
             incident("I-P", 100.0, -900.0, 60))  # fmt: skip
    town.taken()
    city = open_wall(town.url, size=(1920, 1080))  # wide enough for stations' names in the queue
    branch = open_wall(town.url, scope="S", lang="en")
    assert (city.until(lambda: known(city), "all units", lambda n: n == 3)) == 3
    assert (branch.until(lambda: known(branch), "the branch's units", lambda n: n == 2)) == 2
    assert city.until(lambda: queue(city), "all incidents", lambda ids: len(ids) == 3) == {"I-S", "I-N", "I-P"}
    # one by its word, one by its place
    assert branch.until(lambda: queue(branch), "the branch's incidents", lambda ids: len(ids) == 2) == {"I-S", "I-P"}
    for wall, title in ((branch, "Yunling Police · South Branch · One Map"), (city, "云岭市公安局 · 一张图")):
        wall.until(lambda: wall.text(".wall-title"), "its title", lambda said: said == title)  # noqa: B023
    # codes are shown as names
    city.until(lambda: city.text("#queue"), "the station's name", lambda text: f"{NORTH}一所" in text)
    bounds = "() => { const b = wallboard.live.map.getBounds(); return [b.getWest(), b.getEast()]; }"
    branch.until(lambda: sum(branch.ask(bounds)) / 2, "the branch on its map", lambda middle: middle == pytest.approx(
        PLACE[1] - 0.02, abs=0.004))  # fmt: skip

    town.say(*of("N", "P-2", -1500.0))
    town.taken()
    assert branch.until(lambda: known(branch), "the unit to leave the branch", lambda n: n == 1) == 1
    assert known(city) == 3
    assert branch.ask("() => wallboard.live.search('P-2')") == []
    branch.until(lambda: branch.text("#units .units-total"), "one unit", lambda said: said.endswith(" 1"))
    assert town.metric('wallboard_scope_viewers{scope="S"}') == 1


def test_the_chooser_leads_to_another_wall_and_back(town, open_wall):
    wall = open_wall(town.url)
    choice = wall.page.locator("#scope-choice")
    wall.until(lambda: choice.locator("option").count(), "the choices", lambda n: n == 5)
    choice.select_option("N")
    wall.page.wait_for_url("**scope=N**")
    wall.until(lambda: wall.text(".wall-title"), "the branch's title", lambda title: NORTH in title)
    wall.until(lambda: choice.input_value(), "the choice", lambda code: code == "N")
    wall.page.go_back()
    wall.until(lambda: wall.text(".wall-title"), "the city's title", lambda title: title == "云岭市公安局 · 一张图")


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有名为“nobody”的辖区"), ("en", "Unknown scope “nobody”")])
def test_an_unknown_scope_is_said_and_leads_back(town, open_wall, lang, words):
    wall = open_wall(town.url, scope="nobody", lang=lang)
    wall.until(lambda: wall.page.locator(".scope-words").is_visible(), "the words")
    assert wall.text(".scope-words") == words
    assert wall.stats()["known"] == 0
    wall.page.locator(".scope-back").click()
    wall.page.wait_for_url(lambda url: "scope" not in url)
    assert f"lang={lang}" in wall.page.url
    assert not wall.page.locator(".scope-words").is_visible()
