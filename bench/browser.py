"""What moving units cost the page, against the same page without units and against the page done the usual way."""

from __future__ import annotations

import time
import urllib.request
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

from bench import chromium, processes
from bench.chromium import Busy, Trace
from bench.report import Check, Result, Table

NAME = "browser"
SIZES = ((1920, 1080), (3840, 2160))
COUNTS = (0, 1_000, 10_000, 50_000)
USUAL = (("pins", 1_000), ("pins", 5_000), ("dots", 1_000), ("dots", 5_000), ("dots", 10_000))
USUAL_WORDS = {"pins": "dl.GeoJSON, markers", "dots": "dl.GeoJSON, circles on canvas"}
MAX_BUSY, MIN_FPS = 0.04, 57.0
READY_S = 90.0
STATS = "() => wallboard.live.stats()"


@dataclass
class Case:
    """One page, left alone and then moved about. Shares are of one core."""

    units: int
    width: int
    height: int
    drawn: int
    still: Busy
    fps: float
    worst_ms: float
    rasters: float
    raster_ms: float
    moved: Busy
    moved_fps: float
    moved_worst_ms: float
    moved_rasters: float
    server: float
    load: float
    browser: float


def run(quick: bool) -> Result:
    sizes, counts = (SIZES[:1], (0, 1_000, 10_000)) if quick else (SIZES, COUNTS)
    seconds = 4.0 if quick else 12.0
    cases: list[Case] = []
    for units in counts:
        port = processes.free_port()
        with processes.running("-m", "bench.serve", "wall", str(port), str(units)) as server:
            processes.await_port(port, server)
            for size in sizes:
                print(f"  {units} units at {size[0]}×{size[1]}", flush=True)
                with chromium.browser() as made, chromium.page_of(made, *size) as page:
                    cases.append(_wall(made, page, port, server.pid, units, size, seconds))
    usual = [_usual(page, units, seconds) for page, units in (USUAL[:1] if quick else USUAL)]
    return Result(NAME, "Browser: moving units on the page", _checks(cases), _tables(cases, usual), [
        "Busy: share of the time in which the page's main thread ran a task, from a Chromium trace; extra: minus the "
        "same page, same size, without any unit; extra CPU: the same without the time in which a task waited for a "
        "core. Frames/s: requestAnimationFrame. Rasters: pictures of the live layer "
        "drawn by the worker; it draws no more than motion asks for, at most 20 a second.",
        "The server, the browser and this program share the machine; no GPU. Server and browser are in cores (1 = one "
        "core busy); making the load inside the server's process is counted apart.",
        "Usual way: dcc.Interval, 1 Hz, every unit as GeoJSON through a callback, 1920×1080. A page that answers "
        "nothing for a minute counts as 0 frames/s.",
    ])  # fmt: skip


def _wall(
    made: Browser, page: Page, port: int, server: int, units: int, size: tuple[int, int], seconds: float
) -> Case:
    page.goto(f"http://127.0.0.1:{port}/")
    ready(page, units)
    page.wait_for_timeout(4000)  # fonts, labels and the first easing
    stats = page.evaluate(STATS)
    trace = Trace(made, page)
    trace.start()
    page.wait_for_timeout(seconds * 1000)
    still = trace.stop()
    before, begin_s, cpu_s, load_ms, browser_s = page.evaluate(STATS), time.monotonic(), *_costs(port, server)
    fps, worst = chromium.frames_over(page, seconds)
    took_s = time.monotonic() - begin_s
    after, (cpu_end_s, load_end_ms, browser_end_s) = page.evaluate(STATS), _costs(port, server)
    load = (load_end_ms - load_ms) / 1000 / took_s
    trace.start()
    page.evaluate(chromium.START_FRAMES)
    begin_moving_s = time.monotonic()
    _move_about(page, seconds)
    moving_s = time.monotonic() - begin_moving_s
    moved_fps, moved_worst = chromium.stop_frames(page)
    moved = trace.stop()
    end = page.evaluate(STATS)
    return Case(
        units, *size, stats["drawn"], still, fps, worst, (after["rasters"] - before["rasters"]) / took_s,
        after["raster_ms"], moved, moved_fps, moved_worst, (end["rasters"] - after["rasters"]) / moving_s,
        (cpu_end_s - cpu_s) / took_s - load, load, (browser_end_s - browser_s) / took_s,
    )  # fmt: skip


def ready(page: Page, units: int) -> None:
    """Wait until the wall shows (nearly) all of ``units``."""
    deadline = time.monotonic() + READY_S
    page.wait_for_function("() => globalThis.wallboard?.live?.worker", timeout=READY_S * 1000)
    while time.monotonic() < deadline:
        stats = page.evaluate(STATS)
        if stats["synced"] and stats["basemap"] and stats["units"] >= 0.99 * units:
            return
        page.wait_for_timeout(100)
    raise RuntimeError(f"the wall did not show {units} units within {READY_S:g} s: {stats}")


