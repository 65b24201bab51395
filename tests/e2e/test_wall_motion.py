"""Units stay on the ground while the map moves: measured in the very pictures that the screen shows.

The ground of this wall holds four ponds around the place of its only unit. In every frame of a drag or a zoom the
middle of the ponds, the middle of the unit's icon and a marker of Leaflet's own must be one place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.eye import Eye, Patch
from tests.e2e.pages import Wall
from tests.e2e.scripted_wall import PLACE, ScriptedWall, place, scripted_wall, unit

POND_M, FAR_M = 120.0, 450.0
TOLERANCE_PX = 2.0
ZOOM = 14.0
MARKER_ABOVE_PX = 60
FILMS = 8  # at most: where the screen shows few frames a second, one film hardly has any of a movement
LEGEND_PX = 70  # the legend at the map's top shows units' icons too
UNIT = (60, 105, 138, 215, 110, 190)
POND = (8, 24, 27, 46, 43, 70)
MARKER = (230, 255, 0, 30, 230, 255)


def pond(north_m: float, east_m: float) -> dict:
    """A square of water."""
    corners = [(-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)]
    ring = [place(north_m + n * POND_M / 2, east_m + e * POND_M / 2)[::-1] for n, e in corners]
    return {"type": "Feature", "properties": {"kind": "water"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.fixture(scope="module")
def still(tmp_path_factory) -> Iterator[ScriptedWall]:
    ponds = [pond(n * FAR_M, e * FAR_M) for n in (-1, 1) for e in (-1, 1)]
    ground = tmp_path_factory.mktemp("ground") / "ponds.geojson"
    ground.write_text(json.dumps({"type": "FeatureCollection", "features": ponds}))
    with scripted_wall(basemap=str(ground), map_center=list(PLACE), map_zoom=ZOOM) as wall:
        wall.say(*unit("U1", 0, 0))
        wall.taken()
        yield wall


@pytest.fixture(scope="module")
def wall(still, open_shared) -> Wall:
    wall = open_shared(still.url, size=(1200, 800), lang="en")
    wall.drawn()
    wall.layer("Callsigns").click()
    wall.page.keyboard.press("Escape")
    wall.ask(
        """([place, above]) => {
          const html = '<div style="width:6px;height:6px;background:#f0f"></div>';
          const icon = L.divIcon({className: "", html, iconSize: [6, 6], iconAnchor: [3, above + 3]});
          L.marker(place, {icon, interactive: false}).addTo(wallboard.live.map);
        }""",
        [list(PLACE), MARKER_ABOVE_PX],
    )
    return wall


@contextmanager
def filmed(wall: Wall, pictures: list[str]) -> Iterator[None]:
    """Collects what the screen shows, frame by frame."""
    session = wall.context.new_cdp_session(wall.page)

    def take(event: dict) -> None:
        pictures.append(event["data"])
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    session.on("Page.screencastFrame", take)
    session.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})
    yield
    session.send("Page.stopScreencast")
    session.detach()


def away(one: Patch, other: Patch, down_px: float = 0.0) -> float:
    """Pixels between the middles of two patches, the other one moved down."""
    (x, y), (u, v) = one.centre, other.centre
    return max(abs(x - u), abs(y - v - down_px))


def distances(wall: Wall, eye: Eye, pictures: list[str]) -> list[tuple[float, float, float]]:
    """(marker's x, unit to ponds, unit to marker) in pixels for every picture that shows all three whole."""
    box = wall.page.locator("#map").bounding_box()
    clip = (int(box["x"]), int(box["y"]) + LEGEND_PX, int(box["width"]), int(box["height"]) - LEGEND_PX)
    found = []
    for picture in pictures:
        icon, ponds, marker = eye.find(picture, [UNIT, POND, MARKER], clip)
        if icon and ponds and marker and ponds.top > clip[1]:  # ponds cut by the clip have another middle
            found.append((marker.centre[0], away(icon, ponds), away(icon, marker, MARKER_ABOVE_PX)))
    return found


def middle(wall: Wall) -> tuple[float, float]:
    box = wall.frame()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def at_home(wall: Wall, eye: Eye, zoom: float = ZOOM) -> None:
    """The unit in the middle, nothing moving."""
    wall.ask("([place, zoom]) => wallboard.live.map.stop().setView(place, zoom, {animate: false})", [list(PLACE), zoom])
    settled(wall, eye)


def settled(wall: Wall, eye: Eye) -> None:
    """At rest all three are one place; else the measurement itself is wrong."""

    def off() -> list[tuple[float, float, float]]:
        return distances(wall, eye, [wall.page.screenshot()])

    wall.until(off, "unit, ponds and marker at one place", lambda d: bool(d) and max(d[0][1:]) <= TOLERANCE_PX)


def test_while_the_map_is_dragged(wall, eye):
    x, y = middle(wall)
    found: list[tuple[float, float, float]] = []
    for _ in range(FILMS):
        at_home(wall, eye)
        pictures: list[str] = []
        with filmed(wall, pictures):
            wall.page.mouse.move(x + 30, y + 40)
            wall.page.mouse.down()
            for step in range(1, 41):
                wall.page.mouse.move(x + 30 - 5 * step, y + 40 + (step if step < 20 else 40 - step) * 3)
            for step in range(39, 0, -2):
                wall.page.mouse.move(x + 30 - 5 * step, y + 40)
            wall.page.mouse.up()
            wall.page.wait_for_timeout(700)
        found += distances(wall, eye, pictures)
        seen = [at for at, _, _ in found]
        if len(seen) >= 10 and max(seen) - min(seen) > 100:
            break
    else:
        pytest.fail("the drag is not in the films")
    worst = max(found, key=lambda d: max(d[1:]))
    assert max(worst[1:]) <= TOLERANCE_PX, f"{worst} of {len(found)} frames"
    settled(wall, eye)


@pytest.mark.parametrize(("zoom", "turns"), [(14.0, [-100]), (15.0, [100]), (14.25, [-60, -60, 120])])
def test_while_the_map_zooms(wall, eye, zoom, turns):
    x, y = middle(wall)
    found: list[tuple[float, float, float]] = []
    for _ in range(FILMS):
        at_home(wall, eye, zoom)
        pictures: list[str] = []
        with filmed(wall, pictures):
            wall.page.mouse.move(x + 25, y - 15)
            for turn in turns:
                wall.page.mouse.wheel(0, turn)
                wall.page.wait_for_timeout(180)
            wall.page.wait_for_timeout(900)
        found += distances(wall, eye, pictures)
        if len({round(x) for x, _, _ in found}) >= 3:
            break
    else:
        pytest.fail("the zoom is not in the films")
    worst = max(found, key=lambda d: max(d[1:]))
    assert max(worst[1:]) <= TOLERANCE_PX, f"{worst} of {len(found)} frames"
    settled(wall, eye)


def test_all_arrive_together_when_a_zoom_ends_before_the_browsers_animation(wall, eye):
    """On a busy page the browser's animation begins later than Leaflet's timer, which then ends the zoom first."""
    at_home(wall, eye, 14.0)
    wall.ask("""([home]) => {
      const { map, layer } = wallboard.live, marker = document.querySelector("#map .leaflet-marker-icon");
      const aside = map.containerPointToLatLng(map.latLngToContainerPoint(home).add([200, 150]));
      globalThis.__apart = [];
      const on = (element, view) => {
        const box = element.getBoundingClientRect(), grown = box.width / view.w, k = 256 * 2 ** view.zoom;
        const p = map.project(home, view.zoom);
        return [box.left + (p.x - view.x * k) * grown, box.top + (p.y - view.y * k) * grown];
      };
      const measure = () => {
        const box = marker.getBoundingClientRect();
        const units = on(layer.canvases[layer.index], layer.view), ground = on(layer.base, layer.baseView);
        const all = [units, ground, [box.x + 3, box.y + 63]];
        const spread = (axis) => Math.max(...all.map((p) => p[axis])) - Math.min(...all.map((p) => p[axis]));
        __apart.push(Math.max(spread(0), spread(1)));
        if (__apart.length < 30) requestAnimationFrame(measure);
      };
      map._onZoomTransitionEnd = () => {}; // neither Leaflet's timer nor the browser ends it before that
      const end = () => {
        // the ground's picture of the zoom's end waits for that end
        if (!layer.held.length) return requestAnimationFrame(end);
        delete map._onZoomTransitionEnd;
        map._onZoomTransitionEnd();
        requestAnimationFrame(measure);
      };
      map.setZoomAround(aside, 15, { animate: true });
      requestAnimationFrame(end);
    }""", [list(PLACE)])  # fmt: skip
    apart = wall.until(lambda: wall.ask("() => __apart"), "thirty frames", lambda seen: len(seen) == 30)
    assert max(apart) <= TOLERANCE_PX, [round(px, 1) for px in apart]
