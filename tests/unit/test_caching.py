"""Answers are computed once a data version, however many ask, and nothing but bytes is kept."""

import logging
import pickle
import threading
from collections import Counter
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.clock import SystemClock
from data_feeds.history.arrow import arrow_bytes, table_of
from data_feeds.history.query import Counts, Filters, Span, encode
from data_feeds.history.store import StoreBroken
from data_feeds.settings import SettingsError
from tests.unit.hand_clock import HandClock
from web import caching
from web.caching import AnswerCache, BytesOnly, Flights, MemoryCache, Shelf, days_of

MARCH = Counts((Span(date(2025, 3, 1), date(2025, 3, 31)),), ("category",))
APRIL = Counts((Span(date(2025, 4, 1), date(2025, 4, 30)),), ("category",))
WAIT_S = 30.0
KEYS = AnswerCache(Shelf(SystemClock()), lambda: "demo")


class CountingStore:
    """Answers with how often it was asked; versions are set by hand, by month."""

    def __init__(self):
        self.versions = Counter()
        self.asked = []
        self.error = None

    def run(self, query):
        self.asked.append(query)
        if self.error:
            raise self.error
        return pa.table({"category": ["theft", None], "n": pa.array([len(self.asked), 2], pa.int64())})

    def version(self, spans=()):
        return max(self.versions[span.first.month] for span in spans)


@pytest.fixture
def store():
    return CountingStore()


@pytest.fixture
def cache():
    return AnswerCache(Shelf(HandClock()), lambda: "demo")


def n(table):
    return table["n"][0].as_py()


def test_an_answer_is_computed_once(cache, store):
    first = cache.table(store, MARCH)
    assert cache.table(store, MARCH).equals(first)
    assert [n(cache.table(store, MARCH)) for _ in range(3)] == [1, 1, 1]
    assert store.asked == [MARCH]
    assert cache.counts() == {"hits": 4, "misses": 1, "waits": 0, "failed": 0, "spoilt": 0, "too_large": 0}


def test_a_change_of_its_days_makes_it_new_and_a_change_of_others_does_not(cache, store):
    assert (n(cache.table(store, MARCH)), n(cache.table(store, APRIL))) == (1, 2)
    store.versions[4] += 1
    assert (n(cache.table(store, MARCH)), n(cache.table(store, APRIL))) == (1, 3)


def test_a_change_while_it_is_computed_is_not_hidden(cache, store):
    class Changing(CountingStore):
        def run(self, query):
            table = super().run(query)
            self.versions[3] += 1
            return table

    changing = Changing()
    assert [n(cache.table(changing, MARCH)) for _ in range(3)] == [1, 2, 3]


def test_queries_that_differ_in_anything_do_not_meet(cache, store):
    others = [
        MARCH, Counts(MARCH.spans, ("severity",)), Counts(MARCH.spans, ("category",), Filters(categories=("a",))),
        Counts(MARCH.spans, ("category",), Filters(categories=("b",))),
        Counts(MARCH.spans, ("category",), resolution=7),
        Counts((Span(date(2025, 3, 1), date(2025, 3, 31), 600),), ("category",)),
    ]  # fmt: skip
    assert [n(cache.table(store, query)) for query in others] == [1, 2, 3, 4, 5, 6]


def test_histories_that_share_a_cache_do_not_meet(store):
    shelf = Shelf(HandClock())
    demo, houston = AnswerCache(shelf, lambda: "demo"), AnswerCache(shelf, lambda: "houston")
    assert (n(demo.table(store, MARCH)), n(houston.table(store, MARCH)), n(demo.table(store, MARCH))) == (1, 2, 1)


@given(st.text(max_size=40), st.integers(0, 2**63), st.text(max_size=40), st.integers(0, 2**63))
def test_a_key_is_plain_text_and_means_one_thing(word, version, other_word, other_version):
    one, two = (Counts(MARCH.spans, where=Filters(categories=(w,))) for w in (word, other_word))
    keys = [KEYS.key(one, version), KEYS.key(two, other_version)]
    assert (keys[0] == keys[1]) is ((word, version) == (other_word, other_version))
    assert all(key.isascii() and key.isprintable() and " " not in key and len(key) < 100 for key in keys)


