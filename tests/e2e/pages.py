"""A browser's page on a wall, watched for everything that must not happen, and what tests ask of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, FloatRect, Locator, Page, WebSocket

T = TypeVar("T")
DEADLINE_S = 120.0  # ends what hangs, also on a machine with much else to do; no measurement
POLL_MS = 100
# console lines that a browser writes by itself when its server is gone
OUTAGE = ("WebSocket connection to", "Failed to load resource", "net::ERR_", "WebSocket is closed", "[Dash]")
VIOLATIONS = """
globalThis.__violations = [];
addEventListener("securitypolicyviolation", (e) => __violations.push(`${e.violatedDirective}: ${e.blockedURI}`));
"""


class Wall:
    """One page. ``outage``: a server will vanish, so the browser may complain about that; ``hosts`` (host:port) may be
    asked beside the wall's own."""

    def __init__(
        self, browser: Browser, url: str, *, size: tuple[int, int] = (1600, 900), outage: bool = False,
        hosts: tuple[str, ...] = (), prepare: Callable[[Page], None] = lambda page: None, **query: object,
    ) -> None:  # fmt: skip
        self.url = url
        self.host = urlsplit(url).netloc
        self._hosts = (self.host, *hosts)
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        self.page = self.context.new_page()
        self.page.set_default_timeout(DEADLINE_S * 1000)
        self.requests: list[str] = []
        self.frames: list[bytes | str] = []
        self.sent: list[bytes | str] = []
        self._complaints: list[str] = []
        self._outage = outage
        self._listen()
        self.page.add_init_script(VIOLATIONS)
        prepare(self.page)
        self.page.goto(f"{url}/?{urlencode(query)}" if query else url)

    def _listen(self) -> None:
        page = self.page
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self._complaints.append(f"error: {error}"))
        page.on("console", lambda m: self._complaints.append(f"console {m.type}: {m.text}")
                if m.type in ("error", "warning") else None)  # fmt: skip
        page.on("websocket", self._listen_socket)

    def _listen_socket(self, socket: WebSocket) -> None:
        self.requests.append(socket.url)
        if urlsplit(socket.url).path == "/live":
            socket.on("framereceived", lambda data: self.frames.append(data))
            socket.on("framesent", lambda data: self.sent.append(data))

    def ask(self, script: str, argument: object = None) -> Any:
        """What a script's function returns on the page."""
        return self.page.evaluate(script, argument)

    def until(self, question: Callable[[], T], what: str, good: Callable[[T], bool] = bool) -> T:
        """The first answer that is ``good``; fails after DEADLINE_S with the last one."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            answer = question()
            if good(answer):
                return answer
            assert time.monotonic() < deadline, f"waited in vain for {what}; last: {answer!r}"
            self.page.wait_for_timeout(POLL_MS)

    def still(self, question: Callable[[], T], what: str) -> T:
        """The first answer that is given three times in turn, frames of the page between them."""
        answers: list[T] = []

        def last() -> list[T]:
            self.ask("() => new Promise(requestAnimationFrame)")
            answers.append(question())
            return answers[-3:]

        return self.until(last, what, lambda three: len(three) == 3 and three[0] == three[1] == three[2])[-1]

    def stats(self) -> dict[str, Any]:
        """The worker's own figures."""
        return dict(self.ask("() => wallboard.live.stats()"))

    def drawn(self) -> dict[str, Any]:
        """Wait until the panels and a picture of what the server told stand; returns the worker's figures."""
        self.page.wait_for_function("() => globalThis.wallboard?.live?.layer?.view")
        self.page.wait_for_function("() => document.querySelector('#wall [data-panel][data-age]')")
        return self.until(self.stats, "units on the map", lambda s: s["synced"] and s["drawn"] > 0 and s["basemap"])

    def probe(self, *unit_ids: str) -> list[Any]:
        """Where units are drawn: degrees, and CSS pixels of the page."""
        return list(self.ask("""async (ids) => {
            const box = wallboard.live.map.getContainer().getBoundingClientRect();
            const found = await wallboard.live.probe(ids);
            return found.map((u) => u && u.x !== null ? {...u, x: u.x + box.x, y: u.y + box.y} : null);
        }""", list(unit_ids)))  # fmt: skip

    def at(self, unit_id: str) -> dict[str, Any]:
        """Where a unit is drawn, as ``probe`` tells it, once the page shows it."""
        return dict(self.until(lambda: self.probe(unit_id)[0], f"{unit_id} in the picture"))

    def frame(self) -> FloatRect:
        """The map's box on the page in CSS pixels, once it stands: a panel that closes gives it room a frame later."""
        box = self.still(lambda: self.page.locator("#map").bounding_box(), "a map's frame that stands")
        assert box, "no map"
        return box

    def spot(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a place lies on the page in CSS pixels, once map and frame stand."""
        x, y = self.still(lambda: self.ask("""([lat, lon]) => {
            const box = wallboard.live.map.getContainer().getBoundingClientRect();
            const p = wallboard.live.map.latLngToContainerPoint(wallboard.datum.latLng(lat, lon));
            return [p.x + box.x, p.y + box.y];
        }""", [lat, lon]), "a map that stands")  # fmt: skip
        return x, y

    def text(self, selector: str) -> str:
        """The visible text of the first match, spaces joined."""
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def layer(self, name: str) -> Locator:
        """The switch of a layer, in the opened panel."""
        opener = self.page.locator("#layers-open")
        if opener.get_attribute("aria-expanded") != "true":
            opener.click()
        return self.page.locator("#layers-body").get_by_text(name, exact=True)

    def complaints(self) -> list[str]:
        """Everything that must not have happened."""
        said = [c for c in self._complaints if not (self._outage and any(word in c for word in OUTAGE))]
        said += [f"leaves the host: {url}" for url in self.requests if self._is_foreign(url)]
        said += [f"policy: {violation}" for violation in self.ask("() => globalThis.__violations")]
        return said

    def _is_foreign(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme not in ("data", "blob") and parts.netloc not in self._hosts

    def close(self) -> None:
        self.context.close()
