"""A browser to measure with: headless, without a GPU, and what its trace and its pages tell."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.machine import chromium_path
from bench.stats import covered

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions",
]  # fmt: skip
CATEGORIES = ["toplevel", "__metadata"]
TASKS = ("ThreadControllerImpl::RunTask", "RunTask")
MAIN, WORKER, COMPOSITOR = "CrRendererMain", "DedicatedWorker thread", "Compositor"

START_FRAMES = """() => {
  const count = { frames: 0, worst: 0, since: performance.now(), last: performance.now(), on: true };
  window.benchFrames = count;
  const turn = () => {
    const now = performance.now();
    count.frames++;
    count.worst = Math.max(count.worst, now - count.last);
    count.last = now;
    if (count.on) requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
}"""
STOP_FRAMES = """() => {
  const count = window.benchFrames, now = performance.now();
  count.on = false;
  return { fps: count.frames / (now - count.since) * 1000, worst: Math.max(count.worst, now - count.last) };
}"""


@dataclass(frozen=True)
class Busy:
    """Shares 0..1 of the time: the page's main thread, its worker, its compositor thread.

    ``main_cpu`` is the share in which the main thread really ran; on a busy machine its tasks also wait.
    """

    main: float
    main_cpu: float
    worker: float
    compositor: float


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A browser of its own, closed at the end."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            yield made
        finally:
            made.close()


@contextlib.contextmanager
def page_of(made: Browser, width: int, height: int) -> Iterator[Page]:
    """A page with a cold cache."""
    context = made.new_context(viewport={"width": width, "height": height})
    try:
        yield context.new_page()
    finally:
        context.close()


class Trace:
    """Records what the threads of ``page`` do between ``start`` and ``stop``."""

    def __init__(self, made: Browser, page: Page) -> None:
        self._browser, self._page = made, page
        self._begin_us = 0.0

    def start(self) -> None:
        self._browser.start_tracing(page=self._page, categories=CATEGORIES)
        self._begin_us = time.monotonic() * 1e6

    def stop(self) -> Busy:
        end_us = time.monotonic() * 1e6
        data = self._browser.stop_tracing()
        return busy(json.loads(data)["traceEvents"], self._begin_us, end_us)


def busy(events: Iterable[dict[str, Any]], begin_us: float, end_us: float) -> Busy:
    """How busy the busiest page's threads were between two moments of the monotonic clock, from a trace's events."""
    names: dict[tuple[int, int], str] = {}
    tasks: dict[tuple[int, int], list[tuple[float, float]]] = {}
    ran_us: Counter[tuple[int, int]] = Counter()
    for event in events:
        thread = event.get("pid", 0), event.get("tid", 0)
        if event.get("name") == "thread_name":
            names[thread] = event["args"]["name"]
        elif event.get("ph") == "X" and event.get("name") in TASKS:
            tasks.setdefault(thread, []).append((event["ts"], event["ts"] + event.get("dur", 0)))
            if begin_us <= event["ts"] < end_us:
                ran_us[thread] += event.get("tdur", 0)
    shares: dict[tuple[int, str], float] = {}
    for thread, name in names.items():
        key = thread[0], name
        shares[key] = shares.get(key, 0.0) + covered(tasks.get(thread, ()), begin_us, end_us)
    # the spare renderer that Chromium keeps has a main thread too, which does nothing
    pid = max((pid for pid, name in shares if name == MAIN), key=lambda pid: shares[pid, MAIN], default=0)
    ran = sum(ran_us[thread] for thread, name in names.items() if thread[0] == pid and name == MAIN)
    main_cpu = ran / (end_us - begin_us) if ran else math.nan  # not every system tells
    main, worker, compositor = (shares.get((pid, name), 0.0) for name in (MAIN, WORKER, COMPOSITOR))
    return Busy(main, main_cpu, worker, compositor)


def frames_over(page: Page, seconds: float, patience_s: float = 60.0) -> tuple[float, float]:
    """(frames/s, longest pause in ms) of a page left alone for ``seconds``; bounded also when the page is frozen."""
    page.evaluate(START_FRAMES)
    page.wait_for_timeout(seconds * 1000)
    return stop_frames(page, patience_s)


def stop_frames(page: Page, patience_s: float = 60.0) -> tuple[float, float]:
    """What was counted since START_FRAMES; zeros when the page does not answer within ``patience_s``."""
    try:
        handle = page.wait_for_function(f"({STOP_FRAMES})()", timeout=patience_s * 1000)
        told = handle.json_value()
    except Exception:  # playwright's TimeoutError: the page is frozen for good
        return 0.0, patience_s * 1000
    return told["fps"], told["worst"]
