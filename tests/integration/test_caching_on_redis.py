"""Answers that several processes share through a real Redis, which may vanish, return, or hold what a stranger put."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import encode
from data_feeds.history.store import Options
from tests.integration.redis_server import DEADLINE_S, RedisServer, running_redis
from tests.unit.figures_story import ZONE
from tests.unit.hand_clock import HandClock
from tests.unit.test_caching import MARCH, Bomb, CountingStore, n
from tests.unit.test_service import Opened, raw_table, told, wall
from web import caching
from web.caching import AnswerCache, Shelf

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def the_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def server(the_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """Running, and empty; it may take its time here."""
    monkeypatch.setattr(caching, "ANSWER_S", DEADLINE_S)
    monkeypatch.setattr(caching, "CONNECT_S", DEADLINE_S)
    the_server.start()
    with the_server.client() as client:
        client.flushall()
    return the_server


def cache_on(server: RedisServer, clock: HandClock | None = None, name: str = "demo") -> AnswerCache:
    return AnswerCache(Shelf(clock or HandClock(), server.url), lambda: name)


def test_what_one_process_computed_another_has(server):
    store, other = CountingStore(), CountingStore()
    first, second = cache_on(server), cache_on(server)
    told = first.table(store, MARCH)
    assert second.table(other, MARCH).equals(told)
    assert other.asked == []
    assert second.counts() == {"hits": 1, "misses": 0, "waits": 0, "failed": 0, "spoilt": 0, "too_large": 0}
    other.versions[3] += 1
    assert n(second.table(other, MARCH)) == 1
    assert len(other.asked) == 1


def test_a_process_of_its_own_reads_it(server):
    cache_on(server).table(CountingStore(), MARCH)
    code = f"""
from data_feeds.clock import SystemClock
from data_feeds.history.query import decode
from web import caching
from web.caching import AnswerCache, Shelf
caching.ANSWER_S = caching.CONNECT_S = {DEADLINE_S}
class Never:
    def version(self, spans=()): return 0
    def run(self, query): raise AssertionError("it was there")
table = AnswerCache(Shelf(SystemClock(), {server.url!r}), lambda: "demo").table(Never(), decode({encode(MARCH)!r}))
print(table.to_pylist())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[{'category': 'theft', 'n': 1}, {'category': None, 'n': 2}]", done.stderr


def test_what_lies_there_is_an_arrow_stream_that_ends(server):
    cache_on(server).table(CountingStore(), MARCH)
    with server.client() as client:
        (key,) = client.keys()
        assert key.decode() == cache_on(server).key(MARCH, 0)
        assert pa.ipc.open_stream(client.get(key)).read_all()["n"].to_pylist() == [1, 2]
        assert 0 < client.ttl(key) <= caching.KEPT_S


def test_what_a_stranger_put_there_runs_nothing(server, capsys):
    cache, store = cache_on(server), CountingStore()
    with server.client() as client:
        for spoilt in (b"!" + pickle.dumps(Bomb()), pickle.dumps(Bomb()), b"7", b"", b"x" * 100_000):
            client.set(cache.key(MARCH, 0), spoilt)
            asked = len(store.asked)
            assert n(cache.table(store, MARCH)) == len(store.asked) == asked + 1
        client.delete(cache.key(MARCH, 0))
        client.hset(cache.key(MARCH, 0), "not", "a string")
    assert n(cache.table(store, MARCH)) == len(store.asked)
    assert capsys.readouterr().out == ""


def test_a_redis_that_dies_breaks_no_figure_and_is_used_again(server, caplog):
    clock, store = HandClock(), CountingStore()
    cache = cache_on(server, clock)
    with caplog.at_level(logging.INFO, "wallboard.caching"):
        assert [n(cache.table(store, MARCH)) for _ in range(2)] == [1, 1]
        server.stop()
        assert [n(cache.table(store, MARCH)) for _ in range(3)] == [2, 3, 4]
        server.start()
        assert n(cache.table(store, MARCH)) == 5  # it is left alone for a while
        clock.wait(caching.AWAY_S)
        assert [n(cache.table(store, MARCH)) for _ in range(2)] == [6, 6]
    assert cache.counts()["failed"] == 1
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert f"127.0.0.1:{server.port}" in caplog.text


def test_a_restart_between_two_questions_is_not_even_noticed(server):
    store = CountingStore()
    cache = cache_on(server)
    cache.table(store, MARCH)
    server.stop()
    server.start()
    assert [n(cache.table(store, MARCH)) for _ in range(2)] == [2, 2]
    assert cache.counts()["failed"] == 0


def test_a_redis_that_is_full_or_wants_a_password_breaks_no_figure(server):
    store = CountingStore()
    with server.client() as client:
        client.config_set("requirepass", "secret")
        try:
            assert [n(cache_on(server).table(store, MARCH)) for _ in range(2)] == [1, 2]
            url = server.url.replace("redis://", "redis://:secret@")
            cache = AnswerCache(Shelf(HandClock(), url), lambda: "demo")
            assert [n(cache.table(store, MARCH)) for _ in range(2)] == [3, 3]
        finally:
            client.config_set("requirepass", "")
        client.flushall()
        client.config_set("maxmemory", "1")
        try:
            assert [n(cache_on(server).table(store, MARCH)) for _ in range(2)] == [4, 5]
        finally:
            client.config_set("maxmemory", "64mb")


def test_two_walls_on_one_history_share_what_either_computed(server, tmp_path):
    store = open_store(tmp_path, Options(time_zone=ZONE))
    try:
        store.put_table(raw_table(told()), "test")
        walls = [wall(tmp_path, Opened(store), cache_url=server.url) for _ in range(2)]
        answers = [client.get("/api/figures?period=month&date=2025-02-10") for client, _ in walls]
        assert answers[0].content == answers[1].content
        first, second = (late.counts() for _, late in walls)
        assert (first["misses"] > 10, second["misses"], second["hits"]) == (True, 0, first["misses"])
        other = tmp_path / "other"  # a history of its own, whose versions are the same
        other.mkdir()
        empty = open_store(other, Options(time_zone=ZONE))
        try:
            empty.put_table(raw_table(told().head(1000)), "test")
            client, late = wall(other, Opened(empty), cache_url=server.url)
            assert client.get("/api/figures?period=month&date=2025-01-10").status_code == 200
            assert late.counts()["hits"] == 0
            late.close()
        finally:
            empty.close()
        for _, late in walls:
            late.close()
    finally:
        store.close()
