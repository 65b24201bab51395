"""The wall of the embedded city: everything is there, moves, and says what the server says."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.e2e.pages import Wall

STATUSES = "AVAILABLE DISPATCHED ENROUTE ON_SCENE STANDBY RETURNING OUT_OF_SERVICE".split()
FEEDS = "position incident telemetry status detection roster device".split()
TITLES = {"zh": ("警力", "在办警情", "无人机", "告警"), "en": ("Units", "Open incidents", "Drones", "Alarms")}
NAMES = {"zh": "云岭市公安局 · 一张图", "en": "Yunling Police · One Map"}
HEADS = ("#units", "#queue", "#drones", "#alarms")

SHOWN = """() => {
  const number = (element) => element ? Number(element.textContent.replace(/[^0-9]/g, "")) : null;
  const rows = [...document.querySelectorAll("#units .rows-status .row")];
  const layers = [...document.querySelectorAll("#layers .layer-count")];
  return {
    status: Object.fromEntries(rows.map((r) => [r.dataset.status, number(r.querySelector(".row-count"))])),
    reporting: number(document.querySelector("#units .figure-big")),
    roster: number(document.querySelector("#units .units-total")),
    incidents: number(document.querySelector("#queue .head-count")),
    ids: [...document.querySelectorAll("#queue .incident-id")].map((e) => e.textContent),
    drones: [...document.querySelectorAll("#drones .tile-name")].map((e) => e.textContent),
    layers: Object.fromEntries(layers.map((e) => [e.dataset.count, number(e)])),
  };
}"""


def told(city) -> dict:
    """What the wall must show, from the snapshot's documents."""
    panels = city.json("/api/snapshot")["panels"]
    units, incidents, drones = panels["units"], panels["incidents"], panels["drones"]
    return {
        "status": {**{s: units["counts"][s] for s in STATUSES}, "LOST": units["lost"], "SOS": units["sos"]},
        "reporting": units["total"] - units["lost"], "roster": units["total"],
        "incidents": incidents["total_open"], "ids": {i["id"] for i in incidents["incidents"]},
        "drones": {d["callsign"] for d in drones["drones"]},
        "layers": {"units": units["total"] - units["lost"], "lost": units["lost"],
                   "incidents": incidents["total_open"], "drones": drones["flying"]},
    }  # fmt: skip


def agrees(shown: dict, expected: dict) -> bool:
    status = {name: n for name, n in shown["status"].items() if name != "UNKNOWN"}
    layers = {name: n for name, n in shown["layers"].items() if name in expected["layers"]}
    same = all(shown[key] == expected[key] for key in ("reporting", "roster", "incidents"))
    listed = set(shown["ids"]) <= expected["ids"] and set(shown["drones"]) <= expected["drones"]
    return same and listed and status == expected["status"] and layers == expected["layers"]


@pytest.fixture(scope="module", params=["zh", "en"])
def wall(request, city, open_shared) -> Wall:
    wall = open_shared(city.url, lang=request.param)
    wall.drawn()
    wall.lang = request.param
    return wall


def test_it_is_complete_and_equals_the_servers_documents(wall, city):
    for panel, title in zip(HEADS, TITLES[wall.lang], strict=True):
        assert wall.text(f"{panel} .head-title") == title
    fresh = wall.page.locator("#header .feed[data-age=fresh]")
    wall.until(fresh.count, "every feed's age, all fresh", lambda n: n == len(FEEDS))
    wall.until(lambda: (wall.ask(SHOWN), told(city)), "figures equal to the snapshot's", lambda pair: agrees(*pair))
    stats = wall.stats()
    assert stats["link"] == "open"
    assert stats["badFrames"] == 0


def test_units_are_drawn_and_move(wall, city):
    moving = [u["unit_id"] for u in city.json("/api/snapshot")["units"] if (u["speed_mps"] or 0) > 5][:40]
    rasters = wall.stats()["rasters"]
    before = {u["id"]: u for u in wall.until(lambda: [u for u in wall.probe(*moving) if u], "moving units")}

    def moved() -> list[str]:
        now = [u for u in wall.probe(*moving) if u and u["id"] in before]
        return [u["id"] for u in now if abs(u["x"] - before[u["id"]]["x"]) + abs(u["y"] - before[u["id"]]["y"]) >= 3]

    wall.until(moved, "most units to move three pixels", lambda ids: len(ids) > len(before) / 2)
    assert wall.stats()["rasters"] > rasters
    assert wall.stats()["drawn"] > 300


def test_nothing_of_charts_is_loaded_and_nothing_from_elsewhere(wall):
    paths = [urlsplit(url).path for url in wall.requests]
    assert not [path for path in paths if "plotly" in path.lower() or "ag-grid" in path.lower()]
    assert any(path == "/live" for path in paths)
    assert not [url for url in wall.requests if wall.host not in url and not url.startswith(("data:", "blob:"))]


def test_the_language_can_be_switched_on_the_wall(wall):
    title = wall.page.locator("#queue .head-title")
    for lang in ("en", "zh") if wall.lang == "zh" else ("zh", "en"):
        wall.page.click("#language")
        wall.until(title.inner_text, f"the title in {lang}", lambda text: text == TITLES[lang][1])  # noqa: B023
        assert wall.ask("() => document.documentElement.lang").startswith(lang)
        assert f"lang={lang}" in wall.page.url
        wall.until(wall.page.title, "the page's title", lambda text: text.endswith(NAMES[lang]))  # noqa: B023 alarms first
