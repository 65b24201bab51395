"""Heat of longer periods from history: the same cells as the live heat's, of one period at a time. Pure.

The document is that of heat.py with one window only: ``week`` holds the period's pairs, ``day`` and ``hour`` are empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa

from analytics.heat import Body, by_frequency, coded, encoded
from analytics.hexagons import FINE
from analytics.past import joined
from analytics.periods import add_months, month_end
from data_feeds.history.query import Counts, Filters, Gaps, Query, Span
from data_feeds.incident_log import word_of

Window = Literal["days30", "month", "year"]
PAST_WINDOWS: tuple[Window, ...] = get_args(Window)
DAYS = 30


def span_of(window: Window, day: date) -> Span:
    """The business days of a window on ``day``: the last 30 with today, this month so far, this month last year."""
    if window == "days30":
        return Span(day - timedelta(days=DAYS - 1), day)
    if window == "month":
        return Span(day.replace(day=1), day)
    first = add_months(day, -12)
    return Span(first, month_end(first))


def questions(window: Window, day: date, scope: str = "") -> dict[str, Query]:
    """What to ask for ``body_of``; ``scope`` "": the city."""
    spans, where = (span_of(window, day),), Filters(scope=scope)
    return {
        "cells": Counts(spans, ("cell", "category"), where, FINE), "all": Counts(spans, ("category",), where),
        "gaps": Gaps(spans),
    }  # fmt: skip


def body_of(window: Window, day: date, answers: Mapping[str, pa.Table], first: date | None, data_ms: float) -> Body:
    """The document from the answers to ``questions``. ``first``: the business day with which the history begins;
    ``data_ms``: up to when it was asked (Unix)."""
    table, span = answers["cells"], span_of(window, day)
    totals = _totals(answers["all"])
    words = tuple(sorted(totals))
    number = {word: index for index, word in enumerate(words)}
    names, order = by_frequency(words, np.arange(len(words)), np.array([totals[word] for word in words], np.int64))
    category = order[np.array([number[word_of(text or "")] for text in table["category"].to_pylist()], np.int64)]
    n = table["n"].to_numpy().astype(np.int64)
    fine, code = coded(table["cell"].to_numpy().astype(np.uint64), category, len(names))
    _, body = encoded(names, fine, code, n)
    placed = np.bincount(category, weights=n, minlength=len(names)).astype(np.int64)
    unplaced = np.array([totals[name] for name in names], np.int64) - placed
    holes = joined(zip(*(answers["gaps"][name].to_pylist() for name in ("begin_ms", "end_ms")), strict=True))
    missing_ms = sum(end - begin for begin, end in holes)
    return {
        **body, "day": [], "hour": [], "totals": [placed.tolist(), unplaced.tolist()], "window": window,
        "first": span.first.isoformat(), "last": span.last.isoformat(), "data_ms": round(data_ms),
        "since": first.isoformat() if first and first > span.first else None, "missing_min": round(missing_ms / 60_000),
    }  # fmt: skip


def _totals(table: pa.Table) -> dict[str, int]:
    """Incidents by category, with and without a position."""
    totals: dict[str, int] = {}
    for text, n in zip(table["category"].to_pylist(), table["n"].to_pylist(), strict=True):
        totals[word_of(text or "")] = totals.get(word_of(text or ""), 0) + n
    return totals


def windows_body(state: str, day: date | None, keys: Mapping[str, str]) -> dict[str, Any]:
    """The document that tells which windows there are; with another key a window's figures are others."""
    windows = {}
    for window in PAST_WINDOWS if day is not None and keys else ():
        span = span_of(window, day) if day else None
        if span:
            windows[window] = {"first": span.first.isoformat(), "last": span.last.isoformat(), "key": keys[window]}
    return {"past": state, "windows": windows}
