"""What N units cost a server, in a process of its own: ``python -m bench.board_cost UNITS`` prints JSON."""

from __future__ import annotations

import gc
import json
import sys
import time
from typing import Any

from bench import processes
from bench.moving import MovingUnits
from bench.stats import median
from data_feeds.board import Board
from data_feeds.broadcast import Hub
from data_feeds.clock import SystemClock
from data_feeds.messages import Decoder
from data_feeds.model import Topic
from data_feeds.settings import Settings

TURNS = 15


def main() -> None:
    count, settings, clock = int(sys.argv[1]), Settings(), SystemClock()
    decode = Decoder().decode
    units = MovingUnits(count)
    gc.collect()
    before_mb = processes.rss_mb()
    board = Board(settings.max_units, settings.trail_s, settings.trail_step_s)
    hub = Hub(board, clock, [], settings.tick_s)
    now_s = time.time()
    for topic, pairs in ((Topic.ROSTER, units.rosters()), (Topic.STATUS, units.statuses(now_s))):
        board.apply([(topic, decode(topic, key, value, None)) for key, value in pairs], clock.monotonic_s())
    del pairs
    spent: dict[str, list[float]] = {"decode": [], "apply": [], "tick": [], "snapshot": []}
    for turn in range(TURNS):
        pairs = units.positions(slice(None), now_s - TURNS + turn)
        marks = [time.process_time()]
        entries: list[Any] = [(Topic.POSITION, decode(Topic.POSITION, key, value, None)) for key, value in pairs]
        marks.append(time.process_time())
        board.apply(entries, clock.monotonic_s())
        marks.append(time.process_time())
        hub.tick()
        marks.append(time.process_time())
        frames = hub.snapshot()
        marks.append(time.process_time())
        for name, begin, end in zip(spent, marks, marks[1:], strict=False):
            spent[name].append((end - begin) * 1000)
    del entries, pairs
    gc.collect()
    sizes = {"snapshot_kb": sum(map(len, frames)) / 1e3, "memory_mb": processes.rss_mb() - before_mb}
    print(json.dumps({**{name: median(times) for name, times in spent.items()}, **sizes}))


if __name__ == "__main__":
    main()
