"""The baseline of the history's benchmark tells the same as the history, so that the two may be compared."""

from datetime import date

import pytest

from bench import history_city, history_pandas
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Breaches, Counts, Filters, LastSeen, Present, Rows, Span, Spreads, Tallies
from data_feeds.simulator.past import Past
from tests.unit.simulated import a_city

SPANS = (Span(date(2026, 10, 5), date(2026, 10, 11)), Span(date(2026, 9, 28), date(2026, 10, 4), 700))
TARGETS = (("key_spot", 60), ("centre", 180), ("other", 300))
ALLOWED = tuple((i, place, s) for i, s in (("dispatch", 60), ("turnout", 30), ("travel", 90)) for place, _ in TARGETS)
QUERIES = (
    Counts(SPANS), Counts(SPANS, ("category", "hour")), Counts(SPANS, ("station",), Filters(kinds=())),
    Tallies(SPANS, ("zone", "category", "branch")),
    Counts(SPANS, ("month", "weekday", "kind"), Filters(kinds=())), Counts(SPANS, ("cell",), resolution=7),
    Counts(SPANS, ("date", "severity"), Filters(scope="YL-06", hours=(7, 8, 9), categories=("theft", "dispute"))),
    Spreads(SPANS, ("dispatch", "turnout", "travel", "response", "handling", "answering"), ("place_class",),
            within_s=(60, 180, 300)),
    Spreads(SPANS, ("response",), within_s=(60,)), Spreads(SPANS, ("travel",), ("station", "kind"), prefixes=(1, 0)),
    Breaches(SPANS, TARGETS, ALLOWED, ("place_class",)), Breaches(SPANS, TARGETS, ALLOWED),
    LastSeen("zone", date(2026, 10, 9)), Present(SPANS, Filters(kinds=())),
    Rows(SPANS[0], limit=50), Rows(SPANS[0], order="response", limit=50, breaching=TARGETS),
)  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    table = Past(a_city(), 60, 1).table([date(2026, 9, day) for day in range(20, 31)], 4e9)
    more = Past(a_city(), 60, 1).table([date(2026, 10, day) for day in range(1, 13)], 4e9)
    store = open_store(folder / "store", history_city.options(a_city()))
    (folder / "rows").mkdir()
    for name, part in (("1", table), ("2", more)):
        store.put_table(part, "demo")
        history_city.write_rows(part, folder / "rows" / f"{name}.parquet")
    yield store, history_city.frame(folder)
    store.close()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
def test_both_tell_the_same(both, query):
    store, frame = both
    answer, baseline = store.run(query), history_pandas.answer(frame, query)
    assert len(answer) > 0
    history_pandas.compare(answer, baseline, query)
    if isinstance(query, Rows):
        assert answer["incident_id"].to_pylist() == baseline["incident_id"].tolist()


def test_a_difference_is_told(both):
    store, frame = both
    query = Counts(SPANS, ("category",))
    answer, baseline = store.run(query), history_pandas.answer(frame, query)
    with pytest.raises(RuntimeError, match="rows"):
        history_pandas.compare(answer.slice(1), baseline, query)
    baseline.loc[3, "n"] += 1
    with pytest.raises(RuntimeError, match="not the same"):
        history_pandas.compare(answer, baseline, query)