def test_a_failure_is_shared_and_not_kept(cache, store):
    store.error = StoreBroken("history.duckdb is corrupt")
    for _ in range(2):
        with pytest.raises(StoreBroken):
            cache.table(store, MARCH)
    store.error = None
    assert n(cache.table(store, MARCH)) == 3


def run_all(jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    return threads


def test_a_hundred_who_ask_at_once_cost_one_computation(cache):
    asked, may_answer = threading.Event(), threading.Event()
    answers, waiting = [], threading.Semaphore(0)

    class Slow(CountingStore):
        def run(self, query):
            asked.set()
            assert may_answer.wait(WAIT_S)
            return super().run(query)

        def version(self, spans=()):
            waiting.release()
            return 7

    store = Slow()
    threads = run_all([lambda: answers.append(n(cache.table(store, MARCH)))] * 100)
    assert asked.wait(WAIT_S)
    for _ in range(100):
        assert waiting.acquire(timeout=WAIT_S)
    may_answer.set()
    for thread in threads:
        thread.join(WAIT_S)
    assert answers == [1] * 100
    assert len(store.asked) == 1
    counts = cache.counts()
    assert (counts["misses"], counts["hits"] + counts["waits"]) == (1, 99)


def test_keys_fly_beside_each_other():
    flights, both = Flights(), threading.Barrier(2, timeout=WAIT_S)
    landed = []
    threads = run_all([lambda key=key: landed.append(flights.run(key, lambda: both.wait() >= 0)) for key in "ab"])
    for thread in threads:
        thread.join(WAIT_S)
    assert landed == [True, True]


def test_a_flight_that_fails_fails_for_all_who_wait_and_the_next_one_flies():
    flights, started, may_fail = Flights(), threading.Event(), threading.Event()
    seen, waits = [], threading.Semaphore(0)

    def fail():
        started.set()
        assert may_fail.wait(WAIT_S)
        raise StoreBroken("torn")

    def ask():
        try:
            flights.run("k", fail, waits.release)
        except StoreBroken as error:
            seen.append(str(error))

    first = run_all([ask])
    assert started.wait(WAIT_S)
    others = run_all([ask] * 5)
    for _ in range(5):
        assert waits.acquire(timeout=WAIT_S)
    may_fail.set()
    for thread in first + others:
        thread.join(WAIT_S)
    assert seen == ["torn"] * 6
    assert flights.run("k", lambda: "well") == "well"


def test_memory_is_bounded_in_bytes_and_in_answers(monkeypatch):
    shelf = Shelf(HandClock(), max_bytes=1000)
    for index in range(20):
        shelf.set(f"k{index}", bytes(100))
        shelf.get("k0")  # what is asked for stays
    assert [index for index in range(20) if shelf.get(f"k{index}")] == [0, *range(11, 20)]
    monkeypatch.setattr(caching, "MAX_ENTRIES", 3)
    few = Shelf(HandClock())
    for index in range(5):
        few.set(f"k{index}", b"x")
    assert sum(few.get(f"k{index}") is not None for index in range(5)) == 3


def test_a_huge_answer_is_given_out_but_not_kept(cache, store, monkeypatch):
    monkeypatch.setattr(caching, "MAX_ANSWER_BYTES", 10)
    assert [n(cache.table(store, MARCH)) for _ in range(2)] == [1, 2]
    assert cache.counts()["too_large"] == 2


TABLES = [
    pa.table({}),
    pa.table({"span": pa.array([], pa.int8()), "n": pa.array([], pa.int64())}),
    pa.table({"c": pa.array(["a", None, "警"]).dictionary_encode(), "d": pa.array([date(2025, 3, 1)] * 3)}),
    pa.concat_tables([pa.table({"x": [1.5, None]}), pa.table({"x": [float("inf")]})]),
]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_travels_as_it_is(table):
    assert table_of(arrow_bytes(table)).equals(table)
    assert table_of(arrow_bytes(table)).schema == table.schema


def test_only_bytes_are_kept_and_read():
    kept = BytesOnly()
    assert kept.loads(kept.dumps(b"\x80\x04.")) == b"\x80\x04."
    assert kept.loads(None) is None
    assert kept.loads("text") is None
    with pytest.raises(TypeError):
        kept.dumps({"a": 1})
    assert isinstance(Shelf(HandClock())._cache.cache, MemoryCache)
    assert type(Shelf(HandClock())._cache.cache.serializer) is BytesOnly


class Bomb:
    def __reduce__(self):
        return print, ("unpickled",)


good = arrow_bytes(TABLES[2])
SPOILT = [b"", b"!" + pickle.dumps(Bomb()), pickle.dumps(Bomb()), b"7", good[:-9], good[: len(good) // 2], b"\xff" * 64]


@pytest.mark.parametrize("data", SPOILT, ids=range(len(SPOILT)))
def test_spoilt_bytes_are_computed_anew(data, cache, store, capsys):
    cache._shelf.set(cache.key(MARCH, 0), data)
    assert n(cache.table(store, MARCH)) == 1
    assert n(cache.table(store, MARCH)) == 1
    assert len(store.asked) == 1
    assert capsys.readouterr().out == ""


@given(st.binary(max_size=200), st.integers(0, len(good)))
def test_no_bytes_break_the_reading(noise, at):
    for data in (noise, good[:at] + noise, good[:at] + noise + good[at + len(noise) :]):
        try:
            table = table_of(data)
        except ValueError:
            continue
        assert isinstance(table, pa.Table)


class FailingCache:
    def __init__(self):
        self.asked, self.well = 0, False

    def get(self, key):
        self.asked += 1
        if not self.well:
            raise ConnectionError("refused")

    set = lambda self, key, value: self.get(key)  # noqa: E731


def test_a_cache_that_fails_breaks_nothing_is_left_alone_and_told_once(store, caplog):
    clock = HandClock()
    shelf = Shelf(clock)
    broken = shelf._cache = FailingCache()
    cache = AnswerCache(shelf, lambda: "demo")
    with caplog.at_level(logging.INFO):
        assert [n(cache.table(store, MARCH)) for _ in range(3)] == [1, 2, 3]
        assert (broken.asked, cache.counts()["failed"]) == (1, 1)
        clock.wait(caching.AWAY_S)
        assert n(cache.table(store, MARCH)) == 4
        assert (broken.asked, cache.counts()["failed"]) == (2, 2)
        broken.well = True
        clock.wait(caching.AWAY_S)
        cache.table(store, MARCH)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize("url", ["localhost:6379", "http://127.0.0.1", "redis", "redis://h/0?socket_timeout=soon"])
def test_a_wrong_address_is_refused_at_the_start(url):
    with pytest.raises(SettingsError, match="cache_url"):
        Shelf(HandClock(), url)


def test_a_password_is_never_told(caplog):
    with pytest.raises(SettingsError) as told:
        Shelf(HandClock(), "redis://me:secret@127.0.0.1:1/0?socket_timeout=soon")
    assert "secret" not in str(told.value)
    shelf = Shelf(HandClock(), "redis://me:secret@127.0.0.1:1/0")  # nothing listens there
    assert shelf.get("k") is None
    assert "127.0.0.1:1/0" in caplog.text
    assert "secret" not in caplog.text


def test_the_same_query_has_one_key_whatever_its_way():
    from data_feeds.history.query import decode

    cache = AnswerCache(Shelf(HandClock()), lambda: "demo")
    assert cache.key(decode(encode(MARCH)), 1) == cache.key(MARCH, 1)


days = st.dates(date(2024, 12, 1), date(2025, 2, 1))
spans = st.tuples(days, days, st.none() | st.integers(0, 1439)).map(lambda t: Span(min(t[:2]), max(t[:2]), t[2]))


@given(st.lists(st.lists(spans, max_size=4).map(lambda some: Counts(tuple(some))), max_size=4))
def test_the_days_of_queries_are_the_days_of_their_spans(queries):
    def each(some):
        return {date.fromordinal(n) for span in some for n in range(span.first.toordinal(), span.last.toordinal() + 1)}

    found = days_of(queries)
    assert each(found) == {day for query in queries for day in each(query.spans)}
    assert sum(len(each([span])) for span in found) == len(each(found))
    assert all(span.until_minute is None for span in found)
