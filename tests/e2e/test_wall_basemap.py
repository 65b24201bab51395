"""Basemaps under the live map: tiles of a provider in its own datum, and a city from an OpenStreetMap extract."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from data_feeds.basemap import build
from tests.e2e.eye import Eye
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, incident, scripted_wall, unit
from tests.e2e.tile_server import TileServer, png, tile_server
from tests.extracts import helsinki

ZOOM = 16.0
UNIT = (60, 105, 138, 215, 110, 190)
SQUARES = (225, 255, 0, 40, 225, 255)
TOLERANCE_PX = 1.5
LEGEND_PX = 70
TEXTS = """
globalThis.__drawn = [];
const fill = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  __drawn.push(text);
  return fill.call(this, text, ...rest);
};
"""


def gcj02(lat: float, lon: float) -> tuple[float, float]:
    """The offset once more in scalars, so that the map is not measured with the ruler that drew it."""
    a, ee, x, y, pi, sin = 6378245.0, 0.00669342162296594323, lon - 105, lat - 35, math.pi, math.sin
    both = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + both
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi) + 160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + both
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi) + 150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    magic = 1 - ee * sin(math.radians(lat)) ** 2
    north_radius = a * (1 - ee) / magic**1.5
    return (
        lat + math.degrees(north / north_radius),
        lon + math.degrees(east * math.sqrt(magic) / a / math.cos(math.radians(lat))),
    )


@pytest.fixture(scope="module")
def provider() -> Iterator[TileServer]:
    with tile_server(*gcj02(*PLACE)) as server:
        yield server


@pytest.fixture(scope="module")
def shifted(provider) -> Iterator[ScriptedWall]:
    with scripted_wall(
        basemap=f"http://{provider.host}/flipped/{{z}}/{{x}}/{{-y}}.png?key={{key}}", basemap_datum="GCJ02",
        basemap_key="k1", basemap_attribution="© Somebody", basemap_look="plain", basemap_max_zoom=17,
        map_center=list(PLACE), map_zoom=ZOOM,
    ) as wall:  # fmt: skip
        wall.say(*unit("U1", 0, 0))
        wall.taken()
        yield wall


def apart(wall: Wall, eye: Eye) -> float | None:
    """Pixels between the unit's icon and the middle of the squares on the tiles; None: one of them is not in sight."""
    box = wall.page.locator("#map").bounding_box()
    clip = (int(box["x"]), int(box["y"]) + LEGEND_PX, int(box["width"]), int(box["height"]) - LEGEND_PX)
    icon, squares = eye.find(wall.page.screenshot(), [UNIT, SQUARES], clip)
    if not icon or not squares:
        return None
    return math.dist(icon.centre, squares.centre)


def no_labels(wall: Wall) -> None:
    wall.layer("Callsigns").click()
    wall.page.keyboard.press("Escape")  # the opened panel's signs have the colours of units


def test_a_unit_stands_on_the_right_pixel_of_a_shifted_map(shifted, provider, open_wall, eye):
    assert math.dist(gcj02(*PLACE), PLACE) * 111_000 > 100  # else the test could not fail
    wall = open_wall(shifted.url, size=(1200, 800), lang="en", hosts=(provider.host,))
    wall.drawn()
    no_labels(wall)
    wall.until(lambda: apart(wall, eye), "the unit amid the squares", lambda d: d is not None and d <= TOLERANCE_PX)
    for zoom in (15, 17, 16.5, 18):
        wall.ask("z => wallboard.live.map.setZoom(z, {animate: false})", zoom)
        wall.until(lambda: apart(wall, eye), f"the same at {zoom}", lambda d: d is not None and d <= TOLERANCE_PX)
    assert max(int(path.split("/")[2]) for path in provider.asked) == 17
    assert all(path.endswith("?key=k1") for path in provider.asked)
    assert wall.text(".scale-datum") == "GCJ-02"
    assert wall.text("#credit") == "© Somebody"


def test_clicks_the_card_and_the_glide_agree_with_the_shifted_map(shifted, provider, open_wall):
    wall = open_wall(shifted.url, size=(1200, 800), lang="en", hosts=(provider.host,))
    wall.drawn()
    wall.frame()
    at = wall.at("U1")
    assert (at["lat"], at["lon"]) == pytest.approx(PLACE, abs=2e-7)
    wall.page.mouse.click(at["x"], at["y"])
    wall.page.wait_for_selector("#card:not([hidden])")
    wall.ask("([lat, lon]) => wallboard.live.flyTo(lat, lon, 17)", list(PLACE))
    where = "() => { const {map} = wallboard.live, c = map.getCenter(); return [map.getZoom(), c.lat, c.lng]; }"
    centre = wall.until(lambda: wall.ask(where), "the end of the flight", lambda c: c[0] == 17)
    assert centre[1:] == pytest.approx(gcj02(*PLACE), abs=2e-5)


def test_the_policy_allows_the_provider_and_nobody_else(shifted, provider):
    import urllib.request

    with urllib.request.urlopen(shifted.url) as answer:
        policy = answer.headers["content-security-policy"]
    images = next(part for part in policy.split(";") if part.strip().startswith("img-src"))
    assert images.split() == ["img-src", "'self'", "data:", "blob:", f"http://{provider.host}"]


