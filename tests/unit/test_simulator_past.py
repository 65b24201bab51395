"""The past in columns: record by record what the live feed tells, put into a history once, whatever happens between."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Counts, Filters, Gaps, Span
from data_feeds.history.store import RAW, Extent, Put, StoreError
from data_feeds.messages import Decoder
from data_feeds.model import Severity
from data_feeds.simulator import gaps, past
from data_feeds.simulator.calls import CALLS_PER_UNIT_DAY, CallPlan, local_day
from data_feeds.simulator.crew import recruit
from data_feeds.simulator.life import Habits, Life
from data_feeds.simulator.network import Streets
from data_feeds.simulator.past import Past
from data_feeds.simulator.records import RECENT_S, Records
from tests.unit.simulated import HOUR_S, MONDAY_S, a_city

ZONE = ZoneInfo("Asia/Shanghai")
UNITS, SEED = 90, 1
TIMES = ("call_received", "dispatched", "accepted", "enroute", "on_scene", "closed")
SAME = ("incident_id", "version", "category", "severity", "source", "valid", "exercise", "diverted", "disposition",
        "place_class", "place", "branch", "station", "zone", "lat", "lon")  # fmt: skip


@pytest.fixture(scope="module")
def a_past():
    return Past(a_city(), UNITS, SEED)


@pytest.fixture(scope="module")
def records():
    streets, crew = Streets(a_city().roads), recruit(a_city(), UNITS, SEED)
    plan = CallPlan(a_city(), streets, SEED, UNITS * CALLS_PER_UNIT_DAY, ZONE)
    return Records(a_city(), streets, crew), plan


def as_row(incident):
    row = {name: getattr(incident, name) for name in SAME}
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for name in TIMES:
        at = getattr(incident, name)
        row[f"{name}_ms"] = None if at is None else (at - epoch) // timedelta(milliseconds=1)
    alone = incident.units[0] if len(incident.units) == 1 else ""
    return {**row, "answered_ms": None, "units": len(incident.units), "unit_id": alone}


def told(said):
    decoder = Decoder()
    return [as_row(decoder.decode(topic, key, value, 4e12)) for topic, key, value in said]


@settings(max_examples=25, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.floats(0.0, 30 * HOUR_S))
def test_a_row_is_the_record_that_the_feed_tells(a_past, records, of, later_s):
    writer, plan = records
    until_s = datetime(of.year, of.month, of.day, tzinfo=ZONE).timestamp() + later_s
    expected = told(writer.past(plan.day(of), 0.0, until_s))
    rows = a_past.table([of], until_s).to_pylist()
    assert len(rows) == len(expected)
    for row, record in zip(rows, expected, strict=True):
        if record["call_received_ms"] > (until_s - RECENT_S) * 1000 - 1:
            record = {**record, "version": row["version"]}  # the feed's is of its start, so that it is the newer
        assert row == record


def test_the_embedded_city_tells_the_same_past(a_past):
    now_s = MONDAY_S + 10.5 * HOUR_S
    life = Life(a_city(), UNITS, SEED, now_s, Habits(past_days=3))
    expected = {row["incident_id"]: row for row in told(life.past())}
    today = local_day(now_s, ZONE)
    rows = a_past.table([today - timedelta(days=back) for back in range(4)], now_s).to_pylist()
    assert {row["incident_id"] for row in rows} == set(expected)
    assert len(rows) > 3 * UNITS
    for row in rows:
        assert row == {**expected[row["incident_id"]], "version": row["version"]}
        assert row["closed_ms"] <= now_s * 1000


def test_columns_are_as_the_history_takes_them(a_past):
    table = a_past.table([date(2026, 11, 1), date(2025, 11, 1)], 4e9)
    assert table.schema == RAW
    assert set(table["severity"].to_pylist()) <= {s.name.lower() for s in Severity}
    ids = table["incident_id"].to_pylist()
    assert len(set(ids)) == len(ids)
    assert {one[:6] for one in ids} == {"261101", "251101"}
    assert a_past.table([], 4e9).num_rows == 0


def test_nothing_that_was_called_in_a_gap_is_there(a_past):
    day = date(2026, 3, 3)
    begin = int(datetime(2026, 3, 3, 8, tzinfo=ZONE).timestamp() * 1000)
    gap = gaps.Gap(begin, begin + 6 * 3_600_000)
    whole, holed = a_past.table([day], 4e9), a_past.table([day], 4e9, [gap])
    received = whole["call_received_ms"].to_numpy()
    inside = (received >= gap.begin_ms) & (received < gap.end_ms)
    assert inside.any()
    assert holed.equals(whole.filter(~inside))


@given(st.integers(0, 99), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 900))
def test_gaps_do_not_depend_on_who_asks(seed, first, days):
    last = first + timedelta(days=days)
    found = gaps.between(seed, first, last, ZONE)
    assert found == [g for g in gaps.between(seed, first - timedelta(days=500), last, ZONE) if g in found]
    for gap in found:
        assert gap.begin_ms < gap.end_ms
        assert first <= local_day(gap.begin_ms / 1000, ZONE) <= local_day(gap.end_ms / 1000, ZONE) <= last
    assert len(found) >= 3 * (days // 366)


class Kept:
    """Rows by id and offsets, as a history keeps them; may fail at a given put."""

    def __init__(self, fails_at=()):
        self.rows, self.marks, self.gaps, self.puts, self.fails_at = {}, {}, set(), 0, set(fails_at)

    def offsets(self, origin):
        return dict(self.marks.get(origin, {}))

    def extent(self):
        if not self.rows:
            return Extent()
        first = min(row["call_received_ms"] for row in self.rows.values())
        return Extent(first=local_day(first / 1000, ZONE), n=len(self.rows))

    def put_incidents(self, incidents, origin, offsets):
        self._put()
        self.marks.setdefault(origin, {}).update(offsets)
        return Put()

    def put_table(self, table, origin):
        self._put()
        assert origin == past.ORIGIN
        self.rows |= {row["incident_id"]: row for row in table.to_pylist()}
        return Put(new=table.num_rows)

    def note_gap(self, begin_ms, end_ms, how, origin):
        self.gaps.add((begin_ms, end_ms, how))

    def _put(self):
        self.puts += 1
        if self.puts in self.fails_at:
            raise StoreError("the disk is full")


NOW_S = MONDAY_S + 10 * HOUR_S
MONTHS = 2


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch):
    monkeypatch.setattr(past, "SLICE_ROWS", 170)  # a week of ten units


@pytest.fixture(scope="module")
def whole():
    kept = Kept()
    assert past.seed(kept, Past(a_city(), 10, SEED), NOW_S, MONTHS, lambda s: False)
    return kept


def test_months_are_whole_and_a_huge_city_remembers_less(whole):
    newest = date(2026, 11, 23)
    assert past.first_day(newest, 14, 2_800) == date(2025, 9, 1)
    assert past.first_day(newest, 0, 2_800) == date(2026, 11, 1)
    assert past.first_day(newest, 14, 100_000) == date(2026, 10, 24)
    assert past.first_day(newest, 14, 1e9) == date(2026, 11, 16)
    assert min(whole.rows)[:6] == "260901"


def test_what_is_seeded_is_what_is_closed(whole):
    received = np.array([row["call_received_ms"] for row in whole.rows.values()])
    assert max(row["closed_ms"] for row in whole.rows.values()) <= NOW_S * 1000
    for begin, end, how in whole.gaps:
        assert how == "given"
        assert end < (NOW_S - 7 * 86_400) * 1000
        assert not ((received >= begin) & (received < end)).any()


def test_a_second_start_adds_nothing(whole):
    rows, puts = dict(whole.rows), whole.puts
    assert past.seed(whole, Past(a_city(), 10, SEED), NOW_S + 9 * 86_400, MONTHS - 1, lambda s: False)
    assert whole.rows == rows
    assert whole.puts == puts


@settings(max_examples=8, deadline=None)
@given(st.sets(st.integers(1, 24), max_size=5), st.sets(st.integers(1, 12), max_size=4))
def test_stopped_or_broken_anywhere_it_goes_on(whole, fails, stops):
    kept, slices = Kept(fails), 0

    def wait(seconds):
        nonlocal slices
        slices += 1
        assert seconds >= 0
        return slices in stops

    for later in range(20):  # a day later each time
        try:
            if past.seed(kept, Past(a_city(), 10, SEED), NOW_S + later * 86_400, MONTHS, wait):
                break
        except StoreError:
            pass
    assert {k: v for k, v in kept.rows.items() if k in whole.rows} == whole.rows
    assert kept.gaps >= whole.gaps


def test_another_city_is_left_alone(whole):
    rows = dict(whole.rows)
    assert past.seed(whole, Past(a_city(), 12, SEED), NOW_S, MONTHS + 3, lambda s: False)
    assert whole.rows == rows


def test_what_was_recorded_is_not_told_again():
    kept = Kept()
    older = Past(a_city(), 10, SEED).table([date(2026, 11, 10)], 4e9).slice(0, 3)
    kept.put_table(older, past.ORIGIN)
    shares = []
    past.seed(kept, Past(a_city(), 10, SEED), NOW_S, 1, lambda s: False, shares.append)
    assert max(kept.rows)[:6] == "261110"
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


def test_a_city_without_a_past_gets_none():
    kept = Kept()
    assert past.seed(kept, Past(a_city(), 10, SEED), NOW_S, 0, lambda s: False)
    assert not kept.puts


def test_the_embedded_history_holds_it_once(whole, tmp_path):
    store = open_store(tmp_path)
    turns = iter([True])
    span = Span(date(2026, 9, 1), date(2026, 11, 23))
    try:
        assert not past.seed(store, Past(a_city(), 10, SEED), NOW_S, MONTHS, lambda s: next(turns, False))
        assert store.extent().first == date(2026, 11, 17)  # newest first
        assert past.seed(store, Past(a_city(), 10, SEED), NOW_S, MONTHS, lambda s: False)
        version = store.version()
        assert past.seed(store, Past(a_city(), 10, SEED), NOW_S, MONTHS, lambda s: False)
        assert store.version() == version
        assert [(one.name, one.n) for one in store.extent().origins] == [(past.ORIGIN, len(whole.rows))]
        by_kind = store.run(Counts((span,), ("kind",), Filters(kinds=()))).to_pylist()
        assert sum(row["n"] for row in by_kind) == len(whole.rows)
        told = {(row["begin_ms"], row["end_ms"], row["how"]) for row in store.run(Gaps((span,))).to_pylist()}
        assert {gap for gap in told if gap[2] == "given"} == whole.gaps
    finally:
        store.close()
