"""How long a briefing takes, from the questions to the bytes: a day out of two million incidents, as PDF and in every
format, its memory, and ten at once.

``python -m bench.briefings FOLDER times|memory`` does the work in its own process and prints what it found as JSON.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import history_city
from bench.report import Check, Result, Table
from bench.stats import median
from briefings import files
from briefings.document import Document
from data_feeds import places
from data_feeds.clock import ReplayClock
from data_feeds.history.store import Store
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from data_feeds.simulator.city import City
from web import service
from web.background import Surroundings
from web.briefing_desk import StatisticsDesk, city_of, written

NAME = "briefings"
INCIDENTS = 2_000_000
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 12, tzinfo=history_city.ZONE)
MOST_WARM_S, MOST_COLD_S, MOST_ALL_S, MOST_MB, AT_ONCE = 1.0, 3.0, 6.0, 250.0, 10
WARM_TIMES, SAMPLE_S = 5, 0.01
PROCESSES = 3


def run(quick: bool) -> Result:
    folder = history_city.kept(INCIDENTS, lambda text: print(f"  {text}", flush=True))
    found = [_in_a_process(folder, "times") for _ in range(1 if quick else PROCESSES)]
    used = _in_a_process(folder, "memory")
    told = {key: median([one[key] for one in found]) for key in ("warm_s", "cold_s", "all_s", "document_s", "ten_s")}
    same = all(one["same"] for one in (*found, used))
    checks = [
        Check("a day's PDF, warm", told["warm_s"], "s", f"< {MOST_WARM_S:g} s", told["warm_s"] < MOST_WARM_S),
        Check("a day's PDF, cold, the first of its process", told["cold_s"], "s", f"< {MOST_COLD_S:g} s",
              told["cold_s"] < MOST_COLD_S),
        Check("another day in all formats, with its queries", told["all_s"], "s", f"< {MOST_ALL_S:g} s",
              told["all_s"] < MOST_ALL_S),
        Check(f"memory above the process: all formats, then {AT_ONCE} at once", used["most_mb"], "MB",
              f"≤ {MOST_MB:g} MB", used["most_mb"] <= MOST_MB),
        Check(f"{AT_ONCE} at once are their single runs, byte by byte", float(same), "", "all", same),
    ]  # fmt: skip
    rows = [[name, median([one["formats"][name] for one in found]), size] for name, size in found[0]["sizes"].items()]
    table = Table(f"A day of {INCIDENTS:,} incidents, from the document to bytes", ["format", "s", "kB"], rows)
    return Result(NAME, "Briefings", checks, [table], [
        f"Cold: a process that has opened the history and knows its city's areas and roads; imports, queries, document "
        f"and PDF. Of another day queries and document take {told['document_s']:.2f} s. Warm: the same again, answers "
        f"from the cache. Medians of {len(found)} processes.",
        f"{AT_ONCE} at once ({AT_ONCE // 2} days, two languages, PDF), with their queries: {told['ten_s']:.1f} s.",
        f"Memory is that above a process that has answered the day's figures, as a wall has for its statistics page; "
        f"these take {used['figures_mb']:.0f} MB.",
    ])  # fmt: skip


def _in_a_process(folder: Path, part: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.briefings", str(folder), part]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


class Watch:
    """The most memory that this process had since it began, beyond what it had then, in MB."""

    def __init__(self) -> None:
        gc.collect()
        self._base, self._most, self._on = _rss_mb(), 0.0, True
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._on = False
        self._thread.join()
        return self._most - self._base

    def _look(self) -> None:
        while self._on:
            self._most = max(self._most, _rss_mb())
            time.sleep(SAMPLE_S)


def _rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def work(folder: Path, part: str) -> dict[str, Any]:
    """One part of the measurements, of the history in ``folder``."""
    city, store = history_city.the_city(), history_city.open_kept(folder)
    desk = _desk(city, folder, store)

    def document(day: date, lang: str) -> Document:
        return written(desk, desk.parts.statistics.request("day", day, ""), lang, lambda share: None)

    def pdf(day: date, lang: str) -> bytes:
        return files.rendered(document(day, lang), ("pdf",)).popitem()[1]

    told: dict[str, Any] = {}
    if part == "memory":
        watch = Watch()
        document(DAY, "zh")
        told["figures_mb"] = watch.end()
        watch = Watch()
    told["cold_s"] = _took(lambda: pdf(DAY, "zh"))
    told["warm_s"] = median([_took(lambda: pdf(DAY, "zh")) for _ in range(WARM_TIMES)])
    told |= _all_formats(lambda: document(DAY - timedelta(days=1), "zh"))
    days = [DAY - timedelta(days=3 + back) for back in range(AT_ONCE // 2)]
    wanted = [(day, lang) for day in days for lang in ("zh", "en")]
    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        together = list(pool.map(lambda one: pdf(*one), wanted))
    told["ten_s"] = time.perf_counter() - begun
    told["same"] = all(pdf(*one) == made for one, made in zip(wanted, together, strict=True))
    if part == "memory":
        told["most_mb"] = watch.end()
    desk.parts.statistics.close()
    store.close()
    return told


def _desk(city: City, folder: Path, store: Store) -> StatisticsDesk:
    """Who answers the questions of a briefing of ``city``; its areas and roads are measured."""
    settings, scopes, clock = Settings(), Scopes(places.from_geojson(city.places)), ReplayClock(hold_s=0.0)
    clock.set(NOW.timestamp() * 1000.0, 1.0)
    background = Surroundings(settings, scopes, lambda: city.roads, True)
    background()
    parts = service.parts_of(settings, scopes, clock, lambda: store, background, folder / "store", lambda: "")
    return StatisticsDesk(parts, scopes, city_of(settings))


def _all_formats(document: Callable[[], Document]) -> dict[str, Any]:
    begun = time.perf_counter()
    made = document()
    told: dict[str, Any] = {"document_s": time.perf_counter() - begun, "formats": {}, "sizes": {}}
    for name in files.FORMATS:
        before = time.perf_counter()
        rendered = files.rendered(made, (name,))
        told["formats"][name] = time.perf_counter() - before
        told["sizes"][name] = sum(map(len, rendered.values())) / 1e3
    return told | {"all_s": time.perf_counter() - begun}


def _took(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(json.dumps(work(Path(sys.argv[1]), sys.argv[2])))