def test_when_tiles_fail_the_wall_says_so_and_units_go_on(shifted, provider, open_wall, eye):
    provider.works = False
    wall = open_wall(shifted.url, size=(1200, 800), lang="en", hosts=(provider.host,), outage=True)
    try:
        wall.drawn()
        wall.until(lambda: wall.text(".scale-problem"), "the problem said", lambda t: "basemap" in t.lower())
        shifted.say(incident("A1", 200, 200, 30))
        shifted.taken()
        wall.until(lambda: wall.stats()["counts"]["incidents"], "a new incident on the map", lambda n: n == 1)
    finally:
        provider.works = True
    wall.until(lambda: wall.text(".scale-problem"), "the problem gone", lambda t: not t)
    no_labels(wall)
    wall.until(lambda: apart(wall, eye), "the tiles back", lambda d: d is not None and d <= TOLERANCE_PX)


def test_a_provider_that_never_answers_is_said_and_its_tiles_come_once_it_does(shifted, provider, open_wall, eye):
    provider.mute = True
    wall = open_wall(shifted.url, size=(1200, 800), lang="en", hosts=(provider.host,))
    try:
        wall.drawn()
        wall.until(lambda: wall.text(".scale-problem"), "the problem said", lambda t: "basemap" in t.lower())
        assert "without an answer" in wall.page.locator(".scale-problem").get_attribute("title")
    finally:
        provider.mute = False  # for who asks again; the old questions stay without an answer
    wall.until(lambda: wall.text(".scale-problem"), "the problem gone", lambda t: not t)
    no_labels(wall)
    wall.until(lambda: apart(wall, eye), "the tiles", lambda d: d is not None and d <= TOLERANCE_PX)


def test_a_page_in_place_of_a_tile_is_a_failure_and_a_single_pixel_a_tile(shifted, provider, open_wall):
    provider.instead = ("text/html", b"<!doctype html><title>Sign in</title>")
    wall = open_wall(shifted.url, size=(1200, 800), lang="en", hosts=(provider.host,))
    try:
        wall.drawn()
        wall.until(lambda: wall.text(".scale-problem"), "the problem said", lambda t: "basemap" in t.lower())
        provider.instead = ("image/png", png(1, [b"\x00\x20\x20\x20"]))
        wall.until(lambda: wall.text(".scale-problem"), "the problem gone", lambda t: not t)
    finally:
        provider.instead = None


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Iterator[ScriptedWall]:
    folder = tmp_path_factory.mktemp("city")
    built = build.build(helsinki(folder), folder, "helsinki", lambda text: None)
    with scripted_wall(basemap=str(built.tiles)) as wall:
        yield wall


def drawn_words(wall: Wall) -> set[str]:
    return set(wall.ask("() => __drawn"))


def test_a_city_from_an_extract_in_both_languages(city, open_wall):
    wall = open_wall(city.url, size=(1600, 900), lang="zh", prepare=lambda page: page.add_init_script(TEXTS))
    wall.page.wait_for_function("() => globalThis.wallboard?.live?.map")
    bounds = "() => { const b = wallboard.live.map.getBounds(); return [b.getSouth(), b.getNorth()]; }"
    wall.until(lambda: wall.still(lambda: wall.ask(bounds), "a map that stands"), "the whole extract in sight",
               lambda seen: seen[0] < 60.1650 < 60.1790 < seen[1])  # fmt: skip
    wall.ask("() => wallboard.live.map.setZoom(16, {animate: false})")
    wall.until(lambda: drawn_words(wall), "streets' names", lambda words: "Unioninkatu" in words)
    wall.until(lambda: drawn_words(wall), "a park in Chinese", lambda words: "爱斯普拉纳地公园" in words)
    wall.until(lambda: wall.text("#credit"), "whose map it is", lambda said: said == "© OpenStreetMap contributors")
    assert wall.text(".scale-datum") == "WGS-84"
    pending = "() => document.querySelectorAll('.leaflet-live-tiles-pane canvas:not(.leaflet-tile-loaded)').length"
    wall.until(lambda: wall.ask(pending), "all tiles", lambda n: n == 0)
    wall.still(lambda: wall.ask("() => __drawn.length"), "a map that is drawn")
    wall.ask("() => { __drawn.length = 0; }")
    wall.page.locator("#language").click()
    wall.until(lambda: drawn_words(wall), "the same in English", lambda words: any("Botanical" in w for w in words))
    assert "爱斯普拉纳地公园" not in drawn_words(wall)
    assert any("/basemap.pmtiles" in url for url in wall.requests)


def test_the_switch_takes_the_tiles_away_and_brings_them_back(city, open_wall):
    wall = open_wall(city.url, size=(1600, 900), lang="en")
    tiles = "() => document.querySelectorAll('.leaflet-live-tiles-pane canvas.leaflet-tile-loaded').length"
    wall.until(lambda: wall.ask(tiles), "tiles")
    wall.layer("Basemap").click()
    wall.until(lambda: wall.ask(tiles), "no tiles", lambda n: n == 0)
    wall.layer("Basemap").click()
    wall.until(lambda: wall.ask(tiles), "tiles again")


def test_a_wall_with_its_own_ground_does_not_load_the_library(shifted, provider, open_wall):
    wall = open_wall(shifted.url, lang="en", hosts=(provider.host,))
    wall.drawn()
    assert not any("vendor" in url for url in wall.requests)
