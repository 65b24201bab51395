"""Rows that are probably kept are not inserted first: what became of them is told rightly all the same."""

from datetime import UTC, datetime

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import Options, Put
from data_feeds.model import Incident


def call(name, version=1, day=1, **more):
    return Incident(name, version, call_received=datetime(2025, 3, day, 12, tzinfo=UTC), **more)


def test_heard_new_and_kept_ones_in_one_batch(tmp_path):
    store = open_store(tmp_path, Options())
    assert store.put_incidents([call("a"), call("b")], "t", {("x", 0): 2}) == Put(new=2)
    assert store.put_incidents([call("a", 2, category="x"), call("c")], "t", {("x", 0): 4}) == Put(new=1, replaced=1)
    store.close()
    store = open_store(tmp_path, Options())  # nothing is heard yet: a and b stand in the way of d
    batch = [call("a", 2, category="x"), call("b", 3, category="y"), call("d")]
    assert store.put_incidents(batch, "t", {("x", 0): 7}) == Put(new=1, replaced=1, same=1)
    assert store.put_incidents(batch, "t", {("x", 0): 7}) == Put(same=3)
    assert store.offsets("t") == {("x", 0): 7}
    assert store.extent().n == 4
    store.close()


def test_one_that_was_heard_and_forgotten_is_new_again(tmp_path):
    store = open_store(tmp_path, Options(incidents_days=3))
    store.put_incidents([call("a")], "t")
    store.tidy(datetime(2025, 3, 20, tzinfo=UTC).timestamp() * 1000)
    assert store.extent().n == 0
    assert store.put_incidents([call("a"), call("b", day=20)], "t") == Put(new=2)
    store.close()


def test_the_newest_change_is_known_after_a_start(tmp_path):
    store = open_store(tmp_path, Options())
    store.put_incidents([call("a")], "t")
    store.put_incidents([call("b", day=2)], "t")
    version = store.version()
    store.close()
    store = open_store(tmp_path, Options())
    assert store.version() == version
    store.put_incidents([call("c")], "t")
    assert store.version() > version
    store.close()
