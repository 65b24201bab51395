"""The life of a wall's history: opened behind the wall, owned by one process, asked by others, closed at the end."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from data_feeds.clock import ReplayClock, SystemClock
from data_feeds.history.store import StoreBroken, StoreBusy
from data_feeds.model import Topic
from data_feeds.recorder import Recorder
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from data_feeds.tap import Tap
from tests.unit.memory_store import MemoryStore
from tests.unit.test_recorder import incident
from web import archive as archives
from web.archive import Archive, Plan, plan_of
from web.history import OwnerServer

DEADLINE_S = 30.0


def wait_for(question):
    deadline = time.monotonic() + DEADLINE_S
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def ready():
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def opened():
    made = []

    def make(*args, **more):
        made.append(Archive(*args, **more))
        made[-1].start()
        return made[-1]

    yield make
    for archive in made:
        archive.close()


def test_without_a_folder_there_is_no_history(opened, ready):
    archive = opened(None, SystemClock(), ready)
    assert (archive.state, archive.store, archive.trouble) == ("off", None, None)
    assert set(archive.counters().values()) == {0}


def test_it_waits_for_the_wall(opened, tmp_path):
    event, store = threading.Event(), MemoryStore()
    archive = opened(Plan(tmp_path, lambda: store), SystemClock(), event)
    time.sleep(0.5)
    assert (archive.state, archive.store) == ("opening", None)
    event.set()
    wait_for(lambda: archive.store is store)


def test_what_the_tap_gives_is_recorded_and_closed(opened, ready, tmp_path):
    store, clock = MemoryStore(), SystemClock()
    tap = Tap("demo", clock)
    tap.put([(Topic.INCIDENT, incident(1))])  # before it is open
    archive = opened(Plan(tmp_path, lambda: store, lambda kept: Recorder(tap, kept, clock)), clock, ready)
    wait_for(lambda: store.incidents)
    tap.put([(Topic.INCIDENT, incident(2))])
    archive.close()
    assert set(store.incidents) == {"A-1", "A-2"}, "what was taken is kept at the end"
    assert store.closed
    assert (archive.store, archive.state) == (None, "opening")


def test_the_seed_runs_beside_the_recorder(opened, ready, tmp_path):
    store, told, go_on = MemoryStore(), [], threading.Event()

    def seed(kept, wait, progress):
        progress(0.5)
        told.append((kept, wait(0.0)))
        go_on.wait(DEADLINE_S)
        raise RuntimeError("a seed may fail")

    archive = opened(Plan(tmp_path, lambda: store, seed=seed), SystemClock(), ready)
    wait_for(lambda: told)
    assert told == [(store, False)]
    assert archive.growing()
    assert archive.store is store
    go_on.set()
    wait_for(lambda: not archive.growing())
    assert archive.trouble is None
    assert archive.store is store


def test_trouble_is_told_and_ends(opened, ready, tmp_path):
    store, failures = MemoryStore(), [StoreBroken("history.duckdb is damaged")] * 2 + [StoreBusy("held")] * 2

    def opening():
        if failures:
            raise failures.pop(0)
        return store

    seen = set()
    archive = Archive(Plan(tmp_path, opening), SystemClock(), ready, retry_s=0.2)
    archive.start()
    try:
        while archive.store is None:
            if archive.trouble:
                seen.add((archive.trouble.kind, archive.state))
            time.sleep(0.01)
        assert seen == {("broken", "trouble"), ("busy", "trouble")}
        assert archive.trouble is None
        assert archive.state == "owner"
    finally:
        archive.close()


def test_a_database_that_stays_in_trouble_is_opened_anew(opened, ready, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LOOK_S", 0.05)
    monkeypatch.setattr(archives, "REOPEN_AFTER_S", 0.2)
    dead, good, clock = MemoryStore(), MemoryStore(), SystemClock()
    dead.failures = [RuntimeError("the database has been invalidated")] * 1000
    stores = [dead, good]
    tap = Tap("demo", clock)
    plan = Plan(tmp_path, lambda: stores.pop(0), lambda kept: Recorder(tap, kept, clock))
    archive = opened(plan, clock, ready)
    tap.put([(Topic.INCIDENT, incident(1))])
    wait_for(lambda: archive.trouble)
    tap.put([(Topic.INCIDENT, incident(2))])
    wait_for(lambda: len(good.incidents) == 2)
    assert dead.closed
    assert archive.trouble is None


def test_a_second_process_asks_the_owner_and_takes_over(opened, ready, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LOOK_S", 0.1)
    theirs, ours, held = MemoryStore(), MemoryStore(), threading.Event()
    held.set()
    server = OwnerServer(theirs, tmp_path, records=True)

    def opening():
        if held.is_set():
            raise StoreBusy("held by another", 7)
        return ours

    record = lambda store: Recorder(Tap("live", SystemClock()), store, SystemClock())  # noqa: E731
    archive = opened(Plan(tmp_path, opening, record), SystemClock(), ready, retry_s=0.05)
    wait_for(lambda: archive.state == "guest")
    theirs.put_incidents([incident(1)], "x")
    assert archive.store.extent().n == 1
    assert archive.trouble is None
    server.close()
    held.clear()
    wait_for(lambda: archive.store is ours)
    assert archive.state == "owner"


def test_an_owner_that_does_not_record_is_trouble_for_one_who_would(opened, ready, tmp_path):
    def busy():
        raise StoreBusy("held by another", 7)

    server = OwnerServer(MemoryStore(), tmp_path, records=False)
    try:
        record = lambda store: Recorder(Tap("live", SystemClock()), store, SystemClock())  # noqa: E731
        archive = opened(Plan(tmp_path, busy, record), SystemClock(), ready)
        wait_for(lambda: archive.trouble)
        assert archive.trouble.kind == "busy"
        assert archive.store is not None, "figures are there all the same"
        reader = opened(Plan(tmp_path, busy), SystemClock(), ready)
        wait_for(lambda: reader.store)
        assert reader.trouble is None
    finally:
        server.close()


def planned(settings, clock=None, given=False):
    return plan_of(settings, clock or SystemClock(), Scopes(), given, lambda store, wait, progress: None)


def test_which_walls_record_what(tmp_path):
    base = Settings(history_dir=str(tmp_path))
    demo, tap = planned(base)
    assert demo.folder == tmp_path / "demo"
    assert None not in (demo.record, demo.seed, tap)
    live, tap = planned(replace(base, feed="kafka"))
    assert (live.folder, live.record is None, live.seed, tap) == (tmp_path / "live", False, None, None)
    figures, tap = planned(replace(base, feed="none", history_name="houston"))
    assert (figures.folder, figures.record, figures.seed, tap) == (tmp_path / "houston", None, None, None)
    assert planned(replace(base, feed="none"))[0].folder == tmp_path / "live"
    assert planned(replace(base, history_dir="")) == (None, None)


def test_a_replay_and_a_strange_feed_are_no_source_of_truth(tmp_path):
    base = Settings(history_dir=str(tmp_path))
    assert planned(replace(base, feed="kafka"), ReplayClock()) == (None, None)
    assert planned(base, given=True) == (None, None)
    shown, tap = planned(replace(base, feed="kafka", history_name="houston"), ReplayClock())
    assert (shown.folder, shown.record, tap) == (tmp_path / "houston", None, None)
    own, tap = planned(replace(base, history_name="mine"), given=True)
    assert (own.folder, own.record is None, own.seed, tap is None) == (tmp_path / "mine", False, None, False)
