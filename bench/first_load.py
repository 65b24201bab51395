"""The first load on a cold browser: bytes, requests and the time to the first unit, against a usual Dash page."""

from __future__ import annotations

import time
from collections import Counter

from playwright.sync_api import Browser, Page

from bench import chromium, processes
from bench.report import Check, Result, Table
from bench.stats import median
from bench.wire import Counted, CountingProxy

NAME = "first_load"
SIZE = (1920, 1080)
MAX_MB, MAX_START_S = 2.0, 3.0
QUIET_MS = 4000
SETTLE_S = 2.0  # what ran before has ended: a heavy page takes the browser a second to throw away
WARM = {"PYTHONDONTWRITEBYTECODE": ""}  # as on a machine that started it before
# until the first picture with a unit in it; asked every 10 ms
FIRST_UNIT = """async () => {
  for (;;) {
    const live = globalThis.wallboard?.live;
    if (live?.worker && (await live.stats()).drawn > 0) return performance.now();
    await new Promise((go) => setTimeout(go, 10));
  }
}"""
KINDS = ((".woff2", "fonts"), ("_dash-component-suites", "Dash and its components"), ("/assets/js", "own scripts"),
         ("/assets/", "own styles"), (".geojson", "basemap"), ("/live", "live socket"))  # fmt: skip


def run(quick: bool) -> Result:
    repetitions = 2 if quick else 5
    with chromium.browser() as made:
        cold, warm, first_ms = _bytes(made)
        usual = _usual(made)
        starts = [(_start(made), _usual_start(made)) for _ in range(repetitions)]
    usual_s = median([theirs for _, theirs in starts])
    starts = [ours for ours, _ in starts]
    to_unit = median([start["to_unit_s"] for start in starts])
    plotly = [path for path in cold.requests if "plotly" in path.lower()]
    mb = (cold.answers + cold.sockets) / 1e6
    pace = median([_pace_s() for _ in range(5)])
    checks = [
        Check("first load, everything over the wire", mb, "MB", f"≤ {MAX_MB:g} MB", mb <= MAX_MB),
        Check("requests for anything of Plotly", len(plotly), "", "0", not plotly),
        Check("server's start → first unit drawn", to_unit, "s", f"≤ {MAX_START_S:g} s, warm", to_unit <= MAX_START_S),
        Check("the same, of a plain Dash page's start", to_unit / usual_s, "times", "≤ 1", to_unit <= usual_s),
    ]
    loads = [
        ["the wall, first load", cold.answers / 1e6, cold.sockets / 1e6, len(cold.requests)],
        ["the wall, second load", warm.answers / 1e6, warm.sockets / 1e6, len(warm.requests)],
        ["plain Dash page: chart, map, Mantine", usual.answers / 1e6, usual.sockets / 1e6, len(usual.requests)],
    ]
    times = [[
        label, *[f([start[key] for start in starts]) for f in (median, min, max)]
    ] for key, label in (("to_port_s", "process started → port answers"), ("to_unit_s", "process started → first unit"),
                         ("page_s", "page asked for → first unit"))]  # fmt: skip
    kinds = [[kind, size / 1e3, requests] for kind, size, requests in by_kind(cold)]
    return Result(NAME, "First load", checks, [
        Table("Bytes over the wire", ["page", "answers MB", "socket MB", "requests"], loads),
        Table("The wall's first load", ["what", "KB", "requests"], kinds),
        Table(f"Seconds, {repetitions} starts, embedded feed", ["", "median", "fastest", "slowest"], times),
    ], [
        f"Bytes are counted by a proxy between browser and server, heads and the worker's requests included, until "
        f"{QUIET_MS / 1000:g} s after the first unit was drawn ({first_ms:.0f} ms into the page through the proxy).",
        f"The plain page's start, one after each of the wall's: {usual_s:.2f} s until its chart stands.",
        f"A loop of 3 million additions in Python took {pace:.2f} s just then: how fast the machine was.",
        "Starts: the installed `app.py` as `make run` starts it, the browser already open with an empty cache, the "
        "page opened as soon as the port answers.",
        "The usual page is what Dash serves without AG Grid, which is not installed; with it the page only grows.",
    ])  # fmt: skip


def by_kind(counted: Counted) -> list[tuple[str, int, int]]:
    """(kind, bytes, requests) of what was fetched, largest first."""
    sizes: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    for path, size in counted.received.items():
        sizes[kind_of(path)] += size
    for path in counted.requests:
        requests[kind_of(path)] += 1
    return [(kind, size, requests[kind]) for kind, size in sizes.most_common()]


def kind_of(path: str) -> str:
    """What a path brings, for people."""
    return next((kind for part, kind in KINDS if part in path), "the page and its calls")


def _bytes(made: Browser) -> tuple[Counted, Counted, float]:
    port = processes.free_port()
    with processes.running("app.py", environ=_environ(port)) as server:
        processes.await_port(port, server)
        with CountingProxy(port) as proxy, chromium.page_of(made, *SIZE) as page:
            first_ms = _open(page, proxy.port)
            page.wait_for_timeout(QUIET_MS)
            cold = proxy.restart()
            again = page.context.new_page()
            page.close()
            proxy.restart()
            _open(again, proxy.port)
            again.wait_for_timeout(QUIET_MS)
            return cold, proxy.restart(), first_ms


def _usual(made: Browser) -> Counted:
    port = processes.free_port()
    with processes.running("-m", "bench.serve", "charts", str(port), "0") as server:
        processes.await_port(port, server)
        with CountingProxy(port) as proxy, chromium.page_of(made, *SIZE) as page:
            page.goto(f"http://127.0.0.1:{proxy.port}/")
            page.wait_for_selector(".js-plotly-plot .bars", timeout=60_000)
            page.wait_for_timeout(QUIET_MS)
            return proxy.restart()


def _start(made: Browser) -> dict[str, float]:
    port = processes.free_port()
    with chromium.page_of(made, *SIZE) as page:
        time.sleep(SETTLE_S)
        begin_s = time.monotonic()
        with processes.running("app.py", environ=_environ(port)) as server:
            processes.await_port(port, server)
            listening_s = time.monotonic()
            _open(page, port)
            done_s = time.monotonic()
    return {"to_port_s": listening_s - begin_s, "to_unit_s": done_s - begin_s, "page_s": done_s - listening_s}


def _usual_start(made: Browser) -> float:
    port = processes.free_port()
    with chromium.page_of(made, *SIZE) as page:
        time.sleep(SETTLE_S)
        begin_s = time.monotonic()
        with processes.running("-m", "bench.serve", "charts", str(port), "0", environ=WARM) as server:
            processes.await_port(port, server)
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector(".js-plotly-plot .bars", timeout=60_000)
            return time.monotonic() - begin_s


def _pace_s() -> float:
    begin_s, total = time.perf_counter(), 0
    for number in range(3_000_000):
        total += number
    return time.perf_counter() - begin_s


def _open(page: Page, port: int) -> float:
    page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
    return page.wait_for_function(f"({FIRST_UNIT})()", timeout=60_000).json_value()


def _environ(port: int) -> dict[str, str]:
    return {
        "WALLBOARD_PORT": str(port), "WALLBOARD_FEED": "embedded", "WALLBOARD_LOG_LEVEL": "WARNING",
        "WALLBOARD_HISTORY_DIR": ".cache/bench/history", "WALLBOARD_DEMO_PAST_MONTHS": "0", **WARM,
    }  # fmt: skip