def _costs(port: int, server: int) -> tuple[float, float, float]:
    """CPU of the server's process (s), of making the load inside it (ms), and of the browser (s), so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    lines = [line for line in text.splitlines() if 'kind="load_cpu_ms"' in line and "_created" not in line]
    return processes.cpu_s(server), float(lines[0].rpartition(" ")[2]), processes.browser_cpu_s()


def _move_about(page: Page, seconds: float) -> None:
    """A person's hand: half of the time dragging the map round, then the wheel in and out."""
    box = page.locator(".leaflet-container").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    end = time.monotonic() + seconds / 2
    while time.monotonic() < end:
        for dx, dy in ((300, 0), (0, 200), (-300, 0), (0, -200)):
            page.mouse.move(x, y)
            page.mouse.down()
            for step in range(1, 41):
                page.mouse.move(x + dx * step / 40, y + dy * step / 40)
                page.wait_for_timeout(8)
            page.mouse.up()
    end = time.monotonic() + seconds / 2
    while time.monotonic() < end:
        for way in (-1, -1, 1, 1):
            for _ in range(3):
                page.mouse.wheel(0, 100 * way)
                page.wait_for_timeout(40)
            page.wait_for_timeout(380)


def _usual(which: str, units: int, seconds: float) -> list[Any]:
    print(f"  {units} units, {USUAL_WORDS[which]}", flush=True)
    port = processes.free_port()
    with processes.running("-m", "bench.serve", which, str(port), str(units)) as server:
        processes.await_port(port, server)
        with chromium.browser() as made, chromium.page_of(made, *SIZES[0]) as page:
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_timeout(6000)
            trace, begin_s = Trace(made, page), time.monotonic()
            cpu_s, browser_s = processes.cpu_s(server.pid), processes.browser_cpu_s()
            trace.start()
            page.wait_for_timeout(seconds * 1000)
            busy = trace.stop()
            fps, worst = chromium.frames_over(page, seconds)
            took_s = time.monotonic() - begin_s
            server_share = (processes.cpu_s(server.pid) - cpu_s) / took_s
            browser_share = (processes.browser_cpu_s() - browser_s) / took_s
    return [USUAL_WORDS[which], units, 100 * busy.main, 100 * busy.compositor, fps, worst, server_share, browser_share]


def _checks(cases: list[Case]) -> list[Check]:
    checks = []
    for case in cases:
        if not case.units:
            continue
        where = f"{case.units:,} units at {case.width}×{case.height}"
        extra = case.still.main - _empty(cases, case).still.main
        checks.append(Check(f"main thread, {where}, map minus none", 100 * extra, "%", "≤ 4 %", extra <= MAX_BUSY))
        checks.append(Check(f"page, {where}", case.fps, "frames/s", f"≥ {MIN_FPS:g} of 60", case.fps >= MIN_FPS))
    return checks


def _empty(cases: list[Case], case: Case) -> Case:
    return next(c for c in cases if not c.units and (c.width, c.height) == (case.width, case.height))


def _tables(cases: list[Case], usual: list[list[Any]]) -> list[Table]:
    still = [
        [f"{c.width}×{c.height}", c.units, c.drawn, 100 * c.still.main,
         100 * (c.still.main - _empty(cases, c).still.main),
         100 * (c.still.main_cpu - _empty(cases, c).still.main_cpu), 100 * c.still.worker, 100 * c.still.compositor,
         c.fps, c.worst_ms, c.rasters, c.raster_ms if c.units else None, c.server, c.load, c.browser]
        for c in cases
    ]  # fmt: skip
    moved = [
        [f"{c.width}×{c.height}", c.units, 100 * c.moved.main, 100 * (c.moved.main - _empty(cases, c).moved.main),
         100 * c.moved.worker, 100 * c.moved.compositor, c.moved_fps, c.moved_worst_ms, c.moved_rasters]
        for c in cases
    ]  # fmt: skip
    return [
        Table("The wall, left alone", ["size", "units", "drawn", "main thread busy %", "extra %", "extra CPU %",
              "worker busy %", "compositor busy %", "frames/s", "longest pause ms", "rasters/s", "ms a raster",
              "server", "load", "browser"], still),
        Table("The wall, dragged and zoomed all the time", ["size", "units", "main thread busy %", "extra %",
              "worker busy %", "compositor busy %", "frames/s", "longest pause ms", "rasters/s"], moved),
        Table("The usual way", ["page", "units", "main thread busy %", "compositor busy %", "frames/s",
              "longest pause ms", "server", "browser"], usual),
    ]  # fmt: skip
