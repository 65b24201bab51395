"""The server dies and comes back; the viewer's clock is wrong all the while."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route

from tests.e2e.pages import Wall
from tests.e2e.server import WallProcess, running_wall

OFF_MS = 3_600_000 + 17_000
SLACK_S = 2.0
# one hour ahead: dates, and what performance.now() counts from
WRONG_CLOCK = f"""
{{
  const scope = globalThis, Real = Date, off = {OFF_MS};
  scope.Date = class extends Real {{
    constructor(...parts) {{ if (parts.length) super(...parts); else super(Real.now() + off); }}
    static now() {{ return Real.now() + off; }}
  }};
  Object.defineProperty(performance, "timeOrigin", {{value: performance.timeOrigin + off}});
}}
"""


def with_wrong_clock(page: Page) -> None:
    """Page and worker both believe that it is an hour later."""

    def wrong_worker(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=WRONG_CLOCK + answer.text())

    with contextlib.suppress(Error):  # browsers that know it take a script from a test for one from the internet
        page.context.grant_permissions(["local-network-access"])
    page.add_init_script(WRONG_CLOCK)
    page.route(re.compile(r"/live/worker\.js"), wrong_worker)


@pytest.fixture(scope="module")
def mortal() -> Iterator[WallProcess]:
    with running_wall(embedded_units=300, embedded_calls=12.0, embedded_past_days=1) as wall:
        yield wall


@pytest.fixture(scope="module")
def wall(mortal, open_shared) -> Wall:
    wall = open_shared(mortal.url, outage=True, prepare=with_wrong_clock, lang="en")
    wall.drawn()
    wall.ask("() => { globalThis.__never_reloaded = true; }")
    return wall


def seconds(countdown: str) -> float:
    """'0:46' → 46, '+1:05' → −65."""
    sign = -1.0 if countdown.startswith("+") else 1.0
    total = 0.0
    for part in countdown.lstrip("+").split(":"):
        total = total * 60 + int(part)
    return sign * total


def countdowns(wall: Wall) -> dict[str, str]:
    return dict(wall.ask("""() => {
        const rows = [...document.querySelectorAll("#queue .incident")];
        const text = (row, name) => row.querySelector(`.incident-${name}`).textContent;
        return rows.filter((row) => ["counting", "breached"].includes(row.dataset.group)).map(
            (row) => [text(row, "id"), text(row, "count")]);
    }"""))


def expected(snapshot: dict[str, Any]) -> dict[str, float]:
    """Seconds left by the server's clock, of incidents that count."""
    rows = snapshot["panels"]["incidents"]["incidents"]
    return {
        i["id"]: (i["call_received"] - snapshot["now_ms"]) / 1000 + i["target_s"]
        for i in rows if i["target_s"] and i["call_received"] and i["on_scene"] is None
    }  # fmt: skip


def assert_counts_by_the_server(wall: Wall, server: WallProcess) -> None:
    """Every countdown lies between what the server's clock says before and after it is read."""

    def compared() -> list[tuple[str, float, float, float]]:
        before = expected(server.json("/api/snapshot"))
        shown = countdowns(wall)
        after = expected(server.json("/api/snapshot"))
        both = shown.keys() & before.keys() & after.keys()
        return [(which, after[which], seconds(shown[which]), before[which]) for which in both]

    # again where the page was late to draw: a wrong clock would be wrong by an hour each time
    wall.until(compared, "countdowns by the server's clock", lambda rows: bool(rows) and all(
        least - SLACK_S <= left <= most + SLACK_S for _, least, left, most in rows))  # fmt: skip


def test_the_clock_of_the_viewer_is_really_wrong(wall):
    assert wall.ask("() => Date.now()") / 1000 - time.time() > 3000
    worker = next(w for w in wall.page.workers if "/live/worker.js" in w.url)
    assert worker.evaluate("() => performance.timeOrigin + performance.now()") / 1000 - time.time() > 3000


def test_countdowns_and_the_header_keep_the_servers_time(wall, mortal):
    assert_counts_by_the_server(wall, mortal)

    def off() -> float:
        """Seconds between the clock on the wall and the real one."""
        day, _, clock = wall.text("#wall-clock").split()
        return abs(datetime.fromisoformat(f"{day}T{clock}+08:00").timestamp() - time.time())

    wall.until(lambda: wall.text("#wall-clock"), "the wall's clock", lambda t: "--" not in t)
    wall.until(off, "the server's time on it", lambda seconds: seconds <= SLACK_S)
    wall.until(lambda: [wall.text(f"#header .feed:nth-child({n})") for n in (1, 2, 3)], "small ages",
               lambda ages: all(re.fullmatch(r"\w+ \d s", age) for age in ages))  # fmt: skip


def test_a_dead_server_is_said_and_a_living_one_is_right_again_by_itself(wall, mortal):
    first = wall.stats()
    mortal.kill()
    wall.until(lambda: wall.page.locator("#band").is_visible(), "the lost link to be said")
    wall.until(lambda: wall.text("#band"), "since when", lambda said: re.search(
        r"Disconnected for \d+.*Picture as of \d\d:\d\d:\d\d; reconnecting", said))  # fmt: skip
    assert wall.ask("() => document.getElementById('wall').dataset.link") == "lost"
    assert wall.page.locator(".veil").is_visible()

    # the picture says that it ages: panels do not look fresh while nothing arrives
    ages = wall.text("#header .feed")
    wall.until(lambda: wall.text("#header .feed"), "the ages to grow", lambda now: now != ages)

    mortal.start()
    again = wall.until(wall.stats, "the new server's units", lambda s: s["link"] == "open" and s["synced"]
                       and s["epoch"] != first["epoch"] and s["drawn"] > 0)  # fmt: skip
    assert again["reconnects"] > first["reconnects"]
    wall.until(lambda: wall.page.locator("#band").is_visible(), "no more band", lambda seen: not seen)
    assert not wall.page.locator(".veil").is_visible()
    assert wall.ask("() => globalThis.__never_reloaded")
    units = mortal.json("/api/snapshot")["panels"]["units"]
    wall.until(wall.stats, "every unit of the new server", lambda s: s["known"] == units["total"])
    assert_counts_by_the_server(wall, mortal)


def test_it_moves_on_after_the_outage(wall, mortal):
    moving = [u["unit_id"] for u in mortal.json("/api/snapshot")["units"] if (u["speed_mps"] or 0) > 5]
    before = {u["id"]: u for u in wall.until(lambda: [u for u in wall.probe(*moving) if u], "moving units")}

    def moved() -> bool:
        now = [u for u in wall.probe(*moving) if u and u["id"] in before]
        return any(abs(u["x"] - before[u["id"]]["x"]) + abs(u["y"] - before[u["id"]]["y"]) >= 2 for u in now)

    wall.until(moved, "units to move")
    seq = wall.stats()["seq"]
    wall.until(wall.stats, "the next frames", lambda s: s["seq"] > seq and s["synced"])
