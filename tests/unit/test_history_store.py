"""What every Store must do: each question against plain pandas, replays, upserts, versions, uneven days."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_feeds.history.query import (
    INTERVALS,
    Breaches,
    Counts,
    Filters,
    Gaps,
    LastSeen,
    Present,
    Rows,
    Span,
    Spreads,
    Tallies,
    Word,
)
from data_feeds.history.store import Options, Put, StoreClosed
from data_feeds.model import Incident
from tests.pandas_store import PandasStore
from tests.unit.history_story import CHICAGO, SHANGHAI, STORES, incidents, plain_list, same, table

EVER = (Span(date(1990, 1, 1), date(2030, 1, 1)),)
CITIES = [(*CHICAGO, 0), (*CHICAGO, 480), (*SHANGHAI, 0), (*SHANGHAI, 30)]


@pytest.fixture(params=STORES)
def opened(request, tmp_path):
    """A function that opens a store of the kind that is tested: in the same folder, or in one of another name."""
    stores = []

    def open_it(name="store", **options):
        stores.append(STORES[request.param](tmp_path / name, Options(**options)))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture(scope="module", params=itertools.product(STORES, CITIES), ids=str)
def both(request, tmp_path_factory):
    """The same 3,000 rows in a store and in pandas, and the two days on which the clocks were changed."""
    kind, (zone, days, start) = request.param
    rows = incidents(start, 3_000, zone, days)
    store = STORES[kind](tmp_path_factory.mktemp("both"), Options(time_zone=zone, day_starts_min=start))
    store.put_table(table(rows), "test")
    yield store, PandasStore(rows, zone, start), days
    store.close()


def spans_of(days):
    """Overlapping, cut and empty ones, one twice."""
    one, two = days
    day = timedelta(days=1)
    return (
        Span(one, one), Span(one - day, one + day, 600), Span(one, one, 0), Span(two, two, 90), Span(one - day, two),
        Span(two + 90 * day, two + 99 * day), Span(one, one),
    )  # fmt: skip


WHERES = [
    Filters(kinds=()),
    Filters(),
    Filters(kinds=("exercise", "invalid"), categories=("theft", "a'b;_drop")),
    Filters(severities=("high",), sources=("call", "patrol"), hours=(0, 1, 2, 23)),
    Filters(weekdays=(7, 1), place_classes=("key_spot", ""), zones=("Z1",)),
    Filters(scope="B1", kinds=()),
    Filters(scope="Z2"),
    Filters(scope="nobody's"),
]


@pytest.mark.parametrize("where", WHERES, ids=str)
def test_counts(both, where):
    store, plain, days = both
    for by in ((), ("date",), ("hour", "weekday"), ("category", "severity", "kind"), ("month", "place_class"),
               ("branch", "station", "zone"), ("source",), ("cell",), ("cell", "hour")):  # fmt: skip
        for resolution in (9, 8, 5) if "cell" in by else (8,):
            query = Counts(spans_of(days), by, where, resolution)
            same(store.run(query), plain.run(query))
    for words in (("zone",), ("severity", "category", "kind"), get_args(Word)):
        same(store.run(Tallies(spans_of(days), words, where)), plain.run(Tallies(spans_of(days), words, where)))


def test_counts_of_cells_and_of_their_children(both):
    store, plain, days = both
    cells = store.run(Counts(EVER, ("cell",), Filters(kinds=()), 7))["cell"].to_pylist()[:3]
    fine = store.run(Counts(EVER, ("cell",), Filters(kinds=()), 9))["cell"].to_pylist()[:5]
    query = Counts(spans_of(days), ("hour",), Filters(kinds=(), cells=(*cells, *fine)))
    same(store.run(query), plain.run(query))


@pytest.mark.parametrize("where", WHERES[:4], ids=str)
def test_spreads(both, where):
    store, plain, days = both
    for by, asked, first in (((), INTERVALS, ()), (("category",), ("response", "handling"), (0,)),
                             (("hour", "kind"), ("travel",), ()), (("zone", "kind"), INTERVALS, (0, 1))):  # fmt: skip
        same(*(one.run(Spreads(spans_of(days), asked, by, where, (60, 180, 300), first)) for one in (store, plain)))


@pytest.mark.parametrize("where", WHERES[:2], ids=str)
def test_breaches(both, where):
    store, plain, days = both
    targets = (("key_spot", 60), ("centre", 180), ("other", 300))
    allowances = (("answering", "key_spot", 10), ("dispatch", "key_spot", 20), ("turnout", "key_spot", 30),
                  ("travel", "centre", 100), ("turnout", "centre", 30), ("travel", "other", 0))  # fmt: skip
    for by in ((), ("place_class",), ("hour", "category")):
        query = Breaches(spans_of(days), targets, allowances, by, where)
        same(store.run(query), plain.run(query))
    assert store.run(Breaches(spans_of(days), (), ())).num_rows == 0


def test_last_seen_and_present(both):
    store, plain, days = both
    for by, until in itertools.product(("zone", "station", "place"), days):
        query = LastSeen(by, until, Filters(kinds=("counted", "diverted")))
        same(store.run(query), plain.run(query))
    query = Present(spans_of(days), Filters(kinds=()))
    same(store.run(query), plain.run(query))


@pytest.mark.parametrize("order", ["received", "response", "category", "severity"])
@pytest.mark.parametrize("descending", [True, False])
def test_rows_come_in_order_and_in_pages(both, order, descending):
    store, plain, days = both
    span, where = spans_of(days)[1], Filters(kinds=("counted", "invalid"))
    wanted = plain.within(span, where)
    rank = {"critical": 4, "high": 3, "medium": 2, "low": 1}
    keys = {"received": wanted.received_ms, "response": wanted.response_s, "category": wanted.category,
            "severity": wanted.severity.map(lambda word: rank.get(word, 0))}  # fmt: skip
    by, ways = ["_key", "received_ms", "incident_id"], [not descending, not descending, True]
    wanted = wanted.assign(_key=keys[order]).sort_values(by, ascending=ways)
    pages = [store.run(Rows(span, where, order, descending, 70, at)) for at in range(0, len(wanted) + 70, 70)]
    got = pa.concat_tables(pages)
    assert got["incident_id"].to_pylist() == wanted.incident_id.tolist()
    for name in ("hour", "minute", "weekday", "kind", "response_s", "h3_9", "lat", "closed_ms", "zone"):
        assert got[name].to_pylist() == plain_list(wanted[name]), name
    assert "summary" not in got.column_names


def test_rows_that_breach_are_as_many_as_the_breaches(both):
    store, _, days = both
    targets = (("key_spot", 60), ("other", 120))
    span = spans_of(days)[4]
    rows = store.run(Rows(span, breaching=targets, limit=10_000))
    assert rows.num_rows == sum(store.run(Breaches((span,), targets, ()))["n"].to_pylist()) > 0


WORDS = st.sampled_from(["theft", "fight", ""])
MOMENT = st.none() | st.integers(1_709_985_600_000, 1_710_230_400_000)  # three days round 2024-03-10


def rows_of():
    row = st.fixed_dictionaries(
        {"incident_id": st.sampled_from("abcdefgh"), "version": st.integers(0, 3), "category": WORDS,
         "exercise": st.booleans(), "valid": st.booleans(), "call_received_ms": MOMENT, "dispatched_ms": MOMENT,
         "on_scene_ms": MOMENT, "closed_ms": MOMENT, "lat": st.sampled_from([None, 29.7, 41.0]),
         "lon": st.just(-95.3), "units": st.integers(0, 3)}
    )  # fmt: skip
    return st.lists(st.lists(row, min_size=1, max_size=6), min_size=1, max_size=4)


# no shrinking: every example opens a store, and a wrong one is short enough to read
@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate],
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(batches=rows_of(), start=st.sampled_from([0, 90, 480]))
def test_any_batches_in_any_cut_say_what_pandas_says_of_all_rows(opened, batches, start):
    name = f"s{next(_COUNTER)}"
    store = opened(name, time_zone="America/Chicago", day_starts_min=start)
    frames = [pd.DataFrame(batch).astype({"lat": float}) for batch in batches]
    for frame in frames:
        store.put_table(table(frame), "test")
    seen = store.version()
    # what has no time at all is no telling of an incident
    rows = pd.concat(frames, ignore_index=True)
    rows = rows[rows[["call_received_ms", "dispatched_ms", "on_scene_ms", "closed_ms"]].notna().any(axis=1)]
    plain = PandasStore(rows, "America/Chicago", start)
    everything = Filters(kinds=())
    for query in (
        Counts(EVER, ("date", "hour", "category", "kind"), everything), Spreads(EVER, ("response", "handling"), (),
        everything), Present(EVER, everything), LastSeen("place", date(2025, 1, 1), everything),
    ):  # fmt: skip
        same(store.run(query), plain.run(query))
    for frame in frames:  # told again, nothing happens
        assert store.put_table(table(frame), "other").new == 0
    assert store.version() == seen or len(frames) > 1
    same(store.run(Counts(EVER, ("date",), everything)), plain.run(Counts(EVER, ("date",), everything)))
    store.close()


_COUNTER = itertools.count()


def call(incident_id, version=1, day=1, hour=2, **more):
    more.setdefault("call_received", datetime(2025, 3, day, hour, tzinfo=UTC))
    return Incident(incident_id, version, **more)


def on(first, last=None):
    return (Span(date(2025, 3, first), date(2025, 3, last or first)),)


def test_a_row_is_replaced_by_its_own_version_or_a_higher_one(opened):
    store = opened()
    assert store.put_incidents([call("a", 2, category="x")], "t") == Put(new=1)
    assert store.put_incidents([call("a", 1, category="y")], "t") == Put(older=1)
    assert store.put_incidents([call("a", 2, category="z")], "t") == Put(replaced=1)
    assert store.put_incidents([call("a", 2, category="z")], "t") == Put(same=1)
    assert store.run(Rows(*on(1)))["category"].to_pylist() == ["z"]
    # a higher version that tells the same is no change, but the versions below it are old from then on
    assert store.put_incidents([call("a", 9, category="z")], "t") == Put(same=1)
    assert store.put_incidents([call("a", 8, category="w")], "t") == Put(older=1)
    several = [call("a", 9, category="p"), call("a", 10, category="q"), call("a", 3)]
    assert store.put_incidents(several, "t") == Put(replaced=1, older=2)
    assert store.run(Rows(*on(1)))["category"].to_pylist() == ["q"]
    assert store.put_incidents([Incident("nothing", 1), Incident("end", 1, closed=datetime(2025, 3, 1, tzinfo=UTC))],
                               "t") == Put(new=1, timeless=1)  # fmt: skip
    assert store.put_incidents([], "t") == Put()


def test_versions_grow_with_the_days_that_change_and_with_no_other(opened):
    store = opened()
    store.put_incidents([call("a", day=1), call("b", day=5)], "t")
    first, fifth, ever, empty = store.version(on(1)), store.version(on(5)), store.version(), store.version(on(20))
    assert first == fifth == ever > empty
    store.put_incidents([call("c", day=5)], "t")
    assert store.version(on(1)) == first
    assert store.version(on(5)) == store.version() > fifth
    assert store.version(on(1, 9)) == store.version()
    seen = store.version()
    store.put_incidents([call("c", day=5), call("a", 0, day=1)], "t")
    assert store.version() == seen
    # an incident that moves to another day changes both
    store.put_incidents([call("b", 2, day=1)], "t")
    assert store.version(on(1)) == store.version(on(5)) == store.version() > seen
    assert store.version(on(20)) == empty


def test_versions_and_offsets_outlive_the_process(opened):
    store = opened()
    store.put_incidents([call("a")], "t", {("topic", 0): 7, ("topic", 1): 3})
    store.put_incidents([], "t", {("topic", 0): 5, ("other", 0): 1})  # an offset never goes back
    seen, first = store.version(), store.version(on(1))
    store.close()
    store = opened()
    assert store.offsets("t") == {("topic", 0): 7, ("topic", 1): 3, ("other", 0): 1}
    assert store.offsets("u") == {}
    assert (store.version(), store.version(on(1))) == (seen, first)
    store.put_incidents([call("b")], "t")
    assert store.version(on(1)) > first


def test_the_extent_follows_what_comes(opened):
    store = opened()
    assert store.extent().n == 0
    assert store.extent().first is None
    store.put_incidents([call("a", day=3, category="x", lat=30.0, lon=110.0), call("b", day=1)], "t")
    extent = store.extent()
    assert (extent.first, extent.last, extent.n) == (date(2025, 3, 1), date(2025, 3, 3), 2)
    assert {"position", "category", "call_received"}.isdisjoint(extent.lacks)
    assert {"severity", "closed", "branch"} <= set(extent.lacks)
    store.put_incidents([call("b", 2, day=2, severity="HIGH"), call("c", day=9)], "u")
    extent = store.extent()
    assert (extent.first, extent.last, extent.n) == (date(2025, 3, 2), date(2025, 3, 9), 3)
    assert [(one.name, one.n) for one in extent.origins] == [("t", 1), ("u", 2)]
    assert "severity" not in extent.lacks
    assert extent.version == store.version()
    assert extent.last_ms == int(datetime(2025, 3, 9, 2, tzinfo=UTC).timestamp() * 1000)


def test_words_are_the_same_however_they_are_written(opened):
    store = opened()
    store.put_incidents(
        [call("a", category="Traffic Accident", place_class="KEY_SPOT", severity="HIGH", station="中心  派出所"),
         call("b", category="traffic-accident", place_class="Key Spot", severity="Unknown", station="中心 派出所")],
        "t",
    )  # fmt: skip
    where = Filters(categories=("TRAFFIC ACCIDENT",), place_classes=("KEY_SPOT",), scope="中心 派出所")
    got = store.run(Counts(on(1), ("category", "place_class", "severity", "station"), where)).to_pylist()
    assert [(one["severity"], one["n"]) for one in got] == [("", 1), ("high", 1)]
    assert {(one["category"], one["place_class"], one["station"]) for one in got} == {
        ("traffic_accident", "key_spot", "中心 派出所")
    }


def test_gaps_are_told_cut_to_the_span(opened):
    store = opened(time_zone="America/Chicago")
    day = date(2024, 3, 10)  # of 23 hours
    begin = int(datetime(2024, 3, 10, 6, tzinfo=UTC).timestamp() * 1000)
    hour = 3_600_000
    seen = store.version((Span(day, day),))
    store.note_gap(begin - 5 * hour, begin + hour, "recorder", "t")
    store.note_gap(begin + 22 * hour, begin + 23 * hour, "given", "t")
    store.note_gap(begin + 22 * hour, begin + 30 * hour, "given", "t")
    store.note_gap(begin + 22 * hour, begin + 24 * hour, "given", "t")
    assert store.version((Span(day, day),)) > seen
    got = store.run(Gaps((Span(day, day), Span(day, day, 120), Span(date(2025, 1, 1), date(2025, 1, 2))))).to_pylist()
    assert [tuple(one.values()) for one in got] == [
        (0, begin, begin + hour, "recorder"), (0, begin + 22 * hour, begin + 23 * hour, "given"),
        (1, begin, begin + hour, "recorder"),
    ]  # fmt: skip
    for bad in ((5, 5, "given"), (5, 4, "given"), (1, 2, "silence")):
        with pytest.raises(ValueError, match="gap"):
            store.note_gap(*bad, "t")


@pytest.mark.parametrize("query", [
    Counts(on(1), ("cell",), resolution=10), Counts((), ()), Counts(on(1), ("hour", "hour")),
    Counts(on(1), where=Filters(cells=(5,))), Counts(on(1), where=Filters(cells=(-1,))), Rows(*on(1), limit=100_000),
    Rows(*on(1), offset=-1), Spreads(on(1), ()), Tallies(on(1), ()), Spreads(on(1), ("response",), ("cell",)),
    Spreads(on(1), ("response",), within_s=(-5,)), Spreads(on(1), ("response",), prefixes=(0,)),
    Breaches(on(1), (), (("response", "other", 5),)),
], ids=str)  # fmt: skip
def test_what_cannot_be_answered_is_refused(opened, query):
    with pytest.raises(ValueError, match=r"."):
        opened().run(query)


@pytest.mark.parametrize(("columns", "told"), [
    ({"incident_id": ["a"], "version": [1], "sumary": ["x"]}, "sumary"), ({"incident_id": ["a"]}, "version"),
    ({"incident_id": [None], "version": [1]}, "incident_id"), ({"incident_id": [""], "version": [1]}, "incident_id"),
    ({"incident_id": ["x" * 65], "version": [1]}, "incident_id"),
    ({"incident_id": ["a"], "version": [1], "lat": ["north"]}, "lat"),
])  # fmt: skip
def test_a_table_that_cannot_be_taken_names_its_column(opened, columns, told):
    store = opened()
    with pytest.raises(ValueError, match=told):
        store.put_table(pa.table(columns), "t")
    assert store.extent().n == 0


def test_strange_values_are_no_facts(opened):
    store = opened()
    rows = {"incident_id": list("abcd"), "version": [1, 1, 1, 2**53], "lat": [91.0, float("nan"), 10.0, 30.0],
            "lon": [0.0, 5.0, None, 181.0], "call_received_ms": [1_740_800_000_000] * 4,
            "on_scene_ms": [0, -(2**62), 2**62, 1_740_800_001_000], "category": ["x" * 500, None, "", "y"]}  # fmt: skip
    assert store.put_table(pa.table(rows), "t").new == 4
    got = store.run(Rows(*on(1))).to_pylist()
    assert [one["lat"] for one in got] == [None] * 4
    assert sorted(str(one["response_s"]) for one in got) == ["1.0", "None", "None", "None"]
    assert max(len(one["category"]) for one in got) == 128


def test_other_settings_sort_what_is_kept_anew(opened, caplog):
    rows = incidents(7, 500, *CHICAGO)
    store = opened(time_zone="America/Chicago")
    store.put_table(table(rows), "test")
    seen = store.version(EVER)
    store.close()
    store = opened(time_zone="Asia/Shanghai", day_starts_min=300)
    assert "clock changed" in caplog.text
    assert store.version(EVER) > seen
    query = Counts(EVER, ("date", "hour", "weekday"), Filters(kinds=()))
    same(store.run(query), PandasStore(rows, "Asia/Shanghai", 300).run(query))
    assert store.extent().first == PandasStore(rows, "Asia/Shanghai", 300).rows.local_date.min()


def test_many_threads_ask_while_one_writes(opened):
    store = opened()
    store.put_incidents([call(f"a{k}", day=1) for k in range(50)], "t")
    wrong, done = [], threading.Event()

    def ask():
        while not done.is_set():
            n = sum(store.run(Counts(on(1), ("hour",)))["n"].to_pylist())
            if n % 50:
                wrong.append(n)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for turn in range(1, 20):
        store.put_incidents([call(f"b{turn}-{k}", day=1) for k in range(50)], "t")
    done.set()
    for one in threads:
        one.join()
    assert not wrong
    assert store.extent().n == 1_000


def test_a_closed_store_says_so(opened):
    store = opened()
    store.close()
    store.close()
    for ask in (lambda: store.run(Counts(on(1))), lambda: store.put_incidents([call("a")], "t")):
        with pytest.raises(StoreClosed):
            ask()
