"""Serves one page to be measured, in a process of its own: ``python -m bench.serve wall|pins|dots|charts PORT UNITS``.

``wall`` is the wall over a feed of moving units in its process; the others are the usual ways of ``usual_page``.
"""

from __future__ import annotations

import logging
import sys
import threading

import uvicorn

import app
from bench import usual_page
from bench.moving import MovingFeed, MovingUnits
from data_feeds.clock import SystemClock
from data_feeds.settings import Settings


def main() -> None:
    page, port, units = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    logging.basicConfig(level="WARNING")
    if page == "wall":
        settings = Settings(port=port, log_level="WARNING")
        app.serve(settings, MovingFeed(MovingUnits(units), SystemClock(), threading.Event().wait))
        return
    uvicorn.run(usual_page.build(page, units), host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
