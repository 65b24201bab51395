"""Answers of the history, kept by what was asked and of which data: asked a hundred times, computed once.

A key is text: the history's name, the data version of the days asked about and the query as JSON. So an answer is never
older than the data, and Flask-Caching, which would hash the ``repr`` of anything else, has nothing to guess. What is
kept is bytes, and only bytes are read back: pickle, its default, would run what a stranger put into the Redis.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import pyarrow as pa
from cachelib.serializers import BaseSerializer
from flask import Flask
from flask_caching import Cache
from flask_caching.backends import SimpleCache

from data_feeds.clock import Clock
from data_feeds.history.arrow import arrow_bytes, table_of
from data_feeds.history.query import Query, Span, encode, spans_of
from data_feeds.settings import CACHE_SCHEMES, SettingsError

log = logging.getLogger("wallboard.caching")

KEPT_S = 3600
MAX_ENTRIES = 512
MEMORY_BYTES = 64 << 20
MAX_ANSWER_BYTES = 4 << 20  # a larger one is given out but not kept
AWAY_S = 5.0  # how long a Redis that failed is left alone
ANSWER_S, CONNECT_S = 0.5, 0.25  # how long a figure may wait for the Redis before it is computed without
EVENTS = ("hits", "misses", "waits", "failed", "spoilt", "too_large")
T = TypeVar("T")


class Answering(Protocol):
    """The part of a Store that is asked."""

    def run(self, query: Query) -> pa.Table: ...
    def version(self, spans: Sequence[Span] = ()) -> int: ...


class BytesOnly(BaseSerializer):
    """Bytes as they are, in both directions; whatever else lies under a key is as good as nothing."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        if not isinstance(value, bytes):
            raise TypeError(f"only bytes are kept, not {type(value).__name__}")
        return value

    def loads(self, bvalue: Any) -> bytes | None:
        return bvalue if isinstance(bvalue, bytes) else None


