"""The different words of a column of incidents, learned when first needed, so that rows travel as small numbers."""

# ruff: noqa: S608 - names of columns come from a fixed map
from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pyarrow as pa

from data_feeds.history.sql import WORDS

MOST = 256  # of one column: looking a word up among more costs more than it saves
Read = Callable[..., pa.Table]


class Words:
    """Thread-safe; ``read`` answers a statement. What was once a word stays one."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The words, in order, of those of ``columns`` that hold words, and few."""
        with self._lock:
            for column in columns:
                if column in WORDS and column not in self._known:
                    found = self._read(f"SELECT DISTINCT {column} AS word FROM incidents ORDER BY 1")
                    self._known[column] = tuple(found["word"].to_pylist())
            return {name: self._known[name] for name in columns if 0 < len(self._known.get(name, ())) <= MOST}

    def forget(self, columns: Iterable[str]) -> None:
        """Learn these anew: they have got a word that is not known."""
        with self._lock:
            for column in columns:
                self._known.pop(column, None)
