"""The page comes back without a hand: from a server that is gone, from a new build, from a dead worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.e2e.pages import DEADLINE_S, Wall
from tests.e2e.server import WallProcess

START = Path(__file__).resolve().parents[2] / "deploy/kiosk/start.html"
UNITS = 60
DRAWN = """() => (globalThis.wallboard?.live?.last.get('stats')?.drawn ?? 0) > 0
    && document.querySelector('#wall [data-panel][data-age]') !== null"""


@pytest.fixture
def mortal() -> Iterator[WallProcess]:
    """A wall that was not started yet."""
    wall = WallProcess(embedded_units=UNITS)
    yield wall
    wall.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own, which keeps service workers to itself."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.set_default_timeout(DEADLINE_S * 1000)
    yield page
    context.close()


def waits(page: Page) -> bool:
    return "Waiting for the wall" in page.locator("body").inner_text()


def test_a_browser_that_starts_before_the_server_goes_to_the_wall_when_it_is_there(mortal, page):
    address = f"{mortal.url}/?kiosk=1&lang=en"
    page.goto(f"{START.as_uri()}?{urlencode({'wall': address})}")
    assert waits(page)
    page.wait_for_function("() => /no answer since .* \\(([3-9]|[1-9]\\d) s\\)/.test(document.body.innerText)")
    mortal.start()
    page.wait_for_url(address)
    page.wait_for_function(DRAWN)


def test_a_start_page_without_an_address_says_so_and_goes_nowhere(page):
    for query in ("", "?wall=javascript:alert(1)", "?wall=nonsense"):
        page.goto(START.as_uri() + query)
        assert "no address" in page.locator("#since").inner_text()
        assert page.url.startswith("file:")


def test_a_kiosk_that_is_loaded_while_the_server_is_gone_waits_and_comes_back(mortal, page):
    mortal.start()
    page.goto(f"{mortal.url}/?kiosk=1&lang=en")
    page.wait_for_function(DRAWN)
    page.wait_for_function("async () => Boolean((await navigator.serviceWorker.ready).active)")
    mortal.kill()
    page.reload()
    assert waits(page)
    assert page.url == f"{mortal.url}/?kiosk=1&lang=en"
    page.wait_for_timeout(4000)
    assert waits(page)
    mortal.start()
    page.wait_for_function(DRAWN)
    assert not waits(page)


def test_an_open_page_learns_of_a_new_build(browser, mortal, page):
    mortal.start()
    kiosk = page
    kiosk.goto(f"{mortal.url}/?kiosk=1&lang=en")
    kiosk.wait_for_function(DRAWN)
    desk = Wall(browser, mortal.url, outage=True, lang="en")
    desk.drawn()
    desk.ask("() => { globalThis.__mine = true; }")
    before = kiosk.evaluate("() => document.getElementById('wall').dataset.build")
    mortal.kill()
    mortal.set(title_en="Another Title")
    mortal.start()
    # the kiosk loads by itself, once
    kiosk.wait_for_function(
        "(before) => ![undefined, before].includes(document.getElementById('wall')?.dataset.build)", arg=before
    )
    kiosk.wait_for_function(DRAWN)
    assert kiosk.locator(".wall-title").inner_text() == "Another Title"
    kiosk.evaluate("() => { globalThis.__once = true; }")
    # at a desk a person decides
    desk.until(lambda: desk.page.locator("#newer").is_visible(), "the offer")
    assert desk.text("#newer") == "New version · reload"
    assert desk.ask("() => globalThis.__mine")
    desk.page.locator("#newer").click()
    desk.page.wait_for_function("() => !globalThis.__mine")
    desk.drawn()
    assert desk.text(".wall-title") == "Another Title"
    assert not desk.page.locator("#newer").is_visible()
    assert kiosk.evaluate("() => globalThis.__once")
    assert not desk.complaints()
    desk.close()


# Once the page is broken, its checks come ten times as often, and its time goes on with them; one by one, as one leap
# would look like a machine that slept.
QUICK_CHECKS = """
{
  const now = performance.now.bind(performance), every = setInterval.bind(globalThis), checkMs = 5000;
  let ahead = 0, since = 0;
  performance.now = () => now() + ahead;
  globalThis.setInterval = (act, ms, ...rest) => ms !== checkMs ? every(act, ms, ...rest) : every(() => {
    if (!globalThis.__broken) return;
    since ||= performance.now();
    ahead += checkMs;
    sessionStorage.setItem("test-waited", performance.now() - since);
    act();
  }, checkMs / 10);
}
"""


def test_a_page_whose_own_clock_stands_still_is_loaded_anew_on_a_kiosk(mortal, page):
    mortal.start()
    page.add_init_script(QUICK_CHECKS)
    page.goto(f"{mortal.url}/?kiosk=1&lang=en")
    page.wait_for_function(DRAWN)
    # as after an error in the page's core: nothing on it is drawn any more
    page.evaluate("() => { wallboard.ui.panels.length = 0; globalThis.__broken = true; }")
    page.wait_for_function(f"() => globalThis.__broken === undefined && ({DRAWN})()")
    assert "stands still" in page.evaluate("() => sessionStorage.getItem('wall-renewed')")
    assert float(page.evaluate("() => sessionStorage.getItem('test-waited')")) > 50_000, "it has a minute to mend"


PANELS = re.compile(r"/js/ui/all\.\w+\.js")


def test_a_page_that_is_slower_than_its_stream_stands_up_all_the_same(browser, mortal):
    mortal.start()

    def once_the_stream_runs(page: Page) -> None:
        def handle(route: Route) -> None:
            while not page.evaluate("() => globalThis.wallboard?.live?.last.get('link')?.state === 'open'"):
                page.wait_for_timeout(50)
            route.continue_()

        page.route(PANELS, handle)

    wall = Wall(browser, mortal.url, prepare=once_the_stream_runs, lang="en")
    wall.drawn()
    wall.until(lambda: wall.text("#units .head-title"), "the panels")
    assert wall.ask("() => document.getElementById('wall').dataset.link") == "open"
    assert not wall.complaints()
    wall.close()


def test_a_page_of_which_a_script_does_not_come_is_loaded_anew(browser, mortal):
    mortal.start()
    refused: list[str] = []

    def refuse_once(page: Page) -> None:
        page.route(PANELS, lambda route: route.continue_() if refused else (refused.append("ui"), route.abort()))

    wall = Wall(browser, mortal.url, outage=True, prepare=refuse_once, lang="en")
    wall.drawn()
    wall.until(lambda: wall.text("#units .head-title"), "the panels")
    assert refused == ["ui"]
    wall.close()


def test_a_map_whose_scripts_do_not_load_at_first_is_drawn_all_the_same(browser, mortal):
    mortal.start()
    refused: list[str] = []

    def refuse_twice(page: Page) -> None:
        def handle(route: Route) -> None:
            if len(refused) < 2:
                refused.append(route.request.url)
                route.abort()
            else:
                route.continue_()

        page.route(re.compile(r"/live/worker\.js"), handle)

    wall = Wall(browser, mortal.url, outage=True, prepare=refuse_twice, lang="en")
    wall.until(lambda: wall.text("#band"), "the fault to be said", lambda said: "The map cannot be shown" in said)
    wall.drawn()
    assert len(refused) == 2
    wall.until(lambda: wall.page.locator("#band").is_visible(), "no more band", lambda seen: not seen)
    wall.close()


def test_a_worker_that_dies_is_replaced_and_knows_what_was_chosen(browser, mortal):
    mortal.start()
    wall = Wall(browser, mortal.url, lang="en")
    wall.drawn()
    hero = mortal.json("/api/snapshot")["units"][0]["unit_id"]
    wall.ask("(id) => wallboard.live.emit('select', {kind: 'unit', id})", hero)
    wall.ask("() => wallboard.live.layers({drones: false})")
    wall.ask("() => { wallboard.live.worker.worker.terminate(); }")
    wall.until(lambda: wall.text("#band"), "the fault to be said", lambda said: "silent for" in said)
    wall.until(lambda: wall.page.locator("#band").is_visible(), "no more band", lambda seen: not seen)
    again = wall.drawn()
    assert again["link"] == "open"
    assert wall.text("#card .card-name")
    said = wall.ask("() => Object.fromEntries(wallboard.live.worker.standing)")
    assert said["select"]["id"] == hero
    assert said["layers"]["layers"]["drones"] is False
    box = wall.page.locator("#map").bounding_box()
    at = wall.until(lambda: wall.probe(hero)[0], "the unit's place in the new picture")
    assert box["x"] <= at["x"] <= box["x"] + box["width"]
    wall.close()