class MemoryCache(SimpleCache):
    """Flask-Caching's SimpleCache with a bound on bytes too; the answer that was not asked for longest goes first."""

    def __init__(self, max_bytes: int = MEMORY_BYTES, **options: Any) -> None:
        super().__init__(**options)
        self._max_bytes = max_bytes

    @classmethod
    def factory(cls, app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> MemoryCache:
        return cls(*args, threshold=config["CACHE_THRESHOLD"], **kwargs)

    def get(self, key: str) -> Any:
        with self._lock:
            value = super().get(key)
            if value is not None:
                self._cache[key] = self._cache.pop(key)
            return value

    def set(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool | None:
        with self._lock:
            self._cache.pop(key, None)
            done = super().set(key, value, timeout)
            held = sum(len(data) for _, data in self._cache.values())
            while held > self._max_bytes or len(self._cache) > self._threshold:
                held -= len(self._cache.pop(next(iter(self._cache)))[1])
            return done


class Flights(Generic[T]):
    """One computation a key at a time: who asks for what is being computed waits for it, and shares its failure."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Hashable, Future[T]] = {}

    def run(self, key: Hashable, make: Callable[[], T], on_wait: Callable[[], None] = lambda: None) -> T:
        """What ``make()`` gives, called by the first who asks; ``on_wait()`` is called by everybody else."""
        with self._lock:
            flight = self._open.get(key)
            if flight is None:
                mine: Future[T] = Future()
                self._open[key] = mine
        if flight is not None:
            on_wait()
            return flight.result()
        try:
            mine.set_result(make())
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._open[key]
        return mine.result()


class Shelf:
    """Bytes by text, in memory or in a Redis. A Redis that fails is left alone for some seconds: no answer is broken by
    it, only none is kept. Its failure and its return are logged once each."""

    def __init__(self, clock: Clock, url: str = "", max_bytes: int = MEMORY_BYTES) -> None:
        self._clock, self._where = clock, _address(url)
        self._lock = threading.Lock()
        self._failed_s: float | None = None
        self.failed = 0
        shared = {"CACHE_DEFAULT_TIMEOUT": KEPT_S, "CACHE_SERIALIZER": BytesOnly}
        kind: dict[str, Any]
        if url:
            from redis.backoff import NoBackoff  # 0.1 s of a start, for those who use it
            from redis.retry import Retry

            options = {"socket_timeout": ANSWER_S, "socket_connect_timeout": CONNECT_S, "retry": Retry(NoBackoff(), 1)}
            kind = {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": url, "CACHE_KEY_PREFIX": ""}
        else:
            options = {"max_bytes": max_bytes}
            kind = {"CACHE_TYPE": "web.caching.MemoryCache", "CACHE_THRESHOLD": MAX_ENTRIES}
        try:
            config = {**shared, **kind, "CACHE_OPTIONS": options}
            self._cache = Cache(Flask("wall-cache"), with_jinja2_ext=False, config=config)
        except ValueError as error:
            raise SettingsError(f"cache_url ({self._where}): {error}; such as redis://127.0.0.1:6379/0") from None

    def get(self, key: str) -> bytes | None:
        """What lies there, None without anything."""
        return self._try(lambda: self._cache.get(key))

    def set(self, key: str, value: bytes) -> None:
        """Keep it for an hour at most."""
        self._try(lambda: self._cache.set(key, value))

    def _try(self, ask: Callable[[], Any]) -> Any:
        failed_s = self._failed_s
        if failed_s is not None and self._clock.monotonic_s() - failed_s < AWAY_S:
            return None
        try:
            answer = ask()
        except Exception as error:  # whatever is wrong with a cache, figures are computed without it
            with self._lock:
                self.failed += 1
                was_well, self._failed_s = self._failed_s is None, self._clock.monotonic_s()
            if was_well:
                log.warning("the cache at %s fails, figures are computed without it: %s", self._where, error)
            return None
        if failed_s is not None:
            with self._lock:
                was_well, self._failed_s = self._failed_s is None, None
            if not was_well:
                log.info("the cache at %s is used again", self._where)
        return answer


class AnswerCache:
    """Answers of one history. ``name`` tells histories and programs apart that share a Redis, as they are now.

    Blocking: never call it on the event loop.
    """

    def __init__(self, shelf: Shelf, name: Callable[[], str]) -> None:
        self._shelf, self.name = shelf, name
        self._flights: Flights[pa.Table] = Flights()
        self._lock = threading.Lock()
        self._events: Counter[str] = Counter()

    def table(self, store: Answering, query: Query) -> pa.Table:
        """The answer of ``store`` to ``query``, of this moment's data version or a newer one. Raises StoreError."""
        # the version is read first: what changes meanwhile makes the answer newer than its key, never older
        key = self.key(query, store.version(days_of([query])))
        known = self._known(key)
        if known is not None:
            return known
        return self._flights.run(key, lambda: self._computed(key, store, query), lambda: self._count("waits"))

    def key(self, query: Query, version: int) -> str:
        """The text under which the answer lies."""
        told = b"\0".join((self.name().encode(), str(version).encode(), encode(query)))
        return f"wall:{version}:{hashlib.sha256(told).hexdigest()}"

    def counts(self) -> dict[str, int]:
        """How often what happened, for /metrics; every event has a number from the start."""
        with self._lock:
            return {event: self._events[event] for event in EVENTS} | {"failed": self._shelf.failed}

    def _count(self, event: str) -> None:
        with self._lock:
            self._events[event] += 1

    def _known(self, key: str) -> pa.Table | None:
        data = self._shelf.get(key)
        if data is None:
            return None
        try:
            table = table_of(data)
        except ValueError as error:
            self._count("spoilt")
            log.warning("an answer in the cache cannot be read and is computed anew: %s", error)
            return None
        self._count("hits")
        return table

    def _computed(self, key: str, store: Answering, query: Query) -> pa.Table:
        known = self._known(key)  # another flight may have landed after the first look
        if known is not None:
            return known
        self._count("misses")
        table = store.run(query)
        data = arrow_bytes(table)
        if len(data) <= MAX_ANSWER_BYTES:
            self._shelf.set(key, data)
        else:
            self._count("too_large")
        return table


def days_of(queries: Iterable[Query]) -> tuple[Span, ...]:
    """The business days that ``queries`` look at, as few spans: whole days, none twice."""
    days: list[Span] = []
    for span in sorted({(span.first, span.last) for query in queries for span in spans_of(query)}):
        if days and span[0] <= days[-1].last:
            days[-1] = Span(days[-1].first, max(days[-1].last, span[1]))
        else:
            days.append(Span(*span))
    return tuple(days)


def _address(url: str) -> str:
    """Where the cache is, without its password. Raises SettingsError."""
    if not url:
        return "memory"
    parts = urlsplit(url)
    if not url.startswith(CACHE_SCHEMES):
        raise SettingsError(f"cache_url must begin with {', '.join(CACHE_SCHEMES)}")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
