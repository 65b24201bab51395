"""Minutes instead of seconds: what a wall that hangs for a month must not do. `make soak` runs these."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bench.heap import data_mb
from bench.memory import slope_share
from tests.e2e.server import running_wall

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
WARM_SHARE = 1 / 2  # caches fill, those of the history's queries last
SAMPLE_S = 5.0
UNITS = 3_000
GROWTH_SHARE = 0.03  # over the judged part; a living city has now more and now fewer incidents

pytestmark = pytest.mark.soak


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_a_wall_that_runs_on_neither_grows_nor_stumbles(open_wall):
    with running_wall(embedded_units=UNITS) as server:
        wall = open_wall(server.url)
        wall.drawn()
        devtools = wall.context.new_cdp_session(wall.page)
        server_mb, page_mb = [], []
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < MINUTES * 60:
            wall.page.wait_for_timeout(SAMPLE_S * 1000)
            if passed < WARM_SHARE * MINUTES * 60:
                continue
            page_mb = page_mb or [data_mb(devtools)]
            server_mb.append(resident_mb(server.pid))
            wall.frames.clear()  # the test itself must not grow either
            wall.requests.clear()
        page_mb.append(data_mb(devtools))
        stats = wall.stats()
        assert (stats["reconnects"], stats["badFrames"], stats["link"]) == (0, 0, "open")
        assert stats["drawn"] > UNITS * 0.6  # at night a third is off duty
        for name, series in (("server", server_mb), ("page's data", page_mb)):
            print(f"{name}: {series[0]:.3f} → {series[-1]:.3f} MB")
        assert slope_share(server_mb) < GROWTH_SHARE
        assert page_mb[-1] / page_mb[0] - 1 < GROWTH_SHARE
        late, failed = (server.metric(f'wallboard_hub_total{{event="{event}_ticks"}}') for event in ("late", "failed"))
        print(f"late ticks: {late:g}")  # a busy machine's, so told and not judged
        assert failed == 0


def test_a_wall_survives_its_server_many_times(open_wall):
    with running_wall(embedded_units=200) as server:
        wall = open_wall(server.url, outage=True)
        epochs = set()
        for _ in range(8):
            wall.drawn()
            epochs.add(wall.stats()["epoch"])
            server.kill()
            wall.until(wall.stats, "the lost link", lambda s: s["link"] != "open")
            server.start()
            wall.until(wall.stats, "the new server's units", lambda s: s["link"] == "open" and s["epoch"] not in epochs)
        assert len(epochs) == 8
