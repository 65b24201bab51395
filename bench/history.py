"""How long the statistics page waits for its figures: the history against plain pandas, appends, and the live tick.

Millions of incidents made by the simulator (``history_city``); every query that the page needs, cold and cached,
beside the same figure in pandas in the same run.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from bench import history_city, history_pandas, history_questions, history_wall
from bench.report import Check, Result, Table
from bench.stats import median
from data_feeds.clock import SystemClock
from data_feeds.history.query import Query
from data_feeds.history.store import Store
from web.caching import AnswerCache, Shelf
from web.statistics import QUERY_THREADS

NAME = "history"
FEW, MANY = 2_000_000, 20_000_000
MOST_PANEL_MS, LEAST_RATIO = 300.0, 5.0
TIMES, CACHED_TIMES, LONG_MS = 5, 20, 1_500.0
Told = Callable[[str], None]


def run(quick: bool) -> Result:
    checks: list[Check] = []
    tables: list[Table] = []
    notes = [
        "Cold: not in the cache of answers, the store just opened, its file in the system's memory; first: the very "
        "first time. Cached: through web/caching.py, with the question for the data version.",
        "pandas: one DataFrame in memory, words as categoricals, small numbers, loading not counted; the store reads "
        "its file with one thread, as beside a live map. Both gave the same figures.",
    ]
    for count in (FEW,) if quick else (FEW, MANY):
        folder = history_city.kept(count, _tell)
        rows, panels = _questions(folder, _tell)
        took_s = (folder / "whole").read_text().strip()
        title = f"{count:,} incidents"
        tables += [
            _table(f"{title}: milliseconds a query (median)", rows),
            _table(f"{title}: milliseconds a panel, all its queries and the report", panels),
        ]
        notes.append(f"{title} were made and kept in {float(took_s):,.0f} s.")
        slowest = max(panels, key=lambda row: row["cold"])
        if count == FEW:
            checks.append(Check(f"slowest panel cold at {title} ({slowest['panel']}, {slowest['period']})",
                                slowest["cold"], "ms", f"< {MOST_PANEL_MS:g} ms", slowest["cold"] < MOST_PANEL_MS))
            heaviest = max(rows, key=lambda row: row["cold"])
            more, table, told = history_wall.beside(folder, heaviest["question"], quick)
            checks += more
            tables.append(table)
            notes += told
        else:
            least = min(rows, key=lambda row: row["pandas / cold"])
            checks.append(Check(f"least advantage over pandas at {title} ({least['query']}, {least['period']})",
                                least["pandas / cold"], "times", f"≥ {LEAST_RATIO:g}",
                                least["pandas / cold"] >= LEAST_RATIO))
    return Result(NAME, "History: figures of the statistics page", checks, tables, notes)


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    shown = [name for name in rows[0] if name != "question"]
    return Table(title, shown, [[row[name] for name in shown] for row in rows])


def _questions(folder: Path, tell: Told) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A row a query, a row a panel."""
    store = history_city.open_kept(folder)
    try:
        asked = history_questions.of_page(store)
        cache = AnswerCache(Shelf(SystemClock()), lambda: "bench")
        rows, answers = [], []
        for (period, panel, name), query in asked.queries.items():
            first = _ms(lambda: store.run(query))  # noqa: B023 - called at once
            cold = [first] + [_ms(lambda: store.run(query)) for _ in range(TIMES - 1) if first < LONG_MS]  # noqa: B023
            answers.append(cache.table(store, query))
            cached = [_ms(lambda: cache.table(store, query)) for _ in range(CACHED_TIMES)]  # noqa: B023
            rows.append({"question": query, "period": period, "panel": panel, "query": name,
                         "rows": len(answers[-1]), "first": first, "cold": median(cold), "cached": median(cached)})
        panels = _panels(store, asked)
    finally:
        store.close()
    tell("  the store has answered; now pandas")
    frame = history_city.frame(folder)
    for row, answer in zip(rows, answers, strict=True):
        row["pandas"] = _pandas_ms(frame, row["question"], answer)
        row["pandas / cold"] = row["pandas"] / row["cold"]
        row["pandas / cached"] = row["pandas"] / row["cached"]
    del frame
    gc.collect()
    return rows, panels


def _pandas_ms(frame: pd.DataFrame, query: Query, answer: pa.Table) -> float:
    """How long pandas takes for ``query`` (median). Raises RuntimeError where it finds something else."""
    found: list[pd.DataFrame] = []
    took = [_ms(lambda: found.append(history_pandas.answer(frame, query)))]
    history_pandas.compare(answer, found[0], query)
    took += [_ms(lambda: history_pandas.answer(frame, query)) for _ in range(2) if took[0] < LONG_MS]
    return median(took)


def _panels(store: Store, asked: history_questions.Asked) -> list[dict[str, Any]]:
    """Each panel as the page gets it: its queries on the threads of web/statistics.py, and its part of the report."""
    found = []
    with ThreadPoolExecutor(QUERY_THREADS) as threads:

        def asker(cache: AnswerCache) -> history_questions.Ask:
            def ask(queries: Mapping[str, Query]) -> Mapping[str, pa.Table]:
                asked = {name: threads.submit(cache.table, store, query) for name, query in queries.items()}
                return {name: one.result() for name, one in asked.items()}

            return ask

        for (period, panel), build in asked.builds.items():
            caches = [AnswerCache(Shelf(SystemClock()), lambda: "bench") for _ in range(3)]
            cold = [_ms(lambda: build(asker(cache))) for cache in caches]  # noqa: B023
            cached = [_ms(lambda: build(asker(caches[0]))) for _ in range(5)]  # noqa: B023
            found.append({"period": period, "panel": panel, "cold": median(cold), "cached": median(cached)})
    return found


def _ms(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1e3


def _tell(text: str) -> None:
    print(f"  {text}", flush=True)
