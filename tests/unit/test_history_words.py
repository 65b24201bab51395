"""Words that travel as numbers: they are told rightly when new ones come, and when there are many."""

from datetime import UTC, date, datetime

from data_feeds.history import words
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Span, Spreads
from data_feeds.history.store import Options
from data_feeds.model import Incident

DAY = datetime(2025, 3, 1, 12, tzinfo=UTC)
QUERY = Spreads((Span(DAY.date(), DAY.date()),), ("response",), ("category", "zone"), prefixes=(1, 0))


def put(store, *categories):
    found = [Incident(f"{name}{n}", 1, category=name, call_received=DAY) for n, name in enumerate(categories)]
    store.put_incidents(found, "t")


def told(store):
    return [(row["category"], row["zone"], row["missing"]) for row in store.run(QUERY).to_pylist()]


def test_a_word_that_comes_later_is_told(tmp_path):
    store = open_store(tmp_path, Options())
    assert told(store) == []
    put(store, "theft", "theft", "a'b;_drop")
    first = [("a'b;_drop", "", 1), ("theft", "", 2), ("a'b;_drop", None, 1), ("theft", None, 2), (None, None, 3)]
    assert told(store) == first
    put(store, "警情", "fight")
    assert [one for one in told(store) if one[1] is None] == [
        ("a'b;_drop", None, 1), ("fight", None, 1), ("theft", None, 2), ("警情", None, 1), (None, None, 5),
    ]  # fmt: skip
    elsewhere = Spreads((Span(date(2024, 1, 1), date(2024, 1, 2)),), ("response",), ("category",), prefixes=(0,))
    assert store.run(elsewhere).num_rows == 0
    store.close()


def test_many_words_travel_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "MOST", 1)
    store = open_store(tmp_path, Options())
    put(store, "theft", "fight")
    assert told(store) == [("fight", "", 1), ("theft", "", 1), ("fight", None, 1), ("theft", None, 1), (None, None, 2)]
    store.close()
